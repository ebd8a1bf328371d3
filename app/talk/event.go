package talk

import (
	"maps"
	"slices"
	"time"
)

// An EventKind says what a log entry tells.
type EventKind string

// The kinds of log entries. An entry is of what everybody sees: a comment that
// is held from the start has none until it is published.
const (
	CommentAdded    EventKind = "comment.added"
	CommentEdited   EventKind = "comment.edited"
	CommentRemoved  EventKind = "comment.removed"
	CommentHeld     EventKind = "comment.held"     // out of sight, until it is removed or restored
	CommentRestored EventKind = "comment.restored" // after it was removed or held
	CommentPinned   EventKind = "comment.pinned"   // or not any more: see its Pinned
	ThreadLocked    EventKind = "thread.locked"    // or not any more: see its Locked
)

// Retracts reports whether what earlier entries told of the comment is to be
// nowhere any more. A kind that this program doesn't know might mean that.
func (k EventKind) Retracts() bool {
	return k != CommentAdded && k != CommentRestored && k != CommentPinned && k != ThreadLocked
}

// An Event is an entry of a thread's log, with the comment or the thread as it
// now is: a comment that was removed since it was added comes without its text.
// What tallies and later entries count (Likes, Replies) is not in it.
type Event struct {
	Seq     uint64     `json:"seq"`
	Kind    EventKind  `json:"kind"`
	At      time.Time  `json:"at"`
	Comment Comment    `json:"comment,omitzero"`
	Thread  *ThreadNow `json:"thread,omitempty"` // of thread.locked
}

// A ThreadNow is what entries tell of a thread itself.
type ThreadNow struct {
	ID     string `json:"id"`
	Locked bool   `json:"locked"`
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
// With a Person, it says that their inbox has changed, and no more; with Crowds,
// who looks at what at a node.
type Update struct {
	Thread string  `json:"thread"`
	Person string  `json:"person,omitempty"`
	Crowds *Crowds `json:"crowds,omitempty"`
	Epoch  string  `json:"epoch"`
	Events []Event `json:"events,omitempty"`
	Tally  *Tally  `json:"tally,omitempty"`
	Since  uint64  `json:"since,omitempty"` // the version before Tally: it has all that changed after it
	Crowd  *Crowd  `json:"crowd,omitempty"`
	Seq    uint64  `json:"seq,omitempty"` // the log's end, when events are left out
}

// Topic is what an update is of, among all that nodes tell each other.
func (u Update) Topic() string {
	switch {
	case u.Person != "":
		return PersonTopic(u.Person)
	case u.Crowds != nil:
		return CrowdsTopic
	}
	return u.Thread
}

// PersonTopic is that of a person's inbox.
func PersonTopic(person string) string { return "person/" + person }

// CrowdsTopic is that of [Crowds].
const CrowdsTopic = "crowds"

// Crowds are the threads that most have open at one node.
type Crowds struct {
	Node    string         `json:"node"`          // a random name of the node's process
	Viewers map[string]int `json:"viewers"`       // by thread
	Ask     bool           `json:"ask,omitempty"` // the other nodes are to tell theirs, for a while
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
	Prev     string    `json:"prev,omitempty"` // cursor of the roots before these, or empty
	Next     string    `json:"next"`           // cursor of the roots after these, or empty
	Role     Role      `json:"role,omitempty"` // of who reads
}

// Apply returns the view after the event. It is the one place where a thread
// changes. An entry that the view has already changes nothing; the caller sees
// to it that none is left out: e.Seq must be at most v.Thread.Seq+1. An entry of
// a kind that this program doesn't know only counts.
func Apply(v View, e Event) View {
	if e.Seq <= v.Thread.Seq {
		return v
	}
	v.Thread.Seq = e.Seq
	switch e.Kind {
	case CommentAdded, CommentRestored: // one that was removed since has an entry that says so
		v.Thread.Comments++
		if indexOf(v, e.Comment.ID) < 0 {
			return insert(v, e.Comment, e.Kind == CommentRestored)
		}
		return Replace(v, e.Comment)
	case CommentRemoved:
		v.Thread.Comments--
		return Replace(v, e.Comment)
	case CommentHeld:
		v.Thread.Comments--
		return Replace(v, stillSeen(v, e.Comment))
	case CommentEdited, CommentPinned:
		return Replace(v, e.Comment)
	case ThreadLocked:
		if e.Thread != nil {
			v.Thread.Locked = e.Thread.Locked
		}
	}
	return v
}

func indexOf(v View, comment string) int {
	return slices.IndexFunc(v.Comments, func(c Comment) bool { return c.ID == comment })
}

// Replace returns the view with a comment as the event tells it, with what
// events don't: whether the reader likes it, and the counts that tallies and
// later events carry.
func Replace(v View, now Comment) View {
	i := indexOf(v, now.ID)
	if i < 0 {
		return v
	}
	old := v.Comments[i]
	now.Liked, now.Likes, now.Replies = old.Liked, old.Likes, old.Replies
	v.Comments = slices.Clone(v.Comments)
	v.Comments[i] = now
	if now.Pinned != old.Pinned && now.Parent == "" {
		v.Comments = moved(v.Comments, i, v.Sort)
	}
	return v
}

// stillSeen is a comment that is held now, with what those who keep order go on
// seeing of it.
func stillSeen(v View, now Comment) Comment {
	if i := indexOf(v, now.ID); i >= 0 && v.Role.Keeps() {
		now.State, now.Author, now.Badge, now.HTML = Held, v.Comments[i].Author, v.Comments[i].Badge, v.Comments[i].HTML
	}
	return now
}

// moved puts the root at i, with all that stands under it, where it belongs. It
// works in place.
func moved(comments []Comment, i int, sort Sort) []Comment {
	end := branchEnd(comments, i)
	branch := slices.Clone(comments[i:end])
	rest := slices.Delete(comments, i, end)
	return slices.Insert(rest, placeOf(rest, branch[0], sort), branch...)
}

// placeOf is the index of the first root before which a root stands that isn't
// new, as far as times tell: they may differ from the order of numbers for a
// comment that was held.
func placeOf(comments []Comment, c Comment, sort Sort) int {
	at := slices.IndexFunc(comments, func(there Comment) bool {
		switch {
		case there.Parent != "":
			return false
		case c.Pinned != there.Pinned:
			return c.Pinned
		case !c.Pinned && sort == Newest:
			return c.At.After(there.At)
		case !c.Pinned && sort == Top && c.Likes != there.Likes:
			return c.Likes > there.Likes
		}
		return c.At.Before(there.At)
	})
	if at < 0 {
		return len(comments)
	}
	return at
}

// Insert returns the view with one more comment at its place: a reply after the
// last of its parent's, a root where the view's order puts the newest.
func Insert(v View, c Comment) View { return insert(v, c, false) }

// insert puts a comment that isn't new where it stood before.
func insert(v View, c Comment, old bool) View {
	at := len(v.Comments)
	switch parent := indexOf(v, c.Parent); {
	case c.Parent != "" && parent < 0:
		return v // its branch is on another page
	case c.Parent != "":
		v.Comments = slices.Clone(v.Comments)
		v.Comments[parent].Replies++
		at = branchEnd(v.Comments, parent)
		for i := parent + 1; old && i < at; i++ {
			if there := v.Comments[i]; there.Parent == c.Parent && c.At.Before(there.At) {
				at = i
			}
		}
	case old:
		at = placeOf(v.Comments, c, v.Sort)
	case v.Sort == Newest:
		at = slices.IndexFunc(v.Comments, func(there Comment) bool { return there.Parent == "" && !there.Pinned })
		if at < 0 {
			at = len(v.Comments)
		}
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
