package storetest

import (
	"fmt"
	"slices"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

var cleo = talk.Person{ID: "cleo", Name: "Cleo"}

// inbox is a person's, each notice in short: its kind, comment, number of likes
// and whether it was seen.
func (w *world) inbox(person string) []string {
	w.Helper()
	notices, next, err := w.Inbox(w.ctx(), person, "", 100)
	if err != nil || next != "" {
		w.Fatal(next, err)
	}
	short := []string{}
	for _, n := range notices {
		short = append(short, note(n.Kind, n.Comment.ID, n.N, n.Seen))
	}
	return short
}

func note(kind talk.NoticeKind, comment string, n int, seen bool) string {
	return fmt.Sprint(kind, " ", comment, " ", n, " ", seen)
}

func (w *world) unread(person string) int {
	w.Helper()
	unread, err := w.Unread(w.ctx(), person, "none")
	if err != nil || len(unread) > 1 {
		w.Fatal(unread, err)
	}
	return unread[person]
}

// sawUntil is that somebody has seen all that they were told by then.
func (w *world) sawUntil(who talk.Person, at time.Time) forum.Write {
	return w.write(who, talk.Command{Kind: talk.Seen, At: at})
}

var noticeTests = map[string]func(*world){
	"of answers": func(w *world) {
		thread := w.thread()
		root := w.say(ann, thread, "", "root")
		x := w.post(bob, thread, root, "answer")
		out := w.do(x)
		same(w, "told", out.Told, []string{"ann"})
		own := w.do(w.post(ann, thread, root, "to herself"))
		further := w.say(cleo, thread, x.ID, "to bob")
		plain := w.do(w.post(bob, thread, "", "to nobody"))
		same(w, "nobody is told", append(own.Told, plain.Told...), []string(nil))
		same(w, "ann", w.inbox("ann"), []string{note(talk.Reply, x.ID, 0, false)})
		same(w, "bob", w.inbox("bob"), []string{note(talk.Reply, further, 0, false)})
		same(w, "cleo", []any{w.inbox("cleo"), w.unread("cleo"), w.unread("ann")}, []any{[]string{}, 0, 1})
		notices, _, err := w.Inbox(w.ctx(), "ann", "", 1)
		if err != nil {
			w.Fatal(err)
		}
		n := notices[0]
		shown := w.view(thread, "ann", forum.Query{}).Comments[1]
		shown.Replies = 0 // that is the thread's to count
		same(w, "comment", n.Comment, shown)
		same(w, "notice", []any{n.At, n.Thread.ID, n.Thread.Title, n.Thread.Site}, []any{kept(x.At), thread, "A page", "blog.example"})
		w.reopen()
		same(w, "ann", w.inbox("ann"), []string{note(talk.Reply, x.ID, 0, false)})
	},

	"of likes, together": func(w *world) {
		thread := w.thread()
		c := w.say(ann, thread, "", "x")
		same(w, "own", w.do(w.like(ann, c, true)).Told, []string(nil))
		same(w, "nothing", w.inbox("ann"), []string{})
		same(w, "told", w.do(w.like(bob, c, true)).Told, []string{"ann"})
		same(w, "one", w.inbox("ann"), []string{note(talk.Liked, c, 1, false)})
		y := w.like(cleo, c, true)
		w.do(y)
		same(w, "two", []any{w.inbox("ann"), w.unread("ann")}, []any{[]string{note(talk.Liked, c, 2, false)}, 1})
		w.do(w.sawUntil(ann, y.At))
		same(w, "seen", []any{w.inbox("ann"), w.unread("ann")}, []any{[]string{note(talk.Liked, c, 2, true)}, 0})
		w.do(w.like(cleo, c, false))
		for range 3 {
			w.do(w.like(cleo, c, true))
			w.do(w.like(cleo, c, false))
		}
		same(w, "to and fro is nothing new", w.inbox("ann"), []string{note(talk.Liked, c, 1, true)})
		w.do(w.like(cleo, c, true))
		w.do(w.like(mod, c, true))
		same(w, "one more is", w.inbox("ann"), []string{note(talk.Liked, c, 3, false)})
		for _, who := range []talk.Person{bob, cleo, mod} {
			w.do(w.like(who, c, false))
		}
		same(w, "none is left", []any{w.inbox("ann"), w.unread("ann")}, []any{[]string{}, 0})
	},

	"of what can't be seen": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		root := w.say(ann, thread, "", "root")
		x := w.say(bob, thread, root, "x")
		w.do(w.like(bob, root, true))
		all := w.inbox("ann")
		same(w, "removed", w.do(w.delete(bob, x)).Told, []string{"bob", "ann"})
		same(w, "gone", []any{w.inbox("ann"), w.unread("ann")}, []any{[]string{note(talk.Liked, root, 1, false)}, 1})
		same(w, "restored", w.do(w.restore(bob, x)).Told, []string{"bob", "ann"})
		same(w, "back", w.inbox("ann"), all)
		w.do(w.keep(olga, talk.Hold, x, true))
		w.do(w.delete(ann, root))
		same(w, "all gone", []any{w.inbox("ann"), w.unread("ann")}, []any{[]string{}, 0})
		w.do(w.restore(ann, root))
		w.do(w.keep(olga, talk.Hold, x, false))
		same(w, "all back", w.inbox("ann"), all)

		held := w.heldPost(forum.HoldAll, cleo, thread, root, "held")
		same(w, "held", w.do(held).Told, []string(nil))
		same(w, "nobody knows", w.inbox("ann"), all)
		y := w.keep(olga, talk.Hold, held.ID, false)
		same(w, "published", w.do(y).Told, []string{"ann"})
		notices, _, _ := w.Inbox(w.ctx(), "ann", "", 10)
		same(w, "told when it is published", []any{notices[0].Comment.ID, notices[0].At, len(notices)}, []any{held.ID, kept(y.At), 3})
		w.do(w.keep(olga, talk.Ban, x, true))
		same(w, "what the banned wrote stays", len(w.inbox("ann")), 3)
	},

	"in one batch": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		x, y := w.post(ann, thread, "", "x"), w.heldPost(forum.HoldAll, bob, thread, "", "")
		y.Command.Parent = x.ID
		z := w.post(cleo, thread, x.ID, "z")
		w.commit(x, y, w.keep(olga, talk.Hold, y.ID, false), z, w.like(bob, x.ID, true), w.like(cleo, x.ID, true))
		got := w.inbox("ann")
		slices.Sort(got)
		want := []string{note(talk.Liked, x.ID, 2, false), note(talk.Reply, y.ID, 0, false), note(talk.Reply, z.ID, 0, false)}
		slices.Sort(want)
		same(w, "all", []any{got, w.unread("ann")}, []any{want, 3})
		r := w.post(bob, thread, x.ID, "r")
		later := w.post(cleo, thread, x.ID, "later")
		w.commit(r, w.saw(ann, thread, 4), later)
		same(w, "seen up to then", w.unread("ann"), 1)
	},

	"seen": func(w *world) {
		thread, other := w.thread(), w.thread()
		a, b := w.say(ann, thread, "", "a"), w.say(ann, other, "", "b")
		one, two, three := w.post(bob, thread, a, "1"), w.post(bob, thread, a, "2"), w.post(bob, other, b, "3")
		w.commit(one, two, three)
		same(w, "all", w.unread("ann"), 3)
		same(w, "told", w.do(w.saw(ann, thread, 2)).Told, []string{"ann"})
		same(w, "up to a number", w.inbox("ann"), []string{note(talk.Reply, three.ID, 0, false), note(talk.Reply, two.ID, 0, false), note(talk.Reply, one.ID, 0, true)})
		w.do(w.write(ann, talk.Command{Kind: talk.Seen, Comment: three.ID}))
		same(w, "of a comment", w.inbox("ann"), []string{note(talk.Reply, three.ID, 0, true), note(talk.Reply, two.ID, 0, false), note(talk.Reply, one.ID, 0, true)})
		w.do(w.sawUntil(bob, now))
		w.do(w.sawUntil(ann, two.At.Add(-time.Millisecond)))
		same(w, "not yet", w.unread("ann"), 1)
		w.do(w.sawUntil(ann, two.At))
		same(w, "until then", w.unread("ann"), 0)
		for _, s := range append([]string{"a\x00b", "\xff"}, hostile...) {
			w.do(w.write(ann, talk.Command{Kind: talk.Seen, Comment: s}))
		}
	},

	"never of what is muted": func(w *world) {
		thread, topical := w.thread(), w.about("Baths")
		a, b := w.say(ann, thread, "", "a"), w.say(ann, topical, "", "b")
		w.say(bob, thread, a, "before")
		same(w, "told that it is quiet", w.do(w.mute(ann, thread, true)).Told, []string{"ann"})
		w.say(bob, thread, a, "after")
		w.do(w.like(bob, a, true))
		same(w, "muted", []any{w.unread("ann"), len(w.inbox("ann"))}, []any{0, 1})
		w.do(w.write(ann, talk.Command{Kind: talk.Mute, Topic: "baths", On: true}))
		first := w.say(bob, topical, b, "who follows a thread hears of it")
		w.do(w.follow(ann, topical, false))
		w.say(bob, topical, b, "who doesn't, not")
		same(w, "topic", w.inbox("ann")[0], note(talk.Reply, first, 0, false))
		w.do(w.write(ann, talk.Command{Kind: talk.Mute, Topic: "baths"}))
		last := w.say(bob, topical, b, "not muted any more")
		same(w, "heard again", w.inbox("ann")[0], note(talk.Reply, last, 0, false))
	},

	"once": func(w *world) {
		thread := w.thread()
		root := w.say(ann, thread, "", "root")
		x := withRef("r", w.post(bob, thread, root, "x"))
		w.do(x)
		if out := w.do(x); !out.Again || len(out.Told) != 0 {
			w.Fatalf("%+v", out)
		}
		y := withRef("s", w.like(bob, root, true))
		w.do(y)
		w.do(y)
		same(w, "inbox", len(w.inbox("ann")), 2)
		w.refused(w.commit(w.post(bob, thread, "none", "x"))[0].Err, talk.NotFound, "parent")
	},

	"pages": func(w *world) {
		thread := w.thread()
		root := w.say(ann, thread, "", "root")
		var want []string
		at := beginning.Add(time.Minute)
		for i := range 25 {
			x := w.post(bob, thread, root, "x")
			x.At = at.Add(time.Duration(i/5) * time.Second) // five at a time
			w.do(x)
			want = append(want, x.ID)
		}
		got := []string{}
		for after := ""; ; {
			notices, next, err := w.Inbox(w.ctx(), "ann", after, 7)
			if err != nil {
				w.Fatal(err)
			}
			for i, n := range notices {
				got = append(got, n.Comment.ID)
				if i > 0 && n.At.After(notices[i-1].At) {
					w.Fatal("not in the order of time")
				}
			}
			if after = next; after == "" {
				break
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		same(w, "each once", got, want)
		_, _, err := w.Inbox(w.ctx(), "ann", "x", 7)
		w.refused(err, talk.Invalid, "after")
		for _, s := range hostile {
			if notices, _, err := w.Inbox(w.ctx(), s, "", 7); err != nil || len(notices) != 0 {
				w.Fatal(notices, err)
			}
			same(w, "unread", w.unread(s), 0)
		}
	},

	"counted up to a bound": func(w *world) {
		thread := w.thread()
		root := w.say(ann, thread, "", "root")
		var writes []forum.Write
		for range talk.UnreadMax + 10 {
			writes = append(writes, w.post(bob, thread, root, "x"))
		}
		w.commit(writes...)
		w.do(w.follow(cleo, thread, true))
		w.commit(writes[0], writes[1])
		same(w, "unread", w.unread("ann"), talk.UnreadMax)
		unread, err := w.Unread(w.ctx())
		same(w, "of nobody", []any{unread, err}, []any{map[string]int{}, nil})
	},
}
