package storetest

import (
	"slices"

	"folkmoot/server/forum"
)

var countsTests = map[string]func(*world){
	"comments and reactions": func(w *world) {
		a, b := w.thread(), w.thread()
		keyOf := func(thread string) string { return w.view(thread, "", forum.Query{}).Thread.Page }
		first := w.say(ann, a, "", "one")
		w.say(bob, a, first, "two")
		gone := w.say(bob, a, "", "three")
		w.do(w.delete(bob, gone))
		w.do(w.like(bob, first, true)) // of a comment: not the page's
		w.do(w.react(ann, a, "like", true))
		w.do(w.react(ann, a, "heart", true))
		w.do(w.react(bob, a, "like", true))
		w.do(w.react(ann, a, "heart", false))
		counts, err := w.Counts(w.ctx(), keyOf(a), "https://blog.example/none", keyOf(b), keyOf(a), `"`, "\x00")
		if err != nil {
			w.Fatal(err)
		}
		same(w, "counts", counts, map[string]forum.Counts{keyOf(a): {Comments: 2, Reactions: 2}, keyOf(b): {}})

		if counts, err = w.Counts(w.ctx()); err != nil || len(counts) != 0 {
			w.Fatal(counts, err)
		}
		many := slices.Repeat([]string{"none"}, 5000)
		if counts, err = w.Counts(w.ctx(), append(many, keyOf(b))...); err != nil || len(counts) != 1 {
			w.Fatal(counts, err)
		}
	},
}
