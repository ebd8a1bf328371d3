package live

import (
	"context"
	"errors"
	"slices"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// errGone means that there is nobody to answer any more.
var errGone = errors.New("the connection has ended")

// join makes the connection a viewer of a thread, since what it has.
func (c *conn) join(q talk.Request) {
	c.leave(q.Thread)
	if len(c.viewing) >= threadsMax {
		endedThreads.Inc()
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
		c.viewing = append(c.viewing, v)
		return
	case errors.Is(err, forum.ErrResync):
		resyncs.Inc()
		c.put(frame(talk.Envelope{Type: talk.TypeResync, Thread: q.Thread}))
	case !errors.Is(err, errGone):
		refused := c.s.refusal("joining", err)
		c.put(frame(talk.Refused{Type: talk.TypeRefused, Thread: q.Thread, Error: refused}))
		if refused.Code == talk.NotFound {
			c.strike()
		}
	}
	c.s.exit(v)
}

// leave undoes a join, if there was one.
func (c *conn) leave(thread string) {
	i := slices.IndexFunc(c.viewing, func(v *viewer) bool { return v.room.thread == thread })
	if i < 0 {
		return
	}
	v := c.viewing[i]
	c.viewing = slices.Delete(c.viewing, i, i+1)
	c.s.exit(v)
	c.box.forget(thread)
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
	now, err := r.s.now(ctx, r.thread, epoch)
	if err != nil {
		r.s.forget(r)
		stop()
		return err
	}
	openRooms.Inc()
	r.mu.Lock()
	r.stop, r.epoch, r.at, r.known = stop, epoch, now.Head, now.Head
	r.recent.restart(now.Head, now.Reactions)
	r.mu.Unlock()
	r.news.open(r)
	return nil
}

// now reads where a thread stands, with its reactions.
func (s *Server) now(ctx context.Context, thread, epoch string) (forum.CatchUp, error) {
	heads, err := s.Forum.Heads(ctx, thread)
	if err != nil {
		return forum.CatchUp{}, err
	}
	at, found := heads[thread]
	if !found {
		return forum.CatchUp{}, talk.Refuse(talk.NotFound, "thread", "There is no such conversation.")
	}
	return s.Forum.CatchUp(ctx, thread, epoch, at.Seq, at.Version)
}

// admit sends a viewer what it has missed, and lets it go live: from what the
// room remembers, else from the store.
func (r *room) admit(v *viewer, q talk.Request) error {
	<-r.opened
	if r.openErr != nil {
		return r.openErr
	}
	if ok, err := r.admitFromRecent(v, q); ok || err != nil {
		return err
	}
	return r.admitFromStore(v, q)
}

// admitFromRecent does it in one go, so that nothing can come in between.
func (r *room) admitFromRecent(v *viewer, q talk.Request) (ok bool, err error) {
	if !v.conn.box.waitForRoom() {
		return false, errGone
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dead {
		return false, forum.ErrResync
	}
	if q.Epoch != r.epoch {
		return false, nil
	}
	joined, missed, ok := r.recent.since(forum.Head{Seq: q.Since, Version: q.Version}, r.at)
	if !ok {
		return false, nil
	}
	joins.Inc()
	joined.Type, joined.Thread, joined.Epoch, joined.Viewers = talk.TypeJoined, r.thread, r.epoch, r.withOneMore()
	frames := [][]byte{frame(joined)}
	for _, e := range missed {
		frames = append(frames, e.frame)
	}
	v.conn.put(frames...)
	r.viewers[v] = struct{}{}
	r.goLiveLocked(v, r.at, joined.Viewers)
	return true, nil
}

// admitFromStore does it without a hole and without a duplicate, because in
// this order the room
//
//	hears of everything after where it stands,
//	holds for the viewer what it hears,
//	reads what the viewer has missed, which reaches at least to where it stood,
//	and sends of what it held only what comes after that.
func (r *room) admitFromStore(v *viewer, q talk.Request) error {
	if !r.add(v) {
		return forum.ErrResync
	}
	ctx, cancel := r.s.patience()
	missed, err := r.s.Forum.CatchUp(ctx, r.thread, q.Epoch, q.Since, q.Version)
	cancel()
	if err != nil {
		return err
	}
	storeJoins.Inc()
	viewers := r.withOneMore()
	joined := talk.Joined{
		Type: talk.TypeJoined, Thread: r.thread, Epoch: q.Epoch, Seq: missed.Seq, Version: missed.Version,
		Reactions: orEmpty(missed.Reactions), Likes: orEmpty(missed.Likes), Viewers: viewers,
	}
	if !v.conn.putPatiently(frame(joined)) {
		return errGone
	}
	for _, e := range missed.Events {
		if !v.conn.putPatiently(r.entry(e).frame) {
			return errGone
		}
	}
	return r.goLive(v, missed.Head, viewers)
}

func (r *room) entry(e talk.Event) entry {
	return entry{e.Seq, e.Kind.Retracts(), frame(talk.Entry{Type: talk.TypeEvent, Thread: r.thread, Event: e})}
}

func orEmpty(m map[string]int) map[string]int {
	if m == nil {
		return map[string]int{}
	}
	return m
}
