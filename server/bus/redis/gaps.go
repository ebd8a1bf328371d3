package redis

import (
	"context"
	"slices"
	"sync"
	"time"
)

// gapsEvery is how far apart gaps are told: after an outage every node says
// that it has lost something, and one look into the store does for all.
const gapsEvery = 250 * time.Millisecond

// gaps tells that messages may have been lost.
type gaps struct {
	signal chan struct{} // has room for one: who signals while it is full is served by that one
	mu     sync.Mutex
	told   []func()
}

func (g *gaps) add(f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.told = append(g.told, f)
}

// tell calls those who want to know, until ctx ends.
func (g *gaps) tell(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-g.signal:
		}
		gapsTold.Inc()
		g.mu.Lock()
		told := slices.Clone(g.told)
		g.mu.Unlock()
		for _, f := range told {
			f()
		}
		pause(ctx, gapsEvery)
	}
}
