package e2e

import (
	"sync"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"
)

// A hold stops the requests of a view whose address matches, as a slow line
// would, until they are let go.
type hold struct {
	p       *person
	s       *session
	mu      sync.Mutex
	waiting []fetch.RequestID
	free    bool
}

// program matches the Wasm program.
const program = "*/assets/app.*.wasm"

// hold stops requests of the page and the frames in its process; holdFrame is
// for a frame that has its own.
func (p *person) hold(pattern string) *hold { return p.holdIn(p.main, pattern) }

func (v *view) hold(pattern string) *hold {
	v.p.t.Helper()
	s, _, err := v.locate()
	v.p.must(err)
	return v.p.holdIn(s, pattern)
}

func (p *person) holdIn(s *session, pattern string) *hold {
	p.t.Helper()
	h := &hold{p: p, s: s}
	chromedp.Listen(s.ctx, func(event any) {
		if e, ok := event.(*fetch.EventRequestPaused); ok {
			h.mu.Lock()
			defer h.mu.Unlock()
			if h.free {
				go h.resume(e.RequestID) // a listener may not call
			} else {
				h.waiting = append(h.waiting, e.RequestID)
			}
		}
	})
	_, err := chromedp.Call(s.ctx, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: pattern}}})
	p.must(err)
	return h
}

// held is how many requests wait.
func (h *hold) held() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.waiting)
}

// release lets them go, and all that come later.
func (h *hold) release() {
	h.p.t.Helper()
	h.mu.Lock()
	waiting := h.waiting
	h.waiting, h.free = nil, true
	h.mu.Unlock()
	for _, id := range waiting {
		h.p.must(h.resume(id))
	}
}

func (h *hold) resume(id fetch.RequestID) error {
	_, err := chromedp.Call(h.s.ctx, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: id})
	return err
}
