package web_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// What a page wants shown is in its address, and in what is kept for it.
func TestLooks(t *testing.T) {
	w := startWith(t, setup{origins: []string{blog, "https://static.example"}})
	w.nobody().say(w.guest().thread(article).ID, "", "Words.")
	root := func(more ...string) *html.Node {
		return all(w.nobody().get(embed(article, more...)).want(200).doc(), "html")[0]
	}
	for _, c := range []struct {
		name, value, class, theme string
	}{
		{"reactions", "0", "no-reactions", ""},
		{"reactions", "false", "no-reactions", ""},
		{"reactions", "1", "", ""},
		{"comments", "0", "no-comments", ""},
		{"theme", "dark", "", "dark"},
		{"theme", "auto", "", ""},
		{"theme", `"><script>`, "", ""},
	} {
		n := root(c.name, c.value)
		class, _ := attribute(n, "class")
		theme, _ := attribute(n, "data-theme")
		if class != c.class || theme != c.theme {
			t.Errorf("%s=%s: the page's class is %q, its theme %q", c.name, c.value, class, theme)
		}
	}
	// Where the box stands is where it is read: a keyboard and a voice go by that.
	for _, c := range []struct{ input, order string }{{"bottom", "section form"}, {"top", "form section"}, {`bottom"x`, "form section"}} {
		var order []string
		for n := range all(w.nobody().get(embed(article, "input", c.input)).doc(), "main")[0].ChildNodes() {
			if class, _ := attribute(n, "class"); class == "composer" || class == "comments" {
				order = append(order, n.Data)
			}
		}
		if got := strings.Join(order, " "); got != c.order {
			t.Errorf("input=%s: %s", c.input, got)
		}
	}
	if n := len(all(w.nobody().get(embed(article, "comments", "0")).doc(), "article")); n != 0 {
		t.Errorf("the bar alone comes with %d comments", n)
	}
	if boot := string(w.nobody().get(embed(article, "live", "0")).body); strings.Contains(boot, "data-wasm") || !strings.Contains(boot, "data-exec") {
		t.Error("a page that is not to be live names the program")
	}
}

func TestStyleSheets(t *testing.T) {
	w := startWith(t, setup{origins: []string{blog, "https://static.example"}})
	for sheet, styles := range map[string]string{
		blog + "/own.css":                  "'self' " + blog,
		"https://static.example/x.css?v=1": "'self' " + blog + " https://static.example",
		w.url + "/assets/x.css":            "'self' " + blog,
	} {
		a := w.nobody().get(embed(article, "theme", sheet)).want(200)
		others := slices.DeleteFunc(strings.Fields(a.policy()["style-src"]), func(s string) bool { return strings.HasPrefix(s, "'sha256-") }) // of our own sheet
		if !strings.Contains(string(a.body), `id="theme" href="`+sheet+`"`) || strings.Join(others, " ") != styles {
			t.Errorf("%s: the policy's styles are %s", sheet, a.policy()["style-src"])
		}
	}
	for _, sheet := range []string{"https://evil.example/x.css", "http://blog.example/x.css", "https://ann@blog.example/x.css", "javascript:x.css", "//blog.example/x.css", blog + `/"onload="x`} {
		a := w.nobody().get(embed(article, "theme", sheet)).want(200)
		if strings.Contains(string(a.body), `href="`+sheet) || strings.Contains(a.policy()["style-src"], "evil") {
			t.Errorf("%s is used", sheet)
		}
	}
}

func TestAnUnknownSite(t *testing.T) {
	w := start(t)
	w.nobody().get(embed(article, "site", "default")).want(200)
	a := w.nobody().get(embed(article, "site", "elsewhere")).want(404)
	if words := said(a.doc()); !strings.Contains(words, "elsewhere") || a.policy()["frame-ancestors"] != blog {
		t.Errorf("said %q, framed by %s", words, a.policy()["frame-ancestors"])
	}
}
