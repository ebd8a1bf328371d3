package storetest

import (
	"fmt"
	"slices"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

var sorts = []talk.Sort{talk.Oldest, talk.Newest, talk.Top}

// rootsOf are the ids of a view's roots.
func rootsOf(v talk.View) []string {
	out := []string{}
	for _, c := range v.Comments {
		if c.Parent == "" {
			out = append(out, c.ID)
		}
	}
	return out
}

var viewTests = map[string]func(*world){
	"replies under what they answer": func(w *world) {
		thread, other := w.thread(), w.thread()
		w.say(ann, other, "", "elsewhere")
		a := w.say(ann, thread, "", "a")
		b := w.say(bob, thread, "", "b")
		a1 := w.say(bob, thread, a, "a1")
		b1 := w.say(ann, thread, b, "b1")
		a11 := w.say(ann, thread, a1, "a11")
		a2 := w.say(ann, thread, a, "a2")
		a12 := w.say(bob, thread, a1, "a12")
		v := w.view(thread, "", forum.Query{})
		same(w, "order", ids(v.Comments), []string{a, a1, a11, a12, a2, b, b1})
		replies := []int{}
		for _, c := range v.Comments {
			replies = append(replies, c.Replies)
		}
		same(w, "replies", replies, []int{2, 2, 0, 0, 0, 1, 0})
		if v.Comments[2].Parent != a1 || v.Next != "" {
			w.Fatalf("%+v", v)
		}
		same(w, "newest", ids(w.view(thread, "", forum.Query{Sort: talk.Newest}).Comments), []string{b, b1, a, a1, a11, a12, a2})
		same(w, "one root", ids(w.view(thread, "", forum.Query{Sort: talk.Newest, Roots: 1}).Comments), []string{b, b1})
	},

	"pages while others speak": func(w *world) {
		for _, sort := range []talk.Sort{talk.Oldest, talk.Newest, talk.Top} {
			thread := w.thread()
			var roots []string
			for i := range 10 {
				id := w.say(ann, thread, "", fmt.Sprint(i))
				w.say(bob, thread, id, "reply")
				for p := range []int{0, 2, 0, 5, 2, 0, 1, 2, 0, 0}[i] {
					w.do(w.like(talk.Person{ID: fmt.Sprint(p)}, id, true))
				}
				roots = append(roots, id)
			}
			want := slices.Clone(roots)
			switch sort {
			case talk.Newest:
				slices.Reverse(want)
			case talk.Top:
				want = nil
				for _, i := range []int{3, 1, 4, 7, 6, 0, 2, 5, 8, 9} {
					want = append(want, roots[i])
				}
			}
			var got, late []string
			q := forum.Query{Sort: sort, Roots: 3}
			for {
				v := w.view(thread, "", q)
				if v.Sort != sort {
					w.Fatalf("asked for %q, got %q", sort, v.Sort)
				}
				for _, c := range v.Comments {
					if c.Parent == "" {
						got = append(got, c.ID)
					}
				}
				if q.After = v.Next; q.After == "" {
					break
				}
				late = append(late, w.say(ann, thread, "", "late"))
			}
			if sort != talk.Newest {
				want = append(want, late...) // they stand where the reader hasn't been yet
			}
			same(w, string(sort), got, want)
		}
	},

	"pages both ways": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		for i := range 9 {
			id := w.say(ann, thread, "", fmt.Sprint(i))
			w.say(bob, thread, id, "reply")
			if i%4 == 1 {
				w.do(w.keep(olga, talk.Pin, id, true))
			}
			if i%3 == 0 {
				w.do(w.like(bob, id, true))
			}
		}
		for _, sort := range sorts {
			all := rootsOf(w.view(thread, "", forum.Query{Sort: sort}))
			for size := 1; size <= len(all)+1; size++ {
				var pages [][]string
				q := forum.Query{Sort: sort, Roots: size}
				v := w.view(thread, "", q)
				for pages = append(pages, rootsOf(v)); v.Next != ""; pages = append(pages, rootsOf(v)) {
					q.After = v.Next
					if v = w.view(thread, "", q); v.Prev == "" {
						w.Fatalf("%s in pages of %d: a later page has none before it", sort, size)
					}
				}
				same(w, fmt.Sprint(sort, " forwards in pages of ", size), slices.Concat(pages...), all)
				q.After = ""
				got := rootsOf(v)
				for v.Prev != "" {
					q.Before = v.Prev
					if v = w.view(thread, "", q); v.Next == "" {
						w.Fatalf("%s in pages of %d: an earlier page has none after it", sort, size)
					}
					got = append(rootsOf(v), got...)
				}
				same(w, fmt.Sprint(sort, " backwards in pages of ", size), got, all)
			}
		}
	},

	"the page around a comment": func(w *world) {
		thread, other := w.thread(), w.thread()
		w.owner("olga")
		elsewhere := w.say(ann, other, "", "elsewhere")
		branch := map[string]string{} // of every comment
		for i := range 9 {
			id := w.say(ann, thread, "", fmt.Sprint(i))
			below := w.say(bob, thread, w.say(bob, thread, id, "reply"), "below it")
			branch[id], branch[below] = id, id
			if i == 4 || i == 7 {
				w.do(w.keep(olga, talk.Pin, id, true))
			}
			for range i % 3 {
				w.do(w.like(talk.Person{ID: w.id("liker")}, id, true))
			}
		}
		for _, sort := range sorts {
			all := rootsOf(w.view(thread, "", forum.Query{Sort: sort}))
			for size := 1; size <= len(all)+1; size++ {
				for id, root := range branch {
					q := forum.Query{Sort: sort, Roots: size, Around: id}
					v := w.view(thread, "ann", q)
					got := rootsOf(v)
					if !slices.Contains(got, root) || !slices.Contains(ids(v.Comments), id) || len(v.Comments) != 3*len(got) {
						w.Fatalf("%s in pages of %d: %s isn't among %v", sort, size, id, ids(v.Comments))
					}
					if unpinned := len(got) - 2; v.Prev == "" && unpinned > size || v.Prev != "" && len(got) != size {
						w.Fatalf("%s: a page of %d has %d roots", sort, size, len(got))
					}
					q.Around = ""
					for at := v; at.Prev != ""; {
						q.Before = at.Prev
						at = w.view(thread, "", q)
						got = append(rootsOf(at), got...)
					}
					q.Before = ""
					for at := v; at.Next != ""; {
						q.After = at.Next
						at = w.view(thread, "", q)
						got = append(got, rootsOf(at)...)
					}
					same(w, fmt.Sprint(sort, " around ", id, " in pages of ", size), got, all)
				}
			}
		}
		for _, id := range append([]string{elsewhere, "none", thread}, hostile...) {
			_, err := w.View(w.ctx(), thread, "", forum.Query{Around: id, Roots: 2})
			w.refused(err, talk.NotFound, "comment")
			_, err = w.View(w.ctx(), "none", "", forum.Query{Around: id, Roots: 2})
			w.refused(err, talk.NotFound, "thread")
		}
	},

	"around what few may see": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		var roots []string
		for range 6 {
			roots = append(roots, w.say(bob, thread, "", "x"))
		}
		root, reply := w.heldPost(forum.HoldAll, ann, thread, "", "held"), w.heldPost(forum.HoldAll, ann, thread, roots[5], "held")
		w.commit(root, reply, w.delete(bob, roots[3]))
		for _, id := range []string{root.ID, reply.ID} {
			for _, person := range []string{"ann", "olga"} {
				if v := w.view(thread, person, forum.Query{Around: id, Roots: 2}); !slices.Contains(ids(v.Comments), id) {
					w.Fatalf("%s sees %v, not %s", person, ids(v.Comments), id)
				}
			}
			for _, person := range []string{"", "bob"} {
				_, err := w.View(w.ctx(), thread, person, forum.Query{Around: id, Roots: 2})
				w.refused(err, talk.NotFound, "comment")
			}
		}
		same(w, "a stone's place", ids(w.view(thread, "", forum.Query{Around: roots[3], Roots: 2}).Comments), []string{roots[2], roots[3]})
	},

	"a last page that is full has no next": func(w *world) {
		thread := w.thread()
		for range 4 {
			w.say(ann, thread, "", "x")
		}
		for _, sort := range []talk.Sort{talk.Oldest, talk.Newest, talk.Top} {
			v := w.view(thread, "", forum.Query{Sort: sort, Roots: 2})
			if v.Next == "" {
				w.Fatal("no next page")
			}
			v = w.view(thread, "", forum.Query{Sort: sort, Roots: 2, After: v.Next})
			if len(v.Comments) != 2 || v.Next != "" {
				w.Fatalf("%+v", v)
			}
		}
	},

	"removed ones sink in top": func(w *world) {
		thread := w.thread()
		a, b := w.say(ann, thread, "", "a"), w.say(ann, thread, "", "b")
		c := w.say(ann, thread, "", "c")
		w.commit(w.like(bob, c, true), w.like(ann, c, true), w.like(bob, b, true), w.delete(ann, c))
		same(w, "top", ids(w.view(thread, "", forum.Query{Sort: talk.Top}).Comments), []string{b, a, c})
	},

	"bad cursors": func(w *world) {
		thread := w.thread()
		for range 3 {
			w.say(ann, thread, "", "x")
		}
		newest := w.view(thread, "", forum.Query{Sort: talk.Newest, Roots: 1}).Next
		for _, sort := range []talk.Sort{talk.Oldest, talk.Top} {
			for _, after := range append([]string{"x", "=", newest + "A", newest}, hostile...) {
				_, err := w.View(w.ctx(), thread, "", forum.Query{Sort: sort, After: after, Roots: 1})
				w.refused(err, talk.Invalid, "after")
				_, err = w.View(w.ctx(), thread, "", forum.Query{Sort: sort, Before: after, Roots: 1})
				w.refused(err, talk.Invalid, "before")
			}
		}
		_, err := w.View(w.ctx(), thread, "", forum.Query{Sort: "sideways", Roots: 1})
		w.refused(err, talk.Invalid, "sort")
	},

	"a thousand comments": func(w *world) {
		thread := w.thread()
		var writes []forum.Write
		for i := range 100 {
			root := w.post(ann, thread, "", fmt.Sprint("root ", i))
			writes = append(writes, root)
			parent := root.ID
			for j := range 9 {
				reply := w.post(bob, thread, parent, "reply")
				if j%3 == 0 {
					parent = reply.ID
				}
				writes = append(writes, reply, w.like(ann, reply.ID, j%2 == 0))
			}
		}
		for _, o := range w.commit(writes...) {
			if o.Err != nil {
				w.Fatal(o.Err)
			}
		}
		v := w.view(thread, "ann", forum.Query{Roots: 100})
		likes := 0
		for _, c := range v.Comments {
			if c.Liked != (c.Likes == 1) {
				w.Fatalf("%+v", c)
			}
			likes += c.Likes
		}
		if len(v.Comments) != 1000 || v.Thread.Comments != 1000 || likes != 500 || v.Next != "" {
			w.Fatalf("%d comments, %d likes", len(v.Comments), likes)
		}
	},

	"at one moment": func(w *world) {
		thread := w.thread()
		done := make(chan struct{})
		defer func() { <-done }()
		go func() {
			defer close(done)
			for i := range 60 {
				_, err := w.Commit(w.ctx(), []forum.Write{w.post(ann, thread, "", "x"), w.react(talk.Person{ID: fmt.Sprint(i)}, thread, "like", true)})
				if err != nil {
					w.Error(err)
				}
			}
		}()
		for more := true; more; {
			select {
			case <-done:
				more = false
			default:
			}
			v := w.view(thread, "", forum.Query{})
			c := w.catchUp(thread, 0, 0)
			if n := len(v.Comments); v.Thread.Seq != uint64(n) || v.Thread.Comments != n || v.Thread.Reactions["like"] != n || v.Thread.Version != uint64(n) {
				w.Fatalf("%d comments in %+v", n, v.Thread)
			}
			if n := len(c.Events); c.Seq != uint64(n) || c.Reactions["like"] != n || c.Version != uint64(n) {
				w.Fatalf("%d entries in %+v", n, c.Head)
			}
		}
	},
}

var catchUpTests = map[string]func(*world){
	"what was missed": func(w *world) {
		thread := w.thread()
		var added []talk.Event
		var all []string
		for i := range 5 {
			out := w.do(w.post(ann, thread, "", fmt.Sprint(i)))
			added = append(added, *out.Event)
			all = append(all, out.Result.Comment.ID)
		}
		w.commit(w.like(bob, all[0], true), w.like(bob, all[1], true), w.like(ann, all[1], true), w.react(ann, thread, "like", true))
		likes := map[uint64]map[string]int{
			0: {all[0]: 1, all[1]: 2}, 1: {all[1]: 2}, 2: {all[1]: 2}, 3: {}, 4: {}, 1 << 63: {},
		}
		for version, want := range likes {
			c := w.catchUp(thread, 5, version)
			same(w, fmt.Sprint("likes since ", version), c.Likes, want)
			same(w, "reactions", []any{c.Reactions, c.Head}, []any{map[string]int{"like": 1}, forum.Head{Seq: 5, Version: 4}})
		}
		added[0].Comment.Likes, added[1].Comment.Likes = 1, 2 // entries tell of comments as they are now
		for since := range uint64(6) {
			same(w, fmt.Sprint("since ", since), append([]talk.Event{}, w.catchUp(thread, since, 0).Events...), added[since:])
		}
		if c := w.catchUp(thread, 1<<63+5, 0); len(c.Events) != 0 || c.Seq != 5 {
			w.Fatalf("%+v", c)
		}
	},

	// Whoever is caught up lays it over what they have: what is not said stays.
	"what was taken back": func(w *world) {
		thread := w.thread()
		comment := w.say(ann, thread, "", "x")
		w.commit(w.react(ann, thread, "like", true), w.react(ann, thread, "heart", true), w.like(ann, comment, true))
		w.commit(w.react(ann, thread, "like", false), w.like(ann, comment, false))
		c := w.catchUp(thread, 1, 3)
		same(w, "reactions", c.Reactions, map[string]int{"like": 0, "heart": 1})
		same(w, "likes", c.Likes, map[string]int{comment: 0})
	},

	"at most": func(w *world) {
		thread := w.thread()
		for range 5 {
			w.say(ann, thread, "", "x")
		}
		for limit, want := range map[int]int{0: 0, 1: 1, 3: 3, 4: 4, 5: 4, 100: 4} {
			c, err := w.CatchUp(w.ctx(), thread, 1, 0, limit)
			if err != nil || len(c.Events) != want {
				w.Fatal(limit, len(c.Events), err)
			}
			for i, e := range c.Events {
				if e.Seq != uint64(i+2) {
					w.Fatalf("limit %d: entry %d has number %d", limit, i, e.Seq)
				}
			}
		}
	},

	"of replies": func(w *world) {
		thread := w.thread()
		id := w.say(ann, thread, "", "root")
		w.say(bob, thread, id, "one")
		w.say(bob, thread, id, "two")
		tree := talk.NewTree(talk.View{Thread: talk.Thread{ID: thread}, Sort: talk.Oldest})
		for _, e := range w.catchUp(thread, 0, 0).Events {
			tree.Apply(e)
		}
		same(w, "the log's view", tree.View().Comments, w.view(thread, "", forum.Query{}).Comments)
	},
}
