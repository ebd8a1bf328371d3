package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/andybalholm/brotli"
)

// A front is what a peer's operator would put before it at best: its files
// packed as well as can be, its API packed quickly, both at one address.
type front struct {
	server http.Server
	port   int
	files  map[string][]byte // packed, by path
	behind string            // where the API is
}

func openFront(dir string, names ...string) (*front, error) {
	f := &front{files: map[string][]byte{}}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		var packed bytes.Buffer
		z := brotli.NewWriterLevel(&packed, brotli.BestCompression)
		if _, err := z.Write(text); err != nil {
			return nil, err
		}
		if err := z.Close(); err != nil {
			return nil, err
		}
		f.files["/"+name] = packed.Bytes()
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f.port = l.Addr().(*net.TCPAddr).Port
	f.server = http.Server{Handler: f, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = f.server.Serve(l) }() // until it is closed
	return f, nil
}

func (f *front) close() error { return f.server.Close() }

func (f *front) url(path string) string { return fmt.Sprintf("http://localhost:%d%s", f.port, path) }

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Headers", "content-type")
	switch packed, ok := f.files[r.URL.Path]; {
	case r.Method == http.MethodOptions:
		w.WriteHeader(http.StatusNoContent)
	case ok:
		h.Set("Content-Type", mime.TypeByExtension(filepath.Ext(r.URL.Path)))
		h.Set("Content-Encoding", "br")
		_, _ = w.Write(packed)
	case r.URL.Path == "/none.json": // who else people may sign in with, which its server asks somebody for
		_, _ = w.Write([]byte(`{"services":[]}`))
	default:
		f.pass(w, r)
	}
}

// pass hands a request on to the API and packs its answer.
func (f *front) pass(w http.ResponseWriter, r *http.Request) {
	on, err := http.NewRequestWithContext(r.Context(), r.Method, f.behind+r.URL.RequestURI(), r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	on.Header.Set("Content-Type", r.Header.Get("Content-Type"))
	res, err := http.DefaultClient.Do(on)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer res.Body.Close()
	var packed bytes.Buffer
	var to io.WriteCloser = gzip.NewWriter(&packed)
	name := "gzip"
	if r.Header.Get("Sec-Fetch-Mode") != "" { // a browser, which takes brotli
		to, name = brotli.NewWriterLevel(&packed, 5), "br"
	}
	if _, err := io.Copy(to, res.Body); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	if err := to.Close(); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", res.Header.Get("Content-Type"))
	w.Header().Set("Content-Encoding", name)
	w.WriteHeader(res.StatusCode)
	_, _ = w.Write(packed.Bytes())
}
