package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// The tests are the scenarios with few sockets. They assert that every delivery
// is right, and no time at all.

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == serveCommand { // a child
		if err := serve(os.Args[2]); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

const builtServer = "../../bin/folkmoot"

func newBench(t *testing.T) *bench {
	t.Helper()
	server, err := filepath.Abs(builtServer)
	if err != nil {
		t.Fatal(err)
	}
	const sockets = 150
	if err := allow(sockets); err != nil {
		t.Fatal(err)
	}
	return &bench{server: server, dir: t.TempDir(), quick: true, sockets: sockets, settle: 200 * time.Millisecond, out: io.Discard, results: map[string]*measured{}}
}

// everywhere runs a test for each server.
func everywhere(t *testing.T, servers []string, test func(*testing.T, *bench, context.Context, string)) {
	for _, server := range servers {
		t.Run(server, func(t *testing.T) {
			b := newBench(t)
			if _, err := os.Stat(b.server); server == product && err != nil {
				t.Fatal("make build makes the server that this needs: ", err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			test(t, b, ctx, server)
		})
	}
}

// right fails the test if anything went wrong.
func right(t *testing.T, m *measured, err error, deliveries int) {
	t.Helper()
	switch {
	case err != nil:
		t.Fatal(err)
	case m.faults.any():
		t.Fatal(&m.faults)
	case m.sum.deliveries != deliveries:
		t.Errorf("%d deliveries instead of %d", m.sum.deliveries, deliveries)
	}
}

func TestBurst(t *testing.T) {
	everywhere(t, everyServer, func(t *testing.T, b *bench, ctx context.Context, server string) {
		m, err := b.burst(ctx, server)
		right(t, m, err, 2*burstOf*b.sockets)
	})
}

func TestManyThreads(t *testing.T) {
	everywhere(t, everyServer, func(t *testing.T, b *bench, ctx context.Context, server string) {
		m, err := b.idleOn(ctx, server, 15, b.sockets, 2)
		right(t, m, err, 3*2*b.sockets)
	})
}

// Nobody else is cut off, and everybody else gets everything.
func TestStalled(t *testing.T) {
	everywhere(t, folkmoots, func(t *testing.T, b *bench, ctx context.Context, server string) {
		m, err := b.stalled(ctx, server)
		right(t, m, err, 2*stalledRate*stalledAmong)
	})
}

func TestReactions(t *testing.T) {
	everywhere(t, folkmoots, func(t *testing.T, b *bench, ctx context.Context, server string) {
		m, err := b.reactions(ctx, server, 600)
		right(t, m, err, 0)
		if m.reacted != 2*600 {
			t.Errorf("%d reactions", m.reacted)
		}
	})
}

func TestMixed(t *testing.T) {
	everywhere(t, folkmoots, func(t *testing.T, b *bench, ctx context.Context, server string) {
		b.mix = mix{threads: 10, comments: 50, reactions: 300, lasts: 2 * time.Second}
		m, err := b.mixed(ctx, server)
		right(t, m, err, 100*b.sockets/10)
	})
}

// What is checked must be able to fail.
func TestChecks(t *testing.T) {
	const thread = `"thread":"t","event":`
	event := func(seq, html string) string {
		return `{"type":"event",` + thread + `{"seq":` + seq + `,"kind":"comment.added","at":"2026-01-01T00:00:00Z","comment":{"id":"c` + seq + `","thread":"t","html":"` + html + `"}}}`
	}
	tally := func(version, like string) string {
		return `{"type":"tally","thread":"t","version":` + version + `,"reactions":{"like":` + like + `}}`
	}
	for name, test := range map[string]struct {
		first, second []string
		want          faults
	}{
		"right":    {[]string{event("5", "a"), event("6", "b"), tally("3", "1")}, []string{event("5", "a"), tally("3", "1"), event("6", "b")}, faults{}},
		"a gap":    {[]string{event("5", "a"), event("7", "b")}, nil, faults{missed: 1 + 3}}, // the second viewer misses all
		"twice":    {[]string{event("5", "a"), event("5", "a")}, []string{event("5", "a")}, faults{repeated: 1}},
		"order":    {[]string{event("6", "b"), event("5", "a")}, []string{event("5", "a"), event("6", "b")}, faults{missed: 1, repeated: 1}},
		"altered":  {[]string{event("5", "a")}, []string{event("5", "x")}, faults{altered: 1}},
		"older":    {[]string{tally("3", "1"), tally("2", "2")}, nil, faults{repeated: 1}},
		"nonsense": {[]string{`{"type":"song"}`}, nil, faults{}},
	} {
		t.Run(name, func(t *testing.T) {
			in := &watched{talkThread: talkThread{ID: "t"}, base: 4, tallies: map[uint64]*tallied{}}
			w := &watchers{speech: folkmootSpeech, threads: map[string]*watched{"t": in}}
			for _, messages := range [][]string{test.first, test.second} {
				v := &viewer{in: in, live: true, next: 5, counts: &counts{map[string]int{}}}
				w.all = append(w.all, v)
				for _, m := range messages {
					w.message(v, []byte(m), time.Now().UnixNano())
				}
			}
			in.expected = uint64(len(in.entries))
			w.complete()
			got := w.faults
			if test.want != (faults{}) || name == "nonsense" {
				if got.first == "" {
					t.Error("nothing was said")
				}
				got.first = ""
			}
			if got != test.want {
				t.Errorf("%+v, want %+v", got, test.want)
			}
		})
	}
}

// Frames come in any pieces.
func TestFrames(t *testing.T) {
	long := make([]byte, 70_000)
	var all []byte
	for _, payload := range [][]byte{[]byte("a"), long[:125], long[:126], long[:65_535], long} {
		f := []byte{lastBit | opText}
		switch n := len(payload); {
		case n <= 125:
			f = append(f, byte(n))
		case n <= 65_535:
			f = append(f, 126, byte(n>>8), byte(n))
		default:
			f = append(f, 127, 0, 0, 0, 0, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
		}
		all = append(append(all, f...), payload...)
	}
	for _, step := range []int{1, 7, 1000, len(all)} {
		var sizes []int
		var b []byte
		for piece := range slices.Chunk(all, step) {
			b = append(b, piece...)
			for {
				first, payload, rest, ok, err := cutFrame(b)
				if err != nil {
					t.Fatal(err)
				}
				if !ok {
					break
				}
				if first != lastBit|opText {
					t.Fatalf("%x", first)
				}
				sizes, b = append(sizes, len(payload)), rest
			}
		}
		if !slices.Equal(sizes, []int{1, 125, 126, 65_535, 70_000}) {
			t.Errorf("in steps of %d: %v", step, sizes)
		}
	}
}
