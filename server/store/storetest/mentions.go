package storetest

import (
	"slices"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// mentioning makes a post or an edit mention people, by their names.
func mentioning(x forum.Write, people ...talk.Person) forum.Write {
	for _, p := range people {
		x.Mentions = append(x.Mentions, forum.Mentioned{Person: p.ID, Name: p.Name})
	}
	return x
}

// speakers are a thread's in short: whose last comment under which name.
func (w *world) speakers(thread string) []string {
	w.Helper()
	all, err := w.Speakers(w.ctx(), thread)
	if err != nil {
		w.Fatal(err)
	}
	short := []string{}
	for _, s := range all {
		short = append(short, s.ID+" "+s.Name+" "+s.Headline+" "+s.Comment)
	}
	return short
}

func (w *world) mentions(comment string) []forum.Mentioned {
	w.Helper()
	all, err := w.Mentions(w.ctx(), comment)
	if err != nil {
		w.Fatal(err)
	}
	return all
}

// told are those who are told, each once: a store may say so more often.
func told(out forum.Outcome) []string {
	return slices.Compact(slices.Sorted(slices.Values(out.Told)))
}

var mentionTests = map[string]func(*world){
	"who speaks": func(w *world) {
		thread, other := w.thread(), w.thread()
		w.owner("olga")
		w.say(cleo, other, "", "elsewhere")
		same(w, "nobody", w.speakers(thread), []string{})
		a := w.say(ann, thread, "", "a")
		b := w.say(bob, thread, a, "b")
		a2 := w.say(ann, thread, b, "a2")
		renamed := talk.Person{ID: "bob", Name: "Robert"}
		r := w.say(renamed, thread, "", "r")
		w.do(w.heldPost(forum.HoldAll, cleo, thread, "", "held"))
		annas := "ann Ann Pharmacist, Leeds "
		same(w, "all", w.speakers(thread), []string{"bob Robert  " + r, annas + a2, "bob Bob  " + b})
		w.do(w.delete(ann, a2))
		w.do(w.keep(olga, talk.Hold, b, true))
		same(w, "what is gone says nothing", w.speakers(thread), []string{"bob Robert  " + r, annas + a})
		w.do(w.restore(ann, a2))
		w.do(w.delete(bob, r))
		same(w, "what is back does", w.speakers(thread), []string{annas + a2})
		for _, s := range append([]string{"a\x00b", "\xff", ""}, hostile...) {
			same(w, "nowhere", w.speakers(s), []string{})
		}
	},

	"who was last in a branch": func(w *world) {
		thread := w.thread()
		a := w.say(ann, thread, "", "a")
		b := w.say(bob, thread, a, "b")
		c := w.say(cleo, thread, b, "c")
		w.say(ann, thread, "", "another branch")
		last := func(comment string, people ...string) string {
			w.Helper()
			person, err := w.LastInBranch(w.ctx(), comment, people...)
			if err != nil {
				w.Fatal(err)
			}
			return person
		}
		same(w, "last", []string{last(a, "ann", "bob", "cleo"), last(c, "ann", "bob"), last(b, "ann"), last(b, "mod"), last(b), last("none", "ann")}, []string{"cleo", "bob", "ann", "", "", ""})
		w.do(w.delete(bob, b))
		same(w, "gone", last(c, "ann", "bob"), "ann")
		for _, s := range append([]string{"a\x00b", "\xff"}, hostile...) {
			same(w, "nobody", last(s, s, "ann")+last(a, s), "")
		}
	},

	"of comments": func(w *world) {
		thread := w.thread()
		w.say(ann, thread, "", "a")
		w.say(cleo, thread, "", "c")
		x := mentioning(w.post(bob, thread, "", "@Ann @Cleo @Bob"), ann, cleo, bob)
		same(w, "told", w.do(x).Told, []string{"ann", "cleo"})
		same(w, "ann", w.inbox("ann"), []string{note(talk.Mention, x.ID, 0, false)})
		same(w, "bob", []any{w.inbox("bob"), w.unread("ann")}, []any{[]string{}, 1})
		same(w, "kept", w.mentions(x.ID), []forum.Mentioned{{Person: "ann", Name: "Ann"}, {Person: "bob", Name: "Bob"}, {Person: "cleo", Name: "Cleo"}})
		same(w, "none", w.mentions("none"), []forum.Mentioned(nil))
		w.reopen()
		same(w, "ann", w.inbox("ann"), []string{note(talk.Mention, x.ID, 0, false)})
		for _, s := range append([]string{"a\x00b", "\xff"}, hostile...) {
			same(w, "none", w.mentions(s), []forum.Mentioned(nil))
		}
	},

	"in an answer are told as that": func(w *world) {
		thread := w.thread()
		a := w.say(ann, thread, "", "a")
		x := mentioning(w.post(bob, thread, a, "@Ann @Cleo"), ann, cleo)
		same(w, "told", w.do(x).Told, []string{"ann", "cleo"})
		same(w, "ann", w.inbox("ann"), []string{note(talk.Reply, x.ID, 0, false)})
		same(w, "cleo", w.inbox("cleo"), []string{note(talk.Mention, x.ID, 0, false)})
		y := mentioning(w.edit(bob, x.ID, "@Ann"), ann)
		same(w, "cleo is told that it is gone", w.do(y).Told, []string{"cleo"})
		same(w, "both", []any{w.inbox("ann"), w.inbox("cleo")}, []any{[]string{note(talk.Reply, x.ID, 0, false)}, []string{}})
	},

	"come and go with edits": func(w *world) {
		thread := w.thread()
		x := mentioning(w.post(bob, thread, "", "@Ann"), ann)
		w.do(x)
		same(w, "told", w.do(mentioning(w.edit(bob, x.ID, "@Cleo"), cleo)).Told, []string{"ann", "cleo"})
		same(w, "ann", []any{w.inbox("ann"), w.unread("ann")}, []any{[]string{}, 0})
		same(w, "cleo", []any{w.inbox("cleo"), w.unread("cleo")}, []any{[]string{note(talk.Mention, x.ID, 0, false)}, 1})
		same(w, "kept", w.mentions(x.ID), []forum.Mentioned{{Person: "cleo", Name: "Cleo"}})
		w.do(w.sawUntil(cleo, now))
		w.do(mentioning(w.edit(bob, x.ID, "@Cleo!"), cleo))
		same(w, "nothing new", w.inbox("cleo"), []string{note(talk.Mention, x.ID, 0, true)})
		w.do(w.edit(bob, x.ID, "nobody"))
		same(w, "none", []any{w.inbox("cleo"), len(w.mentions(x.ID))}, []any{[]string{}, 0})
		w.do(mentioning(w.edit(bob, x.ID, "@Cleo again"), cleo))
		same(w, "told once", w.inbox("cleo"), []string{note(talk.Mention, x.ID, 0, true)})
		w.refused(w.commit(mentioning(w.edit(cleo, x.ID, "x"), ann))[0].Err, talk.Forbidden, "comment")
		same(w, "not by another", w.mentions(x.ID), []forum.Mentioned{{Person: "cleo", Name: "Cleo"}})
	},

	"don't count of what can't be seen": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		held := mentioning(w.heldPost(forum.HoldAll, bob, thread, "", "@Ann"), ann)
		same(w, "held", w.do(held).Told, []string(nil))
		same(w, "nobody knows", w.inbox("ann"), []string{})
		same(w, "published", w.do(w.keep(olga, talk.Hold, held.ID, false)).Told, []string{"ann"})
		all := []string{note(talk.Mention, held.ID, 0, false)}
		same(w, "ann", w.inbox("ann"), all)
		same(w, "removed", w.do(w.delete(bob, held.ID)).Told, []string{"bob", "ann"})
		same(w, "gone", []any{w.inbox("ann"), w.unread("ann")}, []any{[]string{}, 0})
		same(w, "restored", told(w.do(w.restore(bob, held.ID))), []string{"ann", "bob"})
		same(w, "back", w.inbox("ann"), all)

		x := mentioning(w.edit(bob, held.ID, "@Cleo"), cleo)
		x.Rules.Hold = forum.HoldAll
		w.do(x)
		same(w, "an edit that is held", []any{w.inbox("ann"), w.inbox("cleo")}, []any{[]string{}, []string{}})
		same(w, "published", told(w.do(w.keep(olga, talk.Hold, held.ID, false))), []string{"bob", "cleo"})
		same(w, "cleo", []any{w.inbox("ann"), w.inbox("cleo")}, []any{[]string{}, all})
	},

	"in one batch": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		x := mentioning(w.post(bob, thread, "", "@Ann"), ann)
		y := mentioning(w.heldPost(forum.HoldAll, bob, thread, "", "@Ann"), ann)
		w.commit(x, y, w.keep(olga, talk.Hold, y.ID, false), mentioning(w.edit(bob, x.ID, "@Cleo"), cleo))
		same(w, "ann", w.inbox("ann"), []string{note(talk.Mention, y.ID, 0, false)})
		same(w, "cleo", w.inbox("cleo"), []string{note(talk.Mention, x.ID, 0, false)})
		again := withRef("r", mentioning(w.edit(bob, x.ID, "@Ann, @Cleo"), ann, cleo))
		w.do(again)
		out := w.commit(again, w.keep(olga, talk.Pin, x.ID, true))
		same(w, "again", []any{out[0].Again, out[0].Told, len(w.mentions(x.ID))}, []any{true, []string(nil), 2})
	},

	"are forgotten with the text": func(w *world) {
		thread := w.thread()
		x, y := mentioning(w.post(bob, thread, "", "@Ann"), ann), mentioning(w.post(bob, thread, "", "@Ann, too"), ann)
		w.commit(x, y)
		z := w.delete(bob, x.ID)
		w.do(z)
		if err := w.Forget(w.ctx(), z.At); err != nil {
			w.Fatal(err)
		}
		same(w, "not yet", len(w.mentions(x.ID)), 1)
		if err := w.Forget(w.ctx(), z.At.Add(time.Second)); err != nil {
			w.Fatal(err)
		}
		same(w, "now", []int{len(w.mentions(x.ID)), len(w.mentions(y.ID))}, []int{0, 1})
	},

	"never of what is muted": func(w *world) {
		thread := w.thread()
		w.do(w.mute(ann, thread, true))
		w.do(mentioning(w.post(bob, thread, "", "@Ann"), ann))
		same(w, "ann", w.inbox("ann"), []string{})
	},
}
