package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"

	"folkmoot/assets"
)

// serveAsset serves a file that is named by its hash, so it never changes.
func (s *Site) serveAsset(w http.ResponseWriter, r *http.Request) {
	f := s.Assets.At(r.URL.Path)
	if f == nil {
		http.NotFound(w, r) // of an older or newer build: its page is reloaded
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	s.file(w, r, f)
}

// serveScript serves a script under the one name that stands in people's pages,
// which may ask for it with crossorigin or as a module. Browsers ask again after
// five minutes.
func (s *Site) serveScript(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=300")
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		s.file(w, r, s.Assets.Named(name))
	}
}

func (s *Site) file(w http.ResponseWriter, r *http.Request, f *assets.File) {
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Add("Vary", "Accept-Encoding")
	tag := `"` + strings.NewReplacer("/assets/", "", "/", "").Replace(f.Path) + `"`
	if matches(r, tag) {
		h.Set("ETag", tag)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("ETag", tag)
	e := encoding(r)
	body, size, err := f.Open(e)
	if err != nil {
		s.problem(w, r, err)
		return
	}
	defer body.Close()
	if e != "" {
		h.Set("Content-Encoding", e)
		h.Set("Content-Length", strconv.FormatInt(size, 10))
	}
	_, _ = io.Copy(w, body) // the reader may have gone
}

// demoFor makes the article's addresses those of this server.
func demoFor(article []byte, public string) []byte {
	article = bytes.ReplaceAll(article, []byte("http://localhost:8080"), []byte(public))
	return bytes.ReplaceAll(article, []byte("http%3A%2F%2Flocalhost%3A8080"), []byte(strings.NewReplacer(":", "%3A", "/", "%2F").Replace(public)))
}

func (s *Site) serveDemo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	if err := send(w, r, http.StatusOK, s.demo); err != nil {
		s.problem(w, r, err)
	}
}

// encoding is the best one that the reader takes: br, gzip, or none.
func encoding(r *http.Request) string {
	br, gz, others := -1.0, -1.0, 0.0 // not named: as * says
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(part, ";")
		q := 1.0
		if _, value, ok := strings.Cut(weight, "="); ok {
			q, _ = strconv.ParseFloat(strings.TrimSpace(value), 64) // what can't be read is not wanted
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "br":
			br = q
		case "gzip":
			gz = q
		case "*":
			others = q
		}
	}
	if br < 0 {
		br = others
	}
	if gz < 0 {
		gz = others
	}
	switch {
	case br > 0 && br >= gz:
		return "br"
	case gz > 0:
		return "gzip"
	}
	return ""
}

// matches says whether the reader has what the tag names.
func matches(r *http.Request, tag string) bool {
	for have := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if have = strings.TrimPrefix(strings.TrimSpace(have), "W/"); have == strings.TrimPrefix(tag, "W/") || have == "*" {
			return true
		}
	}
	return false
}

// send writes a body, compressed where that gains something.
func send(w http.ResponseWriter, r *http.Request, status int, body []byte) error {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if len(body) > 1400 { // more than a packet
		if e := encoding(r); e != "" {
			packed, err := compress(body, e)
			if err != nil {
				return err
			}
			h.Set("Content-Encoding", e)
			body = packed
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader may have gone
	return nil
}

// A packer is a compressor that can be used again: making one costs more than
// compressing a page.
type packer interface {
	io.WriteCloser
	Reset(io.Writer)
}

// packers are by encoding. Brotli's quality 5 gains most of what it can, and
// its window of 256 KiB holds any page of ours.
var packers = map[string]*sync.Pool{
	"br":   {New: func() any { return brotli.NewWriterOptions(nil, brotli.WriterOptions{Quality: 5, LGWin: 18}) }},
	"gzip": {New: func() any { return gzip.NewWriter(nil) }},
}

// compress packs a body that is made once and read a few times.
func compress(body []byte, encoding string) ([]byte, error) {
	pool := packers[encoding]
	z := pool.Get().(packer)
	defer pool.Put(z)
	var b bytes.Buffer
	z.Reset(&b)
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// squeeze packs a body with brotli as well as can be, which takes a hundred times
// as long as compress and gains a ninth.
func squeeze(body []byte) ([]byte, error) {
	var b bytes.Buffer
	z := brotli.NewWriterOptions(&b, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: 18})
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// devScript reloads a page of ours when another server answers than the one
// that made it.
const devScript = `(async () => {
  const version = async () => { try { return await (await fetch("/dev/version")).text(); } catch { return ""; } };
  const mine = await version();
  setInterval(async () => { const now = await version(); if (now && now !== mine) location.reload(); }, 1000);
})();
`

func (s *Site) serveDevScript(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	_, _ = w.Write([]byte(devScript))
}
