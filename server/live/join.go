package live

import (
	"errors"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// errGone means that there is nobody to answer any more.
var errGone = errors.New("the connection has ended")

// join makes the connection a viewer of a thread, since what it has.
func (c *conn) join(q talk.Request) {
	c.leave(q.Thread)
	if len(c.viewing) >= threadsMax {
		c.end(talk.CloseTooMany, "too many threads")
		return
	}
	r, first := c.s.enter(q.Thread)
	if first {
		r.openErr = r.open()
		close(r.opened)
	}
	v := &viewer{conn: c, room: r}
	switch err := r.admit(v, q); {
	case err == nil:
		if c.viewing == nil {
			c.viewing = map[string]*viewer{}
		}
		c.viewing[q.Thread] = v
		return
	case errors.Is(err, forum.ErrResync):
		c.put(frame(talk.Envelope{Type: talk.TypeResync, Thread: q.Thread}))
	case !errors.Is(err, errGone):
		c.put(frame(talk.Refused{Type: talk.TypeRefused, Thread: q.Thread, Error: c.s.refusal("joining", err)}))
	}
	c.s.exit(v)
}

// leave undoes a join, if there was one.
func (c *conn) leave(thread string) {
	if v := c.viewing[thread]; v != nil {
		delete(c.viewing, thread)
		c.s.exit(v)
		c.box.forget(thread)
	}
}

// enter returns the room of a thread, which stays until exit. Whoever is first
// has to open it.
func (s *Server) enter(thread string) (r *room, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r = s.rooms[thread]
	if r == nil {
		r, first = newRoom(s, thread), true
		s.rooms[thread] = r
	}
	r.users++
	return r, first
}

// exit takes a viewer out; the last one closes the room.
func (s *Server) exit(v *viewer) {
	r := v.room
	r.remove(v)
	s.mu.Lock()
	r.users--
	last := r.users == 0
	if last {
		s.forgetLocked(r)
	}
	s.mu.Unlock()
	if last {
		r.close()
	}
}

// forget sees to it that whoever comes next gets a new room.
func (s *Server) forget(r *room) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetLocked(r)
}

func (s *Server) forgetLocked(r *room) {
	if s.rooms[r.thread] == r {
		delete(s.rooms, r.thread)
	}
}

// open makes the room hear of its thread, and then learns where that stands.
func (r *room) open() error {
	ctx, cancel := r.s.patience()
	defer cancel()
	stop, err := r.s.Bus.Subscribe(ctx, r.thread, r.heard)
	if err != nil {
		r.s.forget(r)
		return err
	}
	epoch := r.s.Forum.Store.Epoch()
	heads, err := r.s.Forum.Heads(ctx, r.thread)
	at, found := heads[r.thread]
	if err == nil && !found {
		err = talk.Refuse(talk.NotFound, "thread", "There is no such conversation.")
	}
	if err != nil {
		r.s.forget(r)
		stop()
		return err
	}
	r.mu.Lock()
	r.stop, r.epoch, r.at, r.known = stop, epoch, at, at
	r.mu.Unlock()
	r.news.open(r)
	return nil
}

// admit sends a viewer what it has missed, and lets it go live. There is no
// hole and no duplicate, because in this order the room
//
//	hears of everything after where it stands,
//	holds for the viewer what it hears,
//	reads what the viewer has missed, which reaches at least to where it stood,
//	and sends of what it held only what comes after that.
func (r *room) admit(v *viewer, q talk.Request) error {
	<-r.opened
	if r.openErr != nil {
		return r.openErr
	}
	if !r.add(v) {
		return forum.ErrResync
	}
	ctx, cancel := r.s.patience()
	missed, err := r.s.Forum.CatchUp(ctx, r.thread, q.Epoch, q.Since, q.Version)
	cancel()
	if err != nil {
		return err
	}
	viewers := int(r.viewing.Load()) + 1
	joined := talk.Joined{
		Type: talk.TypeJoined, Thread: r.thread, Epoch: q.Epoch, Seq: missed.Seq, Version: missed.Version,
		Reactions: orEmpty(missed.Reactions), Likes: orEmpty(missed.Likes), Viewers: viewers,
	}
	if !v.conn.putPatiently(frame(joined)) {
		return errGone
	}
	for _, e := range missed.Events {
		if !v.conn.putPatiently(r.entry(e)) {
			return errGone
		}
	}
	return r.goLive(v, missed.Head, viewers)
}

func (r *room) entry(e talk.Event) []byte {
	return frame(talk.Entry{Type: talk.TypeEvent, Thread: r.thread, Event: e})
}

func orEmpty(m map[string]int) map[string]int {
	if m == nil {
		return map[string]int{}
	}
	return m
}
