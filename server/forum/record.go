package forum

import (
	"time"

	"folkmoot/app/talk"
)

// A Record is all that a store keeps of a comment. What it says is there even
// while nobody may read it: it goes out through [Record.Shown] and
// [Record.ShownTo] only.
type Record struct {
	talk.Comment        // as it is when it is published; State is Published, Held or Removed
	Author       string // whose it is, also when the byline is gone
	Body         string // Markdown
	Root         string // of its branch; empty for a root
	Seq          uint64 // of the log entry that added it; 0: it was never published

	// While it is held or removed:
	Kept    bool      // byline and text are still there
	WasHeld bool      // it was held when it was removed
	By      string    // who held or removed it
	Since   time.Time // and when
}

// NewRecord is the comment that a post makes. Its number is the store's to give,
// unless it is held.
func NewRecord(w *Write, root string, f Facts) Record {
	r := Record{
		Comment: talk.Comment{
			ID: w.ID, Thread: w.Command.Thread, Parent: w.Command.Parent, Author: w.Person, HTML: w.HTML,
			At: toMilli(w.At), State: talk.Published, Badge: f.Effective(), Wrote: f.Wrote,
		},
		Author: w.Person.ID, Body: w.Command.Body, Root: root,
	}
	if f.Holds(w) {
		r.State, r.Since, r.Kept = talk.Held, r.At, true
	}
	return r
}

// Shown is the comment as everybody sees it: a stone unless it is published.
func (r *Record) Shown() talk.Comment {
	if r.State == talk.Published {
		return r.Comment
	}
	return talk.Comment{ID: r.ID, Thread: r.Thread, Parent: r.Parent, At: r.At, EditedAt: r.EditedAt, State: talk.Removed, Replies: r.Replies}
}

// ShownTo is the comment as a person sees it: what is held is seen by its
// author and by those who keep order.
func (r *Record) ShownTo(person string, role talk.Role) talk.Comment {
	if r.State == talk.Held && r.isOf(person, role) {
		c := r.Comment
		c.Pinned, c.Likes, c.Liked = false, 0, false
		return c
	}
	return r.Shown()
}

func (r *Record) isOf(person string, role talk.Role) bool {
	return role.Keeps() || (r.Author == person && person != "")
}

// A Change is what a write makes of a record, besides what it changes in it.
type Change struct {
	Any      bool           // the record changed
	Event    talk.EventKind // to enter into the log; empty: nobody else sees a difference
	More     int            // published comments that the thread and the author gain
	Revision *talk.Revision // to keep: what it said before
	Forget   bool           // its revisions are to go
	Settled  bool           // its flags were dealt with
	Deed     bool           // it was done to keep order, and belongs into the record
}

// Credited is the thread that a credit counts in: none, for all.
func (r *Record) Credited(w *Write) string {
	if w.Command.All {
		return ""
	}
	return r.Thread
}

// NoComment refuses what is asked of a comment that isn't there.
func NoComment() error {
	return talk.Refuse(talk.NotFound, "comment", "There is no such comment.")
}

// Carry carries out a write on a comment: edit, delete, restore, pin or hold.
// What is so already changes nothing.
func (r *Record) Carry(w *Write, f Facts) (Change, error) {
	if err := f.May(w); err != nil {
		return Change{}, err
	}
	if r.Seq == 0 && !r.isOf(w.Person.ID, f.Effective()) { // others don't know of it
		return Change{}, NoComment()
	}
	switch w.Command.Kind {
	case talk.Edit:
		return r.edit(w, f)
	case talk.Delete:
		return r.remove(w, f)
	case talk.Restore:
		return r.restore(w, f)
	case talk.Pin:
		return r.pin(w)
	}
	if w.Command.On {
		return r.hold(w)
	}
	return r.publish()
}

// MayFlag refuses a flag that makes no sense.
func (r *Record) MayFlag(w *Write, f Facts) error {
	if err := f.May(w); err != nil {
		return err
	}
	switch {
	case r.Seq == 0:
		return NoComment()
	case r.State != talk.Published:
		return gone()
	case r.isOf(w.Person.ID, ""):
		return talk.Refuse(talk.Forbidden, "comment", "This is your own comment. You can delete it.")
	}
	return nil
}

func gone() error {
	return talk.Refuse(talk.Gone, "comment", "This comment has been removed.")
}

// edit changes what a comment says. Where all comments wait for a moderator, so
// does what it says now: else whoever was published once could say anything.
func (r *Record) edit(w *Write, f Facts) (Change, error) {
	window := w.Rules.EditWindow
	switch {
	case !r.isOf(w.Person.ID, ""):
		return Change{}, talk.Refuse(talk.Forbidden, "comment", "Only its author can change this comment.")
	case r.State == talk.Removed:
		return Change{}, gone()
	case window == 0:
		return Change{}, talk.Refuse(talk.Forbidden, "comment", "Comments can't be changed here. You can delete yours and write another.")
	case w.At.Sub(r.At) > window:
		return Change{}, talk.Refuse(talk.Forbidden, "comment", "This comment can't be changed any more: that works for %s after it was written. You can answer it, or delete it.", talk.Span(window))
	case w.Command.Body == r.Body:
		return Change{}, nil
	}
	before := &talk.Revision{Body: r.Body, At: r.EditedAt}
	if before.At.IsZero() {
		before.At = r.At
	}
	r.Body, r.HTML, r.EditedAt = w.Command.Body, w.HTML, toMilli(w.At)
	change := Change{Any: true, Revision: before}
	switch {
	case r.State == talk.Held:
	case w.Rules.Hold == HoldAll && f.Holds(w):
		change.Event, change.More = talk.CommentHeld, -1
		r.hide(talk.Held, w)
		r.By = "" // the site's rules
	default:
		change.Event = talk.CommentEdited
	}
	return change, nil
}

func (r *Record) remove(w *Write, f Facts) (Change, error) {
	own := r.isOf(w.Person.ID, "")
	switch {
	case !own && !f.Effective().Keeps():
		return Change{}, talk.Refuse(talk.Forbidden, "comment", "Only its author can delete this comment.")
	case r.State == talk.Removed:
		return Change{}, nil
	}
	change := Change{Any: true, Forget: true, Settled: true, Deed: !own}
	r.WasHeld = r.State == talk.Held
	if !r.WasHeld {
		change.Event, change.More = talk.CommentRemoved, -1
	}
	r.hide(talk.Removed, w)
	return change, nil
}

// hide puts it out of sight.
func (r *Record) hide(as talk.State, w *Write) {
	r.State, r.By, r.Since, r.Kept, r.Pinned, r.Likes, r.Liked = as, w.Person.ID, toMilli(w.At), true, false, 0, false
}

func (r *Record) restore(w *Write, f Facts) (Change, error) {
	own, keeps := r.isOf(w.Person.ID, ""), f.Effective().Keeps()
	age := w.At.Sub(r.Since)
	switch {
	case !own && !keeps:
		return Change{}, talk.Refuse(talk.Forbidden, "comment", "Only who deleted this comment can bring it back.")
	case r.State != talk.Removed:
		return Change{}, nil
	case !r.Kept, age > RestoreWindow:
		return Change{}, talk.Refuse(talk.Gone, "comment", "What this comment said is no longer kept, so it can't be brought back.")
	case !keeps && r.By != w.Person.ID:
		return Change{}, talk.Refuse(talk.Forbidden, "comment", "Those who keep order here have removed this comment. Only they can bring it back.")
	case !keeps && age > UndoWindow:
		return Change{}, talk.Refuse(talk.Gone, "comment", "This comment can't be brought back any more: that works for %s after it was deleted.", talk.Span(UndoWindow))
	}
	change := Change{Any: true, Deed: !own || r.By != w.Person.ID}
	if r.WasHeld {
		r.State, r.WasHeld, r.By, r.Since = talk.Held, false, w.Person.ID, toMilli(w.At)
		return change, nil
	}
	change.Event, change.More = talk.CommentRestored, 1
	r.show()
	return change, nil
}

// show puts it back into sight.
func (r *Record) show() {
	r.State, r.By, r.Since, r.Kept, r.WasHeld = talk.Published, "", time.Time{}, false, false
}

func (r *Record) pin(w *Write) (Change, error) {
	switch {
	case r.State == talk.Removed:
		return Change{}, gone()
	case r.State == talk.Held:
		return Change{}, talk.Refuse(talk.Invalid, "comment", "This comment is held. Publish it first, then pin it.")
	case r.Parent != "":
		return Change{}, talk.Refuse(talk.Invalid, "comment", "Only a comment that answers no other can be pinned.")
	case r.Pinned == w.Command.On:
		return Change{}, nil
	}
	r.Pinned = w.Command.On
	return Change{Any: true, Event: talk.CommentPinned, Deed: true}, nil
}

func (r *Record) hold(w *Write) (Change, error) {
	switch r.State {
	case talk.Removed:
		return Change{}, gone()
	case talk.Held:
		return Change{}, nil
	case talk.Published:
	}
	r.hide(talk.Held, w)
	return Change{Any: true, Event: talk.CommentHeld, More: -1, Deed: true}, nil
}

// publish ends a hold. Of a comment that is published already it says that it
// is all right as it is: its flags were dealt with.
func (r *Record) publish() (Change, error) {
	switch r.State {
	case talk.Removed:
		return Change{}, talk.Refuse(talk.Gone, "comment", "This comment has been removed. Restore it first.")
	case talk.Published:
		return Change{Settled: true, Deed: true}, nil
	case talk.Held:
	}
	change := Change{Any: true, Event: talk.CommentRestored, More: 1, Settled: true, Deed: true}
	if r.Seq == 0 {
		change.Event = talk.CommentAdded
	}
	r.show()
	return change, nil
}

// toMilli is a time as a store keeps it.
func toMilli(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()).UTC() }

// Badge shows how the authors of comments stand in the site.
func Badge(comments []talk.Comment, of map[string]talk.Role) {
	if len(of) == 0 {
		return
	}
	for i := range comments {
		comments[i].Badge = of[comments[i].Author.ID]
	}
}

// ShowHeld adds to a page of a thread the comments that are held and that who
// reads may see: in their stone's place, or else, on the first page, where a new
// one would stand.
func ShowHeld(v talk.View, held []Record, first bool) talk.View {
	at := make(map[string]int, len(v.Comments))
	for i, c := range v.Comments {
		at[c.ID] = i
	}
	for i := range held {
		r := &held[i]
		if j, here := at[r.ID]; here {
			r.Replies = v.Comments[j].Replies
			v.Comments[j] = r.Comment
		}
	}
	var tree *talk.Tree
	for i := range held { // after it, because these move the others
		if r := &held[i]; r.Seq == 0 && (first || r.Parent != "") {
			if tree == nil {
				tree = talk.NewTree(v)
			}
			tree.Insert(r.Comment)
		}
	}
	if tree == nil {
		return v
	}
	return tree.View()
}
