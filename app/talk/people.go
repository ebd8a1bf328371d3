package talk

import (
	"strings"
	"time"
)

// A Level is how much a person wants to hear of a thread or of a topic. The
// empty one is what everybody hears.
type Level string

// The levels.
const (
	Follows Level = "follow"
	Mutes   Level = "mute"
)

// A Card is a thread as lists show it, and who is asking's part in it.
type Card struct {
	ID        string    `json:"id"`
	Page      string    `json:"page"` // the page's key, see [PageKey]
	URL       string    `json:"url"`  // where the article is
	Site      string    `json:"site"` // the host of that
	Title     string    `json:"title"`
	Topics    []string  `json:"topics"`
	Comments  int       `json:"comments"`
	Reactions int       `json:"reactions"` // of all kinds
	Viewers   int       `json:"viewers"`   // who have it open now, as far as that is known
	Heat      float64   `json:"heat"`      // its comments, each counting half as much every day, and reactions counting less
	At        time.Time `json:"at"`        // when something was said last, or else when it was made
	Seq       uint64    `json:"seq"`       // number of the last log entry
	Locked    bool      `json:"locked,omitempty"`
	Level     Level     `json:"level,omitempty"` // of who asks
	New       int       `json:"new,omitempty"`   // comments by others since who asks saw it, if they follow it: NewMax means as many or more
	Seen      uint64    `json:"seen,omitempty"`  // number of the log entry up to which they did
}

// A Topic is what threads are about, as their pages say.
type Topic struct {
	Key     string  `json:"key"`  // see [TopicKey]
	Name    string  `json:"name"` // as the page that brought it up wrote it
	Threads int     `json:"threads"`
	Heat    float64 `json:"heat"`            // of all its threads together, see [Card]
	Level   Level   `json:"level,omitempty"` // of who asks
}

// A TopicPage is a topic, with some of its threads.
type TopicPage struct {
	Topic   Topic  `json:"topic"`
	Threads []Card `json:"threads"` // the liveliest first
	Next    string `json:"next"`    // cursor of those that are not here, or empty
}

// A Home is what somebody sees first.
type Home struct {
	Live     []Card  `json:"live"`     // where something happens now
	Followed []Card  `json:"followed"` // of who asks; those with something new first
	Topics   []Topic `json:"topics"`   // the liveliest
	Unread   int     `json:"unread"`   // in the inbox
}

// A Mine is a comment of who asks, and where it stands.
type Mine struct {
	Comment Comment `json:"comment"`
	Thread  Card    `json:"thread"`
}

// A NoticeKind says what somebody is told of.
type NoticeKind string

// The kinds of notices. One comment is told of once to a person: whoever is
// mentioned in an answer to them gets a Reply.
const (
	Reply   NoticeKind = "reply"
	Mention NoticeKind = "mention"
	Liked   NoticeKind = "like" // of their own comment, by N
)

// A Notice tells somebody of something in their inbox.
type Notice struct {
	Kind    NoticeKind `json:"kind"`
	Comment Comment    `json:"comment"` // the answer, the one with the mention, or the one that is liked
	Thread  ThreadRef  `json:"thread"`
	N       int        `json:"n,omitempty"` // by how many others it is liked
	At      time.Time  `json:"at"`
	Seen    bool       `json:"seen,omitempty"`
}

// A ThreadRef is what a thread is called, and where.
type ThreadRef struct {
	ID    string `json:"id"`
	URL   string `json:"url"`
	Site  string `json:"site"`
	Title string `json:"title"`
}

// An Inbox is a page of what somebody was told, the newest first.
type Inbox struct {
	Notices  []Notice `json:"notices"`
	Next     string   `json:"next"`               // cursor of those that are not here, or empty
	Unread   int      `json:"unread"`             // of all: UnreadMax means as many or more
	Followed []Card   `json:"followed,omitempty"` // on the first page: threads that they follow, with something new
}

// UnreadMax bounds what is counted of an inbox.
const UnreadMax = 100

// Settings are what a person has chosen for themselves.
type Settings struct {
	Notify Notify `json:"notify"`
	Quiet  Quiet  `json:"quiet"`
	Follow bool   `json:"follow"` // a thread is followed when one comments there
	Named  bool   `json:"named"`  // their name is shown among those who have reacted
}

// Reacted says who has reacted to a thread: those who show their name.
type Reacted struct {
	Kinds []ReactedKind `json:"reactions"` // those that somebody has chosen
	Named bool          `json:"named"`     // who asks shows their name
}

// A ReactedKind says who has chosen a kind of reaction.
type ReactedKind struct {
	Kind  string   `json:"kind"`
	Total int      `json:"total"`
	Names []string `json:"names"` // NamesMax at most, the latest first, without who asks
	Mine  bool     `json:"mine"`  // who asks has
}

// NamesMax bounds how many names are told of those who have chosen a kind.
const NamesMax = 50

// Notify says for what a person's devices may be woken. The inbox has all of it.
type Notify struct {
	Reply    bool `json:"reply"`
	Mention  bool `json:"mention"`
	Like     bool `json:"like"`
	Followed bool `json:"followed"` // new comments in threads that they follow
}

// Quiet are the hours in which no device is woken. From may be later than To:
// then they are over midnight. Both empty: none.
type Quiet struct {
	From string `json:"from"` // 22:00
	To   string `json:"to"`
	Zone string `json:"zone"` // IANA's name of where the clock stands, such as Europe/London
}

// DefaultSettings are those of whoever has chosen nothing.
func DefaultSettings() Settings {
	return Settings{Notify: Notify{Reply: true, Mention: true}, Follow: true}
}

// Check refuses settings that can't be. Whether there is such a time zone is
// for the server to see, which has their table.
func (s Settings) Check() error {
	q := s.Quiet
	if q == (Quiet{}) {
		return nil
	}
	for _, at := range []string{q.From, q.To} {
		if _, err := time.Parse("15:04", at); err != nil || len(at) != 5 || q.Zone == "" {
			return Refuse(Invalid, "quiet", "Quiet hours need a beginning, an end and a time zone, or none of these.")
		}
	}
	return nil
}

// An Arrival is whom a code brings who continues here as themselves, before that
// is accepted.
type Arrival struct {
	Person   Person `json:"person"`   // as they last signed
	Comments int    `json:"comments"` // of theirs, NewMax at most
	Follows  int    `json:"follows"`  // threads, NewMax at most
	Merges   bool   `json:"merges"`   // who asks is somebody, too: the two become one
	Same     bool   `json:"same"`     // who asks is them already
}

// NewMax bounds what is counted of a followed thread.
const NewMax = 100

// TopicKey folds a topic's name, so that pages which write it in other letters
// mean the same one. It is empty for what can't be one.
func TopicKey(name string) string {
	if len(name) > TopicBytes || badText(name, overrides) != "" {
		return ""
	}
	key := strings.ToLower(strings.Join(strings.Fields(strings.Map(visible, name)), " "))
	if Blank(key) || strings.Trim(key, ".") == "" { // dots alone would lead out of /topics/ in an address
		return ""
	}
	return key
}
