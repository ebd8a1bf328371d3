package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
	"folkmoot/app/ui"
	"folkmoot/wasm/session"
)

// clockTrust is how far a device's clock may be off before the server's is
// believed instead. Less is hidden by the rounding of ages.
const clockTrust = 5 * time.Minute

// A widget is the root component. Everything in it belongs to go-app's UI
// goroutine; what comes from elsewhere gets there through ctx.Dispatch.
type widget struct {
	app.Compo
	*session.Session

	boot    app.Value // boot.js's helpers
	ctx     app.Context
	socket  *socket
	skew    time.Duration     // of the server's clock to this device's
	after   []func()          // to do once the next rendering stands
	kept    map[string]bool   // refs of what is in the outbox
	seq     uint64            // of the conversation when it was last told that the page is older
	written map[string]string // comments that were being edited, as they were
	there   *elsewhere        // where the reader continues; nil if they don't
	screen  screenful

	meeting bool      // a session is being asked for
	joining bool      // asked to join, not answered yet: what comes meanwhile is of an earlier join
	typed   time.Time // when others were told last that something is being written
}

func newWidget(s ui.State, boot app.Value) *widget {
	w := &widget{Session: session.New(s), boot: boot, kept: map[string]bool{}, written: map[string]string{}, seq: s.View.Thread.Seq}
	if now, told := serverTime(s.Now); told && time.Until(now).Abs() > clockTrust {
		w.skew = time.Until(now)
	}
	w.State.Now = w.now()
	w.State.Visited, _ = time.Parse(time.RFC3339, boot.Call("visited", w.State.Now.Format(time.RFC3339)).String())
	return w
}

// serverTime is what the server's clock says now, as far as the page tells, which
// was made then: a kept one says for how long it was (worker.js), and one that the
// browser has taken from its history doesn't.
func serverTime(then time.Time) (now time.Time, told bool) {
	entries := app.Window().Get("performance").Call("getEntriesByType", "navigation")
	if entries.Get("length").Int() == 0 {
		return then, true
	}
	nav := entries.Index(0)
	if timing := nav.Get("serverTiming"); timing.Truthy() {
		for i := range timing.Get("length").Int() {
			if t := timing.Index(i); t.Get("name").String() == "kept" {
				return then.Add(time.Duration(t.Get("duration").Float()) * time.Millisecond), true
			}
		}
	}
	return then, nav.Get("type").String() != "back_forward"
}

func (w *widget) now() time.Time { return time.Now().Add(w.skew).UTC() }

// Render shows the state.
func (w *widget) Render() app.UI {
	w.hold()
	return ui.Page(&w.State, w)
}

// OnMount gives back what the reader was doing, in the task that replaced it.
func (w *widget) OnMount(ctx app.Context) {
	w.boot.Call("restore")
	app.Window().Set("onclick", nil) // go-app would make a navigation of every link
	w.ctx = ctx
	ctx.PreventUpdate() // it is as it was just mounted
	w.socket = newSocket(w, w.boot, ctx)
	w.listen()
	w.socket.connect()
	w.load()
	w.watch()
	w.heed()
	ctx.Async(func() {
		for range time.Tick(time.Minute) {
			w.update(func() { w.State.Now = w.now() })
		}
	})
	w.boot.Set("live", true)
}

// update changes the state from any goroutine, and shows it.
func (w *widget) update(change func()) {
	w.ctx.Dispatch(func(ctx app.Context) {
		change()
		w.settle(ctx)
	})
}

// settle does what can be done only when the next rendering stands.
func (w *widget) settle(ctx app.Context) {
	after := w.after
	w.after = nil
	ctx.Defer(func(app.Context) {
		w.lay()
		w.boot.Call("fill")
		w.tellCounts()
		w.tellAge()
		for _, f := range after {
			f()
		}
	})
}

// React puts a reaction there, or takes it back.
func (w *widget) React(kind string) {
	w.command(talk.Command{Kind: talk.React, Thread: w.Base.Thread.ID, Reaction: kind, On: !w.Reacted(kind)})
}

// Like likes a comment, or takes it back.
func (w *widget) Like(comment string) {
	w.command(talk.Command{Kind: talk.Like, Comment: comment, On: !w.Liked(comment)})
}

// Mark follows the conversation or mutes it, or doesn't any more.
func (w *widget) Mark(do talk.Do) {
	now := w.State.View.Thread.Level
	w.command(talk.Command{Kind: do, Thread: w.Base.Thread.ID, On: session.Marked(now, do, true) != now})
}

func (w *widget) command(c talk.Command) {
	w.Do(&session.Deed{Ref: newRef(), Command: c, At: w.now()})
	w.save()
	w.flush()
	w.settle(w.ctx)
}

// Post sends what is in a box.
func (w *widget) Post(parent string) {
	id := ui.BoxID(parent)
	value := func(field string) string { return w.boot.Call("value", field).String() }
	c := talk.Command{Kind: talk.Post, Thread: w.Base.Thread.ID, Parent: parent, Body: value(id), Name: value(id + "-name"), Headline: value(id + "-headline"), Mentions: w.meant(id)}
	if err := check(&c); err != nil {
		w.State.Boxes[parent] = ui.Box{Body: c.Body, Name: c.Name, Headline: c.Headline, Error: w.State.Words.Refusal(err), Field: err.Field}
		field := id
		if err.Field != "" && err.Field != "body" {
			field += "-" + err.Field
		}
		w.after = append(w.after, func() { w.boot.Call("stand", field, true) })
		w.settle(w.ctx)
		return
	}
	w.boot.Call("put", id, "")
	if parent == "" {
		w.State.Boxes[""] = ui.Box{}
	} else {
		delete(w.State.Boxes, parent)
	}
	ref := w.Again(c, newRef())
	w.Do(&session.Deed{Ref: ref, Command: c, At: w.now()})
	w.save()
	w.flush()
	w.standAt(session.WaitingID(ref))
}

// meant are the people who were chosen where a box mentions somebody.
func (w *widget) meant(box string) []string {
	return strings.Fields(w.boot.Call("meant", box).String())
}

// check refuses at once what the server would refuse for sure.
func check(c *talk.Command) *talk.Error {
	err := talk.CheckBody(c.Body)
	if err == nil {
		c.Name, err = talk.CleanName(c.Name)
	}
	if err == nil {
		c.Headline, err = talk.CleanHeadline(c.Headline)
	}
	var refused *talk.Error
	errors.As(err, &refused)
	return refused
}

// standAt brings a comment onto the screen once it is shown.
func (w *widget) standAt(comment string) {
	w.Bring(comment)
	w.after = append(w.after, func() {
		w.boot.Call("stand", "comment-"+comment, true)
		w.Stood()
	})
	w.settle(w.ctx)
}

// Reply opens a reply box, or closes it; its text stays a draft.
func (w *widget) Reply(comment string) {
	if _, open := w.State.Boxes[comment]; open {
		delete(w.State.Boxes, comment)
		w.settle(w.ctx)
		return
	}
	quote := w.boot.Call("quote", "comment-"+comment).String()
	w.State.Boxes[comment] = ui.Box{}
	w.after = append(w.after, func() {
		id := ui.BoxID(comment)
		w.boot.Call("stand", id, true)
		if quote != "" {
			w.boot.Call("put", id, quote+w.boot.Call("value", id).String())
		}
	})
	w.settle(w.ctx)
}

// ShowNew shows the comments that wait, and stands at the first.
func (w *widget) ShowNew() {
	first := w.Base.RevealAll()
	w.Show()
	w.standAt(first)
}

// More shows the next page of roots.
func (w *widget) More() { w.more(true, w.goOn) }

// Rest shows replies that are missing after a comment, and stands at the first.
func (w *widget) Rest(comment string) {
	w.ctx.Async(func() {
		s, ok := w.page("rest", comment)
		w.update(func() {
			if !ok {
				w.State.Notice = w.State.Words.Say("comments.unloaded")
				return
			}
			w.Fill(comment, s.View)
			if len(s.View.Comments) > 0 {
				w.standAt(s.View.Comments[0].ID)
			}
		})
	})
}

// Dismiss takes the notice away.
func (w *widget) Dismiss() { w.State.Notice = "" }

// page reads another part of the thread.
func (w *widget) page(place, at string) (ui.State, bool) {
	return w.fetch(ui.With(w.State.Self, place, at))
}

// fetch reads the state that a page of the server's would start from.
func (w *widget) fetch(address string) (ui.State, bool) {
	var s ui.State
	text, ok := await(w.boot.Call("refetch", address))
	return s, ok && json.Unmarshal([]byte(text.String()), &s) == nil && s.View.Thread.ID != ""
}

// giveBack puts a refused comment's text into its box again, before whatever
// was written there since.
func (w *widget) giveBack(d *session.Deed, why talk.Error) {
	c := d.Command
	why.Message = w.State.Words.Refusal(&why)
	if c.Kind == talk.Edit { // nothing that was written is lost
		box := ui.EditID(c.Comment)
		w.State.Boxes[box] = ui.Box{Body: c.Body, Error: why.Message, Field: why.Field}
		w.after = append(w.after, func() { w.boot.Call("put", ui.BoxID(box), c.Body) })
		return
	}
	if c.Kind != talk.Post {
		w.State.Notice = why.Message
		return
	}
	if why.Code == talk.Unavailable {
		w.Lost(d)
	}
	parent := c.Parent
	if parent != "" && w.Base.Find(parent) == nil {
		parent = "" // nowhere to answer any more, but nothing is lost
	}
	id := ui.BoxID(parent)
	text := c.Body
	if e := app.Window().GetElementByID(id); e.Truthy() {
		if now := e.Get("value").String(); strings.TrimSpace(now) != "" {
			text += "\n\n" + now
		}
	}
	w.State.Boxes[parent] = ui.Box{Name: c.Name, Headline: c.Headline, Error: why.Message, Field: why.Field}
	w.Show() // a removed comment stands as long as it has a box
	w.after = append(w.after, func() {
		w.boot.Call("put", id, text)
		w.boot.Call("stand", id, true)
	})
}

// moves says whether showing a comment would move what is on screen: it does
// unless its place is below the screen, or after everything else. A box that
// stands after the comments counts while somebody writes in it.
func (w *widget) moves(c talk.Comment) bool {
	if above, known := w.Above(c.Parent); known {
		return above
	}
	view := w.boot.Call("visible")
	top, bottom := view.Index(0).Float(), view.Index(1).Float()
	if bottom <= top {
		return false // not on screen at all
	}
	list := app.Window().GetElementByID("comments")
	branch := list
	if c.Parent != "" {
		if branch = app.Window().GetElementByID("comment-" + c.Parent); !branch.Truthy() {
			return false
		}
	} else if w.Base.Sort == talk.Newest {
		if branch = list.Get("firstElementChild"); !branch.Truthy() {
			return false
		}
	}
	place, end := bottomOf(branch), bottomOf(list)
	if box := list.Get("nextElementSibling"); ui.Last(&w.State) && box.Call("contains", app.Window().Get("document").Get("activeElement")).Bool() {
		end = bottomOf(box)
	}
	return place < bottom && place < end-1 // a pixel is rounding
}

func bottomOf(e app.Value) float64 { return e.Call("getBoundingClientRect").Get("bottom").Float() }

// save keeps on the device what is not confirmed yet, so that nothing is lost
// with the page, and lets go of what is.
func (w *widget) save() {
	now := map[string]bool{}
	for _, d := range w.Deeds() {
		now[d.Ref] = true
		if !w.kept[d.Ref] {
			command, _ := json.Marshal(d.Command) // strings and numbers: can't fail
			w.boot.Call("keep", d.Ref, d.At.Format(time.RFC3339Nano), string(command))
		}
	}
	for ref := range w.kept {
		if !now[ref] {
			w.boot.Call("letGo", ref)
		}
	}
	w.kept = now
}

// load takes up what an earlier page could not send, and gives back what was
// refused meanwhile.
func (w *widget) load() {
	w.ctx.Async(func() {
		text, ok := await(w.boot.Call("kept"))
		var kept []*session.Deed
		if !ok || json.Unmarshal([]byte(text.String()), &kept) != nil || len(kept) == 0 {
			return
		}
		w.update(func() {
			for _, d := range kept {
				switch {
				case d.Refused != nil:
					w.giveBack(d, *d.Refused)
					w.boot.Call("letGo", d.Ref)
				case !w.kept[d.Ref]:
					w.kept[d.Ref] = true
					w.Do(d)
				}
			}
			w.save()
			w.flush()
		})
	})
}

// newRef makes an unguessable one. The browser has what crypto/rand would bring:
// 46 kB compressed.
func newRef() string {
	bytes := app.Window().Get("Uint8Array").New(16)
	app.Window().Get("crypto").Call("getRandomValues", bytes)
	var b [16]byte
	app.CopyBytesToGo(b[:], bytes)
	return hex.EncodeToString(b[:])
}
