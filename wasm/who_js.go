package main

import (
	"encoding/json"
	"strconv"

	"folkmoot/app/talk"
)

// Who shows who has reacted, or doesn't any more.
func (w *widget) Who() {
	if w.State.Who != nil {
		w.State.Who = nil
		w.settle(w.ctx)
		return
	}
	w.readWho("")
}

// readWho reads it anew, after the answer to a call, if there is one to make.
func (w *widget) readWho(settings string) {
	w.ctx.Async(func() {
		ok := true
		if settings != "" {
			_, ok = await(w.boot.Call("call", "PATCH", "me/settings", settings))
		}
		var now talk.Reacted
		if ok {
			text, got := await(w.boot.Call("call", "GET", "threads/"+w.Base.Thread.ID+"/reactions"))
			ok = got && json.Unmarshal([]byte(text.String()), &now) == nil
		}
		w.update(func() {
			if !ok {
				w.State.Notice = w.State.Words.Say("unsent")
				return
			}
			w.State.Who = &now
		})
	})
}

// ShowName shows the reader's name with their reactions, or doesn't any more.
func (w *widget) ShowName(on bool) {
	w.readWho(`{"named":` + strconv.FormatBool(on) + `}`)
}
