package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// withoutScript gives somebody a browser in which no page's script runs.
func withoutScript(t *testing.T, name string) *person {
	t.Helper()
	p := meet(t, name)
	_, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	p.must(err)
	return p
}

// clickThrough clicks what leads to another document, and waits for that.
func (v *view) clickThrough(selector string) {
	v.p.t.Helper()
	v.run(`() => { document.body.dataset.old = "yes" }`)
	v.click(selector)
	v.wait("another page has come", `() => document.readyState === "complete" && !!document.querySelector("main") && !document.body.dataset.old`)
}

func TestAllCommentsShowWithoutScript(t *testing.T) {
	s := start(t)
	ann := s.caller("Ann")
	page := s.url("/demo")
	all := ann.fill(ann.thread(page).ID, 100)
	bob := withoutScript(t, "bob")
	v := bob.open(s.embedOf(page))
	const more = "a.more:not(.earlier)"
	seen := map[string]bool{}
	for {
		for _, id := range ask[[]string](v, `() => [...document.querySelectorAll("article.comment")].filter((a) => a.checkVisibility()).map((a) => a.id)`) {
			if seen[id] {
				t.Errorf("%s is shown twice", id)
			}
			seen[id] = true
		}
		if v.count(more) == 0 {
			break
		}
		v.clickThrough(more)
	}
	for _, c := range all {
		if !seen["comment-"+c.ID] {
			t.Errorf("comment %s is not shown", c.ID)
		}
	}
	if ask[bool](v, `() => !!window.folkmoot?.capture`) { // what boot.js puts there
		t.Error("a script ran: this test shows nothing")
	}
}

func TestEveryDeedIsAForm(t *testing.T) {
	s := start(t)
	ann := s.caller("Ann")
	page := s.url("/demo")
	thread := ann.thread(page)
	first := ann.fill(thread.ID, 3)[0]
	bob := withoutScript(t, "bob")
	bob.expect(formFailed) // a refused form is an answer with an error's status
	v := bob.open(s.embedOf(page))

	reaction := `form[method=post] button[name=reaction][value=heart]`
	pressed := func(selector string) string {
		t.Helper()
		return ask[string](v, `(s) => document.querySelector(s).getAttribute("aria-pressed")`, selector)
	}
	for i, want := range []string{"true", "false"} {
		v.clickThrough(reaction)
		if got := pressed(reaction); got != want {
			t.Errorf("after press %d of the reaction: aria-pressed is %q, want %q", i+1, got, want)
		}
		count := "" // a nought is not shown
		if want == "true" {
			count = "1"
		}
		if v.text(reaction+" .count") != count {
			t.Errorf("after press %d of the reaction: the count is %q", i+1, v.text(reaction+" .count"))
		}
	}

	article := "article#comment-" + first.ID
	like := article + ` > .deeds > button.like[form=like]`
	for i, want := range []string{"true", "false"} {
		v.clickThrough(like)
		if got := pressed(like); got != want {
			t.Errorf("after press %d of Like: aria-pressed is %q, want %q", i+1, got, want)
		}
		v.standsAt("comment-" + first.ID)
	}

	v.write("textarea[name=body]", "A comment without any *script*.\n\nTwo paragraphs.")
	v.write("input[name=name]", "Bob")
	v.clickThrough(".send")
	mine := v.withText("without any script")
	v.standsAt(mine)
	if got := v.text("#" + mine + " .name"); got != "Bob" {
		t.Errorf("the comment is by %q", got)
	}
	if got := v.count("#" + mine + " .text p"); got != 2 {
		t.Errorf("the comment has %d paragraphs, want 2", got)
	}

	v.clickThrough(article + " button[name=reply]")
	box := "#box-" + first.ID
	v.see(box)
	v.standsAt("comment-" + first.ID)
	v.write(box, "An answer to the first.")
	if got := v.value(box + "-name"); got != "Bob" {
		t.Errorf("the reply box offers the name %q to somebody who is known as Bob", got)
	}
	v.clickThrough("form:has(> " + box + ") .send")
	answer := v.withText("An answer to the first")
	v.standsAt(answer)
	if !ask[bool](v, `(a, b) => document.getElementById(a).contains(document.getElementById(b))`, "comment-"+first.ID, answer) {
		t.Error("the reply is not nested under what it answers")
	}
	if v.count(box) != 0 {
		t.Error("the reply box is still open after the reply was sent")
	}
}

// standsAt checks that the page stands at an element: it is the address's
// target and on the screen.
func (v *view) standsAt(id string) {
	v.p.t.Helper()
	v.wait("the page stands at "+id, `(id) => {
		const b = document.getElementById(id)?.getBoundingClientRect();
		return location.hash === "#" + id && document.querySelector(":target")?.id === id && b.top >= 0 && b.top < innerHeight;
	}`, id)
}

func TestARefusedFormKeepsTheText(t *testing.T) {
	s := start(t)
	ann := s.caller("Ann")
	page := s.url("/demo")
	first := ann.fill(ann.thread(page).ID, 2)[0]
	for _, c := range []struct{ what, box, body, name, reason, field string }{
		{"no name", "#box", "Words that must not get lost.\nIn two lines, with <b> & \"quotes\".", "", "name", "name"},
		{"no text", "#box", "   ", "Bob", "write something", "body"},
		{"a reply without a name", "#box-" + first.ID, "An answer that must not get lost.", "", "name", "name"},
		{"too long", "#box", strings.Repeat("word ", 2001), "Bob", "10000", "body"},
	} {
		t.Run(c.what, func(t *testing.T) {
			bob := withoutScript(t, "bob")
			bob.expect(formFailed)
			v := bob.open(s.embedOf(page))
			if c.box != "#box" {
				v.clickThrough("#comment-" + first.ID + " button[name=reply]")
			}
			v.write(c.box, c.body)
			if c.name != "" {
				v.write(c.box+"-name", c.name)
			}
			v.clickThrough("form:has(> " + c.box + ") .send")
			if got := v.text(c.box + "-error"); !strings.Contains(got, c.reason) {
				t.Errorf("the reason is %q, want one with %q", got, c.reason)
			}
			if got := v.value(c.box); got != c.body {
				t.Errorf("the box holds %.80q, want %.80q", got, c.body)
			}
			if got := v.value(c.box + "-name"); got != c.name {
				t.Errorf("the name is %q, want %q", got, c.name)
			}
			if bad := fmt.Sprintf(`%s[aria-invalid=true], form:has(> %s) [name=%s][aria-invalid=true]`, c.box, c.box, c.field); v.count(bad) != 1 {
				t.Error("the field at fault is not marked")
			}
			if n := v.count("article.comment"); n != 2 {
				t.Errorf("%d comments, want the 2 from before", n)
			}
		})
	}
}
