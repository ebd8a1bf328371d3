package storetest

import (
	"fmt"
	"sync"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

var reactTests = map[string]func(*world){
	"sets and takes back": func(w *world) {
		thread := w.thread()
		for i, step := range []struct {
			who     talk.Person
			kind    string
			on      bool
			version uint64 // 0: nothing changes
			counts  map[string]int
			mine    []string
		}{
			{ann, "like", true, 1, map[string]int{"like": 1}, []string{"like"}},
			{ann, "like", true, 0, map[string]int{"like": 1}, []string{"like"}},
			{bob, "like", true, 2, map[string]int{"like": 2}, []string{"like"}},
			{ann, "heart", true, 3, map[string]int{"like": 2, "heart": 1}, []string{"heart", "like"}},
			{bob, "heart", false, 0, map[string]int{"like": 2, "heart": 1}, []string{"like"}},
			{bob, "idea", false, 0, map[string]int{"like": 2, "heart": 1, "idea": 0}, []string{"like"}},
			{ann, "heart", false, 4, map[string]int{"like": 2, "heart": 0}, []string{"like"}},
			{ann, "like", false, 5, map[string]int{"like": 1}, []string{}},
			{ann, "like", false, 0, map[string]int{"like": 1}, []string{}},
		} {
			out := w.do(w.react(step.who, thread, step.kind, step.on))
			same(w, fmt.Sprintf("step %d", i), out.Result, talk.Result{Reactions: step.counts, Mine: step.mine, Version: w.head(thread).Version})
			if step.version == 0 {
				if out.Tally != nil || out.Event != nil || out.Again {
					w.Fatalf("step %d changed something: %+v", i, out)
				}
				continue
			}
			same(w, "tally", out.Tally, talk.Tally{Version: step.version, Reactions: map[string]int{step.kind: step.counts[step.kind]}})
			if out.Thread != thread || out.Event != nil {
				w.Fatalf("step %d: %+v", i, out)
			}
		}
		v := w.view(thread, "bob", forum.Query{})
		same(w, "thread", []any{v.Thread.Reactions, v.Thread.Mine, v.Thread.Version, v.Thread.Seq},
			[]any{map[string]int{"like": 1}, []string{"like"}, 5, 0})
		same(w, "nobody's", w.view(thread, "", forum.Query{}).Thread.Mine, []string{})
	},

	"no thread": func(w *world) {
		for _, on := range []bool{true, false} {
			w.refused(w.commit(w.react(ann, "none", "like", on))[0].Err, talk.NotFound, "thread")
		}
	},

	"many at once": func(w *world) {
		thread := w.thread()
		const people, each = 8, 10
		writes := make(chan forum.Write, people*each)
		for p := range people {
			for i := range each {
				writes <- w.react(talk.Person{ID: fmt.Sprint(p)}, thread, fmt.Sprint("kind", i), true)
			}
		}
		close(writes)
		versions := make(chan uint64, people*each)
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for x := range writes {
					outcomes, err := w.Commit(w.ctx(), []forum.Write{x})
					if err != nil || outcomes[0].Tally == nil {
						w.Error(outcomes, err)
						return
					}
					versions <- outcomes[0].Tally.Version
				}
			})
		}
		wg.Wait()
		close(versions)
		seen := map[uint64]bool{}
		for v := range versions {
			seen[v] = true
		}
		v := w.view(thread, "3", forum.Query{})
		if len(seen) != people*each || v.Thread.Version != people*each || len(v.Thread.Mine) != each || v.Thread.Reactions["kind4"] != people {
			w.Fatalf("%d versions; %+v", len(seen), v.Thread)
		}
	},
}

var likeTests = map[string]func(*world){
	"sets and takes back": func(w *world) {
		thread := w.thread()
		id := w.say(ann, thread, "", "x")
		for i, step := range []struct {
			who     talk.Person
			on      bool
			version uint64 // 0: nothing changes
			likes   int
		}{
			{bob, false, 0, 0}, {bob, true, 1, 1}, {bob, true, 0, 1}, {ann, true, 2, 2}, {bob, false, 3, 1}, {bob, false, 0, 1},
		} {
			out := w.do(w.like(step.who, id, step.on))
			same(w, fmt.Sprintf("step %d", i), out.Result, talk.Result{Likes: &step.likes, Liked: &step.on, Version: w.head(thread).Version})
			if step.version == 0 {
				if out.Tally != nil || out.Event != nil || out.Again {
					w.Fatalf("step %d changed something: %+v", i, out)
				}
				continue
			}
			same(w, "tally", out.Tally, talk.Tally{Version: step.version, Likes: map[string]int{id: step.likes}})
			if out.Thread != thread || out.Event != nil {
				w.Fatalf("step %d: %+v", i, out)
			}
		}
		for person, liked := range map[string]bool{"ann": true, "bob": false, "": false} {
			c := w.view(thread, person, forum.Query{}).Comments[0]
			if c.Likes != 1 || c.Liked != liked {
				w.Fatalf("%q sees %+v", person, c)
			}
		}
	},

	"shares the tally's version": func(w *world) {
		thread := w.thread()
		id := w.say(ann, thread, "", "x")
		outcomes := w.commit(w.react(ann, thread, "like", true), w.like(ann, id, true), w.react(bob, thread, "like", true))
		for i, o := range outcomes {
			if o.Tally == nil || o.Tally.Version != uint64(i+1) {
				w.Fatalf("%d: %+v", i, o)
			}
		}
		if h := w.head(thread); h != (forum.Head{Seq: 1, Version: 3}) {
			w.Fatal(h)
		}
	},

	"refusals": func(w *world) {
		thread := w.thread()
		id := w.say(ann, thread, "", "x")
		w.do(w.like(bob, id, true))
		w.do(w.delete(ann, id))
		for _, on := range []bool{true, false} {
			w.refused(w.commit(w.like(bob, id, on))[0].Err, talk.Gone, "comment")
			w.refused(w.commit(w.like(bob, "none", on))[0].Err, talk.NotFound, "comment")
		}
		if h := w.head(thread); h.Version != 1 {
			w.Fatal(h)
		}
	},
}
