package redis_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// BenchmarkBus measures messages from one node to another: how many a second
// while many are under way, and how long a lone one takes.
func BenchmarkBus(b *testing.B) {
	server := start(b)
	here, there := connected(b, server.URL, "key"), connected(b, server.URL, "key")
	heard := make(chan time.Time, 1<<16)
	if _, err := there.Subscribe(b.Context(), "t", func(talk.Update) { heard <- time.Now() }); err != nil {
		b.Fatal(err)
	}
	for _, underWay := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("%d under way", underWay), func(b *testing.B) {
			var sent []time.Time
			var took []time.Duration
			for b.Loop() {
				for len(sent) < len(took)+underWay {
					sent = append(sent, time.Now())
					if err := publish(here, "t", uint64(len(sent))); err != nil {
						b.Fatal(err)
					}
				}
				took = append(took, (<-heard).Sub(sent[len(took)]))
			}
			for range len(sent) - len(took) {
				<-heard
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs-p50")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "µs-p99")
			b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

// BenchmarkReconnect measures how long a node with 100,000 open threads is
// without news when its connection is cut.
func BenchmarkReconnect(b *testing.B) {
	const threads = 100_000
	server := start(b)
	bus, raw := connected(b, server.URL, "key"), client(b, server.URL)
	var all sync.WaitGroup
	for worker := range 100 {
		all.Go(func() {
			for i := worker; i < threads; i += 100 {
				if _, err := bus.Subscribe(b.Context(), fmt.Sprint("thread", i), func(talk.Update) {}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	back := make(chan struct{}, 1)
	bus.OnGap(func() { back <- struct{}{} })
	for b.Loop() {
		if err := raw.ClientKillByFilter(b.Context(), "TYPE", "pubsub").Err(); err != nil {
			b.Fatal(err)
		}
		<-back
	}
}

// BenchmarkTake measures a question for two buckets, as a comment asks it.
func BenchmarkTake(b *testing.B) {
	l := connected(b, start(b).URL, "key").Limits()
	for b.Loop() {
		if _, err := l.Take(b.Context(), forum.Bucket{Key: "a", Rate: 1e6, Burst: 1e6}, forum.Bucket{Key: "b", Rate: 1e6, Burst: 1e6}); err != nil {
			b.Fatal(err)
		}
	}
}
