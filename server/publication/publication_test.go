package publication

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// serving is a publication's server, and the address of another that is the same.
func serving(t *testing.T, answer http.HandlerFunc) (origin, other string) {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return s.URL, strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}

// shown is a page; ORIGIN in it is the publication's, OTHER another's.
func shown(head, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		origin := strings.NewReplacer("ORIGIN", "http://"+r.Host, "OTHER", "http://"+strings.Replace(r.Host, "127.0.0.1", "localhost", 1))
		_, _ = origin.WriteString(w, "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n<title>A page</title>\n"+head+"\n</head>\n<body>"+body)
	}
}

func link(to string) string { return `<link rel="canonical" href="` + to + `">` }

func redirected(to string, status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", strings.Replace(to, "OTHER", "http://"+strings.Replace(r.Host, "127.0.0.1", "localhost", 1), 1))
		w.WriteHeader(status)
	}
}

// leading are pages that say that they are at /new, and strayed are those that
// don't.
var leading = map[string]http.HandlerFunc{
	"redirected":             redirected("/new/", 301),
	"redirected, by another": redirected("/new/", 308),
	"with a tracker":         redirected("/new/?utm_source=x", 301),
	"to a slash, and on":     redirected("/slash/", 301),
	"linked":                 shown(link("/new/"), ""),
	"linked wholly":          shown(`<link rel="CANONICAL" href=" ORIGIN/new/ ">`, ""),
	"from a base":            shown(`<base href="/deep/er"><link rel=canonical href="../new/">`, ""),
	"twice the same":         shown(link("/new/")+link("/new/"), ""),
	"after all else": shown(`<script>"</head><body>"</script><style>a{}</style><noscript><link rel=canonical href=/no></noscript>
		<template><p>x</p><link rel=canonical href=/no></template><!-- <body> --><meta name=x>`+link("/new/"), ""),
}

var strayed = map[string]http.HandlerFunc{
	"says nothing":               shown("", ""),
	"two":                        shown(link("/new/")+link("/another/"), ""),
	"for now":                    redirected("/new/", 302),
	"for now, by another":        redirected("/new/", 307),
	"in its body":                shown("", link("/new/")),
	"after a heading":            shown("<h1>x</h1>"+link("/new/"), ""),
	"after text":                 shown("x"+link("/new/"), ""),
	"in a comment":               shown("<!--"+link("/new/")+"-->", ""),
	"in a title":                 shown("<title>"+link("/new/")+"</title>", ""),
	"in a script":                shown("<script>"+link("/new/")+"</script>", ""),
	"in a noscript":              shown("<noscript>"+link("/new/")+"</noscript>", ""),
	"in a template":              shown("<template>"+link("/new/")+"</template>", ""),
	"another kind of link":       shown(`<link rel="alternate canonical" href="/new/">`, ""),
	"another publication's":      shown(link("OTHER/new/"), ""),
	"redirected to another":      redirected("OTHER/new/", 301),
	"redirected there, and back": redirected("OTHER/back", 301),
	"in a circle":                redirected("/round", 301),
	"on and on":                  redirected("/on/1", 301),
	"gone":                       func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) },
	"missing, with a link": func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		shown(link("/new/"), "")(w, r)
	},
	"broken":     func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	"no place":   redirected("", 301),
	"no web":     redirected("ftp://blog.example/new/", 301),
	"no address": shown(`<link rel=canonical href="http://[">`, ""),
	"no page": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, link("/new/"))
	},
	"too far down": shown("<style>"+strings.Repeat("a{}\n", readMax/4)+"</style>"+link("/new/"), ""),
	"too many words in a header": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X", strings.Repeat("x", 1<<20))
		redirected("/new/", 301)(w, r)
	},
}

func TestWhereAPageSaysThatItIs(t *testing.T) {
	pages := map[string]http.HandlerFunc{
		"new/": shown("", ""), "linked elsewhere": shown(link("/another/"), ""), "slash/": shown(link("/new/"), ""), "round": redirected("/round/", 301), "round/": redirected("/round", 301), "back": redirected("OTHER/new/", 301),
	}
	for n := range 9 {
		pages[fmt.Sprint("on/", n)] = redirected(fmt.Sprint("/on/", n+1), 301)
	}
	maps.Copy(pages, leading)
	maps.Copy(pages, strayed)
	origin, _ := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("User-Agent") != "Folkmoot at https://talk.example" || len(r.Cookies()) > 0 || r.Referer() != "" {
			t.Errorf("it asks with %v", r.Header)
		}
		pages[r.URL.Path[1:]](w, r)
	})
	a := New("Folkmoot at https://talk.example")
	for want, all := range map[string]map[string]http.HandlerFunc{origin + "/new/": leading, "": strayed} {
		for name := range all {
			got, err := a.Leads(t.Context(), origin+"/"+url.PathEscape(name)+"#fragment")
			if got, _, _ = strings.Cut(got, "?"); got != want {
				t.Errorf("%s: it leads to %q (%v), want %q", name, got, err, want)
			}
		}
	}
	if got, err := a.Leads(t.Context(), origin+"/linked elsewhere"); got != origin+"/another/" || err != nil {
		t.Errorf("a page that is elsewhere leads to %q, %v", got, err)
	}
	if got, err := a.Leads(t.Context(), "file:///etc/passwd"); got != "" || err == nil {
		t.Errorf("a file leads to %q, %v", got, err)
	}
}

// Whoever never ends an answer is not waited for.
func TestSlowServers(t *testing.T) {
	for name, begins := range map[string]string{"no word": "", "word by word": "<html><head>"} {
		over := make(chan struct{})
		origin, _ := serving(t, func(w http.ResponseWriter, r *http.Request) {
			if begins != "" {
				w.Header().Set("Content-Type", "text/html")
				_, _ = io.WriteString(w, begins)
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
			close(over)
		})
		a := New("x")
		a.client.Timeout /= 100
		to, err := a.Leads(t.Context(), origin+"/page")
		if timeout := net.Error(nil); to != "" || !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%s: %q, %v", name, to, err)
		}
		<-over
	}
	// Nor is one that is asked for somebody who leaves.
	ctx, leave := context.WithCancel(t.Context())
	origin, _ := serving(t, func(_ http.ResponseWriter, r *http.Request) {
		leave()
		<-r.Context().Done()
	})
	if _, err := New("x").Leads(ctx, origin+"/page"); !errors.Is(err, context.Canceled) {
		t.Errorf("who leaves hears %v", err)
	}
}
