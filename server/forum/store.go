package forum

import (
	"context"
	"time"

	"folkmoot/app/talk"
)

// A Store remembers. What it answers is a copy that the caller may keep. Every
// method may be called by several goroutines; errors that a person should read
// are [*talk.Error], any other is an operator's.
type Store interface {
	// Epoch is the random id of this database's life. Numbers of log entries
	// and versions of tallies mean nothing under another one.
	Epoch() string

	// Open returns the thread of a page, made when it is first asked for, and
	// takes over what [Opened.Learns] says.
	Open(ctx context.Context, page Page, at time.Time) (Opened, error)

	// Heads returns where the threads' logs and tallies stand, and which have been
	// merged into another. Threads that don't exist are left out.
	Heads(ctx context.Context, threads ...string) (map[string]Head, error)

	// Counts returns what index pages show of the pages, by their keys. Pages
	// without a thread are left out; none is made.
	Counts(ctx context.Context, pages ...string) (map[string]Counts, error)

	// View reads a page of a thread as the person (or nobody, if empty) sees
	// it, all of it at one moment. It is talk.NotFound if there is no thread. Of one
	// that was merged into another, it is that one's.
	View(ctx context.Context, thread, person string, q Query) (talk.View, error)

	// CatchUp reads, at one moment, what somebody has missed who has the log up
	// to since and the tally at version: at most limit entries, in order.
	CatchUp(ctx context.Context, thread string, since, version uint64, limit int) (CatchUp, error)

	// Speakers returns who has a published comment in a thread, under each name
	// that they signed with there, by their last comments under it, the newest
	// first.
	Speakers(ctx context.Context, thread string) ([]Speaker, error)

	// LastInBranch returns who of these people has said something last under the
	// root that a comment stands under, or nobody.
	LastInBranch(ctx context.Context, comment string, people ...string) (person string, err error)

	// Mentions returns whom a comment mentions.
	Mentions(ctx context.Context, comment string) ([]Mentioned, error)

	// Person returns the person as they last signed, or talk.NotFound.
	Person(ctx context.Context, id string) (talk.Person, error)

	// Pages returns threads and their pages, in the order of the pages' keys: at
	// most limit, after a key. Those that were merged into others are not among
	// them.
	Pages(ctx context.Context, after string, limit int) ([]Listing, error)

	// Page returns the thread that a page leads to, now or as a former address. It
	// is ErrNoPage if nobody has opened one there.
	Page(ctx context.Context, key string) (Listing, error)

	// Move makes the thread of a page that of another one, which may have no
	// conversation of its own, else it is ErrTaken. The page that it had goes
	// on leading to it. It is ErrNoPage if the page has no thread.
	Move(ctx context.Context, page string, to Page, at time.Time) (Moved, error)

	// Merge makes two pages' threads one: the second page's, if that has one. What
	// was said in both stands in the order of time; a reaction counts once for each
	// person and kind. It is ErrNoPage if the
	// first page has no thread.
	Merge(ctx context.Context, page string, into Page, at time.Time) (Moved, error)

	// Commit carries out the writes, in order, in one transaction, and returns
	// one outcome for each once they are on disk. A write that can't be carried
	// out fails alone and leaves no trace: no row, no number. An error means
	// that none of them was carried out. What is written to a thread that was
	// merged into another is written to that one.
	//
	// A write with a Ref takes effect once: the same Person and Ref again, or,
	// for a Fresh person, the same Ref again by anybody Fresh, gets the outcome
	// as it now is, with Again set; with another Digest it is talk.Conflict.
	Commit(ctx context.Context, writes []Write) ([]Outcome, error)

	// Forget drops what is only kept for a while, up to a time: what recognizes
	// repeated refs, what removed comments said, and invitations.
	Forget(ctx context.Context, before time.Time) error

	// Standing returns how a person stands in the site.
	Standing(ctx context.Context, person string) (Standing, error)

	// Record returns all that is kept of a comment, or talk.NotFound. Who may
	// see it is the caller's to settle.
	Record(ctx context.Context, comment string) (Record, error)

	// Revisions returns what a comment said before, oldest first.
	Revisions(ctx context.Context, comment string) ([]talk.Revision, error)

	// Queue returns what is held or was flagged and not dealt with, newest
	// first: at most limit, after the cursor of an earlier page's end.
	Queue(ctx context.Context, after string, limit int) (cases []talk.Case, next string, err error)

	// Invite keeps an invitation until it is redeemed.
	Invite(ctx context.Context, i Invitation) error

	// Redeem gives a person what an invitation of this kind and token is for,
	// once and before it expires; else it is talk.Forbidden.
	Redeem(ctx context.Context, kind InvitationKind, token []byte, person string, at time.Time) error

	// Secret returns the secret of a name; the first call, ever, decides it.
	Secret(ctx context.Context, name string, first []byte) ([]byte, error)

	People
	Selves
	Pushes

	// Ping reports whether the store can be read.
	Ping(ctx context.Context) error

	// Close waits for what is under way.
	Close() error
}

// Counts are how much was said of a page.
type Counts struct {
	Comments  int `json:"comments"`
	Reactions int `json:"reactions"` // of all kinds
}

// A Head is where a thread stands.
type Head struct {
	Seq, Version uint64
	Into         string // the thread that it was merged into, as far as whoever tells knows
}

// A Query is which part of a thread to read: its beginning, or the page that one
// of Rest, Around, Before and After names, of which the first that is set counts.
type Query struct {
	Sort   talk.Sort // Oldest, Newest or Top
	Rest   string    // a comment: of its branch what stands after it; [NoComment] if there is none
	Around string    // a comment that the page is to have; [NoComment] if there is none
	Before string    // cursor: the Prev of a later page
	After  string    // cursor: the Next of an earlier page
	Roots  int       // how many roots, at most

	// Bounds of what the roots bring with them; 0 is none. A page ends before the
	// root with which it had more than so many Comments, unless that is its first.
	// Of a branch with more Replies than so many, a part is read.
	Comments, Replies int
}

// A CatchUp is what somebody has missed, read at one moment.
type CatchUp struct {
	Head
	Reactions map[string]int // all, with 0 for those that everybody has taken back: who knew them must hear of it
	Likes     map[string]int // by comment, those changed since the version
	Events    []talk.Event   // after the number asked for
}

// A Write is a command to carry out. What it must look like was settled before.
// Whether its thread and comments are there, in which state, and how who writes
// stands in the site is the store's to see, in its transaction; what follows
// from that, [Facts] and [Record] say.
type Write struct {
	Command  talk.Command
	Person   talk.Person // who does it; with a name, it is remembered as theirs
	Fresh    bool        // Person was made for this very write
	Ref      string      // may be empty: then the write is not recognized again
	Digest   []byte      // of what the command means
	ID       string      // of the comment that a post makes
	HTML     string      // of a post or an edit, from its Markdown
	Mentions []Mentioned // of a post or an edit: whom it mentions
	Rules    Rules       // of the site
	At       time.Time
}

// An Outcome is what became of a write.
type Outcome struct {
	Err    error // why this write alone was not carried out
	Again  bool  // an earlier write with the same ref was; nothing changed now
	Result talk.Result

	Thread string      // that it changed
	Event  *talk.Event // that it added to the log
	Tally  *talk.Tally // that it changed; each change of counts raises the version by 1
	Told   []string    // people whose inbox may have changed
}

// Limits count what people do, in token buckets.
type Limits interface {
	// Take takes a token from each of the buckets, or from none if one of them
	// is empty: then wait is how long until all have one.
	Take(ctx context.Context, buckets ...Bucket) (wait time.Duration, err error)
}

// A Bucket holds Burst tokens at most and gets Rate new ones a second. One that
// was not asked for until now is full.
type Bucket struct {
	Key   string // not longer than 100 bytes
	Rate  float64
	Burst int
}

// A Bus carries updates between nodes, at most once each; numbers repair what
// it loses. A topic's updates that one goroutine publishes arrive in order.
type Bus interface {
	// Publish sends an update to every node that listens, this one too.
	Publish(ctx context.Context, u talk.Update) error

	// Subscribe calls heard, which must not block, with every update of the
	// topic (see [talk.Update.Topic]; most are of a thread) that is published
	// after it has returned, until stop is called; stop returns once heard is not
	// being called any more. ctx is for the call only.
	Subscribe(ctx context.Context, topic string, heard func(talk.Update)) (stop func(), err error)
}
