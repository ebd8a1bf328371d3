package redis_test

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"folkmoot/app/talk"
	"folkmoot/server/bus/bustest"
	"folkmoot/server/bus/redis"
	"folkmoot/server/testservers"
)

// patience is how long anything may take before it counts as lost.
const patience = 10 * time.Second

func TestBus(t *testing.T) {
	server := start(t)
	bustest.Run(t, func(t *testing.T) bustest.Nodes {
		n := bustest.Nodes{Here: open(t, server.URL, t.Name()), There: open(t, server.URL, t.Name())}
		waitFor(t, "both nodes to be connected", func() bool {
			return n.Here.(*redis.Bus).Err() == nil && n.There.(*redis.Bus).Err() == nil
		})
		return n
	})
}

// What was published before a node is closed reaches the others, and the node
// leaves nothing behind.
func TestClose(t *testing.T) {
	server := start(t)
	there := connected(t, server.URL, "key")
	l := listen(t, there, "t")
	before := runtime.NumGoroutine()
	const last = 5000 // more than one batch
	here, err := redis.Open(t.Context(), redis.Options{URL: server.URL, Key: []byte("key"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint64(last) {
		if err := publish(here, "t", i+1); err != nil {
			t.Error(err)
		}
	}
	if err := here.Close(); err != nil {
		t.Error(err)
	}
	waitFor(t, "the last of a node that was closed", func() bool { return l.heard(last) })
	waitFor(t, "its goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}

func start(t testing.TB, args ...string) *testservers.Server {
	t.Helper()
	s, err := testservers.Redis(t.Context(), testservers.Dir(t), args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// open starts a node of the site that has the key.
func open(t testing.TB, url, key string) *redis.Bus {
	t.Helper()
	b, err := redis.Open(t.Context(), redis.Options{URL: url, Key: []byte(key), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// connected starts a node and waits for it.
func connected(t testing.TB, url, key string) *redis.Bus {
	t.Helper()
	b := open(t, url, key)
	waitFor(t, "a node to be connected", func() bool { return b.Err() == nil })
	return b
}

func waitFor(t testing.TB, what string, is func() bool) {
	t.Helper()
	within(t, patience, what, is)
}

func within(t testing.TB, limit time.Duration, what string, is func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited %s in vain for %s", limit, what)
		}
	}
}

// A listener notes the numbers that it hears.
type listener struct {
	mu   sync.Mutex
	seqs map[uint64]int // and how often
}

func listen(t testing.TB, b *redis.Bus, thread string) *listener {
	t.Helper()
	l := &listener{seqs: map[uint64]int{}}
	stop, err := b.Subscribe(t.Context(), thread, func(u talk.Update) {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, e := range u.Events {
			l.seqs[e.Seq]++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return l
}

func (l *listener) heard(seq uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seqs[seq] > 0
}

// hears waits until the listener hears what a node says.
func (l *listener) hears(t testing.TB, b *redis.Bus, thread string, seq uint64) {
	t.Helper()
	if err := publish(b, thread, seq); err != nil {
		t.Error(err)
	}
	waitFor(t, "what was published", func() bool { return l.heard(seq) })
}

func publish(b *redis.Bus, thread string, seq uint64) error {
	return b.Publish(context.Background(), talk.Update{Thread: thread, Epoch: "e", Events: []talk.Event{{Seq: seq, Kind: talk.CommentAdded}}})
}

// counter reads one of the process's metrics.
func counter(name string) uint64 { return metrics.GetOrCreateCounter(name).Get() }
