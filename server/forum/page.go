package forum

import (
	"errors"
	"math"
	"time"

	"folkmoot/app/talk"
)

// A Page is what a publication shows: an article, with its thread's key. What is
// said of it is empty, unless who says it may be believed.
type Page struct {
	Key     string // see [talk.PageKey]
	Title   string
	Topics  []string
	Address string // where it is, if the key doesn't say: see [talk.PageAddress]
}

// Opened is what a store knows of a page's thread.
type Opened struct {
	Thread    string
	Page      string // the thread's own key: another than what was asked for, if the page has moved
	Described bool   // has its title

	Address   string    // as a page has it
	AddressAt time.Time // since when
}

// addressLife is for how long a page's address stays what it is. An article may
// move; but one that is shown in two places is not written down at every look,
// and who forges a look changes little.
const addressLife = 24 * time.Hour

// Learns says what a store takes over that knows this of a page's thread, or
// nothing: title and topics once; the address when there is none, or an old one.
// What is said of a page that has moved away is not the thread's.
func (o *Opened) Learns(p Page, at time.Time) (title, address bool) {
	title = !o.Described && p.Title != ""
	address = p.Address != "" && p.Address != o.Address && at.Sub(o.AddressAt) >= addressLife
	if o.Thread != "" && p.Key != o.Page {
		address = false
	}
	return title, address
}

// A Listing is a thread as whoever runs a site sees it.
type Listing struct {
	Thread    string    `json:"thread"`
	Page      string    `json:"page"`
	Address   string    `json:"address,omitempty"` // of the page, if its key doesn't say it
	Title     string    `json:"title"`
	Comments  int       `json:"comments"`
	Reactions int       `json:"reactions"`
	At        time.Time `json:"at"`               // when it was opened first
	Former    []string  `json:"former,omitempty"` // keys of pages that lead to it, too
}

// Moved is what a move or a merger has changed.
type Moved struct {
	Thread   string          // where the conversation is now
	Gone     string          // the thread that was merged into it, or empty
	Heads    map[string]Head // of both, as they now are
	Comments int             // of the conversation
}

// TellThread is what an entry of a kind tells of a thread that is so, or nil.
func TellThread(kind talk.EventKind, thread talk.ThreadNow) *talk.ThreadNow {
	switch {
	case !kind.OfThread():
		return nil
	case kind == talk.ThreadLocked:
		return &talk.ThreadNow{ID: thread.ID, Locked: thread.Locked}
	}
	return &thread
}

// Why a page's conversation can't be moved.
var (
	ErrNoPage = errors.New("nobody has opened a conversation there")
	ErrTaken  = errors.New("there is another conversation there")
)

// Both is how lively a thread is that two others have become.
func Both(a, b float64) float64 {
	if a == 0 || b == 0 {
		return a + b
	}
	return max(a, b) + math.Log2(1+math.Exp2(-math.Abs(a-b)))
}
