package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// How long it takes from one person's click to another's sight is a figure for
// docs/performance.md; the test holds that each comment arrives.
func TestTimeToSight(t *testing.T) {
	const rounds = 15
	s := start(t)
	page := s.embedOf(s.url("/demo"))
	ann, bob := meet(t, "ann"), meet(t, "bob")
	a, v := ann.open(page), bob.open(page)
	a.live()
	v.live()
	a.comment("", "Ann", "The one that is not counted, because it makes a session.")
	v.withText("not counted")

	// Both pages note the time of day at the event itself.
	a.run(`() => document.addEventListener("click", (e) => { if (e.target.closest(".send")) window.clicked = performance.timeOrigin + performance.now() }, true)`)
	v.run(`() => { window.seen = {}; new MutationObserver(() => {
		for (const e of document.querySelectorAll("article.comment > .text")) {
			const words = e.textContent.trim();
			if (!window.seen[words]) window.seen[words] = performance.timeOrigin + performance.now();
		}
	}).observe(document.body, { childList: true, subtree: true, characterData: true }) }`)
	took := []time.Duration{}
	for i := range rounds {
		words := fmt.Sprintf("Sight number %d.", i)
		a.comment("", "Ann", words)
		v.withText(words)
		clicked := ask[float64](a, `() => window.clicked`)
		seen := ask[float64](v, `(w) => window.seen[w]`, words)
		took = append(took, time.Duration((seen-clicked)*float64(time.Millisecond)))
	}
	slices.Sort(took)
	t.Logf("from the click to another's sight: median %v, fastest %v, slowest %v (%d comments)",
		took[rounds/2].Round(time.Millisecond), took[0].Round(time.Millisecond), took[rounds-1].Round(time.Millisecond), rounds)
}
