package talk

import "time"

// A Role is a person's standing in a site. Most have none.
type Role string

// The roles of those who keep order.
const (
	Owner     Role = "owner"     // may do all that there is to do, and appoint moderators
	Moderator Role = "moderator" // keeps order: remove, restore, pin, hold, lock, ban
)

// Keeps reports whether the role keeps order.
func (r Role) Keeps() bool { return r == Owner || r == Moderator }

// A Reason is why somebody flags a comment.
type Reason string

// The reasons, in the order in which a person chooses.
const (
	Spam     Reason = "spam"
	Abuse    Reason = "abuse"
	OffTopic Reason = "off_topic"
	Illegal  Reason = "illegal"
	Other    Reason = "other"
)

// Reasons are all of them.
var Reasons = []Reason{Spam, Abuse, OffTopic, Illegal, Other}

// Me is who asks, and how they stand in the site.
type Me struct {
	Person Person `json:"person"` // as they last signed; only an id, or nothing, if they never did
	Role   Role   `json:"role"`
}

// A Revision is what a comment said before it was changed.
type Revision struct {
	Body string    `json:"body"` // Markdown
	At   time.Time `json:"at"`   // when it was written
}

// A Case is a comment that waits for those who keep order.
type Case struct {
	Comment Comment        `json:"comment"` // with its text, even while it is held
	Page    string         `json:"page"`
	Address string         `json:"address,omitempty"` // of the page, as a thread has it
	Title   string         `json:"title"`
	At      time.Time      `json:"at"`     // since when it is held, or when it was flagged last
	Counts  map[Reason]int `json:"counts"` // of flags that were not dealt with
	Flags   []Flagging     `json:"flags"`  // those, oldest first
}

// Article is the address of what the comment's thread is about.
func (c *Case) Article() string { return ArticleOf(c.Page, c.Address) }

// A Flagging is one person's flag on a comment.
type Flagging struct {
	Person Person    `json:"person"`
	Reason Reason    `json:"reason"`
	Text   string    `json:"text,omitempty"`
	At     time.Time `json:"at"`
}
