package web_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// assetsOf are the addresses of all that a page loads.
func assetsOf(t *testing.T, doc *html.Node) map[string]string {
	t.Helper()
	boot := one(t, doc, "script", "defer", "")
	return map[string]string{
		value(boot, "src"):       "text/javascript; charset=utf-8",
		value(boot, "data-exec"): "text/javascript; charset=utf-8",
		value(boot, "data-wasm"): "application/wasm", // streaming compilation takes no other type
	}
}

func TestAssetsNeverChange(t *testing.T) {
	w := start(t)
	found := assetsOf(t, w.nobody().get(embed(article)).doc())
	if len(found) != 3 {
		t.Fatalf("the page loads %v", found)
	}
	for path, kind := range found {
		plain := w.nobody().get(path).want(200)
		if got := plain.header.Get("Content-Type"); got != kind {
			t.Errorf("%s is %q, want %q", path, got, kind)
		}
		if got := plain.header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s may be kept: %q", path, got)
		}
		for _, e := range []string{"br", "gzip"} {
			a := w.nobody().with("Accept-Encoding", e).get(path).want(200)
			if a.header.Get("Content-Encoding") != e || len(a.body) >= len(plain.body) || !bytes.Equal(unpack(t, a), plain.body) {
				t.Errorf("%s as %s is %d bytes of something else", path, e, len(a.body))
			}
		}
		w.nobody().with("If-None-Match", plain.header.Get("ETag")).get(path).want(304)
		head := w.nobody().ask("HEAD", path, nil, "").want(200)
		if head.header.Get("Content-Type") != kind || len(head.body) > 0 {
			t.Errorf("HEAD %s: %v", path, head.header)
		}
	}
	if wasm := w.nobody().get(keyOf(found, "application/wasm")); !bytes.HasPrefix(wasm.body, []byte("\x00asm")) {
		t.Error("the program is no Wasm")
	}
}

func keyOf(m map[string]string, v string) string {
	for key, have := range m {
		if have == v {
			return key
		}
	}
	return ""
}

func TestUnknownAssetIsNotFound(t *testing.T) {
	w := start(t)
	for _, path := range []string{
		"/assets/", "/assets/app.wasm", "/assets/app.000000000000.wasm", "/assets/style.css", "/assets/README", "/assets/../server/main.go",
		"/assets/%2e%2e/%2e%2e/etc/passwd", "/assets/dist/README", "/assets/x/y", "/nothing",
	} {
		a := w.nobody().get(path)
		if a.status != 404 && a.status != 307 && a.status != 301 {
			t.Errorf("%s: %d", path, a.status)
		}
		if strings.Contains(a.header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: that it is missing is kept for ever", path)
		}
	}
}

// The script stands in other people's pages under one name: it must be kept for
// minutes only, and other origins must be let have it.
func TestEmbedScript(t *testing.T) {
	w := start(t)
	a := w.nobody().with("Origin", blog).with("Sec-Fetch-Site", "cross-site").get("/embed.js").want(200)
	h := a.header
	if h.Get("Cache-Control") != "public, max-age=300" || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" || h.Get("Content-Type") != "text/javascript; charset=utf-8" || h.Get("ETag") == "" {
		t.Errorf("headers are %v", h)
	}
	for _, e := range []string{"br", "gzip", ""} {
		again := w.nobody().with("Accept-Encoding", e).with("If-None-Match", h.Get("ETag")).get("/embed.js").want(304)
		if again.header.Get("ETag") != h.Get("ETag") || again.header.Get("Cache-Control") != h.Get("Cache-Control") || len(again.body) > 0 {
			t.Errorf("not modified: %v", again.header)
		}
	}
	w.nobody().with("If-None-Match", `"other"`).get("/embed.js").want(200)
}

// The article has nothing of Folkmoot in it but what a newcomer copies.
func TestDemoIsAnArticleWithTheSnippet(t *testing.T) {
	for _, public := range []string{"", "https://talk.example", "http://192.0.2.7:9000"} {
		w := startWith(t, setup{public: public})
		a := w.nobody().get("/demo").want(200)
		doc := a.doc()
		if got := value(one(t, doc, "link", "rel", "canonical"), "href"); got != w.public+"/demo" {
			t.Errorf("the canonical address is %q", got)
		}
		script := one(t, doc, "script")
		if value(script, "src") != w.public+"/embed.js" || script.FirstChild != nil {
			t.Errorf("the script is %v", script.Attr)
		}
		if _, async := attribute(script, "async"); !async {
			t.Error("the script holds the article up")
		}
		for _, n := range append(all(doc, "link"), all(doc, "img")...) {
			if src := value(n, "src") + value(n, "href"); n.Data == "img" || value(n, "rel") != "canonical" {
				t.Errorf("<%s> loads %s", n.Data, src)
			}
		}
		noscript := one(t, doc, "noscript") // its content is text to a parser that runs scripts
		inside, err := html.Parse(strings.NewReader(area(noscript)))
		if err != nil {
			t.Fatal(err)
		}
		href, err := url.Parse(value(one(t, inside, "a"), "href"))
		if err != nil || href.Scheme+"://"+href.Host != w.public || href.Path != "/embed" || href.Query().Get("page") != w.public+"/demo" {
			t.Errorf("the link to the conversation is %v", href)
		}
		if rest := strings.ReplaceAll(strings.ToLower(string(a.body)), strings.ToLower(w.public), ""); strings.Contains(rest, "folkmoot") || strings.Contains(rest, "localhost") {
			t.Error("there is more of Folkmoot in the article")
		}
		// The link works: the article's own origin may always embed.
		w.nobody().get(href.RequestURI()).want(200)
	}
}

func TestDoorAndHealth(t *testing.T) {
	w := start(t)
	one(t, w.nobody().get("/").want(http.StatusOK).doc(), "main", "id", "folkmoot")
	for _, path := range []string{"/healthz", "/readyz"} {
		w.nobody().get(path).want(200)
	}
}

// A node whose store is gone is alive, but may not take traffic.
func TestNotReadyWithoutItsStore(t *testing.T) {
	w := start(t)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	w.nobody().get("/healthz").want(200)
	if a := w.nobody().get("/readyz").want(503); strings.Contains(string(a.body), "database") {
		t.Errorf("the answer tells what an operator should see: %s", a.body)
	}
}
