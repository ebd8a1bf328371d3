package e2e

import "testing"

func TestCountsMoveUnlessSomebodyPrefersNot(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	for _, preference := range []string{"no-preference", "reduce"} {
		want := preference == "no-preference"
		t.Run(preference, func(t *testing.T) {
			bob := meet(t, "bob")
			bob.prefer("prefers-reduced-motion", preference)
			v := bob.open(s.embedOf(page))
			v.live()
			// Whatever starts to move is noted the moment it does.
			v.run(`() => {
				window.moved = [];
				for (const kind of ["animationstart", "transitionrun"]) document.addEventListener(kind, (e) => window.moved.push(kind + " " + e.target.className));
			}`)
			v.click(reaction("funny"))
			v.counts(reaction("funny"), "1")
			if want {
				v.wait("the count moves", `() => window.moved.some((m) => m.includes("count"))`)
			}
			v.wait("the class for it is there", `() => !!document.querySelector(".count[class*=moved-]")`)
			if got := ask[[]string](v, `() => [...window.moved, ...document.getAnimations().map((a) => "running " + a.animationName)]`); !want && len(got) > 0 {
				t.Errorf("something moves: %v", got)
			}
			v.click(reaction("funny")) // as it was, for the other case
			v.counts(reaction("funny"), "")
			if got := ask[[]string](v, `() => window.moved`); !want && len(got) > 0 {
				t.Errorf("something moved: %v", got)
			}
		})
	}
}
