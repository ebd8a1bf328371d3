package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"folkmoot/app/talk"
)

// handover makes a code by the form that the widget has without a script.
func (r *reader) handover(thread string) string {
	r.w.t.Helper()
	page := r.with("Referer", r.w.url+embed(article)).form("/do/handover", url.Values{"thread": {thread}}).want(200).doc()
	return text(one(r.w.t, page, "strong", "class", "code"))
}

// refusalOf is what a page says was wrong with a code.
func refusalOf(t *testing.T, page *html.Node) string {
	t.Helper()
	return text(one(t, page, "p", "id", "code-error"))
}

// TestContinueByForms: without a script, too, somebody becomes who they are
// elsewhere, and is asked before.
func TestContinueByForms(t *testing.T) {
	w := start(t)
	widget, app := w.guest(), w.nobody()
	thread := widget.thread(article).ID
	c := widget.say(thread, "", "x")
	shown := widget.get(embed(article)).want(200).doc()
	one(t, shown, "form", "action", "/do/handover")
	if n := len(all(w.nobody().get(embed(article)).want(200).doc(), "form", "action", "/do/handover")); n != 0 {
		t.Error("whoever has said nothing may continue")
	}
	if n := len(all(widget.get("/t/"+thread).want(200).doc(), "form", "action", "/do/handover")); n != 0 {
		t.Error("the app offers to continue in itself")
	}
	code := widget.handover(thread)

	one(t, app.get("/me").want(200).doc(), "form", "action", "/continue")
	one(t, app.get("/continue").want(200).doc(), "input", "name", "code")
	asked := app.form("/continue", url.Values{"code": {strings.ToLower(code)}, "drafts": {"2"}}).want(200)
	if s := text(asked.doc()); !strings.Contains(s, "Continue as Ann?") || !strings.Contains(s, "1 comment") || !strings.Contains(s, "1 conversation that you follow") || !strings.Contains(s, "2 drafts") {
		t.Errorf("it asks: %s", s)
	}
	if app.cookie != "" || !strings.Contains(asked.header.Get("Cache-Control"), "no-store") {
		t.Error("a question has consequences")
	}
	came := app.form("/continue", url.Values{"code": {code}, "drafts": {"2"}, "confirm": {"true"}}).want(303)
	if to := came.header.Get("Location"); to != "/inbox?came=2" {
		t.Errorf("it leads to %s", to)
	}
	if s := text(app.get("/inbox?came=2").want(200).doc()); !strings.Contains(s, "You go on here as Ann.") || !strings.Contains(s, "1 comment") || !strings.Contains(s, "2 drafts") {
		t.Errorf("there it says: %s", s)
	}
	if s := text(app.get("/inbox").want(200).doc()); strings.Contains(s, "You go on here") {
		t.Error("it says so again")
	}
	if m := decode[mine](app.get("/api/v1/me/comments").want(200)); len(m.Comments) != 1 || m.Comments[0].Comment.ID != c.ID {
		t.Errorf("%+v", m)
	}

	again := widget.handover(thread)
	if s := text(app.form("/continue", url.Values{"code": {again}}).want(200).doc()); !strings.Contains(s, "You are Ann here already") || strings.Contains(s, "Yes") {
		t.Errorf("whoever is the same already is told: %s", s)
	}

	// What is wrong with a code is said in words, in the reader's language, and the code stays.
	for name, bad := range map[string]string{"used": code, "wrong": "0000-0000", "empty": "", "hostile": `"><script>alert(1)</script>` + "\x00\u202E", "long": strings.Repeat("x", 5000)} {
		a := app.with("Accept-Language", "de").form("/continue", url.Values{"code": {bad}}).want(403)
		page := a.doc()
		if s := refusalOf(t, page); !strings.Contains(s, "Code") || !strings.Contains(s, "zehn Minuten") {
			t.Errorf("%s: %q", name, s)
		}
		if n := len(all(page, "script", "type", "")); n != 0 || strings.Contains(string(a.body), "<script>alert") {
			t.Errorf("%s: it became markup", name)
		}
		if got := value(one(t, page, "input", "id", "code"), "value"); len(got) > 200 {
			t.Errorf("%s: the field holds %d bytes", name, len(got))
		}
	}
	late := widget.handover(thread)
	w.later(11 * time.Minute)
	if s := refusalOf(t, app.form("/continue", url.Values{"code": {late}, "confirm": {"true"}}).want(403).doc()); s == "" {
		t.Error("nothing is said of a code that is too old")
	}
	w.nobody().form("/do/handover", url.Values{"thread": {thread}}).want(401)
}

// TestALinkMakesNobodyAnother: an address with a code does nothing, and another
// site's form doesn't either. Else whoever follows a stranger's link would write as
// that stranger.
func TestALinkMakesNobodyAnother(t *testing.T) {
	w := start(t)
	mallory, ann := w.guest(), w.guest()
	thread := mallory.thread(article).ID
	mallory.say(thread, "", "x")
	c := ann.say(thread, "", "y")
	code := mallory.handover(thread)
	for _, q := range []string{"?code=" + code, "?code=" + code + "&confirm=true", "?confirm=true&drafts=1&code=" + code} {
		a := ann.get("/continue" + q).want(200)
		if strings.Contains(string(a.body), code) || a.cookie != nil {
			t.Errorf("%s does something", q)
		}
		a = ann.form("/continue"+q, url.Values{"confirm": {"true"}}).want(403)
		if a.cookie != nil {
			t.Errorf("a form at %s does something", q)
		}
	}
	form := url.Values{"code": {code}, "confirm": {"true"}}
	ann.with("Origin", "https://evil.example").form("/continue", form).want(403)
	ann.with("Sec-Fetch-Site", "cross-site").form("/continue", form).want(403)
	ann.with("Sec-Fetch-Site", "cross-site").form("/do/handover", url.Values{"thread": {thread}}).want(403)
	if me := decode[talk.Me](ann.get("/api/v1/me").want(200)); me.Person.ID != c.Author.ID {
		t.Errorf("Ann is %+v", me)
	}
	for _, path := range []string{"/continue"} {
		if p := ann.get(path).want(200).header.Get("Content-Security-Policy"); !strings.Contains(p, "frame-ancestors 'none'") {
			t.Errorf("%s may be framed: %s", path, p)
		}
	}
}

func TestGuessingByForm(t *testing.T) {
	w := startWith(t, setup{origins: []string{blog}, limits: true})
	r := w.nobody()
	for range 10 {
		r.form("/continue", url.Values{"code": {"0000-0000"}}).want(403)
	}
	a := r.form("/continue", url.Values{"code": {"0000-0000"}}).want(429)
	if s := refusalOf(t, a.doc()); s == "" || a.header.Get("Retry-After") == "" {
		t.Errorf("too many tries: %q", s)
	}
}

// TestOutboxesOfOneWhoWasTwo: what waits in either outbox while somebody becomes
// one person is done once, as that person, whoever sends it and when.
func TestOutboxesOfOneWhoWasTwo(t *testing.T) {
	for name, known := range map[string]bool{"the app is somebody": true, "the app's key is nobody's yet": false} {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			there, here := newDevice(t), newDevice(t)
			widget, app := w.nobody(), w.nobody()
			thread := widget.thread(article).ID
			proof := func(d *device) map[string]string {
				return map[string]string{"key": d.name, "proof": d.sign("folkmoot-session-1\n" + w.public)}
			}
			widget.send("POST", "/api/v1/session", proof(there)).want(204)
			if known {
				app.send("POST", "/api/v1/session", proof(here)).want(204)
				app.say(thread, "", "said in the app")
			}
			widget.say(thread, "", "said in the widget")
			before := []entry{there.entry("w1", saying(thread, "w1")), here.entry("a1", saying(thread, "a1"))}
			waits := []entry{there.entry("w2", saying(thread, "w2")), here.entry("a2", saying(thread, "a2"))}
			widget.flush(before[0])
			if known {
				app.flush(before[1])
			}
			code := widget.handover(thread)
			if !known { // continue.js settles whose key it is, if there is one
				app.send("POST", "/api/v1/session", proof(here)).want(204)
			}
			app.send("POST", "/api/v1/continue", map[string]any{"code": code, "confirm": true}).want(204)
			app.send("POST", "/api/v1/session", proof(here)).want(204)
			me := decode[talk.Me](app.get("/api/v1/me").want(200)).Person.ID

			for _, r := range []*reader{widget, app, w.nobody()} {
				for _, e := range append(before, waits...) {
					if s := r.flush(e)[0]; s.Status != "done" || s.Comment.Author.ID != me {
						t.Errorf("%+v, want it done as %s", s, me)
					}
				}
			}
			n := map[string]int{}
			for _, c := range app.comments(thread) {
				n[strings.TrimSuffix(strings.TrimPrefix(c.HTML, "<p>"), "</p>")]++
				if c.Author.ID != me {
					t.Errorf("%s is by %s", c.HTML, c.Author.ID)
				}
			}
			for _, body := range []string{"w1", "w2", "a1", "a2", "said in the widget"} {
				if n[body] != 1 {
					t.Errorf("%q is there %d times", body, n[body])
				}
			}
			other := decode[talk.Me](widget.get("/api/v1/me").want(200)).Person.ID
			if other != me {
				t.Errorf("the widget is %s, the app %s", other, me)
			}
		})
	}
}
