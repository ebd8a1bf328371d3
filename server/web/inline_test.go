package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"os"
	"testing"

	"folkmoot/assets"
)

// inlines are the script and the style that stand in the widget's page.
func inlines(t *testing.T) (script, style string) {
	t.Helper()
	set, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	f, _, err := set.Named("style.css").Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	css, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	js, err := os.ReadFile("fit.js")
	if err != nil {
		t.Fatal(err)
	}
	return string(js), string(css)
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
	if want := "'self' " + hash(style) + " " + blog; a.policy()["style-src"] != want {
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
