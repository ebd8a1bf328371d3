package main

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
	"folkmoot/app/ui"
)

// How the widget takes part over its socket: it joins its conversation, sends
// what its reader does, and shows what it hears.

func (w *widget) language() string { return w.State.Words.Language() }
func (w *widget) busy() bool       { return len(w.Unsent()) > 0 }

func (w *widget) opened() {
	w.join()
	w.watchInbox()
	w.flush()
}

// watchInbox asks to be told of the reader's inbox, which the page around a
// conversation of Folkmoot's own shows.
func (w *widget) watchInbox() {
	if w.State.Frame != nil && w.Known {
		w.socket.send(talk.Request{Type: talk.TypeWatch})
	}
}

func (w *widget) gone(waits bool) {
	for _, d := range w.Deeds() {
		if d.Sent && outbox().Truthy() {
			outbox().Call("tried", d.Ref)
		}
	}
	w.Disconnected()
	w.State.Typing = nil
	if waits {
		w.State.Status = ui.Connecting
	}
}

func (w *widget) join() {
	w.joining = true
	t := w.Base.Thread
	w.socket.send(talk.Request{Type: talk.TypeJoin, Thread: t.ID, Epoch: t.Epoch, Since: t.Seq, Version: t.Version})
}

// listen notes that something is being written. A key goes through no component:
// see docs/decisions.md on text fields.
func (w *widget) listen() {
	app.Window().Get("document").Call("addEventListener", "input", app.FuncOf(func(_ app.Value, args []app.Value) any {
		if args[0].Get("target").Get("name").String() == "body" {
			w.typing()
		}
		return nil
	}))
}

// typing tells others that something is being written, now and then.
func (w *widget) typing() {
	if now := time.Now(); w.socket.open && !w.joining && w.Known && now.Sub(w.typed) >= talk.TypingEvery {
		w.typed = now
		w.socket.send(talk.Request{Type: talk.TypeTyping, Thread: w.Base.Thread.ID})
	}
}

// flush sends the deeds that were not sent yet.
func (w *widget) flush() {
	if !w.socket.open || w.meeting {
		return
	}
	waiting := w.Unsent()
	if len(waiting) > 0 && !w.Known {
		w.meet()
		return
	}
	for _, d := range waiting {
		d.Sent = true
		w.socket.send(talk.Request{Type: talk.TypeDo, Ref: d.Ref, Command: &d.Command})
	}
}

// meet asks for a session, then connects again as somebody.
func (w *widget) meet() {
	w.meeting = true
	w.ctx.Async(func() {
		status, ok := await(w.boot.Call("meet"))
		w.update(func() {
			w.meeting = false
			switch {
			case ok && status.Int() == 204:
				w.Known = true // as whom, the first comment tells
				w.boot.Call("event", "signin", map[string]any{"guest": true})
				w.socket.tries = 0
				w.socket.renew()
			case ok && status.Int() == 429:
				w.refuseAll(*talk.Refuse(talk.RateLimited, "", "Too many new people came from your network just now. Please try again in a minute."))
			default: // the network: when it is back, so is this
				if w.socket.ws != nil {
					w.socket.ws.Call("close")
				}
			}
		})
	})
}

func (w *widget) refuseAll(why talk.Error) {
	for _, d := range w.Unsent() {
		w.giveBack(w.Refused(d.Ref), why)
	}
	w.save()
}

func (w *widget) hear(text []byte) {
	var e talk.Envelope
	if json.Unmarshal(text, &e) != nil {
		return // the socket has looked
	}
	ofThread := e.Type == talk.TypeEvent || e.Type == talk.TypeTally || e.Type == talk.TypePresence
	if ofThread && w.joining || e.Thread != "" && e.Thread != w.Base.Thread.ID {
		return
	}
	switch e.Type {
	case talk.TypeJoined:
		decode(text, func(j talk.Joined) {
			w.socket.tries, w.joining = 0, false
			w.State.Status = ui.Live
			w.Joined(j)
			w.look()
		})
	case talk.TypeEvent:
		decode(text, func(m talk.Entry) {
			if w.Heard(m.Event, w.moves) != nil && w.socket.open {
				w.join()
			} else if m.Event.Again() {
				w.resync()
			}
		})
	case talk.TypeTally:
		decode(text, func(m talk.Counts) { w.Counted(m.Tally) })
	case talk.TypePresence:
		decode(text, func(m talk.Presence) {
			w.Base.Thread.Viewers = m.Viewers
			w.State.Typing = slices.DeleteFunc(m.Typing, func(name string) bool { return name == w.State.Me.Name })
			w.Show()
		})
	case talk.TypeDone:
		decode(text, func(m talk.Done) {
			if d := w.Done(m.Ref, m.Result); d != nil {
				if c := m.Comment; c != nil && d.Command.Body != "" {
					w.boot.Call("wrote", c.ID, d.Command.Body)
				}
				w.thank(d.Command)
				w.followed(d.Command)
			}
			w.save()
			w.tellDone(m.Result)
		})
	case talk.TypeRefused:
		decode(text, w.refused)
	case talk.TypeNotice:
		decode(text, func(m talk.News) { showUnread(w.boot, w.State.Frame, m.Unread, w.State.Words) })
	case talk.TypeResync:
		w.resync()
	}
}

// followed finds out whether the reader follows the conversation now that they
// have written in it, where the page shows that: they do unless they have chosen
// otherwise.
func (w *widget) followed(c talk.Command) {
	if w.State.Frame == nil || c.Kind != talk.Post || w.Base.Thread.Level != "" {
		return
	}
	w.ctx.Async(func() {
		now, ok := w.fetch(w.State.Self)
		w.update(func() {
			if ok {
				w.Base.Thread.Level = now.View.Thread.Level
				w.Show()
			}
		})
	})
}

func (w *widget) refused(m talk.Refused) {
	if m.Code == talk.NoSession {
		w.Disconnected() // nothing was done: send it all as somebody
		w.Known = false
		if !w.meeting {
			w.meet()
		}
		return
	}
	if m.Ref == "" {
		switch {
		case m.Thread != "" && m.Code == talk.Unavailable:
			w.socket.ws.Call("close") // the join was refused: come back, less and less often
		case m.Thread == w.Base.Thread.ID && m.Code == talk.NotFound: // it was removed; what can be read is still here
			w.State.Notice, w.State.Status = w.State.Words.Refusal(&m.Error), ui.Still
		}
		return
	}
	if d := w.Refused(m.Ref); d != nil {
		w.giveBack(d, m.Error)
		w.tellRefused(m.Error)
	}
	w.save()
}

// resync reads the page anew, because its log can't be caught up with, or doesn't
// tell how it is shown now: its reader may be somebody else. It may show another
// thread, which this one has become.
func (w *widget) resync() {
	w.ctx.Async(func() {
		address := w.State.Self
		if reading := w.Reading(); reading != "" { // it may be far from the first page
			address = ui.With(address, "around", reading)
		}
		now, ok := w.fetch(address)
		w.update(func() {
			was := w.Base.Thread.ID
			if ok {
				w.State.Me = now.Me
				w.Renewed(now)
			}
			if t := w.Base.Thread; t.ID != was {
				w.boot.Call("adopt", t.ID, strings.Join(t.Former, ","))
				if w.socket.open {
					w.socket.send(talk.Request{Type: talk.TypeLeave, Thread: was})
				}
			}
			if w.socket.open {
				if ok {
					w.join()
				} else {
					w.socket.ws.Call("close")
				}
			}
		})
	})
}
