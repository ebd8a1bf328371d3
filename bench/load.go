package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"folkmoot/bench/rig"
)

// An operation is what a client does over and over. It checks its answer and
// names it.
type operation func() (answer string, err error)

// A load is what some clients did in a while, each waiting for its answer
// before it goes on.
type load struct {
	answers map[string]int
	ops     int
	took    time.Duration
	waited  []time.Duration // one each
	server  time.Duration   // processor time
	own     time.Duration
	others  time.Duration // of everybody else on the machine
}

const (
	warming = iota
	measuring
	stopping
)

// drive runs one goroutine for each client: a warm-up, then the window. The
// connections are closed when ctx ends, so that nobody waits on.
func (b *bench) drive(ctx context.Context, what string, s *rig.Server, clients []operation, conns []io.Closer) (*load, error) {
	fmt.Fprintf(os.Stderr, "%s …", what)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(ctx, func() { closeAll(conns) })()
	var phase atomic.Int32
	var counted atomic.Int64
	var group sync.WaitGroup
	parts := make([]load, len(clients))
	for i, do := range clients {
		group.Go(func() {
			if err := parts[i].work(do, &phase, &counted); err != nil {
				cancel(fmt.Errorf("client %d of %d: %w", i+1, len(clients), err))
			}
		})
	}
	l := &load{answers: map[string]int{}}
	err := l.measure(ctx, b.window, s, &phase, func() bool { return counted.Load() >= int64(len(clients)) })
	phase.Store(stopping)
	group.Wait()
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr)
		return nil, err
	}
	for _, p := range parts {
		l.waited = append(l.waited, p.waited...)
		for name, n := range p.answers {
			l.answers[name] += n
		}
	}
	l.ops = len(l.waited)
	fmt.Fprintf(os.Stderr, " %.0f/s\n", l.rate())
	if l.ops == 0 {
		return nil, errors.New("nothing was answered within the window")
	}
	return l, nil
}

// work counts what begins and ends within the window.
func (l *load) work(do operation, phase *atomic.Int32, counted *atomic.Int64) error {
	l.answers = map[string]int{}
	for {
		before := phase.Load()
		if before == stopping {
			return nil
		}
		began := time.Now()
		name, err := do()
		if err != nil {
			return err
		}
		if before == measuring && phase.Load() == measuring {
			l.waited = append(l.waited, time.Since(began))
			l.answers[name]++
			counted.Add(1)
		}
	}
}

// measure opens the window, and closes it in time; later, if that isn't enough.
func (l *load) measure(ctx context.Context, window time.Duration, s *rig.Server, phase *atomic.Int32, enough func() bool) error {
	runtime.GC() // not in the window
	if err := rig.Sleep(ctx, window/4); err != nil {
		return err
	}
	server, own, all, began := s.CPU(), rig.OwnCPU(), rig.MachineCPU(), time.Now()
	phase.Store(measuring)
	err := rig.Sleep(ctx, window)
	for err == nil && !enough() && time.Since(began) < window+10*time.Second {
		err = rig.Sleep(ctx, 10*time.Millisecond)
	}
	phase.Store(stopping)
	l.took = time.Since(began)
	l.server, l.own = s.CPU()-server, rig.OwnCPU()-own
	l.others = max(0, rig.MachineCPU()-all-l.server-l.own)
	return err
}

// cores is how many were busy with so much processor time.
func (l *load) cores(d time.Duration) float64 { return d.Seconds() / l.took.Seconds() }

func (l *load) rate() float64 { return float64(l.ops) / l.took.Seconds() }

// loadHead is over the rows that cells makes.
var loadHead = []string{"per second", "p50", "p99", "server's CPU", "generator's CPU", "cores: server, generator, others", "answers"}

func (l *load) cells() []string {
	each := func(d time.Duration) string {
		us := d.Seconds() * 1e6 / float64(l.ops)
		if us >= 100 {
			return rig.Count(int(us+.5)) + " µs"
		}
		return fmt.Sprintf("%.1f µs", us)
	}
	return []string{
		"**" + rig.Count(int(l.rate())) + "**", rig.MS(rig.Percentile(l.waited, 50)), rig.MS(rig.Percentile(l.waited, 99)),
		each(l.server), each(l.own), fmt.Sprintf("%.2f, %.2f, %.2f", l.cores(l.server), l.cores(l.own), l.cores(l.others)), rig.Tallied(l.answers),
	}
}

func loadTable(title, first string) *rig.Table {
	return &rig.Table{Title: title, Head: append([]string{first}, loadHead...)}
}

func closeAll(conns []io.Closer) {
	for _, c := range conns {
		_ = c.Close() // nothing was promised to it
	}
}

// quietly measures, and if it was asked for again while others disturb it. The
// last try counts; the table tells.
func (b *bench) quietly(ctx context.Context, measure func() (*load, error)) (l *load, err error) {
	for try := 1; ; try++ {
		if err := b.untilQuiet(ctx); err != nil {
			return nil, err
		}
		if l, err = measure(); err != nil || !b.quiet || rig.Quiet(l.cores(l.others)) || try == rig.QuietTries {
			return l, err
		}
		fmt.Fprintf(os.Stderr, "  others used %.2f cores: once more\n", l.cores(l.others))
	}
}

// addLoad adds a row, and says so if the machine wasn't quiet.
func addLoad(t *rig.Table, first string, l *load) {
	t.Add(append([]string{first}, l.cells()...)...)
	if others := l.cores(l.others); !rig.Quiet(others) {
		t.Note("**%s: other programs used %.2f cores meanwhile. Not to be quoted.**", first, others)
	}
}
