package web_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"folkmoot/app/talk"
)

func TestCounts(t *testing.T) {
	w := startWith(t, setup{origins: []string{blog, "https://other.example"}})
	g := w.guest()
	thread := g.thread(article).ID
	g.say(thread, "", "One.")
	g.say(thread, "", "Two.")
	g.send("PUT", "/api/v1/threads/"+thread+"/reactions/heart", "").want(200)
	g.say(g.thread(talk.PageWithID(article, "post 7")).ID, "", "By its id.")

	path := "/api/v1/counts?" + url.Values{
		"page": {article + "/?utm_source=x#c", blog + "/none", "https://evil.example/", "nonsense"},
		"id":   {"post 7", "none"},
	}.Encode()
	a := w.nobody().with("Origin", "https://other.example").get(path).want(200)
	var got, want any
	if err := json.Unmarshal(a.body, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(`{"counts":[
		{"page":"https://blog.example/baths/?utm_source=x#c","comments":2,"reactions":1},
		{"page":"https://blog.example/none","comments":0,"reactions":0},
		{"page":"https://evil.example/","comments":0,"reactions":0},
		{"page":"nonsense","comments":0,"reactions":0},
		{"id":"post 7","comments":1,"reactions":0},
		{"id":"none","comments":0,"reactions":0}]}`), &want); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("counts are\n%s, want\n%v", a.body, want)
	}
	if h := a.header; h.Get("Access-Control-Allow-Origin") != "https://other.example" || h.Get("Cache-Control") != "public, max-age=60" || !strings.Contains(strings.Join(h.Values("Vary"), ","), "Origin") {
		t.Errorf("headers are %v", h)
	}
	if c := a.cookie; c != nil {
		t.Errorf("counting made somebody: %v", c)
	}
	w.nobody().with("If-None-Match", a.header.Get("ETag")).get(path).want(304)
	g.say(thread, "", "Three.")
	w.nobody().with("If-None-Match", a.header.Get("ETag")).get(path).want(200)

	// A page that may not embed can't read them.
	if a := w.nobody().with("Origin", "https://evil.example").get(path).want(200); a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("a page of any origin may read counts")
	}
	// Asking makes no thread.
	counts, err := w.store.Counts(t.Context(), blog+"/none")
	if err != nil || len(counts) != 0 {
		t.Errorf("a thread was made: %v %v", counts, err)
	}
}

func TestCountsOfTooManyPages(t *testing.T) {
	w := start(t)
	w.nobody().get("/api/v1/counts").wantProblem(422, talk.Invalid, "page")
	w.nobody().get("/api/v1/counts?page=x" + strings.Repeat("&page=x", 99)).want(200)
	w.nobody().get("/api/v1/counts?page=x"+strings.Repeat("&page=x", 100)).wantProblem(422, talk.Invalid, "page")
}

// With ids alone, whoever asks means their own.
func TestCountsOfOnesOwnIDs(t *testing.T) {
	w := start(t)
	g := w.guest()
	g.say(g.thread(talk.PageWithID(blog, "7")).ID, "", "Of the seventh.")
	a := w.nobody().with("Origin", blog).get("/api/v1/counts?id=7").want(200)
	if !strings.Contains(string(a.body), `"comments":1`) {
		t.Errorf("counts are %s", a.body)
	}
}
