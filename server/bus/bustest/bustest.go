// Package bustest is what every forum.Bus must pass.
package bustest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// patience is how long anything may take before it counts as lost.
const patience = 10 * time.Second

// Nodes are the buses of two nodes of a site, or one bus twice where a site is
// one process. What is published at one is heard at the other.
type Nodes struct{ Here, There forum.Bus }

// Run tries a bus; open makes nodes that work until the test ends.
func Run(t *testing.T, open func(*testing.T) Nodes) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Nodes)
	}{
		{"everybody hears, the publisher's own node too", everybodyHears},
		{"what is published right after subscribing is heard", nothingIsMissed},
		{"updates of one goroutine arrive in order, once", inOrder},
		{"other threads are not heard", otherThreads},
		{"an update arrives as it was", roundTrip},
		{"a stopped one is not called again, the others are", stopped},
		{"the context is that of the call", contextOfTheCall},
		{"everything at once", everythingAtOnce},
		{"stopping twice is stopping once", stoppedTwice},
		{"a large update says at least how far the log is", largeUpdate},
		{"many threads at once", manyThreads},
		{"people and crowds are topics of their own", otherTopics},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

// A listener notes what it hears. It is big enough never to block.
type listener chan talk.Update

func subscribe(t *testing.T, b forum.Bus, thread string) (listener, func()) {
	t.Helper()
	heard := make(listener, 10_000)
	stop, err := b.Subscribe(t.Context(), thread, func(u talk.Update) { heard <- u })
	if err != nil {
		t.Fatal(err)
	}
	return heard, stop
}

func (l listener) next(t *testing.T) talk.Update {
	t.Helper()
	select {
	case u := <-l:
		return u
	case <-time.After(patience):
		t.Fatal("an update was lost")
		panic("unreachable")
	}
}

func (l listener) nothing(t *testing.T) {
	t.Helper()
	select {
	case u := <-l:
		t.Errorf("heard %+v", u)
	default:
	}
}

func update(thread string, seq uint64) talk.Update {
	return talk.Update{Thread: thread, Epoch: "e", Events: []talk.Event{{Seq: seq, Kind: talk.CommentAdded}}}
}

func publish(t *testing.T, b forum.Bus, u talk.Update) {
	t.Helper()
	if err := b.Publish(t.Context(), u); err != nil {
		t.Error(err)
	}
}

func everybodyHears(t *testing.T, n Nodes) {
	one, stopOne := subscribe(t, n.Here, "t")
	defer stopOne()
	two, stopTwo := subscribe(t, n.There, "t")
	defer stopTwo()
	publish(t, n.Here, update("t", 1))
	for _, l := range []listener{one, two} {
		if u := l.next(t); u.Events[0].Seq != 1 {
			t.Errorf("heard %+v", u)
		}
	}
}

func nothingIsMissed(t *testing.T, n Nodes) {
	for i := range uint64(200) {
		heard, stop := subscribe(t, n.There, "t")
		publish(t, n.Here, update("t", i+1))
		if u := heard.next(t); u.Events[0].Seq != i+1 {
			t.Fatalf("heard %d rather than %d", u.Events[0].Seq, i+1)
		}
		stop()
	}
}

func inOrder(t *testing.T, n Nodes) {
	const last = 2000
	heard, stop := subscribe(t, n.There, "t")
	defer stop()
	for i := range uint64(last) {
		publish(t, n.Here, update("t", i+1))
	}
	for i := range uint64(last) {
		if u := heard.next(t); u.Events[0].Seq != i+1 {
			t.Fatalf("heard %d rather than %d", u.Events[0].Seq, i+1)
		}
	}
	heard.nothing(t)
}

func otherThreads(t *testing.T, n Nodes) {
	mine, stopMine := subscribe(t, n.There, "mine")
	defer stopMine()
	theirs, stopTheirs := subscribe(t, n.There, "mine2")
	defer stopTheirs()
	publish(t, n.Here, update("mine2", 1))
	publish(t, n.Here, update("nobody's", 1))
	theirs.next(t)
	publish(t, n.Here, update("mine", 2))
	if u := mine.next(t); u.Thread != "mine" || u.Events[0].Seq != 2 {
		t.Errorf("heard %+v", u)
	}
}

func roundTrip(t *testing.T, n Nodes) {
	heard, stop := subscribe(t, n.There, "t")
	defer stop()
	at := time.Date(2026, 2, 3, 4, 5, 6, 789_000_000, time.UTC)
	sent := talk.Update{
		Thread: "t", Epoch: "épôque",
		Events: []talk.Event{
			{Seq: 7, Kind: talk.CommentAdded, At: at, Comment: talk.Comment{
				ID: "c1", Thread: "t", Author: talk.Person{ID: "p", Name: "Zoë 👩‍🚀", Headline: "<b>\u2028"},
				HTML: "<p>" + strings.Repeat("“&amp;” 🎉 ", 1000) + "</p>", At: at, State: talk.Published,
			}},
			{Seq: 8, Kind: talk.CommentRemoved, At: at, Comment: talk.Comment{ID: "c0", State: talk.Removed}},
		},
		Tally: &talk.Tally{Version: 1 << 53, Reactions: map[string]int{"like": 0, "heart": 3}, Likes: map[string]int{"c1": 2}},
	}
	publish(t, n.Here, sent)
	want, _ := json.Marshal(sent)
	if got, _ := json.Marshal(heard.next(t)); string(got) != string(want) {
		t.Errorf("heard %.200s\nrather than %.200s", got, want)
	}
}

func stopped(t *testing.T, n Nodes) {
	gone, stopGone := subscribe(t, n.There, "t")
	stays, stopStays := subscribe(t, n.There, "t")
	publish(t, n.Here, update("t", 1))
	gone.next(t)
	stays.next(t)
	stopGone()
	publish(t, n.Here, update("t", 2))
	if u := stays.next(t); u.Events[0].Seq != 2 {
		t.Errorf("heard %+v", u)
	}
	gone.nothing(t)
	stopStays()
	again, stopAgain := subscribe(t, n.There, "t")
	defer stopAgain()
	publish(t, n.Here, update("t", 3))
	if u := again.next(t); u.Events[0].Seq != 3 {
		t.Errorf("heard %+v", u)
	}
	gone.nothing(t)
	stays.nothing(t)
}

func contextOfTheCall(t *testing.T, n Nodes) {
	ctx, cancel := context.WithCancel(t.Context())
	heard := make(listener, 10)
	stop, err := n.There.Subscribe(ctx, "t", func(u talk.Update) { heard <- u })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	cancel()
	publish(t, n.Here, update("t", 1))
	heard.next(t)
}

// everythingAtOnce subscribes, publishes and stops in many goroutines, and
// looks that one who stays hears all that each of them said, in its order.
func everythingAtOnce(t *testing.T, n Nodes) {
	const speakers, each = 8, 100
	heard, stop := subscribe(t, n.There, "t")
	defer stop()
	var all sync.WaitGroup
	for speaker := range speakers {
		b := []forum.Bus{n.Here, n.There}[speaker%2]
		all.Go(func() {
			for i := range uint64(each) {
				stop, err := b.Subscribe(t.Context(), "t", func(talk.Update) {})
				if err != nil {
					t.Error(err)
					return
				}
				u := update("t", i+1)
				u.Events[0].Comment.ID = fmt.Sprint(speaker)
				publish(t, b, u)
				stop()
			}
		})
	}
	all.Wait()
	last := map[string]uint64{}
	for range speakers * each {
		e := heard.next(t).Events[0]
		if e.Seq != last[e.Comment.ID]+1 {
			t.Fatalf("of speaker %s, heard %d after %d", e.Comment.ID, e.Seq, last[e.Comment.ID])
		}
		last[e.Comment.ID] = e.Seq
	}
	heard.nothing(t)
}

func stoppedTwice(t *testing.T, n Nodes) {
	_, stop := subscribe(t, n.There, "t")
	stop()
	again, stopAgain := subscribe(t, n.There, "t")
	defer stopAgain()
	stop()
	publish(t, n.Here, update("t", 1))
	again.next(t)
}

func largeUpdate(t *testing.T, n Nodes) {
	heard, stop := subscribe(t, n.There, "t")
	defer stop()
	sent := update("t", 1)
	for i := range uint64(40) {
		e := talk.Event{Seq: i + 2, Kind: talk.CommentAdded}
		e.Comment.HTML = strings.Repeat("x", int(i)*2000)
		sent.Events = append(sent.Events, e)
	}
	sent.Tally, sent.Since = &talk.Tally{Version: 9, Likes: map[string]int{}}, 8
	for i := range 5000 {
		sent.Tally.Likes[fmt.Sprint("comment", i)] = i
	}
	publish(t, n.Here, sent)
	var seq uint64
	for version := uint64(0); version < 9; {
		u := heard.next(t)
		for _, e := range u.Events {
			if e.Seq <= seq {
				t.Errorf("heard %d after %d", e.Seq, seq)
			}
			seq = e.Seq
		}
		seq = max(seq, u.Seq)
		if u.Tally != nil {
			version = u.Tally.Version
			if len(u.Tally.Likes) == 0 && u.Since != version {
				t.Error("a tally whose counts are left out must not pass for the whole")
			}
		}
	}
	if seq != 41 {
		t.Errorf("heard of a log up to %d rather than 41", seq)
	}
}

func manyThreads(t *testing.T, n Nodes) {
	const threads = 300
	heard := make([]listener, threads)
	for i := range heard {
		l, stop := subscribe(t, n.There, fmt.Sprint("thread", i))
		defer stop()
		heard[i] = l
	}
	for i := range heard {
		publish(t, n.Here, update(fmt.Sprint("thread", i), 1))
	}
	for i, l := range heard {
		if u := l.next(t); u.Thread != fmt.Sprint("thread", i) {
			t.Errorf("thread %d heard %+v", i, u)
		}
		l.nothing(t)
	}
}

func otherTopics(t *testing.T, n Nodes) {
	ann, stopAnn := subscribe(t, n.There, talk.PersonTopic("ann"))
	defer stopAnn()
	bob, stopBob := subscribe(t, n.There, talk.PersonTopic("bob"))
	defer stopBob()
	thread, stopThread := subscribe(t, n.There, "ann")
	defer stopThread()
	crowds, stopCrowds := subscribe(t, n.There, talk.CrowdsTopic)
	defer stopCrowds()
	publish(t, n.Here, talk.Update{Person: "ann"})
	publish(t, n.Here, talk.Update{Crowds: &talk.Crowds{Node: "here", Viewers: map[string]int{"t": 3}, Ask: true}})
	publish(t, n.Here, update("ann", 1))
	if u := ann.next(t); u.Person != "ann" {
		t.Errorf("heard %+v", u)
	}
	if u := crowds.next(t); u.Crowds == nil || u.Crowds.Viewers["t"] != 3 || !u.Crowds.Ask {
		t.Errorf("heard %+v", u)
	}
	if u := thread.next(t); u.Thread != "ann" || u.Person != "" {
		t.Errorf("heard %+v", u)
	}
	for _, l := range []listener{ann, bob, thread, crowds} {
		l.nothing(t)
	}
}
