package e2e

import "testing"

func TestADraftSurvivesAReload(t *testing.T) {
	s := start(t)
	b := publish(t, s)
	ann := s.caller("Ann")
	first := ann.fill(ann.thread(b.crossSite()).ID, 2)[0]
	for _, framed := range []bool{false, true} {
		t.Run(map[bool]string{false: "alone", true: "in a frame of another site"}[framed], func(t *testing.T) {
			bob := meet(t, "bob")
			look := func() *view {
				if framed {
					w := bob.widget()
					w.spot("#box")
					return w
				}
				return bob.page()
			}
			if framed {
				bob.open(b.crossSite())
			} else {
				bob.open(s.embedOf(b.crossSite()))
			}
			v := look()
			v.live()
			reply := "#box-" + first.ID
			v.write("#box", "A thought\nin two lines")
			v.write("#box-name", "Bob")
			v.click("#comment-" + first.ID + " button[name=reply]")
			v.write(reply, "And an answer")

			bob.reload()
			v = look()
			v.wait("the draft is there before the program is", `() => document.querySelector("#box").value === "A thought\nin two lines"`)
			v.live()
			if got := v.value("#box"); got != "A thought\nin two lines" {
				t.Errorf("the box holds %q", got)
			}
			if got := v.value("#box-name"); got != "Bob" {
				t.Errorf("the name is %q", got)
			}
			if v.count(reply) == 0 {
				v.click("#comment-" + first.ID + " button[name=reply]")
			}
			v.wait("the reply's draft is there", `(s) => document.querySelector(s)?.value === "And an answer"`, reply)

			// What is sent does not come back.
			v.click("form:has(> #box) .send")
			v.wantOnce("in two lines")
			bob.reload()
			v = look()
			v.live()
			if got := v.value("#box"); got != "" {
				t.Errorf("after it was sent, the box holds %q", got)
			}
			v.wantOnce("in two lines")
			v.removeOwn(v.withText("in two lines"))
		})
	}
}

// What was sent without an answer is sent again by the page that comes next.
func TestWhatWasOnItsWaySurvivesAReload(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann := s.caller("Ann")
	thread := ann.thread(page)
	bob := meet(t, "bob")
	bob.expect(serverGone)
	v := bob.open(s.embedOf(page))
	v.live()
	v.comment("", "Bob", "The first, so that Bob is somebody.")
	v.wantOnce("The first, so that Bob is somebody.")
	s.kill()
	v.seeText(".status", "Reconnecting")
	v.comment("", "Bob", "Written before the reload.")
	v.see("article.waiting")
	s.restart()
	bob.reload()
	v.live()
	v.wantOnce("The first, so that Bob is somebody.", "Written before the reload.")
	if n := containing(ann.comments(thread.ID), "Written before the reload"); n != 1 {
		t.Errorf("it is on disk %d times", n)
	}
}
