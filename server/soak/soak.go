package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"folkmoot/server/testservers"
)

// nodes is how many: one can be gone, and there are still two to differ.
const nodes = 3

// A config says how much of everything.
type config struct {
	program              string
	dir                  string // for the servers' files
	viewers, threads     int
	posters, reactors    int
	postEvery            time.Duration // of each poster
	reactEvery           time.Duration // of each reactor
	calm                 time.Duration // between faults
	redisAway, nodeDown  time.Duration
	frozen, postgresAway time.Duration
}

// A run is one soak under way.
type run struct {
	config
	out     io.Writer
	client  *http.Client
	cluster *testservers.Cluster
	threads []*thread
	viewers []*viewer
	book    book

	quiet     chan struct{} // closed when nobody is to begin anything more
	producers sync.WaitGroup
	watchers  sync.WaitGroup
}

// soak does the whole of it. An error means that it could not be done; what is
// wrong with the product is in the report.
func soak(ctx context.Context, c config, out io.Writer) (rep *report, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &run{config: c, out: out, quiet: make(chan struct{}), client: &http.Client{
		Timeout:   patience,
		Transport: &http.Transport{MaxIdleConnsPerHost: 2 * (c.posters + c.reactors)},
	}}
	defer r.client.CloseIdleConnections()
	r.say("starting PostgreSQL, Redis and %d nodes", nodes)
	r.cluster, err = testservers.StartCluster(ctx, c.dir, c.program, "127.0.0.1:0", nodes, "--rate-limits", "off")
	if err != nil {
		return nil, err
	}
	defer func() {
		cancel()
		r.producers.Wait()
		r.watchers.Wait()
		err = errors.Join(err, r.cluster.Stop())
	}()
	if err := r.begin(ctx); err != nil {
		return nil, err
	}
	if err := r.faults(ctx); err != nil {
		return nil, err
	}
	close(r.quiet)
	r.producers.Wait()
	r.settle(ctx)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return r.report(), nil
}

// begin opens the threads, seats the viewers and sets the producers going.
func (r *run) begin(ctx context.Context) error {
	for i := range r.config.threads {
		t, err := r.open(ctx, i)
		if err != nil {
			return err
		}
		r.threads = append(r.threads, t)
	}
	for i := range r.config.viewers {
		v := newViewer(r, r.threads[i%len(r.threads)])
		r.viewers = append(r.viewers, v)
		r.watchers.Go(func() { v.watch(ctx) })
	}
	r.say("%d viewers come", len(r.viewers))
	if _, err := await(ctx, time.Minute, func() error { return r.allWatch(r.viewers) }); err != nil {
		return err
	}
	r.book.enter("calm", nil)
	for i := range r.posters {
		p, err := newPoster(ctx, r, i)
		if err != nil {
			return err
		}
		r.producers.Go(func() { p.post(ctx) })
	}
	for i := range r.reactors {
		p, err := newReactor(ctx, r, i)
		if err != nil {
			return err
		}
		r.producers.Go(func() { p.react(ctx) })
	}
	return nil
}

// say tells whoever watches the run what happens.
func (r *run) say(format string, args ...any) {
	fmt.Fprintf(r.out, "%s %s\n", time.Now().Format("15:04:05.000"), fmt.Sprintf(format, args...))
}

// await waits until something is so, and returns how long that took, or why it
// isn't so yet when the time is up.
func await(ctx context.Context, within time.Duration, so func() error) (time.Duration, error) {
	began := time.Now()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := so()
		took := time.Since(began)
		if err == nil || took > within {
			return took, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return took, errors.Join(err, context.Cause(ctx))
		}
	}
}

// during lets a phase last.
func during(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
