package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

var keepTests = map[string]func(*world){
	"everything over a reopening": func(w *world) {
		thread := w.thread()
		epoch := w.Epoch()
		x := withRef("r", w.post(ann, thread, "", "hello"))
		w.commit(x, w.react(ann, thread, "like", true), w.like(bob, x.ID, true))
		before := w.view(thread, "ann", forum.Query{})
		w.reopen()
		if epoch == "" || w.Epoch() != epoch {
			w.Fatalf("the epoch was %q and is %q", epoch, w.Epoch())
		}
		same(w, "view", w.view(thread, "ann", forum.Query{}), before)
		if out := w.do(x); !out.Again {
			w.Fatal("a ref was forgotten")
		}
		if out := w.do(w.post(bob, thread, "", "next")); out.Event.Seq != 2 {
			w.Fatalf("%+v", out.Event)
		}
	},

	"secrets": func(w *world) {
		first := []byte{0, 1, 0xff, '\''}
		got, err := w.Secret(w.ctx(), "cookies", first)
		if err != nil || string(got) != string(first) {
			w.Fatal(got, err)
		}
		first[0], got[1] = 9, 9 // the store keeps its own
		if got, err = w.Secret(w.ctx(), "cookies", []byte("other")); err != nil || string(got) != "\x00\x01\xff'" {
			w.Fatal(got, err)
		}
		if got, err = w.Secret(w.ctx(), "epoch", []byte("other")); err != nil || string(got) != "other" {
			w.Fatal(got, err)
		}
		w.reopen()
		if got, err = w.Secret(w.ctx(), "cookies", []byte("third")); err != nil || string(got) != "\x00\x01\xff'" {
			w.Fatal(got, err)
		}
	},

	"one secret of many firsts": func(w *world) {
		var mu sync.Mutex
		seen := map[string]bool{}
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				got, err := w.Secret(w.ctx(), "s", fmt.Append(nil, i))
				if err != nil {
					w.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				seen[string(got)] = true
			})
		}
		wg.Wait()
		if len(seen) != 1 {
			w.Fatalf("decided %v", seen)
		}
	},

	"answers a ping": func(w *world) {
		if err := w.Ping(w.ctx()); err != nil {
			w.Fatal(err)
		}
	},

	"nothing in an empty commit": func(w *world) {
		if outcomes := w.commit(); len(outcomes) != 0 {
			w.Fatal(outcomes)
		}
	},

	"hears that the caller has gone": func(w *world) {
		thread := w.thread()
		w.say(ann, thread, "", "x")
		gone, cancel := context.WithCancel(w.ctx())
		cancel()
		for name, call := range map[string]func() error{
			"Open":    func() error { _, err := w.Open(gone, forum.Page{Key: "new", Title: "T"}, beginning); return err },
			"Heads":   func() error { _, err := w.Heads(gone, thread); return err },
			"View":    func() error { _, err := w.View(gone, thread, "", forum.Query{Roots: 1}); return err },
			"CatchUp": func() error { _, err := w.CatchUp(gone, thread, 0, 0, 1); return err },
			"Person":  func() error { _, err := w.Person(gone, "ann"); return err },
			"Commit":  func() error { _, err := w.Commit(gone, []forum.Write{w.post(ann, thread, "", "y")}); return err },
			"Forget":  func() error { return w.Forget(gone, time.Now()) },
			"Secret":  func() error { _, err := w.Secret(gone, "s", []byte("x")); return err },
			"Ping":    func() error { return w.Ping(gone) },
		} {
			if err := call(); !errors.Is(err, context.Canceled) {
				w.Errorf("%s: %v", name, err)
			}
		}
		if out := w.do(w.post(ann, thread, "", "y")); out.Event.Seq != 2 {
			w.Fatalf("%+v", out.Event)
		}
	},

	"survives callers who go in the middle": func(w *world) {
		thread := w.thread()
		var writes []forum.Write
		for i := range 300 {
			writes = append(writes, w.post(ann, thread, "", fmt.Sprint(i)))
		}
		w.commit(writes...)
		for i := range 40 {
			ctx, cancel := context.WithTimeout(w.ctx(), time.Duration(i)*20*time.Microsecond)
			v, err := w.View(ctx, thread, "", forum.Query{Roots: 300})
			if err == nil && len(v.Comments) != 300 || err != nil && !errors.Is(err, context.DeadlineExceeded) {
				w.Fatal(len(v.Comments), err)
			}
			before := w.head(thread)
			x := w.react(talk.Person{ID: fmt.Sprint(i)}, thread, "like", true)
			_, err = w.Commit(ctx, []forum.Write{x})
			if after := w.head(thread); err == nil && after.Version != before.Version+1 {
				w.Fatalf("committed, but the tally went from %v to %v", before, after)
			}
			cancel()
		}
		if v := w.view(thread, "", forum.Query{Roots: 300}); len(v.Comments) != 300 || v.Thread.Reactions["like"] != int(v.Thread.Version) {
			w.Fatalf("%d comments; %+v", len(v.Comments), v.Thread)
		}
	},
}
