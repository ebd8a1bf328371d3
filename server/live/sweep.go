package live

import (
	"maps"
	"slices"
	"time"

	"folkmoot/server/forum"
)

const (
	beat         = time.Second
	silenceBeats = 5 // a connection's silence is looked at every so many beats
)

// sweep is the one goroutine that looks after all connections and rooms.
func (s *Server) sweep() {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for beats := 0; ; {
		select {
		case <-s.ctx.Done():
			return
		case <-s.check:
			s.compare()
			s.compareInboxes()
		case now := <-ticker.C:
			beats++
			s.ping(beats % len(s.conns))
			s.hangUp(beats%silenceBeats, now)
			if beats%max(1, int(s.CompareEvery/beat)) == 0 {
				s.compare()
			}
			if beats%int(crowdRefresh/beat) == 0 {
				s.refresh(now)
			}
			s.tellCrowds(now)
			if beats%int(inboxesEvery/beat) == 0 {
				s.compareInboxes()
			}
		}
	}
}

// ping pings the connections of one slot: each beat another, so that they don't
// all wake up at once.
func (s *Server) ping(slot int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for c := range s.conns[slot] {
		c.put(ping)
	}
}

// hangUp ends the connections that have been silent, or not read, for too long,
// in every slot whose turn it is.
func (s *Server) hangUp(first int, now time.Time) {
	limit, stuck := now.Add(-silenceMax).UnixNano(), now.Add(-writeWait).UnixNano()
	s.mu.RLock()
	defer s.mu.RUnlock()
	for slot := first; slot < len(s.conns); slot += silenceBeats {
		for c := range s.conns[slot] {
			if c.heardAt.Load() <= limit {
				endedSilent.Inc()
				c.net.SetReadDeadline(past)
			}
			if since := c.writingAt.Load(); since != 0 && since <= stuck && c.writingAt.CompareAndSwap(since, 0) {
				endedStuck.Inc()
				c.net.SetWriteDeadline(past)
			}
		}
	}
}

// compare finds the rooms that have missed their last update, unless it is
// still at it.
func (s *Server) compare() {
	if !s.comparing.CompareAndSwap(false, true) {
		return
	}
	s.others.Go(func() {
		defer s.comparing.Store(false)
		s.compareRooms()
	})
}

func (s *Server) compareRooms() {
	s.mu.RLock()
	rooms := slices.Collect(maps.Values(s.rooms))
	threads := slices.Collect(maps.Keys(s.rooms))
	s.mu.RUnlock()
	if len(rooms) == 0 {
		return
	}
	ctx, cancel := s.patience()
	defer cancel()
	epoch := s.Forum.Store.Epoch()
	heads, err := s.Forum.Heads(ctx, threads...)
	if err != nil {
		return // logged by the forum; there is a next time
	}
	for _, r := range rooms {
		r.compare(epoch, heads[r.thread])
	}
}

// refresh sees to it that nodes know each other's viewers.
func (s *Server) refresh(now time.Time) {
	s.mu.RLock()
	rooms := slices.Collect(maps.Values(s.rooms))
	s.mu.RUnlock()
	for _, r := range rooms {
		r.refresh(now)
	}
}

// compare looks whether the room is behind the store.
func (r *room) compare(epoch string, h forum.Head) {
	r.mu.Lock()
	mine, at := r.epoch, r.at
	r.mu.Unlock()
	switch {
	case mine == "": // not open yet
	case mine != epoch:
		r.retire()
	case h.Seq > at.Seq || h.Version > at.Version:
		r.news.learn(r, h)
	}
}
