package e2e

import "testing"

// Others see that somebody is writing, and whoever writes doesn't see themself.
func TestTyping(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann, bob := meet(t, "ann"), meet(t, "bob")
	a, b := ann.open(s.embedOf(page)), bob.open(s.embedOf(page))
	a.live()
	b.live()
	a.comment("", "Ann", "So that I have a name.")
	a.gone("article.comment.waiting")
	a.write("#box", "And now for something longer")
	b.seeText(".typing", "Ann is writing…")
	if words := a.text(".typing"); words != "" {
		t.Errorf("Ann is told %q", words)
	}
	a.click("form:has(> #box) .send")
	b.withText("And now for something longer")
	b.wait("nobody is writing any more", `() => document.querySelector(".typing").textContent === ""`)
}
