package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"folkmoot/bench/rig"
)

const (
	commentBytes = 160 // of a comment's text
	burstOf      = 100
	threadsMany  = 500
	viewersEach  = 10
)

// watch runs do with a server and its viewers, and sees to it that nothing went
// wrong and the store agrees.
func (b *bench) watch(ctx context.Context, server string, threads, sockets int, before func(*target) error, do func(*target, *watchers, *measured) error) (m *measured, err error) {
	m = &measured{server: server}
	err = b.with(ctx, server, threads, func(t *target) error {
		if before != nil {
			if err := before(t); err != nil {
				return err
			}
		}
		w, err := newWatchers(speechOf(server), t.threads)
		if err != nil {
			return err
		}
		defer w.close()
		if err := w.connect(ctx, t, sockets); err != nil {
			return err
		}
		if err := do(t, w, m); err != nil {
			return err
		}
		if err := m.isStored(t, w); err != nil {
			return err
		}
		w.with(func() { m.faults = w.faults })
		return nil
	})
	return m, err
}

// Resident is memory in bytes for each viewer, beyond what the server had
// before: as it is, and after all garbage was given back, where a child can.
type resident struct{ before, beforeGC, idle, idleGC, loaded, loadedGC int }

// look reads memory in kB.
func (t *target) look(asIs, collected *int) error {
	*asIs = t.Memory("VmRSS")
	ok, err := t.collect()
	if ok && err == nil {
		*collected = t.Memory("VmRSS")
	}
	return err
}

func (b *bench) idle(ctx context.Context, server string) (*measured, error) {
	return b.idleOn(ctx, server, 1, b.sockets, burstOf)
}

func (b *bench) idleThreads(ctx context.Context, server string) (*measured, error) {
	threads := b.size(threadsMany, threadsMany/10)
	return b.idleOn(ctx, server, threads, threads*viewersEach, 2)
}

// idleOn measures memory before and after comments to every thread, three
// times so many at once.
func (b *bench) idleOn(ctx context.Context, server string, threads, sockets, comments int) (*measured, error) {
	var r resident
	var p *posters
	before := func(t *target) (err error) {
		if p, err = t.posters(comments); err != nil {
			return err
		}
		if err := warm(ctx, t); err != nil {
			return err
		}
		return t.look(&r.before, &r.beforeGC)
	}
	defer func() {
		if p != nil {
			p.close()
		}
	}()
	return b.watch(ctx, server, threads, sockets, before, func(t *target, w *watchers, m *measured) error {
		end := t.begin()
		if err := rig.Sleep(ctx, b.settle); err != nil {
			return err
		}
		if err := t.look(&r.idle, &r.idleGC); err != nil {
			return err
		}
		quiet := t.begin()
		if err := rig.Sleep(ctx, b.settle); err != nil {
			return err
		}
		idling := quiet()
		m.idleCPU = time.Duration(float64(idling.server) / idling.took.Seconds() / float64(sockets))
		for range 3 {
			w.reset()
			posts := map[*watched][]post{}
			for _, thread := range t.threads {
				made, err := p.burst(ctx, thread.ID, comments, commentBytes)
				if err != nil {
					return err
				}
				posts[w.threads[thread.ID]] = made
			}
			m.collect(ctx, w, comments, posts)
		}
		if err := rig.Sleep(ctx, b.settle); err != nil {
			return err
		}
		m.use = end()
		err := t.look(&r.loaded, &r.loadedGC)
		m.rss = r.each(sockets)
		return err
	})
}

// warm has some viewers come and go, so that what the server reads of its own
// program for them isn't counted as theirs.
func warm(ctx context.Context, t *target) error {
	w, err := newWatchers(speechOf(t.name), t.threads)
	if err != nil {
		return err
	}
	err = w.connect(ctx, t, 50)
	w.close()
	if err != nil {
		return err
	}
	return rig.Sleep(ctx, time.Second)
}

// each is in bytes for each viewer.
func (r resident) each(viewers int) resident {
	of := func(after, before int) int {
		if after == 0 {
			return 0 // wasn't measured
		}
		return (after - before) * 1024 / viewers
	}
	return resident{
		idle: of(r.idle, r.before), idleGC: of(r.idleGC, r.beforeGC),
		loaded: of(r.loaded, r.before), loadedGC: of(r.loadedGC, r.beforeGC),
	}
}

// burst is 100 comments to everyone at once.
func (b *bench) burst(ctx context.Context, server string) (*measured, error) {
	return b.watch(ctx, server, 1, b.sockets, nil, func(t *target, w *watchers, m *measured) error {
		p, err := t.posters(burstOf)
		if err != nil {
			return err
		}
		defer p.close()
		thread := w.threads[t.threads[0].ID]
		for range b.size(5, 2) {
			if err := rig.Sleep(ctx, b.settle/2); err != nil {
				return err
			}
			w.reset()
			end := t.begin()
			posts, err := p.burst(ctx, thread.ID, burstOf, commentBytes)
			if err != nil {
				return err
			}
			m.collect(ctx, w, burstOf, map[*watched][]post{thread: posts})
			m.use.add(end())
			w.with(func() {
				if span := thread.span(); span > 0 {
					m.rates = append(m.rates, float64(len(thread.log))/span.Seconds())
				}
			})
		}
		return nil
	})
}

const (
	steadyRate    = 100
	steadyViewers = 1000
	steadyPosters = 16
)

// steady is 100 comments a second for a while.
func (b *bench) steady(ctx context.Context, server string) (*measured, error) {
	return b.watch(ctx, server, 1, b.size(steadyViewers, steadyViewers/5), nil, func(t *target, w *watchers, m *measured) error {
		return b.pace(ctx, t, w, m, b.size(5, 2)*steadyRate, commentBytes, time.Second/steadyRate)
	})
}

// lone is a comment now and then.
func (b *bench) lone(ctx context.Context, server string) (*measured, error) {
	return b.watch(ctx, server, 1, b.sockets, nil, func(t *target, w *watchers, m *measured) error {
		return b.pace(ctx, t, w, m, b.size(20, 5), commentBytes, 500*time.Millisecond)
	})
}

// pace posts comments at a rate.
func (b *bench) pace(ctx context.Context, t *target, w *watchers, m *measured, n, size int, every time.Duration) error {
	p, err := t.posters(steadyPosters)
	if err != nil {
		return err
	}
	defer p.close()
	if err := rig.Sleep(ctx, b.settle/2); err != nil {
		return err
	}
	w.reset()
	thread := w.threads[t.threads[0].ID]
	end := t.begin()
	posts, err := p.steadily(ctx, n, size, every)
	if err != nil {
		return err
	}
	m.collect(ctx, w, n, map[*watched][]post{thread: posts})
	m.use = end()
	return nil
}

// A mix is what -threads, -comments, -reactions and -for say.
type mix struct {
	threads, comments, reactions int // the latter a second
	lasts                        time.Duration
}

// mixed is comments and reactions on many threads at the same time.
func (b *bench) mixed(ctx context.Context, server string) (*measured, error) {
	threads := min(b.mix.threads, b.sockets)
	return b.watch(ctx, server, threads, b.sockets, nil, func(t *target, w *watchers, m *measured) error {
		p, err := t.posters(steadyPosters)
		if err != nil {
			return err
		}
		defer p.close()
		people, err := t.reactors(ctx, reactors)
		if err != nil {
			return err
		}
		defer leave(people)
		if err := rig.Sleep(ctx, b.settle/2); err != nil {
			return err
		}
		w.reset()
		each := max(1, int(float64(b.mix.comments)*b.mix.lasts.Seconds())/threads)
		end := t.begin()
		var posts []post
		var failed error
		var posting sync.WaitGroup
		posting.Go(func() {
			posts, failed = p.steadily(ctx, each*threads, commentBytes, b.mix.lasts/time.Duration(each*threads))
		})
		heal, err := m.storm(ctx, t, people, b.mix.reactions, b.mix.lasts)
		posting.Wait()
		if err = errors.Join(err, failed); err != nil {
			return err
		}
		heal(ctx, w)
		byThread := map[*watched][]post{}
		for i, made := range posts {
			in := w.threads[t.threads[i%threads].ID]
			byThread[in] = append(byThread[in], made)
		}
		m.collect(ctx, w, each, byThread)
		m.use = end()
		m.perSec = float64(m.sum.bytes) / float64(len(w.all)) / m.use.took.Seconds()
		return t.counted(people)
	})
}
