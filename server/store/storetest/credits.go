package storetest

import (
	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

var creditTests = map[string]func(*world){
	"of one thread, and of all": func(w *world) {
		w.owner("olga")
		thread, other := w.thread(), w.thread()
		x, y, elsewhere := w.say(ann, thread, "", "x"), w.say(bob, thread, "", "y"), w.say(ann, other, "", "z")
		wrote := func() (all []bool) {
			for _, c := range append(w.view(thread, "", forum.Query{}).Comments, w.view(other, "", forum.Query{}).Comments...) {
				all = append(all, c.Wrote)
			}
			return all
		}
		credit := func(comment string, on, all bool) *bool {
			w.Helper()
			c := w.keep(olga, talk.Credit, comment, on)
			c.Command.All = all
			return w.do(c).Result.Wrote
		}
		same(w, "nobody", wrote(), []bool{false, false, false})
		same(w, "answer", credit(x, true, false), true)
		same(w, "in its thread", wrote(), []bool{true, false, false})
		w.reopen()
		same(w, "kept", wrote(), []bool{true, false, false})
		out := w.do(w.post(ann, thread, "", "new"))
		same(w, "a new one", []bool{out.Result.Comment.Wrote, out.Event.Comment.Wrote, w.do(w.post(ann, other, "", "new")).Event.Comment.Wrote}, []bool{true, true, false})
		same(w, "its entry", []bool{w.catchUp(thread, 2, 0).Events[0].Comment.Wrote, w.catchUp(thread, 1, 0).Events[0].Comment.Wrote}, []bool{true, false})
		same(w, "an edited one", w.do(w.edit(ann, x, "changed")).Event.Comment.Wrote, true)
		same(w, "everywhere", credit(elsewhere, true, true), true)
		same(w, "all of hers", wrote(), []bool{true, false, true, true, true})
		same(w, "still, by the other", credit(x, false, false), true)
		same(w, "none", credit(x, false, true), false)
		same(w, "none", wrote(), []bool{false, false, false, false, false})
		w.do(w.delete(bob, y))
		credit(y, true, false)
		same(w, "a stone has no author", w.view(thread, "", forum.Query{}).Comments[1].Wrote, false)
	},

	"by owners only": func(w *world) {
		w.owner("olga")
		thread := w.thread()
		x := w.say(ann, thread, "", "x")
		w.do(w.keep(olga, talk.Appoint, w.say(mod, thread, "", "m"), true))
		for _, who := range []talk.Person{ann, mod, bob} {
			w.refused(w.commit(w.keep(who, talk.Credit, x, true))[0].Err, talk.Forbidden, "")
		}
		w.refused(w.commit(w.keep(olga, talk.Credit, "none", true))[0].Err, talk.NotFound, "comment")
		again := withRef("r", w.keep(olga, talk.Credit, x, true))
		w.do(again)
		out := w.do(again)
		same(w, "again", []any{out.Again, out.Result.Wrote}, []any{true, true})
		same(w, "it brings no rights", w.view(thread, "ann", forum.Query{}).Role, talk.Role(""))
		y := w.post(ann, thread, "", "y")
		all := w.commit(w.keep(olga, talk.Credit, x, false), y, w.keep(olga, talk.Credit, x, true), w.post(ann, thread, "", "z"))
		same(w, "in one batch", []bool{all[1].Event.Comment.Wrote, all[3].Event.Comment.Wrote}, []bool{false, true})
	},
}
