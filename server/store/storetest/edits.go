package storetest

import (
	"encoding/json"
	"strings"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

var editTests = map[string]func(*world){
	"changes what is read, and keeps what was": func(w *world) {
		thread := w.thread()
		first := w.post(ann, thread, "", "first")
		w.do(first)
		reply := w.say(bob, thread, first.ID, "a reply")
		w.do(w.like(bob, first.ID, true))
		x := withRef("r", w.edit(ann, first.ID, "second"))
		out := w.do(x)

		want := talk.Comment{ID: first.ID, Thread: thread, Author: ann, HTML: "<p>second</p>", At: kept(first.At), EditedAt: kept(x.At), State: talk.Published, Likes: 1, Replies: 1}
		same(w, "result", out.Result, talk.Result{Comment: &want})
		told := want
		told.Replies = 0
		same(w, "event", out.Event, talk.Event{Seq: 3, Kind: talk.CommentEdited, At: kept(x.At), Comment: told})
		v := w.view(thread, "", forum.Query{})
		same(w, "view", v.Comments[0], want)
		same(w, "order", ids(v.Comments), []string{first.ID, reply})
		missed := w.catchUp(thread, 0, 0)
		same(w, "log", []any{missed.Events[0].Comment.HTML, missed.Events[2]}, []any{"<p>second</p>", out.Event})
		same(w, "count", v.Thread.Comments, 2)

		y := w.edit(ann, first.ID, "third")
		w.do(y)
		again := w.do(x)
		same(w, "repeat", []any{again.Again, again.Result.Comment.HTML}, []any{true, "<p>third</p>"})
		revisions, err := w.Revisions(w.ctx(), first.ID)
		if err != nil {
			w.Fatal(err)
		}
		same(w, "revisions", revisions, []talk.Revision{{Body: "first", At: kept(first.At)}, {Body: "second", At: kept(x.At)}})
		r, err := w.Record(w.ctx(), first.ID)
		if err != nil || r.Body != "third" || r.Author != "ann" || r.Seq != 1 {
			w.Fatal(r, err)
		}
	},

	"the same changes nothing": func(w *world) {
		thread := w.thread()
		id := w.say(ann, thread, "", "same")
		out := w.do(w.edit(ann, id, "same"))
		if out.Event != nil || !out.Result.Comment.EditedAt.IsZero() {
			w.Fatalf("%+v", out)
		}
	},

	"refusals": func(w *world) {
		thread := w.thread()
		id := w.say(ann, thread, "", "x")
		w.owner("bob")
		late, never := w.edit(ann, id, "late"), w.edit(ann, id, "never")
		late.At, never.Rules.EditWindow = late.At.Add(2*time.Hour), 0
		outcomes := w.commit(w.edit(bob, id, "of another"), w.edit(ann, "none", "y"), late, never)
		for i, code := range []talk.Code{talk.Forbidden, talk.NotFound, talk.Forbidden, talk.Forbidden} {
			w.refused(outcomes[i].Err, code, "comment")
		}
		w.do(w.delete(ann, id))
		w.refused(w.commit(w.edit(ann, id, "after"))[0].Err, talk.Gone, "comment")
		if h := w.head(thread); h.Seq != 2 {
			w.Fatal(h)
		}
	},

	"removing takes what was along": func(w *world) {
		thread := w.thread()
		id := w.say(ann, thread, "", "first")
		w.do(w.edit(ann, id, "second"))
		w.do(w.delete(ann, id))
		w.do(w.write(ann, talk.Command{Kind: talk.Restore, Comment: id}))
		if all, err := w.Revisions(w.ctx(), id); err != nil || len(all) != 0 {
			w.Fatal(all, err)
		}
	},
}

// leaks fails if any of what was read still tells.
func leaks(w *world, of string, read ...any) {
	w.Helper()
	b, err := json.Marshal(read)
	if err != nil {
		w.Fatal(err)
	}
	if strings.Contains(string(b), of) {
		w.Fatalf("what is out of sight is told: %s", b)
	}
}

func (w *world) restore(who talk.Person, comment string) forum.Write {
	return w.write(who, talk.Command{Kind: talk.Restore, Comment: comment})
}

var restoreTests = map[string]func(*world){
	"brings all of it back": func(w *world) {
		thread := w.thread()
		x := w.post(ann, thread, "", "Evidence")
		w.do(x)
		w.do(w.like(bob, x.ID, true))
		w.do(w.like(ann, x.ID, true))
		before := w.view(thread, "bob", forum.Query{})
		w.do(w.delete(ann, x.ID))
		leaks(w, "Evidence", w.view(thread, "ann", forum.Query{}), w.catchUp(thread, 0, 0))
		y := w.restore(ann, x.ID)
		out := w.do(y)
		told := before.Comments[0]
		told.Liked = false
		same(w, "event", out.Event, talk.Event{Seq: 3, Kind: talk.CommentRestored, At: kept(y.At), Comment: told})
		same(w, "tally", out.Tally, talk.Tally{Version: 3, Likes: map[string]int{x.ID: 2}})
		same(w, "result", []any{out.Result.Comment.Liked, out.Result.Comment.Likes}, []any{true, 2})
		after := w.view(thread, "bob", forum.Query{})
		same(w, "view", after.Comments, before.Comments)
		same(w, "thread", []any{after.Thread.Comments, after.Thread.Seq, after.Thread.Version}, []any{1, 3, 3})
		same(w, "likes", w.catchUp(thread, 3, 2).Likes, map[string]int{x.ID: 2})
		if again := w.do(w.restore(ann, x.ID)); again.Event != nil {
			w.Fatalf("%+v", again)
		}
	},

	"by whom and when": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		olga := talk.Person{ID: "olga"}
		after := func(d time.Duration, x forum.Write) forum.Write {
			x.At = x.At.Add(d)
			return x
		}
		mine, theirs := w.say(ann, thread, "", "mine"), w.say(ann, thread, "", "theirs")
		w.do(w.delete(ann, mine))
		w.do(w.delete(olga, theirs))
		outcomes := w.commit(
			w.restore(bob, mine), w.restore(ann, theirs), after(10*time.Minute, w.restore(ann, mine)),
			after(31*24*time.Hour, w.restore(olga, mine)), w.restore(ann, "none"),
		)
		for i, code := range []talk.Code{talk.Forbidden, talk.Forbidden, talk.Gone, talk.Gone, talk.NotFound} {
			w.refused(outcomes[i].Err, code, "comment")
		}
		w.do(after(29*24*time.Hour, w.restore(olga, mine)))
		w.do(w.restore(olga, theirs))
	},

	"not after it was forgotten": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		early, late := w.say(ann, thread, "", "Evidence"), w.say(ann, thread, "", "kept")
		w.do(w.delete(ann, early))
		x := w.delete(ann, late)
		w.do(x)
		if err := w.Forget(w.ctx(), x.At); err != nil {
			w.Fatal(err)
		}
		r, err := w.Record(w.ctx(), early)
		if err != nil || r.Kept || r.Body != "" || r.HTML != "" || r.Comment.Author.Name != "" {
			w.Fatal(r, err)
		}
		w.refused(w.commit(w.restore(talk.Person{ID: "olga"}, early))[0].Err, talk.Gone, "comment")
		w.do(w.restore(ann, late))
	},

	"in one batch": func(w *world) {
		thread := w.thread()
		x := w.post(ann, thread, "", "text")
		outcomes := w.commit(x, w.like(bob, x.ID, true), w.delete(ann, x.ID), w.restore(ann, x.ID), w.delete(ann, x.ID), w.restore(ann, x.ID))
		for i, o := range outcomes {
			if o.Err != nil {
				w.Fatal(i, o.Err)
			}
		}
		v := w.view(thread, "", forum.Query{})
		same(w, "view", []any{v.Comments[0].HTML, v.Comments[0].Likes, v.Thread.Comments, v.Thread.Seq}, []any{"<p>text</p>", 1, 1, 5})
	},
}
