package talk

import (
	"maps"
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
	ThreadMoved     EventKind = "thread.moved"     // to another page, or, the last entry of its log, into another thread
	ThreadMerged    EventKind = "thread.merged"    // with another, whose log stands before this entry: read its comments again
)

// Retracts reports whether what earlier entries told of the comment is to be
// nowhere any more. A kind that this program doesn't know might mean that.
func (k EventKind) Retracts() bool {
	return k != CommentAdded && k != CommentRestored && k != CommentPinned && !k.OfThread()
}

// OfThread reports whether an entry is of the thread itself.
func (k EventKind) OfThread() bool {
	return k == ThreadLocked || k == ThreadMoved || k == ThreadMerged
}

// An Event is an entry of a thread's log, with the comment or the thread as it
// now is: a comment that was removed since it was added comes without its text.
// What tallies and later entries count (Likes, Replies) is not in it.
type Event struct {
	Seq     uint64     `json:"seq"`
	Kind    EventKind  `json:"kind"`
	At      time.Time  `json:"at"`
	Comment Comment    `json:"comment,omitzero"`
	Thread  *ThreadNow `json:"thread,omitempty"` // of entries of the thread itself
}

// Again reports whether whoever has the thread open is to read it again: what the
// log told of it isn't how it is shown any more.
func (e Event) Again() bool {
	return e.Kind == ThreadMerged || e.Kind == ThreadMoved && e.Thread != nil && e.Thread.Into != ""
}

// A ThreadNow is what entries tell of a thread itself.
type ThreadNow struct {
	ID     string `json:"id"`
	Locked bool   `json:"locked"`

	// Of one that has moved:
	Page    string `json:"page,omitempty"` // as a thread has it
	Address string `json:"address,omitempty"`
	Into    string `json:"into,omitempty"` // the thread that it was merged into, to which the page belongs
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

	// Where only a part of a branch is here: how many of its replies are missing
	// after a comment, and before the next that is here; and the names of those
	// who wrote what is answered here and is not here.
	Rest     map[string]int    `json:"rest,omitempty"`
	Answered map[string]string `json:"answered,omitempty"`
	Branch   string            `json:"branch,omitempty"` // the root, if nothing but a part of its branch is here
}
