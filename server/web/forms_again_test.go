package web_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// A double click sends a form twice, the second time without the cookie that
// the first is being given; one that was given a cookie sends it with it.
func TestDoubleClickMakesOneComment(t *testing.T) {
	for who, cookie := range map[string]bool{"nobody": false, "a guest": true} {
		t.Run(who, func(t *testing.T) {
			w := start(t)
			thread := w.nobody().thread(article).ID
			guest := w.guest()
			var group sync.WaitGroup
			answers := make([]*answer, 8)
			for i := range answers {
				group.Go(func() {
					r := w.nobody()
					if cookie {
						r.cookie = guest.cookie
					}
					answers[i] = r.form("/do/post", url.Values{"thread": {thread}, "body": {"Once\r\nonly"}, "name": {"Ann"}, "headline": {""}})
				})
			}
			group.Wait()
			places := map[string]bool{}
			for _, a := range answers {
				places[a.want(303).header.Get("Location")] = true
			}
			if n := len(w.nobody().comments(thread)); n != 1 || len(places) != 1 {
				t.Errorf("%d comments, and the clicks lead to %v", n, places)
			}
		})
	}
}

func TestLineEndsMakeNoOtherComment(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	first := g.form("/do/post", url.Values{"thread": {thread}, "body": {"One\r\ntwo"}, "name": {"Ann"}}).want(303)
	second := g.form("/do/post", url.Values{"thread": {thread}, "body": {"One\ntwo"}, "name": {"Ann"}}).want(303)
	if first.header.Get("Location") != second.header.Get("Location") {
		t.Error("CRLF and LF made two comments")
	}
	if c := g.comments(thread); len(c) != 1 || strings.Contains(c[0].HTML, "\r") {
		t.Errorf("the comments are %+v", c)
	}
}

// Not everything that looks alike is a double click.
func TestOtherDeedsAreNotTakenForRepeats(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	root := g.say(thread, "", "Root")
	form := url.Values{"thread": {thread}, "parent": {""}, "body": {"Yes"}, "name": {"Ann"}, "headline": {""}}
	post := func(r *reader) string {
		t.Helper()
		_, page, id := r.follow(r.form("/do/post", form))
		if s := text(one(t, one(t, page.doc(), "article", "id", id), "div", "class", "text")); s != form.Get("body") {
			t.Errorf("%s holds %q, want %q", id, s, form.Get("body"))
		}
		return strings.TrimPrefix(id, "comment-")
	}
	seen := map[string]string{}
	fresh := func(what string, r *reader) string {
		t.Helper()
		id := post(r)
		if before, ok := seen[id]; ok {
			t.Errorf("%s was taken for %s", what, before)
		}
		seen[id] = what
		return id
	}
	fresh("the first", g)
	fresh("another person's", w.guest())
	form.Set("parent", root.ID)
	fresh("a reply of the same words", g)
	form.Set("parent", "")
	form.Set("headline", "Nurse")
	last := fresh("under another headline", g)
	if again := post(g); again != last {
		t.Error("the same form twice made two comments")
	}
	g.send("DELETE", "/api/v1/comments/"+last, "").want(200)
	last = fresh("the same words once the first were removed", g)
	if again := post(g); again != last {
		t.Error("the same form twice made two comments after one was removed")
	}
	w.later(48 * time.Hour)
	last = fresh("the same words days later", g)
	if again := post(g); again != last {
		t.Error("the same form twice made two comments, days later")
	}
	stranger := w.nobody()
	fresh("the same words of nobody", stranger)
	fresh("the same words of nobody with another browser", w.nobody().with("User-Agent", "Another/1.0"))
}

// Browsers may be told to send no referrer, and a page of a refused post has
// another address: one lands at the thread all the same.
func TestFormWithoutReferrerLandsAtTheThread(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	c := g.say(thread, "", "Word")
	for what, at := range map[string]string{"none": "", "a refused post's": "/do/post", "the article's": "/demo"} {
		doc := g.get(embed(article)).doc()
		react, button := reaction(t, doc, "like")
		for deed, a := range map[string]*answer{
			"react": g.submit(at, react, button, nil),
			"post":  g.submit(at, composer(t, doc, ""), nil, map[string]string{"body": "With referrer " + what}),
		} {
			back, _, fragment := g.follow(a)
			if back != embed(article) || (deed == "post") != strings.HasPrefix(fragment, "comment-") {
				t.Errorf("referrer %s: %s leads to %q, %q", what, deed, back, fragment)
			}
		}
		like := g.fromPage(at).form("/do/like", url.Values{"comment": {c.ID}, "on": {"true"}, "thread": {thread}})
		if back, _, fragment := g.follow(like); back != embed(article) || fragment != "comment-"+c.ID {
			t.Errorf("referrer %s: like leads to %q, %q", what, back, fragment)
		}
		// Nothing says where from, so there is only the door.
		bare := g.fromPage(at).form("/do/like", url.Values{"comment": {c.ID}, "on": {"true"}}).want(303)
		if to := bare.header.Get("Location"); g.get(to).status/100 > 3 {
			t.Errorf("referrer %s: a like leads to %q, which isn't there", what, to)
		}
	}
}

// A referrer is anybody's to write: it leads back to pages of ours alone.
func TestFormLeadsNowhereElse(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	c := g.say(thread, "", "Word")
	for _, referrer := range []string{
		"https://evil.example/embed?sort=newest&page=" + url.QueryEscape(article), "//evil.example/embed?page=" + url.QueryEscape(article), "javascript:alert(1)", "https://evil.example",
		w.url + "/embed?page=https://evil.example/", w.url + "/embed?page=javascript:alert(1)", w.url + "//evil.example/embed", w.url + `/\evil.example`,
		w.url + "/embed", w.url + "/embed?page=%zz", "http://" + strings.TrimPrefix(w.url, "http://") + "@evil.example/embed?page=" + url.QueryEscape(article),
		w.url + "/embed?page=" + url.QueryEscape(article) + "&sort=%0d%0aSet-Cookie:x=y&after=%0d%0aX:y", "%", "\\\\evil.example/embed",
	} {
		r := g.with("Referer", referrer)
		for _, a := range []*answer{
			r.form("/do/react", url.Values{"thread": {thread}, "reaction": {"like"}}),
			r.form("/do/like", url.Values{"comment": {c.ID}, "thread": {thread}}),
			r.form("/do/post", url.Values{"thread": {thread}, "body": {"From " + referrer}, "name": {"Ann"}}),
		} {
			to := a.want(303).header.Get("Location")
			u, err := url.Parse(to)
			if err != nil || u.Scheme != "" || u.Host != "" || u.Path != "/embed" || strings.HasPrefix(to, "//") || strings.Contains(to, `\`) {
				t.Errorf("from %q, %s leads to %q", referrer, a.asked, to)
			}
			if q := u.Query(); q.Get("page") != article || q.Get("sort") == "newest" {
				t.Errorf("from %q, %s leads to the conversation %v", referrer, a.asked, q)
			}
		}
	}
}
