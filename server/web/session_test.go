package web_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"folkmoot/app/talk"
)

// In a frame on another site browsers keep only Secure, SameSite=None,
// Partitioned cookies; without TLS they take those on loopback alone.
func TestCookieIsOneThatFramesKeep(t *testing.T) {
	for _, test := range []struct {
		public string
		framed bool
	}{
		{"https://talk.example", true},
		{"https://talk.example:8443", true},
		{"http://localhost:8080", true},
		{"http://127.0.0.1:8080", true},
		{"http://[::1]:8080", true},
		{"http://folk.localhost:8080", true},
		{"http://192.0.2.7:8080", false},
		{"http://talk.example", false},
		{"http://localhost.example", false},
	} {
		t.Run(test.public, func(t *testing.T) {
			w := startWith(t, setup{public: test.public})
			c := w.nobody().ask("POST", "/api/v1/session", nil, "").want(204).cookie
			if c == nil {
				t.Fatal("no cookie")
			}
			name, same := "folkmoot", http.SameSiteLaxMode
			if test.framed {
				name, same = "__Host-folkmoot", http.SameSiteNoneMode
			}
			if c.Name != name || c.Secure != test.framed || c.Partitioned != test.framed || c.SameSite != same {
				t.Errorf("the cookie is %s", c.Raw)
			}
			if !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.MaxAge < 86400 {
				t.Errorf("the cookie is %s", c.Raw)
			}
		})
	}
}

// me is who the site takes the reader for.
func (r *reader) me() string {
	r.w.t.Helper()
	return stateOf(r.w.t, r.get(embed(article)).want(200).doc()).Me.ID
}

func TestForgedTokenIsNobody(t *testing.T) {
	w := start(t)
	g := w.guest()
	name, token, _ := strings.Cut(g.cookie, "=")
	person, mac, _ := strings.Cut(token, ".")
	if g.me() != person {
		t.Fatalf("%q is taken for %q", person, g.me())
	}
	other := w.guest().cookie
	_, otherMac, _ := strings.Cut(other, ".")
	for what, forged := range map[string]string{
		"truncated":         token[:len(token)-1],
		"longer":            token + "A",
		"no mac":            person + ".",
		"no dot":            person,
		"nobody's":          "." + mac,
		"empty":             "",
		"another's mac":     person + "." + otherMac,
		"another person":    "aaaaaaaaaaaaaaaa." + mac,
		"mac twice":         token + "." + mac,
		"quoted":            `"` + token + `x"`,
		"upper case person": strings.ToUpper(person) + "." + mac,
	} {
		t.Run(what, func(t *testing.T) {
			r := w.nobody()
			r.cookie = name + "=" + forged
			if me := r.me(); me != "" {
				t.Errorf("%q is taken for %q", forged, me)
			}
			if me := w.nobody().with("Authorization", "Bearer "+forged).me(); me != "" {
				t.Errorf("bearer of %q is taken for %q", forged, me)
			}
		})
	}
}

// A session of another server, or of this one before its key was changed.
func TestTokenOfAnotherKeyIsNobody(t *testing.T) {
	w := start(t)
	r := w.nobody()
	r.cookie = "__Host-folkmoot=aaaaaaaaaaaaaaaa.AAAAAAAAAAAAAAAAAAAAAAAA"
	c := r.ask("POST", "/api/v1/session", nil, "").want(204).cookie
	if c == nil || strings.HasPrefix(c.Value, "aaaa") {
		t.Errorf("a forged session was renewed: %v", c)
	}
}

func TestBearer(t *testing.T) {
	w := start(t)
	g := w.guest()
	_, token, _ := strings.Cut(g.cookie, "=")
	b := w.nobody().with("Authorization", "Bearer "+token)
	if b.me() != g.me() {
		t.Errorf("the bearer of %q's token is %q", g.me(), b.me())
	}
	thread := w.nobody().thread(article).ID
	if c := b.say(thread, "", "As an app would"); c.Author.ID != g.me() {
		t.Errorf("its comment is by %q", c.Author.ID)
	}
}

func TestReadsMakeNobody(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	c := g.say(thread, "", "Here first")
	script := value(all(w.nobody().get(embed(article)).doc(), "script", "defer", "")[0], "src")
	for _, path := range []string{
		"/", "/demo", "/embed.js", script, "/healthz", "/readyz", embed(article), embed(article, "reply", c.ID), embed("no page"),
		"/api/v1/threads?page=" + article, "/api/v1/threads/" + thread + "/comments", "/api/v1/threads/" + thread + "/events?since=0",
		"/api/v1/threads/none/comments", "/api/v1/nothing", "/nothing", "/api/v1/live",
	} {
		for _, method := range []string{"GET", "HEAD"} {
			if a := w.nobody().ask(method, path, nil, ""); a.cookie != nil {
				t.Errorf("%s %s set the cookie %s", method, path, a.cookie.Raw)
			}
		}
	}
	ws, res, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(w.url, "http")+"/api/v1/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if len(res.Cookies()) > 0 {
		t.Errorf("the socket set a cookie: %v", res.Cookies())
	}
}

func TestSessionIsMadeOnce(t *testing.T) {
	w := start(t)
	r := w.nobody()
	first := r.ask("POST", "/api/v1/session", nil, "").want(204)
	second := r.ask("POST", "/api/v1/session", nil, "").want(204)
	if first.cookie == nil || second.cookie == nil || first.cookie.Value != second.cookie.Value {
		t.Errorf("somebody became another: %v, then %v", first.cookie, second.cookie)
	}
	if len(first.body) != 0 {
		t.Errorf("a body: %q", first.body)
	}
}

func TestWriteMakesAGuest(t *testing.T) {
	w := start(t)
	r := w.nobody()
	thread := r.thread(article).ID
	c := r.say(thread, "", "Hello")
	if r.cookie == "" {
		t.Fatal("whoever wrote has no session")
	}
	if r.me() != c.Author.ID {
		t.Errorf("the comment is by %q, the session of %q", c.Author.ID, r.me())
	}
	before := r.cookie
	r.say(thread, "", "Hello again")
	if r.cookie != before {
		t.Error("the second write made another guest")
	}
	if n := w.nobody(); n.send("PUT", "/api/v1/threads/"+thread+"/reactions/heart", "").want(200).cookie == nil {
		t.Error("whoever reacted has no session")
	}
}

func TestRefusedWriteMakesNobody(t *testing.T) {
	w := start(t)
	thread := w.nobody().thread(article).ID
	r := w.nobody()
	r.send("POST", "/api/v1/threads/"+thread+"/comments", post{Body: "", Name: "Ann"}).want(422)
	r.send("PUT", "/api/v1/threads/"+thread+"/reactions/boo", "").want(422)
	if r.cookie != "" {
		t.Errorf("a refused write set %s", r.cookie)
	}
}

func TestSameKeyIsDoneOnce(t *testing.T) {
	w := start(t)
	thread := w.nobody().thread(article).ID
	path := "/api/v1/threads/" + thread + "/comments"
	p := post{Body: "Once", Name: "Ann"}
	const key = "3f1c2d4e-unguessable"

	author := w.nobody().with("Idempotency-Key", key)
	first := decode[talk.Comment](author.send("POST", path, p).want(201))

	for who, r := range map[string]*reader{"its author": author, "somebody without a cookie": w.nobody().with("Idempotency-Key", key)} {
		before := r.cookie
		again := r.send("POST", path, p).want(200)
		if c := decode[talk.Comment](again); c.ID != first.ID {
			t.Errorf("%s got the comment %q, want %q", who, c.ID, first.ID)
		}
		if before == "" && again.cookie != nil {
			t.Errorf("%s was given a session: %s", who, again.cookie.Raw)
		}
		r.send("POST", path, post{Body: "Something else", Name: "Ann"}).wantProblem(409, talk.Conflict, "")
	}
	// Somebody else with a session may use what is a key of their own.
	if c := decode[talk.Comment](w.guest().with("Idempotency-Key", key).send("POST", path, p).want(201)); c.ID == first.ID {
		t.Error("another's comment was taken for a guest's own")
	}
	if n := len(w.nobody().comments(thread)); n != 2 {
		t.Errorf("%d comments, want 2", n)
	}
}

func TestConcurrentRepeatsAreDoneOnce(t *testing.T) {
	w := start(t)
	thread := w.nobody().thread(article).ID
	guest := w.guest()
	for who, reader := range map[string]func() *reader{
		"nobody":   w.nobody,
		"somebody": func() *reader { return guest.with("X", "y") },
	} {
		var group sync.WaitGroup
		answers := make([]*answer, 16)
		for i := range answers {
			group.Go(func() {
				answers[i] = reader().with("Idempotency-Key", "burst of "+who).
					send("POST", "/api/v1/threads/"+thread+"/comments", post{Body: "Sent by " + who, Name: "Ann"})
			})
		}
		group.Wait()
		statuses, ids, cookies := map[int]int{}, map[string]bool{}, 0
		for _, a := range answers {
			statuses[a.status]++
			var c talk.Comment
			if err := json.Unmarshal(a.body, &c); err != nil {
				t.Fatalf("%d: %s", a.status, a.body)
			}
			ids[c.ID] = true
			if a.cookie != nil {
				cookies++
			}
		}
		if statuses[201] != 1 || statuses[200] != 15 || len(ids) != 1 {
			t.Errorf("%s: statuses %v, comments %v, want one 201 and one comment", who, statuses, ids)
		}
		if who == "nobody" && cookies != 1 {
			t.Errorf("%d of those who sent the same were given a session, want the first", cookies)
		}
	}
	if n := len(w.nobody().comments(thread)); n != 2 {
		t.Errorf("%d comments, want 2", n)
	}
}
