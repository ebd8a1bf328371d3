package main

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
	"folkmoot/app/ui"
)

// settled is for how long something may be on its way before it counts as
// waiting: what a good network does in a blink is no news.
const settled = 2 * time.Second

// outbox is outbox.js's, once it is loaded; else not truthy.
func outbox() app.Value { return app.Window().Get("folkmootOutbox") }

// watchOutbox tells what waits in the outbox, now and when that changes, and what
// was taken back by another page.
func watchOutbox(ctx app.Context, boot app.Value, show func([]ui.Wait), taken func(ref string)) {
	later := make(chan struct{}, 1)
	look := func() {
		select {
		case later <- struct{}{}:
		default: // it will be looked at anyway
		}
	}
	app.Window().Call("addEventListener", "folkmoot-outbox", app.FuncOf(func(_ app.Value, args []app.Value) any {
		switch data := args[0].Get("data"); {
		case !data.Truthy():
		case data.Get("cleared").Truthy():
			app.Window().Get("location").Call("reload")
		case data.Get("taken").Truthy():
			taken(data.Get("taken").String())
		}
		look()
		return nil
	}))
	ctx.Async(func() {
		if _, ok := await(boot.Call("kept")); !ok { // now there is one, if there can be
			return
		}
		for {
			all, young := readOutbox()
			show(all)
			if young {
				time.AfterFunc(settled/2, look)
			}
			<-later
		}
	})
}

// readOutbox reads what waits, and whether there is what hasn't for long.
func readOutbox() (waits []ui.Wait, young bool) {
	if !outbox().Truthy() {
		return nil, false
	}
	all, ok := await(outbox().Call("all"))
	if !ok {
		return nil, false
	}
	var entries []struct {
		Ref     string      `json:"ref"`
		Thread  string      `json:"thread"`
		At      time.Time   `json:"at"`
		Kept    int64       `json:"kept"` // by this device's clock, in milliseconds
		Command string      `json:"command"`
		Refused *talk.Error `json:"refused"`
		Tried   bool        `json:"tried"`
	}
	if json.Unmarshal([]byte(app.Window().Get("JSON").Call("stringify", all).String()), &entries) != nil {
		return nil, false
	}
	for _, e := range entries {
		if age := time.Since(time.UnixMilli(e.Kept)); e.Refused == nil && age >= 0 && age < settled {
			young = true
			continue
		}
		w := ui.Wait{Ref: e.Ref, Thread: e.Thread, At: e.At, Refused: e.Refused, Tried: e.Tried}
		if json.Unmarshal([]byte(e.Command), &w.Command) == nil {
			waits = append(waits, w)
		}
	}
	return waits, young
}

// watch shows how much waits, where the page has a place for that, and lets go of
// what another page has taken back.
func (w *widget) watch() {
	if w.State.Frame == nil {
		return
	}
	show := func(all []ui.Wait) {
		if n := len(all); n != w.State.Frame.Waits {
			w.update(func() { w.State.Frame.Waits = n })
		}
	}
	watchOutbox(w.ctx, w.boot, show, func(ref string) {
		w.update(func() {
			if w.Session.TakeBack(ref) != nil {
				w.save()
			}
		})
	})
}

// TakeBack gives a comment that waits to be sent back into its box.
func (w *widget) TakeBack(id string) {
	ref := strings.TrimPrefix(id, "ref-")
	w.ctx.Async(func() {
		if outbox().Truthy() {
			if free, ok := await(outbox().Call("takeBack", ref)); ok && !free.Bool() {
				return // it is being sent just now
			}
		}
		w.update(func() {
			if d := w.Session.TakeBack(ref); d != nil {
				w.giveBack(d, talk.Error{})
				w.save()
			}
		})
	})
}
