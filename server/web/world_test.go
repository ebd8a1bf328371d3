package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"folkmoot"
	"folkmoot/app/talk"
	"folkmoot/assets"
	"folkmoot/server/bus/memory"
	"folkmoot/server/forum"
	"folkmoot/server/forum/markdown"
	"folkmoot/server/live"
	"folkmoot/server/store/sqlite"
	"folkmoot/server/web"
)

const (
	blog    = "https://blog.example"
	article = blog + "/baths"
)

// A setup is what a test wants otherwise than usual.
type setup struct {
	public  string // else where the test server listens, which is loopback
	origins []string
	images  []string
	limits  bool
	rules   forum.Rules // with an edit window, if that is 0
	store   func(forum.Store) forum.Store
	index   web.Indexable
	pushKey string
}

// A world is a whole site on a port of its own, whose clock stands still.
type world struct {
	t      *testing.T
	url    string
	public string
	store  forum.Store
	bus    *memory.Bus
	client *http.Client

	mu  sync.Mutex
	now time.Time
}

func start(t *testing.T) *world { return startWith(t, setup{origins: []string{blog}}) }

func startWith(t *testing.T, s setup) *world {
	t.Helper()
	set, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	disk, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, store: disk, now: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)}
	if s.store != nil {
		w.store = s.store(disk)
	}
	server := httptest.NewUnstartedServer(nil)
	w.url = "http://" + server.Listener.Addr().String()
	if w.public = s.public; w.public == "" {
		w.public = w.url
	}
	public, err := url.Parse(w.public)
	if err != nil {
		t.Fatal(err)
	}
	origins, err := forum.ParseOrigins(w.public, s.origins)
	if err != nil {
		t.Fatal(err)
	}
	log, bus := slog.New(slog.NewTextHandler(t.Output(), nil)), &memory.Bus{}
	if w.bus = bus; s.rules.EditWindow == 0 {
		s.rules.EditWindow = 15 * time.Minute
	}
	f := forum.New(forum.Config{Store: w.store, Bus: bus, Origins: origins, Reactions: talk.DefaultReactions, Rules: s.rules, Markdown: markdown.New(s.images...), Clock: w.clock, Log: log, RateLimits: s.limits})
	sessions := web.NewSessions([]byte("a key that only this test knows"), public)
	sockets := live.New(live.Config{Forum: f, Bus: bus, Identify: sessions.Who, AllowOrigin: web.AllowSocket(public), Tongue: web.Tongue(set), Log: log})
	server.Config.Handler = web.New(web.Config{Forum: f, Live: sockets, Sessions: sessions, Assets: set, Demo: folkmoot.Demo, Images: s.images, Public: public, Clock: w.clock, Log: log, Indexable: s.index, PushKey: s.pushKey})
	server.Start()
	w.client = &http.Client{
		Transport:     &http.Transport{DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(func() {
		w.client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := sockets.Shutdown(ctx, 0); err != nil {
			t.Error(err)
		}
		server.Close()
		f.Close()
		if err := disk.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// A reader is a browser, or nobody as long as it has no cookie. It keeps what
// cookie it is given, whatever its attributes: Go's jar would not send a Secure
// one without TLS, as browsers do to loopback.
type reader struct {
	w      *world
	cookie string
	header http.Header // sent with every request
}

func (w *world) nobody() *reader { return &reader{w: w, header: http.Header{}} }

// guest is somebody with a session.
func (w *world) guest() *reader {
	w.t.Helper()
	r := w.nobody()
	r.ask("POST", "/api/v1/session", nil, "").want(204)
	return r
}

// with returns the same reader with one more header; it shares no cookie that
// comes later.
func (r *reader) with(name, value string) *reader {
	c := &reader{r.w, r.cookie, r.header.Clone()}
	c.header.Set(name, value)
	return c
}

func (r *reader) ask(method, path string, body io.Reader, contentType string) *answer {
	r.w.t.Helper()
	q, err := http.NewRequest(method, r.w.url+path, body)
	if err != nil {
		r.w.t.Fatal(err)
	}
	q.Header = r.header.Clone()
	if contentType != "" {
		q.Header.Set("Content-Type", contentType)
	}
	if r.cookie != "" {
		q.Header.Add("Cookie", r.cookie)
	}
	res, err := r.w.client.Do(q)
	if err != nil {
		r.w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.w.t.Fatal(err)
	}
	a := &answer{t: r.w.t, asked: method + " " + path, status: res.StatusCode, header: res.Header, body: b}
	if len(res.Cookies()) > 0 {
		a.cookie = res.Cookies()[0]
		r.cookie = a.cookie.Name + "=" + a.cookie.Value
	}
	return a
}

func (r *reader) get(path string) *answer {
	r.w.t.Helper()
	return r.ask("GET", path, nil, "")
}

// send sends v as JSON, or as it stands if it is a string.
func (r *reader) send(method, path string, v any) *answer {
	r.w.t.Helper()
	s, ok := v.(string)
	if !ok {
		b, err := json.Marshal(v)
		if err != nil {
			r.w.t.Fatal(err)
		}
		s = string(b)
	}
	return r.ask(method, path, strings.NewReader(s), "application/json")
}

func (r *reader) form(action string, v url.Values) *answer {
	r.w.t.Helper()
	return r.ask("POST", action, strings.NewReader(v.Encode()), "application/x-www-form-urlencoded")
}

// thread is the thread of a page.
func (r *reader) thread(page string) talk.Thread {
	r.w.t.Helper()
	return decode[talk.Thread](r.get("/api/v1/threads?page=" + url.QueryEscape(page)).want(200))
}

// say posts a comment and returns it.
func (r *reader) say(thread, parent, body string) talk.Comment {
	r.w.t.Helper()
	return decode[talk.Comment](r.send("POST", "/api/v1/threads/"+thread+"/comments", post{Body: body, Parent: parent, Name: "Ann"}).want(201))
}

// comments are all of a thread's, as this reader sees them.
func (r *reader) comments(thread string) []talk.Comment {
	r.w.t.Helper()
	return decode[list](r.get("/api/v1/threads/" + thread + "/comments?limit=200").want(200)).Comments
}

// What the API takes and gives.
type (
	post struct {
		Body     string `json:"body"`
		Parent   string `json:"parent,omitempty"`
		Name     string `json:"name,omitempty"`
		Headline string `json:"headline,omitempty"`
	}
	list struct {
		Comments []talk.Comment `json:"comments"`
		Prev     string         `json:"prev"`
		Next     string         `json:"next"`
		Rest     map[string]int `json:"rest"`
	}
	events struct {
		Epoch  string       `json:"epoch"`
		Seq    uint64       `json:"seq"`
		Resync bool         `json:"resync"`
		Events []talk.Event `json:"events"`
	}
	problem struct {
		Type       string    `json:"type"`
		Title      string    `json:"title"`
		Status     int       `json:"status"`
		Detail     string    `json:"detail"`
		Code       talk.Code `json:"code"`
		RetryAfter int       `json:"retry_after"`
		Errors     []struct {
			Field  string    `json:"field"`
			Code   talk.Code `json:"code"`
			Detail string    `json:"detail"`
		} `json:"errors"`
	}
)

// An answer is a response that was read to its end.
type answer struct {
	t      *testing.T
	asked  string
	status int
	header http.Header
	body   []byte
	cookie *http.Cookie
}

// want stops the test unless the status is this one.
func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: %d, want %d: %.400s", a.asked, a.status, status, a.body)
	}
	return a
}

func decode[T any](a *answer) (v T) {
	a.t.Helper()
	d := json.NewDecoder(bytes.NewReader(a.body))
	if err := d.Decode(&v); err != nil {
		a.t.Fatalf("%s: %v: %.400s", a.asked, err, a.body)
	}
	return v
}

// wantProblem stops the test unless the answer is this refusal, in the form
// that all of them have.
func (a *answer) wantProblem(status int, code talk.Code, field string) problem {
	a.t.Helper()
	a.want(status)
	if t := a.header.Get("Content-Type"); t != "application/problem+json" {
		a.t.Fatalf("%s: a problem of type %q", a.asked, t)
	}
	p := decode[problem](a)
	at := ""
	if len(p.Errors) == 1 {
		at = p.Errors[0].Field
		if p.Errors[0].Code != p.Code {
			a.t.Errorf("%s: the field's code is %q, the problem's %q", a.asked, p.Errors[0].Code, p.Code)
		}
	}
	if p.Status != status || p.Code != code || at != field || p.Type == "" || p.Title == "" || p.Detail == "" {
		a.t.Errorf("%s: got %s, want status %d, code %s, field %q", a.asked, a.body, status, code, field)
	}
	return p
}

func (a *answer) doc() *html.Node {
	a.t.Helper()
	if t := a.header.Get("Content-Type"); t != "text/html; charset=utf-8" {
		a.t.Fatalf("%s: a page of type %q", a.asked, t)
	}
	n, err := html.Parse(bytes.NewReader(a.body))
	if err != nil {
		a.t.Fatal(err)
	}
	return n
}

// embed is the widget's address for a page, with more of its query in pairs.
func embed(page string, more ...string) string {
	q := url.Values{"page": {page}}
	for i := 0; i < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return "/embed?" + q.Encode()
}
