package e2e

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"folkmoot/app/talk"
)

// tab is another one of the same browser.
func (p *person) tab() *person {
	p.t.Helper()
	other := &person{t: p.t, name: p.name + " in another tab", frames: map[target.ID]*session{}, allowed: p.allowed}
	other.main = &session{contexts: map[cdp.FrameID]string{}}
	ctx, cancel := chromedp.NewContext(p.ctx, chromedp.WithListener(other.main.hear))
	other.ctx, other.main.ctx = ctx, ctx
	p.t.Cleanup(func() {
		other.leave()
		cancel()
	})
	p.must(chromedp.Do(ctx))
	return other
}

// The very first reaction on a page that nobody has opened works, and shows to
// everybody.
func TestTheVeryFirstReaction(t *testing.T) {
	for _, script := range []string{"program", "no program"} {
		t.Run(script, func(t *testing.T) {
			s := start(t)
			page := s.url("/demo?of=" + script[:2])
			ann, bob := meet(t, "ann"), meet(t, "bob")
			if script != "program" {
				ann.hold(program)
			}
			v := ann.open(s.embedOf(page))
			if script == "program" {
				v.live()
			}
			if n := v.count(".who button"); n != 0 {
				t.Error("nobody has reacted, and there is somebody to ask for")
			}
			below := ask[float64](v, `() => document.querySelector("#box").getBoundingClientRect().top`)
			v.click(reaction("heart"))
			v.counts(reaction("heart"), "1")
			v.isPressed(reaction("heart"), true)
			v.seeText(".who button", "1 reaction")
			if now := ask[float64](v, `() => document.querySelector("#box").getBoundingClientRect().top`); now != below {
				t.Errorf("what stands below moved from %v to %v", below, now)
			}
			eventually(t, "it is on disk", func() bool { return s.caller("").thread(page).Reactions["heart"] == 1 })
			w := bob.open(s.embedOf(page))
			w.counts(reaction("heart"), "1")
			w.isPressed(reaction("heart"), false)
		})
	}
}

// Whoever clicks twice, or in two tabs at once, has one reaction or none, and
// every tab shows what is so.
func TestOnePersonReactsOnce(t *testing.T) {
	s := start(t)
	settled := func(t *testing.T, thread string, views ...*view) map[string]int {
		t.Helper()
		for _, v := range views {
			v.wait("nothing waits to be sent", `async () => (await window.folkmootOutbox.all()).length === 0`)
		}
		now := s.caller("").thread(thread)
		for _, v := range views {
			for _, kind := range []string{"heart", "like"} {
				n := ""
				if now.Reactions[kind] > 0 {
					n = fmt.Sprint(now.Reactions[kind])
				}
				v.counts(reaction(kind), n)
				v.isPressed(reaction(kind), n != "")
			}
		}
		return now.Reactions
	}
	t.Run("a double click", func(t *testing.T) {
		page := s.url("/demo?double")
		ann := meet(t, "ann")
		v := ann.open(s.embedOf(page))
		v.live()
		for range 3 {
			at := v.spot(reaction("heart"))
			for n := range 2 {
				for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
					_, err := chromedp.Call(ann.ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: at.X, Y: at.Y, Button: input.MouseButtonLeft, ClickCount: int64(n + 1)})
					ann.must(err)
				}
			}
			if got := settled(t, page, v); got["heart"] > 1 {
				t.Errorf("%v", got)
			}
		}
	})
	t.Run("two tabs", func(t *testing.T) {
		for _, met := range []bool{false, true} { // nobody yet; somebody already
			page := s.url("/demo?tabs") + fmt.Sprint(met)
			ann := meet(t, "ann")
			other := ann.tab()
			one, two := ann.open(s.embedOf(page)), other.open(s.embedOf(page))
			one.live()
			two.live()
			if met {
				one.click(reaction("like"))
				two.counts(reaction("like"), "1")
				two.p.reload()
				two.live()
			}
			done := make(chan error, 2)
			for _, v := range []*view{one, two} {
				go func() {
					done <- v.try(nil, `() => document.querySelector("button[name=reaction][value=heart]").click()`)
				}()
			}
			for range 2 {
				if err := <-done; err != nil {
					t.Fatal(err)
				}
			}
			one.counts(reaction("heart"), "1")
			two.counts(reaction("heart"), "1")
			if got := settled(t, page, one, two); got["heart"] != 1 {
				t.Errorf("met before %v: %v", met, got)
			}
		}
	})
}

// Where a site lets everybody have one reaction, another takes its place.
func TestOneReactionOfEach(t *testing.T) {
	s := start(t, "--one-reaction")
	page := s.url("/demo")
	ann, bob := meet(t, "ann"), meet(t, "bob")
	v, w := ann.open(s.embedOf(page)), bob.open(s.embedOf(page))
	v.live()
	w.live()
	for _, kind := range []string{"heart", "idea", "like"} {
		v.click(reaction(kind))
		for _, other := range []string{"heart", "idea", "like"} {
			v.isPressed(reaction(other), other == kind)
			n := ""
			if other == kind {
				n = "1"
			}
			v.counts(reaction(other), n)
			w.counts(reaction(other), n)
		}
		v.seeText(".who button", "1 reaction")
	}
	v.click(reaction("like"))
	w.counts(reaction("like"), "")
	v.gone(".who button")
	eventually(t, "nothing is on disk", func() bool { return len(s.caller("").thread(page).Reactions) == 0 })
}

// Who has reacted is told with the names of those who want that: by keys, live,
// and at once not any more.
func TestWhoHasReacted(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	maren := s.caller("Maren")
	thread := maren.thread(page).ID
	maren.post(thread, "", "Hello.")
	maren.react(thread, "heart")
	s.caller("").react(thread, "heart")
	s.caller("").react(thread, "idea")
	maren.call(http.MethodPatch, "me/settings", map[string]bool{"named": true}, nil)
	bob := meet(t, "bob")
	v := bob.open(s.embedOf(page))
	v.live()
	v.tabTo(".who button")
	bob.key("Enter", "\r", 13)
	v.seeText(".reacted li:first-child", "Maren and 1 other")
	v.seeText(".reacted li:last-child", "1 person")
	if n := v.count(".switch"); n != 0 {
		t.Error("who has not reacted is asked whether to show their name")
	}
	v.click(reaction("idea"))
	v.seeText(".reacted li:last-child", "You and 1 other")
	v.seeText(".reacted form", "You have none here yet")
	v.comment("", "Bob", "Me too.")
	v.seeText(".reacted form", "Everybody sees it")
	v.click(".switch")
	v.wait("the switch is on", `() => document.querySelector(".switch").getAttribute("aria-checked") === "true"`)
	names := func() (all []string) {
		var r talk.Reacted
		maren.call(http.MethodGet, "threads/"+thread+"/reactions", nil, &r)
		for _, k := range r.Kinds {
			all = append(all, k.Names...)
		}
		return all
	}
	if got := names(); len(got) != 1 || got[0] != "Bob" {
		t.Errorf("Maren sees %q", got)
	}
	bob.key(" ", " ", 32)
	v.wait("the switch is off", `() => document.querySelector(".switch").getAttribute("aria-checked") === "false"`)
	if got := names(); len(got) != 0 {
		t.Errorf("Maren still sees %q", got)
	}
	v.click(".who > button")
	v.gone(".reacted")
}
