package forum_test

import (
	"strings"
	"testing"

	"folkmoot/server/forum"
)

func TestRedirects(t *testing.T) {
	rules, err := forum.ParseRedirects(strings.NewReader(`
# Comments and empty lines say nothing.

https://blog.example/old/      https://blog.example/new/
https://blog.example/new	https://blog.example/newer/
  https://blog.example/2023/*  https://blog.example/archive/2023/*
https://blog.example/2023/keep/* https://blog.example/kept/*
https://blog.example/2023/a https://blog.example/about
http://blog.example/* https://blog.example/*
https://old.example/* https://blog.example/*
https://docs.example/* https://blog.example/docs/*
https://blog.example#page-id=7 https://blog.example#page-id=8
`))
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{
		"https://blog.example/old":          "https://blog.example/newer", // as far as it leads
		"https://blog.example/2023/b":       "https://blog.example/archive/2023/b",
		"https://blog.example/2023/b/c?p=1": "https://blog.example/archive/2023/b/c?p=1",
		"https://blog.example/2023":         "https://blog.example/archive/2023",
		"https://blog.example/2023/keep/x":  "https://blog.example/kept/x",
		"https://blog.example/2023/a":       "https://blog.example/about",
		"https://blog.example/20234":        "",
		"https://blog.example/":             "",
		"https://blog.example":              "",
		"http://blog.example":               "https://blog.example",
		"http://blog.example?p=1":           "https://blog.example?p=1",
		"http://blog.example/old":           "https://blog.example/newer",
		"http://blog.example#page-id=9":     "https://blog.example#page-id=9",
		"https://old.example#page-id=7":     "https://blog.example#page-id=8",
		"https://old.example.evil/x":        "",
		"https://docs.example/x":            "https://blog.example/docs/x",
		"https://docs.example":              "https://blog.example/docs",
		"https://docs.example#page-id=7":    "",
		"https://other.example/old":         "",
	} {
		to, moved := rules.Of(from)
		if moved != (want != "") || to.Key != want {
			t.Errorf("%s leads to %q, want %q", from, to.Key, want)
		}
	}
	if to, _ := rules.Of("https://blog.example/old"); to.Address != "https://blog.example/newer/" {
		t.Errorf("the article is at %q", to.Address)
	}
	if _, moved := (*forum.Redirects)(nil).Of("https://blog.example/old"); moved {
		t.Error("without rules, something has moved")
	}
}

func TestBadRedirects(t *testing.T) {
	const good = "https://b.example/a https://b.example/b\n"
	for name, line := range map[string]string{
		"one address":           "https://b.example/x",
		"three":                 "https://b.example/x https://b.example/y https://b.example/z",
		"no address":            "/x /y",
		"a folder to a page":    "https://b.example/x/* https://b.example/y",
		"a page to a folder":    "https://b.example/x https://b.example/y/*",
		"a star elsewhere":      "https://b.example/*/x https://b.example/*/y",
		"half a name":           "https://b.example/x* https://b.example/y*",
		"to itself":             "https://b.example/x/ https://b.example/x/index.html",
		"into itself":           "https://b.example/x/* https://b.example/x/y/*",
		"in a circle":           "https://b.example/b https://b.example/a",
		"a folder with a query": "https://b.example/x?p=1/* https://b.example/y/*",
	} {
		rules, err := forum.ParseRedirects(strings.NewReader(good + line))
		if err == nil {
			t.Errorf("%s: %q was taken: %+v", name, line, rules)
		}
	}
	// Folders may lead round: then nothing has moved.
	rules, err := forum.ParseRedirects(strings.NewReader("https://b.example/x/* https://b.example/y/*\nhttps://b.example/y/* https://b.example/x/*"))
	if err != nil {
		t.Fatal(err)
	}
	if to, moved := rules.Of("https://b.example/x/1"); moved {
		t.Errorf("it leads to %+v", to)
	}
}
