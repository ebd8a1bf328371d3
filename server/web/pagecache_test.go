package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/andybalholm/brotli"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func rendered(size int) func() ([]byte, string, error) {
	return func() ([]byte, string, error) { return make([]byte, size), "tag", nil }
}

// Anybody can ask for any number of addresses: reply=1, reply=2 and so on.
func TestCacheIsBounded(t *testing.T) {
	c := newPageCache()
	for i := range 48 {
		p, err := c.get(pageKey{"t", fmt.Sprint(i)}, forum.Head{}, noon, rendered(1<<20))
		if err != nil {
			t.Fatal(err)
		}
		if i%8 > 0 {
			continue
		}
		if _, err := p.body("gzip"); err != nil {
			t.Fatal(err)
		}
	}
	sum := 0
	for _, p := range c.pages.Values() {
		sum += len(p.raw)
		for _, b := range p.packed {
			sum += len(b)
		}
	}
	if sum != c.bytes || sum > cacheBytes || sum < cacheBytes/2 {
		t.Errorf("the pages hold %d bytes, are counted as %d, and may hold %d", sum, c.bytes, cacheBytes)
	}
	if _, err := c.get(pageKey{"t", "huge"}, forum.Head{}, noon, rendered(cacheBytes+1)); err != nil || c.bytes != 0 || c.pages.Len() != 0 {
		t.Errorf("a page that is too large to keep: %v, %d bytes in %d pages are kept", err, c.bytes, c.pages.Len())
	}
}

// A thread's former states must not stay in memory: a busy one has thousands.
func TestCacheForgetsFormerStates(t *testing.T) {
	c := newPageCache()
	renders := 0
	get := func(seq, version uint64, after time.Duration) {
		t.Helper()
		_, err := c.get(pageKey{thread: "t"}, forum.Head{Seq: seq, Version: version}, noon.Add(after), func() ([]byte, string, error) {
			renders++
			return make([]byte, 1000), "tag", nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		seq, version uint64
		after        time.Duration
		renders      int
	}{
		{1, 0, 0, 1}, {1, 0, 0, 1}, {2, 0, 0, 2}, {2, 1, 0, 3},
		{1, 0, 0, 3}, // whoever looked up the head before the commit may have the newer page
		{2, 1, pageLife, 3}, {2, 1, pageLife + 1, 4},
	} {
		get(step.seq, step.version, step.after)
		if renders != step.renders || c.pages.Len() != 1 || c.bytes != 1000 {
			t.Errorf("%+v: rendered %d times, %d pages of %d bytes are kept", step, renders, c.pages.Len(), c.bytes)
		}
	}
}

func TestCacheRendersOnce(t *testing.T) {
	c := newPageCache()
	for round := range 200 {
		var renders int // by one goroutine at most, or the race detector tells
		var group sync.WaitGroup
		ready := make(chan struct{})
		for range 8 {
			group.Go(func() {
				<-ready
				p, err := c.get(pageKey{thread: fmt.Sprint(round)}, forum.Head{}, noon, func() ([]byte, string, error) {
					renders++
					return []byte("page"), "tag", nil
				})
				if err != nil || string(p.raw) != "page" {
					t.Error(err)
				}
			})
		}
		close(ready)
		group.Wait()
		if renders != 1 {
			t.Fatalf("rendered %d times", renders)
		}
	}
}

func TestCacheForgetsFailures(t *testing.T) {
	c := newPageCache()
	broken := errors.New("broken")
	if _, err := c.get(pageKey{}, forum.Head{}, noon, func() ([]byte, string, error) { return nil, "", broken }); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if p, err := c.get(pageKey{}, forum.Head{}, noon, rendered(1)); err != nil || len(p.raw) != 1 {
		t.Errorf("after a failure: %v", err)
	}
}

// While the store is gone, the last page is shown; it is asked now and then.
func TestCacheShowsTheLastPageMeanwhile(t *testing.T) {
	c := newPageCache()
	key, asked := pageKey{thread: "t"}, 0
	gone := func() ([]byte, string, error) {
		asked++
		return nil, "", talk.Refuse(talk.Unavailable, "", "gone")
	}
	if _, err := c.get(key, forum.Head{}, noon, gone); err == nil {
		t.Error("a page that was never made was shown")
	}
	if _, err := c.get(key, forum.Head{Seq: 1}, noon, rendered(1000)); err != nil {
		t.Fatal(err)
	}
	asked = 0
	for second := range 60 {
		now := noon.Add(pageLife + time.Duration(second)*time.Second)
		p, err := c.get(key, forum.Head{Seq: 2}, now, gone)
		if err != nil || len(p.raw) != 1000 || c.stale(key) != p {
			t.Fatalf("after %d s: %v", second, err)
		}
	}
	if asked < 20 || asked > 31 {
		t.Errorf("the store was asked %d times in a minute", asked)
	}
	if c.pages.Len() != 1 || c.bytes != 1000 {
		t.Errorf("%d pages of %d bytes", c.pages.Len(), c.bytes)
	}
	p, err := c.get(key, forum.Head{Seq: 2}, noon.Add(time.Hour), rendered(10))
	if err != nil || len(p.raw) != 10 || c.bytes != 10 {
		t.Errorf("after it is back: %v, %d bytes", err, c.bytes)
	}
	if c.stale(pageKey{thread: "another"}) != nil {
		t.Error("another thread's page")
	}
}

// What is asked for more than once is compressed better, a page at a time, and
// not all the time.
func TestCacheSqueezesWhatIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newPageCache()
		var text []byte
		for i := range 2000 {
			text = fmt.Appendf(text, "%d words of %d people, ", i*i%97, i%13)
		}
		ask := func(name string) int {
			t.Helper()
			p, err := c.get(pageKey{thread: name}, forum.Head{}, noon, func() ([]byte, string, error) { return text, "tag", nil })
			if err != nil {
				t.Fatal(err)
			}
			b, err := p.body("br")
			if err != nil {
				t.Fatal(err)
			}
			if plain, err := io.ReadAll(brotli.NewReader(bytes.NewReader(b))); err != nil || !bytes.Equal(plain, text) {
				t.Fatalf("another page: %v", err)
			}
			synctest.Wait()
			return len(b)
		}
		first, second, third := ask("a"), ask("a"), ask("a")
		if first != second || third >= second {
			t.Errorf("the first, second and third who asked got %d, %d and %d bytes", first, second, third)
		}
		if p, _ := c.pages.Peek(pageKey{thread: "a"}); c.bytes != len(text)+third || p.bytes != c.bytes {
			t.Errorf("%d bytes are counted, want %d", c.bytes, len(text)+third)
		}
		c.squeezing.Store(true) // another
		if first, second, third := ask("b"), ask("b"), ask("b"); first != second || second != third {
			t.Errorf("two pages at a time: %d, %d and %d bytes", first, second, third)
		}
	})
}
