//go:build unix

package sqlite

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// Of the time that passes, most is the disk's: the benchmarks of commits report
// the processor's for each write, too.

func BenchmarkCommitReactions(b *testing.B) {
	benchmarkCommit(b, func(thread string, i int) forum.Write {
		kind := talk.DefaultReactions[i%6].Kind
		return forum.Write{
			Command: talk.Command{Kind: talk.React, Thread: thread, Reaction: kind, On: true},
			Person:  talk.Person{ID: forum.NewID()},
		}
	})
}

func BenchmarkCommitComments(b *testing.B) {
	body := strings.Repeat("Some words about the article. ", 10)
	benchmarkCommit(b, func(thread string, i int) forum.Write {
		return forum.Write{
			Command: talk.Command{Kind: talk.Post, Thread: thread, Body: body},
			Person:  talk.Person{ID: forum.NewID(), Name: "Ann", Headline: "Pharmacist, Leeds"},
			ID:      forum.NewID(),
			HTML:    "<p>" + body + "</p>",
		}
	})
}

func benchmarkCommit(b *testing.B, make func(thread string, i int) forum.Write) {
	for _, size := range []int{1, 16, 256} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := opened(b, b.TempDir())
			thread := page(b, s)
			var batches [][]forum.Write
			for n := range b.N {
				var batch []forum.Write
				for i := range size {
					w := make(thread, n*size+i)
					w.Ref, w.Digest, w.At = forum.NewID(), []byte("0123456789abcdef"), time.Now()
					batch = append(batch, w)
				}
				batches = append(batches, batch)
			}
			b.ResetTimer()
			user, system := processor()
			for _, batch := range batches {
				outcomes, err := s.Commit(b.Context(), batch)
				if err != nil || outcomes[0].Err != nil {
					b.Fatal(err, outcomes)
				}
			}
			b.StopTimer()
			userNow, systemNow := processor()
			for unit, d := range map[string]time.Duration{
				"ns/write": b.Elapsed(), "user-ns/write": userNow - user, "system-ns/write": systemNow - system,
			} {
				b.ReportMetric(float64(d.Nanoseconds())/float64(b.N*size), unit)
			}
		})
	}
}

func BenchmarkView100(b *testing.B) { benchmarkView(b, 100, 0, "") }

// A thread of 1,000 comments, as somebody sees it who may like them.
func BenchmarkView1000(b *testing.B) { benchmarkView(b, 100, 9, "ann") }

func benchmarkView(b *testing.B, roots, replies int, person string) {
	s := opened(b, b.TempDir())
	thread := page(b, s)
	var writes []forum.Write
	post := func(parent string) string {
		body := strings.Repeat("Some words about the article. ", 10)
		writes = append(writes, forum.Write{
			Command: talk.Command{Kind: talk.Post, Thread: thread, Parent: parent, Body: body},
			Person:  talk.Person{ID: forum.NewID(), Name: "Ann", Headline: "Pharmacist, Leeds"},
			ID:      forum.NewID(), HTML: "<p>" + body + "</p>", At: time.Now(),
		})
		return writes[len(writes)-1].ID
	}
	for range roots {
		root := post("")
		for range replies {
			post(root)
		}
	}
	if _, err := s.Commit(b.Context(), writes); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		v, err := s.View(b.Context(), thread, person, forum.Query{Roots: roots})
		if err != nil || len(v.Comments) != roots*(1+replies) {
			b.Fatal(err, len(v.Comments))
		}
	}
}

// processor is the time that the process has spent computing, and that the
// system has spent for it, writing and syncing above all.
func processor() (user, system time.Duration) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, 0
	}
	return time.Duration(u.Utime.Nano()), time.Duration(u.Stime.Nano())
}
