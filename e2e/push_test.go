package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/chromedp"

	"folkmoot/server/push/pushtest"
)

// may says whether the site may show notifications: granted, denied, or prompt.
func (p *person) may(s *server, setting browser.PermissionSetting) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, browser.SetPermission, browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: "notifications"}, Setting: setting, Origin: strings.TrimSuffix(s.url("/"), "/"),
	})
	p.must(err)
}

// A worker is a person's service worker, as the DevTools see it.
type worker struct {
	p      *person
	origin string
	id     serviceworker.RegistrationID
}

// worker finds the service worker of the app that a person has open.
func (p *person) worker(s *server) *worker {
	p.t.Helper()
	w := &worker{p: p, origin: strings.TrimSuffix(s.url("/"), "/")}
	_, err := chromedp.Call(p.ctx, serviceworker.Enable, cdp.Empty{})
	p.must(err)
	eventually(p.t, "the browser knows the worker", func() bool {
		p.main.mu.Lock()
		defer p.main.mu.Unlock()
		for _, r := range p.main.workers {
			if !r.IsDeleted && strings.HasPrefix(r.ScopeURL, w.origin) {
				w.id = r.RegistrationID
			}
		}
		return w.id != ""
	})
	w.run(`self.shown = [];
		const show = registration.showNotification.bind(registration);
		registration.showNotification = (title, options) => { shown.push({ title, ...options }); return show(title, options); };`)
	return w
}

// deliver hands it a message, as the browser's push service would.
func (w *worker) deliver(payload string) {
	w.p.t.Helper()
	_, err := chromedp.Call(w.p.ctx, serviceworker.DeliverPushMessage, serviceworker.DeliverPushMessageParams{
		Origin: w.origin, RegistrationID: w.id, Data: payload,
	})
	w.p.must(err)
}

// run runs a script in the worker, as a function's body.
func (w *worker) run(script string) {
	w.p.t.Helper()
	yes := true
	r, err := chromedp.Call(w.session().ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: "(async () => {" + script + "})()", AwaitPromise: &yes})
	w.p.must(err)
	if r.ExceptionDetails != nil {
		w.p.t.Fatalf("in %s's worker: %s", w.p.name, description(r.ExceptionDetails.Exception))
	}
}

// session watches the worker, as long as it runs.
func (w *worker) session() *session {
	w.p.t.Helper()
	targets, err := chromedp.Targets(w.p.ctx)
	w.p.must(err)
	for _, t := range targets {
		if t.Type == "service_worker" && strings.HasPrefix(t.URL, w.origin) {
			s, err := w.p.attach(t.TargetID)
			w.p.must(err)
			return s
		}
	}
	w.p.t.Fatalf("%s's worker doesn't run", w.p.name)
	return nil
}

// A notification is one that a browser shows.
type notification struct {
	Title, Body, Tag string
	Data             struct{ Path string }
}

// shown are the notifications that it has asked the browser to show: what becomes
// of them on a machine without a desktop is not ours to see.
func (w *worker) shown() (all []notification) {
	w.p.t.Helper()
	r, err := chromedp.Call(w.session().ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: "JSON.stringify(shown)"})
	w.p.must(err)
	var text string
	w.p.must(json.Unmarshal(r.Result.Value, &text))
	w.p.must(json.Unmarshal([]byte(text), &all))
	return all
}

// TestNotifications goes all the way: an answer that is written in one browser is
// shown by another that has the conversation closed. Between them stands a push
// service of the test's own; the browser's can't be reached from here, which the
// page has to say.
func TestNotifications(t *testing.T) {
	s := start(t, "--push-local")
	service := pushtest.Start(t)
	carl := s.caller("Carl")
	thread := carl.thread(s.url("/demo")).ID
	ann := owner(t, "ann")
	ann.expect("folkmoot: no push", "Registration failed", "InvalidStateError", serverGone)
	ann.may(s, browser.PermissionSettingGranted)
	v := ann.open(s.url("/t/" + thread))
	v.live()
	v.ready()
	v.gone("#push-offer:not([hidden])")
	v.comment("", "Ann", "Who answers me?")
	v.wantOnce("Who answers me?")
	v.seeText("#push-offer", "when somebody answers you")
	v.everywhere("the offer")
	v.click("#push-offer .yes")
	v.seeText("#push-offer p", "can't be reached") // in words, as there is no push service here
	v.click("#push-offer .no")
	v.gone("#push-offer:not([hidden])")

	subscribe := func(d *pushtest.Device) {
		t.Helper()
		if status := ask[int](v, `async (body) => (await fetch("/api/v1/push", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })).status`, d.Subscription()); status != 204 {
			t.Fatalf("subscribing answers %d", status)
		}
	}
	subscribe(service.Device("phone"))
	w := ann.worker(s)
	hers := v.withText("Who answers me?")
	bob := meet(t, "bob")
	theirs := bob.open(s.url("/t/" + thread))
	theirs.live()
	theirs.click("#" + hers + " button[name=reply]")
	theirs.comment(strings.TrimPrefix(hers, "comment-"), "Bob", "Bob does.")
	message := service.Await(1)[0]

	v = ann.open(s.url("/topics"))
	v.wait("the program runs", `() => !!window.folkmoot?.live`)
	w.deliver(message.Raw)
	eventually(t, "a notification is shown", func() bool { return len(w.shown()) == 1 })
	n := w.shown()[0]
	if n.Title != "Bob answered you" || n.Body != "Bob does." || n.Tag != message.Tag || n.Data.Path != message.Path {
		t.Errorf("shown is %+v, of %+v", n, message.Said)
	}
	w.run(`dispatchEvent(Object.assign(new ExtendableEvent("notificationclick"), { notification: { data: shown[0].data, close: () => { shown[0].title = "closed"; } } }));`)
	v.wait("it leads to the answer", `(path) => location.pathname + location.hash === path && !!document.querySelector(location.hash)?.textContent.includes("Bob does.")`, message.Path)
	if w.shown()[0].Title != "closed" {
		t.Error("a notification that was clicked stays")
	}

	// Who looks at the conversation is told nothing of it; what isn't ours, or too
	// much, breaks nothing.
	v.live()
	for _, payload := range []string{message.Raw, "", "hello", "null", `{"folkmoot":2,"title":"x","path":"/t/x"}`, `{"folkmoot":1,"title":"x","path":"//evil.example/"}`, strings.Repeat("x", 4000)} {
		w.deliver(payload)
	}
	long, _ := json.Marshal(pushtest.Said{Folkmoot: 1, Title: strings.Repeat("t", 1000), Body: strings.Repeat("b", 2000), Path: "/t/elsewhere", Tag: "long"})
	w.deliver(string(long))
	eventually(t, "the last one is shown", func() bool { return len(w.shown()) > 1 })
	if all := w.shown(); len(all) != 2 || len(all[1].Title) != 200 || len(all[1].Body) != 500 {
		t.Errorf("shown are %+v", all)
	}

	// The browser changes its subscription.
	v = ann.open(s.url("/topics"))
	fresh, _ := json.Marshal(service.Device("other").Subscription())
	requests := len(service.Taken())
	w.run(`const told = new Promise((answer) => { const real = fetch; self.fetch = async (...all) => { const got = await real(...all); if (all[0] === "/api/v1/push") answer(got.status); return got; }; });
		dispatchEvent(Object.assign(new ExtendableEvent("pushsubscriptionchange"), { newSubscription: { toJSON: () => (` + string(fresh) + `) }, oldSubscription: { endpoint: "` + service.URL + `/phone" } }));
		if (await told !== 204) throw new Error("it isn't told of the change");`)
	carl.post(thread, strings.TrimPrefix(hers, "comment-"), "Is it there?")
	if all := service.Await(requests + 1); all[requests].Device != "other" || all[requests].Body != "Is it there?" {
		t.Errorf("it is told %+v", all[requests])
	}
}

// everywhere looks whether a page is accessible on a phone and a desktop, light and
// dark, and makes pictures of it if that is asked for.
func (v *view) everywhere(what string) {
	v.p.t.Helper()
	for _, width := range widths {
		for _, color := range colors {
			v.p.screen(width, 800)
			v.p.prefer("prefers-color-scheme", color)
			v.accessible(what + ", " + color)
			if os.Getenv("SCREENSHOTS") != "" {
				picture, err := chromedp.Run(v.p.ctx, chromedp.CaptureScreenshot())
				v.p.must(err)
				v.p.must(os.WriteFile(picturePath(v.p.t, fmt.Sprint(what, width, color)), picture, 0o644))
			}
		}
	}
	v.p.screen(1280, 800)
}

// TestDeviceSwitch: under Me, each browser says what is so, in words.
func TestDeviceSwitch(t *testing.T) {
	s := start(t)
	ann := owner(t, "ann")
	ann.expect("folkmoot: no push", "Registration failed", serverGone)
	ann.may(s, browser.PermissionSettingGranted)
	me := func(s *server) *view {
		v := ann.open(s.url("/me"))
		v.wait("the program runs", `() => !!window.folkmoot?.live`)
		return v
	}
	v := me(s)
	v.ready()
	v.see("#push .on")
	v.click("#push .on")
	v.seeText("#push .when-failed", "can't be reached")
	v.see("#push .on")
	v.run(`() => { const at = document.querySelector("input[name=from]"); at.value = "22:00"; at.dispatchEvent(new Event("change", { bubbles: true })); }`)
	v.wait("quiet hours are where the device is", `() => document.querySelector("input[name=zone]").value === Intl.DateTimeFormat().resolvedOptions().timeZone`)
	ann.may(s, browser.PermissionSettingDenied)
	v = me(s)
	v.seeText("#push .when-denied", "settings")
	v.everywhere("the switch that can't be turned")
	v.wait("it can't be turned on", `() => !document.querySelector("#push .on").checkVisibility()`)

	off := start(t, "--push", "off")
	v = me(off)
	if ask[bool](v, `() => !!document.querySelector("script[data-key]") || document.querySelector("#push").checkVisibility()`) {
		t.Error("where it is off, there is a switch")
	}
}
