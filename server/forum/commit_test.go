package forum_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// slowDisk makes each commit take as long as an fsync does.
func slowDisk(_ *forum.Config, w *world) { w.store.slow = func() { time.Sleep(5 * time.Millisecond) } }

func TestGroupCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, slowDisk)
		const n = 2000
		seen := make([]bool, n+1)
		var mu sync.Mutex
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() {
				done, err := w.Do(t.Context(), from(fmt.Sprint("p", i), "192.0.2.1"), "r", post("t", "hi"))
				if err != nil || done.Comment == nil || done.Again {
					t.Errorf("%d: %+v, %v", i, done, err)
				}
			})
		}
		all.Wait()
		w.Close()
		batches := w.store.commits()
		if len(batches) > 10 {
			t.Errorf("%d commands took %d commits", n, len(batches))
		}
		for _, b := range batches {
			if len(b) > 512 {
				t.Errorf("a commit of %d writes makes the first wait long", len(b))
			}
		}
		for _, u := range w.bus.updates() {
			mu.Lock()
			for _, e := range u.Events {
				seen[e.Seq] = true
			}
			mu.Unlock()
		}
		if slices.Contains(seen[1:], false) {
			t.Error("a committed comment was not published")
		}
	})
}

func TestLoneWriteWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, slowDisk)
		start := time.Now()
		if _, err := w.Do(t.Context(), ann, "r", post("t", "hi")); err != nil || time.Since(start) != 5*time.Millisecond {
			t.Errorf("%v after %v; want what one commit takes", err, time.Since(start))
		}
		w.Close()
	})
}

func TestDoneMeansCommitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		w := newWorld(t, func(_ *forum.Config, w *world) { w.store.slow = func() { <-gate } })
		answered := false
		go func() {
			_, _ = w.Do(context.Background(), ann, "r", post("t", "hi"))
			answered = true
		}()
		synctest.Wait()
		if answered || len(w.bus.updates()) > 0 {
			t.Error("answered or published before the commit was done")
		}
		close(gate)
		w.Close()
		if synctest.Wait(); !answered || len(w.bus.updates()) != 1 {
			t.Error("not answered or not published after the commit")
		}
	})
}

func TestFailingCommitRefusesAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, slowDisk)
		w.store.failWith(errors.New("secret: disk full at /var/lib"))
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				_, err := w.Do(t.Context(), from(fmt.Sprint("p", i), "192.0.2.1"), "r", post("t", "hi"))
				if r := refusal(err); r == nil || r.Code != talk.Unavailable || r.RetryAfter < 1 || strings.Contains(r.Message, "secret") {
					t.Errorf("got %v, want unavailable and nothing of the cause", err)
				}
			})
		}
		all.Wait()
		if !strings.Contains(w.log.String(), "disk full") {
			t.Error("the log doesn't say what happened")
		}
		if h, err := w.store.Heads(t.Context(), "t"); h["t"].Seq != 0 || err == nil {
			t.Fatal("the fake store doesn't fail")
		}
		w.store.failWith(nil)
		if done, err := w.Do(t.Context(), ann, "r", post("t", "hi")); err != nil || done.Comment == nil {
			t.Errorf("once the disk is well again: %v", err)
		}
		w.Close()
		if sent := w.bus.updates(); len(sent) != 1 || sent[0].Events[0].Seq != 1 {
			t.Errorf("published %+v, want only what was committed", sent)
		}
	})
}

func TestBadCommandFailsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		w := newWorld(t, func(_ *forum.Config, w *world) { w.store.slow = func() { <-gate } })
		var all sync.WaitGroup
		for i := range 20 { // one waits in its commit, the rest share the next
			thread, want := "t", talk.Code("")
			if i%2 == 1 {
				thread, want = "none", talk.NotFound
			}
			all.Go(func() {
				_, err := w.Do(context.Background(), from(fmt.Sprint("p", i), "192.0.2.1"), "", post(thread, "hi"))
				if r := refusal(err); (err == nil) != (want == "") || r != nil && r.Code != want {
					t.Errorf("%d: %v, want %q", i, err, want)
				}
			})
		}
		synctest.Wait()
		close(gate)
		all.Wait()
		w.Close()
		if n := len(w.store.commits()); n > 3 {
			t.Errorf("%d commits: good and bad didn't share one", n)
		}
		seq := uint64(0)
		for _, u := range w.bus.updates() {
			for _, e := range u.Events {
				if seq++; e.Seq != seq || u.Thread != "t" {
					t.Errorf("published %s %d, want t %d", u.Thread, e.Seq, seq)
				}
			}
		}
		if seq != 10 {
			t.Errorf("%d comments published, want 10", seq)
		}
	})
}

// What one commit changed in a thread is one update, in the order of commits,
// also when the bus is slow.
func TestPublishesInCommitOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, slowDisk, func(_ *forum.Config, w *world) {
			w.bus.slow = func() { time.Sleep(3 * time.Millisecond) }
			w.store.threads["u"], w.store.threads["v"] = forum.Head{}, forum.Head{}
		})
		var all sync.WaitGroup
		for i := range 300 {
			all.Go(func() {
				time.Sleep(time.Duration(i%17) * time.Millisecond)
				c := post([]string{"t", "u", "v"}[i%3], "hi")
				if i%4 == 0 {
					c = talk.Command{Kind: talk.React, Thread: c.Thread, Reaction: "like", On: true}
				}
				if _, err := w.Do(t.Context(), from(fmt.Sprint("p", i), "192.0.2.1"), "", c); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		w.Close() // waits for the bus

		var committed, published []entry // by thread within a commit, since one update holds a thread's
		var versions = map[string]uint64{}
		for _, u := range w.bus.updates() {
			if u.Epoch != "life1" {
				t.Errorf("an update of the epoch %q", u.Epoch)
			}
			for _, e := range u.Events {
				published = append(published, entry{u.Thread, e.Seq})
			}
			if u.Tally != nil {
				if u.Tally.Version <= versions[u.Thread] {
					t.Errorf("the tally of %s went from %d to %d", u.Thread, versions[u.Thread], u.Tally.Version)
				}
				versions[u.Thread] = u.Tally.Version
			}
		}
		committed = w.store.order
		if len(published) != len(committed) {
			t.Fatalf("%d comments published, %d committed", len(published), len(committed))
		}
		for _, thread := range []string{"t", "u", "v"} {
			of := func(all []entry) []entry {
				return slices.DeleteFunc(slices.Clone(all), func(e entry) bool { return e.thread != thread })
			}
			if !slices.Equal(of(published), of(committed)) {
				t.Errorf("%s was published as %v", thread, of(published))
			}
			if versions[thread] != w.store.threads[thread].Version {
				t.Errorf("the last tally of %s that was published is %d of %d", thread, versions[thread], w.store.threads[thread].Version)
			}
		}
		// Across threads: nothing of a later commit before anything of an earlier one.
		commit := map[entry]int{}
		next := map[string]uint64{}
		for i, b := range w.store.commits() {
			for _, write := range b {
				if write.Command.Kind == talk.Post {
					next[write.Command.Thread]++
					commit[entry{write.Command.Thread, next[write.Command.Thread]}] = i
				}
			}
		}
		if !slices.IsSortedFunc(published, func(a, b entry) int { return commit[a] - commit[b] }) {
			t.Error("a later commit was published before an earlier one")
		}
		if len(w.store.commits()) < 3 {
			t.Errorf("only %d commits: this proves nothing", len(w.store.commits()))
		}
	})
}

func TestOneUpdateAThreadAndCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		w := newWorld(t, func(_ *forum.Config, w *world) { w.store.slow = func() { <-gate } })
		var all sync.WaitGroup
		do := func(c talk.Command) {
			all.Go(func() { _, _ = w.Do(context.Background(), ann, "", c) })
			synctest.Wait() // so that they stand in this order
		}
		do(post("t", "alone in its commit"))
		do(post("t", "one"))
		do(talk.Command{Kind: talk.React, Thread: "t", Reaction: "like", On: true})
		do(post("t", "two"))
		do(talk.Command{Kind: talk.React, Thread: "t", Reaction: "heart", On: true})
		close(gate)
		all.Wait()
		w.Close()
		sent := w.bus.updates()
		if len(sent) != 2 || len(sent[1].Events) != 2 || sent[1].Tally == nil {
			t.Fatalf("published %+v", sent)
		}
		if got := *sent[1].Tally; got.Version != 2 || got.Reactions["like"] != 1 || got.Reactions["heart"] != 2 {
			t.Errorf("the joined tally is %+v", got)
		}
	})
}

func TestCloseWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, slowDisk, func(_ *forum.Config, w *world) { w.bus.slow = func() { time.Sleep(time.Second) } })
		for range 3 {
			go func() { _, _ = w.Do(context.Background(), ann, "", post("t", "hi")) }()
			synctest.Wait()
		}
		w.Close()
		events := 0
		for _, u := range w.bus.updates() {
			events += len(u.Events)
		}
		if events != 3 {
			t.Errorf("%d of 3 comments were published when Close returned", events)
		}
	})
}

func TestAskerWhoLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, slowDisk)
		ctx, leave := context.WithTimeout(t.Context(), time.Millisecond)
		defer leave()
		if _, err := w.Do(ctx, ann, "r", post("t", "hi")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		done, err := w.Do(t.Context(), ann, "r", post("t", "hi")) // its ref tells
		if err != nil || !done.Again || done.Comment == nil {
			t.Errorf("asked again: %+v, %v", done, err)
		}
		w.Close()
		if n := len(w.bus.updates()); n != 1 {
			t.Errorf("published %d times", n)
		}
	})
}

func TestBusFailureIsNotTheWriters(t *testing.T) {
	w := newWorld(t)
	w.bus.fail = errors.New("redis is gone")
	if _, err := w.Do(t.Context(), ann, "r", post("t", "hi")); err != nil {
		t.Errorf("got %v: it is on disk", err)
	}
	w.Close()
	if !strings.Contains(w.log.String(), "redis is gone") {
		t.Error("the log doesn't say so")
	}
}

func TestRepeatedRefIsNotPublishedAgain(t *testing.T) {
	w := newWorld(t)
	var ids [2]string
	for i := range ids {
		done, err := w.Do(t.Context(), ann, "r", post("t", "hi"))
		if err != nil || done.Again != (i == 1) {
			t.Fatalf("%d: %+v, %v", i, done, err)
		}
		ids[i] = done.Comment.ID
	}
	w.Close()
	if ids[0] != ids[1] || len(w.bus.updates()) != 1 {
		t.Errorf("comments %v, published %d times", ids, len(w.bus.updates()))
	}
}

func TestListenersHearOfCommits(t *testing.T) {
	w := newWorld(t)
	heard := make(chan talk.Update, 2)
	stop, err := w.bus.Subscribe(t.Context(), "t", func(u talk.Update) { heard <- u })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Do(t.Context(), ann, "", post("t", "hi")); err != nil {
		t.Fatal(err)
	}
	if u := <-heard; u.Thread != "t" || len(u.Events) != 1 {
		t.Errorf("heard %+v", u)
	}
	stop()
	w.Close()
}

// A storm of reactions costs a handful of commits a second; whoever reacts in
// quiet waits for nobody, and neither does a comment.
func TestStormOfReactions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const gathering = 50 * time.Millisecond
		w := newWorld(t, slowDisk, func(c *forum.Config, _ *world) { c.Gathering = gathering })
		did := func(person string, c talk.Command) time.Duration {
			start := time.Now()
			if _, err := w.Do(t.Context(), from(person, "192.0.2.1"), "", c); err != nil {
				t.Error(err)
			}
			return time.Since(start)
		}
		like := talk.Command{Kind: talk.React, Thread: "t", Reaction: "like", On: true}
		if d := did("ann", like); d != 5*time.Millisecond {
			t.Errorf("a lone reaction waited %v", d)
		}
		time.Sleep(time.Second)
		before := len(w.store.commits())
		var all sync.WaitGroup
		for i := range 2000 {
			all.Go(func() {
				if d := did(fmt.Sprint("p", i), like); d > gathering+10*time.Millisecond {
					t.Errorf("a reaction waited %v", d)
				}
			})
			time.Sleep(500 * time.Microsecond)
		}
		all.Wait()
		if n := len(w.store.commits()) - before; n < 15 || n > 25 {
			t.Errorf("2,000 reactions in a second took %d commits", n)
		}
		if d := did("bob", post("t", "in between")); d > 10*time.Millisecond {
			t.Errorf("a comment waited %v", d)
		}
		w.Close()
	})
}
