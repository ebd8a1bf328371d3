package e2e

import "testing"

// TestZoomAndForcedColors: at 400 % of a laptop's screen, with letters twice as
// large, and in the system's own few colors, all of it can be read and pressed.
func TestZoomAndForcedColors(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	c := s.caller("Ann")
	makeRich(c, c.thread(page).ID)
	bob := meet(t, "bob")
	v := bob.open(s.embedOf(page))
	v.live()
	v.click("article.comment button[name=reply]")
	v.click(".menu > summary")
	v.see(".menu[open] button")
	v.click(reaction("heart"))
	v.isPressed(reaction("heart"), true)
	reach := func(what string) { // of what a like has around it, ten pixels are beside the text
		t.Helper()
		hidden := ask[[]string](v, `() => [...document.querySelectorAll("button, a, input, textarea, summary")].filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest(".menu form")).filter((e) => {
			const r = e.getBoundingClientRect();
			return r.width < 1 || r.height < 1 || r.left < -10 || r.right > innerWidth + 1;
		}).map((e) => e.outerHTML.slice(0, 120))`)
		for _, e := range hidden {
			t.Errorf("%s: out of reach: %s", what, e)
		}
		v.noOverflow(what)
	}

	bob.screen(320, 256)
	reach("zoomed to 400 %")
	bob.screen(640, 512)
	v.run(`() => { document.documentElement.style.fontSize = "200%"; }`)
	reach("with letters twice as large")
	v.run(`() => { document.documentElement.style.fontSize = ""; }`)

	bob.screen(1280, 800)
	before := ask[string](v, `(s) => getComputedStyle(document.querySelector(s)).outlineStyle`, reaction("heart"))
	bob.prefer("forced-colors", "active")
	v.wait("colors are the system's", `() => matchMedia("(forced-colors: active)").matches`)
	if got := ask[string](v, `(s) => getComputedStyle(document.querySelector(s)).outlineStyle`, reaction("heart")); got != "solid" || before == "solid" {
		t.Errorf("what is pressed is outlined %q, want solid, and %q without: color alone can't tell", got, before)
	}
	if got := ask[string](v, `() => getComputedStyle(document.querySelector(".send")).borderTopStyle + getComputedStyle(document.querySelector(".send")).borderTopWidth`); got == "none0px" || got == "solid0px" {
		t.Error("a button has no edge where backgrounds are the system's")
	}
	v.accessible("forced colors")
}
