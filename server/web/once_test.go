package web_test

import (
	"net/url"
	"strings"
	"testing"
)

// A comment's text stands in the page once: where it is read. The state has it
// only while it is being changed, when it stands nowhere else.
func TestTextsStandOnce(t *testing.T) {
	w := start(t)
	ann := w.guest()
	thread := ann.thread(article).ID
	root := ann.say(thread, "", "A *root*.")
	ann.say(thread, root.ID, "A reply.")
	for _, r := range []*reader{w.nobody(), ann} {
		page := r.with("Sec-Fetch-Dest", "iframe").get(embed(article)).want(200)
		for _, text := range []string{"<em>root</em>", "A reply."} {
			if n := strings.Count(string(page.body), text); n != 1 {
				t.Errorf("%q stands %d times in the page", text, n)
			}
		}
		for i, c := range stateOf(t, page.doc()).View.Comments {
			if want := []string{"<p>A <em>root</em>.</p>", "<p>A reply.</p>"}[i]; strings.TrimSpace(c.HTML) != want {
				t.Errorf("the program would start from %q, want %q", c.HTML, want)
			}
		}
	}
	changing := ann.fromPage(embed(article)).form("/do/edit", url.Values{"comment": {root.ID}, "thread": {thread}}).want(200)
	if c := stateOf(t, changing.doc()).View.Comments[0]; strings.TrimSpace(c.HTML) != "<p>A <em>root</em>.</p>" {
		t.Errorf("while it is being changed, the program would start from %q", c.HTML)
	}
}
