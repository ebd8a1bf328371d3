package live

import (
	"sync"
	"sync/atomic"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

const (
	tallyEvery  = 100 * time.Millisecond
	entriesEach = 50 * time.Microsecond  // between two broadcasts, for each viewer: a quarter of a core at most
	entriesMost = 100 * time.Millisecond // between two broadcasts, in any crowd
	gapWait     = 50 * time.Millisecond  // for an update that another one has overtaken
)

// A room is a thread that has viewers on this node. It stands at a number of
// the log and a version of the tally; what comes next is sent to all viewers.
// Only its own goroutine, which runs while there is news, moves it on.
//
// In a quiet room, news goes out at once. What follows soon is joined: counts
// into one that is sent ten times a second at most; log entries into one write
// for each viewer, because the kernel takes as long for one entry as for fifty.
type room struct {
	s      *Server
	thread string
	users  int // viewers, and those who want to be; guarded by Server.mu
	news   news
	done   chan struct{} // closed by close
	once   sync.Once     // close

	opened  chan struct{} // closed by the first user, when the room listens or can't
	openErr error         // why it can't; written before opened is closed

	total atomic.Int64 // viewers here and at other nodes; written with mu held
	here  atomic.Int64 // viewers here; written with mu held

	mu         sync.Mutex
	stop       func()        // ends the subscription
	dead       bool          // everybody was told to read the page again
	epoch      string        //
	at         forum.Head    // where the room stands
	known      forum.Head    // how far the store is known to be; beyond at, something was lost
	ahead      []talk.Update // have overtaken what is next
	entries    []entry       // up to at that have not been sent
	tally      talk.Tally    // counts up to at that have not been sent
	recent     recent
	viewing    int // live viewers here
	viewers    map[*viewer]struct{}
	crowd      crowd
	typing     []string // as viewers were told last
	typingNews uint32   // how often that changed

	sending, tallies, presence, gaps pace
	alarm                            *time.Timer // of later; nil until first needed
}

// A viewer is a connection that has the room's thread open. mu of the room
// guards what changes.
type viewer struct {
	conn *conn
	room *room

	at         forum.Head // what it has been sent
	told       int32      // the number of viewers that it has been sent
	toldTyping uint32     // the room's typingNews then
	live       bool

	held *held // nil once it is live
}

// Held is what the room has sent while a viewer was not live yet.
type held struct {
	entries []entry
	bytes   int
	tally   talk.Tally
}

// An entry is a log entry's frame.
type entry struct {
	seq      uint64
	retracts bool
	frame    []byte
}

func newRoom(s *Server, thread string) *room {
	r := &room{s: s, thread: thread, done: make(chan struct{}), opened: make(chan struct{}), viewers: map[*viewer]struct{}{}}
	r.tallies.every, r.gaps.every, r.crowd.ask = tallyEvery, gapWait, true
	return r
}

// close ends the subscription and the timers.
func (r *room) close() {
	r.once.Do(func() {
		r.news.close()
		close(r.done)
		r.mu.Lock()
		stop := r.stop
		for _, p := range []*pace{&r.sending, &r.tallies, &r.presence, &r.gaps, &r.crowd.pace} {
			p.stop()
		}
		if r.alarm != nil {
			r.alarm.Stop()
		}
		r.mu.Unlock()
		if stop != nil { // else it never opened
			stop()
			r.sayGoodbye()
			openRooms.Dec()
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
	resyncs.Inc()
	for v := range r.viewers {
		if v.live {
			v.conn.put(resync)
		}
	}
	clear(r.viewers)
	r.came(-r.viewing)
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
	r.goLiveLocked(v, at, told)
	return nil
}

func (r *room) goLiveLocked(v *viewer, at forum.Head, told int) {
	v.live, v.at, v.told = true, at, int32(told)
	if h := v.held; h != nil {
		r.sendEntries(v, h.entries)
		if h.tally.Version > 0 {
			r.sendTally(v, h.tally, nil)
		}
		v.held = nil
	}
	r.came(1)
	r.news.wake(r)
}

func (r *room) remove(v *viewer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, in := r.viewers[v]; !in {
		return
	}
	delete(r.viewers, v)
	if v.live {
		r.came(-1)
		r.news.wake(r)
	}
}

// broadcast sends the log entries that wait to everybody, with mu held: joined,
// so that the viewers share the bytes of one write.
func (r *room) broadcast() {
	entries := r.entries
	r.entries = nil
	if len(entries) == 0 {
		return
	}
	size := 0
	for _, e := range entries {
		size += len(e.frame)
	}
	joined := entries[0].frame
	if len(entries) > 1 {
		joined = make([]byte, 0, size)
		for _, e := range entries {
			joined = append(joined, e.frame...)
		}
	}
	first, last := entries[0].seq, entries[len(entries)-1].seq
	for v := range r.viewers {
		switch {
		case !v.live:
			v.hold(entries, size)
		case v.at.Seq < first:
			v.at.Seq = last
			v.conn.put(joined)
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
func (v *viewer) hold(entries []entry, size int) {
	h := v.heldSoFar()
	h.entries = append(h.entries, entries...)
	h.bytes += size
	if len(h.entries) > waitingFrames || h.bytes > waitingBytes {
		h.entries, h.bytes = nil, 0
		v.conn.fellBehind()
	}
}

func (v *viewer) heldSoFar() *held {
	if v.held == nil {
		v.held = &held{}
	}
	return v.held
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
			h := v.heldSoFar()
			h.tally = h.tally.Merge(t)
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

// later wakes the room after a time, if nothing does before, with mu held.
func (r *room) later(wait time.Duration) {
	if r.alarm == nil {
		r.alarm = time.AfterFunc(wait, r.wake)
	} else {
		r.alarm.Reset(wait)
	}
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
