package markdown_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"folkmoot/server/forum/markdown"
	"folkmoot/server/hostile"
)

// allowed are the elements of a comment and the attributes that each may have.
var allowed = map[string][]string{
	"p": nil, "div": nil, "details": {"class"}, "summary": nil, "span": {"class"}, "br": nil, "hr": nil, "em": nil, "strong": nil, "del": nil, "code": nil, "pre": nil, "blockquote": nil, "ul": nil, "ol": {"start"}, "li": nil,
	"table": nil, "thead": nil, "tbody": nil, "tr": nil, "th": {"align"}, "td": {"align"}, "a": {"class", "href", "rel", "target"},
	"img": {"src", "alt", "loading", "decoding", "referrerpolicy"},
}

// classes are those that a comment may have.
var classes = []string{"spoiler", "spoiler wide", "mention", "c", "k", "f", "n", "s", "a", "d"}

// checkHTML fails the test if a comment's HTML has anything but what comments
// may have, as a browser would read it.
func checkHTML(t *testing.T, body, rendered string) {
	t.Helper()
	if len(body) > 200 {
		body = body[:200] + "\u2026"
	}
	for z := html.NewTokenizer(strings.NewReader(rendered)); ; {
		kind := z.Next()
		token := z.Token()
		switch kind {
		case html.ErrorToken:
			checkTree(t, body, rendered)
			return
		case html.CommentToken, html.DoctypeToken:
			t.Errorf("%q: has %s in\n%s", body, token, rendered)
		case html.StartTagToken, html.SelfClosingTagToken:
			checkElement(t, body, token.Data, token.Attr)
		}
	}
}

func checkElement(t *testing.T, body, name string, attributes []html.Attribute) {
	t.Helper()
	may, ok := allowed[name]
	if !ok {
		t.Errorf("%q: became the element <%s>", body, name)
	}
	has := map[string]string{}
	for _, a := range attributes {
		if _, twice := has[a.Key]; twice || !slices.Contains(may, a.Key) {
			t.Errorf("%q: became <%s %s=%q>", body, name, a.Key, a.Val)
		}
		has[a.Key] = a.Val
	}
	if class, ok := has["class"]; ok && !slices.Contains(classes, class) {
		t.Errorf("%q: became <%s class=%q>", body, name, class)
	}
	if src, ok := has["src"]; ok && !strings.HasPrefix(src, "https://blog.example/") && !strings.HasPrefix(src, "http://localhost:1313/") {
		t.Errorf("%q: became a picture from %q", body, src)
	}
	if name != "a" || has["class"] == "mention" && len(has) == 2 && strings.HasPrefix(has["href"], "#comment-") {
		return
	}
	if has["rel"] != "nofollow ugc noopener" || has["target"] != "_blank" {
		t.Errorf("%q: became a link with %v", body, has)
	}
	if href, ok := has["href"]; ok {
		u, err := url.Parse(href)
		if err != nil || !slices.Contains([]string{"http", "https", "mailto"}, u.Scheme) || strings.Trim(href, " \t\r\n\x00") != href {
			t.Errorf("%q: became a link to %q", body, href)
		}
	}
}

// checkTree looks at the tree that a browser builds, where a tag could have
// moved, and text have become an element, in ways that tokens don't show.
func checkTree(t *testing.T, body, rendered string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader("<!DOCTYPE html><html><head></head><body>" + rendered + "</body></html>"))
	if err != nil {
		return // deeper than 512 elements, where browsers give up as well
	}
	var root *html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "body" {
			root = n
		}
	}
	for n := range root.Descendants() {
		switch n.Type {
		case html.TextNode:
		case html.ElementNode:
			if n.Namespace != "" {
				t.Errorf("%q: became an element of %s", body, n.Namespace)
			}
			checkElement(t, body, n.Data, n.Attr)
		default:
			t.Errorf("%q: became a node of type %d: %q", body, n.Type, n.Data)
		}
		if n.Type == html.ElementNode && n.Data == "a" {
			for up := range n.Ancestors() {
				if up.Data == "a" {
					t.Errorf("%q: became a link in a link", body)
				}
			}
		}
	}
}

func TestAttacksStayText(t *testing.T) {
	pictures := markdown.New("https://blog.example")
	for _, v := range hostile.All() {
		for _, around := range []string{"", "> ", "- ", "# ", "**", "[", "a\n", "||", ">! ", ">!", ":"} { // in blocks and lines that parse otherwise
			body := around + v.Text
			checkHTML(t, body, render(body))
			checkHTML(t, body, pictures.Render(body))
			mention, _ := none.RenderFor(around+"@"+v.Text, markdown.Names{markdown.Fold(v.Text): "abc", markdown.Fold(v.Text[:len(v.Text)/2]): "abc"})
			checkHTML(t, body, mention)
		}
	}
}

// addresses that run a script or show what nobody sent, however they are
// written. None may become one that a reader can follow.
var addresses = []string{
	"javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "javascript&colon;alert(1)", "javascript&#58;alert(1)", "javascript&#x3A;alert(1)",
	"java&#115;cript:alert(1)", "&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)", "&#x6A;avascript:alert(1)", "&#0000106avascript:alert(1)",
	"java&#9;script:alert(1)", "java&Tab;script:alert(1)", "java&NewLine;script:alert(1)", "java&#10;script:alert(1)", "java&#13;script:alert(1)", "&#1;javascript:alert(1)",
	"&#14;javascript:alert(1)", "java\tscript:alert(1)", "java\\script:alert(1)", `javascript\:alert(1)`, "javascript%3Aalert(1)", "%6Aavascript:alert(1)", "javascript://b.example/%0Aalert(1)",
	"\u00a0javascript:alert(1)", "\u200bjavascript:alert(1)", "\ufeffjavascript:alert(1)", "java\u00adscript:alert(1)", "java\x00script:alert(1)", "\x01javascript:alert(1)",
	"feed:javascript:alert(1)", "view-source:javascript:alert(1)", "jar:javascript:alert(1)!/",
	"data:text/html,<script>alert(1)</script>", "DATA:text/html;base64,PHNjcmlwdD4=", "data:image/png;base64,iVBORw0KGgo=", "data:image/svg+xml,<svg/onload=alert(1)>", "d&#97;ta:text/html,x",
	"vbscript:msgbox(1)", "VBScript:msgbox(1)", "vb&#115;cript:msgbox(1)", "livescript:x", "mocha:x", "file:///etc/passwd", "blob:https://b.example/1", "filesystem:https://b.example/1",
	"ms-settings:x", "intent://x#Intent;scheme=https;end", "tel:1", "ftp://b.example", "about:blank", "//evil.example", "/admin", "?x", "#x", "x.html", "\\\\evil.example", "",
}

func TestAddressesThatNeverBecomeLinks(t *testing.T) {
	for _, address := range addresses {
		for _, body := range []string{
			"[x](" + address + ")", "[x](<" + address + ">)", "![x](" + address + ")", "![](<" + address + ">)", "[x][y]\n\n[y]: " + address, "[x][y]\n\n[y]: <" + address + ">",
			"<" + address + ">", address, "a " + address + " b", "[![x](" + address + ")](" + address + ")", "|a|\n|-|\n|[x](" + address + ")|", "# [x](" + address + ")",
		} {
			got := render(body)
			checkHTML(t, body, got)
			for z := html.NewTokenizer(strings.NewReader(got)); z.Next() != html.ErrorToken; {
				for _, a := range z.Token().Attr {
					if a.Key == "href" && !strings.Contains(address, "b.example") {
						t.Errorf("%q became a link to %q", body, a.Val)
					}
				}
			}
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, v := range hostile.All() {
		f.Add(v.Text)
	}
	for _, address := range addresses {
		f.Add("[x](" + address + ")")
	}
	for _, body := range []string{"a", "*a*", "# a\n- b\n  > c", "|a|b|\n|-|:-:|\n|c|", "[a]\n\n[a]: https://b.example", "![a [b](c)](https://d.example)", "www.a.example a@b.example", "~~a~~ `b`\n***", "||a|| >!b!<", ">! a\n> b", ":smile:", "```go\nfunc a() {}\n```"} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		checkHTML(t, body, none.Parsed(body)) // as it is when no parser's mistake is caught
	})
}
