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

// Run tries a bus; open makes one that works until the test ends.
func Run(t *testing.T, open func(*testing.T) forum.Bus) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, forum.Bus)
	}{
		{"everybody hears, the publisher's own node too", everybodyHears},
		{"what is published right after subscribing is heard", nothingIsMissed},
		{"updates of one goroutine arrive in order, once", inOrder},
		{"other threads are not heard", otherThreads},
		{"an update arrives as it was", roundTrip},
		{"a stopped one is not called again, the others are", stopped},
		{"the context is that of the call", contextOfTheCall},
		{"everything at once", everythingAtOnce},
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

func everybodyHears(t *testing.T, b forum.Bus) {
	one, stopOne := subscribe(t, b, "t")
	defer stopOne()
	two, stopTwo := subscribe(t, b, "t")
	defer stopTwo()
	publish(t, b, update("t", 1))
	for _, l := range []listener{one, two} {
		if u := l.next(t); u.Events[0].Seq != 1 {
			t.Errorf("heard %+v", u)
		}
	}
}

func nothingIsMissed(t *testing.T, b forum.Bus) {
	for i := range uint64(200) {
		heard, stop := subscribe(t, b, "t")
		publish(t, b, update("t", i+1))
		if u := heard.next(t); u.Events[0].Seq != i+1 {
			t.Fatalf("heard %d rather than %d", u.Events[0].Seq, i+1)
		}
		stop()
	}
}

func inOrder(t *testing.T, b forum.Bus) {
	const n = 2000
	heard, stop := subscribe(t, b, "t")
	defer stop()
	for i := range uint64(n) {
		publish(t, b, update("t", i+1))
	}
	for i := range uint64(n) {
		if u := heard.next(t); u.Events[0].Seq != i+1 {
			t.Fatalf("heard %d rather than %d", u.Events[0].Seq, i+1)
		}
	}
	heard.nothing(t)
}

func otherThreads(t *testing.T, b forum.Bus) {
	mine, stopMine := subscribe(t, b, "mine")
	defer stopMine()
	theirs, stopTheirs := subscribe(t, b, "mine2")
	defer stopTheirs()
	publish(t, b, update("mine2", 1))
	publish(t, b, update("nobody's", 1))
	theirs.next(t)
	publish(t, b, update("mine", 2))
	if u := mine.next(t); u.Thread != "mine" || u.Events[0].Seq != 2 {
		t.Errorf("heard %+v", u)
	}
}

func roundTrip(t *testing.T, b forum.Bus) {
	heard, stop := subscribe(t, b, "t")
	defer stop()
	at := time.Date(2026, 2, 3, 4, 5, 6, 789_000_000, time.UTC)
	sent := talk.Update{
		Thread: "t", Epoch: "épôque",
		Events: []talk.Event{
			{Seq: 7, Kind: talk.CommentAdded, At: at, Comment: talk.Comment{
				ID: "c1", Thread: "t", Author: talk.Person{ID: "p", Name: "Zoë 👩‍🚀", Headline: "<b>\u2028"},
				HTML: "<p>" + strings.Repeat("“&amp;” 🎉 ", 20_000) + "</p>", At: at, State: talk.Published,
			}},
			{Seq: 8, Kind: talk.CommentRemoved, At: at, Comment: talk.Comment{ID: "c0", State: talk.Removed}},
		},
		Tally: &talk.Tally{Version: 1 << 53, Reactions: map[string]int{"like": 0, "heart": 3}, Likes: map[string]int{"c1": 2}},
	}
	publish(t, b, sent)
	want, _ := json.Marshal(sent)
	if got, _ := json.Marshal(heard.next(t)); string(got) != string(want) {
		t.Errorf("heard %.200s\nrather than %.200s", got, want)
	}
}

func stopped(t *testing.T, b forum.Bus) {
	gone, stopGone := subscribe(t, b, "t")
	stays, stopStays := subscribe(t, b, "t")
	publish(t, b, update("t", 1))
	gone.next(t)
	stays.next(t)
	stopGone()
	publish(t, b, update("t", 2))
	if u := stays.next(t); u.Events[0].Seq != 2 {
		t.Errorf("heard %+v", u)
	}
	gone.nothing(t)
	stopStays()
	again, stopAgain := subscribe(t, b, "t")
	defer stopAgain()
	publish(t, b, update("t", 3))
	if u := again.next(t); u.Events[0].Seq != 3 {
		t.Errorf("heard %+v", u)
	}
	gone.nothing(t)
	stays.nothing(t)
}

func contextOfTheCall(t *testing.T, b forum.Bus) {
	ctx, cancel := context.WithCancel(t.Context())
	heard := make(listener, 10)
	stop, err := b.Subscribe(ctx, "t", func(u talk.Update) { heard <- u })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	cancel()
	publish(t, b, update("t", 1))
	heard.next(t)
}

// everythingAtOnce subscribes, publishes and stops in many goroutines, and
// looks that one who stays hears all that each of them said, in its order.
func everythingAtOnce(t *testing.T, b forum.Bus) {
	const speakers, each = 8, 100
	heard, stop := subscribe(t, b, "t")
	defer stop()
	var all sync.WaitGroup
	for speaker := range speakers {
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
