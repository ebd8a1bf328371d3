package web_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"folkmoot/app/talk"
)

// Whatever is wrong with a post, its sender is told what and at which field,
// and nothing of it is there.
func TestBadPostIsRefusedInWords(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	elsewhere := g.say(g.thread(article+"/2").ID, "", "In another thread")
	gone := g.say(thread, "", "Soon gone")
	g.send("DELETE", "/api/v1/comments/"+gone.ID, "").want(200)
	seq := g.thread(article).Seq

	zalgo := "Z" + strings.Repeat("\u0301", 40)
	for _, test := range []struct {
		name  string
		post  post
		code  talk.Code
		field string
	}{
		{"empty", post{Name: "Ann"}, talk.Invalid, "body"},
		{"all space", post{Name: "Ann", Body: " \n\t\u00a0\u3000\u2003 "}, talk.Invalid, "body"},
		{"nothing with ink", post{Name: "Ann", Body: "\u200b\u2060\u3164"}, talk.Invalid, "body"},
		{"nothing once rendered", post{Name: "Ann", Body: "[](https://x.example)"}, talk.Invalid, "body"},
		{"100 KiB", post{Name: "Ann", Body: strings.Repeat("a", 100<<10)}, talk.TooLong, "body"},
		{"64 KiB and one", post{Name: "Ann", Body: strings.Repeat("é", 32<<10) + "a"}, talk.TooLong, "body"},
		{"10,001 characters", post{Name: "Ann", Body: strings.Repeat("a", 10_001)}, talk.TooLong, "body"},
		{"10,001 characters of two runes", post{Name: "Ann", Body: strings.Repeat("e\u0301", 10_001)}, talk.TooLong, "body"},
		{"NUL", post{Name: "Ann", Body: "a\x00b"}, talk.Invalid, "body"},
		{"escape", post{Name: "Ann", Body: "a\x1b[31mb"}, talk.Invalid, "body"},
		{"right-to-left override", post{Name: "Ann", Body: "invoice\u202Efdp.exe"}, talk.Invalid, "body"},
		{"left-to-right override", post{Name: "Ann", Body: "\u202Dx"}, talk.Invalid, "body"},
		{"zalgo", post{Name: "Ann", Body: zalgo}, talk.Invalid, "body"},
		{"no name", post{Body: "Hello"}, talk.Invalid, "name"},
		{"invisible name", post{Body: "Hello", Name: "\u200d\u3164"}, talk.Invalid, "name"},
		{"zalgo name", post{Body: "Hello", Name: zalgo}, talk.Invalid, "name"},
		{"override in the name", post{Body: "Hello", Name: "Ann\u202Enimda"}, talk.Invalid, "name"},
		{"mark in the name", post{Body: "Hello", Name: "Ann\u200f"}, talk.Invalid, "name"},
		{"NUL in the name", post{Body: "Hello", Name: "A\x00"}, talk.Invalid, "name"},
		{"long name", post{Body: "Hello", Name: strings.Repeat("n", 61)}, talk.TooLong, "name"},
		{"very long name", post{Body: "Hello", Name: strings.Repeat("n", 20_000)}, talk.TooLong, "name"},
		{"long headline", post{Body: "Hello", Name: "Ann", Headline: strings.Repeat("h", 101)}, talk.TooLong, "headline"},
		{"override in the headline", post{Body: "Hello", Name: "Ann", Headline: "\u202Ex"}, talk.Invalid, "headline"},
		{"reply to another thread's", post{Body: "Hello", Name: "Ann", Parent: elsewhere.ID}, talk.NotFound, "parent"},
		{"reply to nothing", post{Body: "Hello", Name: "Ann", Parent: "none"}, talk.NotFound, "parent"},
		{"reply to a removed one", post{Body: "Hello", Name: "Ann", Parent: gone.ID}, talk.Gone, "parent"},
	} {
		t.Run(test.name, func(t *testing.T) {
			status := 422
			if test.code == talk.NotFound {
				status = 404
			}
			r := w.guest() // who has no name yet
			r.send("POST", "/api/v1/threads/"+thread+"/comments", test.post).wantProblem(status, test.code, test.field)
		})
	}
	g.send("POST", "/api/v1/threads/none/comments", post{Body: "Hello", Name: "Ann"}).wantProblem(404, talk.NotFound, "thread")
	if now := g.thread(article); now.Seq != seq || now.Comments != 0 {
		t.Errorf("something of it was written: %+v", now)
	}
}

// The limits are not in the way of what people write.
func TestLongestPostIsTaken(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	for what, p := range map[string]post{
		"10,000 letters":         {Name: strings.Repeat("n", 60), Headline: strings.Repeat("h", 100), Body: strings.Repeat("a", 10_000)},
		"60 KiB of flags":        {Name: "Ann", Body: strings.Repeat("🇬🇧", 60<<10/8)},
		"text of quotes":         {Name: "Ann", Body: strings.Repeat(`"`, 10_000)},
		"right-to-left writing":  {Name: "عائشة", Body: "مرحبا \u2067abc\u2069 بكم"},
		"marks as languages use": {Name: "Nguyễn", Body: "שָׁלוֹם ที่นี้"},
		"a family":               {Name: "👩‍👩‍👧", Body: "👩‍👩‍👧"},
	} {
		if a := g.send("POST", "/api/v1/threads/"+thread+"/comments", p); a.status != 201 {
			t.Errorf("%s: %d %.300s", what, a.status, a.body)
		}
	}
}

func TestBadDeeds(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	for _, method := range []string{"PUT", "DELETE"} {
		g.send(method, "/api/v1/threads/"+thread+"/reactions/boo", "").wantProblem(422, talk.Invalid, "reaction")
		g.send(method, "/api/v1/threads/"+thread+"/reactions/%00", "").wantProblem(422, talk.Invalid, "reaction")
		g.send(method, "/api/v1/threads/none/reactions/like", "").wantProblem(404, talk.NotFound, "thread")
		g.send(method, "/api/v1/comments/none/like", "").wantProblem(404, talk.NotFound, "comment")
		g.send(method, "/api/v1/comments/%2e%2e%2f%ff/like", "").wantProblem(404, talk.NotFound, "comment")
	}
	g.send("DELETE", "/api/v1/comments/none", "").wantProblem(404, talk.NotFound, "comment")
	g.with("Idempotency-Key", strings.Repeat("k", 129)).send("PUT", "/api/v1/threads/"+thread+"/reactions/like", "").wantProblem(400, talk.Malformed, "ref")
	if n := len(g.thread(article).Mine); n != 0 {
		t.Errorf("%d reactions were made", n)
	}
}

func TestBadQuestions(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	for range 3 {
		g.say(thread, "", "Word")
	}
	path := "/api/v1/threads/" + thread + "/comments?"
	oldest := decode[list](g.get(path + "sort=oldest&limit=1").want(200)).Next
	for query, field := range map[string]string{
		"limit=0": "limit", "limit=-1": "limit", "limit=201": "limit", "limit=x": "limit", "limit=1e1": "limit", "limit=99999999999999999999": "limit",
		"sort=best": "sort", "sort=OLDEST": "sort",
		"after=x": "after", "after=%00": "after", "after=!!!": "after",
		"sort=newest&after=" + oldest: "after", // a cursor means nothing in another order
		"after=" + oldest + "A":       "after",
		"after=" + oldest + "%20":     "after",
	} {
		g.get(path+query).wantProblem(422, talk.Invalid, field)
	}
	g.get("/api/v1/threads/none/comments").wantProblem(404, talk.NotFound, "thread")
}

func TestRequestThatCannotBeUnderstood(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	path := "/api/v1/threads/" + thread + "/comments"
	for name, body := range map[string]string{
		"nothing":         ``,
		"no JSON":         `body=Hello&name=Ann`,
		"half":            `{"body":"Hello","name":"A`,
		"an array":        `[{"body":"Hello","name":"Ann"}]`,
		"a string":        `"Hello"`,
		"a number":        `{"body":7,"name":"Ann"}`,
		"an object":       `{"body":{"text":"Hello"},"name":"Ann"}`,
		"unknown field":   `{"body":"Hello","name":"Ann","admin":true}`,
		"trailing object": `{"body":"Hello","name":"Ann"}{}`,
		"trailing data":   `{"body":"Hello","name":"Ann"} x`,
		"deep":            `{"body":` + strings.Repeat(`[`, 70_000) + strings.Repeat(`]`, 70_000) + `}`,
		"deep unknown":    `{"x":` + strings.Repeat(`{"a":`, 20_000) + `1` + strings.Repeat(`}`, 20_000) + `}`,
		"invalid UTF-8":   "{\"body\":\"a\xff\",\"name\":\"Ann\"}",
		"half a rune":     "{\"body\":\"a\xe2\x82\",\"name\":\"Ann\"}",
		"UTF-16":          "\xff\xfe{\x00}\x00",
		"control in text": "{\"body\":\"a\nb\",\"name\":\"Ann\"}",
	} {
		t.Run(name, func(t *testing.T) {
			g.send("POST", path, body).wantProblem(400, talk.Malformed, "")
		})
	}
	g.send("POST", path, `{"body":"`+strings.Repeat("a", 161<<10)+`"}`).wantProblem(413, talk.TooLarge, "")
	g.ask("POST", path, endless{}, "application/json").wantProblem(413, talk.TooLarge, "")
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "application/problem+json"} {
		g.ask("POST", path, strings.NewReader(`{"body":"Hello","name":"Ann"}`), kind).wantProblem(415, talk.Unsupported, "")
	}
	if n := len(g.comments(thread)); n != 0 {
		t.Errorf("%d comments were made of it", n)
	}
	g.ask("POST", path, strings.NewReader(`{"body":"Hello","name":"Ann"}`), "Application/JSON; charset=utf-8").want(201)
}

// endless is a body without a length.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

var _ io.Reader = endless{}

func TestUnknownCallIsAProblem(t *testing.T) {
	w := start(t)
	for _, path := range []string{"/api/v1/", "/api/v1/nothing", "/api/v1/threads/x", "/api/v1/threads/x/comments/y", "/api/v1/comments/x/y"} {
		w.nobody().get(path).wantProblem(404, talk.NotFound, "")
		w.nobody().send("POST", path, "{}").wantProblem(404, talk.NotFound, "")
	}
}

func TestWrongMethodIsAProblemThatTellsTheRightOnes(t *testing.T) {
	w := start(t)
	for _, test := range []struct{ method, path, allow string }{
		{"POST", "/api/v1/threads", "GET, HEAD"},
		{"DELETE", "/api/v1/threads/x/comments", "GET, HEAD, POST"},
		{"GET", "/api/v1/threads/x/reactions/like", "DELETE, PUT"},
		{"POST", "/api/v1/comments/x/like", "DELETE, PUT"},
		{"GET", "/api/v1/comments/x", "DELETE, PATCH"},
		{"GET", "/api/v1/session", "DELETE, POST"},
		{"POST", "/api/v1/live", "GET, HEAD"},
	} {
		a := w.nobody().send(test.method, test.path, "")
		a.wantProblem(http.StatusMethodNotAllowed, talk.Malformed, "")
		if got := a.header.Get("Allow"); got != test.allow {
			t.Errorf("%s %s allows %q, want %q", test.method, test.path, got, test.allow)
		}
	}
	for _, path := range []string{"/embed", "/demo", "/embed.js"} {
		w.nobody().send("POST", path, "").want(http.StatusMethodNotAllowed)
	}
	for _, path := range []string{"/do/post", "/do/react", "/do/like"} {
		w.nobody().get(path).want(http.StatusMethodNotAllowed)
	}
}
