package live

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"folkmoot/app/talk"
)

// presence waits until a viewer has been told so.
func (c *client) presence(viewers int, typing ...string) {
	c.t.Helper()
	var p talk.Presence
	for range 10 {
		c.next(talk.TypePresence, &p)
		if p.Viewers == viewers && slices.Equal(p.Typing, typing) {
			return
		}
	}
	c.t.Errorf("told %+v, want %d viewers and %v", p, viewers, typing)
}

func TestPresenceOfAllNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here := newWorld(t, "t")
		there := newNode(t, here.store, here.bus)
		ann, bob := here.connect(), there.connect()
		ann.join("t")
		synctest.Wait()
		if j := bob.join("t"); j.Viewers != 1 { // they don't know of each other yet
			t.Errorf("joined %+v", j)
		}
		ann.presence(2)
		bob.presence(2)
		if n := here.server.Viewers("t"); n != 2 {
			t.Errorf("%d viewers", n)
		}
		cid := there.connect()
		cid.join("t")
		ann.presence(3)
		bob.presence(3)
		for range 20 {
			time.Sleep(silenceMax / 2)
			for _, c := range []*client{ann, bob, cid} {
				c.send(talk.Request{Type: talk.TypePong})
			}
		}
		if n := here.server.Viewers("t"); n != 3 {
			t.Errorf("%d viewers after a while", n)
		}

		// What says that somebody left is lost: their node falls silent.
		here.bus.set(1, 0, 0)
		there.shutdown(0)
		synctest.Wait()
		here.bus.set(0, 0, 0)
		start := time.Now()
		ann.presence(1)
		if d := time.Since(start); d > 30*time.Second {
			t.Errorf("a node that fell silent was believed for %v", d)
		}
	})
}

func TestTyping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here := newWorld(t, "t")
		there := newNode(t, here.store, here.bus)
		ann, bob, guest := here.connect("Person", "ann"), there.connect("Person", "bob"), here.connect("Person", "")
		for _, c := range []*client{ann, bob, guest} {
			c.join("t")
		}
		here.store.with(func() { here.store.people = map[string]talk.Person{"ann": {ID: "ann", Name: "Ann"}} })
		typing := talk.Request{Type: talk.TypeTyping, Thread: "t"}
		bob.presence(3)
		guest.send(typing) // nobody
		bob.send(typing)   // without a name
		ann.send(typing)
		start := time.Now()
		bob.presence(3, "Ann")
		guest.presence(3, "Ann")
		bob.presence(3)
		if d := time.Since(start); d < talk.TypingLasts-presenceEvery || d > talk.TypingLasts+2*presenceEvery {
			t.Errorf("typing lasted %v", d)
		}
		ann.send(typing)
		bob.presence(3, "Ann")
		ann.send(talk.Request{Type: talk.TypeDo, Ref: "r", Command: &talk.Command{Kind: talk.Post, Thread: "t", Body: "Said", Name: "Ann"}})
		start = time.Now()
		bob.next(talk.TypeEvent, nil)
		bob.presence(3)
		if d := time.Since(start); d > 2*presenceEvery {
			t.Errorf("still typing %v after it was said", d)
		}
		ann.send(talk.Request{Type: talk.TypeTyping, Thread: "elsewhere"})
		synctest.Wait()
	})
}

func TestTooManyConnectionsOfOneAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		w.server.PerAddress = 3
		var welcome []*client
		for range 3 {
			c := w.connect("Address", "192.0.2.1")
			c.join("t")
			welcome = append(welcome, c)
		}
		if code, reason := w.connect("Address", "192.0.2.1").closed(); code != talk.CloseTooMany || reason == "" {
			t.Errorf("closed with %d %q", code, reason)
		}
		w.connect("Address", "192.0.2.2").join("t")
		for _, c := range welcome {
			c.join("t") // they don't notice
		}
		welcome[0].ws.Close()
		synctest.Wait()
		time.Sleep(2 * lingerWait)
		w.connect("Address", "192.0.2.1").join("t")
	})
}

func TestHiddenPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		w.server.HidePresence, w.server.HideTyping = true, true
		w.store.people = map[string]talk.Person{"ann": {ID: "ann", Name: "Ann"}}
		ann, bob := w.connect("Person", "ann"), w.connect()
		for _, c := range []*client{ann, bob} {
			if j := c.join("t"); j.Viewers != 0 {
				t.Errorf("joined %+v", j)
			}
		}
		ann.send(talk.Request{Type: talk.TypeTyping, Thread: "t"})
		time.Sleep(5 * presenceEvery) // of the bubble's time
		if n := w.server.Viewers("t"); n != 0 {
			t.Errorf("%d viewers", n)
		}
		if len(w.server.Crowded()) != 0 {
			t.Error("threads count as crowded")
		}
		w.do("ann", "1", talk.Command{Kind: talk.React, Thread: "t", Reaction: "like", On: true})
		for told := ""; !strings.Contains(told, `"tally"`); {
			data, ok := bob.any()
			if !ok {
				t.Fatal("the connection is gone")
			}
			if told = string(data); strings.Contains(told, `"presence"`) {
				t.Fatalf("told %s", told)
			}
		}
	})
}
