package postgres

import (
	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// facts are what forum wants to know of a write to a thread.
func (s *state) facts(w *forum.Write, t *thread) forum.Facts {
	f := forum.Facts{Standing: s.standings[w.Person.ID], Wrote: s.wrote(w.Person.ID, w.Command.Thread), Trusted: s.trusted[w.Person.ID]+s.published[w.Person.ID] > 0}
	if t != nil {
		f.Locked = t.locked
	}
	return f
}

// record is all that is kept of a comment, as a person sees it.
func (s *state) record(c *comment, person string) forum.Record {
	r := c.Record
	r.Badge, r.Wrote = s.standings[r.Author].Effective(), s.wrote(r.Author, r.Thread)
	r.Liked = r.State == talk.Published && s.likes.has(holder{r.ID, person}, "")
	return r
}

func (s *state) wrote(person, thread string) bool {
	return s.credits[credit{person, ""}] || s.credits[credit{person, thread}]
}

// credit notes that the author of a comment wrote the article, or didn't.
func (s *state) credit(w *forum.Write) (out forum.Outcome, err error) {
	if err := s.facts(w, nil).May(w); err != nil {
		return out, err
	}
	c, _ := s.find(w.Command.Comment)
	if c == nil {
		return out, forum.NoComment()
	}
	k := credit{c.Author, c.Credited(w)}
	if s.credits[k] != w.Command.On {
		s.credits[k], s.credited[k] = w.Command.On, true
		s.note(w, k.thread, c.ID, c.Author)
	}
	out.Result.Wrote = yes(s.wrote(c.Author, c.Thread))
	return out, nil
}

// carry carries out an edit, a removal, a restoration, a pin or a hold.
func (s *state) carry(w *forum.Write) (out forum.Outcome, err error) {
	c, t := s.find(w.Command.Comment)
	if c == nil {
		return out, forum.NoComment()
	}
	facts := s.facts(w, t)
	change, err := c.Carry(w, facts)
	if err != nil {
		return out, err
	}
	c.changed = c.changed || change.Any
	before := s.mentions[c.ID]
	if change.Revision != nil {
		s.mention(c.ID, w.Mentions)
	}
	switch change.Event {
	case talk.CommentAdded:
		c.Seq, c.added = t.seq+1, true
		if parent := s.comments[c.Parent]; parent != nil {
			parent.Replies++
		}
	case talk.CommentRestored:
		s.relike(c, t, &out)
	}
	r := s.record(c, w.Person.ID)
	if change.Event != "" {
		s.enter(&out, c.Thread, t, talk.Event{Kind: change.Event, Comment: r.Shown()}, w, change.More)
	}
	s.conclude(w, c, change)
	s.concern(w, &out, c, change, before)
	shown := r.ShownTo(w.Person.ID, facts.Effective())
	out.Result.Comment = &shown
	return out, nil
}

// conclude does what else comes of a change.
func (s *state) conclude(w *forum.Write, c *comment, change forum.Change) {
	if change.More != 0 {
		s.published[c.Author] += change.More
	}
	if change.Revision != nil {
		s.revisions = append(s.revisions, revision{c.ID, *change.Revision})
	}
	if change.Forget {
		s.forgotten[c.ID] = true
		kept := s.revisions[:0]
		for _, v := range s.revisions {
			if v.comment != c.ID {
				kept = append(kept, v)
			}
		}
		s.revisions = kept
	}
	if change.Settled {
		s.settled[c.ID] = true
		for k, f := range s.flags {
			if k.subject == c.ID {
				f.settled = true
				s.flags[k] = f
			}
		}
	}
	if change.Deed {
		s.note(w, c.Thread, c.ID, c.Author)
	}
}

// relike shows again who likes a comment that comes back: a removed one has no
// likes that show, but they are not forgotten.
func (s *state) relike(c *comment, t *thread, out *forum.Outcome) {
	if c.Likes = c.likers; c.Likes == 0 {
		return
	}
	t.version++
	t.changed = true
	c.likesVersion, c.liked = t.version, true
	out.Tally = &talk.Tally{Version: t.version, Likes: map[string]int{c.ID: c.Likes}}
}

// note writes down what was done to keep order.
func (s *state) note(w *forum.Write, thread, comment, subject string) {
	s.deeds = append(s.deeds, deed{
		at: w.At.UnixMilli(), person: w.Person.ID, role: s.standings[w.Person.ID].Effective(), kind: w.Command.Kind, on: w.Command.On,
		thread: thread, comment: comment, subject: subject, why: w.Command.Text,
	})
}

// flag notes what somebody has against a comment, in place of what they had.
func (s *state) flag(w *forum.Write) (out forum.Outcome, err error) {
	c, t := s.find(w.Command.Comment)
	if c == nil {
		return out, forum.NoComment()
	}
	if err := c.MayFlag(w, s.facts(w, t)); err != nil {
		return out, err
	}
	s.flags[holder{c.ID, w.Person.ID}] = flagging{w.Command.Reason, w.Command.Text, w.At.UnixMilli(), false}
	out.Result.Flagged = yes(true)
	return out, nil
}

// lock closes a thread to more comments, or opens it again.
func (s *state) lock(w *forum.Write) (out forum.Outcome, err error) {
	t := s.threads[w.Command.Thread]
	if t == nil {
		return out, noThread()
	}
	if err := s.facts(w, t).May(w); err != nil {
		return out, err
	}
	out.Result.Locked = yes(w.Command.On)
	if t.locked == w.Command.On {
		return out, nil
	}
	t.locked = w.Command.On
	e := talk.Event{Kind: talk.ThreadLocked, Thread: &talk.ThreadNow{ID: w.Command.Thread, Locked: t.locked}}
	s.enter(&out, w.Command.Thread, t, e, w, 0)
	s.note(w, w.Command.Thread, "", "")
	return out, nil
}

// stand changes how the author of a comment stands: ban and appoint.
func (s *state) stand(w *forum.Write) (out forum.Outcome, err error) {
	facts := s.facts(w, nil)
	if err := facts.May(w); err != nil {
		return out, err
	}
	c, _ := s.find(w.Command.Comment)
	if c == nil {
		return out, forum.NoComment()
	}
	was := s.standings[c.Author]
	now, result, err := facts.Stand(w, c.Author, was)
	if err != nil {
		return out, err
	}
	out.Result = result
	if now != was {
		s.standings[c.Author] = now
		s.restood[c.Author] = true
		s.note(w, c.Thread, c.ID, c.Author)
	}
	return out, nil
}

func yes(b bool) *bool { return &b }
