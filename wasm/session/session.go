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

	"folkmoot/app/list"
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
	Base  *list.List      // the thread as the server told it, and comments that it doesn't know yet
	out   []*Deed         // not yet confirmed, in order
	mine  map[string]bool // comments that this page wrote
	late  map[string]bool // roots that came live while pages before them were not here
	lost  *Deed           // the last post of which even the server doesn't know what became
	likes map[string]int  // as they were shown last, of what is in the document
	Known bool            // the server has given this browser a session

	// Sight tells where the screen is, and how high what is in the document, when
	// only a part of the comments can be. Without it all of them are.
	Sight func() Sight
	Ahead bool   // more of them should be, a little later
	goal  string // what is to be brought onto the screen
	far   bool   // that wasn't in the document
	stood bool   // the page stands there, or is about to
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
func New(state ui.State) *Session {
	s := &Session{State: state, mine: map[string]bool{}, late: map[string]bool{}, likes: map[string]int{}, Known: state.Me.ID != ""}
	now := &s.State
	now.Unseen, now.Waiting, now.Keys, now.Moved = map[string]bool{}, map[string]string{}, map[string]string{}, map[string]int{}
	now.Undo, now.Menus = map[string]bool{}, map[string]bool{}
	now.Before, now.Past = map[string]string{}, map[string][]talk.Revision{}
	if now.Boxes == nil {
		now.Boxes = map[string]ui.Box{"": {}}
	}
	s.Base = list.New(now.View, now.Unseen, now.Keeps)
	now.List = s.Base
	s.Show()
	return s
}

// Do shows a deed and puts it in line. One that undoes another which was not
// sent yet takes its place.
func (s *Session) Do(d *Deed) {
	s.out = slices.DeleteFunc(s.out, func(o *Deed) bool { return !o.Sent && sameSwitch(o.Command, d.Command) })
	s.out = append(s.out, d)
	switch c := d.Command; c.Kind {
	case talk.Post:
		s.wait(d)
	case talk.Delete:
		if s.isMine(c.Comment) {
			s.State.Undo[c.Comment] = true
		}
	}
	s.Show()
}

// wait shows a comment before it is on disk.
func (s *Session) wait(d *Deed) {
	id, c := WaitingID(d.Ref), d.Command
	s.State.Waiting[id] = c.Body
	author := talk.Person{ID: s.State.Me.ID, Name: c.Name, Headline: c.Headline}
	s.Base.Wait(talk.Comment{ID: id, Thread: c.Thread, Parent: c.Parent, Author: author, At: d.At, State: talk.Published})
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
	switches := a.Kind == talk.React || a.Kind == talk.Like || a.Kind == talk.Follow || a.Kind == talk.Mute
	return a.Kind == b.Kind && switches && a.Thread == b.Thread && a.Comment == b.Comment && a.Reaction == b.Reaction
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

// TakeBack takes a deed out of the line that is not on its way, and returns it,
// or nil.
func (s *Session) TakeBack(ref string) *Deed {
	if slices.ContainsFunc(s.out, func(d *Deed) bool { return d.Ref == ref && d.Sent }) {
		return nil
	}
	return s.Refused(ref)
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
		t := &s.Base.Thread
		t.Mine = r.Mine
		if r.Version >= t.Version { // else a newer tally has come before
			t.Reactions = withCounts(t.Reactions, r.Reactions)
		}
	case talk.Like:
		if n := s.Base.Find(d.Command.Comment); n != nil && r.Likes != nil && r.Liked != nil {
			n.Comment.Liked = *r.Liked
			if r.Version >= s.Base.Thread.Version {
				n.Comment.Likes = *r.Likes
			}
		}
	case talk.Edit, talk.Delete, talk.Restore, talk.Pin, talk.Hold:
		s.State.Undo[d.Command.Comment] = d.Command.Kind == talk.Delete && s.isMine(d.Command.Comment)
		if r.Comment != nil { // its log entry comes, or has come, by itself; of what is held there is none
			s.Base.Replace(*r.Comment)
		}
	case talk.Lock:
		s.Base.Thread.Locked = d.Command.On
	case talk.Follow, talk.Mute:
		if r.Level != nil {
			s.Base.Thread.Level = *r.Level
		}
	case talk.Appoint, talk.Credit:
		s.rank(d.Command.Comment, r)
	case talk.Post:
		s.posted(d, r.Comment)
	}
	s.Show()
	return d
}

// rank shows how the author of a comment stands now.
func (s *Session) rank(comment string, r talk.Result) {
	of := s.Base.Find(comment)
	if of == nil {
		return
	}
	author := of.Comment.Author.ID
	for n := range s.Base.All() {
		if n.Comment.Author.ID != author {
			continue
		}
		if r.Wrote != nil {
			n.Comment.Wrote = *r.Wrote
		}
		if r.Moderator != nil {
			n.Comment.Badge = map[bool]talk.Role{true: talk.Moderator}[*r.Moderator]
		}
	}
}

// posted puts a comment that is on disk where it waited.
func (s *Session) posted(d *Deed, c *talk.Comment) {
	waiting := WaitingID(d.Ref)
	delete(s.State.Waiting, waiting)
	if c == nil {
		s.Base.Remove(waiting)
		return
	}
	s.State.Me = c.Author
	s.mine[c.ID] = true
	s.State.Keys[c.ID] = waiting
	s.noteLate(*c)
	s.Base.Become(waiting, *c) // its log entry comes, or has come, by itself
	s.Base.Reveal(c.ID)
}

// isMine says whether a comment is the reader's.
func (s *Session) isMine(comment string) bool {
	n := s.Base.Find(comment)
	return n != nil && (s.mine[comment] || n.Comment.Author.ID != "" && n.Comment.Author.ID == s.State.Me.ID)
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
	if d == nil {
		return nil
	}
	switch d.Command.Kind {
	case talk.Post:
		delete(s.State.Waiting, WaitingID(ref))
		s.Base.Remove(WaitingID(ref))
	case talk.Delete:
		delete(s.State.Undo, d.Command.Comment)
		delete(s.State.Before, d.Command.Comment)
	}
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
	own := e.Kind != talk.CommentAdded || s.isOwn(e.Comment)
	s.noteLate(e.Comment)
	s.Base.Apply(e, func() bool { return !own && (s.State.Unseen[e.Comment.Parent] || moves(e.Comment)) })
	s.Show()
	return nil
}

func (s *Session) noteLate(c talk.Comment) {
	if c.Parent == "" && s.Base.Next != "" && s.Base.Sort != talk.Newest && s.Base.Find(c.ID) == nil {
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
	s.Base.Count(t)
	s.Show()
}

// Joined takes where the thread stands.
func (s *Session) Joined(j talk.Joined) {
	s.Base.Thread.Epoch, s.Base.Thread.Viewers = j.Epoch, j.Viewers
	if j.Version > s.Base.Thread.Version {
		s.Base.Count(talk.Tally{Version: j.Version, Reactions: j.Reactions, Likes: j.Likes})
	}
	s.Show()
}

// Renewed replaces the thread by what a page of the server's says now.
func (s *Session) Renewed(now ui.State) {
	now.View.Thread.Viewers = s.Base.Thread.Viewers
	s.Base.Renew(now.View)
	for _, d := range s.out {
		if d.Command.Kind == talk.Post {
			s.wait(d)
		}
	}
	s.Show()
}

// More appends the next page of roots, and returns the first comment that is new
// with it, or empty. A branch that came live has waited at the end for the pages
// before it.
func (s *Session) More(next talk.View) (first string) {
	for _, c := range slices.Backward(next.Comments) {
		if s.Base.Find(c.ID) == nil {
			first = c.ID
		}
	}
	s.Base.Extend(next, func(root string) bool { return s.late[root] || s.State.Waiting[root] != "" })
	for _, c := range next.Comments {
		delete(s.late, c.ID)
	}
	s.Show()
	return first
}

// Fill adds replies that were missing after a comment.
func (s *Session) Fill(comment string, rest talk.View) {
	s.Base.Fill(comment, rest)
	s.Show()
}

// Show makes what is shown: the thread with the unconfirmed deeds on top, and
// which counts have changed by that.
func (s *Session) Show() {
	s.Base.Look()
	s.show(s.parts())
}

func (s *Session) show(parts []list.Part) {
	old := s.State.View.Thread.Reactions
	s.State.View = talk.View{Thread: s.thread(), Sort: s.Base.Sort, Prev: s.Base.Prev, Next: s.Base.Next, Role: s.Base.Role}
	for _, k := range s.State.Kinds {
		if old[k.Kind] != s.State.View.Thread.Reactions[k.Kind] {
			s.State.Moved[k.Kind]++
		}
	}

	s.State.Parts = parts
	likes := make(map[string]int, len(s.State.Parts))
	for i := range s.State.Parts {
		p := &s.State.Parts[i]
		if p.Comment == nil || p.Rest > 0 {
			continue
		}
		p.Comment = s.comment(p.Comment)
		id, n := p.Comment.ID, p.Comment.Likes
		if before, there := s.likes[id]; there && before != n {
			s.State.Moved[id]++
		}
		likes[id] = n
	}
	s.likes = likes
}

// thread is the thread as it is shown.
func (s *Session) thread() talk.Thread {
	t := s.Base.Thread
	t.Reactions = withCounts(t.Reactions, nil)
	t.Mine = slices.Clone(t.Mine)
	for _, d := range s.out {
		c := d.Command
		switch c.Kind {
		case talk.React:
			switch at := slices.Index(t.Mine, c.Reaction); {
			case c.On && at < 0:
				t.Mine = append(t.Mine, c.Reaction)
				t.Reactions[c.Reaction]++
			case !c.On && at >= 0:
				t.Mine = slices.Delete(t.Mine, at, at+1)
				t.Reactions[c.Reaction]--
			}
		case talk.Delete:
			if n := s.Base.Find(c.Comment); n != nil && n.Comment.State != talk.Removed {
				t.Comments--
			}
		case talk.Post:
			t.Comments++
		case talk.Follow, talk.Mute:
			t.Level = Marked(t.Level, c.Kind, c.On)
		}
	}
	return t
}

// Marked is how much somebody wants to hear once they have followed or muted
// something, or don't any more.
func Marked(was talk.Level, do talk.Do, on bool) talk.Level {
	level := map[talk.Do]talk.Level{talk.Follow: talk.Follows, talk.Mute: talk.Mutes}[do]
	switch {
	case on:
		return level
	case was == level:
		return ""
	}
	return was
}

// comment is a comment as it is shown.
func (s *Session) comment(c *talk.Comment) *talk.Comment {
	for _, d := range s.out {
		if d.Command.Comment != c.ID {
			continue
		}
		now := *c
		switch on := d.Command.On; {
		case d.Command.Kind == talk.Like && now.Liked != on:
			now.Liked = on
			now.Likes += map[bool]int{true: 1, false: -1}[on]
		case d.Command.Kind == talk.Delete:
			now.State = talk.Removed
		}
		c = &now
	}
	return c
}

// WaitingID is the id of a comment that has none of its own yet.
func WaitingID(ref string) string { return "ref-" + ref }

// Find returns a comment as it is shown, or nil.
func (s *Session) Find(comment string) *talk.Comment {
	n := s.Base.Find(comment)
	if n == nil {
		return nil
	}
	return s.comment(&n.Comment)
}

// Liked says whether a comment is shown as liked.
func (s *Session) Liked(comment string) bool {
	c := s.Find(comment)
	return c != nil && c.Liked
}

// Reacted says whether a reaction is shown as the reader's.
func (s *Session) Reacted(kind string) bool { return slices.Contains(s.State.View.Thread.Mine, kind) }
