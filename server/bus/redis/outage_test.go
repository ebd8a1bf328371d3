package redis_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	driver "github.com/redis/go-redis/v9"

	"folkmoot/app/talk"
	"folkmoot/server/bus/redis"
	"folkmoot/server/testservers"
)

// A speaker publishes a thread's entries, one after the other, as a forum does:
// what it publishes is in the store before.
type speaker struct {
	bus    *redis.Bus
	stored atomic.Uint64
	errs   atomic.Int64
	end    chan struct{}
	ended  sync.WaitGroup
}

func speak(b *redis.Bus, thread string) *speaker {
	s := &speaker{bus: b, end: make(chan struct{})}
	s.ended.Go(func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-s.end:
				return
			case <-tick.C:
				if publish(b, thread, s.stored.Add(1)) != nil {
					s.errs.Add(1)
				}
			}
		}
	})
	return s
}

func (s *speaker) stop() { close(s.end); s.ended.Wait() }

// A reader looks into the store whenever its bus says that there was a gap.
type reader struct {
	*listener
	gaps, known atomic.Uint64
}

func read(t testing.TB, b *redis.Bus, thread string, s *speaker) *reader {
	r := &reader{listener: listen(t, b, thread)}
	b.OnGap(func() {
		r.known.Store(s.stored.Load())
		r.gaps.Add(1)
	})
	return r
}

// missing is the first entry up to last that the reader doesn't have, or 0.
func (r *reader) missing(last uint64) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	for seq := r.known.Load() + 1; seq <= last; seq++ {
		if r.seqs[seq] == 0 {
			return seq
		}
	}
	return 0
}

// twice is an entry that was heard more than once, or 0.
func (l *listener) twice() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	for seq, n := range l.seqs {
		if n > 1 {
			return seq
		}
	}
	return 0
}

func TestOutages(t *testing.T) {
	for name, outage := range map[string]struct {
		begin, end func(*testservers.Server) error
	}{
		"restart": {(*testservers.Server).Stop, startAgain},
		"crash":   {(*testservers.Server).Kill, startAgain},
		"freeze":  {(*testservers.Server).Freeze, (*testservers.Server).Thaw},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t)
			here, there := connected(t, server.URL, "key"), connected(t, server.URL, "key")
			mine := listen(t, here, "t")
			s := speak(here, "t")
			defer s.stop()
			theirs := read(t, there, "t", s)
			waitFor(t, "news", func() bool { return theirs.heard(s.stored.Load()) })
			if s.errs.Load() > 0 || theirs.gaps.Load() > 0 {
				t.Errorf("%d errors and %d gaps before anything was wrong", s.errs.Load(), theirs.gaps.Load())
			}

			if err := outage.begin(server); err != nil {
				t.Fatal(err)
			}
			within(t, 3500*time.Millisecond, "the nodes to see that Redis is gone", func() bool { return here.Err() != nil && there.Err() != nil })
			last := s.stored.Load()
			waitFor(t, "a node to hear its own news all the same", func() bool { return mine.heard(last) })
			began := time.Now()
			listen(t, there, "another thread")
			if waited := time.Since(began); waited > 2*time.Second {
				t.Errorf("subscribing took %s while Redis was gone", waited)
			}

			gaps := theirs.gaps.Load()
			if err := outage.end(server); err != nil {
				t.Fatal(err)
			}
			within(t, 2*time.Second, "the nodes to see that Redis is back", func() bool { return here.Err() == nil && there.Err() == nil })
			within(t, 2*time.Second, "a gap to be told", func() bool { return theirs.gaps.Load() > gaps })
			waitFor(t, "news", func() bool { return theirs.heard(s.stored.Load()) })
			last = s.stored.Load()
			waitFor(t, "what was lost to be looked for", func() bool { return theirs.missing(last) == 0 })
			if n := s.errs.Load(); n > 2 {
				t.Errorf("the publisher was told %d times of one outage", n)
			}
			for who, l := range map[string]*listener{"the publishing": mine, "the other": theirs.listener} {
				if seq := l.twice(); seq > 0 {
					t.Errorf("%s node heard entry %d twice", who, seq)
				}
			}
		})
	}
}

func startAgain(s *testservers.Server) error { return s.Start(context.Background()) }

func TestConnectionCut(t *testing.T) {
	t.Parallel()
	server := start(t)
	here, there := connected(t, server.URL, "key"), connected(t, server.URL, "key")
	s := speak(here, "t")
	defer s.stop()
	theirs := read(t, there, "t", s)
	raw := client(t, server.URL)
	before := connections(t, raw)
	const cuts = 3
	for range cuts {
		gaps := theirs.gaps.Load()
		if err := raw.ClientKillByFilter(t.Context(), "TYPE", "pubsub").Err(); err != nil {
			t.Fatal(err)
		}
		within(t, 2*time.Second, "a gap to be told", func() bool { return theirs.gaps.Load() > gaps && there.Err() == nil })
		last := s.stored.Load()
		waitFor(t, "what was lost to be looked for", func() bool { return theirs.heard(last+1) && theirs.missing(last) == 0 })
	}
	if n := connections(t, raw) - before; n > 2*cuts {
		t.Errorf("two nodes connected %d times after %d cuts", n, cuts)
	}
}

// connections is how many Redis has taken.
func connections(t *testing.T, raw *driver.Client) (n int) {
	t.Helper()
	_, after, _ := strings.Cut(raw.Info(t.Context(), "stats").Val(), "total_connections_received:")
	if _, err := fmt.Sscan(after, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Whoever subscribes must not wait for a Redis that is slow; what is missed
// until it has answered is a gap.
func TestSlowAcknowledgement(t *testing.T) {
	t.Parallel()
	server := start(t)
	b := connected(t, server.URL, "key")
	var gaps atomic.Int64
	b.OnGap(func() { gaps.Add(1) })
	if err := server.Freeze(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	listen(t, b, "t")
	if took := time.Since(began); took > time.Second {
		t.Errorf("subscribing took %s", took)
	}
	if err := server.Thaw(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "a gap to be told", func() bool { return gaps.Load() > 0 })
}

func TestRedisComesLater(t *testing.T) {
	t.Parallel()
	server := start(t)
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	here, there := open(t, server.URL, "key"), open(t, server.URL, "key")
	s := speak(here, "t")
	defer s.stop()
	theirs := read(t, there, "t", s)
	const retries = "folkmoot_bus_reconnects_total"
	before := counter(retries)
	waitFor(t, "the nodes to see that Redis isn't there, again and again", func() bool {
		return here.Err() != nil && there.Err() != nil && s.errs.Load() > 0 && counter(retries) > before+16
	})
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	within(t, 2*time.Second, "the nodes to be connected", func() bool { return here.Err() == nil && there.Err() == nil })
	waitFor(t, "news", func() bool { return theirs.heard(s.stored.Load()) })
	last := s.stored.Load()
	waitFor(t, "what was lost to be looked for", func() bool { return theirs.missing(last) == 0 })
}

// What was published while nobody took it is missing at the other nodes, whose
// own connections were well all the time.
func TestOthersHearOfWhatOneNodeCouldNotSend(t *testing.T) {
	t.Parallel()
	server := start(t)
	raw := client(t, server.URL)
	acl := func(rights ...string) {
		t.Helper()
		if err := raw.ACLSetUser(t.Context(), "mute", append([]string{"on", ">secret", "&folkmoot:*"}, rights...)...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	acl("+@connection", "+@pubsub")
	here, there := connected(t, strings.Replace(server.URL, "//", "//mute:secret@", 1), "key"), connected(t, server.URL, "key")
	s := speak(here, "t")
	defer s.stop()
	theirs := read(t, there, "t", s)
	waitFor(t, "news", func() bool { return theirs.heard(s.stored.Load()) })
	acl("-publish")
	waitFor(t, "the node to see that it isn't heard", func() bool { return here.Err() != nil && s.errs.Load() > 0 })
	if there.Err() != nil {
		t.Error(there.Err())
	}
	last := s.stored.Load()
	acl("+publish")
	waitFor(t, "the other node to hear that something was lost", func() bool { return theirs.gaps.Load() > 0 && theirs.missing(last) == 0 })
	waitFor(t, "news", func() bool { return theirs.heard(s.stored.Load()) })
}

func TestChannelsAreLeftLater(t *testing.T) {
	t.Parallel()
	server := start(t)
	b := connected(t, server.URL, "key")
	raw := client(t, server.URL)
	subscribed := func() int {
		all, err := raw.PubSubChannels(t.Context(), "folkmoot:*:thread:*").Result()
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	const threads = 10_000
	var stops []func()
	began := time.Now()
	var all sync.WaitGroup
	var mu sync.Mutex
	for i := range threads {
		all.Go(func() {
			stop, err := b.Subscribe(t.Context(), fmt.Sprint("thread", i), func(talk.Update) {})
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			stops = append(stops, stop)
		})
	}
	all.Wait()
	t.Logf("%d subscriptions in %s", threads, time.Since(began))
	waitFor(t, "all channels", func() bool { return subscribed() == threads })
	left := time.Now()
	for _, stop := range stops {
		stop()
	}
	if n := subscribed(); n != threads && time.Since(left) < time.Second {
		t.Errorf("%d channels are left at once", threads-n)
	}
	stays := listen(t, b, "thread0")
	waitFor(t, "the other channels to be left", func() bool { return subscribed() == 1 })
	if waited := time.Since(left); waited < time.Second {
		t.Errorf("channels were left after %s: a page that is flipped through costs too much", waited)
	}
	stays.hears(t, connected(t, server.URL, "key"), "thread0", 1)
}

func client(t testing.TB, url string) *driver.Client {
	t.Helper()
	o, err := driver.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := driver.NewClient(o)
	t.Cleanup(func() { c.Close() })
	return c
}

// An operator reads once that Redis is gone and once that it is back, and never
// the password.
func TestLog(t *testing.T) {
	t.Parallel()
	server := start(t, "--requirepass", "hush-hush")
	var log lines
	b, err := redis.Open(t.Context(), redis.Options{
		URL: strings.Replace(server.URL, "//", "//:hush-hush@", 1), Key: []byte("key"), Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for n := range 2 {
		waitFor(t, "the node to be connected", func() bool { return b.Err() == nil && log.count("Redis is back") == n })
		if err := server.Stop(); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the node to see that Redis is gone", func() bool { return b.Err() != nil && log.count("Redis is gone") == n+1 })
		if err := server.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, "the node to be connected", func() bool { return b.Err() == nil && log.count("Redis is back") == 2 })
	if n := log.count("\n"); n != 4 {
		t.Errorf("%d lines: %s", n, &log.text)
	}
	if log.count("hush") > 0 {
		t.Errorf("the password is in the log: %s", &log.text)
	}
}

// lines are what was logged.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), what)
}
