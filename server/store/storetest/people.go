package storetest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// about opens a page that is about topics.
func (w *world) about(topics ...string) string {
	w.Helper()
	o, err := w.Open(w.ctx(), forum.Page{Key: "https://blog.example/" + w.id("page"), Title: "A page", Topics: topics}, beginning)
	if err != nil {
		w.Fatal(err)
	}
	return o.Thread
}

func (w *world) follow(who talk.Person, thread string, on bool) forum.Write {
	return w.write(who, talk.Command{Kind: talk.Follow, Thread: thread, On: on})
}

func (w *world) mute(who talk.Person, thread string, on bool) forum.Write {
	return w.write(who, talk.Command{Kind: talk.Mute, Thread: thread, On: on})
}

func (w *world) saw(who talk.Person, thread string, seq uint64) forum.Write {
	return w.write(who, talk.Command{Kind: talk.Seen, Thread: thread, Seq: seq})
}

// now is after all that a test does.
var now = beginning.Add(time.Hour)

func (w *world) follows(person string, gone bool) []talk.Card {
	w.Helper()
	cards, next, err := w.Follows(w.ctx(), person, now, gone, "", 100)
	if err != nil || next != "" {
		w.Fatal(next, err)
	}
	return cards
}

func (w *world) part(person, thread string) forum.Part {
	w.Helper()
	l, err := w.Levels(w.ctx(), person, thread, "none")
	if err != nil {
		w.Fatal(err)
	}
	return l.Threads[thread]
}

func cardIDs(cards []talk.Card) []string {
	out := []string{}
	for _, c := range cards {
		out = append(out, c.ID)
	}
	return out
}

var followTests = map[string]func(*world){
	"and what is new": func(w *world) {
		thread := w.thread()
		w.say(bob, thread, "", "before")
		level := talk.Follows
		same(w, "result", w.do(w.follow(ann, thread, true)).Result, talk.Result{Level: &level})
		same(w, "at first", w.part("ann", thread), forum.Part{Level: talk.Follows, Seen: 1})
		same(w, "nothing new", []any{len(w.follows("ann", true)), w.follows("ann", false)[0].New}, []any{0, 0})
		w.say(bob, thread, "", "after")
		gone := w.say(bob, thread, "", "gone")
		w.say(bob, thread, "", "later")
		w.do(w.delete(bob, gone))
		same(w, "new", w.part("ann", thread), forum.Part{Level: talk.Follows, Seen: 1, New: 2})
		c := w.follows("ann", true)[0]
		same(w, "card", []any{c.ID, c.New, c.Seen, c.Level, c.Comments, c.Seq, c.Title, c.Site, c.URL == c.Page}, []any{thread, 2, 1, talk.Follows, 3, 5, "A page", "blog.example", true})
		v := w.view(thread, "ann", forum.Query{})
		same(w, "view", []any{v.Thread.Level, v.Thread.Seen}, []any{talk.Follows, 1})
		same(w, "others", w.part("bob", thread), forum.Part{Level: talk.Follows, Seen: 1}) // his own aren't new

		seen := uint64(3)
		same(w, "seen", w.do(w.saw(ann, thread, 3)).Result, talk.Result{Seen: &seen})
		same(w, "less is new", w.part("ann", thread), forum.Part{Level: talk.Follows, Seen: 3, New: 1})
		w.do(w.saw(ann, thread, 2))
		same(w, "nothing is unseen", w.part("ann", thread).Seen, 3)
		w.do(w.saw(ann, thread, 1<<60))
		same(w, "what is not yet isn't seen", w.part("ann", thread), forum.Part{Level: talk.Follows, Seen: 5})
		w.do(w.follow(ann, thread, true))
		w.say(bob, thread, "", "more")
		same(w, "again", w.part("ann", thread), forum.Part{Level: talk.Follows, Seen: 5, New: 1})
	},

	"mute and back": func(w *world) {
		thread := w.thread()
		w.do(w.follow(ann, thread, true))
		level := talk.Mutes
		same(w, "muted", w.do(w.mute(ann, thread, true)).Result, talk.Result{Level: &level})
		same(w, "not followed", len(w.follows("ann", false)), 0)
		same(w, "seen", w.do(w.saw(ann, thread, 1)).Result, talk.Result{})
		w.do(w.follow(ann, thread, false))
		same(w, "not to follow changes no mute", w.part("ann", thread).Level, talk.Mutes)
		w.say(ann, thread, "", "all the same")
		same(w, "to comment neither", w.part("ann", thread).Level, talk.Mutes)
		w.say(bob, thread, "", "x")
		w.do(w.follow(ann, thread, true))
		same(w, "followed anew", w.part("ann", thread), forum.Part{Level: talk.Follows, Seen: 2})
		w.do(w.mute(ann, thread, false))
		same(w, "not to mute changes no follow", w.part("ann", thread).Level, talk.Follows)
		none := talk.Level("")
		same(w, "not any more", w.do(w.follow(ann, thread, false)).Result, talk.Result{Level: &none})
		same(w, "nothing", w.part("ann", thread), forum.Part{})
	},

	"by commenting": func(w *world) {
		thread, other := w.thread(), w.thread()
		x := w.post(ann, thread, "", "one")
		w.commit(x, w.post(ann, thread, x.ID, "two"), w.post(ann, thread, "none", "refused"), w.post(bob, thread, "", "three"))
		same(w, "own aren't new", w.part("ann", thread), forum.Part{Level: talk.Follows, Seen: 1, New: 1})
		w.do(w.post(ann, thread, "", "four"))
		same(w, "still", w.part("ann", thread), forum.Part{Level: talk.Follows, Seen: 1, New: 1})
		w.do(w.follow(ann, thread, false))
		w.do(w.post(ann, thread, "", "five"))
		same(w, "follows anew", w.part("ann", thread), forum.Part{Level: talk.Follows, Seen: 5})
		w.do(w.heldPost(forum.HoldAll, ann, other, "", "held"))
		same(w, "held", w.part("ann", other).Level, talk.Follows)

		s := talk.DefaultSettings()
		s.Follow = false
		if err := w.SaveSettings(w.ctx(), "ann", s); err != nil {
			w.Fatal(err)
		}
		third := w.thread()
		w.say(ann, third, "", "x")
		same(w, "who doesn't want it", w.part("ann", third), forum.Part{})
		w.do(w.post(ann, thread, "", "five"))
		same(w, "who follows goes on", w.part("ann", thread).Level, talk.Follows)
	},

	"in one batch": func(w *world) {
		thread := w.thread()
		outcomes := w.commit(w.mute(ann, thread, true), w.post(ann, thread, "", "x"), w.follow(bob, thread, true), w.post(bob, thread, "", "y"),
			w.follow(bob, thread, false), w.follow(bob, thread, true), w.saw(bob, thread, 1), w.post(ann, thread, "", "z"))
		same(w, "ann", w.part("ann", thread).Level, talk.Mutes)
		same(w, "bob", w.part("bob", thread), forum.Part{Level: talk.Follows, Seen: 2, New: 1})
		seen := uint64(2) // he followed when there were two
		same(w, "seen", outcomes[6].Result, talk.Result{Seen: &seen})
	},

	"pages": func(w *world) {
		want := []string{}
		for range 25 {
			thread := w.thread()
			w.say(ann, thread, "", "x")
			want = append(want, thread)
		}
		silent := []string{w.thread(), w.thread()}
		w.do(w.follow(ann, silent[0], true))
		w.do(w.follow(ann, silent[1], true))
		w.say(bob, want[3], "", "later") // the liveliest now, and new
		slices.Reverse(want)
		liveliest := want[21]
		want = append([]string{liveliest}, slices.Delete(want, 21, 22)...)
		slices.Sort(silent)
		want = append(want, silent...)
		var got []string
		for after := ""; ; {
			cards, next, err := w.Follows(w.ctx(), "ann", now, false, after, 10)
			if err != nil {
				w.Fatal(err)
			}
			got = append(got, cardIDs(cards)...)
			if after = next; after == "" {
				break
			}
		}
		same(w, "pages", got, want)
		same(w, "with news", cardIDs(w.follows("ann", true)), []string{want[0]})
		for _, cursor := range append([]string{"x", forum.First.Cursor('?')}, hostile...) {
			_, _, err := w.Follows(w.ctx(), "ann", now, false, cursor, 10)
			w.refused(err, talk.Invalid, "after")
		}
	},

	"what isn't there": func(w *world) {
		thread := w.about("Baths")
		for _, s := range append([]string{"none", "a\x00b", "\xff"}, hostile...) {
			for _, kind := range []talk.Do{talk.Follow, talk.Mute, talk.Seen} {
				w.refused(w.commit(w.write(ann, talk.Command{Kind: kind, Thread: s, On: true}))[0].Err, talk.NotFound, "thread")
			}
			w.refused(w.commit(w.write(ann, talk.Command{Kind: talk.Follow, Topic: s, On: true}))[0].Err, talk.NotFound, "topic")
			if _, err := w.Levels(w.ctx(), s, s, thread); err != nil {
				w.Fatal(err)
			}
			if cards, _, err := w.Follows(w.ctx(), s, now, false, "", 10); err != nil || len(cards) != 0 {
				w.Fatal(cards, err)
			}
		}
	},

	"once": func(w *world) {
		thread := w.thread()
		x := withRef("r", w.follow(ann, thread, true))
		w.do(x)
		w.do(withRef("s", w.follow(ann, thread, false)))
		out := w.do(x)
		none := talk.Level("")
		same(w, "again, and so it stays", []any{out.Again, out.Result, w.part("ann", thread)}, []any{true, talk.Result{Level: &none}, forum.Part{}})
	},

	"survives": func(w *world) {
		thread := w.thread()
		w.do(w.follow(ann, thread, true))
		w.reopen()
		same(w, "level", w.part("ann", thread).Level, talk.Follows)
	},
}

func (w *world) lively(limit int, also ...string) []talk.Card {
	w.Helper()
	cards, err := w.Lively(w.ctx(), now, limit, also...)
	if err != nil {
		w.Fatal(err)
	}
	return cards
}

// heat is a thread's now, to a thousandth.
func (w *world) heat(thread string) float64 {
	w.Helper()
	cards := w.lively(1, thread)
	i := slices.IndexFunc(cards, func(c talk.Card) bool { return c.ID == thread })
	return math.Round(cards[i].Heat*1000) / 1000
}

// on does a write on another day.
func (w *world) on(day int, x forum.Write) forum.Outcome {
	w.Helper()
	x.At = now.Add(time.Duration(day) * 24 * time.Hour)
	return w.do(x)
}

var livelyTests = map[string]func(*world){
	"half as much every day": func(w *world) {
		thread, other, never := w.thread(), w.thread(), w.thread()
		same(w, "nothing yet", cardIDs(w.lively(10)), []string{})
		for _, day := range []int{-3, -2, -1} {
			w.on(day, w.post(ann, thread, "", "x"))
		}
		w.on(0, w.post(bob, other, "", "y"))
		same(w, "heat", []float64{w.heat(thread), w.heat(other), w.heat(never)}, []float64{0.875, 1, 0})
		same(w, "order", cardIDs(w.lively(10)), []string{other, thread})
		w.on(-2, w.post(ann, thread, "", "late"))
		same(w, "order", cardIDs(w.lively(10)), []string{thread, other})
		same(w, "and further", cardIDs(w.lively(1, "none", never, thread)), []string{thread, never})
		c := w.lively(1)[0]
		same(w, "card", []any{c.Comments, c.At, c.Seq, c.Level, c.New}, []any{4, kept(now.Add(-48 * time.Hour)), 4, "", 0})
	},

	"reactions count less, and what is taken back not": func(w *world) {
		thread := w.thread()
		w.on(0, w.react(ann, thread, "like", true))
		w.on(0, w.react(ann, thread, "like", true))
		same(w, "one", w.heat(thread), 0.1)
		for range 5 {
			w.on(0, w.react(ann, thread, "heart", true))
			w.on(0, w.react(ann, thread, "heart", false))
		}
		same(w, "to and fro", w.heat(thread), 0.1)
		x := w.react(ann, thread, "idea", true)
		x.Rules.OneReaction = true
		w.on(0, x)
		same(w, "another", w.heat(thread), 0.1)
		w.on(0, w.react(ann, thread, "idea", false))
		same(w, "none", []any{w.heat(thread), w.lively(1, thread)[0].Reactions}, []any{0, 0})
	},

	"what is removed doesn't count": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		root := w.on(-1, w.post(ann, thread, "", "x")).Result.Comment.ID
		spam := w.on(0, w.post(bob, thread, "", "spam")).Result.Comment.ID
		w.on(0, w.keep(olga, talk.Hold, spam, true))
		same(w, "held", w.heat(thread), 0.5)
		w.on(0, w.keep(olga, talk.Hold, spam, false))
		same(w, "published", w.heat(thread), 1.5)
		w.on(0, w.delete(bob, spam))
		same(w, "removed", w.heat(thread), 0.5)
		w.on(0, w.restore(bob, spam))
		w.on(0, w.delete(ann, root))
		same(w, "restored", w.heat(thread), 1)
		w.on(0, w.delete(bob, spam))
		same(w, "nothing", w.heat(thread), 0)
		w.on(0, w.heldPost(forum.HoldAll, bob, thread, "", "waits"))
		same(w, "waits", w.heat(thread), 0)
	},

	"of many": func(w *world) {
		var want []string
		for i := range 40 {
			thread := w.thread()
			for range 1 + i%3 {
				x := w.post(ann, thread, "", "x")
				x.At = beginning.Add(time.Duration(-i) * time.Hour)
				w.do(x)
			}
			want = append(want, thread)
		}
		heat := func(i int) float64 { return float64(1+i%3) * math.Exp2(float64(-i)/24) }
		order := make([]int, len(want))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int {
			return strings.Compare(fmt.Sprintf("%9.6f", heat(b)), fmt.Sprintf("%9.6f", heat(a)))
		})
		for _, limit := range []int{1, 7, 39, 40, 100} {
			var ids []string
			for _, i := range order[:min(limit, len(order))] {
				ids = append(ids, want[i])
			}
			same(w, fmt.Sprint(limit), cardIDs(w.lively(limit)), ids)
		}
	},
}

var topicTests = map[string]func(*world){
	"of pages": func(w *world) {
		a, b, c := w.about("Swimming", "Public baths"), w.about("swimming"), w.about("public  BATHS", "Public Baths", "Ökologie", "..", " ")
		w.on(-1, w.post(ann, a, "", "x"))
		w.on(0, w.post(ann, b, "", "x"))
		topics, err := w.Topics(w.ctx(), now, 10)
		if err != nil {
			w.Fatal(err)
		}
		for i := range topics {
			topics[i].Heat = math.Round(topics[i].Heat*1000) / 1000
		}
		same(w, "topics", topics, []talk.Topic{
			{Key: "swimming", Name: "Swimming", Threads: 2, Heat: 1.5},
			{Key: "public baths", Name: "Public baths", Threads: 2, Heat: 0.5},
			{Key: "ökologie", Name: "Ökologie", Threads: 1, Heat: 0},
		})
		some, err := w.Topics(w.ctx(), now, 1)
		if err != nil || len(some) != 1 || some[0].Key != "swimming" {
			w.Fatal(some, err)
		}

		w.do(w.follow(bob, a, true))
		w.do(w.write(bob, talk.Command{Kind: talk.Mute, Topic: "public baths", On: true}))
		p, err := w.Topic(w.ctx(), "public baths", "bob", now, "", 1)
		if err != nil {
			w.Fatal(err)
		}
		same(w, "page", []any{p.Topic.Level, p.Topic.Threads, cardIDs(p.Threads), p.Threads[0].Level, p.Next == ""}, []any{talk.Mutes, 2, []string{a}, talk.Follows, false})
		p, err = w.Topic(w.ctx(), "public baths", "", now, p.Next, 2)
		same(w, "next page", []any{p.Topic.Level, cardIDs(p.Threads), p.Next, err}, []any{"", []string{c}, "", nil})
		l, err := w.Levels(w.ctx(), "bob")
		same(w, "levels", []any{l.Topics, err}, []any{map[string]talk.Level{"public baths": talk.Mutes}, nil})
		w.do(w.write(bob, talk.Command{Kind: talk.Follow, Topic: "public baths", On: true}))
		w.do(w.write(bob, talk.Command{Kind: talk.Follow, Topic: "swimming", On: true}))
		w.do(w.write(bob, talk.Command{Kind: talk.Follow, Topic: "swimming"}))
		l, err = w.Levels(w.ctx(), "bob")
		same(w, "levels", []any{l.Topics, err}, []any{map[string]talk.Level{"public baths": talk.Follows}, nil})
		same(w, "a topic is no thread", cardIDs(w.follows("bob", false)), []string{a})
	},

	"decided once": func(w *world) {
		page := forum.Page{Key: "https://blog.example/late"}
		for _, step := range []forum.Page{page, {Key: page.Key, Topics: []string{"early"}}, {Key: page.Key, Title: "T", Topics: []string{"Baths"}}, {Key: page.Key, Title: "U", Topics: []string{"Other"}}} {
			if _, err := w.Open(w.ctx(), step, beginning); err != nil {
				w.Fatal(err)
			}
		}
		topics, err := w.Topics(w.ctx(), now, 10)
		same(w, "topics", []any{topics, err}, []any{[]talk.Topic{{Key: "baths", Name: "Baths", Threads: 1}}, nil})
	},

	"hostile": func(w *world) {
		for _, s := range append([]string{"a/b", "../x", "a b", "a\x00b", "\xff"}, hostile...) {
			thread, key := w.about(s), talk.TopicKey(s)
			p, err := w.Topic(w.ctx(), key, s, now, "", 10)
			if key == "" {
				w.refused(err, talk.NotFound, "topic")
				continue
			}
			same(w, s, []any{err, p.Topic.Key, p.Topic.Name, slices.Contains(cardIDs(p.Threads), thread)}, []any{nil, key, s, true})
			_, err = w.Topic(w.ctx(), s+"!", "", now, "", 10)
			w.refused(err, talk.NotFound, "topic")
		}
	},

	"long ago": func(w *world) {
		thread := w.about("Baths")
		x := w.post(ann, thread, "", "x")
		x.At = time.UnixMilli(86400_000)
		w.do(x)
		topics, err := w.Topics(w.ctx(), now.AddDate(40, 0, 0), 10)
		same(w, "topics", []any{topics, err}, []any{[]talk.Topic{{Key: "baths", Name: "Baths", Threads: 1}}, nil})
	},
}

var mineTests = map[string]func(*world){
	"what one wrote": func(w *world) {
		a, b := w.thread(), w.thread()
		w.owner("olga")
		first := w.say(ann, a, "", "first")
		w.say(bob, a, first, "not hers")
		gone := w.say(ann, a, first, "gone")
		held := w.do(w.heldPost(forum.HoldAll, ann, b, "", "held")).Result.Comment.ID
		last := w.say(ann, b, "", "last")
		w.do(w.like(bob, first, true))
		w.do(w.delete(ann, gone))
		mine, next, err := w.Mine(w.ctx(), "ann", now, "", 2)
		if err != nil || next == "" {
			w.Fatal(next, err)
		}
		more, next, err := w.Mine(w.ctx(), "ann", now, next, 2)
		if err != nil || next != "" {
			w.Fatal(next, err)
		}
		mine = append(mine, more...)
		var got []string
		for _, m := range mine {
			got = append(got, fmt.Sprint(m.Comment.ID, m.Comment.State, m.Comment.Thread == m.Thread.ID, m.Thread.Level, m.Comment.Likes, m.Comment.HTML))
		}
		same(w, "mine", got, []string{
			fmt.Sprint(last, talk.Published, true, talk.Follows, 0, "<p>last</p>"),
			fmt.Sprint(held, talk.Held, true, talk.Follows, 0, "<p>held</p>"),
			fmt.Sprint(first, talk.Published, true, talk.Follows, 1, "<p>first</p>"),
		})
		w.do(w.keep(olga, talk.Hold, first, true))
		mine, _, err = w.Mine(w.ctx(), "ann", now, "", 10)
		if err != nil || len(mine) != 3 || mine[2].Comment.State != talk.Held {
			w.Fatal(mine, err)
		}
		for _, s := range hostile {
			if mine, _, err := w.Mine(w.ctx(), s, now, "", 10); err != nil || len(mine) != 0 {
				w.Fatal(mine, err)
			}
			_, _, err := w.Mine(w.ctx(), "ann", now, s, 10)
			w.refused(err, talk.Invalid, "after")
		}
	},

	"settings": func(w *world) {
		s, err := w.Settings(w.ctx(), "ann")
		same(w, "at first", []any{s, err}, []any{talk.DefaultSettings(), nil})
		s.Notify.Like, s.Follow, s.Quiet = true, false, talk.Quiet{From: "22:00", To: "07:30", Zone: "Europe/London"}
		for _, person := range append([]string{"ann"}, hostile...) {
			if err := w.SaveSettings(w.ctx(), person, s); err != nil {
				w.Fatal(err)
			}
			got, err := w.Settings(w.ctx(), person)
			same(w, "kept", []any{got, err}, []any{s, nil})
		}
		s.Quiet = talk.Quiet{}
		if err := w.SaveSettings(w.ctx(), "ann", s); err != nil {
			w.Fatal(err)
		}
		w.reopen()
		got, err := w.Settings(w.ctx(), "ann")
		same(w, "replaced", []any{got, err}, []any{s, nil})
	},
}
