package web_test

import (
	"fmt"
	"testing"
)

// TestWhatOneSaidInPages: /me has all of it, each once, on pages that hold nothing
// else after the first.
func TestWhatOneSaidInPages(t *testing.T) {
	w := start(t)
	ann := w.guest()
	thread := ann.thread(article).ID
	const n = 125
	for i := range n {
		ann.say(thread, "", fmt.Sprint("word ", i))
	}
	seen := map[string]bool{}
	pages := 0
	for at := "/me"; at != ""; pages++ {
		page := ann.get(at).want(200).doc()
		for _, c := range all(page, "li", "class", "card") {
			seen[text(one(t, c, "div", "class", "text"))] = true
		}
		if settings := len(all(page, "form", "id", "settings")); (settings == 1) != (pages == 0) {
			t.Errorf("page %d has %d settings", pages, settings)
		}
		at = ""
		for _, more := range all(page, "a", "class", "more") {
			at = value(more, "href")
		}
		if pages > n {
			t.Fatal("it never ends")
		}
	}
	if len(seen) != n || pages < 3 {
		t.Errorf("%d of %d on %d pages", len(seen), n, pages)
	}
}
