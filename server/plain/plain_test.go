package plain_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"folkmoot/app/talk"
	"folkmoot/server/forum/markdown"
	"folkmoot/server/plain"
)

const page = "https://talk.example/t/abc"

var md = markdown.New()

var at = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// said is a thread with a comment that s is in all of, a reply to it, one that
// was removed with an answer, and one that was removed without.
func said(s string) talk.View {
	person := talk.Person{ID: "p", Name: s, Headline: s}
	c := func(id, parent string, likes int) talk.Comment {
		return talk.Comment{ID: id, Parent: parent, Author: person, HTML: md.Render(s), At: at, State: talk.Published, Likes: likes, Badge: talk.Owner}
	}
	stone := func(id string) talk.Comment {
		return talk.Comment{ID: id, At: at, State: talk.Removed}
	}
	edited := c("b", "a", 0)
	edited.EditedAt = at.Add(time.Hour)
	return talk.View{
		Thread: talk.Thread{ID: "abc", Page: "https://blog.example#page-id=7", Address: "https://blog.example/post/", Title: s, Topics: []string{s}, At: at,
			Comments: 3, Reactions: map[string]int{"like": 4, "heart": 2}},
		Comments: []talk.Comment{c("a", "", 2), edited, stone("c"), c("d", "c", 0), stone("e")},
	}
}

func TestText(t *testing.T) {
	for rendered, want := range map[string]string{
		"<p>One &amp; <em>two</em></p>\n<p>three<br>four</p>":                              "One & two\nthree\nfour",
		"<ul>\n<li>a</li>\n<li>b <a href=\"x\">c</a></li>\n</ul>":                          "a\nb c",
		md.Render("It was ||Bob *the* builder||."):                                         "It was ….",
		md.Render("&lt;script> 1 < 2 &amp;amp; `</script>`"):                               "<script> 1 < 2 &amp; </script>",
		"<pre><code>if x {\n\ty()\n}\n</code></pre>":                                       "if x {\ny()\n}",
		"<details class=\"spoiler wide\"><summary>Spoiler</summary>\n<p>a</p>\n</details>": "…",
		"": "",
	} {
		if got := plain.Text(rendered); got != want {
			t.Errorf("%q says %q, want %q", rendered, got, want)
		}
	}
}

// What schema.org and Google ask for of each type that is used: which properties
// must be there, and which may be. (schema.org 29; "Discussion forum structured
// data", Google Search Central.)
var schema = map[string]struct{ must, may []string }{
	"DiscussionForumPosting": {[]string{"@context", "@type", "author", "datePublished", "text", "headline", "url"},
		[]string{"@id", "keywords", "sharedContent", "interactionStatistic", "commentCount", "comment"}},
	"Comment": {[]string{"@type", "author", "datePublished", "text", "url"},
		[]string{"dateModified", "creativeWorkStatus", "upvoteCount", "interactionStatistic", "comment"}},
	"Person":             {[]string{"@type", "name"}, []string{"url"}},
	"Organization":       {[]string{"@type", "name"}, []string{"url"}},
	"WebPage":            {[]string{"@type", "url"}, []string{"name"}},
	"InteractionCounter": {[]string{"@type", "interactionType", "userInteractionCount"}, nil},
}

// valid checks a node and all below it.
func valid(t *testing.T, node any) {
	t.Helper()
	switch n := node.(type) {
	case []any:
		for _, one := range n {
			valid(t, one)
		}
	case map[string]any:
		of, known := schema[fmt.Sprint(n["@type"])]
		if !known {
			t.Errorf("there is a %v", n["@type"])
		}
		for _, name := range of.must {
			if n[name] == nil || n[name] == "" {
				t.Errorf("a %v without %s: %v", n["@type"], name, n)
			}
		}
		for name, value := range n {
			if !slices.Contains(of.must, name) && !slices.Contains(of.may, name) {
				t.Errorf("a %v has %s", n["@type"], name)
			}
			text, _ := value.(string)
			switch name {
			case "url", "@id", "interactionType":
				if u, err := url.Parse(text); err != nil || !u.IsAbs() {
					t.Errorf("%s is %q", name, text)
				}
			case "datePublished", "dateModified":
				if _, err := time.Parse(time.RFC3339, text); err != nil {
					t.Error(err)
				}
			case "userInteractionCount", "upvoteCount", "commentCount":
				if f, ok := value.(float64); !ok || f < 0 {
					t.Errorf("%s is %v", name, value)
				}
			}
			valid(t, value)
		}
	}
}

func linked(t *testing.T, v talk.View) map[string]any {
	t.Helper()
	b, err := plain.Linked(v, page)
	if err != nil {
		t.Fatal(err)
	}
	var node map[string]any
	if err := json.Unmarshal(b, &node); err != nil {
		t.Fatal(err)
	}
	return node
}

func TestLinked(t *testing.T) {
	node := linked(t, said("Words"))
	valid(t, node)
	comments := node["comment"].([]any)
	if len(comments) != 2 {
		t.Fatalf("%d roots, want the one that stands and the one that was answered", len(comments))
	}
	first, stone := comments[0].(map[string]any), comments[1].(map[string]any)
	reply := first["comment"].([]any)[0].(map[string]any)
	for what, got := range map[string][2]any{
		"headline":        {node["headline"], "Words"},
		"shares":          {node["sharedContent"].(map[string]any)["url"], "https://blog.example/post/"},
		"author":          {node["author"].(map[string]any)["url"], "https://blog.example"},
		"a comment's url": {first["url"], page + "#comment-a"},
		"text":            {first["text"], "Words"},
		"likes":           {first["upvoteCount"], 2.0},
		"a reply's edit":  {reply["dateModified"], "2026-11-24T09:00:00Z"},
		"a stone":         {stone["creativeWorkStatus"], "Deleted"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %v, want %v", what, got[0], got[1])
		}
	}
	valid(t, linked(t, talk.View{Thread: talk.Thread{Page: "https://blog.example/a", At: at}}))
}

// However long a chain of answers is, everybody can read it.
func TestDeepThreads(t *testing.T) {
	v, parent := talk.View{Thread: talk.Thread{Page: "https://blog.example/a", At: at, Comments: 3000}}, ""
	for i := range 3000 {
		id := fmt.Sprint("c", i)
		v.Comments = append(v.Comments, talk.Comment{ID: id, Parent: parent, Author: talk.Person{Name: "Ann"}, HTML: "<p>x</p>", At: at, State: talk.Published})
		parent = id
	}
	deepest, count := 0, 0
	var walk func(node map[string]any, depth int)
	walk = func(node map[string]any, depth int) {
		deepest = max(deepest, depth)
		replies, _ := node["comment"].([]any)
		for _, r := range replies {
			count++
			walk(r.(map[string]any), depth+1)
		}
	}
	walk(linked(t, v), 0)
	if deepest > 20 || count != 3000 {
		t.Errorf("%d comments are %d deep", count, deepest)
	}
	var b bytes.Buffer
	if err := plain.HTML(&b, v, plain.Options{}); err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Data == "article" {
			count--
		}
	}
	if count != 0 {
		t.Errorf("%d comments are missing in the HTML", count)
	}
}

// shape is a document's elements and attribute names.
func shape(t *testing.T, text string) (out []string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode {
			out = append(out, "a comment")
		}
		if n.Type == html.ElementNode {
			names := []string{n.Data}
			for _, a := range n.Attr {
				names = append(names, a.Key)
			}
			out = append(out, strings.Join(names, " "))
		}
	}
	return out
}

func document(t *testing.T, v talk.View) string {
	t.Helper()
	ld, err := plain.Linked(v, page)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := plain.HTML(&b, v, plain.Options{Linked: ld, Read: page}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHTML(t *testing.T) {
	v := said("Words of [a link](https://x.example) and `code`")
	v.Next = "more"
	text := document(t, v)
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var ids, scripts []string
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			switch {
			case a.Key == "id":
				ids = append(ids, a.Val)
			case a.Key == "class" && !strings.HasPrefix(a.Val, "folkmoot-"):
				t.Errorf("the class %q is not Folkmoot's own", a.Val)
			case a.Key == "style", strings.HasPrefix(a.Key, "on"), a.Key == "target":
				t.Errorf("there is %s=%q", a.Key, a.Val)
			}
		}
		if n.Data == "script" {
			scripts = append(scripts, n.FirstChild.Data)
		}
	}
	if want := []string{"comment-a", "comment-b", "comment-c", "comment-d"}; !slices.Equal(ids, want) {
		t.Errorf("the ids are %v, want %v", ids, want)
	}
	var node any
	if len(scripts) != 1 || json.Unmarshal([]byte(scripts[0]), &node) != nil {
		t.Fatalf("scripts: %q", scripts)
	}
	valid(t, node)
	for _, want := range []string{`href="` + page + `"`, "3 comments", "2 likes", "This comment was removed.", `rel="nofollow ugc noopener"`, `datetime="2026-11-24T08:00:00Z"`} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s", want)
		}
	}
	if v.Comments = nil; document(t, v) != "" {
		t.Error("of nothing, something is written")
	}
}

// No name, title, topic or text adds an element or an attribute, or ends the
// script that tells search engines.
func FuzzHostile(f *testing.F) {
	for _, s := range []string{
		"", "</script><script>alert(1)</script>", "<!-- <script>", "\"'><img src=x onerror=alert(1)>", "javascript:alert(1)", "\\u003c/script>", "\x00\u2028\xff",
		"]]>", "{{.}}", "&lt;/script&gt;", "</section><h1>", "`</script>`",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v := said("Words")
		v.Thread.Title, v.Thread.Topics = s, []string{s}
		for i := range v.Comments {
			v.Comments[i].Author.Name = s + "x"
			if v.Comments[i].Author.Headline != "" {
				v.Comments[i].Author.Headline = s + "x"
			}
		}
		if got, want := shape(t, document(t, v)), shape(t, document(t, said("Words"))); !slices.Equal(got, want) {
			t.Errorf("%q makes %v of %v", s, got, want)
		}
		valid(t, linked(t, v)["comment"].([]any)[0].(map[string]any)["comment"])
	})
}
