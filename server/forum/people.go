package forum

import (
	"context"
	"slices"
	"time"

	"folkmoot/app/talk"
)

// People is what a store keeps for those who come back: what they follow, what
// they said, and what is lively. Now is for how much heat there is.
type People interface {
	// Lively returns the threads where most happened lately, the liveliest
	// first, and then those of also that exist and aren't among them.
	Lively(ctx context.Context, now time.Time, limit int, also ...string) ([]talk.Card, error)

	// Follows returns threads that a person follows, the liveliest first: all, or
	// those whose log has gone on since they saw it.
	Follows(ctx context.Context, person string, now time.Time, gone bool, after string, limit int) (cards []talk.Card, next string, err error)

	// Levels returns a person's part in these threads, and in all topics.
	Levels(ctx context.Context, person string, threads ...string) (Levels, error)

	// Topics returns the liveliest topics, in no order.
	Topics(ctx context.Context, now time.Time, limit int) ([]talk.Topic, error)

	// Topic returns a topic and its liveliest threads, or talk.NotFound.
	Topic(ctx context.Context, key, person string, now time.Time, after string, limit int) (talk.TopicPage, error)

	// Mine returns what a person wrote and can be seen, by them at least, the
	// newest first.
	Mine(ctx context.Context, person string, now time.Time, after string, limit int) (mine []talk.Mine, next string, err error)

	// Inbox returns what a person was told and is still so, the newest first:
	// nothing of a comment that can't be seen.
	Inbox(ctx context.Context, person, after string, limit int) (notices []talk.Notice, next string, err error)

	// Unread returns how many notices each of these people has that they have not
	// seen, up to talk.UnreadMax. Those who have none are left out.
	Unread(ctx context.Context, people ...string) (map[string]int, error)

	// Reacted returns who has reacted to a thread, as a person sees it, in no
	// order, or talk.NotFound. Names are those of who shows theirs and has one.
	Reacted(ctx context.Context, thread, person string) (talk.Reacted, error)

	// Settings returns a person's settings, or the usual ones.
	Settings(ctx context.Context, person string) (talk.Settings, error)

	// SaveSettings replaces a person's settings.
	SaveSettings(ctx context.Context, person string, s talk.Settings) error
}

// Levels are a person's part in threads, by id, and in topics, by key.
type Levels struct {
	Threads map[string]Part
	Topics  map[string]talk.Level
}

// A Part is somebody's part in a thread.
type Part struct {
	Level talk.Level
	Seen  uint64
	New   int
}

// mutes reports whether somebody wants to hear nothing of a thread: it is muted,
// or a topic of it, and they don't follow it.
func (l Levels) mutes(c *talk.Card) bool {
	if part := l.Threads[c.ID]; part.Level != "" {
		return part.Level == talk.Mutes
	}
	for _, name := range c.Topics {
		if l.Topics[talk.TopicKey(name)] == talk.Mutes {
			return true
		}
	}
	return false
}

// LiveCards are how many threads are shown where something happens.
const LiveCards = 20

// How many a page of a list has.
const (
	homeFollows = 20
	homeTopics  = 12
	listPage    = 50
	topicsMax   = 5000 // that are explored; the rest are the least lively
)

// How long lists that are the same for everybody are kept.
const (
	livelyLife = 2 * time.Second
	topicsLife = 5 * time.Second
)

// TargetOf is what somebody follows, mutes or has seen.
func TargetOf(c *talk.Command) (kind, target string) {
	if c.Topic != "" {
		return "topic", c.Topic
	}
	return "thread", c.Thread
}

// LevelOf is what a follow or a mute sets.
func LevelOf(kind talk.Do) talk.Level {
	if kind == talk.Mute {
		return talk.Mutes
	}
	return talk.Follows
}

// Marked is the answer to a follow, a mute or a seen, by what is so now.
func Marked(w *Write, level talk.Level, seen uint64) talk.Result {
	if w.Command.Kind != talk.Seen {
		return talk.Result{Level: &level}
	}
	if level != talk.Follows {
		return talk.Result{}
	}
	return talk.Result{Seen: &seen}
}

// Join adds cards to a list that aren't in it.
func Join(list, more []talk.Card) []talk.Card {
	there := make(map[string]bool, len(list))
	for i := range list {
		there[list[i].ID] = true
	}
	for _, c := range more {
		if !there[c.ID] {
			list = append(list, c)
		}
	}
	return list
}

// RefOf is what a thread is called, and where.
func RefOf(thread, page, address, title string) talk.ThreadRef {
	url := talk.ArticleOf(page, address)
	return talk.ThreadRef{ID: thread, URL: url, Site: talk.SiteOf(url), Title: title}
}

// NoticePlace is the place of a notice in an inbox.
func NoticePlace(n *talk.Notice) ListPlace {
	return ListPlace{n.At.UnixMilli(), n.Comment.ID + " " + string(n.Kind)}
}

// NewReacted is who has reacted, by the counts of what somebody has chosen and
// what who asks has.
func NewReacted(counts map[string]int, mine []string) talk.Reacted {
	r := talk.Reacted{Kinds: []talk.ReactedKind{}}
	for kind, n := range counts {
		r.Kinds = append(r.Kinds, talk.ReactedKind{Kind: kind, Total: n, Names: []string{}, Mine: slices.Contains(mine, kind)})
	}
	return r
}

// AddName adds the name of somebody who has chosen a kind.
func AddName(r *talk.Reacted, kind, name string) {
	for i := range r.Kinds {
		if k := &r.Kinds[i]; k.Kind == kind {
			k.Names = append(k.Names, name)
		}
	}
}
