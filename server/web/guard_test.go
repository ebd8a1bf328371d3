package web_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"folkmoot/app/talk"
)

// Every way to write, as a page of another site would try it with its visitor's
// cookie.
func TestWritesOfOtherSitesPagesAreRefused(t *testing.T) {
	w := start(t)
	victim := w.guest()
	thread := victim.thread(article).ID
	c := victim.say(thread, "", "Mine")
	before := victim.thread(article)
	form := "application/x-www-form-urlencoded"
	writes := []struct{ method, path, body, kind string }{
		{"POST", "/api/v1/threads/" + thread + "/comments", `{"body":"Forged","name":"Eve"}`, "application/json"},
		{"PUT", "/api/v1/threads/" + thread + "/reactions/like", "", ""},
		{"DELETE", "/api/v1/threads/" + thread + "/reactions/like", "", ""},
		{"PUT", "/api/v1/comments/" + c.ID + "/like", "", ""},
		{"DELETE", "/api/v1/comments/" + c.ID, "", ""},
		{"POST", "/api/v1/session", "", ""},
		{"POST", "/do/post", url.Values{"thread": {thread}, "body": {"Forged"}, "name": {"Eve"}}.Encode(), form},
		{"POST", "/do/react", url.Values{"thread": {thread}, "reaction": {"like"}}.Encode(), form},
		{"POST", "/do/like", url.Values{"comment": {c.ID}}.Encode(), form},
	}
	for what, headers := range map[string][]string{
		"another site":                {"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
		"another site, by fetch only": {"Sec-Fetch-Site", "cross-site"},
		"a sibling of the site":       {"Sec-Fetch-Site", "same-site", "Origin", "https://other.talk.example"},
		"an old browser":              {"Origin", "https://evil.example"},
		"a sandboxed frame":           {"Origin", "null"},
		"another port":                {"Origin", "http://127.0.0.1:1"},
		"the page that embeds":        {"Sec-Fetch-Site", "cross-site", "Origin", blog},
	} {
		r := victim.with("Cookie-Is", "kept")
		for i := 0; i < len(headers); i += 2 {
			r.header.Set(headers[i], headers[i+1])
		}
		for _, q := range writes {
			a := r.ask(q.method, q.path, strings.NewReader(q.body), q.kind)
			if a.status != http.StatusForbidden || a.cookie != nil {
				t.Errorf("%s may %s %s: %d %s", what, q.method, q.path, a.status, a.body)
			}
		}
		r.get("/api/v1/threads/" + thread + "/comments").want(200) // without CORS its page can't read this
	}
	if now := victim.thread(article); now.Seq != before.Seq || now.Version != before.Version {
		t.Errorf("something was written: %+v", now)
	}

	for what, headers := range map[string][]string{
		"our own page":                  {"Sec-Fetch-Site", "same-origin", "Origin", w.url},
		"our own page, an old browser":  {"Origin", w.url},
		"no page at all":                {},
		"an address that was typed in":  {"Sec-Fetch-Site", "none"},
		"our own page, and no referrer": {"Sec-Fetch-Site", "same-origin", "Origin", "null"},
	} {
		r := victim.with("Cookie-Is", "kept")
		for i := 0; i < len(headers); i += 2 {
			r.header.Set(headers[i], headers[i+1])
		}
		if a := r.send("PUT", "/api/v1/threads/"+thread+"/reactions/like", ""); a.status != 200 {
			t.Errorf("%s may not react: %d %s", what, a.status, a.body)
		}
	}
}

// Behind a proxy that changes Host, the public URL says what is our own.
func TestOwnPagesBehindAProxy(t *testing.T) {
	w := startWith(t, setup{public: "https://talk.example", origins: []string{blog}})
	thread := w.nobody().thread(article).ID
	path := "/api/v1/threads/" + thread + "/reactions/like"
	w.nobody().with("Origin", "https://talk.example").send("PUT", path, "").want(200)
	w.nobody().with("Origin", "http://talk.example").send("PUT", path, "").want(403)
	form := url.Values{"thread": {thread}, "reaction": {"like"}}
	back := embed(article, "sort", "newest")
	if a := w.nobody().with("Referer", "https://talk.example"+back).form("/do/react", form).want(303); !strings.Contains(a.header.Get("Location"), "sort=newest") {
		t.Errorf("the way back lost its order: %s", a.header.Get("Location"))
	}
	if code := w.dial("https://talk.example"); code != 0 {
		t.Errorf("our own page's socket was closed with %d", code)
	}
}

// dial opens a socket as a page of the origin and returns the code that it is
// closed with, or 0 if it answers.
func (w *world) dial(origin string) int {
	w.t.Helper()
	h := http.Header{}
	if origin != "" {
		h.Set("Origin", origin)
	}
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(w.url, "http")+"/api/v1/live", h)
	if err != nil {
		w.t.Fatal(err)
	}
	defer ws.Close()
	ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	ws.WriteJSON(talk.Envelope{Type: talk.TypePing}) // fails when it is closed already, as the next line says better
	for {
		_, data, err := ws.ReadMessage()
		if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
			return closed.Code
		}
		if err != nil {
			w.t.Fatalf("origin %q: %v", origin, err)
		}
		if strings.Contains(string(data), `"pong"`) {
			return 0
		}
	}
}

func TestSocketsOfOtherOriginsAreClosed(t *testing.T) {
	w := start(t)
	for origin, want := range map[string]int{
		"":                      0,
		w.url:                   0,
		"https://evil.example":  talk.CloseOrigin,
		blog:                    talk.CloseOrigin, // it embeds our page, which opens the socket
		"null":                  talk.CloseOrigin,
		"http://127.0.0.1:1":    talk.CloseOrigin,
		w.url + ".evil.example": talk.CloseOrigin,
		"file://":               talk.CloseOrigin,
	} {
		if got := w.dial(origin); got != want {
			t.Errorf("a page of %q is closed with %d, want %d", origin, got, want)
		}
	}
}

func TestFloodIsToldWhenToComeBack(t *testing.T) {
	w := startWith(t, setup{origins: []string{blog}, limits: true})
	g := w.guest()
	thread := g.thread(article).ID
	path := "/api/v1/threads/" + thread + "/comments"
	for i := 0; ; i++ {
		a := g.send("POST", path, post{Body: fmt.Sprint("Word ", i), Name: "Ann"})
		if a.status == 201 && i < 2000 {
			continue
		}
		p := a.wantProblem(429, talk.RateLimited, "")
		wait, err := strconv.Atoi(a.header.Get("Retry-After"))
		if err != nil || wait < 1 || wait != p.RetryAfter {
			t.Fatalf("Retry-After is %q, the problem says %d", a.header.Get("Retry-After"), p.RetryAfter)
		}
		if n := g.thread(article).Comments; n != i || i < 10 {
			t.Errorf("%d comments of %d were kept before the first was refused", n, i)
		}
		// The form says it in words, and keeps the text.
		again := g.form("/do/post", url.Values{"thread": {thread}, "body": {"Too soon"}, "name": {"Ann"}}).want(429)
		if again.header.Get("Retry-After") == "" || area(one(t, again.doc(), "textarea", "name", "body")) != "Too soon" || said(again.doc()) == "" {
			t.Errorf("the form's answer: %s", again.body)
		}
		w.later(time.Duration(wait) * time.Second)
		g.send("POST", path, post{Body: "After a pause", Name: "Ann"}).want(201)
		return
	}
}

// Two thousand a minute from one address, each as somebody new.
func TestFloodOfNobodies(t *testing.T) {
	w := startWith(t, setup{origins: []string{blog}, limits: true})
	thread := w.nobody().thread(article).ID
	taken := 0
	for i := range 2000 {
		w.later(30 * time.Millisecond)
		a := w.nobody().send("POST", "/api/v1/threads/"+thread+"/comments", post{Body: fmt.Sprint("Word ", i), Name: "Eve"})
		if a.status == 201 {
			taken++
		} else if a.status != 429 || a.cookie != nil {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if taken > 200 {
		t.Errorf("%d of 2000 comments were taken within a minute", taken)
	}
	if a := w.nobody().get(embed(article)); a.status != 200 {
		t.Errorf("reading is refused too: %d", a.status)
	}
}

// Somebody who types fast, and an office that talks through one address.
func TestLimitsAreNotInAnybodysWay(t *testing.T) {
	w := startWith(t, setup{origins: []string{blog}, limits: true})
	people := make([]*reader, 12)
	for i := range people {
		people[i] = w.guest()
	}
	thread := people[0].thread(article).ID
	for round := range 10 {
		w.later(10 * time.Second)
		for i, p := range people {
			p.send("POST", "/api/v1/threads/"+thread+"/comments", post{Body: fmt.Sprint("Word ", round, i), Name: "Ann"}).want(201)
			p.send("PUT", "/api/v1/threads/"+thread+"/reactions/like", "").want(200)
		}
	}
}
