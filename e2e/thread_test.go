package e2e

import (
	"encoding/json"
	"testing"
)

// A conversation's own page and the widget in the article are the same
// conversation: what is said in one is in the other a moment later.
func TestAConversationsOwnPage(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{"/2026/post/": `<h1>Words</h1><script async src="FOLKMOOT/embed.js" data-page-id="post-7" data-page-title="Of words"></script>`})
	bob, ann := meet(t, "bob"), meet(t, "ann")
	bob.open(h.url + "/2026/post/")
	w := bob.widget()
	w.live()
	thread := s.caller("Cleo").thread(h.url + "#page-id=post-7").ID

	v := ann.open(s.url("/t/" + thread))
	v.live()
	v.seeText("h1", "Of words")
	if got := ask[string](v, `() => document.querySelector(".about a").href`); got != h.url+"/2026/post/" {
		t.Errorf("the article is said to be at %q", got)
	}
	v.comment("", "Ann", "Said on the conversation's page.")
	w.withText("Said on the conversation's page.")
	w.comment("", "Bob", "Said in the article.")
	v.withText("Said in the article.")
	v.accessible("a conversation's page")

	// Without a script, too; and whoever opens it reads what search engines do.
	dan := withoutScript(t, "dan")
	v = dan.open(s.url("/t/" + thread))
	v.write("textarea[name=body]", "Said without a script.")
	v.write("input[name=name]", "Dan")
	v.clickThrough(".send")
	v.standsAt(v.withText("Said without a script."))
	w.withText("Said without a script.")
	v = meet(t, "eve").open(s.url("/t/" + thread))
	var node struct{ Comment []struct{ Text, URL string } }
	if err := json.Unmarshal([]byte(ask[string](v, `() => document.querySelector("script[type='application/ld+json']").textContent`)), &node); err != nil || len(node.Comment) != 3 {
		t.Errorf("it is read as %+v, %v", node, err)
	}
}
