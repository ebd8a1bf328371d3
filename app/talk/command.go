package talk

// A Do names what a command does.
type Do string

// The kinds of commands.
const (
	React  Do = "react"  // Thread, Reaction, On
	Post   Do = "post"   // Thread, Parent, Body, Name, Headline
	Like   Do = "like"   // Comment, On
	Delete Do = "delete" // Comment
)

// A Command is one thing that a person wants done. Form posts, JSON calls and
// socket messages all become one, and pass through one function of the server.
type Command struct {
	Kind     Do     `json:"kind"`
	Thread   string `json:"thread,omitempty"`
	Comment  string `json:"comment,omitempty"`
	Reaction string `json:"reaction,omitempty"`
	On       bool   `json:"on,omitempty"`
	Parent   string `json:"parent,omitempty"`
	Body     string `json:"body,omitempty"`     // Markdown
	Name     string `json:"name,omitempty"`     // a guest's
	Headline string `json:"headline,omitempty"` // a guest's, if they like
}

// A Result is what a committed command changed, as it now is. Only the fields
// that its kind names are set; of these, an empty Reactions or Mine is not nil,
// so that whoever takes back their last reaction is told that none is left.
type Result struct {
	Comment   *Comment       `json:"comment,omitempty"`  // post, delete
	Reactions map[string]int `json:"reactions,omitzero"` // react
	Mine      []string       `json:"mine,omitzero"`      // react
	Likes     *int           `json:"likes,omitempty"`    // like
	Liked     *bool          `json:"liked,omitempty"`    // like
	Version   uint64         `json:"version,omitempty"`  // react, like: the tally that the counts are of
}
