package e2e

import "testing"

// TestAHiddenPageRests: nobody reads in a tab that has been hidden for a while,
// so it lets go of its connection; when it is seen again, it has everything.
func TestAHiddenPageRests(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	carl := s.caller("Carl")
	thread := carl.thread(page).ID
	ann, bob := meet(t, "ann"), meet(t, "bob")
	ann.before(`
		Object.defineProperty(document, "visibilityState", { get: () => window.lookedAway ? "hidden" : "visible" });
		window.look = (away) => { window.lookedAway = away; document.dispatchEvent(new Event("visibilitychange")); };
		let program;
		Object.defineProperty(window, "folkmoot", { get: () => program, set: (v) => { program = v; v.rest = 1; } }); // a moment, for five minutes`)
	v, w := ann.open(s.embedOf(page)), bob.open(s.embedOf(page))
	v.live()
	w.live()
	w.seeText(".here", "2")
	v.run(`() => look(true)`)
	w.seeText(".here", "1")
	if got := v.text(".status"); got != "" {
		t.Errorf("the hidden page says %q", got)
	}
	carl.fill(thread, 1)
	w.see("article.comment")
	if n := v.count("article.comment"); n != 0 {
		t.Errorf("the hidden page shows %d comments", n)
	}
	v.run(`() => look(false)`)
	v.see("article.comment")
	w.seeText(".here", "2")
}

// TestASiteCanHideWhoIsThere: nobody is told how many read or who writes.
func TestASiteCanHideWhoIsThere(t *testing.T) {
	s := start(t, "--presence", "off", "--typing", "off")
	page := s.url("/demo")
	ann, bob := meet(t, "ann"), meet(t, "bob")
	v, w := ann.open(s.embedOf(page)), bob.open(s.embedOf(page))
	v.live()
	w.live()
	v.comment("", "Ann", "Somebody is here.")
	w.withText("Somebody is here.")
	v.write("#box", "And writes more")
	v.click(reaction("like")) // which comes after what typing would have said
	w.counts(reaction("like"), "1")
	if here, typing := w.text(".here"), w.text(".typing"); here != "" || typing != "" {
		t.Errorf("Bob is told %q and %q", here, typing)
	}
}

// TestAFrozenPageRests: a browser that freezes a page lets nothing run in it, so
// the page lets go of its connection first.
func TestAFrozenPageRests(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	carl := s.caller("Carl")
	thread := carl.thread(page).ID
	ann, bob := meet(t, "ann"), meet(t, "bob")
	v, w := ann.open(s.embedOf(page)), bob.open(s.embedOf(page))
	v.live()
	w.live()
	w.seeText(".here", "2")
	v.run(`() => {
		window.lost = false;
		new MutationObserver(() => { window.lost ||= document.querySelector(".status").textContent.trim() !== ""; })
			.observe(document.body, { subtree: true, childList: true, characterData: true });
	}`)
	v.run(`() => document.dispatchEvent(new Event("freeze"))`) // Chromium freezes no page that it shows, and here it shows all
	w.seeText(".here", "1")
	carl.fill(thread, 1)
	w.see("article.comment")
	v.run(`() => document.dispatchEvent(new Event("resume"))`)
	v.see("article.comment")
	w.seeText(".here", "2")
	if ask[bool](v, `() => window.lost`) {
		t.Error("it says that something is wrong")
	}
}
