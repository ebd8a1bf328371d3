package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andybalholm/brotli"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

func TestTagHoldsAsLongAsThePage(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	r := w.nobody()
	last := ""
	changed := func(after string) {
		t.Helper()
		a := r.get(embed(article)).want(200)
		tag := a.header.Get("ETag")
		if tag == "" || tag == last {
			t.Errorf("after %s the tag is %q, before it was %q", after, tag, last)
		}
		if last != "" {
			r.with("If-None-Match", last).get(embed(article)).want(200)
		}
		for _, have := range []string{tag, strings.TrimPrefix(tag, "W/"), `"other", ` + tag, "*"} {
			a := r.with("If-None-Match", have).get(embed(article)).want(304)
			if len(a.body) > 0 || a.header.Get("ETag") != tag || a.header.Get("Content-Security-Policy") == "" {
				t.Errorf("not modified, with %d bytes and headers %v", len(a.body), a.header)
			}
		}
		if cc := a.header.Get("Cache-Control"); cc != "no-cache" {
			t.Errorf("Cache-Control is %q: every reader would see an old page", cc)
		}
		last = tag
	}
	changed("nothing")
	c := g.say(thread, "", "Word")
	changed("a comment")
	g.send("PUT", "/api/v1/threads/"+thread+"/reactions/like", "").want(200)
	changed("a reaction")
	g.send("PUT", "/api/v1/comments/"+c.ID+"/like", "").want(200)
	changed("a like")
	g.send("DELETE", "/api/v1/comments/"+c.ID, "").want(200)
	changed("a removal")
	w.later(61 * time.Second)
	changed("a minute, in which ages change")

	if a := r.get(embed(article, "sort", "newest")); a.header.Get("ETag") == last {
		t.Error("two orders have one tag")
	}
	if a := r.get(embed(article + "/2")); a.header.Get("ETag") == last {
		t.Error("two threads have one tag")
	}
}

func TestAgesOnAKeptPageMove(t *testing.T) {
	w := start(t)
	g := w.guest()
	g.say(g.thread(article).ID, "", "Word")
	for _, want := range []string{"now", "5m", "3h"} {
		if got := text(all(w.nobody().get(embed(article)).doc(), "time")[0]); got != want {
			t.Errorf("the age is %q, want %q", got, want)
		}
		w.later(map[string]time.Duration{"now": 5 * time.Minute, "5m": 3 * time.Hour}[want])
	}
}

// Marks are on the page of whose they are, whoever asked for it before.
func TestMarksAreOnesOwn(t *testing.T) {
	w := start(t)
	ann, bob := w.guest(), w.guest()
	thread := ann.thread(article).ID
	c := ann.say(thread, "", "Word")
	ann.send("PUT", "/api/v1/threads/"+thread+"/reactions/heart", "").want(200)
	ann.send("PUT", "/api/v1/comments/"+c.ID+"/like", "").want(200)
	tag := w.nobody().get(embed(article)).header.Get("ETag")
	for range 2 {
		for who, test := range map[string]struct {
			reader *reader
			name   string
			marks  int
		}{"ann": {ann, "Ann", 2}, "bob": {bob, "", 0}, "nobody": {w.nobody(), "", 0}, "a forger": {forged(w, ann), "", 0}} {
			a := test.reader.get(embed(article)).want(200)
			doc := a.doc()
			if got := len(all(doc, "button", "aria-pressed", "true")); got != test.marks {
				t.Errorf("%s sees %d marks, want %d", who, got, test.marks)
			}
			s := stateOf(t, doc)
			if len(s.View.Thread.Mine) != test.marks/2 || s.View.Comments[0].Liked != (test.marks > 0) || s.Me.Name != test.name {
				t.Errorf("%s starts from %+v", who, s)
			}
			if vary := strings.Join(a.header.Values("Vary"), ", "); !strings.Contains(vary, "Cookie") || !strings.Contains(vary, "Accept-Encoding") {
				t.Errorf("%s: Vary is %q", who, vary)
			}
		}
	}
	// A page that somebody kept from before they were known isn't theirs now.
	ann.with("If-None-Match", tag).get(embed(article)).want(200)
	if a := ann.get(embed(article)); a.header.Get("ETag") != "" && a.header.Get("ETag") == tag {
		t.Error("a personal page has the common one's tag")
	}
}

func forged(w *world, victim *reader) *reader {
	r := w.nobody()
	r.cookie = victim.cookie[:len(victim.cookie)-2] + "AA"
	return r
}

func unpack(t *testing.T, a *answer) []byte {
	t.Helper()
	var z io.Reader = bytes.NewReader(a.body)
	switch e := a.header.Get("Content-Encoding"); e {
	case "br":
		z = brotli.NewReader(z)
	case "gzip":
		var err error
		if z, err = gzip.NewReader(z); err != nil {
			t.Fatal(err)
		}
	case "":
	default:
		t.Fatalf("encoded as %q", e)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatalf("%s: %v", a.asked, err)
	}
	return b
}

// encodings are what readers say that they take, and what they must get.
var encodings = []struct{ accept, want string }{
	{"", ""}, {"identity", ""}, {"deflate", ""}, {"brotli", ""},
	{"br", "br"}, {"gzip", "gzip"}, {"gzip, deflate, br, zstd", "br"}, {"gzip, deflate", "gzip"}, {"GZIP", "gzip"}, {"BR", "br"},
	{"br;q=0", ""}, {"br;q=0, gzip", "gzip"}, {"gzip;q=0", ""}, {"br;q=0,gzip;q=0", ""}, {"br; q=0.000, gzip; q=0.00", ""}, {"br;Q=0", ""}, {"br ; q=0, gzip ; q=1", "gzip"},
	{"br;q=0.1", "br"}, {"gzip;q=0.5, br;q=1.0", "br"}, {"br;q=0.5, gzip;q=1", "gzip"},
	{"*", "br"}, {"*;q=0", ""}, {"gzip, *;q=0", "gzip"}, {"br;q=0, *", "gzip"}, {"gzip;q=0, *", "br"}, {"identity, *;q=0", ""},
}

func TestEncodingsHoldTheSamePage(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	for range 20 {
		g.say(thread, "", strings.Repeat("Words that come again. ", 20))
	}
	script := value(all(w.nobody().get(embed(article)).doc(), "script", "defer", "")[0], "src")
	for _, path := range []string{embed(article), "/demo", script, "/embed.js", "/api/v1/threads/" + thread + "/comments"} {
		plain := w.nobody().get(path).want(200)
		for _, e := range encodings {
			a := w.nobody().with("Accept-Encoding", e.accept).get(path).want(200)
			if got := a.header.Get("Content-Encoding"); got != e.want {
				t.Errorf("%s: %q is answered with %q, want %q", path, e.accept, got, e.want)
			}
			if !bytes.Equal(unpack(t, a), plain.body) {
				t.Errorf("%s: %q holds another page", path, e.accept)
			}
			if e.want != "" && len(a.body) > len(plain.body)/2 {
				t.Errorf("%s: %q takes %d bytes of %d", path, e.accept, len(a.body), len(plain.body))
			}
			if !slices.Contains(strings.Split(strings.Join(a.header.Values("Vary"), ", "), ", "), "Accept-Encoding") {
				t.Errorf("%s: Vary is %q", path, a.header.Values("Vary"))
			}
		}
	}
	plain := g.get(embed(article)).want(200)
	packed := g.with("Accept-Encoding", "br").get(embed(article)).want(200)
	packed.body = unpack(t, packed)
	if packed.header.Get("Content-Encoding") != "br" || !slices.Equal(shape(packed.doc()), shape(plain.doc())) {
		t.Error("a guest's own page is another one when compressed")
	}
}

// A watched store counts how often threads are read, and holds the reading up
// or lets it fail.
type watched struct {
	forum.Store
	views atomic.Int32
	gate  chan struct{} // read from by each View, if not nil
	fail  atomic.Bool
}

func (s *watched) View(ctx context.Context, thread, person string, q forum.Query) (talk.View, error) {
	s.views.Add(1)
	if s.gate != nil {
		<-s.gate
	}
	if s.fail.Load() {
		return talk.View{}, errors.New("disk on fire at /secret/path")
	}
	return s.Store.View(ctx, thread, person, q)
}

func watch(t *testing.T) (*world, *watched) {
	t.Helper()
	s := &watched{}
	return startWith(t, setup{origins: []string{blog}, store: func(disk forum.Store) forum.Store {
		s.Store = disk
		return s
	}}), s
}

func TestManyReadersOfOnePageReadItOnce(t *testing.T) {
	w, store := watch(t)
	w.nobody().get(embed(article + "/other")).want(200)
	store.views.Store(0)
	store.gate = make(chan struct{})
	var group, asked sync.WaitGroup
	for i := range 64 {
		asked.Add(1)
		group.Go(func() {
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { asked.Done() }})
			q, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+embed(article), nil)
			if err != nil {
				t.Error(err)
				return
			}
			q.Header.Set("Accept-Encoding", []string{"br", "gzip", "identity"}[i%3])
			res, err := w.client.Do(q)
			if err != nil || res.StatusCode != http.StatusOK {
				t.Error(res, err)
				return
			}
			res.Body.Close()
		})
	}
	asked.Wait()
	close(store.gate) // most of them came while the first read it
	group.Wait()
	if n := store.views.Load(); n != 1 {
		t.Errorf("the thread was read %d times", n)
	}
	w.nobody().get(embed(article, "utm_source", "x", "title", "ignored", "unknown", "y")).want(200)
	if n := store.views.Load(); n != 1 {
		t.Error("parameters that change nothing made another page")
	}
}

func TestFailureIsNotKept(t *testing.T) {
	w, store := watch(t)
	store.fail.Store(true)
	for range 2 {
		a := w.nobody().get(embed(article)).want(503)
		if a.header.Get("Retry-After") == "" || said(a.doc()) == "" || strings.Contains(string(a.body), "secret") || a.header.Get("ETag") != "" {
			t.Errorf("the answer is %v %s", a.header, a.body)
		}
	}
	w.nobody().get("/api/v1/threads?page="+article).wantProblem(503, talk.Unavailable, "")
	store.fail.Store(false)
	w.nobody().get(embed(article)).want(200)
}

// A busy thread's former states are not kept: only its present one is asked for.
func TestPageIsReadAgainAfterAChange(t *testing.T) {
	w, store := watch(t)
	g := w.guest()
	thread := g.thread(article).ID
	for i := range 3 {
		g.say(thread, "", "Word")
		store.views.Store(0)
		for range 5 {
			if got := len(all(w.nobody().get(embed(article)).want(200).doc(), "article")); got != i+1 {
				t.Errorf("the page has %d comments, want %d", got, i+1)
			}
		}
		if n := store.views.Load(); n != 1 {
			t.Errorf("the thread was read %d times", n)
		}
	}
}
