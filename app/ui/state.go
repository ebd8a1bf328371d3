// Package ui is what people see: go-app components that show a [State] and hand
// out what the person did, through [Hands]. They do no I/O and keep nothing:
// what they show comes from their fields alone, the time included, so that the
// server and the browser make the same of the same state.
//
// go-app compares lists by index, so private state of a list item would move to
// its neighbour: open reply boxes, drafts and the like live in the State, keyed
// by comment. It compares event handlers by their code, not by what they
// captured: a handler captures ids that can't change under it, and nothing else.
package ui

import (
	"time"

	"folkmoot/app/list"
	"folkmoot/app/talk"
	"folkmoot/app/words"
)

// A State is all that the widget shows. The exported JSON travels in the page,
// from the server's rendering to the browser's; the rest is the browser's own.
type State struct {
	View  talk.View           `json:"view"`
	Kinds []talk.ReactionKind `json:"kinds"`
	Me    talk.Person         `json:"me"`   // who reads, as they last signed
	Self  string              `json:"self"` // the page's own address, a path and query
	Now   time.Time           `json:"now"`
	Boxes map[string]Box      `json:"boxes"`           // open ones, by the comment they answer, or [EditID]; "" is the composer
	Who   *talk.Reacted       `json:"who,omitempty"`   // who has reacted, if the reader has asked
	Frame *Frame              `json:"frame,omitempty"` // around it, where it is a page of Folkmoot's own
	Words *words.Words        `json:"-"`               // in the reader's language

	// In the browser: the comments, and those of them that are in the document.
	// Without them the whole of View is.
	List  *list.List  `json:"-"`
	Parts []list.Part `json:"-"`

	Status   Status                     `json:"-"`
	Unseen   map[string]bool            `json:"-"` // others' comments that wait behind the "2 new comments" button
	Waiting  map[string]string          `json:"-"` // my comments that are not on disk yet: their plain text by their id
	Keys     map[string]string          `json:"-"` // under which id my comments were shown before they had their own
	Moved    map[string]int             `json:"-"` // how often a count changed, by reaction kind or comment: it moves then
	Typing   []string                   `json:"-"` // names of others who are writing
	Visited  time.Time                  `json:"-"` // when this browser was here last; what came since, from others, is marked
	Undo     map[string]bool            `json:"-"` // my comments that I deleted just now
	Before   map[string]string          `json:"-"` // what my comments said that I edited just now
	Past     map[string][]talk.Revision `json:"-"` // what comments said earlier, where I want to see it
	Menus    map[string]bool            `json:"-"` // comments whose menu was opened: nobody needs a hundred menus
	Queue    []talk.Case                `json:"-"` // what waits for me, if I keep order
	Thanks   string                     `json:"-"` // what went well and doesn't show
	Handover *Handover                  `json:"-"` // somebody wants to continue elsewhere
	Notice   string                     `json:"-"` // what went wrong with something that has no box
}

// listed is the state with the list that the browser has: on the server, the
// whole view.
func (s *State) listed() *State {
	if s.List != nil {
		return s
	}
	l := *s
	l.List = list.New(s.View, s.Unseen, s.Keeps)
	l.Parts = l.List.Whole()
	return &l
}

// Keeps says whether a removed comment is shown although nobody has answered it:
// a box must not vanish under somebody's hands.
func (s *State) Keeps(comment string) bool {
	_, open := s.Boxes[comment]
	return open || s.Undo[comment] || comment == sought(s.Self)
}

// A Status is how the widget stands to its server.
type Status int

// The statuses.
const (
	Still      Status = iota // as the server rendered it: nothing moves
	Live                     // connected
	Connecting               // not for the first time: the connection was lost
)

// A Box is where a comment is written.
type Box struct {
	Body     string `json:"body,omitempty"` // what it holds when it is first shown
	Name     string `json:"name,omitempty"`
	Headline string `json:"headline,omitempty"`
	Error    string `json:"error,omitempty"` // why the last try was refused
	Field    string `json:"field,omitempty"` // the field at fault
}

// Hands are told what the person did. A nil Hands leaves every deed to the
// forms, which work without a script.
type Hands interface {
	React(kind string)    // put it there, or take it back
	Who()                 // show who has reacted, or don't
	ShowName(on bool)     // with the reader's reactions
	Like(comment string)  // likewise
	Post(parent string)   // send what is in the box
	TakeBack(id string)   // a comment that waits to be sent
	Reply(comment string) // open its box, or close it
	ShowNew()             // show the comments that wait
	More()                // show the roots after the last one here
	Earlier()             // or before the first
	Rest(comment string)  // show replies that are missing after it
	Dismiss()             // the notice was read
	Continue()            // go on as oneself elsewhere
	CopyCode()            // with which that is done
	Lock()                // close the conversation, or open it again
	Mark(do talk.Do)      // follow it or mute it, or don't any more

	Menu(comment string) // it was opened
	// Choose does what a comment's menu offers; what can be done and undone is
	// turned around.
	Choose(do talk.Do, comment string, reason talk.Reason)
	Save(comment string)   // what was edited
	Cancel(comment string) // don't
	Restore(comment string)
	Unedit(comment string)                      // it says again what it said
	Past(comment string)                        // show what it said earlier, or don't
	Keep()                                      // the code that was typed makes me one who keeps order
	Settle(do talk.Do, comment string, on bool) // a case of the queue
}

// EditID is the key of the box in which a comment is edited.
func EditID(comment string) string { return "edit-" + comment }

// BoxID is the id of a box's text field.
func BoxID(parent string) string {
	if parent == "" {
		return "box"
	}
	return "box-" + parent
}
