package e2e

import (
	"strings"
	"testing"
)

func askedForProgram(p *person) bool {
	for _, address := range p.requested() {
		if strings.Contains(address, ".wasm") {
			return true
		}
	}
	return false
}

// The Wasm is never in the way of the first comment: when the browser first
// asks for it, a long conversation is on the screen already.
func TestCommentsAreReadableBeforeTheProgramIsRequested(t *testing.T) {
	s := start(t)
	ann := s.caller("Ann")
	blogPage := s.url("/demo")
	all := ann.fill(ann.thread(blogPage).ID, 100)

	t.Run("alone", func(t *testing.T) {
		bob := meet(t, "bob")
		held := bob.hold(program)
		bob.open(s.embedOf(blogPage))
		eventually(t, "the program is asked for", func() bool { return held.held() > 0 })
		v := bob.page()
		first := ask[[]float64](v, `(id) => {
			const e = document.getElementById(id), b = e.getBoundingClientRect();
			return [e.checkVisibility() && b.height > 0 ? 1 : 0, b.bottom, innerHeight];
		}`, "comment-"+all[0].ID)
		if first[0] != 1 || first[1] > first[2] {
			t.Errorf("the first comment was not on the screen when the program was asked for: %v", first)
		}
		held.release()
		v.live()
		order := ask[[]float64](v, `() => [
			performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Infinity,
			performance.getEntriesByType("resource").find((r) => r.name.endsWith(".wasm")).startTime]`)
		if order[0] > order[1] {
			t.Errorf("first painted after %.0f ms, but the program was asked for after %.0f ms", order[0], order[1])
		}
	})

	t.Run("in the article", func(t *testing.T) {
		bob := meet(t, "bob")
		held := bob.hold(program)
		bob.open(blogPage)
		w := bob.widget()
		w.see("article#comment-" + all[0].ID)
		if askedForProgram(bob) {
			t.Error("the program was asked for although the widget is many screens away")
		}
		bob.page().run(`() => document.querySelector("iframe").scrollIntoView({ behavior: "instant" })`)
		eventually(t, "the program is asked for once the widget is on the screen", func() bool { return held.held() > 0 })
		if got := w.count("article.comment"); got < 50 {
			t.Errorf("%d comments in the page when the program was asked for", got)
		}
		held.release()
		w.live()
	})
}
