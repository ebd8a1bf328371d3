package storetest

import (
	"fmt"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

var (
	olga = talk.Person{ID: "olga", Name: "Olga"} // an owner, where a test makes her one
	mod  = talk.Person{ID: "mod", Name: "Mod"}
)

// heldPost is a post under a rule.
func (w *world) heldPost(rule string, who talk.Person, thread, parent, body string) forum.Write {
	x := w.post(who, thread, parent, body)
	x.Rules.Hold = rule
	return x
}

var holdTests = map[string]func(*world){
	"until it is published": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		root := w.say(bob, thread, "", "root")
		x := withRef("r", w.heldPost(forum.HoldAll, ann, thread, root, "Evidence"))
		out := w.do(x)
		mine := talk.Comment{ID: x.ID, Thread: thread, Parent: root, Author: ann, HTML: "<p>Evidence</p>", At: kept(x.At), State: talk.Held}
		same(w, "result", out.Result, talk.Result{Comment: &mine})
		if out.Event != nil || out.Tally != nil || w.head(thread).Seq != 1 {
			w.Fatalf("%+v", out)
		}
		for _, person := range []string{"", "bob"} {
			leaks(w, "Evidence", w.view(thread, person, forum.Query{}), w.catchUp(thread, 0, 0))
			leaks(w, x.ID, w.view(thread, person, forum.Query{}), w.catchUp(thread, 0, 0))
		}
		same(w, "its author sees", w.view(thread, "ann", forum.Query{}).Comments[1], mine)
		v := w.view(thread, "olga", forum.Query{})
		same(w, "who keeps order sees", []any{v.Comments[1], v.Role}, []any{mine, talk.Owner})
		again := w.do(x)
		same(w, "repeat", []any{again.Again, again.Result}, []any{true, out.Result})
		for _, y := range []forum.Write{w.like(bob, x.ID, true), w.post(bob, thread, x.ID, "answer"), w.delete(bob, x.ID),
			w.write(bob, talk.Command{Kind: talk.Flag, Comment: x.ID, Reason: talk.Spam})} {
			if err := w.commit(y)[0].Err; err == nil {
				w.Fatalf("%s was done to what others don't know of", y.Command.Kind)
			}
		}

		later := w.say(bob, thread, "", "later")
		y := w.keep(olga, talk.Hold, x.ID, false)
		out = w.do(y)
		shown := mine
		shown.State = talk.Published
		same(w, "event", out.Event, talk.Event{Seq: 3, Kind: talk.CommentAdded, At: kept(y.At), Comment: shown})
		v = w.view(thread, "", forum.Query{})
		same(w, "view", []any{ids(v.Comments), v.Comments[1], v.Thread.Comments}, []any{[]string{root, x.ID, later}, shown, 3})
		same(w, "log", w.catchUp(thread, 2, 0).Events, []talk.Event{*out.Event})
		same(w, "its author sees it once", ids(w.view(thread, "ann", forum.Query{}).Comments), []string{root, x.ID, later})
	},

	"of first comments only": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		first := w.do(w.heldPost(forum.HoldFirst, ann, thread, "", "first")).Result.Comment
		second := w.do(w.heldPost(forum.HoldFirst, ann, thread, "", "second")).Result.Comment
		w.do(w.keep(olga, talk.Hold, first.ID, false))
		third := w.do(w.heldPost(forum.HoldFirst, ann, thread, "", "third")).Result.Comment
		w.do(w.delete(olga, first.ID))
		w.do(w.delete(olga, third.ID))
		fourth := w.do(w.heldPost(forum.HoldFirst, ann, thread, "", "fourth")).Result.Comment
		own := w.do(w.heldPost(forum.HoldFirst, olga, thread, "", "of who keeps order")).Result.Comment
		same(w, "states", []talk.State{first.State, second.State, third.State, fourth.State, own.State},
			[]talk.State{talk.Held, talk.Held, talk.Published, talk.Held, talk.Published})
	},

	"in one batch": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		x := w.heldPost(forum.HoldFirst, ann, thread, "", "x")
		outcomes := w.commit(x, w.keep(olga, talk.Hold, x.ID, false), w.heldPost(forum.HoldFirst, ann, thread, x.ID, "y"))
		same(w, "states", outcomes[2].Result.Comment.State, talk.Published)
		same(w, "numbers", []uint64{outcomes[1].Event.Seq, outcomes[2].Event.Seq}, []uint64{1, 2})
	},

	"after it was published": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		x := w.post(ann, thread, "", "Evidence")
		w.do(x)
		w.do(w.like(bob, x.ID, true))
		before := w.view(thread, "", forum.Query{}).Comments
		y := w.keep(olga, talk.Hold, x.ID, true)
		out := w.do(y)
		stone := talk.Comment{ID: x.ID, Thread: thread, At: kept(x.At), State: talk.Removed}
		same(w, "event", out.Event, talk.Event{Seq: 2, Kind: talk.CommentHeld, At: kept(y.At), Comment: stone})
		for _, person := range []string{"", "bob"} {
			leaks(w, "Evidence", w.view(thread, person, forum.Query{}), w.catchUp(thread, 0, 0), out.Event)
		}
		for _, person := range []string{"ann", "olga"} {
			c := w.view(thread, person, forum.Query{}).Comments[0]
			same(w, person, []any{c.State, c.HTML, c.Author}, []any{talk.Held, "<p>Evidence</p>", ann})
		}
		if again := w.do(w.keep(olga, talk.Hold, x.ID, true)); again.Event != nil {
			w.Fatalf("%+v", again)
		}
		w.refused(w.commit(w.like(bob, x.ID, false))[0].Err, talk.Gone, "comment")
		out = w.do(w.keep(olga, talk.Hold, x.ID, false))
		same(w, "back", []any{out.Event.Kind, w.view(thread, "", forum.Query{}).Comments}, []any{talk.CommentRestored, before})
	},

	"what is removed while it is held comes back held": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		x := w.heldPost(forum.HoldAll, ann, thread, "", "Evidence")
		w.do(x)
		if out := w.do(w.delete(ann, x.ID)); out.Event != nil || out.Result.Comment.State != talk.Removed {
			w.Fatalf("%+v", out)
		}
		leaks(w, x.ID, w.view(thread, "ann", forum.Query{}), w.view(thread, "olga", forum.Query{}))
		if out := w.do(w.restore(ann, x.ID)); out.Event != nil || out.Result.Comment.State != talk.Held {
			w.Fatalf("%+v", out)
		}
		leaks(w, x.ID, w.view(thread, "", forum.Query{}))
		w.do(w.keep(olga, talk.Hold, x.ID, false))
		same(w, "published", w.view(thread, "", forum.Query{}).Thread.Comments, 1)
	},

	"can be changed meanwhile": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		x := w.heldPost(forum.HoldAll, ann, thread, "", "x")
		w.do(x)
		if out := w.do(w.edit(ann, x.ID, "better")); out.Event != nil || out.Result.Comment.HTML != "<p>better</p>" {
			w.Fatalf("%+v", out)
		}
		w.do(w.keep(olga, talk.Hold, x.ID, false))
		same(w, "published", w.view(thread, "", forum.Query{}).Comments[0].HTML, "<p>better</p>")
	},

	"again, where all are, once it says something else": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		id := w.say(ann, thread, "", "harmless")
		x := w.edit(ann, id, "Evidence")
		x.Rules.Hold = forum.HoldAll
		if out := w.do(x); out.Event.Kind != talk.CommentHeld || out.Result.Comment.State != talk.Held || out.Result.Comment.HTML != "<p>Evidence</p>" {
			w.Fatalf("%+v", out)
		}
		leaks(w, "Evidence", w.view(thread, "bob", forum.Query{}), w.catchUp(thread, 0, 0))
		w.do(w.keep(olga, talk.Hold, id, false))
		same(w, "published", w.view(thread, "", forum.Query{}).Comments[0].HTML, "<p>Evidence</p>")
	},

	"stands where a new one would": func(w *world) {
		thread := w.thread()
		for range 3 {
			w.say(bob, thread, "", "x")
		}
		x := w.heldPost(forum.HoldAll, ann, thread, "", "held")
		w.do(x)
		for sort, at := range map[talk.Sort]int{talk.Oldest: 2, talk.Top: 2, talk.Newest: 0} {
			v := w.view(thread, "ann", forum.Query{Sort: sort, Roots: 2})
			if len(v.Comments) != 3 || v.Comments[at].ID != x.ID {
				w.Fatal(sort, ids(v.Comments))
			}
			if v = w.view(thread, "ann", forum.Query{Sort: sort, Roots: 2, After: v.Next}); len(v.Comments) != 1 {
				w.Fatal(sort, ids(v.Comments))
			}
		}
	},
}

var orderTests = map[string]func(*world){
	"pinned roots come first": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		var roots []string
		for i := range 5 {
			roots = append(roots, w.say(ann, thread, "", fmt.Sprint(i)))
		}
		reply := w.say(bob, thread, roots[3], "reply")
		x := w.keep(olga, talk.Pin, roots[3], true)
		out := w.do(x)
		if out.Event.Kind != talk.CommentPinned || !out.Event.Comment.Pinned || !out.Result.Comment.Pinned {
			w.Fatalf("%+v", out)
		}
		w.do(w.keep(olga, talk.Pin, roots[1], true))
		for sort, want := range map[talk.Sort][]string{
			talk.Oldest: {roots[1], roots[3], reply, roots[0], roots[2], roots[4]},
			talk.Newest: {roots[1], roots[3], reply, roots[4], roots[2], roots[0]},
			talk.Top:    {roots[1], roots[3], reply, roots[0], roots[2], roots[4]},
		} {
			same(w, string(sort), ids(w.view(thread, "", forum.Query{Sort: sort}).Comments), want)
			for size := 1; size < 5; size++ {
				var paged []string
				for q := (forum.Query{Sort: sort, Roots: size}); ; {
					v := w.view(thread, "", q)
					paged = append(paged, ids(v.Comments)...)
					if q.After = v.Next; q.After == "" {
						break
					}
				}
				same(w, fmt.Sprint(sort, " in pages of ", size), paged, want)
			}
		}
		w.refused(w.commit(w.keep(olga, talk.Pin, reply, true))[0].Err, talk.Invalid, "comment")
		if again := w.do(w.keep(olga, talk.Pin, roots[1], true)); again.Event != nil {
			w.Fatalf("%+v", again)
		}
		w.do(w.keep(olga, talk.Pin, roots[3], false))
		w.do(w.delete(ann, roots[1]))
		w.do(w.restore(ann, roots[1]))
		same(w, "not any more", ids(w.view(thread, "", forum.Query{}).Comments), []string{roots[0], roots[1], roots[2], roots[3], reply, roots[4]})
	},

	"a lock": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		root := w.say(ann, thread, "", "root")
		lock := func(who talk.Person, on bool) forum.Write {
			return w.write(who, talk.Command{Kind: talk.Lock, Thread: thread, On: on})
		}
		w.refused(w.commit(lock(ann, true))[0].Err, talk.Forbidden, "")
		w.refused(w.commit(w.write(olga, talk.Command{Kind: talk.Lock, Thread: "none", On: true}))[0].Err, talk.NotFound, "thread")
		x := withRef("r", lock(olga, true))
		out := w.do(x)
		same(w, "event", out.Event, talk.Event{Seq: 2, Kind: talk.ThreadLocked, At: kept(x.At), Thread: &talk.ThreadNow{ID: thread, Locked: true}})
		same(w, "result", []any{out.Result, out.Thread}, []any{talk.Result{Locked: out.Result.Locked}, thread})
		if !*out.Result.Locked || !w.view(thread, "", forum.Query{}).Thread.Locked {
			w.Fatal("not locked")
		}
		if again := w.do(x); !again.Again || !*again.Result.Locked {
			w.Fatalf("%+v", again)
		}
		for _, y := range []forum.Write{w.post(bob, thread, "", "x"), w.post(bob, thread, root, "x"), w.edit(ann, root, "x")} {
			w.refused(w.commit(y)[0].Err, talk.Locked, "")
		}
		w.do(w.react(bob, thread, "like", true))
		w.do(w.like(bob, root, true))
		w.do(w.post(olga, thread, root, "the last word"))
		same(w, "log", w.catchUp(thread, 1, 0).Events[0], out.Event)
		w.do(lock(olga, false))
		w.do(w.post(bob, thread, "", "x"))
		events := w.catchUp(thread, 0, 0).Events
		for i, e := range events {
			if e.Seq != uint64(i+1) || (e.Kind == talk.ThreadLocked) != (e.Thread != nil) || e.Thread != nil && e.Thread.Locked {
				w.Fatalf("%+v", e)
			}
		}
		if len(events) != 5 {
			w.Fatal(len(events))
		}
		c, err := w.CatchUp(w.ctx(), thread, 0, 0, 2)
		if err != nil || len(c.Events) != 2 || c.Events[1].Seq != 2 {
			w.Fatal(c, err)
		}
	},

	"a ban": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		root, theirs := w.say(ann, thread, "", "root"), w.say(bob, thread, "", "theirs")
		w.do(w.react(bob, thread, "like", true))
		x := withRef("r", w.keep(olga, talk.Ban, theirs, true))
		if out := w.do(x); out.Event != nil || !*out.Result.Banned {
			w.Fatalf("%+v", out)
		}
		if out := w.do(x); !out.Again || !*out.Result.Banned {
			w.Fatalf("%+v", out)
		}
		for _, y := range []forum.Write{
			w.post(bob, thread, "", "x"), w.edit(bob, theirs, "x"), w.react(bob, thread, "heart", true), w.like(bob, root, true),
			w.write(bob, talk.Command{Kind: talk.Flag, Comment: root, Reason: talk.Spam}),
		} {
			w.refused(w.commit(y)[0].Err, talk.Forbidden, "")
		}
		same(w, "what was said stays", len(w.view(thread, "", forum.Query{}).Comments), 2)
		w.do(w.react(bob, thread, "like", false)) // what is theirs, they may take back
		w.do(w.delete(bob, theirs))
		w.refused(w.commit(w.restore(bob, theirs))[0].Err, talk.Forbidden, "")
		w.do(w.keep(olga, talk.Ban, theirs, false))
		w.do(w.post(bob, thread, "", "x"))
	},

	"in one batch": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		x := w.post(bob, thread, "", "x")
		outcomes := w.commit(x, w.keep(olga, talk.Ban, x.ID, true), w.post(bob, thread, "", "y"), w.keep(olga, talk.Ban, x.ID, false), w.post(bob, thread, "", "z"))
		w.refused(outcomes[2].Err, talk.Forbidden, "")
		if outcomes[3].Err != nil || outcomes[4].Err != nil {
			w.Fatal(outcomes[3].Err, outcomes[4].Err)
		}
	},

	"ranks": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		byOlga, byMod, byAnn := w.say(olga, thread, "", "o"), w.say(mod, thread, "", "m"), w.say(ann, thread, "", "a")
		if out := w.do(w.keep(olga, talk.Appoint, byMod, true)); !*out.Result.Moderator {
			w.Fatalf("%+v", out)
		}
		for i, x := range []forum.Write{
			w.keep(mod, talk.Ban, byOlga, true), w.keep(olga, talk.Ban, byOlga, true), w.keep(mod, talk.Ban, byMod, true),
			w.keep(mod, talk.Appoint, byAnn, true), w.keep(ann, talk.Appoint, byAnn, true), w.keep(olga, talk.Appoint, byOlga, false),
		} {
			if err := w.commit(x)[0].Err; err == nil {
				w.Fatalf("write %d was done", i)
			}
		}
		v := w.view(thread, "mod", forum.Query{})
		same(w, "badges", []talk.Role{v.Comments[0].Badge, v.Comments[1].Badge, v.Comments[2].Badge, v.Role}, []talk.Role{talk.Owner, talk.Moderator, "", talk.Moderator})
		same(w, "badge of a new one", w.do(w.post(mod, thread, "", "x")).Event.Comment.Badge, talk.Moderator)
		w.do(w.delete(mod, byOlga))
		w.do(w.keep(olga, talk.Ban, byMod, true)) // owners may
		w.refused(w.commit(w.delete(mod, byAnn))[0].Err, talk.Forbidden, "comment")
		same(w, "none while banned", []any{w.view(thread, "mod", forum.Query{}).Role, w.view(thread, "", forum.Query{}).Comments[1].Badge}, []any{talk.Role(""), talk.Role("")})
		w.do(w.keep(olga, talk.Ban, byMod, false))
		w.do(w.keep(olga, talk.Appoint, byMod, false))
		s, err := w.Standing(w.ctx(), "mod")
		if err != nil || s != (forum.Standing{}) {
			w.Fatal(s, err)
		}
	},

	"the queue": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		flag := func(who talk.Person, comment string, reason talk.Reason, text string) forum.Write {
			return w.write(who, talk.Command{Kind: talk.Flag, Comment: comment, Reason: reason, Text: text})
		}
		queue := func() []talk.Case {
			w.Helper()
			var all []talk.Case
			for after := ""; ; {
				cases, next, err := w.Queue(w.ctx(), after, 2)
				if err != nil {
					w.Fatal(err)
				}
				if all = append(all, cases...); next == "" {
					return all
				}
				after = next
			}
		}
		a, b, c := w.say(ann, thread, "", "a"), w.say(ann, thread, "", "b"), w.say(ann, thread, "", "c")
		if out := w.do(flag(bob, a, talk.Spam, "first")); !*out.Result.Flagged || out.Event != nil || out.Tally != nil {
			w.Fatalf("%+v", out)
		}
		w.do(flag(bob, a, talk.Abuse, "second"))
		w.do(flag(mod, a, talk.Abuse, ""))
		w.do(flag(bob, b, talk.Other, ""))
		held := w.do(w.heldPost(forum.HoldAll, bob, thread, "", "held")).Result.Comment.ID
		w.do(w.keep(olga, talk.Hold, b, true))
		last := flag(bob, c, talk.OffTopic, "last")
		w.do(last)
		w.refused(w.commit(flag(ann, c, talk.Spam, ""))[0].Err, talk.Forbidden, "comment")

		all := queue()
		var order []string
		for _, q := range all {
			order = append(order, q.Comment.ID)
		}
		same(w, "newest first", order, []string{c, b, held, a})
		same(w, "states", []any{all[1].Comment.State, all[1].Comment.HTML, all[2].Comment.HTML, all[3].Comment.State}, []any{talk.Held, "<p>b</p>", "<p>held</p>", talk.Published})
		same(w, "counts", []any{all[3].Counts, all[1].Counts, all[2].Counts}, []any{map[talk.Reason]int{talk.Abuse: 2}, map[talk.Reason]int{talk.Other: 1}, map[talk.Reason]int{}})
		same(w, "flags", all[0].Flags, []talk.Flagging{{Person: bob, Reason: talk.OffTopic, Text: "last", At: kept(last.At)}})
		same(w, "place", []any{all[0].Title, all[0].At}, []any{"A page", kept(last.At)})
		leaks(w, "second", w.view(thread, "ann", forum.Query{}), w.catchUp(thread, 0, 0))

		w.do(w.keep(olga, talk.Hold, a, false)) // all right as it is
		w.do(w.keep(olga, talk.Hold, held, false))
		w.do(w.delete(olga, b))
		w.commit(flag(bob, a, talk.Spam, "x"), w.delete(olga, a), w.delete(olga, c))
		if left := queue(); len(left) != 0 {
			w.Fatalf("%+v", left)
		}
		if _, _, err := w.Queue(w.ctx(), "nonsense", 2); err == nil {
			w.Fatal("a bad cursor was taken")
		}
	},

	"one reaction at a time": func(w *world) {
		thread := w.thread()
		one := func(kind string, on bool) forum.Write {
			x := w.react(ann, thread, kind, on)
			x.Rules.OneReaction = true
			return x
		}
		w.do(w.react(bob, thread, "like", true))
		w.do(one("like", true))
		out := w.do(one("heart", true))
		same(w, "result", out.Result, talk.Result{Reactions: map[string]int{"like": 1, "heart": 1}, Mine: []string{"heart"}, Version: 3})
		same(w, "tally", out.Tally, talk.Tally{Version: 3, Reactions: map[string]int{"like": 1, "heart": 1}})
		w.do(w.react(bob, thread, "like", false))
		out = w.do(one("like", true))
		same(w, "tally", out.Tally, talk.Tally{Version: 5, Reactions: map[string]int{"like": 1, "heart": 0}})
		same(w, "mine", w.view(thread, "ann", forum.Query{}).Thread.Mine, []string{"like"})
		if out = w.do(one("like", true)); out.Tally != nil {
			w.Fatalf("%+v", out)
		}
	},

	"invitations": func(w *world) {
		redeem := func(kind forum.InvitationKind, token, person string, at time.Time) error {
			return w.Redeem(w.ctx(), kind, []byte(token), person, at)
		}
		end := beginning.Add(time.Hour)
		for _, token := range []string{"a", "b"} {
			if err := w.Invite(w.ctx(), forum.Invitation{Kind: forum.ByLink, Hash: []byte(token), Expires: end}); err != nil {
				w.Fatal(err)
			}
		}
		w.refused(redeem(forum.ByLink, "none", "ann", beginning), talk.Forbidden, "token")
		w.refused(redeem(forum.ByCode, "a", "ann", beginning), talk.Forbidden, "code")
		w.refused(redeem(forum.ByLink, "a", "ann", end), talk.Forbidden, "token")
		if err := redeem(forum.ByLink, "a", "ann", end.Add(-time.Second)); err != nil {
			w.Fatal(err)
		}
		w.refused(redeem(forum.ByLink, "a", "bob", beginning), talk.Forbidden, "token")
		for person, want := range map[string]talk.Role{"ann": talk.Owner, "bob": ""} {
			if s, err := w.Standing(w.ctx(), person); err != nil || s.Role != want {
				w.Fatal(person, s, err)
			}
		}
		if err := w.Forget(w.ctx(), end.Add(time.Second)); err != nil {
			w.Fatal(err)
		}
		w.refused(redeem(forum.ByLink, "b", "bob", beginning), talk.Forbidden, "token")
	},
}
