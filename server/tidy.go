package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// What tidy takes for a pause, and for worth its while.
const (
	tidyEvery = time.Second
	quietRate = 1 << 20 // bytes allocated since it last looked: pings alone of 10,000 viewers
	worthIt   = 6 << 20 // bytes allocated since it last tidied
)

// tidy gives memory back in the pause after a storm. Go would keep as much for
// garbage as there is in use, for minutes, and on a small server ten thousand
// idle viewers should cost no more than they hold.
func tidy(ctx context.Context) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	var looked, tidied uint64
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		now := allocated()
		if now-looked < quietRate && now-tidied > worthIt {
			debug.FreeOSMemory()
			tidied = now
		}
		looked = now
	}
}

// allocated is how many bytes this process has ever allocated.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
