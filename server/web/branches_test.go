package web_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"folkmoot/app/talk"
)

// Whoever has no script reaches every comment of a long conversation once, by
// links, and no page is long: neither has one branch too many replies, nor all of
// them together too many comments.
func TestLongBranchesAreReadInParts(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	written := map[string]bool{}
	say := func(parent, body string) string {
		id := g.say(thread, parent, body).ID
		written[id] = true
		return id
	}
	chain := say("", "A chain")
	for i := range 2*talk.PageReplies + talk.PageComments {
		chain = say(chain, fmt.Sprint(i))
	}
	wide := say("", "A wide one")
	for i := range talk.PageReplies + 1 {
		say(wide, fmt.Sprint(i))
	}
	for range talk.PageComments / 10 {
		short := say("", "A short one")
		for range 15 {
			say(short, "A reply")
		}
	}

	seen := map[string]bool{}
	todo := []string{embed(article)}
	for pages := 0; len(todo) > 0; pages++ {
		at := todo[0]
		todo = todo[1:]
		doc := w.nobody().get(at).want(200).doc()
		articles := all(doc, "article")
		if n := len(articles); n == 0 || n > talk.PageComments || pages > 20 {
			t.Fatalf("%d comments on %s, the page %d", n, at, pages)
		}
		for _, a := range articles {
			id := strings.TrimPrefix(value(a, "id"), "comment-")
			if seen[id] || !written[id] {
				t.Fatalf("%s shows %s again, or what nobody wrote", at, id)
			}
			seen[id] = true
			if depth := depthOf(a, "article"); depth > 3 {
				t.Fatalf("%s stands in %d others", id, depth)
			}
		}
		for _, p := range all(doc, "p", "class", "rest") {
			todo = append(todo, path(value(one(t, p, "a"), "href")))
		}
		for _, a := range all(doc, "a", "class", "more") {
			todo = append(todo, path(value(a, "href")))
		}
	}
	if len(seen) != len(written) {
		t.Errorf("%d comments were seen, want %d", len(seen), len(written))
	}

	// The last of the chain has a page that shows it, and what is before it there.
	doc := w.nobody().get(embed(article, "around", chain)).want(200).doc()
	one(t, doc, "article", "id", "comment-"+chain)
	if rest := text(one(t, doc, "p", "class", "rest", "id", "rest-"+rootOf(t, doc))); rest != fmt.Sprintf("Show %d more replies", talk.PageReplies+talk.PageComments) {
		t.Errorf("before it, it says %q", rest)
	}
	// A part says whom its first answers, with a way there.
	doc = w.nobody().get(embed(article, "rest", rootOf(t, doc))).want(200).doc()
	to := all(all(doc, "article")[0], "a", "class", "to")[0]
	if href := value(to, "href"); text(to) != "in reply to Ann" || !strings.Contains(href, "around=") {
		t.Errorf("it says %q and leads to %q", text(to), href)
	}
	one(t, doc, "a", "class", "start")
	one(t, w.nobody().get(embed(article, "rest", "nothing")).want(200).doc(), "article", "id", "comment-"+wide)

	page := decode[list](g.get("/api/v1/threads/" + thread + "/comments").want(200))
	if n := len(page.Comments); n != len(written)-(2*talk.PageReplies+talk.PageComments-talk.ListReplies) || len(page.Rest) != 1 {
		t.Errorf("the list has %d comments, and misses %v", n, page.Rest)
	}
	for id, missing := range page.Rest {
		rest := decode[struct{ Comments []talk.Comment }](g.get("/api/v1/threads/" + thread + "/comments?rest=" + id).want(200))
		if len(rest.Comments) != missing || rest.Comments[missing-1].ID != chain {
			t.Errorf("%d comments of %d that are missing", len(rest.Comments), missing)
		}
	}
	g.get("/api/v1/threads/"+thread+"/comments?rest=nothing").wantProblem(404, talk.NotFound, "comment")
}

func path(href string) string {
	path, _, _ := strings.Cut(href, "#")
	return path
}

// rootOf is the id of the comment in which the first gap of a page stands.
func rootOf(t *testing.T, doc *html.Node) string {
	t.Helper()
	return strings.TrimPrefix(value(parentWith(all(doc, "p", "class", "rest")[0], "article"), "id"), "comment-")
}

func depthOf(n *html.Node, tag string) (depth int) {
	for n = n.Parent; n != nil; n = n.Parent {
		if n.Data == tag {
			depth++
		}
	}
	return depth
}
