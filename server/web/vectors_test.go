package web_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"folkmoot/app/talk"
	"folkmoot/server/hostile"
)

// short cuts a text to what a field takes.
func short(s string, chars int) string {
	if r := []rune(s); len(r) > chars {
		return string(r[:chars])
	}
	return s
}

// Each vector stands in every place that a person or a page fills, by API and by
// form, and every page that shows it is one that shows something harmless.
func TestVectorsStayText(t *testing.T) {
	w := start(t)
	fill := func(name, s string) (docs []*html.Node) {
		t.Helper()
		page, line := article+"/"+name, s
		if _, err := talk.CleanName("n" + s); err != nil {
			line = "harmless" // a name takes no direction of writing
		}
		w.nobody().get(embed(page, "title", "Title "+short(s, 80), "topics", "topic "+short(strings.ReplaceAll(s, ",", ""), 30))).want(200)
		g := w.guest()
		thread := g.thread(page).ID
		path := "/api/v1/threads/" + thread + "/comments"
		root := decode[talk.Comment](g.send("POST", path, post{Body: "Body\n\n" + s, Name: "n" + short(line, 59), Headline: "h" + short(line, 99)}).want(201))
		at := embed(page, "reply", root.ID)
		doc := g.get(at).want(200).doc()
		g.submit(at, parentWith(one(t, doc, "textarea", "id", "box-"+root.ID), "form"), nil, map[string]string{"body": "Reply " + s, "name": "n" + short(line, 59)}).want(303)
		if got := decode[map[string]string](g.get("/api/v1/comments/" + root.ID + "/source").want(200))["body"]; got != "Body\n\n"+s {
			t.Errorf("the source came back as %q", got)
		}
		preview := decode[map[string]string](g.send("POST", "/api/v1/preview", map[string]string{"body": "Body\n\n" + s}).want(200))["html"]
		if preview != root.HTML {
			t.Errorf("the preview is\n%s\nthe post\n%s", preview, root.HTML)
		}
		return []*html.Node{g.get(embed(page)).want(200).doc(), w.nobody().get(embed(page)).want(200).doc(), w.nobody().get("/t/" + thread).want(200).doc()}
	}
	plain, rich := fill("plain", "harmless"), fill("rich", "||harmless||")
	for i, v := range hostile.Texts() {
		t.Run(v.Name, func(t *testing.T) {
			for k, doc := range fill(strings.Repeat("v", i%200+1)+url.PathEscape(v.Family), v.Text) {
				want := plain
				if len(all(doc, "style", "id", "more")) > 0 {
					want = rich
				}
				if got := shape(doc); !slices.Equal(got, shape(want[k])) {
					t.Errorf("%q: page %d became\n%s", v.Text, k, strings.Join(got, "\n"))
				}
				checkNothingRuns(t, doc)
				checkTexts(t, doc)
				if n := len(stateOf(t, doc).View.Comments); n != 2 {
					t.Errorf("%q: the state has %d comments", v.Text, n)
				}
			}
		})
	}
}

// What an address says is shown again, or refused, in words.
func TestVectorsInAddresses(t *testing.T) {
	w := start(t)
	g := w.guest()
	id := g.say(g.thread(article).ID, "", "Word").ID
	for _, v := range hostile.All() {
		for _, address := range []string{
			embed(article, "theme", v.Text, "lang", v.Text, "input", v.Text, "reactions", v.Text, "comments", v.Text, "live", v.Text),
			embed(article, "theme", "https://blog.example/"+v.Text),
			embed(article, "reply", v.Text), embed(article, "sort", v.Text), embed(article, "after", v.Text),
			embed(article, "id", v.Text, "title", v.Text), embed(article, "site", v.Text), embed(v.Text, "reply", id), embed("https://"+v.Text, "title", v.Text),
			embed(article + "?" + v.Text), embed(article + "#" + v.Text),
			"/t/" + url.PathEscape(v.Text), "/t/" + g.thread(article).ID + "?" + url.Values{"theme": {v.Text}, "lang": {v.Text}, "sort": {v.Text}}.Encode(),
		} {
			a := w.nobody().get(address)
			if a.status >= 500 {
				t.Errorf("%q: %s: %d", v.Text, address, a.status)
			}
			if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
				checkNothingRuns(t, a.doc())
			}
			for name, values := range a.header {
				if strings.ContainsAny(strings.Join(values, ""), "\r\n\x00<>") || name == "Content-Security-Policy" && strings.Contains(strings.Join(values, ""), "evil") {
					t.Errorf("%q: the header %s is %q", v.Text, name, values)
				}
			}
		}
		for _, call := range []string{"threads?page=", "threads/" + g.thread(article).ID + "/comments?after=", "threads/" + g.thread(article).ID + "/comments?sort=", "counts?page=", "counts?page=https://blog.example/&id=", "queue?after="} {
			a := w.nobody().get("/api/v1/" + call + url.QueryEscape(v.Text))
			if a.status >= 500 || !strings.HasSuffix(a.header.Get("Content-Type"), "json") || !json.Valid(a.body) {
				t.Errorf("%q: %s: %d %s", v.Text, call, a.status, a.body)
			}
		}
	}
}

// Text that no field takes is refused in words, wherever it comes, and given
// back to whoever wrote it.
func TestRefusedVectors(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	path := "/api/v1/threads/" + thread + "/comments"
	quoted := func(s string) string { // as JSON, with the very bytes
		b, err := json.Marshal("x")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []byte(s) {
			switch {
			case c == '"' || c == '\\':
				b = append(b[:len(b)-1], '\\', c, '"')
			case c < ' ':
				b = append(append(b[:len(b)-1], []byte("\\u00"+string("0123456789abcdef"[c>>4])+string("0123456789abcdef"[c&15]))...), '"')
			default:
				b = append(b[:len(b)-1], c, '"')
			}
		}
		return string(b)
	}
	n := 0
	for _, v := range hostile.All() {
		if v.Family != "refused" {
			continue
		}
		n++
		for _, body := range []string{
			`{"name":"Ann","body":` + quoted(v.Text) + `}`,
			`{"body":"Word","name":` + quoted(v.Text) + `}`,
			`{"body":"Word","name":"Ann","headline":` + quoted(v.Text) + `}`,
		} {
			if a := g.send("POST", path, body); a.status != 400 && a.status != 422 {
				t.Errorf("%s: %d for %q", v.Name, a.status, body)
			}
		}
		a := g.form("/do/post", url.Values{"thread": {thread}, "name": {"Ann"}, "body": {v.Text}})
		if a.status != 422 && a.status != 400 {
			t.Errorf("%s: the form is answered with %d", v.Name, a.status)
			continue
		}
		doc := a.doc()
		checkNothingRuns(t, doc)
		if said(doc) == "" {
			t.Errorf("%s: the form is refused without a word", v.Name)
		}
	}
	if got := g.comments(thread); len(got) != 0 || n < 10 {
		t.Errorf("%d refused vectors left %+v", n, got)
	}
}

// Pictures are of the origins that were named, by the page's policy, too.
func TestImages(t *testing.T) {
	w := startWith(t, setup{origins: []string{blog}, images: []string{blog, "https://pictures.example"}})
	g := w.guest()
	thread := g.thread(article).ID
	g.say(thread, "", "![a](https://pictures.example/a.png) ![b](https://evil.example/b.png)")
	for _, path := range []string{embed(article), "/t/" + thread} {
		a := w.nobody().get(path).want(200)
		if got, want := a.policy()["img-src"], "'self' https://blog.example https://pictures.example"; got != want {
			t.Errorf("%s: img-src is %q, want %q", path, got, want)
		}
		img := one(t, a.doc(), "img")
		if value(img, "src") != "https://pictures.example/a.png" || value(img, "loading") != "lazy" || value(img, "referrerpolicy") != "no-referrer" {
			t.Errorf("the picture is %v", img.Attr)
		}
	}
	if got := start(t).nobody().get(embed(article)).policy()["img-src"]; got != "'self'" {
		t.Errorf("without a setting img-src is %q", got)
	}
}

// A spoiler says what it is in the language of the page, and of who previews it;
// what is stored says it in English.
func TestSpoilersInWords(t *testing.T) {
	w := start(t)
	g := w.guest()
	c := g.say(g.thread(article).ID, "", "||a||")
	if !strings.Contains(c.HTML, talk.SpoilerLabel) {
		t.Errorf("the comment is %s", c.HTML)
	}
	for _, path := range []string{embed(article, "lang", "ja"), "/t/" + c.Thread + "?lang=ja"} {
		if got := text(one(t, one(t, w.nobody().get(path).want(200).doc(), "details", "class", "spoiler"), "summary")); got != "\u30cd\u30bf\u30d0\u30ec" {
			t.Errorf("%s: the spoiler says %q", path, got)
		}
	}
	preview := decode[map[string]string](g.with("Accept-Language", "ja").send("POST", "/api/v1/preview", map[string]string{"body": "||a||"}).want(200))["html"]
	if !strings.Contains(preview, "<summary>\u30cd\u30bf\u30d0\u30ec</summary>a") {
		t.Errorf("the preview is %s", preview)
	}
}
