package e2e

import (
	"strings"
	"testing"
)

// outboxHolds waits until so many entries are on the device.
func (v *view) outboxHolds(n int) {
	v.p.t.Helper()
	v.wait("the outbox is as full as that", `(n) => { folkmootOutbox.all().then((all) => { window.waits = all.length; }); return window.waits === n; }`, n)
}

// TestWhatWaitsIsShown: what can't be sent says so, where it stands and in /me, and
// can be taken back: its text is in its box again.
func TestWhatWaitsIsShown(t *testing.T) {
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

	v.comment("", "Ann", "Taken back where it stands.")
	v.seeText("article.waiting .sending", "Waits for the network")
	v.outboxHolds(1)
	v.click("article.waiting .sending button")
	v.gone("article.waiting")
	v.wait("the text is in its box again", `() => document.querySelector("#box").value === "Taken back where it stands."`)
	v.outboxHolds(0)

	v.rewrite("#box", "Taken back in Me.")
	v.click("form:has(> #box) .send")
	v.outboxHolds(1)
	v.rewrite("#box", "Kept, and sent.")
	v.click("form:has(> #box) .send")
	v.click("#comment-" + first.ID + " > .deeds button.like")
	v.outboxHolds(3)
	v.seeText(".nav .waits", "3")
	v.accessible("what waits")

	v = ann.open(s.url("/me"))
	v.seeText("#waiting h2", "3 things wait to be sent")
	v.seeText(".wait .kind", "Like")
	v.looks("me-waiting")
	v.click(".wait:has(.text) .does button:last-child")
	v.seeText("#waiting h2", "2 things wait to be sent")
	v.seeText(".wait .text", "Kept, and sent.")
	v = ann.open(s.url("/t/" + thread))
	v.see("article.waiting")
	v.wait("what was taken back is a draft", `() => document.querySelector("#box").value === "Taken back in Me."`)
	v.seeText("article.waiting", "Kept, and sent.")

	s.restart()
	v.live()
	v.wantOnce("Kept, and sent.")
	v.outboxHolds(0)
	v.gone(".nav .waits")
	if n := containing(carl.comments(thread), "Taken back"); n != 0 {
		t.Errorf("what was taken back is there %d times", n)
	}
}

// TestWhatIsKeptIsCleared: a reader sees how much is kept and clears it, and is told
// exactly what would be lost.
func TestWhatIsKeptIsCleared(t *testing.T) {
	s := start(t)
	carl := s.caller("Carl")
	thread := carl.thread(s.url("/demo")).ID
	carl.fill(thread, 1)
	ann := meet(t, "ann")
	ann.expect(serverGone)
	v := ann.open(s.url("/t/" + thread))
	v.live()
	v.ready()
	v.comment("", "Ann", "Said before.")
	v.wantOnce("Said before.")
	ann.open(s.url("/me")).ready()
	v = ann.open(s.url("/t/" + thread))
	v.live()
	s.kill()
	v.seeText(".status", "Reconnecting")
	v.comment("", "Ann", "Never sent.")
	v.outboxHolds(1)
	v.write("#box", "A draft.")

	v = ann.open(s.url("/me"))
	v.seeText("#waiting h2", "1 thing")
	v.seeText(".stored", "1 conversation")
	v.click("#clear")
	v.seeText("#clearing", "1 draft")
	v.seeText("#clearing .lost", "Never sent.")
	v.looks("me-clearing")
	v.click("#clearing .pill.alarm") // without a network a session can't be ended: nothing is lost
	v.seeText("#device [role=status]", "could not")
	v.outboxHolds(1)
	v.click("#clearing .pill:not(.alarm)")
	v.seeText("#device [role=status]", "Cleared")
	v.outboxHolds(1)
	v.wait("no page and no draft is kept", `() => { caches.open("pages").then((c) => c.keys()).then((k) => { window.keptPages = k.length; }); return window.keptPages === 0 && !Object.keys(localStorage).some((k) => k.startsWith("folkmoot:drafts:")); }`)

	s.restart()
	bob := meet(t, "bob") // somebody with nothing that waits forgets all
	v = bob.open(s.url("/t/" + thread))
	v.live()
	v.comment("", "Bob", "By Bob.")
	v.wantOnce("By Bob.")
	other := bob.tab().open(s.url("/t/" + thread))
	other.live()
	v = bob.open(s.url("/me"))
	v.seeText("h1", "Bob")
	v.ready()
	v.click("#clear")
	v.click("#clearing .pill.alarm")
	v.seeText("h1", "Nobody yet")
	other.wait("the other page is nobody's either", `() => JSON.parse(document.querySelector("#state")?.textContent || "{}").me?.id === ""`)
	v.wait("the program runs", `() => !!window.folkmoot?.live && !!window.folkmootOutbox`)
	v.wait("nothing is left but that the other page was read anew", `() => Object.keys(localStorage).every((k) => k.startsWith("folkmoot:visit:"))`)
	if n := ask[int](v, `async () => (await folkmootOutbox.all()).length`); n != 0 {
		t.Errorf("%d things wait", n)
	}
	if k := ask[string](v, `async () => (await folkmootOutbox.proof(location.origin, true)).key ?? ""`); k != "" {
		t.Error("its key is still there")
	}
}

// TestABrowserThatKeepsNothing: in a private window, or with a broken storage, /me
// says so, and the rest works.
func TestABrowserThatKeepsNothing(t *testing.T) {
	s := start(t)
	for name, breakage := range map[string]string{
		"none": `Object.defineProperty(window, "indexedDB", { value: undefined }); Object.defineProperty(window, "caches", { value: undefined }); Object.defineProperty(Navigator.prototype, "storage", { value: undefined });`,
		"refused": `IDBFactory.prototype.open = () => { throw new DOMException("no", "SecurityError"); }; CacheStorage.prototype.open = () => Promise.reject(new DOMException("no", "SecurityError"));
			StorageManager.prototype.estimate = () => Promise.reject(new TypeError("no"));`,
	} {
		t.Run(name, func(t *testing.T) {
			ann := meet(t, "ann")
			ann.t = t
			ann.before(breakage)
			v := ann.open(s.url("/me"))
			v.seeText(".stored", "keeps nothing")
			v.click("#clear")
			v.click("#clearing .pill:not(.alarm)")
			v.seeText("#device [role=status]", "Cleared")
		})
	}
}

// TestWhatIsEnteredSurvivesTheTakeover: the forms of /me, too.
func TestWhatIsEnteredSurvivesTheTakeover(t *testing.T) {
	s := start(t)
	ann := meet(t, "ann")
	ann.before(`window.requestIdleCallback = (go) => { window.goOn = go; };`) // the program waits for us
	v := ann.open(s.url("/me"))
	v.run(`() => {
		document.querySelector("#code").value = "7Q3K";
		document.querySelector("input[name=like]").checked = true;
		document.querySelector("input[name=from]").value = "22:00";
	}`)
	v.wait("the program is let go", `() => { window.goOn?.(); return !!window.folkmoot?.live; }`)
	if got := ask[string](v, `() => document.querySelector("#code").value + document.querySelector("input[name=like]").checked + document.querySelector("input[name=from]").value`); got != "7Q3Ktrue22:00" {
		t.Errorf("after the takeover there is %q", got)
	}
}

// TestABanWhileTheOutboxWaits: the text is given back with the reason, in its
// conversation and in /me.
func TestABanWhileTheOutboxWaits(t *testing.T) {
	s := start(t)
	carl := s.caller("Carl")
	thread := carl.thread(s.url("/demo")).ID
	ann := meet(t, "ann")
	ann.expect(serverGone)
	ann.open(s.url("/me")).ready()
	v := ann.open(s.url("/t/" + thread))
	v.live()
	v.ready()
	v.comment("", "Ann", "The one that she is banned for.")
	v.wantOnce("The one that she is banned for.")
	said := strings.TrimPrefix(v.withText("The one that she is banned for."), "comment-")
	s.kill()
	v.seeText(".status", "Reconnecting")
	v.comment("", "Ann", "Written in a tunnel, meanwhile.")
	v.outboxHolds(1)
	ann.open("about:blank#closed")
	s.restart()
	boss := meet(t, "boss")
	s.own(boss)
	if !ask[bool](boss.page(), `async (id) => (await fetch("/api/v1/comments/" + id + "/ban", { method: "PUT" })).ok`, said) {
		t.Fatal("nobody was banned")
	}

	v = ann.open(s.url("/me"))
	v.seeText(".wait .text", "Written in a tunnel, meanwhile.")
	v.seeText(".wait .why", "Not done")
	v.seeText(".wait .does", "Throw away")
	v = ann.open(s.url("/t/" + thread))
	v.wait("the text is in its box", `() => document.querySelector("#box").value === "Written in a tunnel, meanwhile."`)
	v.seeText("#box-error", "excluded you")
	v.gone("article.waiting")
	v.outboxHolds(0)
	if n := containing(carl.comments(thread), "in a tunnel"); n != 0 {
		t.Errorf("it is there %d times", n)
	}
}
