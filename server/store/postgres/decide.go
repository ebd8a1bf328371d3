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
	case talk.Edit, talk.Delete, talk.Restore, talk.Pin, talk.Hold:
		out, err = s.carry(w)
	case talk.Flag:
		out, err = s.flag(w)
	case talk.Lock:
		subject = w.Command.Thread
		out, err = s.lock(w)
	case talk.Ban, talk.Appoint:
		out, err = s.stand(w)
	case talk.Credit:
		out, err = s.credit(w)
	case talk.Follow, talk.Mute, talk.Seen:
		subject = w.Command.Thread
		out, err = s.forOneself(w)
	default:
		err = talk.Refuse(talk.Malformed, "kind", "Folkmoot knows no command %q.", w.Command.Kind)
	}
	if err != nil {
		return out, err
	}
	at := w.At.UnixMilli()
	if w.Person.Name != "" {
		s.people[w.Person.ID] = signature{w.Person, at}
		if out.Event != nil {
			s.published[w.Person.ID]++
		}
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
	case talk.Post, talk.Edit:
		kept = append(kept, w.ID, w.Command.Body, w.HTML)
	default:
		kept = append(kept, string(w.Command.Reason), w.Command.Text)
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
	case talk.Flag:
		out.Result.Flagged = yes(true)
	case talk.Follow, talk.Mute, talk.Seen:
		out.Result = s.marked(w, d.person)
	case talk.Lock:
		if t := s.threads[d.subject]; t != nil {
			out.Result.Locked = yes(t.locked)
		}
	default:
		c := s.comments[d.subject]
		if c == nil {
			return out, forum.NoComment()
		}
		if d.kind == talk.Ban || d.kind == talk.Appoint {
			out.Result = s.standings[c.Author].Answer(d.kind)
			return out, nil
		}
		if d.kind == talk.Credit {
			out.Result.Wrote = yes(s.wrote(c.Author, c.Thread))
			return out, nil
		}
		r := s.record(c, d.person)
		shown := r.ShownTo(d.person, s.standings[d.person].Effective())
		out.Result.Comment = &shown
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
	if err := s.facts(w, t).May(w); err != nil {
		return out, err
	}
	h := holder{c.Thread, w.Person.ID}
	counted := s.turn(t, h, c.Reaction, c.On, w, nil)
	if c.On && w.Rules.OneReaction {
		for _, other := range s.reactions.kinds(h) {
			if other != c.Reaction {
				counted = s.turn(t, h, other, false, w, counted)
			}
		}
	}
	if len(counted) > 0 {
		t.version++
		t.changed = true
		if heat := forum.ReactionsHeat(c.On && counted[0] == c.Reaction, counted); heat != 0 {
			t.lively = forum.Livelier(t.lively, w.At, heat)
		}
		out.Thread = c.Thread
		out.Tally = &talk.Tally{Version: t.version, Reactions: map[string]int{}}
	}
	out.Result = s.reacted(t, h, c.Reaction)
	for _, kind := range counted {
		out.Tally.Reactions[kind], out.Result.Reactions[kind] = t.counts[kind], t.counts[kind]
	}
	return out, nil
}

// turn sets or takes back a reaction, and adds it to those that are counted anew
// if that changed anything.
func (s *state) turn(t *thread, h holder, kind string, on bool, w *forum.Write, counted []string) []string {
	if !s.reactions.turn(h, kind, on, w.At) {
		return counted
	}
	if on {
		t.counts[kind]++
	} else {
		t.counts[kind]--
	}
	t.recounted[kind] = true
	return append(counted, kind)
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
	facts := s.facts(w, t)
	if err := facts.May(w); err != nil {
		return out, err
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
	c := &comment{Record: forum.NewRecord(w, root, facts)}
	s.comments[c.ID] = c
	s.mention(c.ID, w.Mentions)
	shown := c.ShownTo(w.Person.ID, "")
	out.Result.Comment = &shown
	if c.State != talk.Published {
		c.changed = true
		s.followMine(w, t.seq)
		return out, nil
	}
	c.Seq, c.added = t.seq+1, true
	s.followMine(w, c.Seq)
	if parent != nil {
		parent.Replies++
	}
	s.enter(&out, c.Thread, t, talk.Event{Kind: talk.CommentAdded, Comment: shown}, w, 1)
	s.tellAll(w, &out, c, forum.Change{Event: talk.CommentAdded})
	return out, nil
}

// branch returns the root under which a comment of the thread stands, or why it
// can't be answered.
func branch(parent *comment, thread string) (root string, err error) {
	switch {
	case parent == nil || parent.Thread != thread || parent.Seq == 0:
		return "", talk.Refuse(talk.NotFound, "parent", "The comment that you answer isn't part of this conversation.")
	case parent.State != talk.Published:
		return "", talk.Refuse(talk.Gone, "parent", "The comment that you answer has been removed.")
	case parent.Root == "":
		return parent.ID, nil
	}
	return parent.Root, nil
}

// enter enters into a thread's log what became of it or of a comment, by which
// it has so many more. An entry carries what is the same for everybody who reads
// it, and no count of replies: their own entries do.
func (s *state) enter(out *forum.Outcome, id string, t *thread, e talk.Event, w *forum.Write, more int) {
	at := w.At.UnixMilli()
	t.seq++
	t.more += more
	t.changed = true
	if more != 0 {
		t.lively = forum.Livelier(t.lively, e.Comment.At, float64(more)*forum.CommentHeat)
	}
	e.Seq, e.At = t.seq, moment(at)
	e.Comment.Liked, e.Comment.Replies = false, 0
	out.Thread, out.Event = id, &e
	s.events = append(s.events, event{id, t.seq, e.Kind, e.Comment.ID, at})
}

// like sets or takes back a like. What is so already changes nothing.
func (s *state) like(w *forum.Write) (out forum.Outcome, err error) {
	c, t := s.find(w.Command.Comment)
	switch {
	case c == nil || c.Seq == 0:
		return out, forum.NoComment()
	case c.State != talk.Published:
		return out, talk.Refuse(talk.Gone, "comment", "This comment has been removed.")
	}
	if err := s.facts(w, t).May(w); err != nil {
		return out, err
	}
	if s.likes.turn(holder{c.ID, w.Person.ID}, "", w.Command.On, w.At) {
		by := 1
		if !w.Command.On {
			by = -1
		}
		t.version++
		t.changed = true
		c.Likes += by
		c.likers = c.Likes
		c.likesVersion, c.liked = t.version, true
		out.Thread = c.Thread
		out.Tally = &talk.Tally{Version: t.version, Likes: map[string]int{c.ID: c.Likes}}
		if w.Command.On && c.Author != w.Person.ID {
			s.tell(&out, notice{c.Author, talk.Liked, c.ID}, c.Thread, c.Likes, w.At.UnixMilli())
		}
	}
	out.Result = s.liked(c, w.Person.ID)
	return out, nil
}

// liked is the answer to a like.
func (s *state) liked(c *comment, person string) (r talk.Result) {
	likes, liked := c.Likes, c.State == talk.Published && s.likes.has(holder{c.ID, person}, "")
	r.Likes, r.Liked = &likes, &liked
	if t := s.threads[c.Thread]; t != nil {
		r.Version = t.version
	}
	return r
}

// find returns a comment and its thread. One that was made after the threads
// were locked isn't there yet.
func (s *state) find(id string) (*comment, *thread) {
	c := s.comments[id]
	if c == nil || s.threads[c.Thread] == nil {
		return nil, nil
	}
	return c, s.threads[c.Thread]
}
