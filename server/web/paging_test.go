package web_test

import (
	"net/url"
	"testing"

	"folkmoot/app/talk"
)

// Readers without a script turn pages by links, to the last root, and can
// answer and react on each page.
func TestPagesAreTurnedByLinks(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	const roots = 2*talk.PageRoots + 1
	for range roots {
		g.say(thread, "", "Word")
	}
	at, seen := embed(article, "sort", "newest"), map[string]bool{}
	for page := 1; at != ""; page++ {
		doc := g.get(at).want(200).doc()
		articles := all(doc, "article")
		if len(articles) == 0 || len(articles) > talk.PageRoots || page > 3 {
			t.Fatalf("page %d, %s, has %d comments", page, at, len(articles))
		}
		for _, a := range articles {
			if seen[value(a, "id")] {
				t.Fatalf("page %d shows %s again", page, value(a, "id"))
			}
			seen[value(a, "id")] = true
		}

		// The reply button opens a box on this very page, and the reply is seen there.
		first := articles[0]
		button := one(t, first, "button", "name", "reply")
		q := url.Values{"reply": {value(button, "value")}}
		for _, f := range all(one(t, doc, "form", "id", "reply"), "input") {
			q.Add(value(f, "name"), value(f, "value"))
		}
		opened := "/embed?" + q.Encode()
		box := composer(t, g.get(opened).want(200).doc(), value(button, "value"))
		refused := g.submit(opened, box, nil, map[string]string{"body": " "}).want(422).doc()
		if said(composer(t, refused, value(button, "value"))) == "" {
			t.Errorf("page %d: a refused reply isn't in its box", page)
		}
		_, answer, id := g.follow(g.submit(opened, box, nil, map[string]string{"body": "A reply"}))
		if parentWith(one(t, answer.doc(), "article", "id", id), "article") == nil {
			t.Errorf("page %d: the reply isn't in what it answers", page)
		}

		links := all(doc, "a", "class", "more")
		at = ""
		if len(links) == 1 {
			u, err := url.Parse(value(links[0], "href"))
			if err != nil {
				t.Fatal(err)
			}
			u.Fragment = ""
			at = u.String()
		}
	}
	if len(seen) != roots {
		t.Errorf("%d roots were seen, want %d", len(seen), roots)
	}
}
