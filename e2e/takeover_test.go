package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

const (
	keyEvery     = 30 * time.Millisecond // some 33 characters a second: nobody types that fast, and a slow browser still gets to do other things
	untilRequest = 40                    // characters, before the program may load
	afterwards   = 50                    // characters, when it is there
	mostOfAll    = 4000                  // characters, after which it will not come
)

// prose is what is typed: no two neighbourhoods are the same, so that a lost,
// doubled or swapped character shows.
func prose(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "word %d and ", i)
	}
	return b.String()[:n]
}

// slow makes the processor of the view's process slower.
func (v *view) slow(factor float64) {
	v.p.t.Helper()
	s, _, err := v.locate()
	v.p.must(err)
	_, err = chromedp.Call(s.ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: factor})
	v.p.must(err)
}

// typeThrough types without pause until the program has taken over, and some
// more. The program may load once untilRequest characters are typed. It returns
// what was typed.
func (v *view) typeThrough(h *hold) string {
	v.p.t.Helper()
	text := prose(mostOfAll)
	k := v.p.keyboard()
	live := make(chan struct{})
	watching := false
	watch := func() {
		defer close(live)
		look := time.NewTicker(10 * keyEvery) // looking costs the page time, too
		defer look.Stop()
		for up := false; !up; <-look.C {
			if v.try(&up, `() => !!window.folkmoot?.live`) != nil {
				return // the test fails by what was typed
			}
		}
	}
	tick := time.NewTicker(keyEvery)
	defer tick.Stop()
	typed := 0
	for left := afterwards; left > 0; typed++ {
		if typed == mostOfAll {
			v.p.t.Fatal("the program did not take over")
		}
		if !watching && typed >= untilRequest && h.held() > 0 {
			h.release()
			watching = true
			go watch()
		}
		<-tick.C
		k.letter(rune(text[typed]))
		select {
		case <-live:
			left--
		default:
		}
	}
	k.wait()
	return text[:typed]
}

// A caret is where one types.
type caret struct {
	Active     string
	Start, End int
	Value      string
}

func (v *view) caret() caret {
	v.p.t.Helper()
	return ask[caret](v, `() => {
		const e = document.activeElement;
		return { Active: e?.id ?? "", Start: e?.selectionStart ?? -1, End: e?.selectionEnd ?? -1, Value: e?.value ?? "" };
	}`)
}

func (v *view) wantCaret(want caret) {
	v.p.t.Helper()
	if got := v.caret(); got != want {
		v.p.t.Errorf("in %q stands %q with the caret from %d to %d; want in %q %q from %d to %d",
			got.Active, got.Value, got.Start, got.End, want.Active, want.Value, want.Start, want.End)
	}
}

func TestTypingThroughTheTakeover(t *testing.T) {
	s := start(t)
	b := publish(t, s)
	ann := s.caller("Ann")
	ann.fill(ann.thread(b.crossSite()).ID, 30)
	for _, framed := range []bool{false, true} {
		for _, factor := range []float64{1, slowdown} {
			t.Run(fmt.Sprintf("framed %v, processor slowed %v times", framed, factor), func(t *testing.T) {
				bob := meet(t, "bob")
				v := bob.page()
				if framed {
					bob.open(b.crossSite())
					v = bob.widget()
				} else {
					bob.open("about:blank#first")
				}
				held := v.hold(program)
				if !framed {
					bob.open(s.embedOf(b.crossSite()))
				}
				v.slow(factor)
				v.click("#box")
				v.wait("the box has the focus", `() => document.activeElement?.id === "box"`)
				if ask[bool](v, `() => !!window.folkmoot.live`) {
					t.Fatal("the program was there before the first key: this test shows nothing")
				}
				typed := v.typeThrough(held)
				v.wantCaret(caret{"box", len(typed), len(typed), typed})
				t.Logf("%d characters were typed", len(typed))
			})
		}
	}
}

// Whatever somebody was doing when the program took over, they go on doing.
func TestTheTakeoverKeeps(t *testing.T) {
	s := start(t)
	ann := s.caller("Ann")
	page := s.url("/demo")
	all := ann.fill(ann.thread(page).ID, 30)
	reply := "box-" + all[3].ID
	arrive := func(t *testing.T, more ...string) (*view, *hold) {
		bob := meet(t, "bob")
		held := bob.hold(program)
		v := bob.open(s.embedOf(page, more...))
		return v, held
	}
	takeOver := func(t *testing.T, v *view, h *hold) {
		t.Helper()
		eventually(t, "the program is asked for", func() bool { return h.held() > 0 })
		if ask[bool](v, `() => !!window.folkmoot.live`) {
			t.Fatal("it took over too early: this test shows nothing")
		}
		h.release()
		v.wait("the takeover", `() => !!window.folkmoot.live`)
	}

	t.Run("the caret in the middle", func(t *testing.T) {
		v, held := arrive(t)
		v.write("#box", "left right")
		v.run(`() => document.activeElement.setSelectionRange(5, 5)`)
		takeOver(t, v, held)
		v.p.letter('X')
		v.wantCaret(caret{"box", 6, 6, "left Xright"})
	})
	t.Run("a selection", func(t *testing.T) {
		v, held := arrive(t)
		v.write("#box", "left middle right")
		v.run(`() => document.activeElement.setSelectionRange(5, 11, "backward")`)
		takeOver(t, v, held)
		v.wantCaret(caret{"box", 5, 11, "left middle right"})
		v.p.letter('X')
		v.wantCaret(caret{"box", 6, 6, "left X right"})
	})
	t.Run("an open reply box and every field", func(t *testing.T) {
		v, held := arrive(t, "reply="+all[3].ID)
		v.write("#box", "Something for all.")
		v.write("#box-name", "Bob")
		v.write("#box-headline", "Tester, Hull")
		v.write("#"+reply, "An answer,\nin two lines.")
		takeOver(t, v, held)
		v.wantCaret(caret{reply, 24, 24, "An answer,\nin two lines."})
		for field, want := range map[string]string{"#box": "Something for all.", "#box-name": "Bob", "#box-headline": "Tester, Hull"} {
			if got := v.value(field); got != want {
				t.Errorf("%s holds %q, want %q", field, got, want)
			}
		}
		v.comment(all[3].ID, "Bob", " And more.")
		v.withText("in two lines. And more.")
	})
	t.Run("the scroll", func(t *testing.T) {
		v, held := arrive(t)
		v.run(`(id) => document.getElementById(id).scrollIntoView({ block: "center", behavior: "instant" })`, "comment-"+all[20].ID)
		before := v.place(all[20].ID)
		takeOver(t, v, held)
		if after := v.place(all[20].ID); after != before {
			t.Errorf("a comment went from %v to %v on the screen", before, after)
		}
	})
	t.Run("the focus of a button", func(t *testing.T) {
		v, held := arrive(t)
		v.run(`() => document.querySelector("button[name=reaction][value=idea]").focus()`)
		takeOver(t, v, held)
		v.p.key("Enter", "\r", 13)
		v.isPressed(reaction("idea"), true)
	})
	t.Run("a composition", func(t *testing.T) {
		v, held := arrive(t)
		v.write("#box", "I say ")
		compose := func(text string) {
			t.Helper()
			n := int64(len([]rune(text)))
			_, err := chromedp.Call(v.p.ctx, input.ImeSetComposition, input.ImeSetCompositionParams{Text: text, SelectionStart: n, SelectionEnd: n})
			v.p.must(err)
		}
		v.run(`() => { window.composed = []; for (const e of ["compositionstart", "compositionend"]) document.addEventListener(e, () => window.composed.push(e)) }`)
		compose("こn")
		eventually(t, "the program is asked for", func() bool { return held.held() > 0 })
		field := `() => document.getElementById("box") === window.field`
		v.run(`() => { window.field = document.getElementById("box") }`)
		held.release()
		v.wait("the program waits for the composition", `() => window.folkmootSettling === true || performance.getEntriesByType("resource").some((r) => r.name.endsWith(".wasm"))`)
		for _, text := range []string{"こん", "こんに", "こんにち", "こんにちは"} {
			compose(text)
			if !ask[bool](v, field) {
				t.Fatal("the field was replaced while a character was being composed")
			}
		}
		v.p.paste("今日は")
		v.wait("the takeover", `() => !!window.folkmoot.live`)
		if got := ask[[]string](v, `() => window.composed`); len(got) < 2 || got[0] != "compositionstart" {
			t.Errorf("the composition was no composition: %v", got)
		}
		v.p.letter('!')
		want := "I say 今日は!"
		v.wantCaret(caret{"box", len([]rune(want)), len([]rune(want)), want})
	})
}
