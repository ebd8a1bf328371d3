package forum

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"folkmoot/app/talk"
)

// LiveNow returns the threads where something happens: those with viewers, which
// the caller knows, and those where most was said lately. Somebody who looks on
// counts as much as a comment that was made just now.
func (f *Forum) LiveNow(ctx context.Context, viewers map[string]int) ([]talk.Card, error) {
	now := f.Clock()
	read, _, err := f.lively.get(now, func() ([]talk.Card, error) {
		return f.Store.Lively(context.WithoutCancel(ctx), now, listPage, slices.Collect(maps.Keys(viewers))...) // others wait for it, too
	})
	if err != nil {
		return nil, f.unavailable(ctx, "reading what is lively", err)
	}
	cards := slices.Clone(read)
	for i := range cards {
		cards[i].Viewers = viewers[cards[i].ID]
	}
	slices.SortStableFunc(cards, func(a, b talk.Card) int {
		return cmp.Or(cmp.Compare(b.Heat+float64(b.Viewers), a.Heat+float64(a.Viewers)), cmp.Compare(a.ID, b.ID))
	})
	return cards, nil
}

// Home returns what who asks sees first.
func (f *Forum) Home(ctx context.Context, who Who, viewers map[string]int) (h talk.Home, err error) {
	if who, err = f.selfOf(ctx, who); err != nil {
		return h, err
	}
	h.Followed = []talk.Card{}
	if h.Live, err = f.LiveNow(ctx, viewers); err != nil {
		return h, err
	}
	if h.Topics, _, err = f.allTopics(ctx); err != nil {
		return h, err
	}
	h.Topics = slices.Clone(h.Topics[:min(len(h.Topics), homeTopics)])
	if who.Person != "" {
		if err := f.personalize(ctx, who, &h, viewers); err != nil {
			return h, err
		}
	}
	h.Live = h.Live[:min(len(h.Live), LiveCards)]
	return h, nil
}

// personalize adds a person's part to a home, and leaves out what they want to
// hear nothing of.
func (f *Forum) personalize(ctx context.Context, who Who, h *talk.Home, viewers map[string]int) error {
	ids := make([]string, len(h.Live))
	for i := range h.Live {
		ids[i] = h.Live[i].ID
	}
	levels, err := f.Store.Levels(ctx, who.Person, ids...)
	if err != nil {
		return f.unavailable(ctx, "reading what somebody follows", err)
	}
	h.Live = slices.DeleteFunc(h.Live, func(c talk.Card) bool { return levels.mutes(&c) })
	for i := range h.Live {
		part := levels.Threads[h.Live[i].ID]
		h.Live[i].Level, h.Live[i].Seen, h.Live[i].New = part.Level, part.Seen, part.New
	}
	h.Topics = slices.DeleteFunc(h.Topics, func(t talk.Topic) bool { return levels.Topics[t.Key] == talk.Mutes })
	for i := range h.Topics {
		h.Topics[i].Level = levels.Topics[h.Topics[i].Key]
	}
	h.Followed, err = f.firstFollows(ctx, who)
	if err != nil {
		return err
	}
	for i := range h.Followed {
		h.Followed[i].Viewers = viewers[h.Followed[i].ID]
	}
	unread, err := f.Unread(ctx, who.Person)
	h.Unread = unread[who.Person]
	return err
}

// firstFollows are the threads that somebody follows: first those with something
// new.
func (f *Forum) firstFollows(ctx context.Context, who Who) ([]talk.Card, error) {
	follows, err := f.NewInFollowed(ctx, who)
	if err != nil {
		return nil, err
	}
	all, _, err := f.Follows(ctx, who, "")
	for _, c := range all {
		if len(follows) < homeFollows && !slices.ContainsFunc(follows, func(there talk.Card) bool { return there.ID == c.ID }) {
			follows = append(follows, c)
		}
	}
	return follows, err
}

// NewInFollowed returns threads that who asks follows in which somebody else has
// said something since they saw them, the liveliest first: not all, if they are
// many.
func (f *Forum) NewInFollowed(ctx context.Context, who Who) ([]talk.Card, error) {
	who, err := f.selfOf(ctx, who)
	if err != nil {
		return nil, err
	}
	if who.Person == "" {
		return []talk.Card{}, nil
	}
	cards, _, err := f.Store.Follows(ctx, who.Person, f.Clock(), true, "", homeFollows)
	if err != nil {
		return nil, f.unavailable(ctx, "reading what somebody follows", err)
	}
	return slices.DeleteFunc(cards, func(c talk.Card) bool { return c.New == 0 }), nil
}

// Follows returns a page of the threads that who asks follows, the liveliest
// first.
func (f *Forum) Follows(ctx context.Context, who Who, after string) ([]talk.Card, string, error) {
	who, err := f.selfOf(ctx, who)
	if err != nil {
		return nil, "", err
	}
	if who.Person == "" {
		return []talk.Card{}, "", nil
	}
	cards, next, err := f.Store.Follows(ctx, who.Person, f.Clock(), false, after, listPage)
	return cards, next, f.unavailable(ctx, "reading what somebody follows", err)
}

// allTopics are the liveliest, in their order, and when they were read. They are
// not the caller's to change.
func (f *Forum) allTopics(ctx context.Context) (all []talk.Topic, at time.Time, err error) {
	now := f.Clock()
	all, at, err = f.topics.get(now, func() ([]talk.Topic, error) {
		read, err := f.Store.Topics(context.WithoutCancel(ctx), now, topicsMax)
		slices.SortFunc(read, func(a, b talk.Topic) int { return comparePlaces(topicPlace(a, now), topicPlace(b, now)) })
		return read, err
	})
	return all, at, f.unavailable(ctx, "reading topics", err)
}

// topicPlace is where a topic stands in a list of the liveliest, whenever that
// is read: with the time, the heat of all falls alike.
func topicPlace(t talk.Topic, now time.Time) ListPlace {
	if t.Heat == 0 {
		return ListPlace{0, t.Key}
	}
	return ListPlace{int64(math.Round((math.Log2(t.Heat) + halfLives(now)) * 1e6)), t.Key}
}

func comparePlaces(a, b ListPlace) int {
	return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.ID, b.ID))
}

const topicMark = 'T'

// Topics returns a page of topics, the liveliest first, as who asks sees them.
func (f *Forum) Topics(ctx context.Context, who Who, after string) (topics []talk.Topic, next string, err error) {
	if who, err = f.selfOf(ctx, who); err != nil {
		return nil, "", err
	}
	place, err := ListPlaceOf(topicMark, after)
	if err != nil {
		return nil, "", err
	}
	all, read, err := f.allTopics(ctx)
	if err != nil {
		return nil, "", err
	}
	from, _ := slices.BinarySearchFunc(all, place, func(t talk.Topic, p ListPlace) int {
		return cmp.Or(comparePlaces(topicPlace(t, read), p), -1) // after the one that it was cut at
	})
	topics = slices.Clone(all[from:min(len(all), from+listPage)])
	if from+listPage < len(all) {
		next = topicPlace(topics[listPage-1], read).Cursor(topicMark)
	}
	if who.Person == "" || len(topics) == 0 {
		return topics, next, nil
	}
	levels, err := f.Store.Levels(ctx, who.Person)
	for i := range topics {
		topics[i].Level = levels.Topics[topics[i].Key]
	}
	return topics, next, f.unavailable(ctx, "reading what somebody follows", err)
}

// Topic returns a topic by its name or key, and a page of its threads, the
// liveliest first, as who asks sees them.
func (f *Forum) Topic(ctx context.Context, who Who, name, after string) (talk.TopicPage, error) {
	who, err := f.selfOf(ctx, who)
	if err != nil {
		return talk.TopicPage{}, err
	}
	key := talk.TopicKey(name)
	if key == "" {
		return talk.TopicPage{}, NoTopic()
	}
	p, err := f.Store.Topic(ctx, key, who.Person, f.Clock(), after, listPage)
	return p, f.unavailable(ctx, "reading a topic", err)
}

// NoTopic refuses a topic that no page has.
func NoTopic() error { return talk.Refuse(talk.NotFound, "topic", "There is no such topic.") }

// Mine returns a page of what who asks wrote, the newest first.
func (f *Forum) Mine(ctx context.Context, who Who, after string) (mine []talk.Mine, next string, err error) {
	if who, err = f.selfOf(ctx, who); err != nil {
		return nil, "", err
	}
	if who.Person == "" {
		return []talk.Mine{}, "", nil
	}
	mine, next, err = f.Store.Mine(ctx, who.Person, f.Clock(), after, listPage)
	return mine, next, f.unavailable(ctx, "reading somebody's comments", err)
}

// Inbox returns a page of what who asks was told, the newest first; the first
// page comes with what is new in threads that they follow.
func (f *Forum) Inbox(ctx context.Context, who Who, after string) (in talk.Inbox, err error) {
	if who, err = f.selfOf(ctx, who); err != nil {
		return in, err
	}
	if who.Person == "" {
		return talk.Inbox{Notices: []talk.Notice{}}, nil
	}
	if in.Notices, in.Next, err = f.Store.Inbox(ctx, who.Person, after, listPage); err != nil {
		return in, f.unavailable(ctx, "reading an inbox", err)
	}
	if after == "" {
		if in.Followed, err = f.NewInFollowed(ctx, who); err != nil {
			return in, err
		}
	}
	unread, err := f.Unread(ctx, who.Person)
	in.Unread = unread[who.Person]
	return in, err
}

// Unread returns how much of their inboxes people have not seen, up to
// talk.UnreadMax. Those who have seen everything are left out.
func (f *Forum) Unread(ctx context.Context, people ...string) (map[string]int, error) {
	unread, err := f.Store.Unread(ctx, people...)
	return unread, f.unavailable(ctx, "counting what is unread", err)
}

// newestNotices is how many notices news of an inbox has at most.
const newestNotices = 5

// News returns how much of a person's inbox they have not seen, and the newest
// of what they were told.
func (f *Forum) News(ctx context.Context, person string) (unread int, newest []talk.Notice, err error) {
	person, err = f.Self(ctx, person)
	if err != nil {
		return 0, nil, err
	}
	all, err := f.Unread(ctx, person)
	if err != nil {
		return 0, nil, err
	}
	newest, _, err = f.Store.Inbox(ctx, person, "", newestNotices)
	return all[person], newest, f.unavailable(ctx, "reading an inbox", err)
}

// Reacted returns who has reacted to a thread, in the order of the site's
// reactions.
func (f *Forum) Reacted(ctx context.Context, who Who, thread string) (talk.Reacted, error) {
	if err := f.allow(ctx, who, searching); err != nil {
		return talk.Reacted{}, err
	}
	thread, _, err := f.Find(ctx, thread)
	if err != nil {
		return talk.Reacted{}, err
	}
	r, err := f.Store.Reacted(ctx, thread, who.Person)
	place := func(kind string) int {
		i := slices.IndexFunc(f.Reactions, func(k talk.ReactionKind) bool { return k.Kind == kind })
		if i < 0 {
			return len(f.Reactions) // the site has offered it once
		}
		return i
	}
	slices.SortFunc(r.Kinds, func(a, b talk.ReactedKind) int {
		return cmp.Or(cmp.Compare(place(a.Kind), place(b.Kind)), cmp.Compare(a.Kind, b.Kind))
	})
	return r, f.unavailable(ctx, "reading who has reacted", err)
}

// Settings returns the settings of who asks.
func (f *Forum) Settings(ctx context.Context, who Who) (talk.Settings, error) {
	who, err := f.selfOf(ctx, who)
	if err != nil {
		return talk.DefaultSettings(), err
	}
	if who.Person == "" {
		return talk.DefaultSettings(), nil
	}
	s, err := f.Store.Settings(ctx, who.Person)
	return s, f.unavailable(ctx, "reading settings", err)
}

// SetSettings replaces the settings of who asks.
func (f *Forum) SetSettings(ctx context.Context, who Who, s talk.Settings) error {
	deeds := []deed{marking}
	if who.Fresh {
		deeds = append(deeds, meeting)
	}
	if err := f.allow(ctx, who, deeds...); err != nil {
		return err
	}
	if err := s.Check(); err != nil {
		return err
	}
	if _, err := time.LoadLocation(s.Quiet.Zone); err != nil || s.Quiet.Zone == "Local" {
		return talk.Refuse(talk.Invalid, "quiet", "There is no time zone called %q.", cut(s.Quiet.Zone, 60))
	}
	who, err := f.selfOf(ctx, who)
	if err != nil {
		return err
	}
	return f.unavailable(ctx, "keeping settings", f.Store.SaveSettings(ctx, who.Person, s))
}
