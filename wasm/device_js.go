package main

import (
	"encoding/json"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/ui"
)

// A device is what a page of lists does with what this browser keeps.
type device struct {
	s   *screen
	ctx app.Context
	now ui.Device
}

// watchDevice shows what is kept, and how much waits in the outbox.
func (s *screen) watchDevice(ctx app.Context) {
	d := &device{s: s, ctx: ctx}
	d.now.Hands = d
	watchOutbox(ctx, s.boot, d.show, func(string) {})
	if s.state.Me != nil {
		d.count()
	}
}

func (d *device) update(change func()) { d.ctx.Dispatch(func(app.Context) { change() }) }

func (d *device) show(all []ui.Wait) {
	d.update(func() {
		d.now.Waits = all
		d.s.state.Frame.Waits = len(all)
	})
}

// helper is device.js.
func (d *device) helper() app.Value { return d.s.boot.Get("device") }

// count reads how much is kept.
func (d *device) count() {
	d.ctx.Async(func() {
		text, ok := await(d.helper().Call("figures"))
		var f struct {
			Pages, Drafts, Usage int
			Persisted            bool
			CanPersist           bool
		}
		if !ok || json.Unmarshal([]byte(text.String()), &f) != nil {
			return
		}
		d.update(func() {
			n := &d.now
			n.Pages, n.Drafts, n.Usage, n.Persisted, n.CanAsk = f.Pages, f.Drafts, f.Usage, f.Persisted, f.CanPersist
			d.s.state.Device = n
		})
	})
}

func (d *device) find(ref string) *ui.Wait {
	i := slices.IndexFunc(d.now.Waits, func(w ui.Wait) bool { return w.Ref == ref })
	if i < 0 {
		return nil
	}
	return &d.now.Waits[i]
}

// TakeBack lets go of what waits. A text goes back into its box, as a draft.
func (d *device) TakeBack(ref string) {
	w := d.find(ref)
	if w == nil {
		return
	}
	thread, c, refused := w.Thread, w.Command, w.Refused != nil
	d.ctx.Async(func() {
		free, ok := await(outbox().Call("takeBack", ref))
		if ok && free.Bool() && !refused && c.Body != "" {
			d.helper().Call("draft", thread, ui.DraftOf(c), c.Body)
		}
		d.count()
	})
}

// Copy puts a text where it can be pasted from.
func (d *device) Copy(ref string) {
	if w := d.find(ref); w != nil {
		clipboard := app.Window().Get("navigator").Get("clipboard")
		if clipboard.Truthy() {
			clipboard.Call("writeText", w.Command.Body)
			w.Copied = true
		}
	}
}

// Persist asks the browser to keep what is kept.
func (d *device) Persist() {
	d.ctx.Async(func() {
		await(d.helper().Call("persist"))
		d.count()
	})
}

// AskClear asks what to clear, or doesn't any more.
func (d *device) AskClear(on bool) {
	d.now.Clearing, d.now.Notice = on, ""
	to := "clear"
	if on {
		to = "clearing"
	}
	d.ctx.Defer(func(app.Context) { app.Window().GetElementByID(to).Call("focus") })
}

// Clear clears what was asked for.
func (d *device) Clear(everything bool) {
	d.ctx.Async(func() {
		done, ok := await(d.helper().Call("clear", everything))
		words := d.s.state.Words
		d.update(func() {
			if !ok || !done.Bool() {
				d.now.Notice = words.Say("unsent")
				return
			}
			if everything {
				app.Window().Get("location").Call("reload")
				return
			}
			d.AskClear(false)
			d.now.Notice = words.Say("clear.done")
			d.count()
		})
	})
}
