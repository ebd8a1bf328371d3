package main

import (
	"context"
	"fmt"
	"time"

	"folkmoot/bench/rig"
)

// Use is who used how much processor time in a while.
type use struct{ took, server, own, others time.Duration }

// begin starts the clock; what it returns stops it.
func (t *target) begin() (end func() use) {
	server, own, all, began := t.CPU(), rig.OwnCPU(), rig.MachineCPU(), time.Now()
	return func() (u use) {
		u.took = time.Since(began)
		u.server, u.own = t.CPU()-server, rig.OwnCPU()-own
		u.others = max(0, rig.MachineCPU()-all-u.server-u.own)
		return u
	}
}

func (u *use) add(v use) {
	u.took += v.took
	u.server += v.server
	u.own += v.own
	u.others += v.others
}

func (u use) cores(d time.Duration) float64 {
	if u.took == 0 {
		return 0
	}
	return d.Seconds() / u.took.Seconds()
}

func (u use) String() string {
	return fmt.Sprintf("%.2f, %.2f, %.2f", u.cores(u.server), u.cores(u.own), u.cores(u.others))
}

// A measured is what one server did in one scenario.
type measured struct {
	server  string
	use     use
	sum     sums
	faults  faults
	rates   []float64       // deliveries a second from a burst's first to its last
	sweeps  []time.Duration // from an entry's first delivery to its last
	born    []time.Duration // from when an entry could be known to each delivery
	sent    []time.Duration // from a post's sending, and
	acked   []time.Duration // its acknowledgement
	rss     resident
	idleCPU time.Duration    // processor time of each viewer's, a second, while nothing happens
	healthy [2]time.Duration // p99 without and with somebody stalled
	stalled string           // what became of them
	healed  time.Duration    // from the last acknowledged reaction to the last viewer's exact tally
	rate    float64          // reactions a second
	reacted int
	perSec  float64 // bytes a viewer and second
}

// collect takes what the watchers have logged since the last reset, once so many
// entries of each thread have come to everybody or can't come any more. Posts
// tell when each was sent; one that was acknowledged and has no entry is missing.
func (m *measured) collect(ctx context.Context, w *watchers, entries int, posts map[*watched][]post) {
	w.with(func() {
		for thread := range posts {
			thread.expected += uint64(entries)
		}
	})
	w.until(ctx, arriveWithin, w.haveAll)
	w.complete()
	w.with(func() {
		m.sum = addSums(m.sum, w.sum)
		for thread, made := range posts {
			if missing := m.take(thread, entries, made); missing != "" {
				w.faults.missed++
				w.faults.note("%s", missing)
			}
		}
	})
}

// take takes what came of one thread.
func (m *measured) take(thread *watched, entries int, posts []post) (missing string) {
	byID := map[string]post{}
	for _, p := range posts {
		if p.id != "" {
			byID[p.id] = p
		}
	}
	first, last := map[int32]int64{}, map[int32]int64{}
	for _, d := range thread.log {
		e := thread.entries[d.entry]
		m.born = append(m.born, time.Duration(d.at-e.born))
		if p, ok := byID[e.id]; ok {
			m.sent = append(m.sent, time.Duration(d.at-p.sent.UnixNano()))
			m.acked = append(m.acked, time.Duration(d.at-p.acked.UnixNano()))
		}
		if _, ok := first[d.entry]; !ok {
			first[d.entry] = d.at
		}
		last[d.entry] = max(last[d.entry], d.at)
	}
	for at, from := range first {
		m.sweeps = append(m.sweeps, time.Duration(last[at]-from))
		delete(byID, thread.entries[at].id)
	}
	if len(first) != entries || len(byID) > 0 {
		return fmt.Sprintf("of %d entries %d came, and %d acknowledged comments never did", entries, len(first), len(byID))
	}
	return ""
}

// arriveWithin bounds how long a delivery is waited for.
const arriveWithin = 30 * time.Second

// haveAll says whether all who are still there have all that is expected.
func (w *watchers) haveAll() bool {
	for _, v := range w.all {
		if !v.closed && v.next <= v.in.base+v.in.expected {
			return false
		}
	}
	return true
}

// span is from the first delivery since the last reset to the last.
func (t *watched) span() (d time.Duration) {
	if len(t.log) == 0 {
		return 0
	}
	first, last := t.log[0].at, t.log[0].at
	for _, d := range t.log {
		first, last = min(first, d.at), max(last, d.at)
	}
	return time.Duration(last - first)
}

func addSums(a, b sums) sums {
	return sums{a.deliveries + b.deliveries, a.tallies + b.tallies, a.frames + b.frames, a.reads + b.reads, a.bytes + b.bytes}
}

// perDelivery is the server's processor time, in microseconds.
func (m *measured) perDelivery() float64 {
	return m.use.server.Seconds() * 1e6 / float64(max(1, m.sum.deliveries))
}

func (m *measured) each(n int) float64 { return float64(n) / float64(max(1, m.sum.deliveries)) }

// latency is from when a comment was sent, the product's commit included; in a
// hub's burst, from its publication.
func (m *measured) latency() []time.Duration {
	if len(m.sent) > 0 {
		return m.sent
	}
	return m.born
}

// isStored checks that the store has what the viewers have.
func (m *measured) isStored(t *target, w *watchers) error {
	if !t.folkmoot() {
		return nil
	}
	for i := range t.threads {
		now, err := t.open(i)
		if err != nil {
			return err
		}
		w.with(func() {
			in := w.threads[now.ID]
			if last := in.base + uint64(len(in.entries)); now.Seq != last {
				w.faults.missed++
				w.faults.note("the store's log ends with %d, the viewers' with %d", now.Seq, last)
			}
			for _, v := range w.all {
				if v.in == in && !v.closed && !v.agrees(now) {
					w.faults.altered++
					w.faults.note("the store has %v as of %d, a viewer %v as of %d", now.Reactions, now.Version, v.counts.reactions, v.version)
				}
			}
		})
	}
	return nil
}

// agrees says whether a viewer has the store's tally.
func (v *viewer) agrees(t talkThread) bool {
	if v.version != t.Version {
		return false
	}
	for _, kind := range talkKinds {
		if v.counts.reactions[kind] != t.Reactions[kind] {
			return false
		}
	}
	return true
}
