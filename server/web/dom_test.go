package web_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"folkmoot/app/ui"
)

// all finds the elements of a tag (any, if empty) that have the attributes,
// given as names and values in turn.
func all(n *html.Node, tag string, attrs ...string) (found []*html.Node) {
search:
	for d := range n.Descendants() {
		if d.Type != html.ElementNode || (tag != "" && d.Data != tag) {
			continue
		}
		for i := 0; i < len(attrs); i += 2 {
			if v, ok := attribute(d, attrs[i]); !ok || v != attrs[i+1] {
				continue search
			}
		}
		found = append(found, d)
	}
	return found
}

// one finds the only such element.
func one(t *testing.T, n *html.Node, tag string, attrs ...string) *html.Node {
	t.Helper()
	found := all(n, tag, attrs...)
	if len(found) != 1 {
		t.Fatalf("%d elements %s %q, want one", len(found), tag, attrs)
	}
	return found[0]
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func value(n *html.Node, name string) string {
	v, _ := attribute(n, name)
	return v
}

// text is what an element says, with white space folded.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// area is what a text area holds, to the letter.
func area(n *html.Node) string {
	if n.FirstChild == nil {
		return ""
	}
	return n.FirstChild.Data
}

// said is the text of the page's alerts that say something.
func said(n *html.Node) string {
	var out []string
	for _, alert := range all(n, "", "role", "alert") {
		if s := text(alert); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, " | ")
}

// parentWith is the nearest element above with the tag.
func parentWith(n *html.Node, tag string) *html.Node {
	for n = n.Parent; n != nil && n.Data != tag; n = n.Parent {
	}
	return n
}

// stateOf reads the state that the browser's program would start from. As in
// boot.js, what comments say is in the page once.
func stateOf(t *testing.T, doc *html.Node) ui.State {
	t.Helper()
	var s ui.State
	script := one(t, doc, "script", "id", "state")
	if value(script, "type") != "application/json" || script.FirstChild == nil || script.FirstChild != script.LastChild {
		t.Fatalf("no JSON in the state's element: %v", script.Attr)
	}
	if err := json.Unmarshal([]byte(script.FirstChild.Data), &s); err != nil {
		t.Fatal(err)
	}
	for i, c := range s.View.Comments {
		if c.HTML != "" {
			continue
		}
		for _, article := range all(doc, "article", "id", "comment-"+c.ID) {
			for n := range article.ChildNodes() {
				if n.Data == "div" && value(n, "class") == "text" {
					s.View.Comments[i].HTML = inner(t, n)
				}
			}
		}
	}
	return s
}

// inner is what stands in an element, as HTML.
func inner(t *testing.T, n *html.Node) string {
	t.Helper()
	var b strings.Builder
	for child := range n.ChildNodes() {
		if err := html.Render(&b, child); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// shape is the elements and attribute names of a page, in order, without what
// stands in comments' texts: that is the sanitizer's.
func shape(n *html.Node) (out []string) {
	if n.Type == html.ElementNode {
		var names []string
		for _, a := range n.Attr {
			names = append(names, a.Key)
		}
		slices.Sort(names) // go-app's come from a map
		out = append(out, n.Data+" "+strings.Join(names, " "))
		if n.Data == "div" && value(n, "class") == "text" {
			return out
		}
	}
	for c := range n.ChildNodes() {
		out = append(out, shape(c)...)
	}
	return out
}

// submit sends a form of a page that was at an address, as a browser without a
// script would: by a button (nil: the first), with fields filled in.
func (r *reader) submit(at string, form, button *html.Node, fill map[string]string) *answer {
	r.w.t.Helper()
	v := url.Values{}
	for d := range form.Descendants() {
		switch name := value(d, "name"); {
		case d.Type != html.ElementNode || name == "":
		case d.Data == "input":
			v.Add(name, value(d, "value"))
		case d.Data == "textarea":
			v.Add(name, strings.ReplaceAll(area(d), "\n", "\r\n"))
		}
	}
	for name, s := range fill {
		if !v.Has(name) {
			r.w.t.Fatalf("the form has no field %q", name)
		}
		v.Set(name, s)
	}
	if button == nil {
		button = all(form, "button")[0]
	}
	if name := value(button, "name"); name != "" {
		v.Add(name, value(button, "value"))
	}
	action := value(form, "action")
	if own, ok := attribute(button, "formaction"); ok {
		action = own
	}
	if value(form, "method") != "post" {
		r.w.t.Fatalf("a deed's form is sent by %q", value(form, "method"))
	}
	from := r
	if at != "" {
		from = r.fromPage(at)
	}
	a := from.form(action, v)
	r.cookie = from.cookie
	return a
}

// fromPage is the reader as it asks from a page of ours.
func (r *reader) fromPage(at string) *reader {
	c := r.with("Referer", r.w.url+at)
	c.header.Set("Origin", r.w.url)
	c.header.Set("Sec-Fetch-Site", "same-origin")
	return c
}
