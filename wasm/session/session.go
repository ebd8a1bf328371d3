// Package session is what a page of the widget knows and does, without the
// browser: which deeds wait for the server's word, what is shown meanwhile, and
// what becomes of what the server says. It does no I/O, so it is tested without
// a browser.
package session

import (
	"errors"
	"maps"
	"slices"
	"time"

	"folkmoot/app/talk"
	"folkmoot/app/ui"
)

// A Session is what this page knows: the thread as the server last told it, and
// what the reader did that the server has not yet confirmed. What is shown is
// always the one with the other on top, so a deed shows at once, and a refused
// one is gone without having to be undone. Make one
// with [New].
type Session struct {
	State ui.State        // what is shown
	Base  talk.View       // the thread as the server told it
	out   []*Deed         // not yet confirmed, in order
	mine  map[string]bool // comments that this page wrote
	late  map[string]bool // roots that came live while pages before them were not here
	lost  *Deed           // the last post of which even the server doesn't know what became
	Known bool            // the server has given this browser a session
}

// A Deed is a command on its way.
type Deed struct {
	Ref     string       `json:"ref"`
	Command talk.Command `json:"command"`
	At      time.Time    `json:"at"`
	Refused *talk.Error  `json:"refused,omitempty"` // why, if it was sent while no page was open
	Sent    bool         `json:"-"`                 // over the present connection
}

// New starts from the state that the page came with.
func New(s ui.State) *Session {
	s.Unseen, s.Waiting, s.Keys, s.Moved = map[string]bool{}, map[string]string{}, map[string]string{}, map[string]int{}
	s.Undo, s.Menus = map[string]bool{}, map[string]bool{}
	if s.Boxes == nil {
		s.Boxes = map[string]ui.Box{"": {}}
	}
	return &Session{State: s, Base: s.View, mine: map[string]bool{}, late: map[string]bool{}, Known: s.Me.ID != ""}
}

// Do shows a deed and puts it in line. One that undoes another which was not
// sent yet takes its place.
func (s *Session) Do(d *Deed) {
	s.out = slices.DeleteFunc(s.out, func(o *Deed) bool { return !o.Sent && sameSwitch(o.Command, d.Command) })
	s.out = append(s.out, d)
	s.Show()
}

// Lost notes a post that was given back because the server can't tell whether it
// is on disk: its store went away in that moment.
func (s *Session) Lost(d *Deed) { s.lost = d }

// Again returns the ref under which a post is sent that may be there already:
// the same as before if it says the same, so that it is there once; else fresh.
func (s *Session) Again(c talk.Command, fresh string) string {
	lost := s.lost
	s.lost = nil
	if lost != nil && samePost(lost.Command, c) {
		return lost.Ref
	}
	return fresh
}

func samePost(a, b talk.Command) bool {
	return a.Thread == b.Thread && a.Parent == b.Parent && a.Body == b.Body && a.Name == b.Name && a.Headline == b.Headline && slices.Equal(a.Mentions, b.Mentions)
}

func sameSwitch(a, b talk.Command) bool {
	return a.Kind == b.Kind && (a.Kind == talk.React || a.Kind == talk.Like) && a.Thread == b.Thread && a.Comment == b.Comment && a.Reaction == b.Reaction
}

// Unsent are the deeds to send over a connection, in order.
func (s *Session) Unsent() []*Deed {
	return slices.DeleteFunc(slices.Clone(s.out), func(d *Deed) bool { return d.Sent })
}

// Deeds are all that is on its way, in order: what a reload must not lose.
func (s *Session) Deeds() []*Deed { return slices.Clone(s.out) }

// Disconnected means that nobody knows what became of what was sent.
func (s *Session) Disconnected() {
	for _, d := range s.out {
		d.Sent = false
	}
}

// take removes a deed from the line and returns it, or nil.
func (s *Session) take(ref string) *Deed {
	i := slices.IndexFunc(s.out, func(d *Deed) bool { return d.Ref == ref })
	if i < 0 {
		return nil
	}
	d := s.out[i]
	s.out = slices.Delete(s.out, i, i+1)
	return d
}

// Done takes what a deed has changed, and returns it, or nil if there is none.
func (s *Session) Done(ref string, r talk.Result) *Deed {
	d := s.take(ref)
	if d == nil {
		return nil
	}
	switch d.Command.Kind {
	case talk.React:
		s.Base.Thread.Mine = r.Mine
		if r.Version >= s.Base.Thread.Version { // else a newer tally has come before
			s.Base.Thread.Reactions = withCounts(s.Base.Thread.Reactions, r.Reactions)
		}
	case talk.Like:
		s.Base.Comments = slices.Clone(s.Base.Comments)
		for i, c := range s.Base.Comments {
			if c.ID != d.Command.Comment || r.Likes == nil || r.Liked == nil {
				continue
			}
			s.Base.Comments[i].Liked = *r.Liked
			if r.Version >= s.Base.Thread.Version {
				s.Base.Comments[i].Likes = *r.Likes
			}
		}
	case talk.Edit, talk.Delete, talk.Restore, talk.Pin, talk.Hold:
		if r.Comment != nil { // its log entry comes, or has come, by itself; of what is held there is none
			s.Base = talk.Replace(s.Base, *r.Comment)
		}
		s.State.Undo[d.Command.Comment] = d.Command.Kind == talk.Delete && s.isMine(d.Command.Comment)
	case talk.Lock:
		s.Base.Thread.Locked = d.Command.On
	case talk.Post:
		if r.Comment == nil {
			break
		}
		c := *r.Comment
		s.State.Me = c.Author
		s.mine[c.ID] = true
		s.State.Keys[c.ID] = WaitingID(d.Ref)
		delete(s.State.Unseen, c.ID)
		if !Has(s.Base, c.ID) {
			s.noteLate(c)
			s.Base = talk.Insert(s.Base, c) // its log entry comes, or has come, by itself
		}
	}
	s.Show()
	return d
}

// isMine says whether a comment that is shown is the reader's.
func (s *Session) isMine(comment string) bool {
	return slices.ContainsFunc(s.State.View.Comments, func(c talk.Comment) bool {
		return c.ID == comment && (s.mine[comment] || c.Author.ID != "" && c.Author.ID == s.State.Me.ID)
	})
}

func withCounts(all, now map[string]int) map[string]int {
	all = maps.Clone(all)
	if all == nil {
		all = map[string]int{}
	}
	maps.Copy(all, now)
	return all
}

// Refused takes a deed back. The text of a comment is the caller's to give back.
func (s *Session) Refused(ref string) *Deed {
	d := s.take(ref)
	s.Show()
	return d
}

// ErrGap means that log entries are missing: join again since the last one.
var ErrGap = errors.New("log entries are missing")

// Heard takes a log entry. moves says whether showing a comment there would
// move what is on screen; then it waits behind the button.
func (s *Session) Heard(e talk.Event, moves func(talk.Comment) bool) error {
	if e.Seq > s.Base.Thread.Seq+1 {
		return ErrGap
	}
	fresh := e.Seq == s.Base.Thread.Seq+1 && e.Kind == talk.CommentAdded && !Has(s.Base, e.Comment.ID) && !s.isOwn(e.Comment)
	s.noteLate(e.Comment)
	s.Base = talk.Apply(s.Base, e)
	if fresh && Has(s.Base, e.Comment.ID) && (s.State.Unseen[e.Comment.Parent] || moves(e.Comment)) {
		s.State.Unseen[e.Comment.ID] = true
	}
	s.Show()
	return nil
}

func (s *Session) noteLate(c talk.Comment) {
	if c.Parent == "" && s.Base.Next != "" && s.Base.Sort != talk.Newest && !Has(s.Base, c.ID) {
		s.late[c.ID] = true
	}
}

// isOwn says whether the comment is one that waits here to be confirmed: its
// log entry may come before the answer to its sender.
func (s *Session) isOwn(c talk.Comment) bool {
	return s.mine[c.ID] || (c.Author.ID == s.State.Me.ID && slices.ContainsFunc(s.out, func(d *Deed) bool {
		return d.Command.Kind == talk.Post && d.Command.Parent == c.Parent
	}))
}

// Counted takes a tally.
func (s *Session) Counted(t talk.Tally) {
	s.Base = talk.ApplyTally(s.Base, t)
	s.Show()
}

// Joined takes where the thread stands.
func (s *Session) Joined(j talk.Joined) {
	s.Base.Thread.Epoch, s.Base.Thread.Viewers = j.Epoch, j.Viewers
	if j.Version > s.Base.Thread.Version {
		s.Base = talk.ApplyTally(s.Base, talk.Tally{Version: j.Version, Reactions: j.Reactions, Likes: j.Likes})
	}
	s.Show()
}

// Renewed replaces the thread by what a page of the server's says now.
func (s *Session) Renewed(now ui.State) {
	viewers := s.Base.Thread.Viewers
	s.Base = now.View
	s.Base.Thread.Viewers = viewers
	clear(s.State.Unseen)
	s.Show()
}

// More appends the next page of roots. A branch that came live has waited at
// the end for the pages before it.
func (s *Session) More(next talk.View) {
	var paged, late []talk.Comment
	isLate := false
	for _, c := range s.Base.Comments {
		if c.Parent == "" {
			isLate = s.late[c.ID]
		}
		switch {
		case !isLate:
			paged = append(paged, c)
		case !Has(next, c.ID):
			late = append(late, c)
		}
	}
	here := make(map[string]bool, len(paged))
	for _, c := range paged {
		here[c.ID] = true
	}
	fresh := slices.DeleteFunc(slices.Clone(next.Comments), func(c talk.Comment) bool { return here[c.ID] }) // likes may have moved it between pages
	s.Base.Comments = slices.Concat(paged, fresh, late)
	s.Base.Next = next.Next
	s.Show()
}

// Find returns a comment of a view.
func Find(v talk.View, comment string) (c talk.Comment, found bool) {
	i := slices.IndexFunc(v.Comments, func(c talk.Comment) bool { return c.ID == comment })
	if i < 0 {
		return talk.Comment{}, false
	}
	return v.Comments[i], true
}

// Has says whether a view holds a comment.
func Has(v talk.View, comment string) bool {
	_, found := Find(v, comment)
	return found
}

// Show makes what is shown: the thread with the unconfirmed deeds on top, and
// which counts have changed by that.
func (s *Session) Show() {
	old := s.State.View
	v := s.Base
	v.Comments = slices.Clone(v.Comments)
	v.Thread.Reactions = withCounts(v.Thread.Reactions, nil)
	v.Thread.Mine = slices.Clone(v.Thread.Mine)
	clear(s.State.Waiting)
	for _, d := range s.out {
		v = s.overlay(v, d)
	}
	s.State.View = v

	for _, k := range s.State.Kinds {
		if old.Thread.Reactions[k.Kind] != v.Thread.Reactions[k.Kind] {
			s.State.Moved[k.Kind]++
		}
	}
	likes := make(map[string]int, len(old.Comments))
	for _, c := range old.Comments {
		likes[c.ID] = c.Likes
	}
	for _, c := range v.Comments {
		if n, ok := likes[c.ID]; ok && n != c.Likes {
			s.State.Moved[c.ID]++
		}
	}
}

// overlay shows a deed as if it were done.
func (s *Session) overlay(v talk.View, d *Deed) talk.View {
	c := d.Command
	switch c.Kind {
	case talk.React:
		switch at := slices.Index(v.Thread.Mine, c.Reaction); {
		case c.On && at < 0:
			v.Thread.Mine = append(v.Thread.Mine, c.Reaction)
			v.Thread.Reactions[c.Reaction]++
		case !c.On && at >= 0:
			v.Thread.Mine = slices.Delete(v.Thread.Mine, at, at+1)
			v.Thread.Reactions[c.Reaction]--
		}
	case talk.Like:
		for i := range v.Comments {
			if m := &v.Comments[i]; m.ID == c.Comment && m.Liked != c.On {
				m.Liked = c.On
				m.Likes += map[bool]int{true: 1, false: -1}[c.On]
			}
		}
	case talk.Delete:
		for i := range v.Comments {
			if m := &v.Comments[i]; m.ID == c.Comment && m.State != talk.Removed {
				s.State.Undo[m.ID] = s.State.Undo[m.ID] || m.Author.ID == s.State.Me.ID
				m.State = talk.Removed
				v.Thread.Comments--
			}
		}
	case talk.Post:
		id := WaitingID(d.Ref)
		s.State.Waiting[id] = c.Body
		author := talk.Person{ID: s.State.Me.ID, Name: c.Name, Headline: c.Headline}
		v.Thread.Comments++
		v = talk.Insert(v, talk.Comment{ID: id, Thread: v.Thread.ID, Parent: c.Parent, Author: author, At: d.At, State: talk.Published})
	}
	return v
}

// WaitingID is the id of a comment that has none of its own yet.
func WaitingID(ref string) string { return "ref-" + ref }

// Liked says whether a comment is shown as liked.
func (s *Session) Liked(comment string) bool {
	return slices.ContainsFunc(s.State.View.Comments, func(c talk.Comment) bool { return c.ID == comment && c.Liked })
}

// Reacted says whether a reaction is shown as the reader's.
func (s *Session) Reacted(kind string) bool { return slices.Contains(s.State.View.Thread.Mine, kind) }
