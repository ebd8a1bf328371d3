package e2e

import (
	"fmt"
	"testing"
)

// place is where a comment stands on the screen.
func (v *view) place(id string) float64 {
	v.p.t.Helper()
	return ask[float64](v, `(id) => document.getElementById(id).getBoundingClientRect().top`, "comment-"+id)
}

// standAtMiddle puts a comment into the middle of the screen.
func (v *view) standAtMiddle(id string) {
	v.p.t.Helper()
	v.spot("#comment-" + id + " > .text")
	v.run(`(id) => document.getElementById(id).scrollIntoView({ block: "center", behavior: "instant" })`, "comment-"+id)
	v.spot("#comment-" + id + " > .text")
}

// Others' comments must not move what somebody reads: those whose place is on
// or above the screen wait behind a button.
func TestNewCommentsDoNotMoveWhatIsRead(t *testing.T) {
	for _, c := range []struct {
		name, sort string
		parent     func(first string) string
	}{
		{"a reply above", "oldest", func(first string) string { return first }},
		{"a root in newest first", "newest", func(string) string { return "" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t)
			ann := s.caller("Ann")
			page := s.url("/demo")
			thread := ann.thread(page).ID
			all := ann.fill(thread, 30)
			middle := all[15].ID
			bob := meet(t, "bob")
			v := bob.open(s.embedOf(page, "sort="+c.sort))
			v.live()
			v.standAtMiddle(middle)
			before := v.place(middle)

			ann.post(thread, c.parent(all[0].ID), "This came while Bob was reading.")
			v.seeText("button.new", "1 new comment")
			ann.post(thread, c.parent(all[0].ID), "And this too.")
			v.seeText("button.new", "2 new comments")
			if now := v.place(middle); now != before {
				t.Errorf("what Bob reads went from %v to %v", before, now)
			}
			if n := v.count("article.comment"); n != 30 {
				t.Errorf("%d comments are shown, want the 30 from before", n)
			}
			v.seeText("#comments h2", "30 comments")

			v.click("button.new")
			first := v.withText("This came while Bob was reading.")
			v.withText("And this too.")
			v.gone("button.new")
			v.wait("a new one is on the screen", `(id) => {
				const b = document.getElementById(id).getBoundingClientRect();
				return b.top < innerHeight && b.bottom > 0;
			}`, first)
			v.seeText("#comments h2", "32 comments")
		})
	}
}

func TestNewCommentsAtTheEndShowAtOnce(t *testing.T) {
	s := start(t)
	b := publish(t, s)
	for _, framed := range []bool{false, true} {
		t.Run(fmt.Sprintf("framed %v", framed), func(t *testing.T) {
			ann, bob := s.caller("Ann"), meet(t, "bob")
			page := b.crossSite()
			thread := ann.thread(page).ID
			all := ann.fill(thread, 20)
			last := all[len(all)-1].ID
			var v *view
			if framed {
				bob.open(page)
				v = bob.widget()
			} else {
				v = bob.open(s.embedOf(page))
			}
			v.spot("#comment-" + last + " > .text")
			v.live()
			before := ask[float64](v, `(id) => document.getElementById(id).getBoundingClientRect().top + scrollY`, "comment-"+last)
			ann.post(thread, "", fmt.Sprintf("The latest word, framed %v.", framed))
			v.withText(fmt.Sprintf("The latest word, framed %v.", framed))
			if n := v.count("button.new"); n != 0 {
				t.Error("the button is there although nothing would move")
			}
			after := ask[float64](v, `(id) => document.getElementById(id).getBoundingClientRect().top + scrollY`, "comment-"+last)
			if before != after {
				t.Errorf("the comment before it went from %v to %v", before, after)
			}
		})
	}
}

// In a frame, the screen is a part of it that only the page knows.
func TestNewCommentsDoNotMoveWhatIsReadInAFrame(t *testing.T) {
	s := start(t)
	b := publish(t, s)
	ann, bob := s.caller("Ann"), meet(t, "bob")
	thread := ann.thread(b.crossSite()).ID
	all := ann.fill(thread, 30)
	middle := all[15].ID
	page := bob.open(b.crossSite())
	w := bob.widget()
	w.click("#comment-" + middle + " > .text") // brings it onto the screen
	w.live()
	onScreen := func() float64 {
		return ask[float64](page, `() => document.querySelector("iframe").getBoundingClientRect().top`) + w.place(middle)
	}
	w.spot("#comment-" + middle + " > .text")
	before := onScreen()
	ann.post(thread, all[0].ID, "A reply far above.")
	w.seeText("button.new", "1 new comment")
	if now := onScreen(); now != before {
		t.Errorf("what Bob reads went from %v to %v", before, now)
	}
	// What comes below the screen may come at once: nothing on it moves.
	ann.post(thread, all[28].ID, "A reply far below.")
	w.withText("A reply far below.")
	if now := onScreen(); now != before {
		t.Errorf("what Bob reads went from %v to %v", before, now)
	}
	w.click("button.new")
	w.withText("A reply far above.")
}

// A comment that comes between others leaves their elements alone, with what
// somebody is doing in them.
func TestNeighboursOfNewCommentsStay(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann := s.caller("Ann")
	thread := ann.thread(page).ID
	all := ann.fill(thread, 12)
	bob := meet(t, "bob")
	v := bob.open(s.embedOf(page))
	v.live()
	middle := "#comment-" + all[6].ID
	v.click(middle + " button[name=reply]")
	v.write("#box-"+all[6].ID, "Half a thou")
	v.run(`(m) => { document.querySelector(m).mine = document.activeElement.mine = true; }`, middle)
	ann.post(thread, all[0].ID, "A reply above.")
	v.seeText("button.new", "1 new comment")
	v.run(`() => { document.querySelector("button.new").click(); }`) // which takes no focus
	v.withText("A reply above.")
	if !ask[bool](v, `(m) => document.querySelector(m).mine && document.querySelector(m + " textarea").mine`, middle) {
		t.Error("a reply to the first comment has replaced the seventh")
	}
	if got := v.value("#box-" + all[6].ID); got != "Half a thou" {
		t.Errorf("the box holds %q", got)
	}
}
