package e2e

import (
	"strings"
	"testing"
)

// watchShifts notes every layout shift of the page, and where it came from.
const watchShifts = `() => {
	window.shifts = [];
	new PerformanceObserver((list) => {
		for (const e of list.getEntries()) for (const s of e.sources) {
			const frame = document.querySelector("iframe"), node = s.node;
			const above = !!node && !!frame && node !== frame && !node.contains(frame) && !(frame.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING);
			window.shifts.push({ Value: e.value, Above: above, Node: node?.outerHTML?.slice(0, 80) ?? "", From: s.previousRect.top, To: s.currentRect.top });
		}
	}).observe({ type: "layout-shift", buffered: true });
}`

type shift struct {
	Value    float64
	Above    bool
	Node     string
	From, To float64
}

// nothingAboveMoved checks what watchShifts has noted.
func nothingAboveMoved(t *testing.T, page *view) {
	t.Helper()
	for _, s := range ask[[]shift](page, `() => window.shifts`) {
		if s.Above {
			t.Errorf("what stands above the frame moved from %v to %v: %s", s.From, s.To, s.Node)
		}
	}
}

// fits waits until the frame is as high as its content, so that nothing scrolls
// inside it.
func fits(page, widget *view) {
	widget.p.t.Helper()
	var frame float64
	eventually(widget.p.t, "the frame is as high as its content", func() bool {
		var content []float64
		if page.try(&frame, `() => document.querySelector("iframe").getBoundingClientRect().height`) != nil ||
			widget.try(&content, `() => [document.documentElement.scrollHeight, Math.ceil(document.body.getBoundingClientRect().height), innerHeight]`) != nil {
			return false
		}
		return content[0] <= frame && content[1] == frame && content[2] == frame
	})
}

func TestTheFrameFitsAndTheArticleStands(t *testing.T) {
	s := start(t)
	b := publish(t, s)
	for _, c := range []struct{ name, address string }{
		{"demo", s.url("/demo")},
		{"another site", b.crossSite()},
	} {
		t.Run(c.name, func(t *testing.T) {
			key := c.address
			ann := s.caller("Ann")
			ann.fill(ann.thread(key).ID, 5)
			bob := meet(t, "bob")
			bob.prefer("prefers-reduced-motion", "no-preference")
			page := bob.open(c.address)
			page.run(watchShifts)
			reserve := ask[float64](page, `() => document.querySelector("iframe").getBoundingClientRect().height`)
			if reserve < 200 {
				t.Errorf("%v pixels are reserved for the frame: too few to keep what follows from jumping", reserve)
			}
			// Read on from the middle of the article, as somebody does whose
			// widget loads below.
			page.run(`() => document.querySelector("#book").scrollIntoView({ behavior: "instant", block: "start" })`)
			place := func() float64 {
				return ask[float64](page, `() => document.querySelector("#book").getBoundingClientRect().top + scrollY`)
			}
			before := place()
			page.run(`() => document.querySelector("iframe").scrollIntoView({ behavior: "instant", block: "start" })`)
			w := bob.widget()
			w.live()
			fits(page, w)
			w.comment("", "Bob", strings.Repeat("A long paragraph that makes the page grow.\n\n", 40))
			id := w.withText("A long paragraph that makes the page grow.")
			w.wait("it is on disk", `(id) => !document.querySelector(".waiting")`, id)
			fits(page, w)
			nothingAboveMoved(t, page)
			if after := place(); after != before {
				t.Errorf("a heading of the article went from %v to %v", before, after)
			}

			w.write("#box", strings.Repeat("A draft grows the box.\n", 30))
			fits(page, w)
			w.rewrite("#box", "")
			fits(page, w)
			nothingAboveMoved(t, page)

			// On a phone everything is laid out anew; the frame still fits, as
			// soon as it is on screen: until then, browsers lay out nothing in
			// another site's frame.
			bob.screen(360, 700)
			page.run(`() => document.querySelector("iframe").scrollIntoView({ behavior: "instant", block: "start" })`)
			fits(page, w)
		})
	}
}
