package main

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
)

// What the page around the widget is told goes through boot.js, which knows
// that page's origin; docs/embedding.md has the events.

// tellCounts lets it know how much was said, as the widget shows it.
func (w *widget) tellCounts() {
	reactions := 0
	for _, n := range w.State.View.Thread.Reactions {
		reactions += n
	}
	w.boot.Call("counted", w.State.View.Thread.Comments-len(w.State.Unseen), reactions)
}

// tellAge lets what keeps a page of Folkmoot's own for when there is no network
// (install.js) know that more was said since it was fetched.
func (w *widget) tellAge() {
	if seq := w.Base.Thread.Seq; w.State.Frame != nil && seq != w.seq {
		w.seq = seq
		app.Window().Call("dispatchEvent", app.Window().Get("Event").New("folkmoot-older"))
	}
}

// tellDone lets it know that what its reader did is on disk.
func (w *widget) tellDone(r talk.Result) {
	switch {
	case r.Comment != nil:
		w.boot.Call("event", "comment", map[string]any{"id": r.Comment.ID, "state": string(r.Comment.State)})
	case r.Reactions != nil:
		mine := make([]any, len(r.Mine))
		for i, kind := range r.Mine {
			mine[i] = kind
		}
		w.boot.Call("event", "reaction", map[string]any{"mine": mine})
	}
}

// tellRefused lets it know that something was not done.
func (w *widget) tellRefused(why talk.Error) {
	w.boot.Call("event", "error", map[string]any{"code": string(why.Code), "message": why.Message})
}
