package storetest

import (
	"encoding/json"
	"strings"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

var postTests = map[string]func(*world){
	"returns what is read": func(w *world) {
		thread := w.thread()
		signed := ann
		signed.Avatar = "https://blog.example/ann.png"
		x := w.post(signed, thread, "", "Hello")
		out := w.do(x)
		want := talk.Comment{
			ID: x.ID, Thread: thread, Author: signed, HTML: "<p>Hello</p>",
			At: kept(x.At), State: talk.Published,
		}
		same(w, "result", out.Result, talk.Result{Comment: &want})
		same(w, "event", out.Event, talk.Event{Seq: 1, Kind: talk.CommentAdded, At: kept(x.At), Comment: want})
		if out.Thread != thread || out.Tally != nil || out.Again {
			w.Fatalf("%+v", out)
		}
		v := w.view(thread, "", forum.Query{})
		same(w, "comments", v.Comments, []talk.Comment{want})
		if v.Thread.Comments != 1 || v.Thread.Seq != 1 || v.Thread.Version != 0 {
			w.Fatalf("%+v", v.Thread)
		}
		same(w, "log", w.catchUp(thread, 0, 0).Events, []talk.Event{*out.Event})
	},

	"numbers without gaps": func(w *world) {
		a, b := w.thread(), w.thread()
		root := w.say(ann, a, "", "root")
		again := w.post(bob, a, "", "taken id")
		again.ID = root
		outcomes := w.commit(
			w.post(ann, a, "", "two"),
			w.post(ann, "none", "", "no thread"),
			w.post(ann, b, root, "another conversation"),
			w.post(ann, a, "none", "no parent"),
			w.post(ann, b, "", "other thread"),
			again,
			w.post(ann, a, root, "three"),
			w.write(ann, talk.Command{Kind: "unheard of", Thread: a}),
			w.delete(bob, root),
			w.post(bob, a, "", "four"),
		)
		w.refused(outcomes[1].Err, talk.NotFound, "thread")
		w.refused(outcomes[2].Err, talk.NotFound, "parent")
		w.refused(outcomes[3].Err, talk.NotFound, "parent")
		w.refused(outcomes[7].Err, talk.Malformed, "kind")
		w.refused(outcomes[8].Err, talk.Forbidden, "comment")
		if outcomes[5].Err == nil {
			w.Fatal("two comments have one id")
		}
		for i, want := range map[int]uint64{0: 2, 4: 1, 6: 3, 9: 4} {
			if o := outcomes[i]; o.Err != nil || o.Event.Seq != want {
				w.Fatalf("write %d: %+v, want number %d", i, o, want)
			}
		}
		for i, e := range w.catchUp(a, 0, 0).Events {
			if e.Seq != uint64(i+1) {
				w.Fatalf("entry %d has number %d", i, e.Seq)
			}
		}
		if v := w.view(a, "", forum.Query{}); v.Thread.Seq != 4 || v.Thread.Comments != 4 || len(v.Comments) != 4 {
			w.Fatalf("%+v", v)
		}
	},

	"a refused one leaves no trace": func(w *world) {
		stranger := talk.Person{ID: "stranger", Name: "Stranger"}
		w.refused(w.commit(w.post(stranger, "none", "", "x"))[0].Err, talk.NotFound, "thread")
		_, err := w.Person(w.ctx(), "stranger")
		w.refused(err, talk.NotFound, "")
	},

	"the thread is missed before the parent": func(w *world) {
		w.refused(w.commit(w.post(ann, "none", "none", "x"))[0].Err, talk.NotFound, "thread")
	},

	"a reply to what is gone": func(w *world) {
		thread := w.thread()
		root := w.say(ann, thread, "", "root")
		w.do(w.delete(ann, root))
		w.refused(w.commit(w.post(bob, thread, root, "late"))[0].Err, talk.Gone, "parent")
	},

	"signs": func(w *world) {
		thread := w.thread()
		_, err := w.Person(w.ctx(), "ann")
		w.refused(err, talk.NotFound, "")
		first := w.say(ann, thread, "", "first")
		renamed := talk.Person{ID: "ann", Name: "Anna", Headline: "Retired"}
		w.say(renamed, thread, "", "second")
		p, err := w.Person(w.ctx(), "ann")
		if err != nil || p != renamed {
			w.Fatal(p, err)
		}
		w.do(w.like(ann, first, true)) // without a name: nothing is signed
		if p, err = w.Person(w.ctx(), "ann"); err != nil || p != renamed {
			w.Fatal(p, err)
		}
		v := w.view(thread, "", forum.Query{})
		same(w, "bylines", []talk.Person{v.Comments[0].Author, v.Comments[1].Author}, []talk.Person{ann, renamed})
	},

	"hostile strings": func(w *world) {
		thread := w.thread()
		var writes []forum.Write
		for _, s := range hostile {
			x := w.post(talk.Person{ID: "p" + s, Name: s, Headline: s, Avatar: s}, thread, "", s)
			x.ID, x.Ref, x.HTML = "c"+s, s, s
			writes = append(writes, x, w.react(talk.Person{ID: s}, thread, s, true), w.like(talk.Person{ID: s}, "c"+s, true))
		}
		for _, o := range w.commit(writes...) {
			if o.Err != nil {
				w.Fatal(o.Err)
			}
		}
		for i, s := range hostile {
			v := w.view(thread, s, forum.Query{})
			c := v.Comments[i]
			same(w, "comment", c, talk.Comment{
				ID: "c" + s, Thread: thread, Author: talk.Person{ID: "p" + s, Name: s, Headline: s, Avatar: s}, HTML: s,
				At: kept(writes[3*i].At), State: talk.Published, Likes: 1, Liked: true,
			})
			same(w, "reactions", []any{v.Thread.Mine, v.Thread.Reactions[s]}, []any{[]string{s}, 1})
			if p, err := w.Person(w.ctx(), "p"+s); err != nil || p.Name != s || p.Headline != s {
				w.Fatal(p, err)
			}
			if o := w.commit(writes[3*i])[0]; !o.Again {
				w.Fatalf("ref %q isn't recognized", s)
			}
		}
	},

	"long ones": func(w *world) {
		thread := w.thread()
		body := strings.Repeat("é\n", talk.BodyBytes/3)
		id := w.say(ann, thread, "", body)
		if v := w.view(thread, "", forum.Query{}); v.Comments[0].ID != id || v.Comments[0].HTML != "<p>"+body+"</p>" {
			w.Fatal("a long comment isn't what it was")
		}
	},
}

var deleteTests = map[string]func(*world){
	"leaves a stone": func(w *world) {
		thread := w.thread()
		signed := talk.Person{ID: "nnamuh", Name: "Evidence1", Headline: "Evidence2", Avatar: "Evidence3"}
		posted := withRef("r1", w.post(signed, thread, "", "Evidence4"))
		id := w.do(posted).Result.Comment.ID
		reply := w.say(bob, thread, id, "a reply")
		w.do(w.like(bob, id, true))
		x := withRef("r2", w.delete(signed, id))
		out := w.do(x)

		stone := talk.Comment{ID: id, Thread: thread, At: kept(posted.At), State: talk.Removed, Replies: 1}
		same(w, "result", out.Result, talk.Result{Comment: &stone})
		told := stone
		told.Replies = 0 // entries count no replies
		same(w, "event", out.Event, talk.Event{Seq: 3, Kind: talk.CommentRemoved, At: kept(x.At), Comment: told})

		v := w.view(thread, "bob", forum.Query{})
		same(w, "stone", v.Comments[0], stone)
		same(w, "order", ids(v.Comments), []string{id, reply})
		if v.Thread.Comments != 1 || v.Thread.Seq != 3 {
			w.Fatalf("%+v", v.Thread)
		}
		missed := w.catchUp(thread, 0, 0)
		same(w, "kinds", []any{missed.Events[0].Kind, missed.Events[2].Kind}, []any{talk.CommentAdded, talk.CommentRemoved})
		same(w, "likes", missed.Likes, map[string]int{id: 0})

		repeats := w.commit(posted, x)
		out.Told = nil // that is whom, and not for them
		for _, read := range []any{out, v, missed, repeats} {
			b, err := json.Marshal(read)
			if err != nil {
				w.Fatal(err)
			}
			if strings.Contains(string(b), "Evidence") || strings.Contains(string(b), "nnamuh") {
				w.Fatalf("what was removed is still told: %s", b)
			}
		}
		same(w, "repeats", []any{repeats[0].Result, repeats[1].Result}, []any{talk.Result{Comment: &stone}, talk.Result{Comment: &stone}})
	},

	"twice": func(w *world) {
		thread := w.thread()
		id := w.say(ann, thread, "", "x")
		w.do(w.delete(ann, id))
		out := w.do(w.delete(ann, id))
		if out.Event != nil || out.Tally != nil || out.Again || out.Result.Comment.State != talk.Removed {
			w.Fatalf("%+v", out)
		}
		if h := w.head(thread); h.Seq != 2 {
			w.Fatal(h)
		}
	},

	"refusals": func(w *world) {
		thread := w.thread()
		id := w.say(ann, thread, "", "x")
		w.refused(w.commit(w.delete(bob, id))[0].Err, talk.Forbidden, "comment")
		w.refused(w.commit(w.delete(ann, "none"))[0].Err, talk.NotFound, "comment")
		w.do(w.delete(ann, id))
		w.refused(w.commit(w.delete(bob, id))[0].Err, talk.Forbidden, "comment")
		w.refused(w.commit(w.delete(talk.Person{}, id))[0].Err, talk.Forbidden, "comment")
	},
}
