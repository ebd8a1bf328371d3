package main

import (
	"context"
	"maps"
	"slices"
	"sync"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// A store remembers threads in memory: as little as live sync needs of one.
type store struct {
	forum.Store // what nobody calls here

	epoch   string
	mu      sync.Mutex
	threads map[string]*stored // by id
	pages   map[string]string  // to ids
}

type stored struct {
	forum.Head
	events    []talk.Event
	reactions map[string]int
	mine      map[string]map[string]bool // by person, then kind
}

func newStore() *store {
	return &store{epoch: forum.NewID(), threads: map[string]*stored{}, pages: map[string]string{}}
}

func (s *store) Epoch() string { return s.epoch }

func (s *store) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.threads))
}

// open returns the thread of a page, made when it is first asked for.
func (s *store) open(page string) talk.Thread {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.pages[page]
	if id == "" {
		id = forum.NewID()
		s.pages[page], s.threads[id] = id, &stored{reactions: map[string]int{}, mine: map[string]map[string]bool{}}
	}
	t := s.threads[id]
	return talk.Thread{ID: id, Page: page, Epoch: s.epoch, Seq: t.Seq, Version: t.Version, Reactions: maps.Clone(t.reactions), Comments: len(t.events)}
}

func (s *store) add(thread string, e talk.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.threads[thread]
	t.events = append(t.events, e)
	t.Seq = e.Seq
}

func (s *store) Heads(_ context.Context, threads ...string) (map[string]forum.Head, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	heads := map[string]forum.Head{}
	for _, id := range threads {
		if t := s.threads[id]; t != nil {
			heads[id] = t.Head
		}
	}
	return heads, nil
}

func (s *store) CatchUp(_ context.Context, thread string, since, _ uint64, limit int) (forum.CatchUp, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.threads[thread]
	if t == nil {
		return forum.CatchUp{}, talk.Refuse(talk.NotFound, "thread", "There is no such conversation.")
	}
	missed := t.events[min(since, t.Seq):]
	return forum.CatchUp{Head: t.Head, Reactions: maps.Clone(t.reactions), Events: slices.Clone(missed[:min(len(missed), limit)])}, nil
}

// Commit carries out reactions.
func (s *store) Commit(_ context.Context, writes []forum.Write) ([]forum.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	outcomes := make([]forum.Outcome, len(writes))
	for i, w := range writes {
		if t := s.threads[w.Command.Thread]; t == nil || w.Command.Kind != talk.React {
			outcomes[i].Err = talk.Refuse(talk.NotFound, "thread", "There is no such conversation.")
		} else {
			outcomes[i] = t.react(w)
		}
	}
	return outcomes, nil
}

func (t *stored) react(w forum.Write) forum.Outcome {
	kind := w.Command.Reaction
	mine := t.mine[w.Person.ID]
	if mine == nil {
		mine = map[string]bool{}
		t.mine[w.Person.ID] = mine
	}
	out := forum.Outcome{Thread: w.Command.Thread}
	if mine[kind] != w.Command.On {
		t.Version++
		if w.Command.On {
			t.reactions[kind]++
			mine[kind] = true
		} else {
			t.reactions[kind]--
			delete(mine, kind)
		}
		out.Tally = &talk.Tally{Version: t.Version, Reactions: map[string]int{kind: t.reactions[kind]}}
	}
	out.Result.Reactions, out.Result.Version = maps.Clone(t.reactions), t.Version
	out.Result.Mine = slices.Sorted(maps.Keys(mine))
	if out.Result.Mine == nil {
		out.Result.Mine = []string{}
	}
	return out
}
