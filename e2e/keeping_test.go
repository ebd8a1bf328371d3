package e2e

import (
	"os/exec"
	"strings"
	"testing"
)

// own makes a person's browser the site's owner, as an operator does.
func (s *server) own(p *person) {
	s.t.Helper()
	out, err := exec.Command(binary, "owner-link", "--data", s.data, "--public-url", "http://"+s.host).Output()
	if err != nil {
		s.t.Fatal(err)
	}
	link, _, _ := strings.Cut(string(out), "\n")
	v := p.open(link)
	v.click("button")
	v.wait("the owner is told so", `() => document.body.textContent.includes("This browser is the owner")`)
}

// choose picks from a comment's menu.
func (v *view) choose(comment, words string) {
	v.p.t.Helper()
	menu := "#comment-" + comment + " > .deeds > .menu"
	v.click(menu + " > summary")
	v.see(menu + " button")
	v.run(`(menu, words) => { [...document.querySelectorAll(menu + " button")].find((b) => b.textContent === words).click(); }`, menu, words)
}

// The author changes a comment, deletes it, and thinks better of it; everybody
// sees that.
func TestEditDeleteUndo(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann, bob := meet(t, "ann"), meet(t, "bob")
	a, b := ann.open(s.embedOf(page)), bob.open(s.embedOf(page))
	a.live()
	b.live()
	a.comment("", "Ann", "The *frist* word is mine.")
	id := strings.TrimPrefix(b.withText("The frist word is mine."), "comment-")
	if n := a.count(".menu form"); n != 0 {
		t.Errorf("%d menus hold something that nobody has asked for", n)
	}
	a.wait("it has its number", `(id) => !!document.querySelector("#comment-" + id)`, id)
	edit := func() {
		t.Helper()
		a.choose(id, "Edit")
		a.wait("the box holds what was written", `(id) => document.querySelector("#box-edit-" + id)?.value === "The *frist* word is mine."`, id)
		a.rewrite("#box-edit-"+id, "The *first* word is mine.")
		a.click("form:has(> #box-edit-" + id + ") .send")
		for _, v := range []*view{a, b} {
			v.withText("The first word is mine.")
			v.seeText("#comment-"+id+" .edited", "edited")
		}
	}
	edit()
	a.click("#comment-" + id + " button[name=unedit]")
	for _, v := range []*view{a, b} {
		v.withText("The frist word is mine.")
	}
	if n := a.count("button[name=unedit]"); n != 0 {
		t.Error("what was taken back can be taken back")
	}
	edit()
	a.choose(id, "What it said before")
	a.seeText("#comment-"+id+" > .past > li:first-child", "The *frist* word is mine.")
	a.seeText("#comment-"+id+" > .past > li:nth-child(3)", "The *frist* word is mine.")
	a.accessible("an edited comment, and what it said")
	b.click("#comment-" + id + " .menu > summary")
	b.see("#comment-" + id + " .menu button")
	if n := b.count("button[name=past]"); n != 0 {
		t.Error("others are offered to see what it said before")
	}
	a.choose(id, "Delete")
	b.gone("#comment-" + id)
	a.seeText(".stone", "You deleted this comment.")
	a.click(".stone button")
	b.withText("The first word is mine.")
	a.withText("The first word is mine.")
}

// An owner keeps order in the widget.
func TestAnOwnerKeepsOrder(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann := s.caller("Ann")
	all := ann.fill(ann.thread(page).ID, 3)
	owner, bob := meet(t, "owner"), meet(t, "bob")
	s.own(owner)
	o, b := owner.open(s.embedOf(page)), bob.open(s.embedOf(page))
	o.live()
	b.live()

	b.choose(all[1].ID, "Spam")
	b.seeText(".thanks", "Thank you")
	o = owner.open(s.embedOf(page) + "&again=1")
	o.live()
	o.seeText(".queue > summary", "1 comment waits for you")
	o.click(".queue > summary")
	o.seeText(".case .why", "1 × Spam")

	o.run(`() => { [...document.querySelectorAll(".case button")].find((b) => b.textContent === "It is fine").click(); }`)
	o.gone(".queue")

	o.choose(all[2].ID, "Pin to the top")
	b.wait("the pinned one comes first", `(id) => document.querySelector("article.comment").id === "comment-" + id`, all[2].ID)
	b.seeText("#comment-"+all[2].ID+" .mark", "pinned")
	o.choose(all[1].ID, "Remove")
	b.gone("#comment-" + all[1].ID)

	o.click(".head form button")
	b.seeText(".locked", "This conversation is closed.")
	b.gone("#box")
	o.see("#box")
	o.click(".head form button")
	b.see("#box")
}

// An owner says in place who wrote the article, and who keeps order; readers see
// that.
func TestAnOwnerNamesTheAuthor(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann := s.caller("Ann")
	all := ann.fill(ann.thread(page).ID, 2)
	s.caller("Cy").post(all[0].Thread, "", "I am somebody else.")
	owner, bob := meet(t, "owner"), meet(t, "bob")
	s.own(owner)
	o := owner.open(s.embedOf(page))
	o.live()
	badges := func(v *view, want ...string) {
		t.Helper()
		v.wait("the badges are right", `(want) => JSON.stringify([...document.querySelectorAll("article.comment")].map((c) =>
			[...c.querySelectorAll(".badge")].map((b) => b.textContent).join("+"))) === JSON.stringify(want)`, want)
	}
	badges(o, "", "", "")
	o.choose(all[0].ID, "Wrote the article")
	badges(o, "author", "author", "")
	o.seeText(".thanks", "the article’s author")
	o.run(`(id) => { document.querySelector("#comment-" + id + " .menu").open = false; }`, all[0].ID)
	o.choose(all[1].ID, "Make the author a moderator")
	badges(o, "author+moderator", "author+moderator", "")
	b := bob.open(s.embedOf(page) + "&again=1")
	badges(b, "author+moderator", "author+moderator", "")
	ann.post(all[0].Thread, "", "And one more.")
	badges(o, "author+moderator", "author+moderator", "", "author+moderator")
	o.run(`(id) => { document.querySelector("#comment-" + id + " .menu").open = false; }`, all[1].ID)
	o.choose(all[0].ID, "No moderator any more")
	badges(o, "author", "author", "", "author")
	o.run(`(id) => { document.querySelector("#comment-" + id + " .menu").open = false; }`, all[0].ID)
	o.choose(all[1].ID, "Didn’t write the article")
	badges(o, "", "", "", "")
}
