package e2e

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
)

// A blog is a server of static files that embeds Folkmoot: the demo article as
// a publication of its own would have it, on another origin.
type blog struct {
	server *server
	port   string
}

// publish serves the article until the test ends.
func publish(t *testing.T, s *server) *blog {
	t.Helper()
	return publishIn(t, s, "en-GB")
}

// publishIn serves it as an article in another language, as far as that can be
// seen from outside.
func publishIn(t *testing.T, s *server, lang string) *blog {
	t.Helper()
	article, err := os.ReadFile("../index.html")
	if err != nil {
		t.Fatal(err)
	}
	article = bytes.ReplaceAll(article, []byte("http://localhost:8080"), []byte(s.url("")))
	root := `<html lang="` + lang + `">`
	if lang == "ar" || lang == "he" {
		root = `<html lang="` + lang + `" dir="rtl">`
	}
	article = bytes.Replace(article, []byte(`<html lang="en-GB">`), []byte(root), 1)
	files := http.NewServeMux()
	files.HandleFunc("GET /article", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(article)
	})
	files.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	h := httptest.NewServer(files)
	t.Cleanup(h.Close)
	u, err := url.Parse(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &blog{server: s, port: u.Port()}
}

// crossSite is the article at an address whose site is not Folkmoot's: its frame
// is a third party, and has its own process.
func (b *blog) crossSite() string { return "http://127.0.0.1:" + b.port + "/article" }

// sameSite is another origin, of Folkmoot's site.
func (b *blog) sameSite() string { return "http://localhost:" + b.port + "/article" }

// embedOf is the widget's own address for a page.
func (s *server) embedOf(page string, more ...string) string {
	return s.url("/embed?page=" + url.QueryEscape(page) + strings.Join(append([]string{""}, more...), "&"))
}
