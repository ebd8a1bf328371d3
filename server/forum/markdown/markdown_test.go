package markdown_test

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"folkmoot/server/forum/markdown"
)

const link = ` rel="nofollow ugc noopener" target="_blank">`

func TestRender(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"text", "Hello", "<p>Hello</p>"},
		{"emphasis", "*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>"},
		{"line ends are kept", "a\nb\n\nc", "<p>a<br>\nb</p>\n<p>c</p>"},
		{"list", "- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"},
		{"numbered from three", "3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>"},
		{"rule", "---", "<hr>"},
		{"nested quotes", "> a\n>> b", "<blockquote>\n<p>a</p>\n<blockquote>\n<p>b</p>\n</blockquote>\n</blockquote>"},
		{"code", "```go\na < b && c\n```", "<pre><code>a &lt; b &amp;&amp; c\n</code></pre>"},
		{"indented code", "    <b>", "<pre><code>&lt;b&gt;\n</code></pre>"},
		{"table", "|a|b|c|\n|:-|-|-:|\n|1|2|3|", "<table>\n<thead>\n<tr>\n<th align=\"left\">a</th>\n<th>b</th>\n<th align=\"right\">c</th>\n</tr>\n</thead>\n" +
			"<tbody>\n<tr>\n<td align=\"left\">1</td>\n<td>2</td>\n<td align=\"right\">3</td>\n</tr>\n</tbody>\n</table>"},
		{"table after a line", "text\n|a|\n|-|\n|1|", "<p>text</p>\n<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>\n</table>"},

		{"headings are bold lines", "# A *b*\n\nC\n=\n\n###### D", "<p><strong>A <em>b</em></strong></p>\n<p><strong>C</strong></p>\n<p><strong>D</strong></p>"},
		{"heading in a quote", "> ## A", "<blockquote>\n<p><strong>A</strong></p>\n</blockquote>"},

		{"link", "[a](https://b.example/?c=1&d=2 \"title\")", `<p><a href="https://b.example/?c=1&amp;d=2"` + link + "a</a></p>"},
		{"reference", "[a]\n\n[a]: http://b.example", `<p><a href="http://b.example"` + link + "a</a></p>"},
		{"autolink", "<https://b.example>", `<p><a href="https://b.example"` + link + "https://b.example</a></p>"},
		{"mail", "<ann@b.example>", `<p><a href="mailto:ann@b.example"` + link + "ann@b.example</a></p>"},
		{"bare address", "see https://b.example/c, or www.b.example.", `<p>see <a href="https://b.example/c"` + link + `https://b.example/c</a>, or <a href="http://www.b.example"` + link + "www.b.example</a>.</p>"},
		{"link in a heading", "# [a](https://b.example)", `<p><strong><a href="https://b.example"` + link + "a</a></strong></p>"},

		{"picture", "![a cat](https://b.example/c.png)", `<p><a href="https://b.example/c.png"` + link + "a cat</a></p>"},
		{"picture without a description", "![](https://b.example/c.png?a=1&b=2)", `<p><a href="https://b.example/c.png?a=1&amp;b=2"` + link + "https://b.example/c.png?a=1&amp;b=2</a></p>"},
		{"picture that is a link", "[![a](https://b.example/c.png)](https://d.example)", `<p><a href="https://d.example"` + link + "a</a></p>"},
		{"link in a description", "![a [b](https://b.example) c](https://d.example)", `<p><a href="https://d.example"` + link + "a b c</a></p>"},
		{"picture in a description", "![a ![b](https://b.example) *c*](https://d.example)", `<p><a href="https://d.example"` + link + "a b <em>c</em></a></p>"},
		{"autolink in a description", "![<https://b.example>](https://d.example) [e](https://e.example)", `<p><a href="https://d.example"` + link + `https://b.example</a> <a href="https://e.example"` + link + "e</a></p>"},
		{"picture in a heading", "# ![a](https://b.example/c.png)", `<p><strong><a href="https://b.example/c.png"` + link + "a</a></strong></p>"},

		{"markup is text", "<div>a</div>", "<p>&lt;div&gt;a&lt;/div&gt;</p>"},
		{"markup in a line", "a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>"},
		{"comment", "<!-- a -->", "<p>&lt;!-- a --&gt;</p>"},
		{"entities", "&lt;b&gt; &amp; &copy; &#60;i&#62;", "<p>&lt;b&gt; &amp; \u00a9 &lt;i&gt;</p>"},
		{"entity in markup", "<b>&lt;</b>", "<p>&lt;b&gt;&lt;&lt;/b&gt;</p>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := markdown.Render(tt.body)
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			checkHTML(t, tt.body, got)
		})
	}
}

// allowed are the elements of a comment and the attributes that each may have.
var allowed = map[string][]string{
	"p": nil, "br": nil, "hr": nil, "em": nil, "strong": nil, "del": nil, "code": nil, "pre": nil, "blockquote": nil, "ul": nil, "ol": {"start"}, "li": nil,
	"table": nil, "thead": nil, "tbody": nil, "tr": nil, "th": {"align"}, "td": {"align"}, "a": {"href", "rel", "target"},
}

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
	if name != "a" {
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

// attacks are in the spirit of OWASP's list of filter evasions.
var attacks = []string{
	`<script>alert(1)</script>`,
	`<SCRIPT SRC=//evil.example/x.js></SCRIPT>`,
	"<script\n>alert(1)</script\n>",
	`<scr<script>ipt>alert(1)</scr</script>ipt>`,
	`<<script>alert(1)//<</script>`,
	`<script/src="data:text/javascript,alert(1)">`,
	`<img src=x onerror=alert(1)>`,
	`<img src="x` + "`" + `onerror=alert(1)//">`,
	`<img """><script>alert(1)</script>">`,
	`<IMG SRC=javascript:alert(String.fromCharCode(88))>`,
	`<svg onload=alert(1)>`,
	`<svg/onload=alert(1)//`,
	`<svg><style><img src=x onerror=alert(1)></style></svg>`,
	`<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>`,
	`<iframe src="javascript:alert(1)"></iframe>`,
	`<iframe srcdoc="<script>alert(1)</script>">`,
	`<object data="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=="></object>`,
	`<embed src=//evil.example>`,
	`<body onload=alert(1)>`,
	`<meta http-equiv="refresh" content="0;url=javascript:alert(1)">`,
	`<base href="javascript:alert(1)//">`,
	`<link rel=stylesheet href=//evil.example/x.css>`,
	`<style>@import '//evil.example/x.css';</style>`,
	`<div style="background:url(javascript:alert(1))">`,
	`<form action="javascript:alert(1)"><button>go</button></form>`,
	`<input autofocus onfocus=alert(1)>`,
	`<details open ontoggle=alert(1)>`,
	`<video><source onerror=alert(1)></video>`,
	`<a href="javascript:alert(1)">x</a>`,
	`<a href=" &#14; javascript:alert(1)">x</a>`,
	`<!--><img src=x onerror=alert(1)>-->`,
	`<!--[if gte IE 4]><script>alert(1)</script><![endif]-->`,
	`<![CDATA[<script>alert(1)</script>]]>`,
	`<?xml version="1.0"?><script>alert(1)</script>`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
	`<title><img src=x onerror=alert(1)></title>`,
	`</p></div></body><script>alert(1)</script>`,
	`<textarea></textarea><script>alert(1)</script>`,
	`<plaintext>`,
	`<template><script>alert(1)</script></template>`,
	"\xc0\xbcscript\xc0\xbealert(1)",
	"+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
	"<scr\x00ipt>alert(1)</scr\x00ipt>",
	"&lt;script&gt;alert(1)&lt;/script&gt; &#x3c;script&#x3e;",
	"`<script>alert(1)</script>`",
	"```\"><script>alert(1)</script>\n</code></pre><script>alert(1)</script>\n```",
	"``` onload=alert(1)\n```",
	`[x](https://b.example"onmouseover="alert(1))`,
	`[x](<https://b.example" onmouseover="alert(1)>)`,
	`[x](https://b.example 'a" onmouseover="alert(1)')`,
	`[x](https://b.example "&quot; onmouseover=alert(1) x=&quot;")`,
	`![x" onerror="alert(1)](https://b.example/x.png)`,
	`![x](https://b.example/x.png"onerror="alert(1))`,
	`[<script>alert(1)</script>](https://b.example)`,
	`[<img src=x onerror=alert(1)>](https://b.example)`,
	`<https://b.example/"onmouseover="alert(1)>`,
	`https://b.example/"onmouseover="alert(1)`,
	`https://b.example/<script>alert(1)</script>`,
	`www.b.example/'"><img src=x onerror=alert(1)>`,
	`ann@b.example"onmouseover=alert(1)`,
	"|<script>|\n|-|\n|<img src=x onerror=alert(1)>|",
	"|a|\n|:-\"onclick=\"alert(1)|\n|b|",
	"# <script>alert(1)</script> {onclick=alert(1) #id .class}",
	"1\u0000. x\n9999999999. y\n-1. z",
	"[x][y]\n\n[y]: javascript:alert(1) \"<script>\"",
	"[^1]: <script>alert(1)</script>\n\n[^1]",
	"- [ ] <input type=checkbox onclick=alert(1)>",
	`$$<script>alert(1)</script>$$ {{constructor.constructor('alert(1)')()}} ${alert(1)}`,
}

func TestAttacksStayText(t *testing.T) {
	for _, body := range attacks {
		checkHTML(t, body, markdown.Render(body))
		for _, around := range []string{"> ", "- ", "# ", "**", "[", "a\n"} { // in blocks and lines that parse otherwise
			checkHTML(t, around+body, markdown.Render(around+body))
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
			got := markdown.Render(body)
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

// What a server or a browser would choke on. A parser that is quadratic in
// them makes this test last for minutes, and one that multiplies them makes
// more HTML than a reader should load.
func TestBigComments(t *testing.T) {
	var list strings.Builder
	for i := range 200 {
		list.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	bodies := map[string]string{
		"nested list": list.String(),
		"wide table":  "|" + strings.Repeat("a|", 1000) + "\n|" + strings.Repeat("-|", 1000) + "\n" + strings.Repeat("|\n", 20_000),
		"wide tables": strings.Repeat("|"+strings.Repeat("a|", 50)+"\n|"+strings.Repeat("-|", 50)+"\n"+strings.Repeat("|\n", 200)+"\n", 100),
		"references":  "[a]: https://b.example/" + strings.Repeat("x", 30_000) + "\n\n" + strings.Repeat("[a]", 10_000),
		"titles":      "[a]: https://b.example '" + strings.Repeat("x", 30_000) + "'\n\n" + strings.Repeat("[a]", 10_000),
		"pictures":    "[a]: https://b.example/" + strings.Repeat("x", 30_000) + "\n\n" + strings.Repeat("![a]", 10_000),
		"emphasis":    strings.Repeat("*a ", 2000) + strings.Repeat(" a*", 2000),
		"backticks":   strings.Repeat("`a``", 10_000),
	}
	for _, unit := range []string{"*", "_", "[", "![", "]", ">", "> ", "<", "`", "~", "|", "-", "- ", "1. ", "#", "\\", "&", "&amp;", "(", "\"", "*a_ ", "[a](", "<a ", "[a]: b\n", "|-|-\n", "a@", "http://", "\t", "\n"} {
		bodies[unit] = strings.Repeat(unit, 10_000/len(unit)) // as much as Do lets through
	}
	for _, name := range slices.Sorted(maps.Keys(bodies)) {
		body := bodies[name]
		got := markdown.Render(body)
		if len(got) > 2_000_000 || len(got) > 30*len(body) {
			t.Errorf("%s: %d bytes became %d", name, len(body), len(got))
		}
		if strings.Count(got, "<blockquote>")+strings.Count(got, "<ul>")+strings.Count(got, "<ol>") > 100 && name != "- " {
			t.Errorf("%s: nests too deep", name)
		}
		checkHTML(t, body, got)
	}
}

func FuzzRender(f *testing.F) {
	for _, body := range attacks {
		f.Add(body)
	}
	for _, address := range addresses {
		f.Add("[x](" + address + ")")
	}
	for _, body := range []string{"a", "*a*", "# a\n- b\n  > c", "|a|b|\n|-|:-:|\n|c|", "[a]\n\n[a]: https://b.example", "![a [b](c)](https://d.example)", "www.a.example a@b.example", "~~a~~ `b`\n***"} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		checkHTML(t, body, markdown.Render(body))
	})
}
