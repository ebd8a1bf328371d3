package e2e

import (
	"strings"
	"testing"
)

// TestWhatWasWrittenOfflineIsSentOnce: nothing of it is lost with the page, and
// nothing is there twice.
func TestWhatWasWrittenOfflineIsSentOnce(t *testing.T) {
	s := start(t)
	carl := s.caller("Carl")
	thread := carl.thread(s.url("/demo")).ID
	first := carl.fill(thread, 2)[0]
	ann := meet(t, "ann")
	ann.expect(serverGone)
	v := ann.open(s.url("/t/" + thread))
	v.live()
	v.ready()
	s.kill()

	v.seeText(".status", "Reconnecting")
	v.comment("", "Ann", "Written in a tunnel.")
	v.see("article.waiting")
	v.click("#comment-" + first.ID + " > .deeds button.like")
	v.click(reaction("idea"))
	v.outboxHolds(3)
	v.wait("each is signed, where a browser can", `() => { folkmootOutbox.all().then((all) => { window.signed = all.every((e) => e.signature && e.key); }); return window.signed === true; }`)

	// The page is closed and opened again, still without a network.
	ann.open("about:blank#closed")
	v = ann.open(s.url("/t/" + thread))
	v.see("article.waiting")
	v.seeText("article.waiting", "Written in a tunnel.")
	v.isPressed(reaction("idea"), true)
	other := ann.open(s.url("/t/" + thread)) // and once more
	other.see("article.waiting")

	s.restart()
	other.live()
	other.wantOnce("Written in a tunnel.")
	other.counts(reaction("idea"), "1")
	other.outboxHolds(0)
	all := carl.comments(thread)
	if n := containing(all, "Written in a tunnel."); n != 1 {
		t.Errorf("it is on disk %d times", n)
	}
	for _, c := range all {
		if c.ID == first.ID && c.Likes != 1 {
			t.Errorf("the like counts %d times", c.Likes)
		}
	}
}

// TestWithoutADatabase: what is written in a private window that has no
// IndexedDB, or a broken one, is sent all the same.
func TestWithoutADatabase(t *testing.T) {
	for name, breakage := range map[string]string{
		"none":    `Object.defineProperty(window, "indexedDB", { value: undefined });`,
		"refused": `IDBFactory.prototype.open = () => { throw new DOMException("no", "SecurityError"); };`,
		"corrupt": `IDBFactory.prototype.open = function () { const r = new EventTarget(); setTimeout(() => { Object.defineProperty(r, "error", { value: new DOMException("corrupt", "UnknownError") }); r.onerror?.(new Event("error")); }); return r; }; IDBFactory.prototype.deleteDatabase = IDBFactory.prototype.open;`,
		"full":    `IDBObjectStore.prototype.add = () => { throw new DOMException("full", "QuotaExceededError"); };`,
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			carl := s.caller("Carl")
			thread := carl.thread(s.url("/demo")).ID
			ann := meet(t, "ann")
			ann.expect(serverGone)
			ann.before(breakage)
			v := ann.open(s.url("/t/" + thread))
			v.live()
			s.kill()
			v.seeText(".status", "Reconnecting")
			v.comment("", "Ann", "Without a database.")
			v.see("article.waiting")
			s.restart()
			v.live()
			v.wantOnce("Without a database.")
			if n := containing(carl.comments(thread), "Without a database."); n != 1 {
				t.Errorf("it is on disk %d times", n)
			}
		})
	}
}

// TestTheWorkerSendsWhatWaits: it needs no page of the conversation. Whoever
// wrote it is proved by a key, not by a session, which is gone here.
func TestTheWorkerSendsWhatWaits(t *testing.T) {
	s := start(t)
	carl := s.caller("Carl")
	thread := carl.thread(s.url("/demo")).ID
	ann := meet(t, "ann")
	ann.expect(serverGone)
	v := ann.open(s.url("/t/" + thread))
	v.live()
	v.ready()
	s.kill()
	v.seeText(".status", "Reconnecting")
	v.comment("", "Ann", "First in the tunnel.")
	v.outboxHolds(1)
	v.comment("", "Ann", "Second in the tunnel.")
	v.outboxHolds(2)
	ann.open("about:blank#closed")
	s.restart()
	ann.open(s.url("/topics"))
	eventually(t, "both are on disk", func() bool { return len(carl.comments(thread)) == 2 })
	all := carl.comments(thread)
	if !strings.Contains(all[0].HTML, "First") || !strings.Contains(all[1].HTML, "Second") {
		t.Errorf("they came as %q, %q", all[0].HTML, all[1].HTML)
	}
	if all[0].Author.ID != all[1].Author.ID {
		t.Error("one person became two")
	}
	v = ann.open(s.url("/t/" + thread)) // who has the session that came with it
	v.live()
	v.wantOnce("First in the tunnel.", "Second in the tunnel.")
	v.click("#" + v.withText("Second in the tunnel.") + " .menu summary")
	v.seeText(".menu[open]", "Delete")
}
