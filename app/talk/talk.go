// Package talk is what both sides of Folkmoot speak: the nouns, the commands,
// the live protocol, the limits and the error codes, and how an event changes
// what a reader sees. It is compiled into the server and into the browser, so
// it is pure: no I/O, no clock, no goroutine, and no import that a browser
// would have to download.
//
// # Log and tally
//
// Comments are a log; reactions are a tally. A thread's log entries are
// numbered 1, 2, 3 … without gaps: after a gap they are replayed in order, each
// exactly once. A tally holds absolute counts and a version: the newest wins,
// and any number of older ones may be skipped.
package talk

import (
	"html"
	"strings"
	"time"
)

// A Person is a reader who has said or done something: a guest with a name, or
// somebody signed in. The zero Person is nobody.
type Person struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Headline string `json:"headline,omitempty"` // "Pharmacist, Leeds"
	Avatar   string `json:"avatar,omitempty"`   // an address, or empty for initials
}

// A State says what became of a comment.
type State string

// The states of a comment.
const (
	Published State = "published"
	Held      State = "held"    // waits for a moderator: only its author and those who keep order see what it says
	Removed   State = "removed" // a stone, without text and author; a held one is that to everybody else
)

// SpoilerLabel is what shows of a spoiler in a comment's HTML until somebody opens
// it. Whoever shows a comment may put another language's word there.
const SpoilerLabel = "<summary>Spoiler</summary>"

// MentionLink is how a comment's HTML begins a mention, before the id of the
// comment in the same thread that it leads to: the last one by whoever is
// mentioned.
const MentionLink = `<a class="mention" href="#comment-`

// Elsewhere is a comment's HTML for a page that isn't its thread's: mentions lead
// to the article's.
func Elsewhere(rendered, article string) string {
	if !strings.Contains(rendered, MentionLink) {
		return rendered
	}
	return strings.ReplaceAll(rendered, MentionLink, `<a class="mention" target="_top" href="`+html.EscapeString(article)+`#comment-`)
}

// A Comment is what a person wrote in a thread, possibly in reply to another.
type Comment struct {
	ID       string    `json:"id"`
	Thread   string    `json:"thread"`
	Parent   string    `json:"parent,omitempty"` // the comment that it answers
	Author   Person    `json:"author"`           // the byline, as it was signed
	HTML     string    `json:"html"`             // rendered and sanitized by the server
	At       time.Time `json:"at"`
	EditedAt time.Time `json:"edited_at,omitzero"`
	State    State     `json:"state"`
	Pinned   bool      `json:"pinned,omitempty"` // a root that stands before the others
	Badge    Role      `json:"badge,omitempty"`  // its author's standing in the site
	Wrote    bool      `json:"wrote,omitempty"`  // its author wrote the article
	Likes    int       `json:"likes"`
	Liked    bool      `json:"liked,omitempty"` // by whoever asks
	Replies  int       `json:"replies"`         // direct ones
}

// A Thread is the conversation of one page, and who is asking's part in it.
type Thread struct {
	ID        string         `json:"id"`
	Page      string         `json:"page"`              // the page's key, see [PageKey]
	Address   string         `json:"address,omitempty"` // where the page is, if its key doesn't say: see [Thread.Article]
	At        time.Time      `json:"-"`                 // when it was opened first
	Former    []string       `json:"former,omitempty"`  // threads that were merged into this one
	Title     string         `json:"title"`
	Topics    []string       `json:"topics"`
	Epoch     string         `json:"epoch"`   // the database's life that Seq and Version belong to
	Seq       uint64         `json:"seq"`     // number of the last log entry
	Version   uint64         `json:"version"` // of the tally
	Reactions map[string]int `json:"reactions"`
	Mine      []string       `json:"mine"`
	Comments  int            `json:"comments"` // published ones
	Viewers   int            `json:"viewers"`
	Locked    bool           `json:"locked,omitempty"` // takes no more comments, but of those who keep order
	Level     Level          `json:"level,omitempty"`  // of who asks
	Seen      uint64         `json:"seen,omitempty"`   // number of the log entry up to which they saw it, if they follow it
}

// Article is the address of what the thread is about.
func (t *Thread) Article() string { return ArticleOf(t.Page, t.Address) }

// DefaultReactions are the kinds that a site offers unless it says otherwise,
// in the order in which they stand on the page.
var DefaultReactions = []ReactionKind{
	{"like", "👍", "Like"},
	{"heart", "❤️", "Love"},
	{"celebrate", "🎉", "Celebrate"},
	{"idea", "💡", "Insightful"},
	{"think", "🤔", "Makes me think"},
	{"funny", "😄", "Funny"},
}

// A ReactionKind is one thing that a person may feel about an article.
type ReactionKind struct {
	Kind  string `json:"kind"`
	Emoji string `json:"emoji"`
	Label string `json:"label"`
}
