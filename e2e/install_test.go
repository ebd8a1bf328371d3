package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// ready waits until the page's service worker keeps pages, this one too.
func (v *view) ready() {
	v.p.t.Helper()
	v.wait("the service worker is in charge", `() => !!navigator.serviceWorker?.controller`)
	v.wait("the page is kept", `() => { caches.match(location.href, { cacheName: "pages", ignoreVary: true }).then((kept) => { window.isKept = !!kept; }); return !!window.isKept; }`)
}

func TestFolkmootCanBeInstalled(t *testing.T) {
	s := start(t)
	ann := owner(t, "ann")
	v := ann.open(s.url("/t/" + s.caller("Bob").thread(s.url("/demo")).ID))
	v.ready()
	r, err := chromedp.Call(ann.ctx, page.GetInstallabilityErrors, cdp.Empty{})
	ann.must(err)
	for _, e := range r.InstallabilityErrors {
		t.Errorf("Chromium wouldn't install it: %s %+v", e.ErrorID, e.ErrorArguments)
	}
	m, err := chromedp.Call(ann.ctx, page.GetAppManifest, page.GetAppManifestParams{})
	ann.must(err)
	for _, e := range m.Errors {
		t.Errorf("the manifest: %s", e.Message)
	}
	if m.URL == "" || m.Data == "" {
		t.Error("there is no manifest")
	}
}

// TestTheWidgetRegistersNothing: whoever reads an article gets no worker from us.
func TestTheWidgetRegistersNothing(t *testing.T) {
	s := start(t)
	b := publish(t, s)
	ann := meet(t, "ann")
	ann.open(b.crossSite())
	w := ann.widget()
	w.spot("#box")
	w.live()
	if n := ask[int](w, `async () => (await navigator.serviceWorker.getRegistrations()).length`); n != 0 {
		t.Errorf("the widget registered %d workers", n)
	}
}

func TestWhatWasOpenedIsReadableOffline(t *testing.T) {
	s := start(t)
	carl := s.caller("Carl")
	thread, other := carl.thread(s.url("/demo")).ID, carl.thread(s.url("/other")).ID
	carl.fill(thread, 3)
	ann := meet(t, "ann")
	ann.expect(serverGone)
	v := ann.open(s.url("/t/" + thread))
	v.ready()
	s.kill()

	v = ann.open(s.url("/t/" + thread))
	if n := v.count("article.comment"); n != 3 {
		t.Errorf("offline, %d comments are readable, want 3", n)
	}
	v.wait("the program runs offline", `() => !!window.folkmoot?.live`)
	v.seeText("article.comment", "Comment")
	v = ann.open(s.url("/t/" + other))
	v.seeText("h1", "You are offline")
	v.gone("article.comment")

	s.restart()
	v = ann.open(s.url("/t/" + other))
	v.live()
}

// Versions of the app are told apart by their workers: a proxy before the server
// makes newer ones of it.
func TestUpdatesLeaveOnlyTheNewestCache(t *testing.T) {
	s := start(t)
	thread := s.caller("Carl").thread(s.url("/demo")).ID
	var version atomic.Int64
	to, err := url.Parse(s.url(""))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
			r.Out.Header.Del("Accept-Encoding")
		},
		ModifyResponse: func(r *http.Response) error {
			if r.Request.URL.Path != "/app-worker.js" {
				return nil
			}
			text, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			_, rest, _ := strings.Cut(string(text), `cacheName = "app-" + "`)
			own, _, _ := strings.Cut(rest, `"`)
			newer := strings.ReplaceAll(string(text), own, fmt.Sprintf("v%d-%s", version.Load(), own))
			r.Body = io.NopCloser(strings.NewReader(newer))
			r.ContentLength = int64(len(newer))
			r.Header.Set("Content-Length", strconv.Itoa(len(newer)))
			return nil
		},
	})
	t.Cleanup(proxy.Close)
	ann := meet(t, "ann")
	v := ann.open(proxy.URL + "/t/" + thread)
	v.ready()
	v.write("#box", "A draft that no update may lose")
	for n := 1; n <= 3; n++ {
		version.Store(int64(n))
		v.run(`() => { navigator.serviceWorker.ready.then((r) => r.update()); }`)
		v.wait("only the newest cache is left", `(n) => { caches.keys().then((k) => { window.cacheNames = k.filter((name) => name.startsWith("app-")); }); return window.cacheNames?.length === 1 && window.cacheNames[0].startsWith("app-v" + n); }`, n)
	}
	v.seeText("#newer", "newer")
	if n := v.count("#newer"); n != 1 {
		t.Errorf("it asks %d times", n)
	}
	v.wait("the draft is there", `() => document.querySelector("#box").value === "A draft that no update may lose"`)
	ann.reload()
	ann.page().wait("the draft is there after the update", `() => document.querySelector("#box").value === "A draft that no update may lose"`)
}
