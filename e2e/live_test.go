package e2e

import (
	"testing"
)

// places are where two people can meet: in the publication's page on
// Folkmoot's own origin, and on another site's.
func places(s *server, b *blog) []struct{ name, address string } {
	return []struct{ name, address string }{{"demo", s.url("/demo")}, {"another site", b.crossSite()}, {"another origin", b.sameSite()}}
}

func reaction(kind string) string { return "button[name=reaction][value=" + kind + "]" }

// isPressed waits until a button is marked, or not.
func (v *view) isPressed(selector string, yes bool) {
	v.p.t.Helper()
	v.wait("the mark of "+selector, `(s, yes) => document.querySelector(s).getAttribute("aria-pressed") === String(yes)`, selector, yes)
}

func (v *view) counts(selector, n string) {
	v.p.t.Helper()
	v.wait(selector+" counts "+n, `(s, n) => document.querySelector(s + " .count").textContent === n`, selector, n)
}

func TestTwoBrowsersLive(t *testing.T) {
	s := start(t)
	b := publish(t, s)
	for _, place := range places(s, b) {
		t.Run(place.name, func(t *testing.T) {
			ann, bob := meet(t, "ann"), meet(t, "bob")
			views := map[*person]*view{}
			for _, p := range []*person{ann, bob} {
				page := p.open(place.address)
				page.run(`() => { window.sameDocument = true; document.querySelector("iframe").scrollIntoView({ behavior: "instant" }) }`)
				views[p] = p.widget()
				views[p].live()
				views[p].run(`() => { window.sameDocument = true }`)
			}
			a, v := views[ann], views[bob]
			a.seeText(".here", "2 here now")
			v.seeText(".here", "2 here now")

			// A reaction: the count is everybody's, the mark is one's own.
			a.click(reaction("heart"))
			a.isPressed(reaction("heart"), true)
			v.counts(reaction("heart"), "1")
			v.isPressed(reaction("heart"), false)
			v.click(reaction("heart"))
			a.counts(reaction("heart"), "2")
			a.click(reaction("heart"))
			a.isPressed(reaction("heart"), false)
			v.counts(reaction("heart"), "1")
			v.isPressed(reaction("heart"), true)
			v.click(reaction("heart"))
			a.counts(reaction("heart"), "")

			// A comment, and a like of it.
			a.comment("", "Ann", "The first word is mine.")
			at := v.withText("The first word is mine.")
			like := "#" + at + " > .deeds .like"
			v.click(like)
			v.isPressed(like, true)
			a.wait("the comment has its number", `() => !document.querySelector(".waiting")`)
			own := a.withText("The first word is mine.")
			if own != at {
				t.Errorf("one comment is %s here and %s there", own, at)
			}
			a.counts(like, "1")
			a.isPressed(like, false)
			v.click(like)
			a.counts(like, "")
			v.isPressed(like, false)

			// A reply, nested under it in both.
			id := at[len("comment-"):]
			v.click("#" + at + " button[name=reply]")
			v.comment(id, "Bob", "And the second is mine.")
			for _, w := range []*view{a, v} {
				w.withText("And the second is mine.")
				w.see("#" + at + " .replies article.comment")
				w.seeText("#"+at+" .replies .text", "And the second is mine.")
				w.seeText("#comments h2", "2 comments")
				if !ask[bool](w, `() => window.sameDocument === true`) {
					t.Error("the frame was loaded again")
				}
			}
			if n := v.count("article.comment"); n != 2 {
				t.Errorf("%d comments are shown, want 2", n)
			}

			// Somebody leaves.
			bob.open("about:blank#left")
			a.seeText(".here", "1 here now")
		})
	}
}

// What somebody does shows at once, before the server has said a word.
func TestTheMakerSeesItAtOnce(t *testing.T) {
	s := start(t)
	ann := s.caller("Ann")
	page := s.url("/demo")
	first := ann.fill(ann.thread(page).ID, 2)[0]
	bob := meet(t, "bob")
	v := bob.open(s.embedOf(page))
	v.live()
	like := "#comment-" + first.ID + " > .deeds .like"

	s.freeze()
	v.click(reaction("idea"))
	v.isPressed(reaction("idea"), true)
	v.counts(reaction("idea"), "1")
	v.click(reaction("funny"))
	v.click(reaction("funny"))
	v.isPressed(reaction("funny"), false)
	v.click(like)
	v.isPressed(like, true)
	v.counts(like, "1")
	v.comment("", "Bob", "Said while nobody listens.")
	v.see("article.comment.waiting")
	if v.value("#box") != "" {
		t.Error("the box still holds what was sent")
	}
	v.comment("", "Bob", "And a second thing.")
	v.wait("both wait", `() => document.querySelectorAll("article.waiting").length === 2`)
	s.thaw()

	v.gone("article.comment.waiting")
	v.counts(reaction("idea"), "1")
	v.isPressed(reaction("idea"), true)
	v.counts(reaction("funny"), "")
	v.counts(like, "1")
	all := ann.comments(ann.thread(page).ID)
	if len(all) != 4 || containing(all, "Said while nobody listens") != 1 || containing(all, "And a second thing") != 1 {
		t.Errorf("%d comments are on disk, want 4, each once", len(all))
	}
	if n := v.count("article.comment"); n != 4 {
		t.Errorf("%d comments are shown, want 4", n)
	}
}
