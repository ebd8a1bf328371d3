package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// A person is somebody with a browser of their own and one page open in it.
type person struct {
	t       *testing.T
	name    string
	ctx     context.Context
	frames  map[target.ID]*session // attached ones that have a process of their own
	main    *session
	allowed []*regexp.Regexp
}

// A session watches one target: the page, or a frame in another process.
type session struct {
	ctx      context.Context
	mu       sync.Mutex
	contexts map[cdp.FrameID]string // where scripts of a frame run
	problems []string
	requests []string // addresses, in order
	workers  []*serviceworker.Registration
}

// meet gives somebody a browser until the test ends. The screen is a laptop's.
func meet(t *testing.T, name string) *person {
	t.Helper()
	return meetIn(chromium, t, name, chromedp.WithNewBrowserContext())
}

// owner is somebody whose browser is not a private one, as an app's must be.
// What they do outlives the test, on its server's address.
func owner(t *testing.T, name string) *person {
	t.Helper()
	return meetIn(chromium, t, name)
}

func meetIn(browser context.Context, t *testing.T, name string, options ...chromedp.ContextOption) *person {
	t.Helper()
	p := &person{t: t, name: name, frames: map[target.ID]*session{}}
	p.expect("Page entered Back-Forward Cache", // how Chromium says that it closed a socket on leaving
		"WebSocket is closed before the connection is established",       // the same while it was being opened
		"Transition was (aborted|skipped)",                               // or left while it faded in; and that a window changed its size, or a style sheet is late
		"folkmoot could not start: .* Response body loading was aborted") // and that it was left before the program was there
	p.main = &session{contexts: map[cdp.FrameID]string{}}
	ctx, cancel := chromedp.NewContext(browser, append(options, chromedp.WithListener(p.main.hear))...)
	p.ctx, p.main.ctx = ctx, ctx
	t.Cleanup(func() {
		p.leave()
		cancel()
	})
	p.must(chromedp.Do(ctx))
	p.screen(1280, 800)
	_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	p.must(err)
	return p
}

// in is the same person in a part of a test.
func (p *person) in(t *testing.T) *person {
	q := *p
	q.t = t
	return &q
}

func (p *person) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("%s's browser: %v", p.name, err)
	}
}

// leave says what went wrong in the browser that nobody would have seen.
func (p *person) leave() {
	for _, s := range p.sessions() {
		if s.ctx.Err() == nil {
			_, _ = chromedp.Call(s.ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: "0"}) // what was said before it has been heard
		}
		s.mu.Lock()
		for _, problem := range s.problems {
			if !slices.ContainsFunc(p.allowed, func(r *regexp.Regexp) bool { return r.MatchString(problem) }) {
				p.t.Errorf("%s's browser: %s", p.name, problem)
			}
		}
		s.mu.Unlock()
	}
	if p.t.Failed() {
		path := picturePath(p.t, p.name)
		picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
		if err == nil {
			err = os.WriteFile(path, picture, 0o644)
		}
		p.t.Logf("%s's screen: %s %v", p.name, path, errOrEmpty(err))
	}
}

func errOrEmpty(err error) string {
	if err != nil {
		return err.Error()
	}
	return ""
}

// expect allows problems that the test makes on purpose.
func (p *person) expect(patterns ...string) {
	for _, pattern := range patterns {
		p.allowed = append(p.allowed, regexp.MustCompile(pattern))
	}
}

// What a browser says of a server that is gone, and of one that refuses a form.
const (
	serverGone = `WebSocket connection to .* failed|net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED|FAILED|ABORTED)`
	formFailed = `the server responded with a status of 4`
)

func (p *person) sessions() []*session {
	all := []*session{p.main}
	for _, s := range p.frames {
		all = append(all, s)
	}
	return all
}

// requested are the addresses that the person's pages asked for.
func (p *person) requested() []string {
	var all []string
	for _, s := range p.sessions() {
		s.mu.Lock()
		all = append(all, s.requests...)
		s.mu.Unlock()
	}
	return all
}

// hear takes a target's events. It runs on the driver's goroutine.
func (s *session) hear(event any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExecutionContextCreated:
		var aux struct {
			FrameID   cdp.FrameID `json:"frameId"`
			IsDefault bool        `json:"isDefault"`
		}
		if json.Unmarshal(e.Context.AuxData, &aux) == nil && aux.IsDefault {
			s.contexts[aux.FrameID] = e.Context.UniqueID
		}
	case *runtime.EventExecutionContextsCleared:
		clear(s.contexts)
	case *runtime.EventExceptionThrown:
		s.problem("exception: %s %s", e.ExceptionDetails.Text, description(e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			words := []string{}
			for _, a := range e.Args {
				words = append(words, strings.Trim(string(a.Value), `"`)+description(a))
			}
			s.problem("console.%s: %s", e.Type, strings.Join(words, " "))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			s.problem("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		s.requested(e.Request.URL)
	case *serviceworker.EventWorkerRegistrationUpdated:
		s.workers = append(s.workers, e.Registrations...)
	case *network.EventWebSocketCreated:
		s.requested(e.URL)
	}
}

func (s *session) problem(format string, args ...any) {
	s.problems = append(s.problems, fmt.Sprintf(format, args...))
}

func (s *session) requested(address string) {
	s.requests = append(s.requests, address)
	u, err := url.Parse(address)
	local := err == nil && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Scheme == "data" || u.Scheme == "blob")
	if !local {
		s.problem("a request to another machine: %s", address)
	}
}

func description(o *runtime.RemoteObject) string {
	if o == nil {
		return ""
	}
	return o.Description
}

// screen sets the size of the window's inside.
func (p *person) screen(width, height int64) {
	p.t.Helper()
	p.must(chromedp.Do(p.ctx, chromedp.EmulateViewport(width, height)))
}

// prefer sets what the person's system says they prefer, such as
// prefers-reduced-motion.
func (p *person) prefer(feature, value string) {
	p.t.Helper()
	for _, s := range p.sessions() {
		_, err := chromedp.Call(s.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
		})
		p.must(err)
	}
}

// before runs a script in every page that is opened from now on, before any of
// its own.
func (p *person) before(script string) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	p.must(err)
}

// open goes to an address and waits until the page is loaded.
func (p *person) open(address string) *view {
	p.t.Helper()
	res, err := chromedp.Call(p.ctx, page.Navigate, page.NavigateParams{URL: address})
	p.must(err)
	if res.ErrorText != "" {
		p.t.Fatalf("%s's browser can't open %s: %s", p.name, address, res.ErrorText)
	}
	v := p.page()
	v.wait("the page is loaded", `() => document.readyState === "complete" && location.href !== "about:blank"`)
	return v
}

// reload loads the page again.
func (p *person) reload() {
	p.t.Helper()
	v := p.page()
	v.run(`() => { window.beforeReload = true }`)
	_, err := chromedp.Call(p.ctx, page.Reload, page.ReloadParams{})
	p.must(err)
	v.wait("the page is loaded again", `() => !window.beforeReload && document.readyState === "complete"`)
}

// page is the top page.
func (p *person) page() *view { return &view{p: p, where: "page"} }

// widget is Folkmoot's frame in the page, whichever process it is in.
func (p *person) widget() *view {
	p.t.Helper()
	v := &view{p: p, where: "frame", framed: true}
	eventually(p.t, "the page has Folkmoot's frame", func() bool {
		_, _, err := v.locate()
		return err == nil
	})
	v.wait("the frame is loaded", `() => document.readyState === "complete" && !!document.querySelector("main")`)
	return v
}

// attach follows a frame that has a process of its own.
func (p *person) attach(id target.ID) (*session, error) {
	if s, ok := p.frames[id]; ok {
		return s, nil
	}
	s := &session{contexts: map[cdp.FrameID]string{}}
	s.ctx, _ = chromedp.NewContext(p.ctx, chromedp.WithTargetID(id), chromedp.WithDetachOnCancel(), chromedp.WithListener(s.hear))
	if err := chromedp.Do(s.ctx); err != nil {
		return nil, err
	}
	p.frames[id] = s
	return s, nil
}
