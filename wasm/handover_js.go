package main

import (
	"encoding/json"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/ui"
)

// elsewhere is the page of Folkmoot's own on which a reader of the widget goes on.
type elsewhere struct {
	tab   app.Value // its window; not truthy where browsers tell nothing of it
	nonce string    // with which it has asked; empty until then
}

// Continue opens Folkmoot in a tab of its own, which asks this page for a code
// and the drafts of this part of the browser's storage, see continue.js. Where
// the two can't talk (no tabs, no opener, an installed app) the code is typed.
func (w *widget) Continue() {
	if w.there == nil {
		app.Window().Call("addEventListener", "message", app.FuncOf(func(_ app.Value, args []app.Value) any {
			w.heard(args[0])
			return nil
		}))
	}
	// Now: browsers open a tab only while a click is handled.
	w.there = &elsewhere{tab: app.Window().Call("open", "/continue?lang="+w.State.Words.Language(), "_blank")}
	w.State.Handover = &ui.Handover{}
	w.settle(w.ctx)
	w.ctx.Async(func() {
		status, text := w.api("POST", "handover")
		var made struct {
			Code string `json:"code"`
		}
		_ = json.Unmarshal([]byte(text), &made) // else there is no code
		w.update(func() {
			w.State.Handover = &ui.Handover{Code: made.Code}
			if made.Code == "" {
				w.State.Handover.Error = w.reason(status, text)
			}
			w.answer()
		})
	})
}

// heard takes what that page says. Anybody may send a message: it must be from
// its window, and that must still be ours.
func (w *widget) heard(e app.Value) {
	tab := w.there.tab
	if !tab.Truthy() || !e.Get("source").Equal(tab) || e.Get("origin").String() != app.Window().Get("location").Get("origin").String() {
		return
	}
	said := e.Get("data")
	if !said.Truthy() || !said.Get("folkmoot").Truthy() {
		return
	}
	said = said.Get("folkmoot")
	if ask := said.Get("ask"); ask.Truthy() {
		nonce := ask.String()
		w.update(func() {
			w.there.nonce = nonce
			w.answer()
		})
	}
	if said.Get("continued").Truthy() {
		w.update(func() {
			w.State.Handover = &ui.Handover{Done: true}
			w.become()
		})
	}
}

// answer gives that page what it has asked for, once it is there.
func (w *widget) answer() {
	h := w.State.Handover
	if w.there.nonce == "" || h == nil || h.Code+h.Error == "" {
		return
	}
	said := map[string]any{"answer": w.there.nonce, "code": h.Code, "error": h.Error, "drafts": drafts()}
	w.there.tab.Call("postMessage", map[string]any{"folkmoot": said}, app.Window().Get("location").Get("origin"))
	w.there.nonce = ""
}

// drafts are what was begun and not sent, by conversation, as boot.js keeps it.
func drafts() map[string]any {
	const name = "folkmoot:drafts:"
	all := map[string]any{}
	storage, read := app.Window().Get("localStorage"), app.Window().Get("JSON")
	for i := range storage.Get("length").Int() {
		key := storage.Call("key", i).String()
		if thread, ok := strings.CutPrefix(key, name); ok {
			text := storage.Call("getItem", key).String()
			if json.Valid([]byte(text)) { // parse would throw
				all[thread] = read.Call("parse", text)
			}
		}
	}
	return all
}

// become shows the page as who its reader is now.
func (w *widget) become() {
	w.socket.renew()
	w.resync()
}

// CopyCode puts the code where it can be pasted from. A frame may not write to
// the clipboard by itself; what is selected may be copied in any.
func (w *widget) CopyCode() {
	field := app.Window().GetElementByID("handover-code")
	field.Call("select")
	if h := w.State.Handover; app.Window().Get("document").Call("execCommand", "copy").Bool() && h != nil {
		h.Copied = true
	}
	w.settle(w.ctx)
}

// api makes a call of the API's. Without an answer the status is 0.
func (w *widget) api(method, call string) (status int, text string) {
	answer, ok := await(app.Window().Call("fetch", "/api/v1/"+call, map[string]any{"method": method, "headers": w.boot.Get("spoken")}))
	if !ok {
		return 0, ""
	}
	body, ok := await(answer.Call("text"))
	if !ok {
		return 0, ""
	}
	return answer.Get("status").Int(), body.String()
}

// reason says why a call was refused. A server that doesn't know it is an older
// one.
func (w *widget) reason(status int, text string) string {
	var problem struct {
		Detail string `json:"detail"`
	}
	if status != 404 && json.Unmarshal([]byte(text), &problem) == nil && problem.Detail != "" {
		return problem.Detail
	}
	return w.State.Words.Say("unsent")
}
