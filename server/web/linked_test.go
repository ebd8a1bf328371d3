package web_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"folkmoot/server/web"
)

// linkedOf is what a page tells search engines in JSON-LD, or nil.
func linkedOf(t *testing.T, doc *html.Node) map[string]any {
	t.Helper()
	scripts := all(doc, "script", "type", "application/ld+json")
	if len(scripts) == 0 {
		return nil
	}
	var node map[string]any
	if err := json.Unmarshal([]byte(scripts[0].FirstChild.Data), &node); err != nil || len(scripts) > 1 {
		t.Fatal(len(scripts), err)
	}
	return node
}

// What search engines read stands where they read it: on a conversation's own
// page, and on the widget's only where that isn't in a frame.
func TestWhatSearchEnginesRead(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	first := g.say(thread, "", "Words </script><script>alert(1)</script>")
	g.say(thread, first.ID, "A reply")
	for name, c := range map[string]struct {
		reader *reader
		path   string
		url    string // of the posting; empty: there is none
	}{
		"a conversation's page":       {w.nobody(), "/t/" + thread, w.public + "/t/" + thread},
		"with a cookie":               {g, "/t/" + thread, ""},
		"a crawler":                   {w.nobody(), embed(article), article},
		"a person who follows a link": {w.nobody().with("Sec-Fetch-Dest", "document"), embed(article), article},
		"a frame":                     {w.nobody().with("Sec-Fetch-Dest", "iframe"), embed(article), ""},
		"the program":                 {w.nobody().with("Sec-Fetch-Dest", "empty"), embed(article), ""},
	} {
		node := linkedOf(t, c.reader.get(c.path).want(200).doc())
		if c.url == "" {
			if node != nil {
				t.Errorf("%s gets %v", name, node)
			}
			continue
		}
		if node["@type"] != "DiscussionForumPosting" || node["url"] != c.url {
			t.Errorf("%s reads of a %v at %v, want %s", name, node["@type"], node["url"], c.url)
			continue
		}
		comment := node["comment"].([]any)[0].(map[string]any)
		if comment["url"] != c.url+"#comment-"+first.ID || !strings.Contains(comment["text"].(string), "</script>") || len(comment["comment"].([]any)) != 1 {
			t.Errorf("%s reads %v", name, comment)
		}
	}
}

func TestIndexable(t *testing.T) {
	for indexable, want := range map[web.Indexable]struct{ own, widget, canonical string }{
		"":               {"noindex", "noindex", ""},
		web.IndexThread:  {"", "noindex, indexifembedded", "own"},
		web.IndexArticle: {"", "noindex, indexifembedded", article},
	} {
		w := startWith(t, setup{origins: []string{blog}, index: indexable})
		g := w.guest()
		thread := g.thread(article).ID
		g.say(thread, "", "Some words, *well chosen*.")
		own := w.public + "/t/" + thread
		for path, canonical := range map[string]string{
			"/t/" + thread + "?theme=dark&sort=newest&lang=de":              own,
			"/t/" + thread + "?" + url.Values{"after": {"bzAuMA"}}.Encode(): own + "?after=bzAuMA",
		} {
			doc := w.nobody().get(path).want(200).doc()
			robots, links := all(doc, "meta", "name", "robots"), all(doc, "link", "rel", "canonical")
			got := ""
			if len(robots) > 0 {
				got = value(robots[0], "content")
			}
			if want.canonical != "own" {
				canonical = want.canonical
			}
			if len(links) > 0 != (canonical != "") || len(links) > 0 && value(links[0], "href") != canonical || got != want.own {
				t.Errorf("%q: %s: robots %q, canonical %d, want %q", indexable, path, got, len(links), canonical)
			}
			if about := value(one(t, doc, "meta", "property", "og:description"), "content"); !strings.Contains(about, "1") || !strings.Contains(about, "blog.example") || !strings.HasSuffix(about, "Ann: Some words, well chosen.") {
				t.Errorf("it is described as %q", about)
			}
			if got := value(one(t, doc, "meta", "property", "og:url"), "content"); got != own {
				t.Errorf("it is shared as %q", got)
			}
		}
		if got := value(one(t, w.nobody().get(embed(article)).want(200).doc(), "meta", "name", "robots"), "content"); got != want.widget {
			t.Errorf("%q: the widget's robots are %q", indexable, got)
		}
	}
}
