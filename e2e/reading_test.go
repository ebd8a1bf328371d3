package e2e

import (
	"strings"
	"testing"
)

// What is selected in a comment is quoted in the answer to it.
func TestQuoteReply(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann := s.caller("Ann")
	c := ann.post(ann.thread(page).ID, "", "The draw was never the trouble.\n\nThe chair was.")
	bob := meet(t, "bob")
	v := bob.open(s.embedOf(page))
	v.live()
	v.run(`(id) => getSelection().selectAllChildren(document.querySelector("#comment-" + id + " > .text > p:last-child"))`, c.ID)
	v.click("#comment-" + c.ID + " button[name=reply]")
	box := "#box-" + c.ID
	v.see(box)
	v.wait("the box quotes it", `(box) => document.querySelector(box).value === "> The chair was.\n\n"`, box)
	v.write(box, "It was.")
	v.write(box+"-name", "Bob")
	v.click("form:has(> " + box + ") .send")
	v.seeText(".replies blockquote", "The chair was.")
	v.seeText(".replies .text", "It was.")
}

// What came since the last visit is marked, and a key goes from one to the next.
func TestNewSinceTheLastVisit(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann := s.caller("Ann")
	thread := ann.thread(page).ID
	old := ann.fill(thread, 2)
	bob := meet(t, "bob")
	v := bob.open(s.embedOf(page))
	v.live()
	if n := v.count(".new-to-me"); n != 0 {
		t.Errorf("%d comments are new to somebody who was never here", n)
	}
	v.run(`() => { // that was two hours ago
		const name = Object.keys(localStorage).find((k) => k.startsWith("folkmoot:visit:"));
		localStorage.setItem(name, "2001-01-01T00:00:00Z,");
	}`)
	fresh := []string{ann.post(thread, old[0].ID, "An answer since.").ID, ann.post(thread, "", "A comment since.").ID}
	v = bob.open(s.embedOf(page) + "&again=1")
	v.live()
	v.wait("all are marked as new", `() => document.querySelectorAll(".new-to-me").length === 4`) // the first visit was long ago
	bob.key("n", "n", 'N')
	v.wait("the first has the focus", `(id) => document.activeElement.id === "comment-" + id`, old[0].ID)
	bob.key("n", "n", 'N')
	v.wait("its answer has", `(id) => document.activeElement.id === "comment-" + id`, fresh[0])
	v.write("#box", "no")
	if got := v.value("#box"); !strings.HasPrefix(got, "no") {
		t.Errorf("the box holds %q", got)
	}
}
