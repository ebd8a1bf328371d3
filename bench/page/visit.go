package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"folkmoot/bench/rig"
)

// The slow phone: what DevTools calls latency is from a request until its
// answer begins. Setting up connections takes none of it, and sockets none at all.
const (
	latency   = 562 * time.Millisecond
	down      = 1_600_000 / 8 // bytes/s
	up        = 750_000 / 8
	slowness  = 4 // of the processor
	wide      = 360
	high      = 740
	visitTime = 60 * time.Second
	settle    = 1500 * time.Millisecond // after it is live, for late shifts
)

//go:embed probe.js
var probe string

// A look is what to look for in a document: the first comment's text, and what
// is there when everything works.
type look struct {
	First string `json:"first"`
	Live  string `json:"live"`
}

// A visit is one opening of a page, with a cold cache.
type visit struct {
	b    *browser
	look look
	cpu  float64

	mu       sync.Mutex
	start    time.Time
	first    time.Time
	live     time.Time
	shift    float64
	tasks    []task // that took long on the top page's main thread
	requests map[string]*request
	offset   float64 // wall clock − the protocol's clock, in seconds
	problems []string
	told     map[string]chan struct{} // closed when the probe has said it
}

// visit opens a page and looks until what was wanted is there: "start", "first"
// or "live"; then it does more.
func (b *browser) visit(ctx context.Context, address string, l look, cpu float64, until string, more func(ctx context.Context, v *visit, session string) error) (v *visit, err error) {
	return b.visitFor(ctx, visitTime, address, l, cpu, until, more)
}

func (b *browser) visitFor(ctx context.Context, most time.Duration, address string, l look, cpu float64, until string, more func(ctx context.Context, v *visit, session string) error) (v *visit, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, most, fmt.Errorf("it took more than %v", most))
	defer cancel()
	v = &visit{b: b, look: l, cpu: cpu, requests: map[string]*request{}, told: map[string]chan struct{}{}}
	for _, what := range []string{"start", "first", "live"} {
		v.told[what] = make(chan struct{})
	}
	var made struct{ BrowserContextID string }
	if err := b.call(ctx, "", "Target.createBrowserContext", map[string]any{"disposeOnDetach": true}, &made); err != nil {
		return nil, err
	}
	defer func() {
		err = errors.Join(err, b.call(context.WithoutCancel(ctx), "", "Target.disposeBrowserContext", map[string]any{"browserContextId": made.BrowserContextID}, nil))
	}()
	var target struct{ TargetID string }
	if err := b.call(ctx, "", "Target.createTarget", map[string]any{"url": "about:blank", "browserContextId": made.BrowserContextID}, &target); err != nil {
		return nil, err
	}
	var session struct{ SessionID string }
	if err := b.call(ctx, "", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &session); err != nil {
		return nil, err
	}
	v.follow(session.SessionID)
	for _, c := range v.commands(true) {
		if err := b.call(ctx, session.SessionID, c.method, c.params, nil); err != nil {
			return nil, err
		}
	}
	if err := b.call(ctx, session.SessionID, "Page.navigate", map[string]any{"url": address}, nil); err != nil {
		return nil, err
	}
	if err := v.wait(ctx, until); err != nil {
		return v, fmt.Errorf("%s: %w", address, err)
	}
	if more != nil {
		if err := more(ctx, v, session.SessionID); err != nil {
			return v, err
		}
	}
	if err := rig.Sleep(ctx, settle); err != nil {
		return v, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.problems) > 0 {
		return v, errors.New(strings.Join(v.problems, "\n"))
	}
	return v, nil
}

// wait waits until the probe has said something.
func (v *visit) wait(ctx context.Context, what string) error {
	select {
	case <-v.told[what]:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%q was not reached: %w; so far: %s", what, context.Cause(ctx), v)
	}
}

type command struct {
	method string
	params map[string]any
}

// commands set up a page, or a frame that has a process of its own.
func (v *visit) commands(page bool) []command {
	wanted, err := json.Marshal(v.look)
	if err != nil {
		panic(err) // of strings only
	}
	all := []command{
		{"Network.enable", map[string]any{}},
		{"Runtime.enable", map[string]any{}},
		{"Runtime.addBinding", map[string]any{"name": "say"}},
		{"Page.enable", map[string]any{}},
		{"Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": strings.Replace(probe, "/*WANTED*/null", string(wanted), 1)}},
		{"Target.setAutoAttach", map[string]any{"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true}},
		{"Emulation.setCPUThrottlingRate", map[string]any{"rate": v.cpu}},
	}
	if v.cpu < slowest {
		all = append(all, command{"Network.emulateNetworkConditions", map[string]any{
			"offline": false, "latency": latency.Milliseconds(), "downloadThroughput": down, "uploadThroughput": up,
		}})
	}
	if page {
		all = append(all,
			command{"Emulation.setDeviceMetricsOverride", map[string]any{"width": wide, "height": high, "deviceScaleFactor": 2, "mobile": true}},
			command{"Emulation.setFocusEmulationEnabled", map[string]any{"enabled": true}})
	}
	return all
}

func (v *visit) follow(session string) {
	v.b.hear(session, func(method string, params json.RawMessage) { v.event(session, method, params) })
}

// event takes one, on the connection's goroutine.
func (v *visit) event(session, method string, params json.RawMessage) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch method {
	case "Target.attachedToTarget":
		v.attached(params)
	case "Runtime.bindingCalled":
		var e struct{ Payload string }
		v.parse(params, &e)
		v.said(e.Payload)
	case "Runtime.exceptionThrown":
		v.problems = append(v.problems, "an exception: "+string(params))
	case "Network.requestWillBeSent", "Network.responseReceived", "Network.dataReceived", "Network.loadingFinished", "Network.loadingFailed":
		v.network(method, params)
	}
}

func (v *visit) parse(params json.RawMessage, into any) {
	if err := json.Unmarshal(params, into); err != nil {
		v.problems = append(v.problems, err.Error())
	}
}

// attached sets up a frame that waits for it; the order is that of sending.
func (v *visit) attached(params json.RawMessage) {
	var e struct {
		SessionID  string
		TargetInfo struct{ Type string }
	}
	v.parse(params, &e)
	v.follow(e.SessionID)
	all := v.commands(false)
	if e.TargetInfo.Type != "iframe" {
		all = nil
	}
	for _, c := range append(all, command{"Runtime.runIfWaitingForDebugger", map[string]any{}}) {
		if _, err := v.b.send(e.SessionID, c.method, c.params); err != nil {
			v.problems = append(v.problems, err.Error())
		}
	}
}

// said takes what the probe says.
func (v *visit) said(payload string) {
	var e struct {
		What  string
		At    float64
		Value float64
	}
	v.parse([]byte(payload), &e)
	at := time.UnixMicro(int64(e.At * 1000))
	switch e.What {
	case "start":
		v.start = at
		v.shift, v.tasks = 0, nil
	case "first":
		v.first = at
	case "live":
		v.live = at
	case "shift":
		v.shift += e.Value
	case "long":
		v.tasks = append(v.tasks, task{at, time.Duration(e.Value * float64(time.Millisecond))})
	}
	if told := v.told[e.What]; told != nil {
		select {
		case <-told: // by the document before
		default:
			close(told)
		}
	}
}

func (v *visit) wall(timestamp float64) time.Time {
	return time.UnixMicro(int64((timestamp + v.offset) * 1e6))
}

// String tells what is known so far.
func (v *visit) String() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var b strings.Builder
	for _, r := range v.ordered() {
		fmt.Fprintf(&b, "\n  %5d–%5d ms %7d bytes %s", r.began.Sub(v.start).Milliseconds(), max(-1, r.ended.Sub(v.start).Milliseconds()), r.bytes, r.url)
	}
	for _, t := range v.tasks {
		fmt.Fprintf(&b, "\n  %5d ms a task of %d ms", v.after(t.at).Milliseconds(), t.took.Milliseconds())
	}
	return fmt.Sprintf("first comment %v, live %v, shift %.3f%s", v.after(v.first), v.after(v.live), v.shift, b.String())
}

// A task is one of more than 50 ms.
type task struct {
	at   time.Time
	took time.Duration
}

// quiet is how long nothing may have blocked a page before it counts as loaded.
const quiet = 5 * time.Second

// blocking is for how long tasks kept the page from answering, beyond 50 ms each:
// until it was quiet, and after that.
func (v *visit) blocking() (loading, later time.Duration) {
	end, loaded := v.start, false
	if v.first.After(end) {
		end = v.first
	}
	for _, t := range v.tasks {
		if loaded = loaded || t.at.Sub(end) > quiet; loaded {
			later += t.took - 50*time.Millisecond
			continue
		}
		loading += t.took - 50*time.Millisecond
		if ends := t.at.Add(t.took); ends.After(end) {
			end = ends
		}
	}
	return loading, later
}

func (v *visit) after(t time.Time) time.Duration {
	if t.IsZero() {
		return 0
	}
	return t.Sub(v.start)
}
