package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// opened is a page that one of the person's pages has opened, as a person of its own.
func (p *person) opened(path string) *person {
	p.t.Helper()
	own := chromedp.FromContext(p.ctx).BrowserContextID
	var id target.ID
	eventually(p.t, "a tab opens at "+path, func() bool {
		all, err := chromedp.Targets(p.ctx)
		for _, t := range all {
			if err == nil && t.Type == "page" && t.BrowserContextID == own && strings.Contains(t.URL, path) {
				id = t.TargetID
			}
		}
		return id != ""
	})
	q := &person{t: p.t, name: p.name + "-tab", frames: map[target.ID]*session{}, allowed: p.allowed}
	q.main = &session{contexts: map[cdp.FrameID]string{}}
	ctx, cancel := chromedp.NewContext(p.ctx, chromedp.WithTargetID(id), chromedp.WithListener(q.main.hear))
	q.ctx, q.main.ctx = ctx, ctx
	p.t.Cleanup(func() { q.leave(); cancel() })
	p.must(chromedp.Do(ctx))
	q.screen(1280, 800)
	_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	p.must(err)
	return q
}

// looks checks what is shown on a phone and a desktop, light and dark.
func (v *view) looks(name string) {
	v.p.t.Helper()
	for _, width := range widths {
		for _, color := range colors {
			v.shoot(name, width, color)
			v.run(`(paper) => { if (!document.documentElement.classList.contains("own")) document.documentElement.style.backgroundColor = paper; }`, map[string]string{"light": "#fff", "dark": "#141816"}[color]) // the host's
			if width == widths[0] {
				v.accessible(name + " " + color)
			}
		}
	}
	v.p.screen(1280, 800)
}

// TestContinueFromTheWidget: whoever has written under an article, in a part of the
// browser's storage that is kept apart, goes on in Folkmoot as themselves, with a
// draft that they had begun.
func TestContinueFromTheWidget(t *testing.T) {
	s := start(t)
	b := publish(t, s)
	carl := s.caller("Carl")
	ann := meet(t, "ann")
	ann.open(b.crossSite())
	w := ann.widget()
	w.spot("#box")
	w.live()
	thread := carl.thread(b.crossSite()).ID
	if w.count(".elsewhere") != 0 {
		t.Error("whoever has said nothing is offered to continue")
	}
	w.comment("", "Maren Holt", "Said under the article.")
	w.wantOnce("Said under the article.")
	mine := w.withText("Said under the article.")
	w.write("#box", "A draft that comes along.")

	w.click(".elsewhere button")
	tab := ann.opened("/continue")
	v := tab.page()
	v.seeText("h1", "Continue as Maren Holt?")
	v.seeText(".brings", "1 comment")
	v.seeText(".brings", "1 draft")
	v.looks("continue-consent")
	v.click(".consent .send")
	v.seeText(".came", "You go on here as Maren Holt.")
	v.looks("continue-came")
	v.wait("it stands at the inbox", `() => location.pathname === "/inbox"`)
	w.seeText(".elsewhere", "you go on as yourself")

	v = tab.open(s.url("/me"))
	v.seeText("h1", "Maren Holt")
	v.seeText(".card .text", "Said under the article.")
	v = tab.open(s.url("/t/" + thread))
	v.live()
	v.wait("the draft has come along", `() => document.querySelector("#box").value === "A draft that comes along."`)
	v.click("form:has(> #box) .send")
	v.wantOnce("A draft that comes along.")
	v.click("#" + mine + " .menu summary")
	v.seeText("#"+mine+" .menu", "Delete")
	w.wantOnce("A draft that comes along.")
	w.click("#" + mine + " .menu summary")
	w.seeText("#"+mine+" .menu", "Delete") // it is theirs on either side
	authors := map[string]bool{}
	for _, c := range carl.comments(thread) {
		authors[c.Author.ID] = true
	}
	if len(authors) != 1 {
		t.Errorf("one person is %d", len(authors))
	}
}

// TestContinueWhereTheyAreOne: under an article of Folkmoot's own site the browser keeps
// one storage for both, and there is nothing to bring.
func TestContinueWhereTheyAreOne(t *testing.T) {
	s := start(t)
	b := publish(t, s)
	ann := meet(t, "ann")
	ann.open(b.sameSite())
	w := ann.widget()
	w.spot("#box")
	w.live()
	w.comment("", "Ann", "Said under the article.")
	w.wantOnce("Said under the article.")
	w.click(".elsewhere button")
	v := ann.opened("/continue").page()
	v.seeText("h1", "You are Ann here already")
	v.looks("continue-same")
	v.click("main .pill")
	v.seeText("h1", "Inbox")
}

// TestContinueByTyping: where pages can't talk to each other, and where there is no
// script, a code is typed.
func TestContinueByTyping(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann := meet(t, "ann")
	ann.expect(formFailed)
	w := ann.open(s.embedOf(page))
	w.live()
	w.comment("", "Ann", "Said in the widget.")
	w.wantOnce("Said in the widget.")
	w.click(".elsewhere button")
	w.see("#handover-code")
	w.looks("continue-widget")
	code := w.value("#handover-code")
	w.click(".code-line button")
	w.seeText(".code-line button", "Copied")

	phone := meet(t, "phone")
	phone.expect(formFailed)
	v := phone.open(s.url("/me"))
	v.wait("the program runs", `() => !!window.folkmoot?.live`)
	v.write("#code", "0000-0000")
	v.click(".enter .send")
	v.seeText("#code-error", "works once")
	v.looks("continue-refused")
	v.rewrite("#code", strings.ToLower(code))
	v.click(".enter .send")
	v.seeText("h1", "Continue as Ann?")
	v.click(".consent .send")
	v.seeText(".came", "You go on here as Ann.")

	bob := withoutScript(t, "bob")
	v = bob.open(s.embedOf(page))
	v.write("textarea[name=body]", "Without a script.")
	v.write("input[name=name]", "Bob")
	v.clickThrough(".send")
	v.clickThrough(".elsewhere button")
	code = v.text("strong.code")
	bobs := withoutScript(t, "bobs-app")
	v = bobs.open(s.url("/continue"))
	v.write("#code", code)
	v.clickThrough(".enter .send")
	v.clickThrough(".consent .send")
	v.seeText(".came", "You go on here as Bob.")
}

// TestContinueWherePagesCantTalk: in a sandbox that opens no tabs, and in a page that
// isolates itself from those that it opens, the code is there to be typed.
func TestContinueWherePagesCantTalk(t *testing.T) {
	s := start(t)
	for name, isolated := range map[string]bool{"sandbox": false, "isolated": true} {
		t.Run(name, func(t *testing.T) {
			h := hosting(t, s, map[string]string{})
			page, sandbox := h.url+"/", `sandbox="allow-scripts allow-same-origin allow-forms"`
			if isolated {
				sandbox = ""
				h.also.Set("Cross-Origin-Opener-Policy", "same-origin")
			}
			h.pages["/"] = `<iframe ` + sandbox + ` style="width: 100%; height: 900px" title="Comments" src="` + s.embedOf(page) + `"></iframe>`
			ann := meet(t, "ann")
			ann.expect("allow-popups", "Cross-Origin-Opener-Policy")
			ann.open(page)
			w := ann.widget()
			w.click("#box")
			w.live()
			w.comment("", "Ann", "Said in here.")
			w.wantOnce("Said in here.")
			w.click(".elsewhere button")
			w.see("#handover-code")
			code := w.value("#handover-code")
			var v *view
			if isolated {
				v = ann.opened("/continue").page()
			} else {
				v = ann.tab().open(s.url("/continue"))
			}
			v.write("#code", code)
			v.click(".enter .send")
			v.seeText("h1", "Continue as Ann?")
		})
	}
}

// TestOnlyOurPagesAreAsked: a page of another site that opens /continue is asked
// for nothing and believed nothing; drafts that aren't such don't come in.
func TestOnlyOurPagesAreAsked(t *testing.T) {
	s := start(t)
	carl := s.caller("Carl")
	carl.post(carl.thread(s.url("/demo")).ID, "", "x")
	var made struct{ Code string }
	carl.call("POST", "handover", nil, &made)
	h := hosting(t, s, map[string]string{"/": `<button>Open</button><script>
		window.heard = [];
		addEventListener("message", (e) => {
			window.heard.push(e.data);
		});
		document.querySelector("button").onclick = () => {
			const tab = open("FOLKMOOT/continue", "_blank");
			setInterval(() => tab.postMessage({ folkmoot: { answer: "", code: "` + made.Code + `", drafts: {} } }, "*"), 20);
		};
	</script>`})
	ann := meet(t, "ann")
	ann.expect(`Failed to execute 'postMessage'`)
	p := ann.open(h.url + "/")
	p.click("button")
	tab := ann.opened("/continue")
	v := tab.page()
	v.wait("it has been asked", `() => !document.querySelector(".by-code").hidden || document.querySelector(".asking").textContent !== ""`)
	v.wait("it has given up, and wants the code typed", `() => !document.querySelector(".by-code").hidden`)
	if got := v.value("#code"); got != "" {
		t.Errorf("a stranger's code is in the field: %q", got)
	}
	if n := ask[int](p, `() => window.heard.length`); n != 0 {
		t.Errorf("a stranger was told %d things", n)
	}

	// One of ours may bring what it likes, but drafts are texts, of boxes, and not endless.
	v = ann.open(s.url("/topics"))
	v.wait("the program runs", `() => !!window.folkmoot?.live`)
	v.run(`(code) => {
		const long = "x".repeat(70000), drafts = {
			goodone: { box: "kept", "box-abc": "kept, too", "box-name": "Ann", other: "no", box2: 7, "box-long": long, "box-empty": "  " },
			"../bad": { box: "no" }, "UPPER": { box: "no" }, notboxes: "no", nothing: null,
		};
		for (let i = 0; i < 40; i++) drafts["many" + i] = { box: "text " + i };
		localStorage.setItem("folkmoot:drafts:goodone", JSON.stringify({ box: "begun here", "box-name": "Maren" }));
		document.querySelector("h1").onclick = () => {
			const tab = open("/continue?lang=de", "_blank");
			addEventListener("message", (e) => {
				const ask = e.data?.folkmoot?.ask;
				if (ask && e.source === tab) tab.postMessage({ folkmoot: { answer: ask, code, drafts } }, location.origin);
			});
		};
	}`, made.Code)
	v.click("h1")
	u := ann.opened("/continue?lang=de").page()
	u.seeText("h1", "Als Carl weitermachen?")
	u.seeText(".brings", "20 Entwürfe")
	u.click(".consent .send")
	u.seeText(".came", "Carl")
	got := ask[map[string]map[string]string](u, `() => Object.fromEntries(Object.keys(localStorage).filter((k) => k.startsWith("folkmoot:drafts:")).map((k) => [k.slice(16), JSON.parse(localStorage[k])]))`)
	if len(got) != 20 {
		t.Errorf("%d conversations have drafts", len(got))
	}
	if g := got["goodone"]; g["box"] != "begun here\n\nkept" || g["box-abc"] != "kept, too" || g["box-name"] != "Maren" || len(g) != 3 {
		t.Errorf("%q", g)
	}
}
