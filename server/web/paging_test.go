package web_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

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

// A comment's address leads to the page that it stands on, wherever that is, and
// on to those before and after it.
func TestPageAroundAComment(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	var roots []string
	for range 3 * talk.PageRoots {
		roots = append(roots, g.say(thread, "", "Word").ID)
	}
	reply := g.say(thread, roots[2*talk.PageRoots-20], "A reply").ID
	for _, sort := range []string{"", "newest", "top"} {
		doc := w.nobody().get(embed(article, "around", reply, "sort", sort)).want(200).doc()
		one(t, doc, "article", "id", "comment-"+reply)
		if n := len(all(doc, "article")); n != talk.PageRoots+1 {
			t.Errorf("%q: %d comments on the page around one, want %d", sort, n, talk.PageRoots+1)
		}
		for _, link := range []*html.Node{one(t, doc, "a", "class", "more earlier"), one(t, doc, "a", "class", "more")} {
			to, _, _ := strings.Cut(value(link, "href"), "#")
			beside := w.nobody().get(to).want(200).doc()
			if len(all(beside, "article", "id", "comment-"+reply)) > 0 || len(all(beside, "article")) == 0 {
				t.Errorf("%q: %s doesn't lead to the page beside", sort, to)
			}
		}
	}
	calls := "/api/v1/threads/" + thread + "/comments?limit=3"
	around := decode[list](g.get(calls + "&around=" + roots[70]).want(200))
	if got := idsOf(around.Comments); !slices.Equal(got, roots[69:72]) || around.Prev == "" || around.Next == "" {
		t.Errorf("around the 71st: %v", got)
	}
	if got := idsOf(decode[list](g.get(calls + "&before=" + around.Prev).want(200)).Comments); !slices.Equal(got, roots[66:69]) {
		t.Errorf("before the 70th: %v", got)
	}
	g.get(calls+"&around=nothing").wantProblem(404, talk.NotFound, "comment")
	g.get(calls+"&before=nothing").wantProblem(422, talk.Invalid, "before")
}

func idsOf(comments []talk.Comment) []string {
	var ids []string
	for _, c := range comments {
		ids = append(ids, c.ID)
	}
	return ids
}

// A comment that a reader without a script writes is on the page that they come
// back to, also when it stands on another page than the form.
func TestBackToThePageOfOnesComment(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	for range talk.PageRoots {
		g.say(thread, "", "Word")
	}
	form := composer(t, g.get(embed(article)).want(200).doc(), "")
	_, answer, id := g.follow(g.submit(embed(article), form, nil, map[string]string{"body": "At the end"}))
	one(t, answer.doc(), "article", "id", id)
	one(t, answer.doc(), "a", "class", "more earlier")
}
