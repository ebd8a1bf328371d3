package forum_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

func TestCatchUp(t *testing.T) {
	w := newWorld(t)
	defer w.Close()
	for i := range forum.CatchUpMax + 1 {
		w.store.events["long"] = append(w.store.events["long"], talk.Event{Seq: uint64(i + 1)})
	}
	w.store.threads["long"] = forum.Head{Seq: forum.CatchUpMax + 1, Version: 9}
	const end = forum.CatchUpMax + 1

	tests := []struct {
		name           string
		thread, epoch  string
		since, version uint64
		events         int
		resync         bool
	}{
		{"nothing missed", "long", "life1", end, 9, 0, false},
		{"one entry", "long", "life1", end - 1, 9, 1, false},
		{"an old tally", "long", "life1", end, 3, 0, false},
		{"as many as may be", "long", "life1", 1, 0, forum.CatchUpMax, false},
		{"one too many", "long", "life1", 0, 9, 0, true},
		{"an entry of the future", "long", "life1", end + 1, 9, 0, true},
		{"a tally of the future", "long", "life1", end, 10, 0, true},
		{"another life", "long", "life0", end, 9, 0, true},
		{"no life", "long", "", end, 9, 0, true},
		{"from the start", "t", "life1", 0, 0, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := w.CatchUp(t.Context(), tt.thread, tt.epoch, tt.since, tt.version)
			if errors.Is(err, forum.ErrResync) != tt.resync || !tt.resync && err != nil {
				t.Fatalf("got %v, want resync %v", err, tt.resync)
			}
			if len(got.Events) != tt.events || !tt.resync && got.Head != w.store.threads[tt.thread] {
				t.Errorf("%d entries and the head %v, want %d", len(got.Events), got.Head, tt.events)
			}
			if w.store.asked > forum.CatchUpMax+1 {
				t.Errorf("asked the store for %d entries", w.store.asked)
			}
		})
	}

	w.store.failWith(errors.New("secret"))
	_, err := w.CatchUp(t.Context(), "long", "life1", 0, 0)
	wantCode(t, err, talk.Unavailable)
	w.store.failWith(talk.Refuse(talk.NotFound, "thread", "none"))
	_, err = w.CatchUp(t.Context(), "none", "life1", 0, 0)
	wantCode(t, err, talk.NotFound)
}

func TestHead(t *testing.T) {
	w := newWorld(t)
	defer w.Close()
	_, err := w.Head(t.Context(), "none")
	wantCode(t, err, talk.NotFound)
	if h, err := w.Head(t.Context(), "t"); err != nil || h != (forum.Head{}) {
		t.Errorf("%v, %v", h, err)
	}
	for _, c := range []talk.Command{post("t", "hi"), {Kind: talk.React, Thread: "t", Reaction: "like", On: true}, post("t", "ho")} {
		if _, err := w.Do(t.Context(), ann, "", c); err != nil {
			t.Fatal(err)
		}
	}
	w.store.failWith(errors.New("secret")) // from memory from here on
	if h, err := w.Head(t.Context(), "t"); err != nil || h != (forum.Head{Seq: 2, Version: 1}) {
		t.Errorf("after two comments and a reaction: %v, %v", h, err)
	}
	_, err = w.Head(t.Context(), "none")
	wantCode(t, err, talk.Unavailable)
	_, err = w.View(t.Context(), ann, "t", forum.Query{})
	wantCode(t, err, talk.Unavailable)
}

// Other nodes write, too: what is known grows old, but is better than nothing.
func TestHeadGrowsOld(t *testing.T) {
	w := newWorld(t, func(c *forum.Config, _ *world) { c.HeadLife = time.Second })
	defer w.Close()
	head := func(want forum.Head) {
		t.Helper()
		if h, err := w.Head(t.Context(), "t"); err != nil || h != want {
			t.Errorf("%v, %v; want %v", h, err, want)
		}
	}
	head(forum.Head{})
	w.store.mu.Lock()
	w.store.threads["t"] = forum.Head{Seq: 9, Version: 4} // another node was at work
	w.store.mu.Unlock()
	head(forum.Head{})
	w.clock.move(time.Second)
	head(forum.Head{Seq: 9, Version: 4})
	w.store.failWith(errors.New("secret"))
	w.clock.move(time.Hour)
	head(forum.Head{Seq: 9, Version: 4})
}

// A read that began before a commit and ends after it must not take the head
// back: pages that are cached under it would be old.
func TestHeadNeverGoesBack(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		if _, err := w.Do(t.Context(), ann, "", post("t", "hi")); err != nil {
			t.Fatal(err)
		}
	}
	w.store.mu.Lock()
	w.store.threads["t"] = forum.Head{Seq: 1} // what a late read saw
	w.store.mu.Unlock()
	if _, err := w.View(t.Context(), ann, "t", forum.Query{}); err != nil {
		t.Fatal(err)
	}
	if h, err := w.Head(t.Context(), "t"); err != nil || h.Seq != 3 {
		t.Errorf("%v, %v; want 3", h, err)
	}
	w.store.mu.Lock()
	w.store.threads["t"] = forum.Head{Seq: 9, Version: 4} // another node was at work
	w.store.mu.Unlock()
	if _, err := w.View(t.Context(), ann, "t", forum.Query{}); err != nil {
		t.Fatal(err)
	}
	if h, err := w.Head(t.Context(), "t"); err != nil || h != (forum.Head{Seq: 9, Version: 4}) {
		t.Errorf("%v, %v; want what the read found", h, err)
	}
	w.Close()
}

func TestHeadNeverGoesBackWhileBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, slowDisk)
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				done, err := w.Do(t.Context(), from(fmt.Sprint("p", i), "192.0.2.1"), "", post("t", "hi"))
				h, herr := w.Head(t.Context(), "t")
				if err != nil || herr != nil || done.Comment == nil || h.Seq == 0 {
					t.Errorf("a head of %v after a commit: %v, %v", h, err, herr)
				}
			})
			all.Go(func() {
				last := forum.Head{}
				for range 20 {
					if _, err := w.View(t.Context(), ann, "t", forum.Query{}); err != nil {
						t.Error(err)
					}
					h, err := w.Head(t.Context(), "t")
					if err != nil || h.Seq < last.Seq {
						t.Errorf("from %v to %v, %v", last, h, err)
					}
					last = h
					time.Sleep(time.Duration(rand.IntN(10)) * time.Millisecond)
				}
			})
		}
		all.Wait()
		w.Close()
		if h, _ := w.Head(t.Context(), "t"); h.Seq != 100 {
			t.Errorf("ends at %v", h)
		}
	})
}
