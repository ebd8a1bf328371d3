package web_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"folkmoot/app/talk"
)

// A device signs as a browser does.
type device struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	name string
}

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return &device{t, key, base64.RawURLEncoding.EncodeToString(point)}
}

func (d *device) sign(words string) string {
	d.t.Helper()
	sum := sha256.Sum256([]byte(words))
	r, s, err := ecdsa.Sign(rand.Reader, d.key, sum[:])
	if err != nil {
		d.t.Fatal(err)
	}
	var rs [64]byte
	r.FillBytes(rs[:32])
	s.FillBytes(rs[32:])
	return base64.RawURLEncoding.EncodeToString(rs[:])
}

type entry struct {
	Ref       string `json:"ref"`
	At        string `json:"at"`
	Thread    string `json:"thread"`
	Command   string `json:"command"`
	Key       string `json:"key,omitempty"`
	Signature string `json:"signature,omitempty"`
}

func (d *device) entry(ref string, c talk.Command) entry {
	b, err := json.Marshal(c)
	if err != nil {
		d.t.Fatal(err)
	}
	e := entry{Ref: ref, At: "2026-11-23T08:00:00Z", Thread: c.Thread, Command: string(b), Key: d.name}
	e.Signature = d.sign("folkmoot-outbox-1\n" + e.Ref + "\n" + e.At + "\n" + e.Command)
	return e
}

type sent struct {
	Ref     string        `json:"ref"`
	Status  string        `json:"status"`
	Code    talk.Code     `json:"code"`
	Message string        `json:"message"`
	Retry   int           `json:"retry_after"`
	Comment *talk.Comment `json:"comment"`
}

func (r *reader) flush(entries ...entry) []sent {
	r.w.t.Helper()
	type results struct {
		Results []sent `json:"results"`
	}
	return decode[results](r.send("POST", "/api/v1/outbox", map[string]any{"entries": entries}).want(200)).Results
}

func saying(thread, body string) talk.Command {
	return talk.Command{Kind: talk.Post, Thread: thread, Body: body, Name: "Ann"}
}

func statuses(all []sent) string {
	var s []string
	for _, one := range all {
		s = append(s, one.Ref+" "+one.Status+" "+string(one.Code))
	}
	return strings.Join(s, ", ")
}

func TestOutbox(t *testing.T) {
	w := start(t)
	d, phone := newDevice(t), w.nobody()
	thread := phone.thread(article).ID
	entries := []entry{d.entry("1", saying(thread, "one")), d.entry("2", saying(thread, "two")), d.entry("3", saying("none", "lost")), d.entry("4", talk.Command{Kind: talk.React, Thread: thread, Reaction: "heart", On: true})}
	got := phone.flush(entries...)
	if s := statuses(got); s != "1 done , 2 done , 3 refused not_found, 4 done " || got[2].Message == "" || got[0].Comment.HTML != "<p>one</p>" {
		t.Fatalf("%s: %+v", s, got)
	}
	if phone.cookie == "" {
		t.Error("whose key was nobody's is nobody still")
	}
	again := w.nobody().flush(entries...) // by the service worker, say, without a cookie
	if again[0].Comment == nil || again[0].Comment.ID != got[0].Comment.ID || again[0].Comment.Author.ID != got[0].Comment.Author.ID {
		t.Errorf("%+v", again)
	}
	all := phone.comments(thread)
	if len(all) != 2 || all[0].HTML != "<p>one</p>" || all[1].HTML != "<p>two</p>" || phone.thread(article).Reactions["heart"] != 1 {
		t.Errorf("%+v", all)
	}
	me := decode[talk.Me](phone.get("/api/v1/me").want(200))
	if me.Person.ID != all[0].Author.ID || me.Person.Name != "Ann" {
		t.Errorf("%+v wrote as %+v", me, all[0].Author)
	}

	// What is signed is done as whose the key is, whoever sends it.
	bob := w.guest()
	if got = bob.flush(d.entry("5", saying(thread, "by Ann"))); got[0].Comment.Author.ID != me.Person.ID {
		t.Errorf("%+v", got)
	}
	// Without a key it takes a session.
	plain := d.entry("6", saying(thread, "plain"))
	plain.Key, plain.Signature = "", ""
	if s := statuses(w.nobody().flush(plain)); s != "6 refused no_session" {
		t.Error(s)
	}
	if got = bob.flush(plain); got[0].Status != "done" || got[0].Comment.Author.ID == me.Person.ID {
		t.Errorf("%+v", got)
	}
	if got := phone.flush(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestOutboxThatIsForged(t *testing.T) {
	w := start(t)
	d, other := newDevice(t), newDevice(t)
	r := w.nobody()
	thread := r.thread(article).ID
	good := d.entry("r", saying(thread, "x"))
	for name, change := range map[string]func(*entry){
		"another command":   func(e *entry) { e.Command = strings.Replace(e.Command, "x", "y", 1) },
		"another ref":       func(e *entry) { e.Ref = "s" },
		"another time":      func(e *entry) { e.At = "2026-11-24T08:00:00Z" },
		"another key":       func(e *entry) { e.Key = other.name },
		"another signature": func(e *entry) { e.Signature = other.sign("x") },
		"no signature":      func(e *entry) { e.Signature = "" },
		"no key":            func(e *entry) { e.Key = "" },
		"no point":          func(e *entry) { e.Key = base64.RawURLEncoding.EncodeToString(make([]byte, 65)) },
		"off the curve": func(e *entry) {
			b := make([]byte, 65)
			b[0], b[64] = 4, 1
			e.Key = base64.RawURLEncoding.EncodeToString(b)
		},
		"not base64":    func(e *entry) { e.Key = "{}" },
		"short":         func(e *entry) { e.Signature = e.Signature[:40] },
		"zeros":         func(e *entry) { e.Signature = base64.RawURLEncoding.EncodeToString(make([]byte, 64)) },
		"for a session": func(e *entry) { e.Signature = d.sign("folkmoot-session-1\n" + w.public) },
	} {
		e := good
		change(&e)
		if got := r.flush(e); got[0].Status != "refused" || got[0].Code != talk.Invalid {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for name, command := range map[string]string{"no JSON": "x", "unknown": `{"kind":"post","admin":true}`, "two": `{"kind":"post"}{}`, "none": "", "no kind": `{}`} {
		e := entry{Ref: "r", At: good.At, Command: command, Key: d.name}
		e.Signature = d.sign("folkmoot-outbox-1\n" + e.Ref + "\n" + e.At + "\n" + e.Command)
		if got := r.flush(e); got[0].Status != "refused" || got[0].Code != talk.Malformed {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if n := len(r.comments(thread)); n != 0 {
		t.Errorf("%d comments were made", n)
	}
	r.send("POST", "/api/v1/outbox", map[string]any{"entries": make([]entry, 51)}).wantProblem(413, talk.TooLarge, "entries")
	r.send("POST", "/api/v1/outbox", `{"entries":"`+strings.Repeat("x", 256<<10)+`"}`).wantProblem(413, talk.TooLarge, "")
	r.send("POST", "/api/v1/outbox", `{"entries":[{"ref":1}]}`).wantProblem(400, talk.Malformed, "")
	r.with("Origin", "https://evil.example").send("POST", "/api/v1/outbox", map[string]any{"entries": []entry{good}}).wantProblem(403, talk.Forbidden, "")
}

// What is too much at once waits, in its order, and so does all that follows.
func TestOutboxThatIsTooMuch(t *testing.T) {
	w := startWith(t, setup{origins: []string{blog}, limits: true})
	d, r := newDevice(t), w.nobody()
	thread := r.thread(article).ID
	var entries []entry
	for i := range 30 {
		entries = append(entries, d.entry(fmt.Sprint(i), saying(thread, fmt.Sprint("word ", i))))
	}
	entries = append(entries, d.entry("like", talk.Command{Kind: talk.React, Thread: thread, Reaction: "like", On: true}))
	a := r.send("POST", "/api/v1/outbox", map[string]any{"entries": entries}).want(200)
	if a.header.Get("Retry-After") == "" {
		t.Error("nobody says when to come back")
	}
	for rounds := 0; len(entries) > 0; rounds++ {
		done := 0
		for _, s := range r.flush(entries...) {
			switch {
			case s.Status == "done":
				done++
			case s.Status != "later" || s.Code != talk.RateLimited || s.Retry == 0:
				t.Fatalf("%+v", s)
			}
		}
		entries = entries[done:]
		if w.later(time.Minute); rounds > 10 {
			t.Fatal("it never ends")
		}
	}
	all := r.comments(thread)
	for i, c := range all {
		if c.HTML != fmt.Sprintf("<p>word %d</p>", i) {
			t.Errorf("comment %d is %s", i, c.HTML)
		}
	}
	if len(all) != 30 {
		t.Errorf("%d comments", len(all))
	}
}

// Somebody who is banned while their outbox waits is told so.
func TestOutboxOfTheBanned(t *testing.T) {
	w := start(t)
	d, r := newDevice(t), w.nobody()
	thread := r.thread(article).ID
	c := r.flush(d.entry("1", saying(thread, "x")))[0].Comment
	owner := w.owner()
	owner.ask("PUT", "/api/v1/comments/"+c.ID+"/ban", nil, "").want(200)
	if s := statuses(r.flush(d.entry("2", saying(thread, "y")), d.entry("3", talk.Command{Kind: talk.Delete, Comment: c.ID}))); s != "2 refused forbidden, 3 done " {
		t.Error(s)
	}
}

func TestSessionByKey(t *testing.T) {
	w := start(t)
	d := newDevice(t)
	proof := map[string]string{"key": d.name, "proof": d.sign("folkmoot-session-1\n" + w.public)}
	ann := w.guest()
	thread := ann.thread(article).ID
	c := ann.say(thread, "", "x")
	ann.send("POST", "/api/v1/session", proof).want(204)
	again := w.nobody()
	again.send("POST", "/api/v1/session", proof).want(204)
	if me := decode[talk.Me](again.get("/api/v1/me").want(200)); me.Person.ID != c.Author.ID {
		t.Errorf("the key brings %+v", me)
	}
	if got := w.nobody().flush(d.entry("1", saying(thread, "y"))); got[0].Comment.Author.ID != c.Author.ID {
		t.Errorf("%+v", got)
	}
	bad := map[string]string{"key": d.name, "proof": d.sign("folkmoot-session-1\nhttps://other.example")}
	w.nobody().send("POST", "/api/v1/session", bad).wantProblem(422, talk.Invalid, "signature")
	nobody := w.nobody()
	nobody.send("POST", "/api/v1/session", map[string]string{"key": d.name}).wantProblem(422, talk.Invalid, "signature")
	if nobody.cookie != "" {
		t.Error("a proof that is none made a guest")
	}
	a := again.ask("DELETE", "/api/v1/session", nil, "").want(204)
	if a.cookie == nil || a.cookie.MaxAge >= 0 || a.cookie.Value != "" || !a.cookie.Partitioned {
		t.Errorf("%+v", a.cookie)
	}
}

func TestHandover(t *testing.T) {
	w := start(t)
	widget, app := w.guest(), w.nobody()
	thread := widget.thread(article).ID
	c := widget.say(thread, "", "x")
	type handover struct {
		Code  string    `json:"code"`
		Until time.Time `json:"until"`
	}
	type arrival struct {
		Person   talk.Person `json:"person"`
		Comments int         `json:"comments"`
		Follows  int         `json:"follows"`
		Merges   bool        `json:"merges"`
	}
	w.nobody().ask("POST", "/api/v1/handover", nil, "").wantProblem(401, talk.NoSession, "")
	h := decode[handover](widget.ask("POST", "/api/v1/handover", nil, "").want(201))
	if !regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$`).MatchString(h.Code) || !h.Until.Equal(w.clock().Add(10*time.Minute)) {
		t.Errorf("%+v", h)
	}
	typed := map[string]any{"code": strings.ToLower(strings.NewReplacer("-", " ", "0", "o", "1", "l").Replace(h.Code))}
	if a := decode[arrival](app.send("POST", "/api/v1/continue", typed).want(200)); a.Person.Name != "Ann" || a.Comments != 1 || a.Follows != 1 || a.Merges || app.cookie != "" {
		t.Errorf("%+v", a)
	}
	typed["confirm"] = true
	app.send("POST", "/api/v1/continue", typed).want(204)
	if m := decode[mine](app.get("/api/v1/me/comments").want(200)); len(m.Comments) != 1 || m.Comments[0].Comment.ID != c.ID {
		t.Errorf("%+v", m)
	}
	w.nobody().send("POST", "/api/v1/continue", typed).wantProblem(403, talk.Forbidden, "code")

	// Another widget's guest becomes the same as the app's, which is somebody already.
	other := w.guest()
	o := other.say(thread, c.ID, "y")
	other.ask("PUT", "/api/v1/threads/"+thread+"/reactions/like", nil, "").want(200)
	app.ask("PUT", "/api/v1/threads/"+thread+"/reactions/like", nil, "").want(200)
	nobody := w.nobody()
	nobody.get(embed(article)).want(200) // the page is kept as it is now
	code := map[string]any{"code": decode[handover](other.ask("POST", "/api/v1/handover", nil, "").want(201)).Code}
	if a := decode[arrival](app.send("POST", "/api/v1/continue", code).want(200)); !a.Merges {
		t.Errorf("%+v", a)
	}
	code["confirm"] = true
	app.send("POST", "/api/v1/continue", code).want(204)
	me := decode[talk.Me](app.get("/api/v1/me").want(200)).Person
	for _, r := range []*reader{app, other, widget} {
		if got := decode[talk.Me](r.get("/api/v1/me").want(200)).Person; got != me {
			t.Errorf("%+v and %+v", got, me)
		}
		m := decode[mine](r.get("/api/v1/me/comments").want(200))
		if len(m.Comments) != 2 || len(r.thread(article).Mine) != 1 {
			t.Errorf("%+v", m)
		}
	}
	if n := nobody.thread(article).Reactions["like"]; n != 1 {
		t.Errorf("one person has %d likes", n)
	}
	head := nobody.get("/api/v1/threads/" + thread + "/events?since=0")
	head.want(200)
	if body := string(nobody.get(embed(article)).want(200).body); !strings.Contains(body, `"reactions":{"like":1}`) {
		t.Error("a kept page shows what isn't so any more")
	}
	other.send("PATCH", "/api/v1/comments/"+o.ID, post{Body: "changed by the old session"}).want(200)
	if l := other.say(thread, "", "z"); l.Author.ID != me.ID {
		t.Errorf("%+v", l)
	}

	for _, bad := range []string{`{"code":""}`, `{"code":"0000-0000"}`, `{"code":"\u0000","confirm":true}`} {
		app.send("POST", "/api/v1/continue", bad).wantProblem(403, talk.Forbidden, "code")
	}
	late := decode[handover](widget.ask("POST", "/api/v1/handover", nil, "").want(201)).Code
	w.later(11 * time.Minute)
	app.send("POST", "/api/v1/continue", map[string]any{"code": late, "confirm": true}).wantProblem(403, talk.Forbidden, "code")
	app.with("Origin", "https://evil.example").send("POST", "/api/v1/continue", typed).wantProblem(403, talk.Forbidden, "")
}

// Nobody guesses codes for long.
func TestGuessingHandovers(t *testing.T) {
	w := startWith(t, setup{origins: []string{blog}, limits: true})
	r := w.guest()
	for range 10 {
		r.send("POST", "/api/v1/continue", `{"code":"0000-0000"}`).wantProblem(403, talk.Forbidden, "code")
	}
	r.send("POST", "/api/v1/continue", `{"code":"0000-0000","confirm":true}`).wantProblem(429, talk.RateLimited, "")
}
