package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A page's comments are the same, whether the database is read or the server is
// asked: all of them, in order, and nothing that somebody wrote is more than text.
func TestRender(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	c := config(data)
	c.RateLimits = "off"
	p := begin(t, c)
	thread := p.on("post").ID
	root := p.says(thread, "The first, with <script>alert(1)</script> and *weight*.").ID
	var wrote struct {
		ID string `json:"id"`
	}
	const replies = 205 // more than are read at once
	for i := range replies {
		p.ask("POST", "/api/v1/threads/"+thread+"/comments", "", map[string]string{"body": fmt.Sprintf("Reply %d.", i), "name": "Bob", "parent": root}, &wrote)
	}
	for i := range 3 {
		p.says(thread, fmt.Sprintf("Root %d.", i))
	}
	p.on("empty")

	here := succeed(t, "render", "--page", blog+"post/?utm_source=x", "--data", data, "--public-url", p.url)
	there := succeed(t, "render", "--page", blog+"post/?utm_source=x", "--from", p.url)
	if here != there {
		i := 0
		for i < min(len(here), len(there)) && here[i] == there[i] {
			i++
		}
		t.Errorf("the database says %.200q, and the server %.200q", here[i:], there[i:])
	}
	var said []string
	for _, m := range regexp.MustCompile(`<p>(Reply \d+|Root \d+|The first)`).FindAllStringSubmatch(there, -1) {
		said = append(said, m[1])
	}
	if len(said) != replies+4 || said[0] != "The first" || said[1] != "Reply 0" || said[replies] != fmt.Sprint("Reply ", replies-1) || said[replies+1] != "Root 0" {
		t.Errorf("%d comments: %q", len(said), said)
	}
	if strings.Contains(there, "<script>alert") || !strings.Contains(there, "<em>weight</em>") {
		t.Error("somebody's text is more than text, or less than it was")
	}
	if !strings.Contains(there, `<script type="application/ld+json">{"@context":"https://schema.org"`) {
		t.Error("there is no JSON-LD")
	}
	if strings.Contains(there, "folkmoot-more") {
		t.Error("there is more than all")
	}

	some := succeed(t, "render", "--page", blog+"post", "--from", p.url, "--most", "10", "--no-linked", "--lang", "de")
	if n := strings.Count(some, "<article"); n != 204 || !strings.Contains(some, p.url+"/embed?page=") || strings.Contains(some, "ld+json") || !strings.Contains(some, `lang="de"`) || !strings.Contains(some, "209 Kommentare") {
		t.Errorf("a part has %d comments:\n%.300s", n, some)
	}
	for _, page := range []string{"empty", "nobody-was-here"} {
		for _, args := range [][]string{{"--data", data}, {"--from", p.url}} {
			if out := succeed(t, append([]string{"render", "--page", blog + page}, args...)...); out != "" {
				t.Errorf("of %s it says %q", page, out)
			}
		}
	}
	if out := succeed(t, "page", "list", "--data", data); strings.Contains(out, "nobody-was-here") {
		t.Error("asking began a conversation")
	}
	if err := p.end(); err != nil {
		t.Fatal(err)
	}
}

func TestRenderRefuses(t *testing.T) {
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	for why, args := range map[string][]string{
		"is that a Folkmoot server": {"--page", blog + "x", "--from", other.URL},
		"can't be asked":            {"--page", blog + "x", "--from", gone.URL},
		"no address of a server":    {"--page", blog + "x", "--from", "talk.example"},
		"--page: ":                  {"--page", "javascript:alert(1)", "--from", other.URL},
		"--sort: ":                  {"--page", blog + "x", "--from", other.URL, "--sort", "loudest"},
		"--lang: ":                  {"--page", blog + "x", "--from", other.URL, "--lang", "tlh"},
		"there is no database":      {"--page", blog + "x", "--data", t.TempDir()},
	} {
		out, errs, status := run(t, nil, append([]string{"render"}, args...)...)
		if status == 0 || out != "" || !strings.Contains(errs, why) {
			t.Errorf("%v: %d, %q, %q; want it to say %q", args, status, out, errs, why)
		}
	}
}
