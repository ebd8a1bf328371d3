package live

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"folkmoot/app/talk"
)

// told is what people of a fakeStore were told.
type told struct {
	unread  map[string]int
	notices map[string][]talk.Notice // by person, the newest first
	reads   int
	lively  []talk.Card
}

func (s *fakeStore) Self(_ context.Context, person string) (string, error) { return person, nil }

func (s *fakeStore) Unread(_ context.Context, people ...string) (map[string]int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told.reads++
	unread := map[string]int{}
	for _, p := range people {
		if n := s.told.unread[p]; n > 0 {
			unread[p] = n
		}
	}
	return unread, s.fail
}

func (s *fakeStore) Inbox(_ context.Context, person, _ string, limit int) ([]talk.Notice, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.told.notices[person]
	return slices.Clone(all[:min(len(all), limit)]), "", s.fail
}

func (s *fakeStore) Lively(_ context.Context, _ time.Time, _ int, also ...string) ([]talk.Card, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cards := slices.Clone(s.told.lively)
	for _, thread := range also {
		if !slices.ContainsFunc(cards, func(c talk.Card) bool { return c.ID == thread }) {
			cards = append(cards, talk.Card{ID: thread})
		}
	}
	return cards, s.fail
}

// tell tells a person of a comment, as a commit does.
func (w *world) tell(person, comment string) {
	w.t.Helper()
	w.store.with(func() {
		t := &w.store.told
		if t.unread == nil {
			t.unread, t.notices = map[string]int{}, map[string][]talk.Notice{}
		}
		t.unread[person]++
		t.notices[person] = append([]talk.Notice{{Kind: talk.Reply, Comment: talk.Comment{ID: comment}, At: time.Now()}}, t.notices[person]...)
	})
	w.bus.Publish(context.Background(), talk.Update{Person: person})
}

func (c *client) news(unread int, comments ...string) {
	c.t.Helper()
	var n talk.News
	c.next(talk.TypeNotice, &n)
	var got []string
	for _, o := range n.Notices {
		got = append(got, o.Comment.ID)
	}
	if n.Unread != unread || !slices.Equal(got, comments) {
		c.t.Errorf("told of %d unread and %v, want %d and %v", n.Unread, got, unread, comments)
	}
}

// watched is how many inboxes are.
func (s *Server) watched() int {
	s.watches.mu.Lock()
	defer s.watches.mu.Unlock()
	return len(s.watches.inboxes)
}

func watching(home bool) talk.Request { return talk.Request{Type: talk.TypeWatch, Home: home} }

func TestInboxOnAllNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here := newWorld(t)
		there := newNode(t, here.store, here.bus)
		here.tell("ann", "before")
		one, two, far, bob := here.connect("Person", "ann"), here.connect("Person", "ann"), there.connect("Person", "ann"), here.connect("Person", "bob")
		for _, c := range []*client{one, two, far} {
			c.send(watching(false))
			c.news(1)
		}
		bob.send(watching(false))
		bob.news(0)
		time.Sleep(silenceMax / 2)
		for _, c := range []*client{one, two, far, bob} {
			c.send(talk.Request{Type: talk.TypePing})
			c.next(talk.TypePong, nil)
		}

		here.tell("ann", "a")
		for _, c := range []*client{one, two, far} {
			c.news(2, "a")
		}
		for i := range 20 { // at once: read once, and once more
			here.tell("ann", fmt.Sprint("b", i))
		}
		for _, c := range []*client{one, two, far} {
			c.news(22, "b19", "b18", "b17", "b16", "b15")
		}
		here.store.with(func() { here.store.told.unread["ann"] = 0 }) // seen, elsewhere
		here.bus.Publish(t.Context(), talk.Update{Person: "ann"})
		for _, c := range []*client{one, two, far} {
			c.news(0)
		}
		synctest.Wait()
		bob.nothing()

		one.send(talk.Request{Type: talk.TypeUnwatch})
		far.ws.Close()
		synctest.Wait()
		here.tell("ann", "c")
		two.news(1, "c")
		synctest.Wait()
		one.nothing()
		two.send(talk.Request{Type: talk.TypeUnwatch})
		synctest.Wait()
		here.store.with(func() { here.store.told.reads = 0 })
		here.tell("ann", "d")
		time.Sleep(silenceMax / 2)
		here.store.with(func() {
			if n := here.store.told.reads; n != 1 { // of bob's
				t.Errorf("of %d inboxes something was read, though bob's alone is watched", n)
			}
		})
		if n, far := here.server.watched(), there.server.watched(); n != 1 || far != 0 {
			t.Errorf("%d and %d inboxes are watched", n, far)
		}
	})
}

// What the bus loses shows all the same, a little later.
func TestInboxWhoseNewsIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ann := w.connect("Person", "ann")
		ann.send(watching(false))
		ann.news(0)
		w.bus.set(1, 0, 0)
		w.tell("ann", "lost")
		start := time.Now()
		go func() { // a browser answers what it is pinged
			for range 5 {
				time.Sleep(10 * time.Second)
				ann.ws.WriteJSON(talk.Request{Type: talk.TypePong})
			}
		}()
		ann.news(1, "lost")
		if d := time.Since(start); d > inboxesEvery {
			t.Errorf("it took %v", d)
		}
		w.tell("ann", "lost again")
		w.server.Check()
		ann.news(2, "lost again")
		time.Sleep(time.Minute)
	})
}

func TestWatchingAsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		nobody := w.connect("Person", "")
		nobody.send(watching(false))
		var refused talk.Refused
		nobody.next(talk.TypeRefused, &refused)
		if refused.Code != talk.NoSession {
			t.Errorf("%+v", refused)
		}
		nobody.send(watching(true))
		nobody.next(talk.TypeLively, nil)
	})
}

// A store that fails is asked again when there is news.
func TestInboxThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ann := w.connect("Person", "ann")
		w.store.with(func() { w.store.fail = errStore })
		ann.send(watching(true))
		time.Sleep(5 * time.Second)
		ann.nothing()
		w.store.with(func() { w.store.fail = nil })
		ann.next(talk.TypeLively, nil)
		w.tell("ann", "a")
		ann.news(1)
	})
}

func (c *client) lively() map[string]int {
	c.t.Helper()
	var l talk.Lively
	c.next(talk.TypeLively, &l)
	viewers := map[string]int{}
	for _, card := range l.Threads {
		viewers[card.ID] = card.Viewers
	}
	return viewers
}

func TestLivelyAtAllNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here := newWorld(t, "t", "u")
		there := newNode(t, here.store, here.bus)
		here.store.told.lively = []talk.Card{{ID: "s", Heat: 0.5}}
		ann, bob, far := here.connect("Person", ""), here.connect(), there.connect()
		bob.join("t")
		far.join("t")
		far.join("u")
		time.Sleep(5 * time.Second)
		ann.send(watching(true))
		if got := ann.lively(); fmt.Sprint(got) != "map[s:0 t:2]" { // of u, this node doesn't know yet
			t.Errorf("%v", got)
		}
		if got := ann.lively(); fmt.Sprint(got) != "map[s:0 t:2 u:1]" {
			t.Errorf("%v", got)
		}
		start := time.Now()
		for range 2 {
			here.connect().join("t") // something happens all the time
			time.Sleep(10 * time.Millisecond)
			there.connect().join("u")
		}
		times := 1
		for got := ann.lively(); got["t"] != 4 || got["u"] != 3; got = ann.lively() {
			times++
		}
		if d := time.Since(start); d > 3*homeEvery || times > int(d/homeEvery)+1 {
			t.Errorf("told %d times within %v", times, d)
		}
		late := here.connect("Person", "")
		late.send(watching(true))
		if got := late.lively(); got["t"] != 4 || got["u"] != 3 {
			t.Errorf("%v", got)
		}
		ann.send(talk.Request{Type: talk.TypeUnwatch})
		late.send(talk.Request{Type: talk.TypeUnwatch})
		here.connect().join("t")
		time.Sleep(10 * time.Second)
		synctest.Wait()
		ann.nothing()
		late.nothing()
		if !here.server.nobodyIsHome() {
			t.Error("somebody watches still")
		}
		there.shutdown(0)
		time.Sleep(30 * time.Second)
		if got := here.server.Crowded(); got["u"] != 0 || got["t"] == 0 {
			t.Errorf("a node that has left is believed: %v", got)
		}
	})
}

// Where nobody asks, nodes tell each other nothing of what is crowded.
func TestCrowdsAreToldToWhoAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		var heard atomic.Int32
		stop, err := w.bus.Subscribe(t.Context(), talk.CrowdsTopic, func(talk.Update) { heard.Add(1) })
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		c := w.connect()
		c.join("t")
		c.send(watching(false))
		time.Sleep(silenceMax / 2)
		if n := heard.Load(); n != 0 {
			t.Errorf("told %d times", n)
		}
		w.server.Crowded()
		time.Sleep(3 * beat)
		if n := heard.Load(); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}
