package web_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"folkmoot/app/talk"
)

// odd are strings that would be markup, script or a way out of an attribute
// or of the state's element.
var odd = []string{
	`" onmouseover="alert(1)`, `'><script>alert(1)</script>`, `\" onload=x y="`, `\`, "`", "</textarea><img src=x onerror=alert(1)>",
	"</script><script>alert(1)</script>", "<!--<script>", "<!-- <ScRiPt </sCrIpT", "-->", "]]>", "</title></head><body onload=x>", "</SCRIPT>",
	"</style><svg/onload=x>", "&quot; onclick=x", "&#34;", "&lt;b&gt;", "{{.}}", "javascript:alert(1)", "%s%d%!v", "a\u2028\u2029b", "true", "<article id=comment-x>",
	"</main><main>", `<\/script>`, "<script", "</", "<!", "\ufffe",
}

// Nothing that a person or a page says becomes markup, and the state that the
// browser's program starts from holds it to the letter.
func TestHostileTextStaysText(t *testing.T) {
	w := start(t)
	page := func(name string, s string) (*html.Node, string) {
		t.Helper()
		address := article + "/" + name
		w.nobody().get(embed(address, "title", "Title "+s, "topics", "topic "+strings.ReplaceAll(s, ",", ""))).want(200)
		g := w.guest()
		path := "/api/v1/threads/" + g.thread(address).ID + "/comments"
		root := decode[talk.Comment](g.send("POST", path, post{Body: "Body " + s, Name: "Name " + s, Headline: "Headline " + s}).want(201))
		g.send("POST", path, post{Body: "Reply " + s, Parent: root.ID}).want(201)
		return g.get(embed(address)).want(200).doc(), g.thread(address).ID
	}
	plain, _ := page("plain", "harmless")
	want := shape(plain)
	for i, s := range odd {
		t.Run(s, func(t *testing.T) {
			doc, thread := page(strings.Repeat("h", i+1), s)
			if got := shape(doc); !slices.Equal(got, want) {
				t.Errorf("the page became\n%s", strings.Join(got, "\n"))
			}
			checkNothingRuns(t, doc)
			s := strings.Join(strings.Fields(s), " ") // as lines are folded
			state := stateOf(t, doc)
			v := state.View
			if v.Thread.Title != "Title "+s || !slices.Equal(v.Thread.Topics, []string{"topic " + s}) {
				t.Errorf("the state's title is %q, its topics %q", v.Thread.Title, v.Thread.Topics)
			}
			if len(v.Comments) != 2 || v.Comments[0].Author.Name != "Name "+s || v.Comments[0].Author.Headline != "Headline "+s || state.Me.Name != "Name "+s {
				t.Errorf("the state is %+v", state)
			}
			if api := w.nobody().comments(thread); !reflect.DeepEqual(api, v.Comments) {
				t.Errorf("the state has the comments\n%+v\nthe API\n%+v", v.Comments, api)
			}
			root := one(t, doc, "article", "id", "comment-"+v.Comments[0].ID)
			if name := text(all(root, "span", "class", "name")[0]); name != "Name "+s {
				t.Errorf("the name is shown as %q", name)
			}
			if title := one(t, doc, "title").FirstChild.Data; title != "Conversation: Title "+s {
				t.Errorf("the page's title is %q", title)
			}
		})
	}
}

// What came in the address or in a form is shown again in the page that refuses
// it, and in the links and forms that lead on.
func TestHostileAddressStaysText(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	c := g.say(thread, "", "Word")
	refused := func(s string) *html.Node {
		t.Helper()
		v := map[string]string{"body": "", "name": "Name " + s, "headline": "Headline " + s}
		at := embed(article, "theme", "dark")
		doc := g.get(at).doc()
		return g.submit(at, parentWith(one(t, doc, "textarea", "name", "body"), "form"), nil, v).want(422).doc()
	}
	want := [][]string{
		shape(g.get(embed(article, "reply", "harmless")).want(200).doc()),
		shape(g.get(embed(article+"?q=harmless", "theme", "harmless", "x", "harmless")).want(200).doc()),
		shape(w.nobody().get(embed("https://harmless.example")).want(403).doc()),
		shape(refused("harmless")),
	}
	for _, s := range odd {
		t.Run(s, func(t *testing.T) {
			docs := []*html.Node{
				g.get(embed(article, "reply", "h"+s)).want(200).doc(),
				g.get(embed(article+"?q=h"+s, "theme", s, "x", s)).doc(),
				w.nobody().get(embed("https://harmless.example", "title", s, "sort", s, "after", s, "reply", s)).want(403).doc(),
				refused(s),
			}
			for i, doc := range docs {
				checkNothingRuns(t, doc)
				if got := shape(doc); !slices.Equal(got, want[i]) && said(doc) == said(docs[2]) {
					t.Errorf("page %d became\n%s", i, strings.Join(got, "\n"))
				}
			}
			name := one(t, docs[3], "input", "name", "name")
			if value(name, "value") != "Name "+s {
				t.Errorf("the refused name came back as %q", value(name, "value"))
			}
		})
	}
	for _, s := range odd { // a bad order or cursor is told in words
		for _, doc := range []*html.Node{w.nobody().get(embed(article, "sort", "x"+s)).want(422).doc(), w.nobody().get(embed(article, "after", "x"+s)).want(422).doc()} {
			checkNothingRuns(t, doc)
			if n := len(all(doc, "p")); n != 1 {
				t.Errorf("%q: %d paragraphs", s, n)
			}
		}
	}
	if got := g.comments(thread); len(got) != 1 || got[0].ID != c.ID {
		t.Errorf("the refused forms left %+v", got)
	}
}

// A comment's Markdown makes no more than the sanitizer lets through.
func TestMarkdownRunsNothing(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	for _, body := range append([]string{
		"<script>alert(1)</script> <b onclick=x>bold</b> <img src=x onerror=alert(1)>", "[x](javascript:alert(1)) word", "![x](https://tracker.example/pixel.png)",
		"[x](https://e.example \"t\\\" onclick=x\")", "<https://e.example/\"onclick=x>", "[x]: javascript:x\n[x] word", "<a href='jAvAsCrIpT:x'>x</a>",
		"```\"><script>\ncode\n```", "# Heading\n\nhttps://e.example/?a=1&b=\"2\" <iframe src=x></iframe>", "[data](data:text/html,<script>x</script>) word",
	}, odd...) {
		g.send("POST", "/api/v1/threads/"+thread+"/comments", post{Body: "Word " + body, Name: "Ann"}).want(201)
	}
	doc := w.nobody().get(embed(article)).want(200).doc()
	checkNothingRuns(t, doc)
	checkTexts(t, doc)
}

// checkTexts looks for what comments' texts must not have. What exactly they may
// is package markdown's to test.
func checkTexts(t *testing.T, doc *html.Node) {
	t.Helper()
	for _, div := range all(doc, "div", "class", "text") {
		checkText(t, div)
	}
}

func checkText(t *testing.T, text *html.Node) {
	t.Helper()
	elements := strings.Fields("p div br hr em strong del code pre blockquote ul ol li a table thead tbody tr th td details summary span")
	attributes := strings.Fields("class href rel target start align")
	for n := range text.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if !slices.Contains(elements, n.Data) {
			t.Errorf("a comment holds a %s", n.Data)
		}
		for _, a := range n.Attr {
			if !slices.Contains(attributes, a.Key) {
				t.Errorf("a comment holds <%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
		if href, ok := attribute(n, "href"); ok && !strings.HasPrefix(href, "http://") && !strings.HasPrefix(href, "https://") && !strings.HasPrefix(href, "mailto:") {
			t.Errorf("a comment holds a link to %q", href)
		}
	}
}

// checkNothingRuns looks for what a page of ours must not have: scripts and
// styles in the page itself, but for those that the policy names, handlers in attributes, anything from elsewhere.
func checkNothingRuns(t *testing.T, doc *html.Node) {
	t.Helper()
	script, style, more := inlines(t)
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("a comment of HTML: %q", n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script":
			if src, ok := attribute(n, "src"); ok && strings.HasPrefix(src, "/assets/") && n.FirstChild == nil {
				continue
			}
			if n.Parent.Data == "head" && n.FirstChild != nil && n.FirstChild.Data == script {
				continue
			}
			if kind := value(n, "type"); kind != "application/json" && kind != "application/ld+json" || n.FirstChild == nil || !json.Valid([]byte(n.FirstChild.Data)) {
				t.Errorf("a script in the page: %v", n.Attr)
			}
		case "style":
			if n.Parent.Data != "head" || n.FirstChild == nil || n.FirstChild.Data != style && n.FirstChild.Data != more {
				t.Errorf("a style in the page: %q", text(n))
			}
		case "svg":
			if parentWith(n, "nav") == nil { // the app's own signs
				t.Error("an svg in the page")
			}
		case "iframe", "object", "embed", "img", "base", "applet", "frame", "math":
			t.Errorf("a %s in the page", n.Data)
		}
		if n.Data == "link" && value(n, "id") == "theme" && strings.HasPrefix(value(n, "href"), blog+"/") {
			continue // who frames the page may dress it
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
			if (a.Key == "src" || (a.Key == "href" && n.Data != "a") || a.Key == "action" || a.Key == "formaction" && !strings.HasPrefix(a.Val, "#")) && (!strings.HasPrefix(a.Val, "/") || strings.HasPrefix(a.Val, "//")) {
				t.Errorf("<%s> reaches out to %q", n.Data, a.Val)
			}
		}
	}
}
