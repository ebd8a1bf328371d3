package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/testservers"
)

// soon is how long anything may take to be as it should be, before it is wrong.
// What it should take at most is told beside what it took.
const soon = time.Minute

// faults lets it all happen.
func (r *run) faults(ctx context.Context) error {
	for _, fault := range []func(context.Context) error{r.killNode, r.restartRedis, r.freezeNode, r.restartPostgres, r.restartRedis} {
		during(ctx, r.calm)
		if err := fault(ctx); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		r.book.enter("calm", nil)
	}
	during(ctx, r.calm)
	return context.Cause(ctx)
}

// killNode kills a node and starts it again later.
func (r *run) killNode(ctx context.Context) error {
	node := r.cluster.Nodes[0]
	there := r.viewersOf(node)
	r.say("a node is killed, with %d viewers", len(there))
	r.book.enter("node killed", nil)
	killed := time.Now()
	if err := node.Kill(); err != nil {
		return err
	}
	r.expect(ctx, "after a node was killed, its viewers are back elsewhere", 5*time.Second, func() error {
		if still := len(r.viewersOf(node)); still > 0 {
			return fmt.Errorf("%d viewers are with a node that was killed", still)
		}
		return r.allWatch(there)
	})
	r.watchers.Go(func() { // while other things happen; in the end it must be so
		if _, err := await(ctx, soon, r.crowdsAreRight); err == nil {
			r.book.took("after a node was killed, nobody is counted twice", time.Since(killed), 30*time.Second)
		}
	})
	during(ctx, time.Until(killed.Add(r.nodeDown)))
	r.say("it starts again")
	return node.Start(ctx)
}

// restartRedis stops Redis and starts it again later.
func (r *run) restartRedis(ctx context.Context) error {
	r.say("Redis goes")
	r.book.enter("Redis gone", nil)
	back := time.Now().Add(r.redisAway)
	if err := r.cluster.Redis.Stop(); err != nil {
		return err
	}
	r.expect(ctx, "after Redis has gone, every node says so", 0, func() error { return r.eachNode(ctx, degraded) })
	during(ctx, time.Until(back))
	r.say("Redis comes")
	r.book.enter("Redis back", nil)
	if err := r.cluster.Redis.Start(ctx); err != nil {
		return err
	}
	r.expect(ctx, "after Redis is back, every node is as before", 2*time.Second, func() error { return r.eachNode(ctx, well) })
	return nil
}

// freezeNode stops a node's process for a while.
func (r *run) freezeNode(ctx context.Context) error {
	node := r.cluster.Nodes[1]
	there := r.viewersOf(node)
	r.say("a node freezes, with %d viewers", len(there))
	but := map[*viewer]bool{}
	for _, v := range there {
		but[v] = true
	}
	r.book.enter("node frozen", but)
	if err := node.Freeze(); err != nil {
		return err
	}
	during(ctx, r.frozen)
	r.say("it goes on")
	r.book.enter("node thawed", nil)
	if err := node.Thaw(); err != nil {
		return err
	}
	ends := map[*thread]uint64{}
	for _, t := range r.threads {
		t.mu.Lock()
		ends[t] = uint64(len(t.entries))
		t.mu.Unlock()
	}
	r.expect(ctx, "after a node has thawed, its viewers have caught up", 0, func() error {
		for _, v := range there {
			v.mu.Lock()
			seq := v.seq
			v.mu.Unlock()
			if seq < ends[v.t] {
				return fmt.Errorf("a viewer stands at entry %d of %d", seq, ends[v.t])
			}
		}
		return nil
	})
	return nil
}

// restartPostgres stops PostgreSQL and starts it again later. Meanwhile pages
// come from memory, and some viewers' sockets drop, so that they join.
func (r *run) restartPostgres(ctx context.Context) error {
	if err := r.eachNode(ctx, r.pages); err != nil {
		return fmt.Errorf("the pages, before PostgreSQL goes: %w", err)
	}
	r.say("PostgreSQL goes")
	r.book.enter("PostgreSQL gone", nil)
	back := time.Now().Add(r.postgresAway)
	if err := r.cluster.Postgres.Stop(); err != nil {
		return err
	}
	for i := 0; i < len(r.viewers); i += 10 {
		r.viewers[i].drop()
	}
	asked := 0
	for ; time.Now().Before(back) && ctx.Err() == nil; during(ctx, 200*time.Millisecond) {
		if err := r.eachNode(ctx, r.pages); err != nil && ctx.Err() == nil {
			r.book.wrong("while PostgreSQL is gone, a page isn't served from memory: %v", err)
		}
		asked++
	}
	r.book.refusedOnlyAs(string(talk.Unavailable))
	r.say("PostgreSQL comes; meanwhile each node was asked %d times for each page", asked)
	r.book.enter("PostgreSQL back", nil)
	started := time.Now()
	if err := r.cluster.Postgres.Start(ctx); err != nil {
		return err
	}
	r.expect(ctx, "after PostgreSQL is back, posts are acknowledged in every thread", 0, func() error { return r.postedSince(started) })
	r.expect(ctx, "after that, every viewer is live", 0, func() error { return r.allWatch(r.viewers) })
	return nil
}

// expect waits for what must soon be so, and notes how long that took.
func (r *run) expect(ctx context.Context, what string, aim time.Duration, so func() error) {
	took, err := await(ctx, soon, so)
	if err != nil && ctx.Err() == nil {
		r.book.wrong("%s: not within %v: %v", what, soon, err)
		return
	}
	r.book.took(what, took, aim)
}

func (r *run) viewersOf(node *testservers.Server) (there []*viewer) {
	for _, v := range r.viewers {
		if n, live := v.status(); live && n == node.URL {
			there = append(there, v)
		}
	}
	return there
}

func (r *run) postedSince(when time.Time) error {
	for _, t := range r.threads {
		posted := false
		t.mu.Lock()
		for _, at := range t.acked {
			posted = posted || at.After(when)
		}
		t.mu.Unlock()
		if !posted {
			return fmt.Errorf("nothing was acknowledged in %s", t.Page)
		}
	}
	return nil
}

// eachNode asks every node.
func (r *run) eachNode(ctx context.Context, ask func(context.Context, *run, string) error) error {
	for _, n := range r.cluster.Nodes {
		if err := ask(ctx, r, n.URL); err != nil {
			return fmt.Errorf("%s: %w", n.URL, err)
		}
	}
	return nil
}

// degraded wants a node to say that it has no Redis.
func degraded(ctx context.Context, r *run, node string) error { return r.bus(ctx, node, "degraded", 0) }

// well wants it to say that it has.
func well(ctx context.Context, r *run, node string) error { return r.bus(ctx, node, "ready\n", 1) }

func (r *run) bus(ctx context.Context, node, says string, healthy int) error {
	status, text, err := r.text(ctx, node+"/readyz")
	if err != nil {
		return err
	}
	if status != http.StatusOK || !strings.Contains(text, says) {
		return fmt.Errorf("/readyz says %d %q", status, text)
	}
	_, text, err = r.text(ctx, node+"/metrics")
	if want := fmt.Sprintf("\nfolkmoot_bus_healthy %d\n", healthy); err == nil && !strings.Contains(text, want) {
		return fmt.Errorf("/metrics doesn't say %q", strings.TrimSpace(want))
	}
	return err
}

// pages wants all threads' pages, as somebody without a cookie sees them.
func (r *run) pages(ctx context.Context, _ *run, node string) error {
	for _, t := range r.threads {
		status, text, err := r.text(ctx, node+"/embed?page="+url.QueryEscape(t.Page))
		if err != nil {
			return err
		}
		if status != http.StatusOK || !strings.Contains(text, bodyOf("")) {
			return fmt.Errorf("%d, %d bytes: %.300s", status, len(text), text)
		}
	}
	return nil
}
