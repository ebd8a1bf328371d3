package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// words of comments, each of which must be there exactly once.
func (v *view) wantOnce(words ...string) {
	v.p.t.Helper()
	for _, w := range words {
		v.withText(w)
	}
	v.gone("article.waiting")
	for _, w := range words {
		n := ask[int](v, `(w) => [...document.querySelectorAll("article.comment > .text")].filter((e) => e.textContent.includes(w)).length`, w)
		if n != 1 {
			v.p.t.Errorf("%s sees %q %d times", v.p.name, w, n)
		}
	}
}

func TestTheServerDiesAndComesBack(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	carl := s.caller("Carl")
	thread := carl.thread(page)
	carl.fill(thread.ID, 3)
	ann, bob := meet(t, "ann"), meet(t, "bob")
	ann.expect(serverGone)
	bob.expect(serverGone)
	a, v := ann.open(s.embedOf(page)), bob.open(s.embedOf(page))
	a.live()
	v.live()
	a.click(reaction("like")) // so Ann is somebody
	v.counts(reaction("like"), "1")
	a.comment("", "Ann", "Said in peace.")
	v.withText("Said in peace.")
	a.wantOnce("Said in peace.")

	s.kill()
	for _, w := range []*view{a, v} {
		w.seeText(".status", "Reconnecting")
		if w.count("[role=alert]:not(:empty)") != 0 {
			t.Error("a lost connection cries out loud")
		}
		if n := w.count("article.comment"); n != 4 {
			t.Errorf("%d comments are readable without a connection, want 4", n)
		}
	}
	a.comment("", "Ann", "Written in the dark.")
	a.click(reaction("idea"))
	a.isPressed(reaction("idea"), true)
	a.see("article.waiting")
	v.comment("", "Bob", "So was this, by somebody new.")
	v.see("article.waiting")

	s.restart()
	for _, w := range []*view{a, v} {
		w.live()
		w.gone(".status:not(:empty)")
		w.wantOnce("Said in peace.", "Written in the dark.", "So was this, by somebody new.")
		w.counts(reaction("idea"), "1")
	}
	a.isPressed(reaction("idea"), true)
	v.isPressed(reaction("idea"), false)

	all := carl.comments(thread.ID)
	if len(all) != 6 {
		t.Errorf("%d comments are on disk, want 6", len(all))
	}
	for _, w := range []string{"Said in peace", "Written in the dark", "So was this"} {
		if n := containing(all, w); n != 1 {
			t.Errorf("%q is on disk %d times", w, n)
		}
	}
}

// What happens while one person alone is away is caught up with: each thing
// once, and gone things gone.
func TestOnePersonsLineIsCut(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann := s.caller("Ann")
	thread := ann.thread(page)
	all := ann.fill(thread.ID, 3)
	bob := meet(t, "bob")
	bob.expect(serverGone)
	l := lay(t, s)
	v := bob.open(strings.Replace(s.embedOf(page), s.host, l.host, 1))
	v.live()
	v.comment("", "Bob", "Before the cut.")
	v.wantOnce("Before the cut.")

	l.cut()
	v.seeText(".status", "Reconnecting")
	v.comment("", "Bob", "During the cut, by Bob.")
	v.click(reaction("think"))
	ann.post(thread.ID, "", "During the cut, by Ann.")
	ann.post(thread.ID, all[0].ID, "A reply during the cut.")
	ann.remove(all[2].ID)
	ann.react(thread.ID, "heart")
	ann.like(all[1].ID)
	l.mend()

	v.live()
	v.wait("the reply is there, or waits behind the button", `() => document.querySelector("button.new") || document.querySelector(".replies") ? true : false`)
	if v.count("button.new") > 0 {
		v.click("button.new")
	}
	v.wantOnce("Before the cut.", "During the cut, by Bob.", "During the cut, by Ann.", "A reply during the cut.")
	v.counts(reaction("heart"), "1")
	v.counts(reaction("think"), "1")
	v.isPressed(reaction("think"), true)
	v.counts("#comment-"+all[1].ID+" .like", "1")
	v.gone("#comment-" + all[2].ID)
	v.seeText("#comments h2", "6 comments")
	onDisk := ann.comments(thread.ID)
	for _, w := range []string{"Before the cut", "During the cut, by Bob", "During the cut, by Ann", "A reply during"} {
		if n := containing(onDisk, w); n != 1 {
			t.Errorf("%q is on disk %d times", w, n)
		}
	}
	if status := ask[int](v, `async () => (await fetch("/healthz")).status`); status != http.StatusOK {
		t.Errorf("the line is not mended: status %d", status)
	}
}

// A page that the browser kept is live again when somebody comes back to it.
func TestBackToThePage(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann := s.caller("Ann")
	thread := ann.thread(page)
	ann.fill(thread.ID, 3)
	bob := meet(t, "bob")
	v := bob.open(s.embedOf(page))
	v.live()
	v.write("#box", "Half a thought")
	bob.open(s.url("/healthz"))
	ann.post(thread.ID, "", "Said while Bob was elsewhere.")
	bob.page().run(`() => { history.back() }`)
	v.wait("Bob is back", `() => location.pathname === "/embed" && document.readyState === "complete"`)
	v.live()
	v.wantOnce("Said while Bob was elsewhere.")
	v.seeText(".here", "1 here now")
	if got := v.value("#box"); got != "Half a thought" {
		t.Errorf("the box holds %q, want what was typed before", got)
	}
	ann.post(thread.ID, "", "Said when Bob was back.")
	v.wantOnce("Said when Bob was back.")
}
