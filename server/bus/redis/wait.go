package redis

import (
	"context"
	"math/rand/v2"
	"time"
)

// nudge wakes whoever waits for the channel, which has room for one.
func nudge(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// jittered is between half of d and d, so that nodes don't do it all at once.
func jittered(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }
