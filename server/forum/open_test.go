package forum_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

func TestOrigins(t *testing.T) {
	const own = "https://talk.example:8443/"
	local := []string{"http://localhost", "http://localhost:1313", "https://localhost:1", "http://127.0.0.1:8080", "http://[::1]:99", "http://blog.localhost:4000"}
	foreign := []string{"", "null", "https://evil.example", "https://localhost.evil.example", "https://evil.example:8443", "http://notlocalhost", "http://127.0.0.1.evil.example",
		"http://0.0.0.0", "http://192.168.0.1", "file://localhost", "chrome-extension://localhost", "localhost", "//localhost", "https://evil.example/#localhost", "http://talk.example:8443", "https://talk.example"}
	tests := []struct {
		name      string
		origins   []string
		allow, no []string
	}{
		{"none named", nil, append(slices.Clone(local), "https://talk.example:8443"), foreign},
		{"one named", []string{"https://blog.example"}, []string{"https://blog.example", "https://talk.example:8443"},
			slices.Concat(local, foreign, []string{"http://blog.example", "https://blog.example:444", "https://www.blog.example", "https://blog.example.evil.example", "https://blog.example@evil.example"})},
		{"several named, as people write them", []string{"HTTPS://Blog.Example/", "http://blog.example:80", "https://news.example:443", "http://localhost:1313", "http://[::1]:5"},
			[]string{"https://blog.example", "http://blog.example", "https://news.example", "http://localhost:1313", "http://[::1]:5"},
			[]string{"http://localhost:1314", "http://localhost", "http://127.0.0.1:1313", "http://news.example", "http://[::1]:6"}},
		{"another port", []string{"https://blog.example:8000"}, []string{"https://blog.example:8000"}, []string{"https://blog.example", "https://blog.example:80"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, err := forum.ParseOrigins(own, tt.origins)
			if err != nil {
				t.Fatal(err)
			}
			for _, origin := range tt.allow {
				if !o.Allow(origin) {
					t.Errorf("%q may not embed", origin)
				}
			}
			for _, origin := range tt.no {
				if o.Allow(origin) {
					t.Errorf("%q may embed", origin)
				}
			}
		})
	}
}

func TestOwnOriginAsBrowsersHaveIt(t *testing.T) {
	for _, own := range []string{"https://Talk.Example:443/", "https://talk.example", "https://talk.example/"} {
		o, err := forum.ParseOrigins(own, []string{"https://blog.example"})
		if err != nil || !o.Allow("https://talk.example") || o.Allow("http://talk.example") {
			t.Errorf("%s: %v, %+v", own, err, o)
		}
	}
	if o, err := forum.ParseOrigins("", []string{"https://blog.example"}); err != nil || o.Allow("") || o.Allow("null") {
		t.Errorf("without an own origin: %v", err)
	}
}

func TestParseOriginsRefuses(t *testing.T) {
	for _, s := range []string{"", "/", "*", "blog.example", "//blog.example", "https://*.example", "https://*", "https://blog.example:*", "https://blog.example/path",
		"https://blog.example/index.html", "https://blog.example?x", "https://blog.example/?", "https://blog.example#x", "ftp://blog.example", "file:///", "null", "https://",
		"https://ann@blog.example", "https://ann:pw@blog.example", "https://blog example", "https://blog.example https://b.example", "https://blog.example;", "https://b\u00fccher.example", "localhost:8080"} {
		_, err := forum.ParseOrigins("http://127.0.0.1:8080", []string{"https://good.example", s})
		if err == nil || !strings.Contains(err.Error(), "https://blog.example") {
			t.Errorf("%q was taken for an origin: %v", s, err)
		}
	}
}

func TestOpen(t *testing.T) {
	w := newWorld(t)
	defer w.Close()
	thread, origin, err := w.Open(t.Context(), ann, "http://localhost:1313/post/?utm_source=x#top", " A\n title ", []string{" Go ", "", "Go", "Web\t dev"})
	if err != nil || thread != "t1" || origin != "http://localhost:1313" {
		t.Fatalf("%q, %q, %v", thread, origin, err)
	}
	page := w.store.opened[0]
	if page.Key != "http://localhost:1313/post" || page.Title != "A title" || !slices.Equal(page.Topics, []string{"Go", "Web dev"}) {
		t.Errorf("the store was asked for %+v", page)
	}
	if page.Address != "http://localhost:1313/post/" {
		t.Errorf("the article is at %q", page.Address)
	}
	for _, again := range []string{"http://localhost:1313/post", "HTTP://LOCALHOST:1313/post/index.html"} {
		if thread, _, err := w.Open(t.Context(), ann, again, "Another title", nil); err != nil || thread != "t1" {
			t.Errorf("again it is %q, %v", thread, err)
		}
	}
	if len(w.store.opened) != 1 {
		t.Errorf("the store was asked %d times for one page", len(w.store.opened))
	}
	if other, _, err := w.Open(t.Context(), ann, "http://localhost:1313/other", "", nil); err != nil || other == "t1" {
		t.Errorf("another page has the thread %q, %v", other, err)
	}
}

// A page that was first asked for without a title gets it from the first call
// that has one.
func TestOpenDescribesLater(t *testing.T) {
	w := newWorld(t)
	defer w.Close()
	for _, title := range []string{"", "", " ", "Title", "Title", ""} {
		if _, _, err := w.Open(t.Context(), ann, "http://localhost/post", title, nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.store.opened) != 2 || w.store.opened[1].Title != "Title" {
		t.Errorf("the store was asked for %+v", w.store.opened)
	}
}

// A page with an id may move. Who doesn't describe it isn't believed.
func TestOpenLearnsWhereAnArticleIs(t *testing.T) {
	w := newWorld(t)
	defer w.Close()
	for i, step := range []struct {
		later       time.Duration
		page, title string
		asked       int
		address     string
	}{
		{0, "http://localhost/a/?utm_source=x", "", 1, ""},
		{0, "http://localhost/a/?utm_source=x&p=1", "Title", 2, "http://localhost/a/?p=1"},
		{time.Hour, "http://localhost/b", "Title", 2, ""},
		{24 * time.Hour, "http://localhost/b", "", 2, ""},
		{0, "http://localhost/b", "Title", 3, "http://localhost/b"},
	} {
		w.clock.move(step.later)
		if _, _, err := w.Open(t.Context(), ann, talk.PageWithID(step.page, "7"), step.title, nil); err != nil {
			t.Fatal(err)
		}
		if n := len(w.store.opened); n != step.asked || step.address != "" && w.store.opened[n-1].Address != step.address {
			t.Errorf("step %d: the store was asked for %+v", i, w.store.opened)
		}
	}
}

func TestOpenCuts(t *testing.T) {
	w := newWorld(t)
	defer w.Close()
	topics := []string{strings.Repeat("\u00e9", talk.TopicBytes)}
	for i := range 2 * talk.Topics {
		topics = append(topics, strings.Repeat("t", i+1))
	}
	title := "x" + strings.Repeat("\u00e9", talk.TitleBytes) + "\xff"
	if _, _, err := w.Open(t.Context(), ann, "http://localhost/post", title, topics); err != nil {
		t.Fatal(err)
	}
	page := w.store.opened[0]
	if len(page.Title) != talk.TitleBytes-1 || !utf8.ValidString(page.Title) || !strings.HasPrefix(title, page.Title) {
		t.Errorf("the title is cut to %d bytes", len(page.Title))
	}
	if len(page.Topics) != talk.Topics || len(page.Topics[0]) != talk.TopicBytes {
		t.Errorf("the topics are %q", page.Topics)
	}
}

func TestOpenRefuses(t *testing.T) {
	w := newWorld(t)
	defer w.Close()
	thread, origin, err := w.Open(t.Context(), ann, "https://blog.example/post", "Title", nil)
	r := wantCode(t, err, talk.Forbidden)
	if thread != "" || origin != "https://blog.example" || !strings.Contains(r.Message, "--origin https://blog.example") {
		t.Errorf("%q, %q, %+v: the operator should read what to do", thread, origin, r)
	}
	_, _, err = w.Open(t.Context(), ann, "javascript:alert(1)", "Title", nil)
	wantCode(t, err, talk.Invalid)
	if len(w.store.opened) > 0 {
		t.Error("a thread was made")
	}
	// Net/url takes all of this for a host; frame-ancestors would end at the semicolon.
	_, _, err = w.Open(t.Context(), ann, "https://evil.example;x.localhost/", "Title", nil)
	wantCode(t, err, talk.Invalid)

	w.store.failWith(errors.New("secret"))
	_, _, err = w.Open(t.Context(), ann, "http://localhost/post", "Title", nil)
	wantCode(t, err, talk.Unavailable)
	w.store.failWith(nil)
	_, _, err = w.Open(t.Context(), ann, "http://localhost/post", "Title", nil) // the failure isn't remembered
	wantCode(t, err, "")
}
