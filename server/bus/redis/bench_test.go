package redis_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"folkmoot/app/talk"
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
