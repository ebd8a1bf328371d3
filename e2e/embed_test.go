package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// A host is a server of pages on another site than Folkmoot's, each as a test
// wrote it.
type host struct {
	t     *testing.T
	s     *server
	pages map[string]string
	url   string
	also  http.Header // sent with every page
}

// hosting serves pages until the test ends. In them, FOLKMOOT is the server's
// address. A page without a head gets one.
func hosting(t *testing.T, s *server, pages map[string]string) *host {
	t.Helper()
	h := &host{t: t, s: s, pages: pages, also: http.Header{}}
	files := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := h.pages[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNoContent) // such as the icon's
			return
		}
		kind := "text/html; charset=utf-8"
		if strings.HasSuffix(r.URL.Path, ".css") {
			kind = "text/css"
		} else if !strings.Contains(page, "<head>") {
			page = `<!doctype html><html lang="en"><head><title>A page</title><meta name="viewport" content="width=device-width"></head><body>` + page + `</body></html>`
		}
		w.Header().Set("Content-Type", kind)
		for name, values := range h.also {
			w.Header()[name] = values
		}
		fmt.Fprint(w, strings.ReplaceAll(page, "FOLKMOOT", s.url("")))
	}))
	t.Cleanup(files.Close)
	u, err := url.Parse(files.URL)
	if err != nil {
		t.Fatal(err)
	}
	h.url = "http://127.0.0.1:" + u.Port()
	return h
}

// frames are the addresses of the widgets in a page, without the server's part.
func (v *view) frames() []url.Values {
	v.p.t.Helper()
	var all []url.Values
	for _, address := range ask[[]string](v, `() => [...document.querySelectorAll("iframe")].map((f) => f.src)`) {
		u, err := url.Parse(address)
		if err != nil {
			v.p.t.Fatal(err)
		}
		all = append(all, u.Query())
	}
	return all
}

// frame waits for the one widget of a page, and reads its address.
func (v *view) frame() url.Values {
	v.p.t.Helper()
	v.wait("there is one frame", `() => document.querySelectorAll("iframe").length === 1 && document.querySelector("iframe").src !== ""`)
	return v.frames()[0]
}

// listen notes the widget's events, from before it is there.
const listen = `<script>
window.heard = [];
for (const name of ["ready", "comment", "reaction", "count", "resize", "signin", "error"]) {
  addEventListener("folkmoot:" + name, (e) => heard.push({ name, at: e.target.localName, detail: e.detail }));
}
</script>`

// hears waits for an event, and returns what it says.
func (v *view) hears(name string) map[string]any {
	v.p.t.Helper()
	v.wait("the page hears "+name, `(n) => window.heard.some((e) => e.name === n)`, name)
	return ask[map[string]any](v, `(n) => window.heard.findLast((e) => e.name === n)`, name)
}

// holds waits until nothing scrolls inside the frame: it is as high as its
// content, or higher where it stands on the first screen.
func holds(page, widget *view) {
	widget.p.t.Helper()
	var frame float64
	eventually(widget.p.t, "the frame holds its content", func() bool {
		var content []float64
		return page.try(&frame, `() => document.querySelector("iframe").clientHeight`) == nil &&
			widget.try(&content, `() => [document.documentElement.scrollHeight, innerHeight]`) == nil &&
			content[0] <= frame && content[1] == frame
	})
}

const embed = `<script async src="FOLKMOOT/embed.js"></script>`

func TestAttributesOfTheScript(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{"/post": listen + `<h1>Words</h1><script async src="FOLKMOOT/embed.js" data-page-id="post 7" data-page-url="/post?x=1" data-page-title="A title"
		data-topics="a,b" data-lang="de" data-sort="newest" data-theme="dark" data-input-position="bottom" data-site-id="default"></script>`})
	bob := meet(t, "bob")
	page := bob.open(h.url + "/post")
	for name, want := range map[string]string{
		"page": h.url + "/post?x=1", "id": "post 7", "title": "A title", "topics": "a,b", "lang": "de", "sort": "newest",
		"theme": "dark", "input": "bottom", "site": "default",
	} {
		if got := page.frame().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	w := bob.widget()
	w.live()
	page.hears("ready")
	w.wait("it is dark, and the box is last", `() => document.documentElement.dataset.theme === "dark" &&
		document.querySelector(".composer").getBoundingClientRect().top > document.querySelector(".comments").getBoundingClientRect().top`)
	w.comment("", "Bob", "Of the seventh.")
	e := page.hears("comment")
	if e["at"] != "script" || e["detail"].(map[string]any)["id"] == "" {
		t.Errorf("the event is %v", e)
	}
	page.hears("signin")
	page.wait("it is counted", `() => window.heard.some((e) => e.name === "count" && e.detail.comments === 1)`)
	w.click(".reaction")
	page.hears("reaction")
	page.wait("it is counted", `() => window.heard.some((e) => e.name === "count" && e.detail.reactions === 1)`)
	ann := s.caller("Ann")
	if n := ann.thread(h.url + "#page-id=post%207").Comments; n != 1 {
		t.Errorf("the page's id has %d comments", n)
	}
	if n := ann.thread("http://localhost:1#page-id=post%207").Comments; n != 0 {
		t.Errorf("another origin's page of the same id has %d comments", n)
	}
}

func TestPartsOfTheWidget(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{"/post": listen + `
		<folkmoot-reactions id="bar"></folkmoot-reactions>
		<folkmoot-thread id="all" page-url="/other" reactions-enabled="0" live="0"></folkmoot-thread>` + embed})
	bob := meet(t, "bob")
	page := bob.open(h.url + "/post")
	page.wait("both are there", `() => document.querySelectorAll("iframe").length === 2`)
	frames := page.frames()
	if frames[0].Get("comments") != "0" || frames[0].Get("page") != h.url+"/post" || frames[1].Get("page") != h.url+"/other" || frames[1].Get("reactions") != "0" {
		t.Errorf("the frames show %v", frames)
	}
	page.wait("both are ready", `() => window.heard.filter((e) => e.name === "resize").length >= 2 && window.heard.filter((e) => e.name === "ready").length === 2`)
	if heights := ask[[]float64](page, `() => [...document.querySelectorAll("iframe")].map((f) => f.getBoundingClientRect().height)`); heights[0] != 116 || heights[1] < 200 {
		t.Errorf("the frames are %v high, want 116 for the bar: what is reserved for it, so that nothing moves", heights)
	}

	alone := meet(t, "ann")
	v := alone.open(s.embedOf(h.url+"/post", "comments=0"))
	v.live()
	v.gone("article")
	if ask[bool](v, `() => document.querySelector(".composer").checkVisibility() || !document.querySelector(".reactions").checkVisibility()`) {
		t.Error("the bar alone is not that")
	}
	still := meet(t, "cleo")
	v = still.open(s.embedOf(h.url+"/other", "reactions=0", "live=0"))
	v.click("textarea")
	v.comment("", "Cleo", "Without a program.")
	v.withText("Without a program.")
	for _, address := range still.requested() {
		if strings.Contains(address, ".wasm") || strings.Contains(address, "/live") {
			t.Errorf("a page that is not live asks for %s", address)
		}
	}
}

func TestLazy(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{"/post": `<div style="height: 5000px">Words</div><script async src="FOLKMOOT/embed.js" data-loading="lazy"></script>`})
	bob := meet(t, "bob")
	page := bob.open(h.url + "/post")
	page.see("folkmoot-thread")
	for _, address := range bob.requested() {
		if strings.HasPrefix(address, s.url("")) && !strings.HasSuffix(address, "/embed.js") {
			t.Errorf("before anybody looks, the page asks for %s", address)
		}
	}
	before := ask[float64](page, `() => document.body.scrollHeight`)
	page.run(`() => scrollTo({ top: 4500, behavior: "instant" })`)
	bob.widget().live()
	if page.frame(); ask[float64](page, `() => document.body.scrollHeight`) < before {
		t.Error("the page got shorter when the widget came")
	}
}

func TestAnUnknownSite(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{"/post": listen + `<script async src="FOLKMOOT/embed.js" data-site-id="elsewhere"></script>`})
	bob := meet(t, "bob")
	bob.expect("status of 404")
	page := bob.open(h.url + "/post")
	bob.widget().seeText("[role=alert]", `There is no site called "elsewhere" here.`)
	if code := page.hears("error")["detail"].(map[string]any)["code"]; code != "unavailable" {
		t.Errorf("the error is %v", code)
	}
}
