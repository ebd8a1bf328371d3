package main

import (
	"fmt"
	"maps"
	"sync"
	"time"
)

// wrongsKept is how many wrongs are told; one that repeats says no more.
const wrongsKept = 20

// A book is what is written down while a run goes on.
type book struct {
	mu      sync.Mutex
	phases  []*phase
	counts  map[string]int
	wrongs  []string
	more    int // wrongs that were left out
	timings []timing
}

// A phase is a part of the run.
type phase struct {
	name    string
	from    time.Time
	but     map[*viewer]bool // whose deliveries don't count in it: they can't see anything
	refused map[string]int   // posts and reactions, by why
}

// A timing is how long something took, and should at most.
type timing struct {
	what      string
	took, aim time.Duration
}

func (b *book) enter(name string, but map[*viewer]bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.phases = append(b.phases, &phase{name: name, from: time.Now(), but: but, refused: map[string]int{}})
}

// at is the phase at a time.
func (b *book) at(t time.Time) *phase {
	p := b.phases[0]
	for _, next := range b.phases[1:] {
		if !t.Before(next.from) {
			p = next
		}
	}
	return p
}

// refuse counts what was not done now, by why.
func (b *book) refuse(why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.phases[len(b.phases)-1].refused[why]++
}

// refusedOnlyAs wants something to have been refused in the present phase, and
// for no other reason.
func (b *book) refusedOnlyAs(code string) {
	b.mu.Lock()
	refused := maps.Clone(b.phases[len(b.phases)-1].refused)
	b.mu.Unlock()
	if refused[code] == 0 || len(refused) > 1 {
		b.wrong("what was not done was refused as %v, not as %s", refused, code)
	}
}

func (b *book) count(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.counts == nil {
		b.counts = map[string]int{}
	}
	b.counts[what]++
}

// wrong notes what must not be.
func (b *book) wrong(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.wrongs) == wrongsKept {
		b.more++
		return
	}
	during := ""
	if n := len(b.phases); n > 0 {
		during = b.phases[n-1].name + ": "
	}
	b.wrongs = append(b.wrongs, during+fmt.Sprintf(format, args...))
}

func (b *book) took(what string, took, aim time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.timings = append(b.timings, timing{what, took, aim})
}
