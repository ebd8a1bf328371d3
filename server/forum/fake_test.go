package forum_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/bus/memory"
	"folkmoot/server/forum"
)

// A fakeStore remembers in maps, just enough to see what the forum asks of it.
type fakeStore struct {
	forum.Store // what no test here calls

	slow func() // called in each Commit, before it is done

	mu      sync.Mutex
	fail    error // of everything
	opened  []forum.Page
	threads map[string]forum.Head // by id
	pages   map[string]forum.Opened
	persons map[string]talk.Person
	selves  map[string]string // who some are now
	refs    map[string]forum.Outcome
	batches [][]forum.Write
	order   []entry // what commits changed, in order
	events  map[string][]talk.Event
	asked   int // limit of the last CatchUp
}

// An entry is a log entry of some thread.
type entry struct {
	thread string
	seq    uint64
}

func newFakeStore(threads ...string) *fakeStore {
	s := &fakeStore{threads: map[string]forum.Head{}, pages: map[string]forum.Opened{}, persons: map[string]talk.Person{},
		refs: map[string]forum.Outcome{}, events: map[string][]talk.Event{}}
	for _, t := range threads {
		s.threads[t] = forum.Head{}
	}
	return s
}

func (s *fakeStore) failWith(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

func (s *fakeStore) commits() [][]forum.Write {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.batches)
}

func (s *fakeStore) Epoch() string { return "life1" }

func (s *fakeStore) Open(_ context.Context, page forum.Page, at time.Time) (forum.Opened, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return forum.Opened{}, s.fail
	}
	s.opened = append(s.opened, page)
	o, ok := s.pages[page.Key]
	if !ok {
		o.Thread, o.Page = fmt.Sprintf("t%d", len(s.pages)+1), page.Key
		s.threads[o.Thread] = forum.Head{}
	}
	if _, address := o.Learns(page, at); address {
		o.Address, o.AddressAt = page.Address, at
	}
	o.Described = o.Described || page.Title != ""
	s.pages[page.Key] = o
	return o, nil
}

func (s *fakeStore) Heads(_ context.Context, threads ...string) (map[string]forum.Head, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	heads := map[string]forum.Head{}
	for _, t := range threads {
		if h, ok := s.threads[t]; ok {
			heads[t] = h
		}
	}
	return heads, s.fail
}

func (s *fakeStore) View(_ context.Context, thread, person string, q forum.Query) (talk.View, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.threads[thread]
	return talk.View{Thread: talk.Thread{ID: thread, Seq: h.Seq, Version: h.Version}}, s.fail
}

func (s *fakeStore) CatchUp(_ context.Context, thread string, since, version uint64, limit int) (forum.CatchUp, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = limit
	missed := s.events[thread][min(since, uint64(len(s.events[thread]))):]
	return forum.CatchUp{Head: s.threads[thread], Events: missed[:min(len(missed), limit)]}, s.fail
}

func (s *fakeStore) Person(_ context.Context, id string) (talk.Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.persons[id]
	if !ok && s.fail == nil {
		return p, talk.Refuse(talk.NotFound, "", "nobody")
	}
	return p, s.fail
}

func (s *fakeStore) Self(_ context.Context, person string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cmp.Or(s.selves[person], person), s.fail
}

func (s *fakeStore) Commit(_ context.Context, writes []forum.Write) ([]forum.Outcome, error) {
	if s.slow != nil {
		s.slow()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batches = append(s.batches, slices.Clone(writes))
	if s.fail != nil {
		return nil, s.fail
	}
	outcomes := make([]forum.Outcome, len(writes))
	for i, w := range writes {
		outcomes[i] = s.carryOut(w)
	}
	return outcomes, nil
}

func (s *fakeStore) carryOut(w forum.Write) forum.Outcome {
	ref := w.Person.ID + " " + w.Ref
	if old, ok := s.refs[ref]; ok && w.Ref != "" {
		old.Again = true
		return old
	}
	thread := w.Command.Thread
	if w.Command.Kind == talk.Like {
		thread = "t"
	}
	h, ok := s.threads[thread]
	if !ok {
		return forum.Outcome{Err: talk.Refuse(talk.NotFound, "thread", "none")}
	}
	o := forum.Outcome{Thread: thread}
	if w.Command.Kind == talk.Post {
		h.Seq++
		s.persons[w.Person.ID] = w.Person
		c := talk.Comment{ID: w.ID, Thread: thread, Author: w.Person, HTML: w.HTML, At: w.At, State: talk.Published}
		o.Event = &talk.Event{Seq: h.Seq, Kind: talk.CommentAdded, At: w.At, Comment: c}
		if w.Command.Parent != "" {
			o.Told = []string{"whoever wrote " + w.Command.Parent}
		}
		o.Result.Comment = &c
		s.events[thread] = append(s.events[thread], *o.Event)
		s.order = append(s.order, entry{thread, h.Seq})
	} else {
		h.Version++
		o.Tally = &talk.Tally{Version: h.Version, Reactions: map[string]int{w.Command.Reaction: int(h.Version)}}
		o.Result.Reactions = maps.Clone(o.Tally.Reactions)
	}
	s.threads[thread] = h
	s.refs[ref] = o
	return o
}

// A recordingBus is the bus of one process, and keeps what went over it.
type recordingBus struct {
	memory.Bus
	slow func() // called in each Publish, before it is done

	mu   sync.Mutex
	fail error
	sent []talk.Update
}

func (b *recordingBus) Publish(ctx context.Context, u talk.Update) error {
	if b.slow != nil {
		b.slow()
	}
	b.mu.Lock()
	b.sent = append(b.sent, u)
	err := b.fail
	b.mu.Unlock()
	return errors.Join(err, b.Bus.Publish(ctx, u))
}

func (b *recordingBus) updates() []talk.Update {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.sent)
}

// A world is a forum with everything around it.
type world struct {
	*forum.Forum
	store *fakeStore
	bus   *recordingBus
	clock *clock
	log   *bytes.Buffer
}

// A clock stands still until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// newWorld starts a forum with the thread "t". The test closes it, unless it
// is closed by then.
func newWorld(t *testing.T, change ...func(*forum.Config, *world)) *world {
	t.Helper()
	w := &world{store: newFakeStore("t"), bus: &recordingBus{}, clock: &clock{at: time.Date(2026, 5, 1, 12, 0, 0, 0, time.FixedZone("far", 3600))}, log: &bytes.Buffer{}}
	origins, err := forum.ParseOrigins("http://127.0.0.1:8080", nil)
	if err != nil {
		t.Fatal(err)
	}
	c := forum.Config{Store: w.store, Bus: w.bus, Origins: origins, Reactions: talk.DefaultReactions, Clock: w.clock.now,
		Log: slog.New(slog.NewTextHandler(w.log, nil))}
	for _, f := range change {
		f(&c, w)
	}
	w.Forum = forum.New(c)
	return w
}

func limited(c *forum.Config, _ *world) { c.RateLimits = true }

func post(thread, body string) talk.Command {
	return talk.Command{Kind: talk.Post, Thread: thread, Body: body, Name: "Ann"}
}

func from(person, address string) forum.Who {
	return forum.Who{Person: person, Address: netip.MustParseAddr(address)}
}

var ann = from("ann", "192.0.2.1")

// refusal is the refusal that err is, or nil.
func refusal(err error) *talk.Error {
	refused := (*talk.Error)(nil)
	errors.As(err, &refused)
	return refused
}

// wantCode fails the test unless err is a refusal with the code, or nil if
// that is empty.
func wantCode(t *testing.T, err error, code talk.Code) *talk.Error {
	t.Helper()
	r := refusal(err)
	switch {
	case code == "" && err != nil:
		t.Fatalf("refused: %v", err)
	case code != "" && (r == nil || r.Code != code):
		t.Fatalf("got %v, want %s", err, code)
	}
	return r
}
