package main

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// A host is a blog of ours, at 127.0.0.1: another site than Folkmoot, which is
// at localhost. Its pages are small, so that what is measured is the widget.
type host struct {
	server http.Server
	addr   string
	pages  map[string]string // by path
}

func openHost() (*host, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	h := &host{addr: l.Addr().String(), pages: map[string]string{}}
	h.server = http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = h.server.Serve(l) }() // until it is closed
	return h, nil
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	page, ok := h.pages[r.URL.Path]
	if !ok {
		w.WriteHeader(http.StatusNoContent) // the icon that browsers ask for
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(page))
}

func (h *host) close() error { return h.server.Close() }

func (h *host) url(path string) string { return "http://" + h.addr + path }

// publish makes a page: so many paragraphs, what the widget's owner is told to
// paste, and a foot, which must not move while somebody looks at it.
func (h *host) publish(path string, paragraphs int, snippet string) {
	text := strings.Repeat("<p>The baths were to be closed, and nine of us met in the cloakroom to see what could be done about it. Nobody had asked us to.</p>\n", paragraphs)
	h.pages[path] = fmt.Sprintf(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>An article</title>
<link rel="icon" href="data:,">
<style>body { margin: 0 auto; max-width: 40rem; padding: 0 0.5rem; font: 1rem/1.5 sans-serif } h1 { margin: 0; font-size: 1.25rem }</style>
</head>
<body>
<h1>An article</h1>
%s<section>
%s
</section>
<footer><p>About this blog</p><p>Imprint</p></footer>
</body>
</html>
`, text, snippet)
}
