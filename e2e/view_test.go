package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A view is a document that a person sees: the page, or the frame in it. It is
// found anew for every look, because documents come and go.
type view struct {
	p      *person
	where  string
	framed bool
	path   string // of the frame, if it is another's than Folkmoot's
}

var errNoFrame = errors.New("there is no such frame now")

// locate finds the target, and in it the context, in which the view's scripts
// run. An empty context is the target's own.
func (v *view) locate() (*session, string, error) {
	p := v.p
	if !v.framed {
		return p.main, "", nil
	}
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	tree, err := chromedp.Call(ctx, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		return nil, "", err
	}
	for _, child := range tree.FrameTree.ChildFrames {
		p.main.mu.Lock()
		id, ok := p.main.contexts[child.Frame.ID]
		p.main.mu.Unlock()
		if ok && v.is(child.Frame.URL) {
			return p.main, id, nil
		}
	}
	targets, err := chromedp.Targets(ctx)
	if err != nil {
		return nil, "", err
	}
	own := chromedp.FromContext(p.ctx).BrowserContextID
	for _, t := range targets {
		if t.Type == "iframe" && t.BrowserContextID == own && v.is(t.URL) {
			s, err := p.attach(t.TargetID)
			return s, "", err
		}
	}
	return nil, "", errNoFrame
}

func (v *view) is(address string) bool {
	if v.path != "" {
		return strings.HasSuffix(address, v.path)
	}
	return isWidget(address)
}

func isWidget(address string) bool {
	return strings.Contains(address, "/embed?") || strings.Contains(address, "/do/")
}

// try runs a JavaScript function with JSON arguments and reads what it returns.
func (v *view) try(answer any, function string, args ...any) error {
	s, where, err := v.locate()
	if err != nil {
		return err
	}
	words := make([]string, len(args))
	for i, a := range args {
		b, err := json.Marshal(a)
		if err != nil {
			return err
		}
		words[i] = string(b)
	}
	yes := true
	params := runtime.EvaluateParams{
		Expression:    fmt.Sprintf("(%s)(%s)", function, strings.Join(words, ", ")),
		ReturnByValue: &yes, UniqueContextID: where,
	}
	if strings.HasPrefix(function, "async") {
		params.AwaitPromise = &yes
	}
	ctx, cancel := context.WithTimeout(s.ctx, 2*patience)
	defer cancel()
	r, err := chromedp.Call(ctx, runtime.Evaluate, params)
	switch {
	case err != nil:
		return err
	case r.ExceptionDetails != nil:
		return fmt.Errorf("%s %s", r.ExceptionDetails.Text, description(r.ExceptionDetails.Exception))
	case answer == nil:
		return nil
	case len(r.Result.Value) == 0:
		return fmt.Errorf("no answer from %s", function)
	}
	return json.Unmarshal(r.Result.Value, answer)
}

// ask runs a function and returns its answer.
func ask[T any](v *view, function string, args ...any) T {
	v.p.t.Helper()
	var answer T
	if err := v.try(&answer, function, args...); err != nil {
		v.p.t.Fatalf("%s's %s: %v", v.p.name, v.where, err)
	}
	return answer
}

// run runs a function for what it does.
func (v *view) run(function string, args ...any) {
	v.p.t.Helper()
	if err := v.try(nil, function, args...); err != nil {
		v.p.t.Fatalf("%s's %s: %v", v.p.name, v.where, err)
	}
}

// wait waits until a function says true.
func (v *view) wait(what, function string, args ...any) {
	v.p.t.Helper()
	v.waitFor(patience, what, function, args...)
}

func (v *view) waitFor(long time.Duration, what, function string, args ...any) {
	v.p.t.Helper()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	late := time.After(long)
	for {
		var holds bool
		err := v.try(&holds, function, args...)
		if err == nil && holds {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			v.p.t.Fatalf("%s waited %v in vain: %s (in the %s; last answer: %v %v)", v.p.name, long, what, v.where, holds, errOrEmpty(err))
		}
	}
}

// live waits until the program has taken over and is connected.
func (v *view) live() {
	v.p.t.Helper()
	v.wait("the widget is live", `() => !!window.folkmoot?.live && !!document.querySelector(".fm-live")`)
}

// text is what an element says; empty if there is none.
func (v *view) text(selector string) string {
	v.p.t.Helper()
	return ask[string](v, `(s) => document.querySelector(s)?.textContent.trim() ?? ""`, selector)
}

// value is what a field holds.
func (v *view) value(selector string) string {
	v.p.t.Helper()
	return ask[string](v, `(s) => document.querySelector(s).value`, selector)
}

// count is how many elements there are.
func (v *view) count(selector string) int {
	v.p.t.Helper()
	return ask[int](v, `(s) => document.querySelectorAll(s).length`, selector)
}

// see waits until an element is there and visible.
func (v *view) see(selector string) {
	v.p.t.Helper()
	v.wait("there is "+selector, `(s) => [...document.querySelectorAll(s)].some((e) => e.checkVisibility() && e.getClientRects().length > 0)`, selector)
}

// seeText waits until an element holds some words.
func (v *view) seeText(selector, words string) {
	v.p.t.Helper()
	v.wait(fmt.Sprintf("%s says %q", selector, words), `(s, w) => [...document.querySelectorAll(s)].some((e) => e.textContent.includes(w))`, selector, words)
}

// gone waits until no such element is there.
func (v *view) gone(selector string) {
	v.p.t.Helper()
	v.wait("there is no "+selector+" any more", `(s) => !document.querySelector(s)`, selector)
}

// Where an element is on the screen, and whether a finger there would hit it.
type spot struct {
	X, Y float64
	Hit  bool
}

const spotOf = `(s) => {
	const e = document.querySelector(s);
	if (!e) return null;
	const middle = () => { const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; };
	let [x, y] = middle();
	if (y < 0 || y > innerHeight) {
		e.scrollIntoView({ block: "center", behavior: "instant" });
		[x, y] = middle();
	}
	const top = document.elementFromPoint(x, y);
	return { X: x, Y: y, Hit: !!top && (e === top || e.contains(top)) };
}`

// A frame is moved onto the screen by its page: a script in it could only ask,
// and would not know when that is done.
const spotOfFrame = `(x, y) => {
	const e = [...document.querySelectorAll("iframe")].find((f) => f.src.includes("/embed?"));
	let b = e.getBoundingClientRect();
	if (b.y + y < 0 || b.y + y > innerHeight) {
		scrollBy({ top: b.y + y - innerHeight / 2, behavior: "instant" });
		b = e.getBoundingClientRect();
	}
	return { X: b.x + x, Y: b.y + y, Hit: document.elementFromPoint(b.x + x, b.y + y) === e };
}`

// still is how many looks in a row must find an element at the same place: some
// frames of the screen, so that a scroll or a rendering on its way is over.
const still = 4

// spot finds the middle of an element on the screen, once it stands still there
// and nothing covers it.
func (v *view) spot(selector string) spot {
	v.p.t.Helper()
	var last, now spot
	same := 0
	eventually(v.p.t, fmt.Sprintf("%s can be clicked in %s's %s", selector, v.p.name, v.where), func() bool {
		last, now = now, spot{}
		if v.try(&now, spotOf, selector) != nil || !now.Hit {
			return false
		}
		if v.framed && (v.p.page().try(&now, spotOfFrame, now.X, now.Y) != nil || !now.Hit) {
			return false
		}
		if same++; now != last {
			same = 0
		}
		return same >= still
	})
	return now
}

// click points the mouse at an element, and presses and releases it once the
// element knows: a frame in another process learns of a scroll a little later.
func (v *view) click(selector string) {
	v.p.t.Helper()
	var at spot
	eventually(v.p.t, fmt.Sprintf("the mouse is over %s in %s's %s", selector, v.p.name, v.where), func() bool {
		at = v.spot(selector)
		v.p.mouse(input.DispatchMouseEventTypeMouseMoved, at)
		over := false
		return v.try(&over, `(s) => !!document.querySelector(s)?.matches(":hover")`, selector) == nil && over
	})
	v.p.mouse(input.DispatchMouseEventTypeMousePressed, at)
	v.p.mouse(input.DispatchMouseEventTypeMouseReleased, at)
}

func (p *person) mouse(kind input.DispatchMouseEventType, at spot) {
	p.t.Helper()
	m := input.DispatchMouseEventParams{Type: kind, X: at.X, Y: at.Y}
	if kind != input.DispatchMouseEventTypeMouseMoved {
		m.Button, m.ClickCount = input.MouseButtonLeft, 1
	}
	_, err := chromedp.Call(p.ctx, input.DispatchMouseEvent, m)
	p.must(err)
}

// write clicks into a field and puts text there at once, as a paste does.
func (v *view) write(selector, text string) {
	v.p.t.Helper()
	v.click(selector)
	v.wait(selector+" has the focus", `(s) => document.activeElement === document.querySelector(s)`, selector)
	v.p.paste(text)
}

func (p *person) paste(text string) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, input.InsertText, input.InsertTextParams{Text: text})
	p.must(err)
}

// rewrite replaces what a field holds.
func (v *view) rewrite(selector, text string) {
	v.p.t.Helper()
	v.click(selector)
	v.run(`(s) => document.querySelector(s).select()`, selector)
	if text == "" {
		v.p.key("Delete", "", 46)
		return
	}
	v.p.paste(text)
}

// key presses and releases one key.
func (p *person) key(name, text string, code int64) {
	p.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		_, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, keyEvent(kind, name, text, code))
		p.must(err)
	}
}

// letter types one character.
func (p *person) letter(r rune) {
	p.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		_, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, letterEvent(kind, r))
		p.must(err)
	}
}

func keyEvent(kind input.DispatchKeyEventType, name, text string, code int64) input.DispatchKeyEventParams {
	k := input.DispatchKeyEventParams{Type: kind, Key: name, WindowsVirtualKeyCode: code}
	if kind == input.DispatchKeyEventTypeKeyDown {
		if k.Text = text; text == "" {
			k.Type = input.DispatchKeyEventTypeRawKeyDown
		}
	}
	return k
}

func letterEvent(kind input.DispatchKeyEventType, r rune) input.DispatchKeyEventParams {
	code := unicode.ToUpper(r)
	if code > 'Z' || !unicode.In(code, unicode.Letter, unicode.Digit, unicode.Space) {
		code = 0 // the codes of other characters are keys such as Page Up
	}
	return keyEvent(kind, string(r), string(r), int64(code))
}

// comment writes and sends a comment under a name, in the box of parent, or the
// top one.
func (v *view) comment(parent, name, body string) {
	v.p.t.Helper()
	box := "#box"
	if parent != "" {
		box = "#box-" + parent
	}
	v.write(box, body)
	if v.value(box+"-name") != name {
		v.rewrite(box+"-name", name)
	}
	v.click("form:has(> " + box + ") .send")
}

// withText is the id of the element of the comment whose own text holds some
// words; it waits for it.
func (v *view) withText(words string) string {
	v.p.t.Helper()
	const find = `(w) => [...document.querySelectorAll("article.comment")].find((a) => a.querySelector(":scope > .text")?.textContent.includes(w))?.id ?? ""`
	v.wait(fmt.Sprintf("a comment says %q", words), `(w) => (`+find+`)(w) !== ""`, words)
	return ask[string](v, find, words)
}
