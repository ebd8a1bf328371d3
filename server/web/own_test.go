package web_test

import (
	"net/url"
	"strings"
	"testing"
)

// TestThreadOfItsOwn: a conversation has a page of Folkmoot's own, where reading,
// sorting, answering and deeds lead back to it.
func TestThreadOfItsOwn(t *testing.T) {
	w := start(t)
	r := w.guest()
	thread := r.thread(article).ID
	first := r.say(thread, "", "First")
	r.say(thread, "", "Second")
	own := "/t/" + thread

	for _, reader := range []*reader{w.nobody(), r} {
		a := reader.get(own).want(200)
		if a.policy()["frame-ancestors"] != "'none'" {
			t.Errorf("others may frame it: %q", a.policy())
		}
		doc := a.doc()
		one(t, doc, "link", "rel", "manifest")
		one(t, doc, "meta", "name", "robots", "content", "noindex")
		one(t, doc, "article", "id", "comment-"+first.ID)
		if got := value(one(t, doc, "form", "id", "reply"), "action"); got != own {
			t.Errorf("to answer leads to %q", got)
		}
		for _, a := range all(one(t, doc, "nav", "class", "sorts"), "a") {
			if to := value(a, "href"); !strings.HasPrefix(to, own+"?sort=") {
				t.Errorf("an order leads to %q", to)
			}
		}
		if state := stateOf(t, doc); state.Self != own || state.Frame == nil {
			t.Errorf("the program starts at %q, framed by %v", state.Self, state.Frame)
		}
	}

	back := r.fromPage(own+"?sort=newest").form("/do/like", url.Values{"comment": {first.ID}, "thread": {thread}, "on": {"true"}}).want(303).header.Get("Location")
	if back != own+"?sort=newest#comment-"+first.ID {
		t.Errorf("a like leads back to %q", back)
	}
	back = r.fromPage(own).form("/do/post", url.Values{"thread": {thread}, "body": {"Third"}, "name": {"Ann"}}).want(303).header.Get("Location")
	if !strings.HasPrefix(back, own+"#comment-") {
		t.Errorf("a comment leads back to %q", back)
	}
	again := r.fromPage(own).form("/do/post", url.Values{"thread": {thread}, "body": {" "}, "name": {"Ann"}}).want(422)
	if got := stateOf(t, again.doc()); got.Self != own || again.policy()["frame-ancestors"] != "'none'" {
		t.Errorf("what was refused is shown at %q", got.Self)
	}
	for _, bad := range []string{"/t/nosuchthreadatall", "/t/..%2Fx", "/t/" + strings.Repeat("a", 100), "/t/%22%3E", "/t/ä"} {
		if a := w.nobody().get(bad); a.status != 404 {
			t.Errorf("%s: status %d", bad, a.status)
		}
	}
}
