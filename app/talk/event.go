package talk

import (
	"maps"
	"slices"
	"time"
)

// An EventKind says what a log entry tells.
type EventKind string

// The kinds of log entries, each with the comment as it now is.
const (
	CommentAdded   EventKind = "comment.added"
	CommentRemoved EventKind = "comment.removed"
)

// An Event is an entry of a thread's log, with the comment as it now is: one
// that was removed since it was added comes without its text. What tallies and
// later entries count (Likes, Replies) is not in it.
type Event struct {
	Seq     uint64    `json:"seq"`
	Kind    EventKind `json:"kind"`
	At      time.Time `json:"at"`
	Comment Comment   `json:"comment"`
}

// A Tally is a change of a thread's counts: absolute numbers, only those that
// changed, as of Version.
type Tally struct {
	Version   uint64         `json:"version"`
	Reactions map[string]int `json:"reactions,omitempty"`
	Likes     map[string]int `json:"likes,omitempty"` // by comment
}

// Merge returns what a viewer needs who has seen neither t nor newer.
func (t Tally) Merge(newer Tally) Tally {
	if newer.Version < t.Version {
		t, newer = newer, t
	}
	return Tally{
		Version:   newer.Version,
		Reactions: merged(t.Reactions, newer.Reactions),
		Likes:     merged(t.Likes, newer.Likes),
	}
}

func merged(old, newer map[string]int) map[string]int {
	if len(old) == 0 {
		return newer
	}
	out := maps.Clone(old)
	maps.Copy(out, newer)
	return out
}

// An Update is what one commit changed in one thread: what nodes tell each
// other, and rooms tell their viewers. Events are in order and without gaps.
type Update struct {
	Thread string  `json:"thread"`
	Epoch  string  `json:"epoch"`
	Events []Event `json:"events,omitempty"`
	Tally  *Tally  `json:"tally,omitempty"`
	Since  uint64  `json:"since,omitempty"` // the version before Tally: it has all that changed after it
	Crowd  *Crowd  `json:"crowd,omitempty"`
	Seq    uint64  `json:"seq,omitempty"` // the log's end, when events are left out
}

// A Crowd is who has a thread open at one node. Nodes add up each other's, and
// forget those that they have not heard for a while.
type Crowd struct {
	Node    string   `json:"node"`             // a random name of the node's process
	Viewers int      `json:"viewers"`          // 0 when the last has left
	Typing  []string `json:"typing,omitempty"` // names of those who are writing
	Ask     bool     `json:"ask,omitempty"`    // the other nodes are to tell theirs
}

// A View is a thread as one reader sees it: some of its comments, in the order
// in which they are shown, each root followed by its replies.
type View struct {
	Thread   Thread    `json:"thread"`
	Comments []Comment `json:"comments"`
	Sort     Sort      `json:"sort"`
	Next     string    `json:"next"` // cursor of the roots that are not here, or empty
}

// Apply returns the view after the event. It is the one place where a thread
// changes. An entry that the view has already changes nothing; the caller sees
// to it that none is left out: e.Seq must be at most v.Thread.Seq+1.
func Apply(v View, e Event) View {
	if e.Seq <= v.Thread.Seq {
		return v
	}
	v.Thread.Seq = e.Seq
	at := slices.IndexFunc(v.Comments, func(c Comment) bool { return c.ID == e.Comment.ID })
	switch e.Kind {
	case CommentAdded:
		if e.Comment.State != Held { // one that was removed since has an entry that says so
			v.Thread.Comments++
		}
		if at < 0 {
			return Insert(v, e.Comment)
		}
		v.Comments = slices.Clone(v.Comments)
		v.Comments[at] = kept(v.Comments[at], e.Comment)
	case CommentRemoved:
		v.Thread.Comments--
		if at >= 0 {
			v.Comments = slices.Clone(v.Comments)
			v.Comments[at] = kept(v.Comments[at], e.Comment)
		}
	}
	return v
}

// kept is the comment as the event tells it, with what events don't: whether
// the reader likes it, and the counts that tallies and later events carry.
func kept(old, now Comment) Comment {
	now.Liked, now.Likes, now.Replies = old.Liked, old.Likes, old.Replies
	return now
}

// Insert returns the view with one more comment at its place: a reply after the
// last of its parent's, a root where the view's order puts the newest.
func Insert(v View, c Comment) View {
	at := len(v.Comments)
	switch parent := slices.IndexFunc(v.Comments, func(p Comment) bool { return p.ID == c.Parent }); {
	case c.Parent != "" && parent < 0:
		return v // its branch is on another page
	case c.Parent != "":
		v.Comments = slices.Clone(v.Comments)
		v.Comments[parent].Replies++
		at = branchEnd(v.Comments, parent)
	case v.Sort == Newest:
		at = 0
	}
	v.Comments = slices.Insert(slices.Clone(v.Comments), at, c)
	return v
}

// branchEnd is the index after the last descendant of the comment at i.
func branchEnd(comments []Comment, i int) int {
	branch := map[string]bool{comments[i].ID: true}
	for i++; i < len(comments) && branch[comments[i].Parent]; i++ {
		branch[comments[i].ID] = true
	}
	return i
}

// ApplyTally returns the view with the counts of a tally, unless it has newer
// ones.
func ApplyTally(v View, t Tally) View {
	if t.Version <= v.Thread.Version {
		return v
	}
	v.Thread.Version = t.Version
	v.Thread.Reactions = merged(v.Thread.Reactions, t.Reactions)
	if len(t.Likes) == 0 {
		return v
	}
	v.Comments = slices.Clone(v.Comments)
	for i, c := range v.Comments {
		if n, ok := t.Likes[c.ID]; ok {
			v.Comments[i].Likes = n
		}
	}
	return v
}
