package storetest

import (
	"slices"
	"sync"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

var threadTests = map[string]func(*world){
	"one for each page": func(w *world) {
		open := func(key string) string {
			o, err := w.Open(w.ctx(), forum.Page{Key: key, Title: "T"}, beginning)
			if err != nil || o.Thread == "" {
				w.Fatal(o, err)
			}
			return o.Thread
		}
		a, b := open("https://blog.example/a"), open("https://blog.example/A")
		if a == b || a != open("https://blog.example/a") {
			w.Fatal("pages and threads don't match")
		}
	},

	"described once": func(w *world) {
		const key = "https://blog.example/a"
		for i, step := range []struct {
			title     string
			topics    []string
			described bool
			want      string
			topicsNow []string
		}{
			{"", []string{"early"}, false, "", []string{}},
			{"First", []string{"a", "b"}, true, "First", []string{"a", "b"}},
			{"Second", []string{"c"}, true, "First", []string{"a", "b"}},
			{"", nil, true, "First", []string{"a", "b"}},
		} {
			o, err := w.Open(w.ctx(), forum.Page{Key: key, Title: step.title, Topics: step.topics}, beginning)
			if err != nil || o.Described != step.described {
				w.Fatal(i, o, err)
			}
			v := w.view(o.Thread, "", forum.Query{})
			same(w, "title", v.Thread.Title, step.want)
			same(w, "topics", v.Thread.Topics, step.topicsNow)
		}
	},

	"opened by many at once": func(w *world) {
		var mu sync.Mutex
		found := map[string]bool{}
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				o, err := w.Open(w.ctx(), forum.Page{Key: "https://blog.example/a", Title: "T"}, beginning)
				if err != nil {
					w.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				found[o.Thread] = true
			})
		}
		wg.Wait()
		if len(found) != 1 {
			w.Fatalf("one page has threads %v", found)
		}
	},

	"an empty one": func(w *world) {
		o, err := w.Open(w.ctx(), forum.Page{Key: "https://blog.example/a", Title: "T"}, beginning)
		if err != nil {
			w.Fatal(err)
		}
		same(w, "view", w.view(o.Thread, "ann", forum.Query{}), talk.View{
			Thread: talk.Thread{
				ID: o.Thread, Page: "https://blog.example/a", Title: "T", Topics: []string{}, Epoch: w.Epoch(),
				Reactions: map[string]int{}, Mine: []string{},
			},
			Comments: []talk.Comment{},
			Sort:     talk.Oldest,
		})
	},

	"hostile pages and titles": func(w *world) {
		for _, s := range hostile {
			o, err := w.Open(w.ctx(), forum.Page{Key: s, Title: s, Topics: []string{s}}, beginning)
			if err != nil {
				w.Fatal(err)
			}
			v := w.view(o.Thread, s, forum.Query{})
			same(w, "what was said of the page", []any{v.Thread.Page, v.Thread.Title, v.Thread.Topics}, []any{s, s, []string{s}})
			if _, err := w.View(w.ctx(), s, s, forum.Query{Roots: 1}); err == nil {
				w.Fatalf("there is a thread %q", s)
			}
		}
	},

	"heads": func(w *world) {
		a, b := w.thread(), w.thread()
		w.say(ann, a, "", "one")
		w.say(ann, a, "", "two")
		w.do(w.react(ann, a, "like", true))
		heads, err := w.Heads(w.ctx(), a, "none", b, a, `"`)
		if err != nil {
			w.Fatal(err)
		}
		same(w, "heads", heads, map[string]forum.Head{a: {Seq: 2, Version: 1}, b: {}})
		if heads, err = w.Heads(w.ctx()); err != nil || len(heads) != 0 {
			w.Fatal(heads, err)
		}
		many := slices.Repeat([]string{"none"}, 5000)
		if heads, err = w.Heads(w.ctx(), append(many, b)...); err != nil || len(heads) != 1 {
			w.Fatal(heads, err)
		}
	},

	"none": func(w *world) {
		_, err := w.View(w.ctx(), "none", "ann", forum.Query{Roots: 1})
		w.refused(err, talk.NotFound, "thread")
		_, err = w.CatchUp(w.ctx(), "none", 0, 0, 10)
		w.refused(err, talk.NotFound, "thread")
	},
}
