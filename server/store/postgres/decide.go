package postgres

import (
	"bytes"
	"errors"
	"slices"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// decide carries the writes out on the state, in order: each sees what those
// before it have done, and one that is refused changes nothing.
func (s *state) decide(writes []forum.Write) []forum.Outcome {
	outcomes := make([]forum.Outcome, len(writes))
	for i := range writes {
		out, err := s.once(&writes[i])
		if err != nil {
			out = forum.Outcome{Err: err}
		}
		outcomes[i] = out
	}
	return outcomes
}

// once carries out a write, unless one with its ref was.
func (s *state) once(w *forum.Write) (out forum.Outcome, err error) {
	if err := holdable(w); err != nil {
		return out, err
	}
	if d, found := s.earlier(w); found {
		return s.again(w, d)
	}
	subject := w.Command.Comment
	switch w.Command.Kind {
	case talk.React:
		subject = w.Command.Thread
		out, err = s.react(w)
	case talk.Post:
		subject = w.ID
		out, err = s.post(w)
	case talk.Like:
		out, err = s.like(w)
	case talk.Delete:
		out, err = s.remove(w)
	default:
		err = talk.Refuse(talk.Malformed, "kind", "Folkmoot knows no command %q.", w.Command.Kind)
	}
	if err != nil {
		return out, err
	}
	at := w.At.UnixMilli()
	if w.Person.Name != "" {
		s.people[w.Person.ID] = signature{w.Person, at}
	}
	for _, scope := range scopes(w) {
		r := ref{scope, w.Ref}
		s.done[r] = done{w.Digest, w.Command.Kind, subject, w.Person.ID, at}
		s.recents = append(s.recents, r)
	}
	return out, nil
}

// holdable refuses what can't be kept as it is: see storable. What only names
// something that isn't there is refused as such.
func holdable(w *forum.Write) error {
	kept := []string{w.Person.ID, w.Person.Name, w.Person.Headline, w.Person.Avatar}
	switch w.Command.Kind {
	case talk.React:
		kept = append(kept, w.Command.Reaction)
	case talk.Post:
		kept = append(kept, w.ID, w.Command.Body, w.HTML)
	}
	if slices.ContainsFunc(kept, func(s string) bool { return !storable(s) }) {
		return talk.Refuse(talk.Invalid, "", "This has characters that can't be kept, such as NUL. Please take them out.")
	}
	return nil
}

// earlier finds what was done under a write's ref.
func (s *state) earlier(w *forum.Write) (done, bool) {
	for _, scope := range scopes(w) {
		if d, found := s.done[ref{scope, w.Ref}]; found {
			return d, true
		}
	}
	return done{}, false
}

// again is the outcome, as it now is, of an earlier write with the ref. It is
// the earlier person's: of somebody Fresh, the asker may be the same under
// another id.
func (s *state) again(w *forum.Write, d done) (out forum.Outcome, err error) {
	if !bytes.Equal(d.digest, w.Digest) || d.kind != w.Command.Kind {
		return out, talk.Refuse(talk.Conflict, "", "This was already sent with another content. Please send it once more, as something new.")
	}
	out.Again = true
	switch d.kind {
	case talk.React:
		t := s.threads[d.subject]
		if t == nil {
			return out, noThread()
		}
		out.Result = s.reacted(t, holder{d.subject, d.person}, w.Command.Reaction)
	case talk.Like:
		if c := s.comments[d.subject]; c != nil {
			out.Result = s.liked(c, d.person)
		}
	default:
		if c := s.comments[d.subject]; c != nil {
			shown := c.shown(s.likes.has(holder{c.id, d.person}, ""))
			out.Result.Comment = &shown
		}
	}
	return out, nil
}

// react sets or takes back a reaction. What is so already changes nothing.
func (s *state) react(w *forum.Write) (out forum.Outcome, err error) {
	c := &w.Command
	t := s.threads[c.Thread]
	if t == nil {
		return out, noThread()
	}
	h := holder{c.Thread, w.Person.ID}
	if s.reactions.turn(h, c.Reaction, c.On, w.At) {
		by := 1
		if !c.On {
			by = -1
		}
		t.counts[c.Reaction] += by
		t.recounted[c.Reaction] = true
		t.version++
		t.changed = true
		out.Thread = c.Thread
		out.Tally = &talk.Tally{Version: t.version, Reactions: map[string]int{c.Reaction: t.counts[c.Reaction]}}
	}
	out.Result = s.reacted(t, h, c.Reaction)
	return out, nil
}

// reacted is the answer to a react.
func (s *state) reacted(t *thread, h holder, kind string) talk.Result {
	return talk.Result{Reactions: t.reactions(kind), Mine: s.reactions.kinds(h), Version: t.version}
}

var errTaken = errors.New("there is a comment of this id already")

// post adds a comment to a thread's log.
func (s *state) post(w *forum.Write) (out forum.Outcome, err error) {
	t := s.threads[w.Command.Thread]
	if t == nil {
		return out, noThread()
	}
	root := ""
	parent := s.comments[w.Command.Parent]
	if w.Command.Parent != "" {
		if root, err = branch(parent, w.Command.Thread); err != nil {
			return out, err
		}
	}
	if s.comments[w.ID] != nil {
		return out, errTaken
	}
	c := &comment{
		id: w.ID, thread: w.Command.Thread, parent: w.Command.Parent, root: root,
		author: w.Person.ID, byline: w.Person, body: w.Command.Body, html: w.HTML,
		at: w.At.UnixMilli(), state: talk.Published, seq: t.seq + 1, added: true,
	}
	s.comments[c.id] = c
	if parent != nil {
		parent.replies++
	}
	shown := c.shown(false)
	out.Result.Comment = &shown
	s.enter(&out, t, talk.CommentAdded, shown, w, 1)
	return out, nil
}

// branch returns the root under which a comment of the thread stands, or why it
// can't be answered.
func branch(parent *comment, thread string) (root string, err error) {
	switch {
	case parent == nil || parent.thread != thread:
		return "", talk.Refuse(talk.NotFound, "parent", "The comment that you answer isn't part of this conversation.")
	case parent.state == talk.Removed:
		return "", talk.Refuse(talk.Gone, "parent", "The comment that you answer has been removed.")
	case parent.root == "":
		return parent.id, nil
	}
	return parent.root, nil
}

// enter enters into a thread's log what became of a comment, by which the
// thread has so many more. An entry carries what is the same for everybody who
// reads it, and no count of replies: their own entries do.
func (s *state) enter(out *forum.Outcome, t *thread, kind talk.EventKind, c talk.Comment, w *forum.Write, more int) {
	at := w.At.UnixMilli()
	t.seq++
	t.more += more
	t.changed = true
	c.Liked, c.Replies = false, 0
	out.Thread = c.Thread
	out.Event = &talk.Event{Seq: t.seq, Kind: kind, At: moment(at), Comment: c}
	s.events = append(s.events, event{c.Thread, t.seq, kind, c.ID, at})
}

// like sets or takes back a like. What is so already changes nothing.
func (s *state) like(w *forum.Write) (out forum.Outcome, err error) {
	c, t := s.find(w.Command.Comment)
	switch {
	case c == nil:
		return out, noComment()
	case c.state == talk.Removed:
		return out, talk.Refuse(talk.Gone, "comment", "This comment has been removed.")
	}
	if s.likes.turn(holder{c.id, w.Person.ID}, "", w.Command.On, w.At) {
		by := 1
		if !w.Command.On {
			by = -1
		}
		t.version++
		t.changed = true
		c.likes += by
		c.likesVersion, c.liked = t.version, true
		out.Thread = c.thread
		out.Tally = &talk.Tally{Version: t.version, Likes: map[string]int{c.id: c.likes}}
	}
	out.Result = s.liked(c, w.Person.ID)
	return out, nil
}

// liked is the answer to a like.
func (s *state) liked(c *comment, person string) (r talk.Result) {
	likes, liked := c.likes, c.state != talk.Removed && s.likes.has(holder{c.id, person}, "")
	r.Likes, r.Liked = &likes, &liked
	if t := s.threads[c.thread]; t != nil {
		r.Version = t.version
	}
	return r
}

// remove takes a comment away: its text and byline are blanked in their only
// place. Who liked it stays known, in case it is restored.
func (s *state) remove(w *forum.Write) (out forum.Outcome, err error) {
	c, t := s.find(w.Command.Comment)
	switch {
	case c == nil:
		return out, noComment()
	case c.author != w.Person.ID:
		return out, talk.Refuse(talk.Forbidden, "comment", "Only its author can delete this comment.")
	}
	if c.state == talk.Removed {
		shown := c.shown(false)
		out.Result.Comment = &shown
		return out, nil
	}
	fewer := 0
	if c.state == talk.Published {
		fewer = -1
	}
	c.state, c.byline, c.body, c.html, c.likes, c.removed = talk.Removed, talk.Person{}, "", "", 0, true
	shown := c.shown(false)
	out.Result.Comment = &shown
	s.enter(&out, t, talk.CommentRemoved, shown, w, fewer)
	return out, nil
}

// find returns a comment and its thread. One that was made after the threads
// were locked isn't there yet.
func (s *state) find(id string) (*comment, *thread) {
	c := s.comments[id]
	if c == nil || s.threads[c.thread] == nil {
		return nil, nil
	}
	return c, s.threads[c.thread]
}

func noComment() error {
	return talk.Refuse(talk.NotFound, "comment", "There is no such comment.")
}
