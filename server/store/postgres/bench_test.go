//go:build unix

package postgres

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
	"folkmoot/server/testservers"
)

// Of the time that passes, most is the database's: the benchmarks of commits
// report the processor's of this side for each write, too.

// synced is the database of a server that waits for the disk, as real ones do.
func synced(b *testing.B) string {
	b.Helper()
	s, err := testservers.Postgres(b.Context(), testservers.Dir(b))
	must(b, err)
	b.Cleanup(func() { s.Stop() })
	return s.URL
}

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
	s := opened(b, synced(b))
	for _, size := range []int{1, 16, 256} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			thread := page(b, s, forum.NewID())
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
	s := opened(b, synced(b))
	thread := page(b, s, "a")
	var writes []forum.Write
	post := func(parent string) string {
		w := words(thread, "Ann", strings.Repeat("Some words about the article. ", 10))
		w.Command.Parent = parent
		writes = append(writes, w)
		return w.ID
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

// processor is the time that this process has spent computing, and that the
// system has spent for it.
func processor() (user, system time.Duration) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, 0
	}
	return time.Duration(u.Utime.Nano()), time.Duration(u.Stime.Nano())
}
