package redis_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"folkmoot/server/bus/redis"
	"folkmoot/server/forum"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	limits(t, start(t).URL)
}

// limits tries those of two nodes of a site.
func limits(t *testing.T, url string) {
	one, other := redis.Patient(connected(t, url, t.Name()).Limits()), redis.Patient(connected(t, url, t.Name()).Limits())
	take := func(l forum.Limits, buckets ...forum.Bucket) time.Duration {
		t.Helper()
		wait, err := l.Take(t.Context(), buckets...)
		if err != nil {
			t.Fatal(err)
		}
		return wait
	}

	t.Run("nodes share buckets", func(t *testing.T) {
		b := forum.Bucket{Key: "shared", Rate: 0.01, Burst: 4}
		for i, l := range []forum.Limits{one, other, one, other} {
			if wait := take(l, b); wait != 0 {
				t.Fatalf("token %d of 4 costs %s", i+1, wait)
			}
		}
		for _, l := range []forum.Limits{one, other} {
			if wait := take(l, b); wait < 90*time.Second || wait > 100*time.Second {
				t.Errorf("the fifth of 4 tokens is there in %s rather than 100 s", wait)
			}
		}
	})
	t.Run("all or none", func(t *testing.T) {
		full, empty := forum.Bucket{Key: "full", Rate: 0.01, Burst: 2}, forum.Bucket{Key: "empty", Rate: 0.01, Burst: 1}
		take(one, empty)
		for range 5 {
			if wait := take(other, full, empty); wait < 90*time.Second {
				t.Fatalf("an empty bucket gives a token in %s", wait)
			}
		}
		for i := range 2 {
			if wait := take(one, full); wait != 0 {
				t.Errorf("token %d was taken by one that was refused: %s", i+1, wait)
			}
		}
	})
	t.Run("tokens come back", func(t *testing.T) {
		b := forum.Bucket{Key: "quick", Rate: 20, Burst: 2}
		take(one, b)
		take(one, b)
		waitFor(t, "a token", func() bool { return take(other, b) == 0 })
	})
	t.Run("many at once", func(t *testing.T) {
		shared, own := forum.Bucket{Key: "crowd", Rate: 0.001, Burst: 30}, forum.Bucket{Key: "own", Rate: 0.001, Burst: 1000}
		var got atomic.Int64
		var all sync.WaitGroup
		for i := range 8 {
			l := []forum.Limits{one, other}[i%2]
			all.Go(func() {
				for range 10 {
					if wait, err := l.Take(t.Context(), shared, own); err == nil && wait == 0 {
						got.Add(1)
					}
				}
			})
		}
		all.Wait()
		if n := got.Load(); n > 30 {
			t.Errorf("a bucket of 30 gave %d tokens", n)
		}
	})
	t.Run("none is asked for", func(t *testing.T) {
		if wait := take(one); wait != 0 {
			t.Errorf("waits %s", wait)
		}
	})
}

func TestBucketsExpire(t *testing.T) {
	t.Parallel()
	server := start(t)
	l, raw := redis.Patient(connected(t, server.URL, "key").Limits()), client(t, server.URL)
	if _, err := l.Take(t.Context(), forum.Bucket{Key: "long", Rate: 0.1, Burst: 5}, forum.Bucket{Key: "short", Rate: 10, Burst: 5}); err != nil {
		t.Fatal(err)
	}
	keys := raw.Keys(t.Context(), "folkmoot:*:limit:long").Val()
	if len(keys) != 1 {
		t.Fatalf("the bucket's keys are %q", keys)
	}
	if left := raw.PTTL(t.Context(), keys[0]).Val(); left <= 0 || left > 10*time.Second {
		t.Errorf("a bucket that is full in 10 s is forgotten in %s", left)
	}
	waitFor(t, "a full bucket to be forgotten", func() bool { return raw.DBSize(t.Context()).Val() == 1 })
}

// A forum counts by itself meanwhile: it must not wait to learn that it must.
func TestLimitsWithoutRedis(t *testing.T) {
	t.Parallel()
	server := start(t)
	l := connected(t, server.URL, "key").Limits()
	b := forum.Bucket{Key: "a", Rate: 1, Burst: 1000}
	waitFor(t, "a token", func() bool {
		_, err := l.Take(t.Context(), b)
		return err == nil
	})
	if err := server.Freeze(); err != nil {
		t.Fatal(err)
	}
	const commands = 200
	began := time.Now()
	for range commands {
		if _, err := l.Take(t.Context(), b); err == nil {
			t.Fatal("a frozen Redis gave a token")
		}
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("%d commands waited %s for a frozen Redis", commands, took)
	}
	if err := server.Thaw(); err != nil {
		t.Fatal(err)
	}
	within(t, 3*time.Second, "the limits to be held in common again", func() bool {
		_, err := l.Take(t.Context(), b)
		return err == nil
	})
}
