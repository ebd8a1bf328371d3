package e2e

import "testing"

// A box below the comments comes after them for keyboards and voices, too, and
// doesn't go from under somebody's hands when another comment comes before it.
func TestABoxBelowTheComments(t *testing.T) {
	s := start(t)
	ann, bob := s.caller("Ann"), meet(t, "bob")
	thread := ann.thread(s.url("/demo")).ID
	ann.post(thread, "", "The first word.")
	v := bob.open(s.embedOf(s.url("/demo"), "input=bottom"))
	v.live()
	v.run(`() => document.querySelector("#comments article .reply, #comments article button").focus()`)
	v.wait("the keyboard is at a comment", `() => !!document.activeElement.closest("article")`)
	for range 20 {
		if v.count("article :focus") == 0 {
			break
		}
		bob.key("Tab", "", 9)
	}
	v.wait("the keyboard is in the box", `() => document.activeElement.id === "box"`)

	bob.letter('a')
	before := ask[float64](v, `() => document.querySelector("#box").getBoundingClientRect().top + scrollY`)
	ann.post(thread, "", "While Bob was writing.")
	v.seeText("button.new", "1 new comment")
	if now := ask[float64](v, `() => document.querySelector("#box").getBoundingClientRect().top + scrollY`); now != before {
		t.Errorf("the box went from %v to %v", before, now)
	}
	v.run(`() => document.activeElement.blur()`)
	ann.post(thread, "", "When nobody was.")
	v.withText("When nobody was.")
}
