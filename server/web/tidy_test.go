package web

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// elements writes a document so that attributes have one order and white space
// that nobody sees is gone.
func elements(t *testing.T, page string) (all []string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		words := []string{n.Data}
		if n.Type == html.TextNode && !within(n, "pre") && !within(n, "textarea") {
			words[0] = strings.Join(strings.Fields(n.Data), " ")
		}
		for _, a := range n.Attr {
			words = append(words, a.Key+"="+a.Val)
		}
		slices.Sort(words[1:])
		all = append(all, strings.Join(words, "\x00"))
	}
	return all
}

func within(n *html.Node, name string) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == name {
			return true
		}
	}
	return false
}

var untidy = []string{
	"", "<", "plain", "a < b", "<pre 0<a>\n <0", "a <0 b c=\"\" a>", "a </0 b a>", "<p>", "<p", "<a href=\"x", "<br/>", "</div>\n   <i>",
	"<div id=\"b\" class=\"a\">\n    <p hidden dir=\"auto\">two\n    lines</p>\n  </div>",
	"<pre>\n    <b>kept</b>\n    <i>as</i></pre>\n  <p>", "<pre>\n   never ends", "<pre id=\"x\" class=\"y\">\n  </pre>", "<preface b=\"1\" a=\"2\">\n  <i>",
	"<textarea name=\"b\" id=\"a\">\n  <b>\n   </textarea>", "<!doctype html>\n  <html>", "<!-- a b=\"1\" a=\"2\" -->\n  <p>",
	"<a href='x' class=\"b\" b a=c>", "<a b=\"1\" b=\"2\" a=\"3\">", "<a title=\"<b c=&#34;d\" class=\"x>y\">", "<svg viewBox=\"0\" a=\"b\">",
	"<p>a\n   </p>\n   b\n   <p>", "<strong>a</strong>\n <em>b</em>", "<p>a <b c=\"1\" a=\"2\">\n</b> d</p>", "<A B=\"1\" a=\"2\">", "<input value=\"&quot; x\" disabled type=\"hidden\">",
}

func TestTidyIsTheSameDocument(t *testing.T) {
	for _, page := range untidy {
		if got, want := elements(t, tidy(page)), elements(t, page); !slices.Equal(got, want) {
			t.Errorf("%q became %q", page, tidy(page))
		}
	}
	const page = "<div id=\"b\" class=\"a\" hidden>\n    <p>\n      <i>x</i>\n    </p>\n</div>"
	if got, want := tidy(page), "<div class=\"a\" hidden id=\"b\">\n<p>\n<i>x</i>\n</p>\n</div>"; got != want {
		t.Errorf("tidied to %q, want %q", got, want)
	}
}
