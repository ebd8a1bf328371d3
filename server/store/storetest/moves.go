package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

const site = "https://blog.example/"

// opened is the thread of a page of the site.
func (w *world) opened(page string) string {
	w.Helper()
	o, err := w.Open(w.ctx(), forum.Page{Key: site + page, Title: "Title of " + page, Topics: []string{page}}, beginning)
	if err != nil {
		w.Fatal(err)
	}
	return o.Thread
}

func (w *world) move(page, to string) (forum.Moved, error) {
	w.count++
	return w.Move(w.ctx(), site+page, forum.Page{Key: site + to, Address: site + to + "/"}, beginning.Add(time.Duration(w.count)*time.Second))
}

func (w *world) merge(page, into string) (forum.Moved, error) {
	w.count++
	return w.Merge(w.ctx(), site+page, forum.Page{Key: site + into}, beginning.Add(time.Duration(w.count)*time.Second))
}

func (w *world) is(err, want error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Fatalf("got %v, want %v", err, want)
	}
}

// gapless checks that a thread's log has every number, and that what it tells is
// what is there.
func (w *world) gapless(thread string) []talk.Event {
	w.Helper()
	events := w.catchUp(thread, 0, 0).Events
	for i, e := range events {
		if e.Seq != uint64(i+1) {
			w.Fatalf("entry %d has the number %d", i, e.Seq)
		}
	}
	if h := w.head(thread); h.Seq != uint64(len(events)) {
		w.Fatalf("%d entries, and the last number is %d", len(events), h.Seq)
	}
	return events
}

var moveTests = map[string]func(*world){
	"to another page": func(w *world) {
		thread := w.opened("old")
		id := w.say(ann, thread, "", "one")
		m, err := w.move("old", "new")
		if err != nil {
			w.Fatal(err)
		}
		same(w, "moved", m, forum.Moved{Thread: thread, Heads: map[string]forum.Head{thread: {Seq: 2}}, Comments: 1})
		for _, page := range []string{"old", "new"} {
			if got := w.opened(page); got != thread {
				w.Fatalf("%s leads to %s, want %s", page, got, thread)
			}
		}
		v := w.view(thread, "", forum.Query{})
		same(w, "thread", []any{v.Thread.Page, v.Thread.Article(), v.Thread.Title, ids(v.Comments)}, []any{site + "new", site + "new/", "Title of old", []string{id}})
		counts, err := w.Counts(w.ctx(), site+"old", site+"new")
		if err != nil {
			w.Fatal(err)
		}
		same(w, "counts", counts, map[string]forum.Counts{site + "old": {Comments: 1}, site + "new": {Comments: 1}})
		e := w.gapless(thread)[1]
		same(w, "entry", []any{e.Kind, e.Thread, e.Again()}, []any{talk.ThreadMoved, talk.ThreadNow{ID: thread, Page: site + "new", Address: site + "new/"}, false})

		// And on, and back; what is so already changes nothing.
		for _, to := range []string{"newer", "old", "old"} {
			if _, err := w.move("new", to); err != nil {
				w.Fatal(err)
			}
		}
		same(w, "log", len(w.gapless(thread)), 4)
		all, err := w.Pages(w.ctx(), "", 10)
		if err != nil {
			w.Fatal(err)
		}
		same(w, "pages", all, []forum.Listing{{Thread: thread, Page: site + "old", Address: site + "old/", Title: "Title of old", Comments: 1, At: kept(beginning), Former: []string{site + "new", site + "newer"}}})
		for _, key := range []string{"old", "new", "newer"} { // wherever it was
			l, err := w.Page(w.ctx(), site+key)
			if err != nil {
				w.Fatal(err)
			}
			same(w, "the page "+key, l, all[0])
		}
		if _, err := w.Page(w.ctx(), site+"nowhere"); !errors.Is(err, forum.ErrNoPage) {
			w.Errorf("a page that nobody has opened: %v", err)
		}
		w.say(bob, thread, id, "goes on")
	},

	"where somebody was before": func(w *world) {
		thread, empty := w.opened("old"), w.opened("new")
		w.say(ann, thread, "", "one")
		if _, err := w.move("old", "new"); err != nil { // opened, but nothing was said there
			w.Fatal(err)
		}
		if got := w.opened("new"); got != thread {
			w.Fatalf("the new page leads to %s, want %s", got, thread)
		}
		same(w, "who has the empty one open is told", w.catchUp(empty, 0, 0).Events[0].Thread.Into, thread)
		other := w.opened("other")
		said := w.say(bob, other, "", "mine")
		_, err := w.move("new", "other")
		w.is(err, forum.ErrTaken)
		reacted := w.opened("reacted")
		w.do(w.react(ann, reacted, "like", true))
		_, err = w.move("new", "reacted")
		w.is(err, forum.ErrTaken)
		_, err = w.move("none", "x")
		w.is(err, forum.ErrNoPage)
		_, err = w.merge("none", "new")
		w.is(err, forum.ErrNoPage)
		same(w, "nothing was changed", []any{w.opened("new"), ids(w.view(other, "", forum.Query{}).Comments)}, []any{thread, []string{said}})
	},

	"merged": func(w *world) {
		from, into := w.opened("from"), w.opened("into")
		w.owner("olga")
		// In turns, so that their times interleave.
		a := w.say(ann, from, "", "a")
		b := w.say(bob, into, "", "b")
		a1 := w.say(bob, from, a, "a1")
		c := w.say(ann, from, "", "c")
		b1 := w.say(ann, into, b, "b1")
		gone := w.say(bob, from, "", "gone")
		held := w.do(w.heldPost(forum.HoldAll, ann, from, "", "held")).Result.Comment.ID
		d := w.say(bob, into, "", "d")
		w.commit(w.delete(bob, gone), w.like(bob, a, true), w.like(ann, b, true), w.edit(ann, c, "better"),
			w.react(ann, from, "like", true), w.react(ann, into, "like", true), w.react(bob, from, "like", true), w.react(bob, from, "heart", true), w.react(ann, into, "idea", true))
		w.do(w.react(ann, into, "idea", false))
		w.do(w.keep(olga, talk.Pin, a, true))
		for _, x := range []string{a, d} {
			w.do(w.keep(olga, talk.Credit, x, true))
		}
		ref := withRef("r", w.react(bob, from, "heart", true))
		w.do(ref)
		before, lost := w.head(into), w.head(from)

		m, err := w.merge("from", "into")
		if err != nil {
			w.Fatal(err)
		}
		same(w, "moved", []any{m.Thread, m.Gone, m.Comments}, []any{into, from, 6})
		all := []string{a, a1, b, b1, c, gone, d}
		for _, thread := range []string{into, from} {
			v := w.view(thread, "bob", forum.Query{})
			same(w, "view", []any{v.Thread.ID, v.Thread.Page, v.Thread.Title, v.Thread.Comments, v.Thread.Former, ids(v.Comments), v.Thread.Reactions, v.Thread.Mine},
				[]any{into, site + "into", "Title of into", 6, []string{from}, all, map[string]int{"like": 2, "heart": 1}, []string{"heart", "like"}})
			for _, x := range v.Comments {
				if x.Thread != into || x.ID == c && x.HTML != "<p>better</p>" || (x.ID == a || x.ID == b) != (x.Likes == 1) || x.Wrote == (x.State == talk.Removed) {
					w.Fatalf("%+v", x)
				}
			}
		}
		if v := w.view(into, "ann", forum.Query{}); !slices.Contains(ids(v.Comments), held) {
			w.Fatal("what was held is lost")
		}
		same(w, "both pages lead there", []string{w.opened("from"), w.opened("into")}, []string{into, into})

		// Numbers go on without a gap; whoever was there is told to read again.
		log := w.gapless(into)
		last := log[len(log)-1]
		same(w, "log", []any{len(log), last.Kind, last.Again()}, []any{int(before.Seq+lost.Seq) + 1, talk.ThreadMerged, true})
		told := w.gapless(from)
		same(w, "what is left", []any{len(told), told[len(told)-1].Kind, told[len(told)-1].Thread}, []any{int(lost.Seq) + 1, talk.ThreadMoved, talk.ThreadNow{ID: from, Page: site + "into", Into: into}})
		same(w, "heads", []any{w.head(from).Into, w.head(into).Into, m.Heads[into]}, []any{into, "", w.head(into)})
		missed := w.catchUp(into, before.Seq, before.Version)
		same(w, "tally", []any{missed.Reactions, missed.Likes}, []any{map[string]int{"like": 2, "heart": 1, "idea": 0}, map[string]int{a: 1}})
		tree := talk.NewTree(talk.View{Thread: talk.Thread{ID: into}, Sort: talk.Oldest})
		for _, e := range log {
			tree.Apply(e)
		}
		if v := tree.View(); v.Thread.Comments != 6 || len(v.Comments) != len(all) {
			w.Fatalf("the log tells of %d comments, %v", v.Thread.Comments, ids(v.Comments))
		}

		// It goes on, also for who writes to the old thread.
		again := w.do(ref)
		same(w, "a repeat", []any{again.Again, again.Result.Reactions}, []any{true, map[string]int{"like": 2, "heart": 1}})
		e := w.do(w.post(bob, from, c, "to the old one"))
		same(w, "a post", []any{e.Thread, e.Event.Seq, e.Result.Comment.Thread}, []any{into, last.Seq + 1, into})
		w.do(w.react(olga, from, "idea", true))
		w.do(w.write(olga, talk.Command{Kind: talk.Lock, Thread: from, On: true}))
		same(w, "a reaction and a lock", []any{w.view(into, "", forum.Query{}).Thread.Reactions["idea"], w.view(into, "", forum.Query{}).Thread.Locked}, []any{1, true})
		w.do(w.keep(olga, talk.Hold, held, false))
		w.do(w.restore(bob, gone))
		w.gapless(into)
		same(w, "pages of one", func() (got []string) {
			for q := (forum.Query{Roots: 1}); ; {
				v := w.view(into, "", q)
				got = append(got, ids(v.Comments)[0])
				if q.After = v.Next; q.After == "" {
					return got
				}
			}
		}(), []string{a, b, c, gone, d, held})
		if listed, err := w.Pages(w.ctx(), "", 10); err != nil || len(listed) != 1 || !slices.Equal(listed[0].Former, []string{site + "from"}) {
			w.Fatal(listed, err)
		}
	},

	"merged with what has no conversation": func(w *world) {
		thread := w.opened("a")
		w.say(ann, thread, "", "x")
		m, err := w.merge("a", "b") // is a move
		if err != nil {
			w.Fatal(err)
		}
		same(w, "moved", []any{m.Thread, m.Gone, w.opened("b"), w.view(thread, "", forum.Query{}).Thread.Page}, []any{thread, "", thread, site + "b"})
		if _, err := w.merge("a", "b"); err != nil {
			w.Fatal(err)
		}
		same(w, "again", len(w.gapless(thread)), 2)
	},

	"merged once more": func(w *world) {
		a, b, c := w.opened("a"), w.opened("b"), w.opened("c")
		var said []string
		for _, thread := range []string{a, b, c, a, b, c} {
			said = append(said, w.say(ann, thread, "", "x"))
		}
		for _, x := range [][2]string{{"a", "b"}, {"b", "c"}} {
			if _, err := w.merge(x[0], x[1]); err != nil {
				w.Fatal(err)
			}
		}
		for _, thread := range []string{a, b, c} {
			v := w.view(thread, "", forum.Query{})
			same(w, "view", []any{v.Thread.ID, ids(v.Comments), v.Thread.Comments}, []any{c, said, 6})
		}
		for _, thread := range []string{a, b, c} {
			w.do(w.post(bob, thread, said[0], "answer"))
		}
		former := []string{a, b}
		slices.Sort(former)
		same(w, "former", w.view(c, "", forum.Query{}).Thread.Former, former)
		same(w, "told", []string{w.head(a).Into, w.head(b).Into, w.opened("a"), w.opened("b")}, []string{c, c, c, c})
		w.gapless(c)
		// The page that is left may move on.
		if _, err := w.move("a", "d"); err != nil {
			w.Fatal(err)
		}
		same(w, "page", w.view(a, "", forum.Query{}).Thread.Page, site+"d")
	},

	"while others write": func(w *world) {
		from, into := w.opened("from"), w.opened("into")
		root := w.say(ann, from, "", "root")
		var writes [4][]forum.Write
		for i := range 40 {
			who := talk.Person{ID: fmt.Sprint(i), Name: "Somebody"}
			writes[0] = append(writes[0], w.post(who, from, "", "to from"))
			writes[1] = append(writes[1], w.post(who, into, "", "to into"))
			writes[2] = append(writes[2], w.post(who, from, root, "an answer"))
			writes[3] = append(writes[3], w.like(who, root, true))
		}
		var all sync.WaitGroup
		for _, mine := range writes {
			all.Go(func() {
				for _, x := range mine {
					if out, err := w.Commit(w.ctx(), []forum.Write{x}); err != nil || out[0].Err != nil {
						w.Errorf("%+v, %v", out, err)
						return
					}
				}
			})
		}
		_, err := w.merge("from", "into")
		all.Wait()
		if err != nil {
			w.Fatal(err)
		}
		v := w.view(into, "", forum.Query{})
		if len(v.Comments) != 121 || v.Thread.Comments != 121 || v.Comments[0].ID != root || v.Comments[0].Likes != 40 || v.Comments[0].Replies != 40 {
			w.Fatalf("%d comments, %+v", len(v.Comments), v.Thread)
		}
		added := 0
		for _, e := range w.gapless(into) {
			if e.Kind == talk.CommentAdded {
				added++
			}
		}
		if added != 121 {
			w.Fatalf("the log tells of %d comments", added)
		}
	},

	"what people follow and have seen": func(w *world) {
		from, into := w.opened("from"), w.opened("into")
		say := func(thread string, n int) {
			for range n {
				w.say(olga, thread, "", "x")
			}
		}
		follow := func(who talk.Person, thread string) {
			w.do(w.write(who, talk.Command{Kind: talk.Follow, Thread: thread, On: true}))
		}
		say(from, 2)
		say(into, 3)
		follow(ann, from)
		follow(bob, into)
		follow(mod, from)
		follow(mod, into)
		say(from, 1) // ann and mod haven't seen it
		say(into, 1) // bob and mod haven't
		if _, err := w.merge("from", "into"); err != nil {
			w.Fatal(err)
		}
		news := map[string]int{}
		for _, who := range []string{"ann", "bob", "mod"} {
			cards, _, err := w.Follows(w.ctx(), who, beginning, false, "", 10)
			if err != nil || len(cards) != 1 || cards[0].ID != into {
				w.Fatal(who, cards, err)
			}
			news[who] = cards[0].New
		}
		// Ann sees what came after what she saw; the others, all that was merged, too.
		same(w, "new", news, map[string]int{"ann": 1, "bob": 4, "mod": 4})
		cards, err := w.Lively(w.ctx(), beginning.Add(time.Minute), 10)
		if err != nil || len(cards) != 1 || cards[0].ID != into || fmt.Sprintf("%.2f", cards[0].Heat) != "7.00" {
			w.Fatal(cards, err)
		}
		for _, topic := range []string{"from", "into"} {
			p, err := w.Topic(w.ctx(), topic, "", beginning, "", 10)
			if want := map[string]int{"into": 1}[topic]; err != nil || len(p.Threads) != want {
				w.Fatal(topic, p, err)
			}
		}
	},

	"all listed": func(w *world) {
		for i := range 7 {
			w.opened(fmt.Sprint("p", i))
		}
		var got []string
		for after := ""; ; {
			some, err := w.Pages(w.ctx(), after, 3)
			if err != nil {
				w.Fatal(err)
			}
			for _, l := range some {
				got, after = append(got, l.Page), l.Page
			}
			if len(some) < 3 {
				break
			}
		}
		same(w, "pages", got, []string{site + "p0", site + "p1", site + "p2", site + "p3", site + "p4", site + "p5", site + "p6"})
	},
}
