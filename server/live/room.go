package live

import (
	"sync"
	"sync/atomic"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

const (
	tallyEvery    = 100 * time.Millisecond
	presenceEvery = time.Second
)

// A room is a thread that has viewers on this node. It stands at a number of
// the log and a version of the tally; what comes next is sent to all viewers.
// Only its own goroutine, which runs while there is news, moves it on.
type room struct {
	s      *Server
	thread string
	users  int // viewers, and those who want to be; guarded by Server.mu
	news   news
	done   chan struct{} // closed by close
	once   sync.Once     // close

	opened  chan struct{} // closed by the first user, when the room listens or can't
	openErr error         // why it can't; written before opened is closed

	viewing atomic.Int64 // live viewers; written with mu held

	mu       sync.Mutex
	stop     func() // ends the subscription
	dead     bool   // everybody was told to read the page again
	epoch    string
	at       forum.Head // where the room stands
	known    forum.Head // how far the store is known to be; beyond at, something was lost
	tally    talk.Tally // counts up to at that have not been sent
	crowd    bool       // viewers came or left since presence was sent
	viewers  map[*viewer]struct{}
	tallies  pace
	presence pace
}

// A viewer is a connection that has the room's thread open. mu of the room
// guards what changes.
type viewer struct {
	conn *conn
	room *room

	live bool
	at   forum.Head // what it has been sent
	told int        // the number of viewers that it has been sent

	// While it is not live yet: what the room has sent meanwhile.
	held      []entry
	heldBytes int
	heldTally talk.Tally
}

// An entry is a log entry's frame.
type entry struct {
	seq   uint64
	frame []byte
}

func newRoom(s *Server, thread string) *room {
	r := &room{s: s, thread: thread, done: make(chan struct{}), opened: make(chan struct{}), viewers: map[*viewer]struct{}{}}
	r.tallies, r.presence = pace{every: tallyEvery}, pace{every: presenceEvery}
	return r
}

// close ends the subscription and the timers.
func (r *room) close() {
	r.once.Do(func() {
		r.news.close()
		close(r.done)
		r.mu.Lock()
		stop := r.stop
		r.tallies.stop()
		r.presence.stop()
		r.mu.Unlock()
		if stop != nil { // else it never opened
			stop()
		}
	})
}

// retire tells all viewers to read the page again, and ends the room: what it
// knows is of another life of the database, or too long ago.
func (r *room) retire() {
	r.s.forget(r)
	r.close()
	resync := frame(talk.Envelope{Type: talk.TypeResync, Thread: r.thread})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dead = true
	for v := range r.viewers {
		if v.live {
			v.conn.put(resync)
		}
	}
	clear(r.viewers)
	r.viewing.Store(0)
}

// add makes the room hold for a viewer what it hears from now on.
func (r *room) add(v *viewer) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.dead {
		r.viewers[v] = struct{}{}
	}
	return !r.dead
}

// goLive sends a viewer who has the thread up to a point what was held for it
// since, and from now on what comes.
func (r *room) goLive(v *viewer, at forum.Head, told int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dead {
		return forum.ErrResync
	}
	v.live, v.at, v.told = true, at, told
	r.sendEntries(v, v.held)
	if t := v.heldTally; t.Version > 0 {
		r.sendTally(v, t, nil)
	}
	v.held, v.heldTally = nil, talk.Tally{}
	r.viewing.Add(1)
	r.crowd = true
	r.news.wake(r)
	return nil
}

func (r *room) remove(v *viewer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, in := r.viewers[v]; !in {
		return
	}
	delete(r.viewers, v)
	if v.live {
		r.viewing.Add(-1)
		r.crowd = true
		r.news.wake(r)
	}
}

// broadcast sends log entries to everybody, with mu held.
func (r *room) broadcast(entries []entry) {
	if len(entries) == 0 {
		return
	}
	frames := make([][]byte, len(entries))
	for i, e := range entries {
		frames[i] = e.frame
	}
	first, last := entries[0].seq, entries[len(entries)-1].seq
	for v := range r.viewers {
		switch {
		case !v.live:
			v.hold(entries)
		case v.at.Seq < first:
			v.at.Seq = last
			v.conn.put(frames...)
		default:
			r.sendEntries(v, entries)
		}
	}
}

// sendEntries sends a viewer those that it doesn't have, with mu held.
func (r *room) sendEntries(v *viewer, entries []entry) {
	var frames [][]byte
	for _, e := range entries {
		if e.seq > v.at.Seq {
			v.at.Seq = e.seq
			frames = append(frames, e.frame)
		}
	}
	if len(frames) > 0 {
		v.conn.put(frames...)
	}
}

// hold keeps entries for a viewer that is not live yet.
func (v *viewer) hold(entries []entry) {
	for _, e := range entries {
		v.heldBytes += len(e.frame)
	}
	v.held = append(v.held, entries...)
	if len(v.held) > waitingFrames || v.heldBytes > waitingBytes {
		v.held, v.heldBytes = nil, 0
		v.conn.fellBehind()
	}
}

// broadcastTally sends the counts that have changed to everybody, with mu held.
func (r *room) broadcastTally() {
	t := r.tally
	r.tally = talk.Tally{}
	shared := frame(talk.Counts{Type: talk.TypeTally, Thread: r.thread, Tally: t})
	for v := range r.viewers {
		if v.live {
			r.sendTally(v, t, shared)
		} else {
			v.heldTally = v.heldTally.Merge(t)
		}
	}
}

// sendTally sends a viewer counts unless it has them, with mu held.
func (r *room) sendTally(v *viewer, t talk.Tally, frame []byte) {
	if t.Version > v.at.Version {
		v.at.Version = t.Version
		v.conn.putTally(r.thread, t, frame)
	}
}

// broadcastPresence tells everybody who doesn't know how many there are, with
// mu held.
func (r *room) broadcastPresence() (sent bool) {
	r.crowd = false
	n := int(r.viewing.Load())
	shared := frame(talk.Presence{Type: talk.TypePresence, Thread: r.thread, Viewers: n})
	for v := range r.viewers {
		if v.live && v.told != n {
			v.told, sent = n, true
			v.conn.putPresence(r.thread, shared)
		}
	}
	return sent
}

// A pace lets something happen at once when it was quiet, and then once in a
// while. mu of its room guards it.
type pace struct {
	every time.Duration
	last  time.Time
	timer *time.Timer
}

// ready says whether it may happen now; if not, wake is called when it may.
func (p *pace) ready(now time.Time, wake func()) bool {
	wait := p.every - now.Sub(p.last)
	if wait <= 0 {
		return true
	}
	if p.timer == nil {
		p.timer = time.AfterFunc(wait, wake)
	} else {
		p.timer.Reset(wait)
	}
	return false
}

func (p *pace) stop() {
	if p.timer != nil {
		p.timer.Stop()
	}
}
