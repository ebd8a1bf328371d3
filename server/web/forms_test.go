package web_test

import (
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"folkmoot/app/talk"
)

// The forms are sent as a browser without a script sends them: found in the
// page, filled in, and followed to where the answer leads.

// follow asks for where a redirect leads, and returns the page and the id that
// the reader stands at.
func (r *reader) follow(a *answer) (at string, page *answer, fragment string) {
	r.w.t.Helper()
	a.want(303)
	u, err := url.Parse(a.header.Get("Location"))
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") {
		r.w.t.Fatalf("%s leads to %q", a.asked, a.header.Get("Location"))
	}
	fragment = u.Fragment
	u.Fragment = ""
	return u.String(), r.get(u.String()).want(200), fragment
}

func composer(t *testing.T, doc *html.Node, parent string) *html.Node {
	t.Helper()
	id := "box"
	if parent != "" {
		id += "-" + parent
	}
	return parentWith(one(t, doc, "textarea", "id", id), "form")
}

func reaction(t *testing.T, doc *html.Node, kind string) (form, button *html.Node) {
	t.Helper()
	button = one(t, doc, "button", "name", "reaction", "value", kind)
	return parentWith(button, "form"), button
}

func TestReactByForm(t *testing.T) {
	w := start(t)
	r := w.nobody()
	at, doc := embed(article, "sort", "newest", "theme", "dark"), r.get(embed(article, "sort", "newest", "theme", "dark")).doc()
	for _, step := range []struct {
		kind    string
		pressed string
		mine    int
		count   int
	}{
		{"heart", "true", 1, 1}, {"idea", "true", 2, 1}, {"heart", "false", 1, 0}, {"idea", "false", 0, 0},
	} {
		form, button := reaction(t, doc, step.kind)
		a := r.submit(at, form, button, nil)
		back, page, _ := r.follow(a)
		for _, kept := range []string{"sort=newest", "theme=dark"} {
			if !strings.Contains(back, kept) {
				t.Errorf("the way back %q lost %s", back, kept)
			}
		}
		at, doc = back, page.doc()
		_, button = reaction(t, doc, step.kind)
		if value(button, "aria-pressed") != step.pressed || len(all(doc, "button", "name", "reaction", "aria-pressed", "true")) != step.mine {
			t.Errorf("after %+v the button is pressed: %s", step, value(button, "aria-pressed"))
		}
		if n := stateOf(t, doc).View.Thread.Reactions[step.kind]; n != step.count {
			t.Errorf("after %+v there are %d", step, n)
		}
	}
}

// likeOf is the button that likes a comment, and its form.
func likeOf(t *testing.T, doc *html.Node, comment string) (form, button *html.Node) {
	t.Helper()
	button = one(t, one(t, doc, "article", "id", "comment-"+comment), "button", "name", "comment", "value", comment)
	return one(t, doc, "form", "id", value(button, "form")), button
}

func TestLikeByForm(t *testing.T) {
	w := start(t)
	ann := w.guest()
	c := ann.say(ann.thread(article).ID, "", "Like me")
	r := w.nobody()
	at := embed(article, "sort", "top")
	for _, want := range []string{"true", "false"} {
		form, button := likeOf(t, r.get(at).doc(), c.ID)
		back, page, fragment := r.follow(r.submit(at, form, button, nil))
		if back != at || fragment != "comment-"+c.ID {
			t.Errorf("the like leads to %q, %q", back, fragment)
		}
		if n := len(all(page.doc(), "button", "name", "comment", "aria-pressed", want)); n != 1 {
			t.Errorf("%d likes are pressed as %s, want one", n, want)
		}
	}
}

func TestPostByForm(t *testing.T) {
	w := start(t)
	r := w.nobody()
	at := embed(article, "sort", "newest")
	form := composer(t, r.get(at).doc(), "")
	back, page, root := r.follow(r.submit(at, form, nil, map[string]string{"body": "First\r\n\r\nSecond", "name": "Ann", "headline": "Pharmacist, Leeds"}))
	if back != at {
		t.Errorf("the post leads to %q, want %q", back, at)
	}
	doc := page.doc()
	first := one(t, doc, "article", "id", root)
	if s := text(one(t, first, "div", "class", "text")); s != "First Second" || !strings.Contains(text(first), "Pharmacist, Leeds") {
		t.Errorf("the comment is %q", text(first))
	}
	if box := composer(t, doc, ""); area(one(t, box, "textarea")) != "" || value(one(t, box, "input", "name", "name"), "value") != "Ann" {
		t.Error("the box still holds the comment, or has forgotten the name")
	}

	// Reply opens a box under the comment: a form that gets the same page with one.
	button := one(t, first, "button", "name", "reply")
	opener := one(t, doc, "form", "id", value(button, "form"))
	if value(opener, "method") != "get" {
		t.Fatal("the reply button's form doesn't get a page")
	}
	q := url.Values{"reply": {value(button, "value")}}
	for _, f := range all(opener, "input") {
		q.Add(value(f, "name"), value(f, "value"))
	}
	action, _ := url.Parse(value(button, "formaction"))
	if value(opener, "action") != "/embed" || action.Path != "" || action.Fragment != root || q.Get("sort") != "newest" {
		t.Errorf("the reply button leads to %v with %v", action, q)
	}
	at = "/embed?" + q.Encode()
	doc = r.get(at).want(200).doc()
	first = one(t, doc, "article", "id", root)
	box := composer(t, first, strings.TrimPrefix(root, "comment-"))
	if parentWith(box, "article") != first {
		t.Error("the box stands elsewhere")
	}
	back, page, reply := r.follow(r.submit(at, box, nil, map[string]string{"body": "An answer"}))
	if strings.Contains(back, "reply=") || !strings.Contains(back, "sort=newest") {
		t.Errorf("the reply leads to %q", back)
	}
	inner := one(t, one(t, page.doc(), "article", "id", root), "article", "id", reply)
	if text(one(t, inner, "div", "class", "text")) != "An answer" {
		t.Errorf("the reply is %q", text(inner))
	}
	if n := len(all(page.doc(), "textarea")); n != 1 {
		t.Errorf("%d boxes are open, want one", n)
	}
}

// After a post one stands at one's comment, also where it isn't among those
// that the page begins with.
func TestPostIsFoundInALongThread(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	for range talk.PageRoots {
		g.say(thread, "", "Word")
	}
	r := w.nobody()
	for _, at := range []string{embed(article), embed(article, "sort", "top"), embed(article, "sort", "newest")} {
		form := composer(t, r.get(at).doc(), "")
		_, page, id := r.follow(r.submit(at, form, nil, map[string]string{"body": "Posted at " + at, "name": "Bob"}))
		if len(all(page.doc(), "article", "id", id)) != 1 {
			t.Errorf("posted at %s, the comment isn't in the page that follows", at)
		}
	}
}

func TestRefusedPostKeepsAllThatWasTyped(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	root := g.say(thread, "", "Root")
	gone := g.say(thread, "", "Gone")
	g.send("DELETE", "/api/v1/comments/"+gone.ID, "").want(200)
	for _, test := range []struct {
		name   string
		parent string
		fill   map[string]string
		status int
		field  string
		box    string // where it is shown again
	}{
		{"no name", "", map[string]string{"body": "Text", "name": "", "headline": "Nurse"}, 422, "name", ""},
		{"no text", "", map[string]string{"body": " ", "name": "Bob", "headline": "Nurse"}, 422, "body", ""},
		{"too long", "", map[string]string{"body": strings.Repeat("Words\n", 2000), "name": "Bob", "headline": "Nurse"}, 422, "body", ""},
		{"100 KiB", "", map[string]string{"body": strings.Repeat("wörd\n", 18<<10), "name": "Bob", "headline": "Nurse"}, 422, "body", ""},
		{"zalgo", "", map[string]string{"body": "Text", "name": "B" + strings.Repeat("\u0301", 20), "headline": "Nurse"}, 422, "name", ""},
		{"a reply", root.ID, map[string]string{"body": "\n  Text", "name": "", "headline": `"Nurse" <b>`}, 422, "name", root.ID},
		{"a reply to a removed one", "", map[string]string{"body": "Text", "name": "Bob", "headline": "Nurse", "parent": gone.ID}, 422, "parent", ""},
		{"a reply to nothing", "", map[string]string{"body": "Text", "name": "Bob", "headline": "Nurse", "parent": "none"}, 404, "parent", ""},
		{"bytes that are no text", "", map[string]string{"body": "Text", "name": "\xff\xfe", "headline": "Nurse"}, 422, "name", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := w.guest()
			at := embed(article, "reply", test.parent, "sort", "newest")
			form := composer(t, r.get(at).want(200).doc(), test.parent)
			if p, ok := test.fill["parent"]; ok { // it was there when the page was shown
				form.AppendChild(&html.Node{Type: html.ElementNode, Data: "input", Attr: []html.Attribute{{Key: "name", Val: "parent"}, {Key: "value", Val: p}}})
			}
			a := r.submit(at, form, nil, test.fill).want(test.status)
			doc := a.doc()
			if len(all(doc, "article", "id", "comment-"+root.ID)) != 1 {
				t.Error("the conversation is gone")
			}
			box := composer(t, doc, test.box)
			if said(box) == "" || said(doc) != said(box) {
				t.Errorf("the box says %q, the page %q", said(box), said(doc))
			}
			if got := area(one(t, box, "textarea", "name", "body")); got != strings.ReplaceAll(test.fill["body"], "\r\n", "\n") {
				t.Errorf("the text came back as %.100q", got)
			}
			for _, f := range []string{"name", "headline"} {
				if got := value(one(t, box, "input", "name", f), "value"); got != strings.ToValidUTF8(test.fill[f], "\uFFFD\uFFFD") {
					t.Errorf("the %s came back as %q", f, got)
				}
			}
			if bad := all(box, "", "aria-invalid", "true"); test.field != "parent" && (len(bad) != 1 || value(bad[0], "name") != test.field) {
				t.Errorf("%d fields are marked as at fault, want %s", len(bad), test.field)
			}
			if a.header.Get("Cache-Control") != "no-store" || a.header.Get("ETag") != "" {
				t.Errorf("a page with somebody's text may be kept: %v", a.header)
			}
			// Corrected, it is sent from where it is shown.
			if test.field == "parent" {
				return
			}
			_, page, id := r.follow(r.submit("/do/post", box, nil, map[string]string{"body": "Corrected " + test.name, "name": "Bob", "headline": "Nurse"}))
			if s := text(one(t, one(t, page.doc(), "article", "id", id), "div", "class", "text")); s != "Corrected "+test.name {
				t.Errorf("corrected, it is %q", s)
			}
		})
	}
}

func TestFormThatCannotBeRead(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	const kind = "application/x-www-form-urlencoded"
	for what, test := range map[string]struct {
		body, kind string
		status     int
	}{
		"a bad escape":     {"thread=" + thread + "&body=%zz", kind, 400},
		"1 MB":             {"thread=" + thread + "&body=" + strings.Repeat("a", 1<<20), kind, 413},
		"no thread":        {"body=Hello&name=Ann", kind, 404},
		"an unknown one":   {"thread=none&body=Hello&name=Ann", kind, 404},
		"nothing":          {"", kind, 422},
		"JSON":             {`{"body":"Hello"}`, "application/json", 422},
		"a multipart form": {"--x\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\nHello\r\n--x--\r\n", "multipart/form-data; boundary=x", 422},
	} {
		if a := g.ask("POST", "/do/post", strings.NewReader(test.body), test.kind); a.status != test.status || said(a.doc()) == "" {
			t.Errorf("%s: %d %q, want %d", what, a.status, said(a.doc()), test.status)
		}
	}
	for path, v := range map[string]url.Values{"/do/react": {"thread": {thread}, "reaction": {"boo"}}, "/do/like": {"comment": {"none"}}} {
		if a := g.form(path, v); a.status/100 != 4 || said(a.doc()) == "" {
			t.Errorf("%s: %d %q", path, a.status, said(a.doc()))
		}
	}
	if got := g.thread(article); got.Comments != 0 || len(got.Mine) != 0 {
		t.Errorf("something was written: %+v", got)
	}
}
