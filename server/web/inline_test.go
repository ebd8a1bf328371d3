package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"os"
	"testing"

	"folkmoot/assets"
)

// inlines are the script and the styles that stand in the widget's page: always,
// and where a comment needs more.
func inlines(t *testing.T) (script, style, more string) {
	t.Helper()
	set, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		f, _, err := set.Named(name).Open("")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		css, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return string(css)
	}
	js, err := os.ReadFile("fit.js")
	if err != nil {
		t.Fatal(err)
	}
	return string(js), read("style.css"), read("more.css")
}

// hash names something that stands in a page, in its policy.
func hash(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// What a browser would take from the page is what the policy lets it take.
func TestThePolicyNamesWhatStandsInThePage(t *testing.T) {
	w := start(t)
	a := w.nobody().get(embed(article)).want(200)
	head := one(t, a.doc(), "head")
	style := one(t, head, "style").FirstChild.Data
	_, _, more := inlines(t)
	if want := "'self' " + hash(style) + " " + hash(more) + " " + blog; a.policy()["style-src"] != want {
		t.Errorf("style-src is %q, want %q", a.policy()["style-src"], want)
	}
	found := 0
	for _, s := range all(head, "script") {
		if s.FirstChild == nil {
			continue
		}
		found++
		if want := "'self' 'wasm-unsafe-eval' " + hash(s.FirstChild.Data); a.policy()["script-src"] != want {
			t.Errorf("script-src is %q, want %q", a.policy()["script-src"], want)
		}
		if value(s, "data-host") != blog {
			t.Errorf("the script tells %q", value(s, "data-host"))
		}
	}
	if found != 1 {
		t.Errorf("%d scripts stand in the page's head", found)
	}
}

// A page has the style of what only some comments have if one of its own has it;
// else it says where that is.
func TestTheStyleOfWhatFewHave(t *testing.T) {
	w := start(t)
	_, _, more := inlines(t)
	g := w.guest()
	thread := g.thread(article).ID
	for i, body := range []string{"Plain.", "*A* ~~lot~~ `more`, but nothing with a class.", "A ||spoiler||.", "```go\nif\n```"} {
		g.say(thread, "", body)
		head := one(t, w.nobody().get(embed(article)).want(200).doc(), "head")
		styles, boot := all(head, "style", "id", "more"), all(head, "script")[1]
		_, later := attribute(boot, "data-more")
		if want := i > 1; (len(styles) == 1) != want || later == want {
			t.Errorf("%q: %d styles more, and an address of one: %v", body, len(styles), later)
		}
		if len(styles) == 1 && styles[0].FirstChild.Data != more {
			t.Errorf("%q: the style is %s", body, text(styles[0]))
		}
		if address := value(boot, "data-more"); later && len(w.nobody().get(address).want(200).body) == 0 {
			t.Errorf("there is nothing at %s", address)
		}
	}
}
