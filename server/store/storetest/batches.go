package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

var batchTests = map[string]func(*world){
	// The same writes, in batches and one by one, come to the same.
	"is its writes one by one": func(w *world) {
		for seed := range uint64(8) {
			a, b := newScript(w, seed, "a"), newScript(w, seed, "b")
			sizes := rand.New(rand.NewPCG(seed, 1))
			for at := 0; at < len(a.writes); {
				n := min(1+sizes.IntN(60), len(a.writes)-at)
				for i, batched := range w.commit(b.writes[at : at+n]...) {
					x := a.writes[at+i]
					same(w, fmt.Sprintf("seed %d: %s with ref %q, number %d", seed, x.Command.Kind, x.Ref, at+i), b.plain(batched), a.plain(w.commit(x)[0]))
				}
				at += n
			}
			for i := range a.threads {
				for _, person := range []string{"", "-p0", "-p1", "-p2"} {
					for _, sort := range []talk.Sort{talk.Oldest, talk.Top} {
						q := forum.Query{Sort: sort}
						same(w, "view", b.plain(w.view(b.threads[i], b.prefix+person, q)), a.plain(w.view(a.threads[i], a.prefix+person, q)))
					}
				}
				same(w, "log", b.plain(w.catchUp(b.threads[i], 0, 0)), a.plain(w.catchUp(a.threads[i], 0, 0)))
			}
			for i := range a.writes {
				ra, errA := w.Record(w.ctx(), fmt.Sprint(a.prefix, "-c", i))
				rb, errB := w.Record(w.ctx(), fmt.Sprint(b.prefix, "-c", i))
				same(w, "record", b.plain([]any{rb, rb.Body, fmt.Sprint(errB)}), a.plain([]any{ra, ra.Body, fmt.Sprint(errA)}))
				va, errA := w.Revisions(w.ctx(), fmt.Sprint(a.prefix, "-c", i))
				vb, errB := w.Revisions(w.ctx(), fmt.Sprint(b.prefix, "-c", i))
				same(w, "revisions", []any{vb, errB}, []any{va, errA})
			}
			for i := range scriptPeople {
				sa, errA := w.Standing(w.ctx(), fmt.Sprint(a.prefix, "-p", i))
				sb, errB := w.Standing(w.ctx(), fmt.Sprint(b.prefix, "-p", i))
				same(w, "standing", []any{sb, errB}, []any{sa, errA})
				pa, errA := w.Person(w.ctx(), fmt.Sprint(a.prefix, "-p", i))
				pb, errB := w.Person(w.ctx(), fmt.Sprint(b.prefix, "-p", i))
				same(w, "person", b.plain([]any{pb, fmt.Sprint(errB)}), a.plain([]any{pa, fmt.Sprint(errA)}))
			}
		}
	},

	"sees what it has done itself": func(w *world) {
		thread := w.thread()
		root := w.post(ann, thread, "", "root")
		reply := w.post(bob, thread, root.ID, "reply")
		outcomes := w.commit(
			root, reply, w.like(bob, root.ID, true), w.delete(ann, root.ID), w.like(bob, root.ID, false), w.post(bob, thread, root.ID, "late"),
			w.react(ann, thread, "like", true), w.react(ann, thread, "like", false), w.react(ann, thread, "like", true), w.react(bob, thread, "like", false),
		)
		w.refused(outcomes[4].Err, talk.Gone, "comment")
		w.refused(outcomes[5].Err, talk.Gone, "parent")
		same(w, "replies", outcomes[3].Result.Comment.Replies, 1)
		same(w, "counts", outcomes[9].Result, talk.Result{Reactions: map[string]int{"like": 1}, Mine: []string{}, Version: 4})
		v := w.view(thread, "ann", forum.Query{})
		same(w, "thread", []any{v.Thread.Seq, v.Thread.Version, v.Thread.Comments, v.Thread.Mine}, []any{3, 4, 1, []string{"like"}})
		same(w, "states", []talk.State{v.Comments[0].State, v.Comments[1].State}, []talk.State{talk.Removed, talk.Published})
	},

	"of many threads": func(w *world) {
		var writes []forum.Write
		var threads []string
		for range 20 {
			threads = append(threads, w.thread())
		}
		for i := range 200 {
			writes = append(writes, w.post(ann, threads[i*7%20], "", fmt.Sprint(i)))
		}
		for _, o := range w.commit(writes...) {
			if o.Err != nil {
				w.Fatal(o.Err)
			}
		}
		heads, err := w.Heads(w.ctx(), threads...)
		if err != nil {
			w.Fatal(err)
		}
		for _, thread := range threads {
			same(w, "head", heads[thread], forum.Head{Seq: 10})
		}
	},

	// What names something may hold what a database can't: then there is no
	// such thing, and the others of the batch don't notice.
	"with what is no text": func(w *world) {
		thread := w.thread()
		for _, s := range []string{"\x00", "a\x00b", "\xff", "\xed\xa0\x80"} {
			ref := withRef(s, w.post(ann, thread, "", "fine"))
			outcomes := w.commit(
				w.like(ann, s, true), w.delete(ann, s), w.react(ann, s, "like", true), w.post(ann, s, "", "x"), w.post(ann, thread, s, "x"), ref,
			)
			w.refused(outcomes[0].Err, talk.NotFound, "comment")
			w.refused(outcomes[1].Err, talk.NotFound, "comment")
			w.refused(outcomes[2].Err, talk.NotFound, "thread")
			w.refused(outcomes[3].Err, talk.NotFound, "thread")
			w.refused(outcomes[4].Err, talk.NotFound, "parent")
			if outcomes[5].Err != nil || !w.do(ref).Again {
				w.Fatal(outcomes[5].Err)
			}
			_, err := w.View(w.ctx(), s, s, forum.Query{Roots: 1})
			w.refused(err, talk.NotFound, "thread")
			if _, err := w.View(w.ctx(), thread, s, forum.Query{Roots: 1}); err != nil {
				w.Fatal(err)
			}
			_, err = w.CatchUp(w.ctx(), s, 0, 0, 1)
			w.refused(err, talk.NotFound, "thread")
			_, err = w.Person(w.ctx(), s)
			w.refused(err, talk.NotFound, "")
			heads, err := w.Heads(w.ctx(), s, thread)
			if err != nil || len(heads) != 1 {
				w.Fatal(heads, err)
			}
			o, err := w.Open(w.ctx(), forum.Page{Key: w.id("page"), Title: "A title " + s, Topics: []string{s}}, beginning)
			if err != nil || !o.Described || !strings.HasPrefix(w.view(o.Thread, "", forum.Query{}).Thread.Title, "A title ") {
				w.Fatal(o, err)
			}
		}
	},
}

const scriptPeople = 5

// A script is a long row of writes of every kind, many of which meet: few
// people, threads and refs. Those of one seed differ by their prefix only.
type script struct {
	prefix  string
	threads []string
	writes  []forum.Write
}

func newScript(w *world, seed uint64, name string) *script {
	s := &script{prefix: fmt.Sprintf("%s%d", name, seed)}
	for range 3 {
		s.threads = append(s.threads, w.thread())
	}
	w.owner(fmt.Sprint(s.prefix, "-p0"))
	rules := forum.Rules{EditWindow: time.Minute, Hold: []string{forum.HoldNone, forum.HoldFirst, forum.HoldAll, ""}[seed%4], OneReaction: seed%3 == 0}
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range 250 {
		person := talk.Person{ID: fmt.Sprint(s.prefix, "-p", random.IntN(scriptPeople))}
		thread := s.threads[random.IntN(len(s.threads))]
		comment := fmt.Sprint(s.prefix, "-c", random.IntN(i+1)) // not every write has made one
		x := forum.Write{At: beginning.Add(time.Duration(i) * time.Second)}
		on := random.IntN(3) > 0
		switch random.IntN(7) {
		case 0:
			x.Command = talk.Command{Kind: talk.React, Thread: thread, Reaction: talk.DefaultReactions[random.IntN(3)].Kind, On: on}
		case 1:
			x.Command = talk.Command{Kind: talk.Like, Comment: comment, On: on}
		case 2:
			x.Command = talk.Command{Kind: talk.Delete, Comment: comment}
		case 3:
			x.Command = keeping(random, thread, comment)
			x.HTML = "<p>" + x.Command.Body + "</p>"
		default:
			person.Name, person.Headline = fmt.Sprint("Name ", i), "Headline"
			x.ID, x.HTML = fmt.Sprint(s.prefix, "-c", i), "<p>text</p>"
			x.Command = talk.Command{Kind: talk.Post, Thread: thread, Body: "text"}
			if on {
				x.Command.Parent = comment
			}
			if random.IntN(20) == 0 {
				x.ID = comment // of another, perhaps
			}
		}
		x.Person, x.Rules = person, rules
		x.Digest, _ = json.Marshal(x.Command)
		if random.IntN(3) == 0 {
			x.Ref = fmt.Sprint(s.prefix, "-r", random.IntN(40))
			x.Fresh = random.IntN(4) == 0
		}
		if i > 0 && random.IntN(6) == 0 { // comes again
			x = s.writes[random.IntN(i)]
		}
		s.writes = append(s.writes, x)
	}
	return s
}

// keeping is something that is done to a comment or a thread, by whoever may.
func keeping(random *rand.Rand, thread, comment string) talk.Command {
	c := talk.Command{Comment: comment, On: random.IntN(2) == 0}
	c.Kind = []talk.Do{talk.Edit, talk.Restore, talk.Flag, talk.Pin, talk.Hold, talk.Hold, talk.Lock, talk.Ban, talk.Appoint, talk.Credit}[random.IntN(10)]
	switch c.Kind {
	case talk.Edit:
		c.Body = fmt.Sprint("changed ", random.IntN(100))
	case talk.Flag:
		c.Reason, c.Text = talk.Reasons[random.IntN(len(talk.Reasons))], "why"
	case talk.Lock:
		c.Thread, c.Comment, c.On = thread, "", random.IntN(4) == 0
	case talk.Ban:
		c.On = random.IntN(4) == 0
	default:
	}
	return c
}

// plain is a value without what differs from script to script, nor what a
// driver says of an error.
func (s *script) plain(v any) string {
	o, outcome := v.(forum.Outcome)
	refused := ""
	if outcome && o.Err != nil {
		refused = "refused"
		if e := (*talk.Error)(nil); errors.As(o.Err, &e) {
			refused = e.Error()
		}
		o.Err = nil
		v = o
	}
	text, err := json.Marshal([]any{v, refused})
	if err != nil {
		return err.Error()
	}
	plain := strings.ReplaceAll(string(text), s.prefix+"-", "")
	for i, thread := range s.threads {
		plain = strings.ReplaceAll(plain, thread, fmt.Sprint("thread", i))
	}
	if v, ok := v.(talk.View); ok {
		plain = strings.ReplaceAll(plain, v.Thread.Page, "page") // each thread has one of its own
	}
	return plain
}
