package storetest

import (
	"slices"
	"sync"
	"time"

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

	"where its article is": func(w *world) {
		const key, a, b = "https://blog.example#page-id=7", "https://blog.example/old/", "https://blog.example/new/?p=7"
		hours := func(n int) time.Time { return beginning.Add(time.Duration(n) * time.Hour) }
		for i, step := range []struct {
			told string
			at   time.Time
			want string
		}{{"", hours(0), ""}, {a, hours(1), a}, {b, hours(2), a}, {a, hours(20), a}, {b, hours(24), a}, {b, hours(26), b}, {"", hours(90), b}} {
			o, err := w.Open(w.ctx(), forum.Page{Key: key, Address: step.told}, step.at)
			if err != nil || o.Address != step.want || o.Page != key {
				w.Fatal(i, o, err)
			}
			v := w.view(o.Thread, "", forum.Query{})
			same(w, "address", v.Thread.Address, step.want)
			if step.want != "" && v.Thread.Article() != step.want {
				w.Fatal(v.Thread.Article())
			}
		}
		o, _ := w.Open(w.ctx(), forum.Page{Key: key}, beginning)
		w.do(w.heldPost(forum.HoldAll, ann, o.Thread, "", "x"))
		cards, err := w.Lively(w.ctx(), beginning, 0, o.Thread)
		if err != nil || len(cards) != 1 || cards[0].URL != b || cards[0].Site != "blog.example" {
			w.Fatal(cards, err)
		}
		cases, _, err := w.Queue(w.ctx(), "", 1)
		if err != nil || len(cases) != 1 || cases[0].Article() != b {
			w.Fatal(cases, err)
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
