package e2e

import (
	"fmt"
	"testing"

	"folkmoot/app/talk"
)

// A branch can be folded away, with and without the program; the takeover
// leaves it so, and an address that names a comment in it opens it.
func TestBranchesFold(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann := s.caller("Ann")
	thread := ann.thread(page)
	deep := ann.fill(thread.ID, 1)[0].ID
	first := deep
	for range 6 {
		deep = ann.post(thread.ID, deep, "An answer.").ID
	}
	bob := meet(t, "bob")
	v := bob.open(s.embedOf(page))
	v.live()
	branch := "#comment-" + first + " > .replies"
	v.seeText(branch+" > summary", "6 replies")
	v.seeText("#comment-"+deep+" .to", "in reply to Ann")
	v.click(branch + " > summary")
	v.wait("the branch is folded", `(id) => !document.querySelector(id).open`, branch)
	ann.post(thread.ID, first, "One more, while it is folded.")
	v.seeText(branch+" > summary", "7 replies")
	if ask[bool](v, `(id) => document.querySelector(id).open`, branch) {
		t.Error("an answer has unfolded it")
	}
	v.run(`(id) => { location.hash = "comment-" + id; }`, deep)
	v.wait("the branch is open", `(id) => document.querySelector(id).open`, branch)
}

// Comments stand in the order that a link asks for.
func TestSorts(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann := s.caller("Ann")
	all := ann.fill(ann.thread(page).ID, 3)
	bob := meet(t, "bob")
	v := bob.open(s.embedOf(page))
	v.live()
	first := func(id string) {
		t.Helper()
		v.wait("it comes first", `(id) => document.querySelector("article.comment")?.id === "comment-" + id`, id)
	}
	first(all[0].ID)
	v.click(`.sorts a[href*="sort=newest"]`)
	first(all[2].ID)
	v.seeText(".sorts [aria-current]", "Newest")
	v.live()
	v.click("#comment-" + all[1].ID + " .like")
	v.isPressed("#comment-"+all[1].ID+" .like", true)
	v.gone("article.waiting")
	v.click(`.sorts a[href*="sort=top"]`)
	first(all[1].ID)
}

// Of a long branch a part is shown, and the others when they are asked for; what
// comes live behind them is counted.
func TestLongBranchesShowTheirRestWhenAsked(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann := s.caller("Ann")
	thread := ann.thread(page)
	root := ann.fill(thread.ID, 2)[0].ID
	reply := ann.post(thread.ID, root, "Reply 0.").ID
	for i := range talk.PageReplies + 4 {
		ann.post(thread.ID, reply, fmt.Sprintf("Reply %d.", i+1))
	}
	bob := meet(t, "bob")
	v := bob.open(s.embedOf(page))
	v.live()
	v.seeText(".rest a", "Show 5 more replies")
	ann.post(thread.ID, reply, "The latest.")
	v.seeText(".rest a", "Show 6 more replies")
	v.click(".rest a")
	first := v.withText(fmt.Sprintf("Reply %d.", talk.PageReplies))
	v.wait("the first of them has the focus", `(id) => document.activeElement?.id === id`, first)
	v.withText("The latest.")
	v.gone(".rest")
	replies := ask[[]string](v, `() => [...document.querySelectorAll(".replies .replies .text")].map((e) => e.textContent.trim())`)
	if n := len(replies); n != talk.PageReplies+5 || replies[n-1] != "The latest." || replies[n-2] != fmt.Sprintf("Reply %d.", n-1) {
		t.Errorf("%d replies: %q", n, replies)
	}
}
