package live

import (
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

const (
	newsMax     = 1024 // updates that wait for a room; more are as good as lost, and read from the store
	aheadMax    = 256  // updates that wait for one that they have overtaken
	repairWait  = 100 * time.Millisecond
	repairWaits = 5 * time.Second // at most, after failures in a row
)

// news is what a room has been told and has not looked at. Telling never
// blocks; it starts the room's goroutine when none runs.
type news struct {
	mu      sync.Mutex
	isOpen  bool // the room knows where it stands, and is not closed
	closed  bool
	working bool // the room's goroutine runs
	poked   bool // there is something to look at besides updates
	updates []talk.Update
	known   forum.Head // how far the store is known to be
}

// heard is called by the bus.
func (r *room) heard(u talk.Update) {
	n := &r.news
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.closed:
		return
	case len(n.updates) < newsMax:
		n.updates = append(n.updates, u)
	default:
		n.known = further(n.known, headOf(u))
	}
	n.start(r)
}

// learn is called with where the store says that the thread stands.
func (n *news) learn(r *room, h forum.Head) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known = further(n.known, h)
	n.start(r)
}

func (n *news) wake(r *room) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.start(r)
}

func (n *news) open(r *room) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.isOpen = !n.closed
	n.start(r)
}

func (n *news) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.isOpen, n.closed, n.updates = false, true, nil
}

// start pokes the room's goroutine, with mu held.
func (n *news) start(r *room) {
	n.poked = true
	if n.isOpen && !n.working {
		n.working = true
		r.s.others.Go(r.work)
	}
}

// next hands the room's goroutine what is new, or ends it if there is nothing
// and the room is not behind.
func (n *news) next(behind bool) (updates []talk.Update, known forum.Head, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.isOpen || (!n.poked && !behind) {
		n.working = false
		return nil, forum.Head{}, false
	}
	updates, known = n.updates, n.known
	n.updates, n.known, n.poked = nil, forum.Head{}, false
	return updates, known, true
}

// work is the room's goroutine. While it reads from the store, updates wait;
// when it has read them, too, they are duplicates.
func (r *room) work() {
	behind, failures := false, 0
	for {
		updates, known, ok := r.news.next(behind)
		if !ok {
			return
		}
		var tell *talk.Update
		behind, tell = r.take(updates, known)
		if tell != nil {
			r.publish(tell)
		}
		switch {
		case !behind:
		case r.repair():
			failures = 0
		default:
			failures++
			r.rest(failures)
		}
	}
}

// take sends on what is next and due. It says whether the store must be read,
// and returns what the other nodes are to be told.
func (r *room) take(updates []talk.Update, known forum.Head) (behind bool, tell *talk.Update) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known = further(r.known, known)
	for _, u := range updates {
		switch {
		case u.Epoch != r.epoch: // of another life: the comparison with the store finds out whose
		case u.Crowd != nil:
			r.hear(*u.Crowd, now)
		default:
			r.ahead = append(r.ahead, u)
		}
	}
	behind = r.advance(now)
	if len(r.entries) > 0 {
		r.sending.every = min(time.Duration(len(r.viewers))*entriesEach, entriesMost)
		if r.sending.ready(now, r.wake) {
			r.broadcast()
			r.sending.last = now
		}
	}
	tell = r.meet(now)
	behind = behind || r.known.Seq > r.at.Seq
	switch {
	case r.known.Version <= r.at.Version && r.tally.Version == 0, !r.tallies.ready(now, r.wake):
	case r.known.Version > r.at.Version:
		behind = true
	default:
		r.broadcastTally()
		r.tallies.last = now
	}
	return behind, tell
}

// advance moves the room on by all that is next, whichever way round it came:
// the nodes that write to a thread tell of it each in its own time. It reports
// whether something has been missing for too long, with mu held.
func (r *room) advance(now time.Time) (behind bool) {
	for moved := true; moved; {
		moved = false
		rest := r.ahead[:0]
		for _, u := range r.ahead {
			was := r.at
			done := r.apply(u)
			moved = moved || r.at != was
			if !done {
				rest = append(rest, u)
			}
		}
		clear(r.ahead[len(rest):])
		r.ahead = rest
		moved = moved && len(rest) > 0
	}
	switch {
	case len(r.ahead) == 0:
		r.ahead, r.gaps.last = nil, time.Time{}
	case len(r.ahead) > aheadMax:
		for _, u := range r.ahead {
			r.known = further(r.known, headOf(u))
		}
		r.ahead = nil
	case r.gaps.last.IsZero():
		r.gaps.last = now
		r.gaps.ready(now, r.wake)
	default:
		behind = r.gaps.ready(now, r.wake)
	}
	return behind
}

// apply takes what is next of an update, and says whether nothing is left of
// it, with mu held.
func (r *room) apply(u talk.Update) (done bool) {
	for _, e := range u.Events {
		if e.Seq == r.at.Seq+1 {
			r.at.Seq++
			r.log(r.entry(e))
			r.spoke(e.Comment.Author.ID)
		}
	}
	// A tally says only what has changed: one that doesn't follow the last may
	// leave out what a lost one said.
	if t := u.Tally; t != nil && u.Since <= r.at.Version && t.Version > r.at.Version {
		r.at.Version = t.Version
		r.tally = r.tally.Merge(*t)
		r.recent.count(*t)
	}
	h := headOf(u)
	return h.Seq <= r.at.Seq && h.Version <= r.at.Version
}

// log adds the next entry to what is to be sent, with mu held.
func (r *room) log(e entry) {
	r.entries = append(r.entries, e)
	r.recent.add(e)
}

func (r *room) wake() { r.news.wake(r) }

// repair reads, once for all viewers, what the room has missed.
func (r *room) repair() (ok bool) {
	r.mu.Lock()
	epoch, at := r.epoch, r.at
	r.mu.Unlock()
	ctx, cancel := r.s.patience()
	defer cancel()
	missed, err := r.s.Forum.CatchUp(ctx, r.thread, epoch, at.Seq, at.Version)
	if errors.Is(err, forum.ErrResync) {
		r.retire()
		return true
	}
	if err != nil {
		if r.s.ctx.Err() == nil {
			r.s.Log.Warn("a room can't catch up; it tries again", "thread", r.thread, "error", err)
		}
		return false
	}
	repairs.Inc()
	entries := make([]entry, 0, len(missed.Events))
	for _, e := range missed.Events {
		entries = append(entries, r.entry(e))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if missed.Version > at.Version {
		t := talk.Tally{Version: missed.Version, Reactions: missed.Reactions, Likes: missed.Likes}
		r.tally = r.tally.Merge(t)
		r.recent.count(t)
	}
	r.at, r.known = missed.Head, missed.Head
	for _, e := range entries {
		r.log(e)
	}
	return true
}

// rest waits longer after each failure, but no longer than the room lives.
func (r *room) rest(failures int) {
	wait := min(repairWait<<min(failures-1, 10), repairWaits)
	timer := time.NewTimer(wait/2 + rand.N(wait))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.done:
	}
}

func further(a, b forum.Head) forum.Head {
	return forum.Head{Seq: max(a.Seq, b.Seq), Version: max(a.Version, b.Version)}
}

func headOf(u talk.Update) (h forum.Head) {
	h.Seq = u.Seq
	if n := len(u.Events); n > 0 {
		h.Seq = max(h.Seq, u.Events[n-1].Seq)
	}
	if u.Tally != nil {
		h.Version = u.Tally.Version
	}
	return h
}
