package main

import (
	"encoding/json"
	"strings"
	"time"

	"folkmoot/app/talk"
	"folkmoot/app/ui"
)

// undoFor is how long a comment that was deleted or edited offers to be as it was.
const undoFor = 20 * time.Second

// Choose does what a comment's menu offers.
func (w *widget) Choose(do talk.Do, comment string, reason talk.Reason) {
	c := w.Find(comment)
	if c == nil {
		return
	}
	w.State.Thanks = ""
	command := talk.Command{Kind: do, Comment: comment, On: true}
	switch do {
	case talk.Edit:
		w.edit(comment)
		return
	case talk.Pin:
		command.On = !c.Pinned
	case talk.Hold:
		command.On = c.State != talk.Held
	case talk.Appoint:
		command.On = c.Badge == ""
	case talk.Credit:
		command.On = !c.Wrote
	case talk.Flag:
		command.Reason = reason
	}
	w.command(command)
	if do == talk.Delete {
		w.later(undoFor, func() { delete(w.State.Undo, comment) })
	}
}

// Menu fills the menu of a comment, which the browser opens.
func (w *widget) Menu(comment string) { w.State.Menus[comment] = true }

// Restore takes back that a comment was deleted.
func (w *widget) Restore(comment string) {
	delete(w.State.Undo, comment)
	w.command(talk.Command{Kind: talk.Restore, Comment: comment})
}

// Lock closes the conversation, or opens it again.
func (w *widget) Lock() {
	w.command(talk.Command{Kind: talk.Lock, Thread: w.Base.Thread.ID, On: !w.Base.Thread.Locked})
}

// edit opens the box in which a comment is changed, with what was written.
func (w *widget) edit(comment string) {
	w.ctx.Async(func() {
		text, ok := await(w.boot.Call("source", comment))
		w.update(func() {
			if !ok || text.String() == "" {
				w.State.Notice = w.State.Words.Say("write.uneditable")
				return
			}
			box := ui.EditID(comment)
			w.written[comment] = text.String()
			w.State.Boxes[box] = ui.Box{Body: text.String()}
			w.after = append(w.after, func() {
				w.boot.Call("put", ui.BoxID(box), text.String())
				w.boot.Call("stand", ui.BoxID(box), true)
			})
		})
	})
}

// Save sends what was edited.
func (w *widget) Save(comment string) {
	box := ui.EditID(comment)
	body := w.boot.Call("value", ui.BoxID(box)).String()
	if strings.TrimSpace(body) == "" {
		w.State.Boxes[box] = ui.Box{Body: body, Error: w.State.Words.Say("write.empty")}
		return
	}
	meant := w.meant(ui.BoxID(box))
	delete(w.State.Boxes, box)
	w.boot.Call("forget", ui.BoxID(box))
	w.command(talk.Command{Kind: talk.Edit, Comment: comment, Body: body, Mentions: meant})
	w.boot.Call("wrote", comment, body)
	delete(w.State.Past, comment)
	if before, ok := w.written[comment]; ok && before != body {
		w.State.Before[comment] = before
		w.later(undoFor, func() { delete(w.State.Before, comment) })
	}
	w.standAt(comment)
}

// Unedit makes a comment say again what it said.
func (w *widget) Unedit(comment string) {
	before := w.State.Before[comment]
	delete(w.State.Before, comment)
	w.command(talk.Command{Kind: talk.Edit, Comment: comment, Body: before})
	w.standAt(comment)
}

// Past shows what a comment said earlier, or doesn't any more.
func (w *widget) Past(comment string) {
	if len(w.State.Past[comment]) > 0 {
		delete(w.State.Past, comment)
		w.settle(w.ctx)
		return
	}
	w.ctx.Async(func() {
		text, ok := await(w.boot.Call("call", "GET", "comments/"+comment+"/history"))
		var said struct {
			History []talk.Revision `json:"history"`
		}
		ok = ok && json.Unmarshal([]byte(text.String()), &said) == nil
		w.update(func() {
			if !ok {
				w.State.Notice = w.State.Words.Say("unsent")
				return
			}
			w.State.Past[comment] = said.History
		})
	})
}

// Cancel leaves a comment as it was.
func (w *widget) Cancel(comment string) {
	box := ui.EditID(comment)
	delete(w.State.Boxes, box)
	w.boot.Call("forget", ui.BoxID(box))
	w.standAt(comment)
}

// thank says of a deed that doesn't show that it was done.
func (w *widget) thank(c talk.Command) {
	w.look()
	switch {
	case c.Kind == talk.Flag:
		w.State.Thanks = w.State.Words.Say("thanks.flag")
	case c.Kind == talk.Ban:
		w.State.Thanks = w.State.Words.Say("thanks.ban")
	case c.Kind == talk.Credit && c.On:
		w.State.Thanks = w.State.Words.Say("thanks.credit")
	case c.Kind == talk.Appoint && c.On:
		w.State.Thanks = w.State.Words.Say("thanks.appoint")
	default:
		return
	}
	w.later(undoFor, func() { w.State.Thanks = "" })
}

// later does something on the UI goroutine after a while.
func (w *widget) later(wait time.Duration, do func()) {
	time.AfterFunc(wait, func() { w.update(do) })
}

// Keep makes whoever was given a code one who keeps order.
func (w *widget) Keep() {
	code := strings.TrimSpace(w.boot.Call("value", "keeper-code").String())
	w.ctx.Async(func() {
		said, ok := await(w.boot.Call("appoint", code))
		w.update(func() {
			switch {
			case !ok:
				w.State.Notice = w.State.Words.Say("unsent")
			case said.String() != "":
				w.State.Notice = said.String()
			default:
				w.Known = true
				w.socket.renew() // as who they are now
				w.resync()
			}
		})
	})
}

// Settle does what a case of the queue offers.
func (w *widget) Settle(do talk.Do, comment string, on bool) {
	w.command(talk.Command{Kind: do, Comment: comment, On: on})
}

// look fetches what waits for whoever keeps order.
func (w *widget) look() {
	if !w.Base.Role.Keeps() {
		return
	}
	w.ctx.Async(func() {
		text, ok := await(w.boot.Call("call", "GET", "queue"))
		var now struct {
			Cases []talk.Case `json:"cases"`
		}
		if !ok || json.Unmarshal([]byte(text.String()), &now) != nil {
			return // the next look may tell
		}
		w.update(func() { w.State.Queue = now.Cases })
	})
}
