package main

import (
	"errors"
	"maps"
	"slices"
	"time"

	"folkmoot/app/talk"
	"folkmoot/app/ui"
)

// A session is what this page knows: the thread as the server last told it, and
// what the reader did that the server has not yet confirmed. What is shown is
// always the one with the other on top, so a deed shows at once, and a refused
// one is gone without having to be undone. It does no I/O.
type session struct {
	state ui.State
	base  talk.View       // as the server told it
	out   []*deed         // not yet confirmed, in order
	mine  map[string]bool // comments that this page wrote
	known bool            // the server has given this browser a session
}

// A deed is a command on its way.
type deed struct {
	Ref     string       `json:"ref"`
	Command talk.Command `json:"command"`
	At      time.Time    `json:"at"`
	sent    bool         // over the present connection
}

func newSession(s ui.State) *session {
	s.Unseen, s.Waiting, s.Keys, s.Moved = map[string]bool{}, map[string]string{}, map[string]string{}, map[string]int{}
	if s.Boxes == nil {
		s.Boxes = map[string]ui.Box{"": {}}
	}
	return &session{state: s, base: s.View, mine: map[string]bool{}, known: s.Me.ID != ""}
}

// do shows a deed and puts it in line. One that undoes another which was not
// sent yet takes its place.
func (s *session) do(d *deed) {
	s.out = slices.DeleteFunc(s.out, func(o *deed) bool { return !o.sent && sameSwitch(o.Command, d.Command) })
	s.out = append(s.out, d)
	s.show()
}

func sameSwitch(a, b talk.Command) bool {
	return a.Kind == b.Kind && a.Kind != talk.Post && a.Thread == b.Thread && a.Comment == b.Comment && a.Reaction == b.Reaction
}

// unsent are the deeds to send over a connection, in order.
func (s *session) unsent() []*deed {
	return slices.DeleteFunc(slices.Clone(s.out), func(d *deed) bool { return d.sent })
}

// posts are the comments on their way: what a reload must not lose.
func (s *session) posts() []*deed {
	return slices.DeleteFunc(slices.Clone(s.out), func(d *deed) bool { return d.Command.Kind != talk.Post })
}

// disconnected means that nobody knows what became of what was sent.
func (s *session) disconnected() {
	for _, d := range s.out {
		d.sent = false
	}
}

// take removes a deed from the line and returns it, or nil.
func (s *session) take(ref string) *deed {
	i := slices.IndexFunc(s.out, func(d *deed) bool { return d.Ref == ref })
	if i < 0 {
		return nil
	}
	d := s.out[i]
	s.out = slices.Delete(s.out, i, i+1)
	return d
}

// done takes what a deed has changed.
func (s *session) done(ref string, r talk.Result) {
	d := s.take(ref)
	if d == nil {
		return
	}
	switch d.Command.Kind {
	case talk.React:
		s.base.Thread.Reactions, s.base.Thread.Mine = withCounts(s.base.Thread.Reactions, r.Reactions), r.Mine
	case talk.Like:
		s.base.Comments = slices.Clone(s.base.Comments)
		for i, c := range s.base.Comments {
			if c.ID == d.Command.Comment && r.Likes != nil {
				s.base.Comments[i].Likes, s.base.Comments[i].Liked = *r.Likes, r.Liked
			}
		}
	case talk.Post:
		if r.Comment == nil {
			break
		}
		c := *r.Comment
		s.state.Me = c.Author
		s.mine[c.ID] = true
		s.state.Keys[c.ID] = waitingID(d.Ref)
		delete(s.state.Unseen, c.ID)
		if !has(s.base, c.ID) {
			s.base = talk.Insert(s.base, c) // its log entry comes, or has come, by itself
		}
	}
	s.show()
}

func withCounts(all, now map[string]int) map[string]int {
	all = maps.Clone(all)
	if all == nil {
		all = map[string]int{}
	}
	maps.Copy(all, now)
	return all
}

// refused takes a deed back. The text of a comment is the caller's to give back.
func (s *session) refused(ref string) *deed {
	d := s.take(ref)
	s.show()
	return d
}

// errGap means that log entries are missing: join again since the last one.
var errGap = errors.New("log entries are missing")

// heard takes a log entry. moves says whether showing a comment there would
// move what is on screen; then it waits behind the button.
func (s *session) heard(e talk.Event, moves func(talk.Comment) bool) error {
	if e.Seq > s.base.Thread.Seq+1 {
		return errGap
	}
	fresh := e.Seq == s.base.Thread.Seq+1 && e.Kind == talk.CommentAdded && !has(s.base, e.Comment.ID) && !s.isOwn(e.Comment)
	s.base = talk.Apply(s.base, e)
	if fresh && has(s.base, e.Comment.ID) && (s.state.Unseen[e.Comment.Parent] || moves(e.Comment)) {
		s.state.Unseen[e.Comment.ID] = true
	}
	s.show()
	return nil
}

// isOwn says whether the comment is one that waits here to be confirmed: its
// log entry may come before the answer to its sender.
func (s *session) isOwn(c talk.Comment) bool {
	return s.mine[c.ID] || (c.Author.ID == s.state.Me.ID && slices.ContainsFunc(s.out, func(d *deed) bool {
		return d.Command.Kind == talk.Post && d.Command.Parent == c.Parent
	}))
}

// counted takes a tally.
func (s *session) counted(t talk.Tally) {
	s.base = talk.ApplyTally(s.base, t)
	s.show()
}

// joined takes where the thread stands.
func (s *session) joined(j talk.Joined) {
	s.base.Thread.Epoch, s.base.Thread.Viewers = j.Epoch, j.Viewers
	if j.Version > s.base.Thread.Version {
		s.base = talk.ApplyTally(s.base, talk.Tally{Version: j.Version, Reactions: j.Reactions, Likes: j.Likes})
	}
	s.show()
}

// renewed replaces the thread by what a page of the server's says now.
func (s *session) renewed(now ui.State) {
	viewers := s.base.Thread.Viewers
	s.base = now.View
	s.base.Thread.Viewers = viewers
	clear(s.state.Unseen)
	s.show()
}

// more appends the next page of roots.
func (s *session) more(next talk.View) {
	s.base.Comments = slices.Clone(s.base.Comments)
	for _, c := range next.Comments {
		if !has(s.base, c.ID) {
			s.base.Comments = append(s.base.Comments, c)
		}
	}
	s.base.Next = next.Next
	s.show()
}

func has(v talk.View, comment string) bool {
	return slices.ContainsFunc(v.Comments, func(c talk.Comment) bool { return c.ID == comment })
}

// show makes what is shown: the thread with the unconfirmed deeds on top, and
// which counts have changed by that.
func (s *session) show() {
	old := s.state.View
	v := s.base
	v.Comments = slices.Clone(v.Comments)
	v.Thread.Reactions = withCounts(v.Thread.Reactions, nil)
	v.Thread.Mine = slices.Clone(v.Thread.Mine)
	clear(s.state.Waiting)
	for _, d := range s.out {
		v = s.overlay(v, d)
	}
	s.state.View = v

	for _, k := range s.state.Kinds {
		if old.Thread.Reactions[k.Kind] != v.Thread.Reactions[k.Kind] {
			s.state.Moved[k.Kind]++
		}
	}
	likes := make(map[string]int, len(old.Comments))
	for _, c := range old.Comments {
		likes[c.ID] = c.Likes
	}
	for _, c := range v.Comments {
		if n, ok := likes[c.ID]; ok && n != c.Likes {
			s.state.Moved[c.ID]++
		}
	}
}

// overlay shows a deed as if it were done.
func (s *session) overlay(v talk.View, d *deed) talk.View {
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
	case talk.Post:
		id := waitingID(d.Ref)
		s.state.Waiting[id] = c.Body
		author := talk.Person{ID: s.state.Me.ID, Name: c.Name, Headline: c.Headline}
		v = talk.Insert(v, talk.Comment{ID: id, Thread: v.Thread.ID, Parent: c.Parent, Author: author, At: d.At, State: talk.Published})
	}
	return v
}

// waitingID is the id of a comment that has none of its own yet.
func waitingID(ref string) string { return "ref-" + ref }

// liked and reacted say what is shown, which a switch turns over.
func (s *session) liked(comment string) bool {
	return slices.ContainsFunc(s.state.View.Comments, func(c talk.Comment) bool { return c.ID == comment && c.Liked })
}

func (s *session) reacted(kind string) bool { return slices.Contains(s.state.View.Thread.Mine, kind) }
