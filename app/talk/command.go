package talk

import "time"

// A Do names what a command does.
type Do string

// The kinds of commands.
const (
	React   Do = "react"   // Thread, Reaction, On
	Post    Do = "post"    // Thread, Parent, Body, Name, Headline, Mentions
	Edit    Do = "edit"    // Comment, Body, Mentions: by its author, for a while
	Delete  Do = "delete"  // Comment, Text: by its author, or by those who keep order
	Restore Do = "restore" // Comment, Text: by who deleted it, for a while
	Like    Do = "like"    // Comment, On
	Flag    Do = "flag"    // Comment, Reason, Text; again replaces

	// Of those who keep order. Text says why, for the record.
	Pin     Do = "pin"     // Comment, On: before the others; roots only
	Hold    Do = "hold"    // Comment, On: out of sight until a moderator publishes it (On false)
	Lock    Do = "lock"    // Thread, On: no more comments
	Ban     Do = "ban"     // Comment, On: its author can't take part any more; what they wrote stays
	Appoint Do = "appoint" // Comment, On: its author becomes a moderator; for owners
	Credit  Do = "credit"  // Comment, On, All: its author wrote the article; for owners

	// For oneself.
	Follow Do = "follow" // Thread or Topic, On: to hear of what is new there
	Mute   Do = "mute"   // Thread or Topic, On: to hear nothing of it
	Seen   Do = "seen"   // Thread and Seq: up to that entry. Comment: what one was told of it. At: what one was told until then
)

// A Command is one thing that a person wants done. Form posts, JSON calls and
// socket messages all become one, and pass through one function of the server.
type Command struct {
	Kind     Do     `json:"kind"`
	Thread   string `json:"thread,omitempty"`
	Comment  string `json:"comment,omitempty"`
	Reaction string `json:"reaction,omitempty"`
	On       bool   `json:"on,omitempty"`
	All      bool   `json:"all,omitempty"` // not only in this thread
	Parent   string `json:"parent,omitempty"`
	Body     string `json:"body,omitempty"`     // Markdown
	Name     string `json:"name,omitempty"`     // a guest's
	Headline string `json:"headline,omitempty"` // a guest's, if they like
	Reason   Reason `json:"reason,omitempty"`
	Text     string `json:"text,omitempty"`  // why, in plain words
	Topic    string `json:"topic,omitempty"` // its key or name
	Seq      uint64 `json:"seq,omitempty"`

	At       time.Time `json:"at,omitzero"`
	Mentions []string  `json:"mentions,omitempty"` // ids: which people Body means where several have the name after an @
}

// A Result is what a committed command changed, as it now is. Only the fields
// that its kind names are set; of these, an empty Reactions or Mine is not nil,
// so that whoever takes back their last reaction is told that none is left.
type Result struct {
	Comment   *Comment       `json:"comment,omitempty"`   // post, edit, delete, restore, pin, hold
	Reactions map[string]int `json:"reactions,omitzero"`  // react
	Mine      []string       `json:"mine,omitzero"`       // react
	Likes     *int           `json:"likes,omitempty"`     // like
	Liked     *bool          `json:"liked,omitempty"`     // like
	Version   uint64         `json:"version,omitempty"`   // react, like: the tally that the counts are of
	Flagged   *bool          `json:"flagged,omitempty"`   // flag
	Locked    *bool          `json:"locked,omitempty"`    // lock
	Banned    *bool          `json:"banned,omitempty"`    // ban
	Moderator *bool          `json:"moderator,omitempty"` // appoint
	Wrote     *bool          `json:"wrote,omitempty"`     // credit
	Level     *Level         `json:"level,omitempty"`     // follow, mute: what it is now
	Seen      *uint64        `json:"seen,omitempty"`      // seen: up to which entry; none of a thread that isn't followed
}
