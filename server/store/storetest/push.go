package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// device is a browser's subscription, by a short name.
func device(name, host string) forum.Device {
	return forum.Device{Endpoint: "https://" + host + "/" + name, Host: host, Key: []byte("key of " + name), Auth: []byte("secret"), Lang: "en"}
}

func (w *world) subscribe(person string, d forum.Device) {
	w.Helper()
	w.count++
	if err := w.Subscribe(w.ctx(), person, d, beginning.Add(time.Duration(w.count)*time.Second)); err != nil {
		w.Fatal(err)
	}
}

func (w *world) queue(people ...string) int {
	w.Helper()
	n, err := w.QueueNotices(w.ctx(), people, beginning, now)
	if err != nil {
		w.Fatal(err)
	}
	return n
}

func (w *world) queueFollowed(comment string) int {
	w.Helper()
	n, err := w.QueueFollowed(w.ctx(), comment, now)
	if err != nil {
		w.Fatal(err)
	}
	return n
}

// wants makes settings in which somebody is told of everything.
func (w *world) wants(person string) {
	w.Helper()
	s := talk.DefaultSettings()
	s.Notify = talk.Notify{Reply: true, Mention: true, Like: true, Followed: true}
	if err := w.SaveSettings(w.ctx(), person, s); err != nil {
		w.Fatal(err)
	}
}

// lease is for how long tests take messages.
const lease = time.Minute

// take takes what is due a while after now, of devices that are proven or not.
func (w *world) take(after time.Duration, proven bool, not ...string) []forum.Message {
	w.Helper()
	at := now.Add(after)
	all, err := w.TakeMessages(w.ctx(), forum.Taking{Now: at, Until: at.Add(lease), Limit: 100, PerHost: 100, Not: not, Proven: proven})
	if err != nil {
		w.Fatal(err)
	}
	return all
}

func (w *world) settle(m forum.Message, s forum.Settled) {
	w.Helper()
	s.Message = m
	if err := w.SettleMessages(w.ctx(), []forum.Settled{s}); err != nil {
		w.Fatal(err)
	}
}

// short is what messages say: to which endpoint, under which tag, how much, and
// whether it was seen.
func short(all []forum.Message) []string {
	list := []string{}
	for _, m := range all {
		list = append(list, fmt.Sprint(strings.TrimPrefix(m.Endpoint, "https://"), " ", m.Tag, " ", m.N, " ", m.Seen))
	}
	slices.Sort(list)
	return list
}

var pushTests = map[string]func(*world){
	"a notice is told once to each device": func(w *world) {
		thread := w.thread()
		root := w.say(ann, thread, "", "root")
		answer := w.say(bob, thread, root, "answer")
		same(w, "without a device", w.queue("ann", "bob"), 0)
		w.subscribe("ann", device("phone", "one.example"))
		w.subscribe("ann", device("desk", "two.example"))
		same(w, "queued", []int{w.queue("bob", "nobody"), w.queue("ann"), w.queue("ann"), w.queue()}, []int{0, 2, 0, 0})
		at, waits, err := w.NextMessage(w.ctx())
		same(w, "next", []any{at, waits, err}, []any{kept(now), true, nil})
		all := w.take(0, false)
		same(w, "taken", short(all), []string{"one.example/phone reply-" + answer + " 1 false", "two.example/desk reply-" + answer + " 1 false"})
		m := all[slices.IndexFunc(all, func(m forum.Message) bool { return m.Host == "one.example" })]
		d := device("phone", "one.example")
		same(w, "device", []any{m.Device, m.Person, m.Kind, m.Tries, m.At}, []any{d, "ann", talk.Reply, 1, kept(now)})
		same(w, "comment", []any{m.Comment.ID, m.Comment.Author.Name, m.Comment.HTML, m.Thread.ID, m.Thread.Title, m.Thread.Site}, []any{answer, "Bob", "<p>answer</p>", thread, "A page", "blog.example"})
		same(w, "settings", m.Settings, talk.DefaultSettings())
		same(w, "no other takes it", len(w.take(lease-time.Second, false)), 0)
		w.reopen()
		again := w.take(lease, false)
		same(w, "who took it is gone", []int{len(again), again[0].Tries}, []int{2, 2})
		for _, m := range again {
			w.settle(m, forum.Settled{When: now, Taken: true})
		}
		_, waits, err = w.NextMessage(w.ctx())
		same(w, "told", []any{waits, err, w.queue()}, []any{false, nil, 0})
	},

	"likes are told when they are twice as many": func(w *world) {
		thread := w.thread()
		c := w.say(ann, thread, "", "x")
		w.subscribe("ann", device("phone", "one.example"))
		told := []string{}
		for i := range 9 {
			w.do(w.like(talk.Person{ID: fmt.Sprint("p", i)}, c, true))
			if w.queue("ann") == 0 {
				continue
			}
			same(w, "they wait for more", len(w.take(0, i > 0)), 0)
			all := w.take(time.Hour, i > 0)
			told = append(told, short(all)...)
			w.settle(all[0], forum.Settled{When: now, Taken: true})
		}
		tag := "one.example/phone like-" + c
		same(w, "told", told, []string{tag + " 1 false", tag + " 2 false", tag + " 4 false", tag + " 8 false"})
	},

	"together under one tag": func(w *world) {
		thread := w.thread()
		c := w.say(ann, thread, "", "x")
		w.subscribe("ann", device("phone", "one.example"))
		w.do(w.like(bob, c, true))
		w.queue("ann")
		first := w.take(time.Hour, false)
		w.do(w.like(cleo, c, true))
		same(w, "one more", []int{w.queue("ann"), len(w.take(time.Hour, false))}, []int{1, 0})
		w.settle(first[0], forum.Settled{When: now.Add(time.Hour), Taken: true})
		same(w, "is told after the first", short(w.take(time.Hour, true)), []string{"one.example/phone like-" + c + " 2 false"})
	},

	"what was seen, or can't be": func(w *world) {
		thread := w.thread()
		root := w.say(ann, thread, "", "root")
		w.subscribe("ann", device("phone", "one.example"))
		seen := w.post(bob, thread, root, "seen")
		w.do(seen)
		w.do(w.sawUntil(ann, seen.At))
		same(w, "seen before", w.queue("ann"), 0)
		a := w.post(bob, thread, root, "seen meanwhile")
		b := w.post(bob, thread, root, "removed")
		w.do(a)
		w.do(b)
		w.queue("ann")
		w.do(w.sawUntil(ann, a.At))
		w.do(w.delete(bob, b.ID))
		want := []string{"one.example/phone reply-" + a.ID + " 1 true", "one.example/phone reply-" + b.ID + " 1 true"}
		slices.Sort(want)
		same(w, "meanwhile", short(w.take(0, false)), want)
		w.do(w.write(ann, talk.Command{Kind: talk.Mute, Thread: thread, On: true}))
		w.do(w.post(bob, thread, root, "muted"))
		n, err := w.QueueNotices(w.ctx(), nil, now, now)
		same(w, "muted, or long ago", []any{w.queue("ann"), n, err}, []any{0, 0, nil})
	},

	"of followed threads": func(w *world) {
		thread := w.thread()
		w.say(ann, thread, "", "hers")
		w.say(cleo, thread, "", "cleo's")
		for _, who := range []string{"ann", "bob", "cleo"} {
			w.subscribe(who, device(who, "one.example"))
		}
		first := w.say(bob, thread, "", "first")
		same(w, "nobody wants it", w.queueFollowed(first), 0)
		w.wants("ann")
		w.wants("bob")
		tag := "one.example/ann thread-" + thread
		same(w, "told once until they look", []int{w.queueFollowed(first), w.queueFollowed(first), w.queueFollowed(w.say(bob, thread, "", "second"))}, []int{1, 0, 0})
		all := w.take(time.Hour, false)
		same(w, "with how many", short(all), []string{tag + " 3 false"})
		same(w, "the first", []any{all[0].Kind, all[0].Comment.ID, all[0].Settings.Notify.Followed}, []any{forum.Followed, first, true})
		w.settle(all[0], forum.Settled{When: now, Taken: true})
		w.do(w.write(ann, talk.Command{Kind: talk.Seen, Thread: thread, Seq: w.head(thread).Seq}))
		third := w.say(bob, thread, "", "third")
		same(w, "and again", w.queueFollowed(third), 1)
		w.do(w.write(ann, talk.Command{Kind: talk.Seen, Thread: thread, Seq: w.head(thread).Seq}))
		same(w, "seen meanwhile", short(w.take(time.Hour, true)), []string{tag + " 0 true"})
		answer := w.post(bob, thread, w.say(ann, thread, "", "question"), "answer")
		w.do(answer)
		same(w, "who is told of the answer", w.queueFollowed(answer.ID), 0)
		w.do(w.write(ann, talk.Command{Kind: talk.Follow, Thread: thread, On: false}))
		same(w, "unfollowed, nothing, and none", []int{w.queueFollowed(w.say(bob, thread, "", "x")), w.queueFollowed("none"), w.queueFollowed("")}, []int{0, 0, 0})
	},

	"try again": func(w *world) {
		thread := w.thread()
		root := w.say(ann, thread, "", "root")
		w.subscribe("ann", device("phone", "one.example"))
		w.say(bob, thread, root, "answer")
		w.queue("ann")
		m := w.take(0, false)[0]
		w.settle(m, forum.Settled{When: now, Failed: true, Later: now.Add(time.Hour)})
		same(w, "not before", len(w.take(time.Hour-time.Second, false)), 0)
		m = w.take(time.Hour, false)[0]
		same(w, "tried", []int{m.Tries, m.Failures}, []int{2, 1})
		w.settle(m, forum.Settled{When: now, Later: now.Add(2 * time.Hour)})
		m = w.take(2*time.Hour, false)[0]
		same(w, "put off, which is no failure", []int{m.Tries, m.Failures}, []int{1, 1})
		w.settle(m, forum.Settled{When: now.Add(3 * time.Hour), Taken: true})
		w.say(bob, thread, root, "another")
		w.queue("ann")
		same(w, "no unproven device", len(w.take(4*time.Hour, false)), 0)
		m = w.take(4*time.Hour, true)[0]
		same(w, "proven", []any{m.Failures, m.Answered}, []any{0, kept(now.Add(3 * time.Hour))})
		w.settle(m, forum.Settled{When: now, Failed: true})
		_, waits, _ := w.NextMessage(w.ctx())
		same(w, "given up", waits, false)
	},

	"of a push service at once": func(w *world) {
		thread := w.thread()
		root := w.say(ann, thread, "", "root")
		for i, host := range []string{"one.example", "one.example", "one.example", "two.example", "three.example"} {
			w.subscribe("ann", device(fmt.Sprint(i), host))
		}
		w.say(bob, thread, root, "answer")
		w.queue("ann")
		all, err := w.TakeMessages(w.ctx(), forum.Taking{Now: now, Until: now.Add(lease), Limit: 100, PerHost: 2, Not: []string{"three.example"}})
		hosts := map[string]int{}
		for _, m := range all {
			hosts[m.Host]++
		}
		same(w, "two at most, and none of one", []any{hosts, err}, []any{map[string]int{"one.example": 2, "two.example": 1}, nil})
		all, err = w.TakeMessages(w.ctx(), forum.Taking{Now: now, Until: now.Add(lease), Limit: 1, PerHost: 2})
		same(w, "one", []any{len(all), err, len(w.take(0, false))}, []any{1, nil, 1})
	},

	"devices": func(w *world) {
		thread := w.thread()
		root := w.say(ann, thread, "", "root")
		for i := range forum.DevicesMax + 2 {
			w.subscribe("ann", device(fmt.Sprintf("%02d", i), "one.example"))
		}
		w.say(bob, thread, root, "answer")
		same(w, "the latest", w.queue("ann"), forum.DevicesMax)
		all := w.take(0, false)
		same(w, "the oldest are gone", slices.ContainsFunc(all, func(m forum.Message) bool {
			return strings.HasSuffix(m.Endpoint, "/00") || strings.HasSuffix(m.Endpoint, "/01")
		}), false)
		phone := device("11", "one.example")
		for _, e := range []string{phone.Endpoint, device("10", "one.example").Endpoint} {
			if err := w.Unsubscribe(w.ctx(), "bob", e); err != nil {
				w.Fatal(err)
			}
		}
		same(w, "nobody else's to forget", len(w.take(lease, false)), forum.DevicesMax)
		if err := w.Unsubscribe(w.ctx(), "ann", device("10", "one.example").Endpoint); err != nil {
			w.Fatal(err)
		}
		for _, m := range all {
			if m.Endpoint != phone.Endpoint {
				w.settle(m, forum.Settled{When: now, Gone: true})
			}
		}
		same(w, "one is left", len(w.take(2*lease, false)), 1)
		w.subscribe("bob", phone)
		same(w, "another's browser now", len(w.take(3*lease, false)), 0)
		w.settle(all[0], forum.Settled{When: now, Gone: true})
		w.say(ann, thread, w.say(bob, thread, "", "his"), "to bob")
		same(w, "his", []int{w.queue("bob"), w.queue("ann")}, []int{1, 0})
		other := phone
		other.Key = []byte("another")
		w.subscribe("bob", other)
		w.settle(w.take(4*lease, false)[0], forum.Settled{When: now, Taken: true})
		old := forum.Message{Device: phone}
		w.settle(old, forum.Settled{When: now, Gone: true})
		w.say(ann, thread, w.say(bob, thread, "", "more"), "to bob")
		same(w, "of an older key", w.queue("bob"), 1)
	},

	"come along when two become one": func(w *world) {
		thread := w.thread()
		root := w.say(ann, thread, "", "root")
		w.subscribe("ann", device("phone", "one.example"))
		w.subscribe("app", device("desk", "two.example"))
		w.say(bob, thread, root, "answer")
		w.queue("ann")
		w.become("ann", "app")
		same(w, "what waited", short(w.take(0, false))[0][:17], "one.example/phone")
		w.say(bob, thread, root, "another")
		same(w, "both", w.queue("app"), 2)
	},

	"hostile": func(w *world) {
		for _, s := range hostile {
			d := forum.Device{Endpoint: s, Host: s, Key: []byte(s), Auth: []byte(s), Lang: s}
			if err := w.Subscribe(w.ctx(), s, d, now); err != nil {
				w.Fatal(err)
			}
			if err := w.Unsubscribe(w.ctx(), s, s); err != nil {
				w.Fatal(err)
			}
			w.queue(s)
			w.queueFollowed(s)
			w.take(0, false, s)
		}
	},
}
