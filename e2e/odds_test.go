package e2e

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// before puts a proxy before the server, which may answer itself, or change what
// the server answers.
func before(t *testing.T, s *server, answer func(w http.ResponseWriter, r *http.Request) bool, change func(path, body string) string) string {
	t.Helper()
	to, err := url.Parse(s.url(""))
	if err != nil {
		t.Fatal(err)
	}
	through := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
			r.Out.Header.Del("Accept-Encoding")
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { panic(http.ErrAbortHandler) }, // as if it were the server that is gone
	}
	if change != nil {
		through.ModifyResponse = func(r *http.Response) error {
			if r.StatusCode == http.StatusSwitchingProtocols {
				return nil
			}
			text, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			text = []byte(change(r.Request.URL.Path, string(text)))
			r.Body = io.NopCloser(bytes.NewReader(text))
			r.ContentLength = int64(len(text))
			r.Header.Set("Content-Length", strconv.Itoa(len(text)))
			r.Header.Del("ETag")
			return nil
		}
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer == nil || !answer(w, r) {
			through.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL
}

// TestAnOlderServer: a page that knows more than the server loses nothing, and says
// what can't be done.
func TestAnOlderServer(t *testing.T) {
	s := start(t)
	carl := s.caller("Carl")
	thread := carl.thread(s.url("/demo")).ID
	var asked atomic.Int64
	at := before(t, s, func(w http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case "/api/v1/outbox":
			asked.Add(1)
		case "/api/v1/handover", "/continue":
		default:
			return false
		}
		http.NotFound(w, r)
		return true
	}, nil)
	ann := meet(t, "ann")
	ann.expect(serverGone, formFailed)
	ann.before(`if (location.pathname === "/embed") window.open = () => null;`)
	v := ann.open(at + "/embed?page=" + url.QueryEscape(s.url("/demo")))
	v.live()
	v.comment("", "Ann", "Before it is too old.")
	v.wantOnce("Before it is too old.")
	v.click(".elsewhere button")
	v.seeText(".elsewhere", "could not be sent")

	v = ann.open(at + "/t/" + thread)
	v.live()
	v.ready()
	s.kill()
	v.seeText(".status", "Reconnecting")
	v.comment("", "Ann", "Waits for a newer server.")
	v.outboxHolds(1)
	ann.open("about:blank#closed")
	s.restart()
	v = ann.open(at + "/me")
	eventually(t, "the outbox was offered to it", func() bool { return asked.Load() > 0 })
	v.seeText("#waiting h2", "1 thing")
	if v.count(".wait .why") != 0 {
		t.Errorf("it counts as refused: %s", v.text(".wait .why"))
	}
	v = ann.open(at + "/t/" + thread)
	v.live()
	v.wantOnce("Waits for a newer server.")
	v.outboxHolds(0)
	if n := containing(carl.comments(thread), "Waits for a newer"); n != 1 {
		t.Errorf("it is there %d times", n)
	}
}

// TestANewerServer: what a page doesn't know it passes over, and what it can't
// understand waits.
func TestANewerServer(t *testing.T) {
	s := start(t)
	carl := s.caller("Carl")
	thread := carl.thread(s.url("/demo")).ID
	carl.fill(thread, 2)
	var parks atomic.Bool
	parks.Store(true)
	var parked atomic.Int64
	at := before(t, s, nil, func(path, body string) string {
		if path == "/api/v1/outbox" && parks.Load() {
			parked.Add(1)
			return strings.ReplaceAll(body, `"status":"done"`, `"status":"parked","until":{"somebody":"has looked"}`)
		}
		if path != "/t/"+thread && path != "/me" {
			return body
		}
		return strings.NewReplacer(`"view":{"`, `"view":{"future":[{"x":1}],"`, `"thread":{"`, `"thread":{"future":1,"`, `"frame":{"`, `"frame":{"future":null,"`, `"me":{"`, `"me":{"future":{},"`).Replace(body)
	})
	ann := meet(t, "ann")
	ann.expect(serverGone)
	v := ann.open(at + "/t/" + thread)
	if !ask[bool](v, `() => document.querySelector("#state").textContent.includes("future")`) {
		t.Fatal("the server isn't newer")
	}
	v.live()
	v.ready()
	v.comment("", "Ann", "Said to a newer server.")
	v.wantOnce("Said to a newer server.")
	s.kill()
	v.seeText(".status", "Reconnecting")
	v.comment("", "Ann", "It may be parked.")
	v.outboxHolds(1)
	ann.open("about:blank#closed")
	s.restart()
	v = ann.open(at + "/me")
	eventually(t, "it was parked", func() bool { return parked.Load() > 0 })
	v.seeText("#waiting h2", "1 thing")
	if v.count(".wait .why") != 0 {
		t.Errorf("it counts as refused: %s", v.text(".wait .why"))
	}
	parks.Store(false)
	ann.reload()
	v.wait("it is done", `() => !!window.folkmootOutbox && !document.querySelector("#waiting") && document.readyState === "complete"`)
	v.outboxHolds(0)
	if n := containing(carl.comments(thread), "It may be parked."); n != 1 {
		t.Errorf("it is there %d times", n)
	}
}

// TestOneOutboxOfManyPages: two pages and the worker have the same outbox, and what
// is in it is done once, in its order.
func TestOneOutboxOfManyPages(t *testing.T) {
	s := start(t)
	carl := s.caller("Carl")
	thread := carl.thread(s.url("/demo")).ID
	first := carl.fill(thread, 1)[0]
	ann := meet(t, "ann")
	ann.expect(serverGone)
	ann.open(s.url("/me")).ready()
	v := ann.open(s.url("/t/" + thread))
	v.live()
	v.ready()
	s.kill()
	v.seeText(".status", "Reconnecting")
	said := []string{"The first of three.", "The second of three.", "The third of three."}
	for i, body := range said {
		v.comment("", "Ann", body)
		v.outboxHolds(i + 1)
	}
	v.click("#comment-" + first.ID + " > .deeds button.like")
	v.outboxHolds(4)
	other := ann.tab()
	second := other.open(s.url("/t/" + thread))
	for _, body := range said {
		second.seeText("article.waiting", body)
	}
	third := ann.tab()
	third.open(s.url("/me")).seeText("#waiting h2", "4 things")
	s.restart()
	for _, page := range []*view{v, second} {
		page.run(`() => { dispatchEvent(new Event("online")); }`) // all of them at once
	}
	third.reload()
	for _, page := range []*view{v, second} {
		page.live()
		page.wantOnce(said...)
		page.outboxHolds(0)
	}
	var order []string
	for _, c := range carl.comments(thread) {
		if strings.Contains(c.HTML, "of three") {
			order = append(order, strings.TrimSuffix(strings.TrimPrefix(c.HTML, "<p>"), "</p>"))
		}
		if c.ID == first.ID && c.Likes != 1 {
			t.Errorf("the like counts %d times", c.Likes)
		}
	}
	if strings.Join(order, " ") != strings.Join(said, " ") {
		t.Errorf("there is %q", order)
	}
}

// TestContinueWhileOutboxesWait: what waits in the widget's outbox and in the app's
// when somebody becomes one person is there once, and theirs.
func TestContinueWhileOutboxesWait(t *testing.T) {
	s := start(t)
	b := publish(t, s)
	carl := s.caller("Carl")
	ann := meet(t, "ann")
	ann.expect(serverGone)
	ann.open(b.crossSite())
	w := ann.widget()
	w.spot("#box")
	w.live()
	w.comment("", "Maren", "Said under the article.")
	w.wantOnce("Said under the article.")
	thread := carl.thread(b.crossSite()).ID
	app := ann.tab()
	v := app.open(s.url("/t/" + thread))
	v.live()
	v.comment("", "Maren in the app", "Said in the app.")
	v.wantOnce("Said in the app.")
	s.kill()
	w.seeText(".status", "Reconnecting")
	v.seeText(".status", "Reconnecting")
	w.comment("", "Maren", "Waits under the article.")
	v.comment("", "Maren in the app", "Waits in the app.")
	w.outboxHolds(1)
	v.outboxHolds(1)
	s.restart()
	w.click(".elsewhere button")
	asks := ann.opened("/continue").page()
	asks.seeText(".merges", "Maren in the app")
	asks.click(".consent .send")
	asks.seeText(".came", "You go on here as Maren in the app.")
	all := []string{"Said under the article.", "Said in the app.", "Waits under the article.", "Waits in the app."}
	for _, page := range []*view{w, v} {
		page.live()
		page.wantOnce(all...)
		page.outboxHolds(0)
	}
	authors := map[string]bool{}
	for _, body := range all {
		if n := containing(carl.comments(thread), body); n != 1 {
			t.Errorf("%q is there %d times", body, n)
		}
	}
	for _, c := range carl.comments(thread) {
		authors[c.Author.ID] = true
	}
	if len(authors) != 1 {
		t.Errorf("one person is %d", len(authors))
	}
}

// TestTheClockIsADayOff: ages are right, and what is written offline bears the
// right time.
func TestTheClockIsADayOff(t *testing.T) {
	s := start(t)
	carl := s.caller("Carl")
	thread := carl.thread(s.url("/demo")).ID
	for name, by := range map[string]string{"ahead": "86400000", "behind": "-86400000"} {
		t.Run(name, func(t *testing.T) {
			said := carl.post(thread, "", "Just now, "+name+".")
			ann := meet(t, "ann")
			ann.expect(serverGone)
			ann.before(`{ const D = Date, now = D.now; window.Date = class extends D { constructor(...a) { if (a.length) super(...a); else super(now() + ` + by + `); } static now() { return now() + ` + by + `; } }; }`)
			v := ann.open(s.url("/t/" + thread))
			v.live()
			if age := v.text("#comment-" + said.ID + " > header time"); age != "now" {
				t.Errorf("Carl has spoken %q", age)
			}
			v.comment("", "Ann", "Said "+name+".")
			v.wantOnce("Said " + name + ".")
			if age := v.text("#" + v.withText("Said "+name+".") + " > header time"); age != "now" {
				t.Errorf("Ann has spoken %q", age)
			}
			s.kill()
			v.seeText(".status", "Reconnecting")
			v.comment("", "Ann", "Waiting "+name+".")
			v.outboxHolds(1)
			if age := v.text("article.waiting > header time"); age != "now" {
				t.Errorf("what waits is %q old", age)
			}
			at, err := time.Parse(time.RFC3339, ask[string](v, `async () => (await folkmootOutbox.all())[0].at`))
			if off := time.Since(at).Abs(); err != nil || off > time.Minute {
				t.Errorf("it bears the time %v: %v", at, err)
			}
			s.restart()
			v.live()
			v.wantOnce("Waiting " + name + ".")
			if age := v.text("#" + v.withText("Waiting "+name+".") + " > header time"); age != "now" {
				t.Errorf("what has waited is %q old", age)
			}
		})
	}
}

// TestAKeptPageKnowsTheTime: what is read offline is as old as it is.
func TestAKeptPageKnowsTheTime(t *testing.T) {
	s := start(t)
	carl := s.caller("Carl")
	thread := carl.thread(s.url("/demo")).ID
	said := carl.post(thread, "", "Three hours ago.")
	ann := meet(t, "ann")
	ann.expect(serverGone)
	v := ann.open(s.url("/t/" + thread))
	v.live()
	v.ready()
	s.kill()
	v.run(`async () => {
		const cache = await caches.open("pages"), kept = await cache.match(location.href, { ignoreVary: true }), headers = new Headers(kept.headers);
		headers.set("Kept-At", String(headers.get("Kept-At") - 3 * 3600e3));
		await cache.put(location.href, new Response(await kept.text(), { headers }));
	}`)
	v = ann.open(s.url("/t/" + thread))
	v.wait("the program runs", `() => !!window.folkmoot?.live`)
	v.wait("three hours are three hours", `(id) => document.querySelector("#comment-" + id + " > header time").textContent === "3h"`, said.ID)
}

// TestAThreadIsGone: whoever reads it goes on reading, is told so, and has their text.
func TestAThreadIsGone(t *testing.T) {
	s := start(t)
	carl := s.caller("Carl")
	thread := carl.thread(s.url("/demo")).ID
	carl.post(thread, "", "What was said.")
	ann, bob := meet(t, "ann"), meet(t, "bob")
	ann.expect(serverGone, formFailed)
	bob.expect(serverGone, formFailed)
	ann.open(s.url("/me")).ready()
	v := ann.open(s.url("/t/" + thread))
	v.live()
	v.ready()
	open := bob.open(s.url("/t/" + thread)) // stays open
	open.live()
	s.kill()
	v.seeText(".status", "Reconnecting")
	v.comment("", "Ann", "Never to be said there.")
	v.outboxHolds(1)
	v = ann.open(s.url("/t/" + thread))
	v.seeText("article.comment", "What was said.")
	ann.open("about:blank#closed")
	open.seeText(".status", "Reconnecting")
	open.comment("", "Bob", "Bob was writing.")
	open.outboxHolds(1)

	if err := os.RemoveAll(s.data); err != nil { // as after a restore from before it
		t.Fatal(err)
	}
	s.restart()
	open.seeText(".notice", "no such conversation")
	open.seeText("article.comment", "What was said.")
	open.wait("Bob has his text", `() => document.querySelector("#box").value === "Bob was writing."`)
	open.seeText("#box-error", "no such conversation")

	v = ann.open(s.url("/me"))
	v.seeText(".wait .text", "Never to be said there.")
	v.seeText(".wait .why", "no such conversation")
	v = ann.open(s.url("/t/" + thread))
	v.seeText("[role=alert]", "no such conversation")
	v.wait("it is kept no more", `() => { caches.match(location.href, { cacheName: "pages", ignoreVary: true }).then((kept) => { window.isKept = !!kept; }); return window.isKept === false; }`)
}
