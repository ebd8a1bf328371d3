package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"folkmoot/app/talk"
)

// types types a text key by key.
func (p *person) types(text string) {
	p.t.Helper()
	for _, r := range text {
		p.letter(r)
	}
}

// tabTo goes to an element as whoever has no mouse does.
func (v *view) tabTo(selector string) {
	v.p.t.Helper()
	for range 200 {
		v.p.key("Tab", "", 9)
		if ask[bool](v, `(s) => document.activeElement === document.querySelector(s)`, selector) {
			return
		}
	}
	v.p.t.Fatalf("%s can't be reached by Tab", selector)
}

// offered waits until the list offers these, and one of them (or none, by -1) is
// chosen, as whoever listens hears it too.
func (v *view) offered(box string, chosen int, want ...string) {
	v.p.t.Helper()
	v.wait(fmt.Sprintf("%q is offered, %d of it chosen", want, chosen), `(box, chosen, want) => {
		const list = document.querySelector("#complete"), field = document.querySelector(box), options = [...list?.children || []];
		return !!list && !list.hidden && JSON.stringify(options.map((o) => o.querySelector(".name").textContent)) === JSON.stringify(want) &&
			options.every((o, i) => o.getAttribute("aria-selected") === String(i === chosen)) &&
			field.getAttribute("aria-activedescendant") === (chosen < 0 ? null : options[chosen].id) && field.getAttribute("aria-controls") === list.id &&
			list.nextElementSibling.textContent.startsWith(String(want.length));
	}`, box, chosen, want)
}

// offersNothing waits until there is no list, and no trace of one in the box.
func (v *view) offersNothing(box string) {
	v.p.t.Helper()
	v.wait("nothing is offered", `(box) => (document.querySelector("#complete")?.hidden ?? true) && !document.querySelector(box).hasAttribute("aria-controls")`, box)
}

func (v *view) holds(box, want string) {
	v.p.t.Helper()
	v.wait(fmt.Sprintf("%s holds %q", box, want), `(box, want) => document.querySelector(box).value === want`, box, want)
}

// signed posts a comment under a name and a headline.
func (c *caller) signed(thread, name, headline, body string) talk.Comment {
	c.t.Helper()
	var m talk.Comment
	c.call(http.MethodPost, "threads/"+thread+"/comments", map[string]string{"body": body, "name": name, "headline": headline}, &m)
	return m
}

// crowd are some people in a thread, two of whom have one name.
func crowd(s *server, thread string) (maren, tom, otherTom talk.Comment) {
	maren = s.caller("").signed(thread, "Maren Holt", "Pharmacist, Leeds", "one")
	tom = s.caller("").signed(thread, "Tom", "Lifeguard, Ansterby", "two")
	otherTom = s.caller("").signed(thread, "Tom", "", "three")
	s.caller("").signed(thread, "محمد الأندلسي", "مهندس، قرطبة", "four")
	s.caller("").signed(thread, "Tommaso", "", "five")
	return maren, tom, otherTom
}

// People are mentioned by keys alone, and those are meant who were chosen.
func TestMentionByKeys(t *testing.T) {
	s := start(t)
	for _, started := range []bool{true, false} {
		t.Run(fmt.Sprintf("program started %v", started), func(t *testing.T) {
			page := s.url("/demo") + fmt.Sprintf("?started=%v", started)
			ann := s.caller("Ann")
			thread := ann.thread(page).ID
			maren, tom, otherTom := crowd(s, thread)
			bob := meet(t, "bob")
			if !started {
				bob.hold(program)
			}
			v := bob.open(s.embedOf(page))
			if started {
				v.live()
			}
			v.tabTo("#box")
			bob.types("Hi @mar")
			v.offered("#box", 0, "Maren Holt")
			bob.key("Enter", "\r", 13)
			v.holds("#box", "Hi @Maren Holt ")
			v.offersNothing("#box")

			bob.types("and @to")
			v.offered("#box", 0, "Tommaso", "Tom", "Tom")
			bob.key("ArrowDown", "", 40)
			v.offered("#box", 1, "Tommaso", "Tom", "Tom")
			bob.key("ArrowUp", "", 38)
			bob.key("ArrowUp", "", 38)
			v.offered("#box", 2, "Tommaso", "Tom", "Tom")
			if got := v.text("#complete-2 .headline"); got != "Lifeguard, Ansterby" {
				t.Errorf("the last Tom is %q", got)
			}
			bob.key("Tab", "", 9)
			v.holds("#box", "Hi @Maren Holt and @Tom ")
			v.wait("the box keeps the focus", `() => document.activeElement === document.querySelector("#box")`)

			bob.types("a @maren")
			v.offered("#box", 0, "Maren Holt")
			bob.types(" ")
			v.offered("#box", -1, "Maren Holt") // Enter is the line's end
			bob.key("Escape", "", 27)
			v.offersNothing("#box")
			bob.types("h")
			v.offersNothing("#box") // it was not wanted
			bob.key("Enter", "\r", 13)
			v.holds("#box", "Hi @Maren Holt and @Tom a @maren h\n")

			bob.types("x@to :tad")
			v.offered("#box", 0, "tada", "stadium")
			bob.key("Enter", "\r", 13)
			v.holds("#box", "Hi @Maren Holt and @Tom a @maren h\nx@to 🎉")

			v.tabTo("#box-name")
			bob.types("Bob")
			if started {
				v.tabTo("form:has(> #box) .send")
				bob.key("Enter", "\r", 13)
			} else {
				v.run(`() => document.querySelector("#box").form.submit()`) // as a browser without the program does
			}
			v.withText("Hi @Maren Holt and @Tom")
			var last talk.Comment
			eventually(t, "it is on disk", func() bool {
				all := ann.comments(thread)
				last = all[len(all)-1]
				return last.Author.Name == "Bob"
			})
			if a, b := strings.Index(last.HTML, `#comment-`+maren.ID+`"`), strings.Index(last.HTML, `#comment-`+tom.ID+`"`); a < 0 || b < a || strings.Contains(last.HTML, otherTom.ID) {
				t.Errorf("it mentions\n%s\nnot %s and %s", last.HTML, maren.ID, tom.ID)
			}
		})
	}
}

// An input method's keys are its own, and so are those that send.
func TestMentionLeavesKeysAlone(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	crowd(s, s.caller("Ann").thread(page).ID)
	bob := meet(t, "bob")
	v := bob.open(s.embedOf(page))
	v.live()
	v.tabTo("#box")
	bob.types("@ma")
	v.offered("#box", 0, "Maren Holt")
	for _, key := range []string{"Enter", "Tab", "ArrowDown", "Escape"} {
		for _, with := range []map[string]any{{"isComposing": true}, {"keyCode": 229}, {"ctrlKey": true}, {"shiftKey": true}} {
			if with["ctrlKey"] == true && key == "Enter" {
				continue // which sends
			}
			with["key"], with["bubbles"], with["cancelable"] = key, true, true
			if !ask[bool](v, `(how) => document.querySelector("#box").dispatchEvent(new KeyboardEvent("keydown", how))`, with) {
				t.Errorf("%v was taken", with)
			}
		}
	}
	v.offered("#box", 0, "Maren Holt")

	v.rewrite("#box", "@")
	v.offered("#box", 0, "Tommaso", "محمد الأندلسي", "Tom", "Tom", "Maren Holt") // the last first
	compose := func(text string) {
		t.Helper()
		_, err := chromedp.Call(bob.ctx, input.ImeSetComposition, input.ImeSetCompositionParams{Text: text, SelectionStart: int64(len([]rune(text))), SelectionEnd: int64(len([]rune(text)))})
		bob.must(err)
	}
	compose("محم")
	v.holds("#box", "@محم")
	bob.paste("محم")
	v.offered("#box", 0, "محمد الأندلسي")
	v.wait("it stands under what is written, on the screen", `() => {
		const list = document.querySelector("#complete").getBoundingClientRect(), box = document.querySelector("#box").getBoundingClientRect();
		return list.left >= 0 && list.right <= innerWidth && list.top > box.top && list.right > box.right - 60; // right to left
	}`)
	bob.key("Enter", "\r", 13)
	v.holds("#box", "@محمد الأندلسي ")
}

// Who isn't in the page is found by the server; a finger or a mouse chooses, too.
func TestMentionOfWhoIsNotInThePage(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann := s.caller("Ann")
	thread := ann.thread(page).ID
	ann.fill(thread, talk.PageRoots)
	zoe := s.caller("").signed(thread, "Zoë Wiśniewska", "Baker", "last")
	bob := meet(t, "bob")
	bob.screen(360, 800)
	v := bob.open(s.embedOf(page))
	v.live()
	v.write("#box", "@")
	v.offered("#box", 0, "Ann")
	bob.types("wi")
	v.offered("#box", 0, "Zoë Wiśniewska")
	v.click("#complete-0")
	v.holds("#box", "@Zoë Wiśniewska ")
	v.wait("the box keeps the focus", `() => document.activeElement === document.querySelector("#box")`)
	v.click(`.tools [name="preview"]`)
	v.wait("the preview mentions her", `(id) => document.querySelector(".preview .mention")?.hash === "#comment-" + id`, zoe.ID)
	v.click(`.tools [name="preview"]`)
	v.tabTo("#box-name")
	v.offersNothing("#box")
}

// A list that is open when the program takes over goes on.
func TestMentionThroughTheTakeover(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	crowd(s, s.caller("Ann").thread(page).ID)
	bob := meet(t, "bob")
	h := bob.hold(program)
	v := bob.open(s.embedOf(page))
	v.tabTo("#box")
	bob.types("@ma")
	v.offered("#box", 0, "Maren Holt")
	h.release()
	v.live()
	v.offered("#box", 0, "Maren Holt")
	bob.key("Enter", "\r", 13)
	v.holds("#box", "@Maren Holt ")
}
