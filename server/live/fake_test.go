package live

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/bus/memory"
	"folkmoot/server/forum"
)

var errStore = errors.New("the disk is full of fish")

// A fakeStore remembers threads in memory.
type fakeStore struct {
	forum.Store // what no test here calls

	jitter time.Duration // reads take up to so long

	mu          sync.Mutex
	around      func() // called before and after each read
	commitTakes time.Duration
	epoch       string
	fail        error // of everything
	threads     map[string]*fakeThread
	refs        map[string]forum.Outcome
	digests     map[string]string
	comments    map[string]string // thread of each
	catchUps    int               // how often CatchUp was called
	heads       int               // how often Heads was
	people      map[string]talk.Person
	told        told
}

type fakeThread struct {
	forum.Head
	events    []talk.Event
	reactions map[string]int
	mine      map[string]bool // by person and kind
	likes     map[string]int
	changed   map[string]uint64 // version that last changed a comment's likes
}

func newFakeStore(threads ...string) *fakeStore {
	s := &fakeStore{epoch: "life1", threads: map[string]*fakeThread{}, refs: map[string]forum.Outcome{}, digests: map[string]string{}, comments: map[string]string{}}
	for _, t := range threads {
		s.threads[t] = &fakeThread{reactions: map[string]int{}, mine: map[string]bool{}, likes: map[string]int{}, changed: map[string]uint64{}}
	}
	return s
}

// pause lets others get between, on either side of a read.
func (s *fakeStore) pause() {
	s.mu.Lock()
	around := s.around
	s.mu.Unlock()
	if around != nil {
		around()
	}
	if s.jitter > 0 {
		time.Sleep(rand.N(s.jitter))
	}
}

func (s *fakeStore) with(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *fakeStore) Epoch() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.epoch
}

func (s *fakeStore) Person(_ context.Context, id string) (talk.Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.people[id]; ok {
		return p, nil
	}
	return talk.Person{}, talk.Refuse(talk.NotFound, "", "Nobody.")
}

func (s *fakeStore) Heads(_ context.Context, threads ...string) (map[string]forum.Head, error) {
	s.pause()
	defer s.pause()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heads++
	heads := map[string]forum.Head{}
	for _, t := range threads {
		if thread := s.threads[t]; thread != nil {
			heads[t] = thread.Head
		}
	}
	return heads, s.fail
}

func (s *fakeStore) CatchUp(_ context.Context, thread string, since, version uint64, limit int) (forum.CatchUp, error) {
	s.pause()
	defer s.pause()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUps++
	t := s.threads[thread]
	switch {
	case s.fail != nil:
		return forum.CatchUp{}, s.fail
	case t == nil:
		return forum.CatchUp{}, talk.Refuse(talk.NotFound, "thread", "There is no such conversation.")
	}
	c := forum.CatchUp{Head: t.Head, Reactions: maps.Clone(t.reactions), Likes: map[string]int{}}
	missed := t.events[min(since, t.Seq):]
	c.Events = slices.Clone(missed[:min(len(missed), limit)])
	for comment, n := range t.likes {
		if t.changed[comment] > version {
			c.Likes[comment] = n
		}
	}
	return c, nil
}

func (s *fakeStore) Commit(_ context.Context, writes []forum.Write) ([]forum.Outcome, error) {
	s.mu.Lock()
	takes := s.commitTakes
	s.mu.Unlock()
	time.Sleep(takes)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return nil, s.fail
	}
	outcomes := make([]forum.Outcome, len(writes))
	for i, w := range writes {
		key := w.Person.ID + " " + w.Ref
		if old, ok := s.refs[key]; ok {
			if s.digests[key] != string(w.Digest) {
				old = forum.Outcome{Err: talk.Refuse(talk.Conflict, "ref", "This was used for something else.")}
			}
			old.Again = true
			outcomes[i] = old
			continue
		}
		outcomes[i] = s.carryOut(w)
		if w.Ref != "" && outcomes[i].Err == nil {
			s.refs[key], s.digests[key] = outcomes[i], string(w.Digest)
		}
	}
	return outcomes, nil
}

func (s *fakeStore) carryOut(w forum.Write) forum.Outcome {
	c := w.Command
	if c.Kind == talk.Like || c.Kind == talk.Delete {
		c.Thread = s.comments[c.Comment]
	}
	t := s.threads[c.Thread]
	if t == nil {
		return forum.Outcome{Err: talk.Refuse(talk.NotFound, "thread", "There is no such conversation.")}
	}
	out := forum.Outcome{Thread: c.Thread}
	switch c.Kind {
	case talk.Post:
		e := t.add(c.Thread, w.ID, w.HTML)
		e.Comment.Author = w.Person
		s.comments[w.ID] = c.Thread
		out.Event, out.Result.Comment = &e, &e.Comment
	case talk.Delete:
		for i := range t.events {
			if t.events[i].Comment.ID == c.Comment {
				t.events[i].Comment.HTML = ""
			}
		}
		e := t.add(c.Thread, c.Comment, "")
		e.Kind, e.Comment.State = talk.CommentRemoved, talk.Removed
		t.events[e.Seq-1] = e
		out.Event, out.Result.Comment = &e, &e.Comment
	case talk.React:
		t.Version++
		by := 1
		if !c.On {
			by = -1
		}
		t.reactions[c.Reaction] += by
		out.Tally = &talk.Tally{Version: t.Version, Reactions: map[string]int{c.Reaction: t.reactions[c.Reaction]}}
		out.Result.Reactions = maps.Clone(t.reactions)
	case talk.Like:
		t.Version++
		t.likes[c.Comment]++
		t.changed[c.Comment] = t.Version
		n := t.likes[c.Comment]
		out.Tally = &talk.Tally{Version: t.Version, Likes: map[string]int{c.Comment: n}}
		liked := true
		out.Result.Likes, out.Result.Liked = &n, &liked
	}
	return out
}

func (t *fakeThread) add(thread, id, html string) talk.Event {
	t.Seq++
	e := talk.Event{Seq: t.Seq, Kind: talk.CommentAdded, Comment: talk.Comment{ID: id, Thread: thread, HTML: html, State: talk.Published}}
	t.events = append(t.events, e)
	return e
}

// add commits an entry that is not published, as another node would.
func (s *fakeStore) add(thread, html string) talk.Update {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.threads[thread].add(thread, fmt.Sprint("added", s.threads[thread].Seq), html)
	return talk.Update{Thread: thread, Epoch: s.epoch, Events: []talk.Event{e}}
}

// A badBus loses, repeats and turns around what is published.
type badBus struct {
	memory.Bus
	mu                 sync.Mutex
	lose, repeat, late float64 // how likely
	lost               int
	goingOn            sync.WaitGroup
}

func (b *badBus) set(lose, repeat, late float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lose, b.repeat, b.late = lose, repeat, late
}

func (b *badBus) Publish(ctx context.Context, u talk.Update) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if rand.Float64() < b.lose {
		b.lost++
		return nil
	}
	if rand.Float64() < b.repeat {
		b.goingOn.Go(func() {
			time.Sleep(rand.N(50 * time.Millisecond))
			b.Bus.Publish(ctx, u)
		})
	}
	if rand.Float64() < b.late {
		b.goingOn.Go(func() {
			time.Sleep(rand.N(20 * time.Millisecond))
			b.Bus.Publish(ctx, u)
		})
		return nil
	}
	return b.Bus.Publish(ctx, u)
}

// check fails unless what is given is what the store has.
func (s *fakeStore) check(t *testing.T, who, thread string, at forum.Head, reactions, likes map[string]int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	real := s.threads[thread]
	if at != real.Head {
		t.Errorf("%s stands at %+v, the store at %+v", who, at, real.Head)
	}
	if !maps.Equal(reactions, real.reactions) {
		t.Errorf("%s has reactions %v, the store %v", who, reactions, real.reactions)
	}
	if !maps.Equal(likes, real.likes) {
		t.Errorf("%s has likes %v, the store %v", who, likes, real.likes)
	}
}
