package storetest

import (
	"fmt"
	"sync"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

var repeatTests = map[string]func(*world){
	"takes effect once": func(w *world) {
		thread := w.thread()
		id := w.say(ann, thread, "", "x")
		post := withRef("post", w.post(ann, thread, id, "hello"))
		react := withRef("react", w.react(ann, thread, "like", true))
		like := withRef("like", w.like(ann, id, true))
		first := w.commit(post, react, like)
		w.commit(w.react(bob, thread, "like", true), w.like(bob, id, true), w.like(bob, post.ID, true))
		head := w.head(thread)

		retried := post
		retried.ID, retried.At = "other", post.At.Add(time.Hour) // a retry is prepared anew
		again := w.commit(retried, react, like)
		for i, o := range again {
			if o.Err != nil || !o.Again || o.Event != nil || o.Tally != nil {
				w.Fatalf("%d: %+v", i, o)
			}
		}
		now := *first[0].Result.Comment
		now.Likes = 1
		same(w, "post", again[0].Result, talk.Result{Comment: &now})
		same(w, "react", again[1].Result, talk.Result{Reactions: map[string]int{"like": 2}, Mine: []string{"like"}, Version: head.Version})
		two, yes := 2, true
		same(w, "like", again[2].Result, talk.Result{Likes: &two, Liked: &yes, Version: head.Version})
		if h := w.head(thread); h != head {
			w.Fatalf("the repeats led from %v to %v", head, h)
		}
	},

	"tells what is now": func(w *world) {
		thread := w.thread()
		on := withRef("on", w.react(ann, thread, "like", true))
		w.commit(on, withRef("off", w.react(ann, thread, "like", false)))
		out := w.do(on)
		same(w, "react", out.Result, talk.Result{Reactions: map[string]int{"like": 0}, Mine: []string{}, Version: 2})
		if h := w.head(thread); !out.Again || h.Version != 2 {
			w.Fatal(out, h)
		}
	},

	"in one batch": func(w *world) {
		thread := w.thread()
		x := withRef("r", w.post(ann, thread, "", "hello"))
		y := x
		y.ID = "other"
		outcomes := w.commit(x, y, w.post(bob, thread, "", "between"), x)
		if outcomes[0].Again || !outcomes[1].Again || !outcomes[3].Again || outcomes[2].Event.Seq != 2 {
			w.Fatalf("%+v", outcomes)
		}
		for _, i := range []int{1, 3} {
			same(w, "repeat", outcomes[i].Result, outcomes[0].Result)
		}
	},

	"with something else": func(w *world) {
		thread := w.thread()
		w.do(withRef("r", w.post(ann, thread, "", "hello")))
		outcomes := w.commit(
			withRef("r", w.post(ann, thread, "", "something else")),
			withRef("r", w.react(ann, thread, "like", true)),
		)
		for _, o := range outcomes {
			w.refused(o.Err, talk.Conflict, "")
			if o.Result.Comment != nil {
				w.Fatal("a conflict answers with a comment")
			}
		}
		if h := w.head(thread); h != (forum.Head{Seq: 1}) {
			w.Fatal(h)
		}
	},

	"of others": func(w *world) {
		thread := w.thread()
		w.do(withRef("r", w.post(ann, thread, "", "ann's")))
		out := w.do(withRef("r", w.post(bob, thread, "", "bob's")))
		if out.Again || out.Result.Comment.Author != bob {
			w.Fatalf("%+v", out)
		}
	},

	"without a ref": func(w *world) {
		thread := w.thread()
		x := w.post(ann, thread, "", "hello")
		y := x
		y.ID = "other"
		for _, o := range w.commit(x, y) {
			if o.Err != nil || o.Again {
				w.Fatalf("%+v", o)
			}
		}
	},

	"after a refusal": func(w *world) {
		thread := w.thread()
		id := w.say(ann, thread, "", "x")
		w.refused(w.commit(withRef("r", w.delete(bob, id)))[0].Err, talk.Forbidden, "comment")
		outcomes := w.commit(withRef("r", w.post(bob, "none", "", "x")), withRef("r", w.post(bob, thread, "", "x")))
		w.refused(outcomes[0].Err, talk.NotFound, "thread")
		if o := outcomes[1]; o.Err != nil || o.Again {
			w.Fatalf("a refusal was recorded: %+v", o)
		}
	},

	"by the fresh": func(w *world) {
		thread := w.thread()
		guest := func(id string) talk.Person { return talk.Person{ID: id, Name: "Guest"} }
		first := fresh(withRef("r", w.post(guest("g1"), thread, "", "hello")))
		again := fresh(withRef("r", w.post(guest("g2"), thread, "", "hello")))
		outcomes := w.commit(first, again)
		if outcomes[0].Again || !outcomes[1].Again || outcomes[1].Result.Comment.ID != first.ID {
			w.Fatalf("%+v", outcomes)
		}
		known := first
		known.Fresh = false // its answer came, and with it the cookie
		if out := w.do(known); !out.Again || out.Result.Comment.ID != first.ID {
			w.Fatalf("%+v", out)
		}
		w.refused(w.commit(fresh(withRef("r", w.post(guest("g3"), thread, "", "else"))))[0].Err, talk.Conflict, "")
		if out := w.do(withRef("r", w.post(bob, thread, "", "hello"))); out.Again {
			w.Fatal("somebody who isn't fresh was taken for one who was")
		}
		if _, err := w.Person(w.ctx(), "g2"); err == nil {
			w.Fatal("a repeat left a person")
		}
	},

	"the known don't meet the fresh": func(w *world) {
		thread := w.thread()
		w.do(withRef("r", w.post(ann, thread, "", "ann's")))
		if out := w.do(fresh(withRef("r", w.post(talk.Person{ID: "g1", Name: "G"}, thread, "", "ann's")))); out.Again {
			w.Fatal("somebody fresh was taken for one who is known")
		}
	},

	"a fresh reaction": func(w *world) {
		thread := w.thread()
		w.do(fresh(withRef("r", w.react(talk.Person{ID: "g1"}, thread, "like", true))))
		out := w.do(fresh(withRef("r", w.react(talk.Person{ID: "g2"}, thread, "like", true))))
		same(w, "result", []any{out.Again, out.Result}, []any{true, talk.Result{Reactions: map[string]int{"like": 1}, Mine: []string{"like"}, Version: 1}})
	},

	"from many at once": func(w *world) {
		thread := w.thread()
		for _, anew := range []bool{false, true} {
			ref := fmt.Sprint("ref", anew)
			var writes []forum.Write
			for i := range 16 {
				who := ann
				if anew {
					who.ID = fmt.Sprint("guest", i)
				}
				x := withRef(ref, w.post(who, thread, "", ref))
				x.Fresh = anew
				writes = append(writes, x)
			}
			outcomes := make([]forum.Outcome, len(writes))
			var wg sync.WaitGroup
			for i, x := range writes {
				wg.Go(func() {
					out, err := w.Commit(w.ctx(), []forum.Write{x})
					if err != nil {
						w.Error(err)
						return
					}
					outcomes[i] = out[0]
				})
			}
			wg.Wait()
			firsts := 0
			for _, o := range outcomes {
				if o.Err != nil || o.Result.Comment == nil {
					w.Fatalf("%+v", o)
				}
				same(w, "comment", o.Result, outcomes[0].Result)
				if !o.Again {
					firsts++
				}
			}
			if firsts != 1 {
				w.Fatalf("%d took effect", firsts)
			}
		}
		if h := w.head(thread); h.Seq != 2 {
			w.Fatal(h)
		}
	},

	"forgotten": func(w *world) {
		thread := w.thread()
		old := withRef("old", w.react(ann, thread, "like", true))
		recent := withRef("recent", w.react(ann, thread, "heart", true))
		var writes []forum.Write
		for i := range 1200 {
			x := withRef(fmt.Sprint(i), w.react(bob, thread, "like", i%2 == 0))
			x.At = old.At
			writes = append(writes, x)
		}
		recent.At = old.At.Add(time.Hour)
		w.commit(append(writes, old, recent)...)
		if err := w.Forget(w.ctx(), old.At.Add(time.Minute)); err != nil {
			w.Fatal(err)
		}
		outcomes := w.commit(old, recent, writes[0], writes[1199])
		same(w, "recognized", []bool{outcomes[0].Again, outcomes[1].Again, outcomes[2].Again, outcomes[3].Again}, []bool{false, true, false, false})
	},
}
