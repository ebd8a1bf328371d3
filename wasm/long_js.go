package main

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/wasm/session"
)

// A screenful is what the page has told of the screen since it was last rendered.
type screenful struct {
	fresh   bool
	at      session.Sight
	laid    bool // the last rendering has its room
	loading bool // a page of roots is on its way
	stuck   bool // the last one didn't come
	asked   bool // by the reader
	then    []func(first string)
}

// heed listens to what the page tells of folded branches, keys and the screen.
// Where a conversation may become long, it asks for what measures it.
func (w *widget) heed() {
	on := func(name string, f func(args []app.Value) any) {
		w.boot.Set(name, app.FuncOf(func(_ app.Value, args []app.Value) any { return f(args) }))
	}
	on("folded", func(args []app.Value) any {
		if w.Fold(args[0].String(), args[1].Bool()) {
			w.update(func() {})
		}
		return nil
	})
	on("bring", func(args []app.Value) any {
		comment := args[0].String()
		if !w.Base.Shows(comment) {
			return false
		}
		w.update(func() {
			w.Base.Reveal(comment)
			w.standAt(comment)
		})
		return true
	})
	on("next", func(args []app.Value) any {
		from := args[0].String()
		w.update(func() { w.next(from) })
		return nil
	})
	if w.Base.Next == "" && w.Base.Prev == "" && !w.Base.Crowded() {
		return
	}
	w.ctx.Async(func() {
		if _, ok := await(w.boot.Call("long")); !ok {
			return // then all of it stands in the document
		}
		w.update(func() {
			w.Sight = w.sight
			on("scrolled", func([]app.Value) any {
				w.scrolled()
				return nil
			})
			w.Show()
			w.lookAgain()
		})
	})
}

// lookAgain sees what is on the screen once the next rendering stands.
func (w *widget) lookAgain() {
	w.after = append(w.after, func() { w.boot.Call("soon") })
}

// sight reads what is in the document, once for each rendering.
func (w *widget) sight() session.Sight {
	if !w.screen.fresh {
		w.screen.fresh, w.screen.at = true, session.ParseSight(w.boot.Call("sight").String())
	}
	return w.screen.at
}

// scrolled shows what is on the screen now, and gets more where all of it ends.
func (w *widget) scrolled() {
	w.ctx.Dispatch(func(ctx app.Context) {
		w.screen.fresh = false
		if w.Scrolled() {
			w.settle(ctx)
		} else {
			ctx.PreventUpdate()
			w.stepOn()
		}
		if !w.screen.stuck && w.Base.Next != "" && w.boot.Call("near").Bool() {
			w.more(false, func(first string) {
				if w.Base.Next == "" && w.boot.Call("atMore").Bool() {
					w.goOn(first) // from a link that is gone
				}
			})
		}
	})
}

// hold notes where what is on the screen stands, right before a rendering.
func (w *widget) hold() {
	if w.Sight == nil {
		return
	}
	w.screen.fresh, w.screen.laid = false, false
	w.boot.Call("hold")
	w.ctx.Defer(func(app.Context) { w.lay() })
}

// lay gives the rendering its room, in the same task, before anybody sees it.
func (w *widget) lay() {
	if w.Sight == nil || w.screen.laid {
		return
	}
	w.screen.laid = true
	var heights []string
	for _, p := range w.State.Parts {
		if p.Room > 0 {
			heights = append(heights, strconv.FormatFloat(p.Room, 'f', -1, 64))
		}
	}
	w.boot.Call("rooms", strings.Join(heights, " "))
	w.stepOn()
}

// stepOn goes on with what is near the screen, once this much has been painted.
func (w *widget) stepOn() {
	if w.Ahead {
		w.boot.Call("soon")
	}
}

// more gets the next page of roots, and then does something with the first comment
// of it, if it comes. Whoever asks is told if it doesn't.
func (w *widget) more(asked bool, then func(first string)) {
	next := w.Base.Next
	if next == "" {
		return
	}
	w.screen.then, w.screen.asked = append(w.screen.then, then), w.screen.asked || asked
	if w.screen.loading {
		return
	}
	w.screen.loading = true
	w.ctx.Async(func() {
		s, ok := w.page("after", next)
		w.update(func() {
			w.screen.loading, w.screen.stuck = false, !ok
			todo, asked := w.screen.then, w.screen.asked
			w.screen.then, w.screen.asked = nil, false
			switch {
			case ok && w.Base.Next == next:
				first := w.Session.More(s.View)
				for _, then := range todo {
					then(first)
				}
				w.lookAgain()
			case !ok && asked:
				w.State.Notice = w.State.Words.Say("comments.unloaded")
			}
		})
	})
}

// goOn has the focus go on from a link to more comments, which may be gone.
func (w *widget) goOn(at string) {
	w.Bring(at)
	w.after = append(w.after, func() {
		w.boot.Call("goOn", "comment-"+at)
		w.Stood()
	})
}

// Earlier shows the page of roots before those that are here.
func (w *widget) Earlier() {
	before := w.Base.Prev
	w.ctx.Async(func() {
		s, ok := w.page("before", before)
		w.update(func() {
			if !ok {
				w.State.Notice = w.State.Words.Say("comments.unloaded")
			} else if w.Base.Prev == before {
				w.goOn(w.Session.Earlier(s.View))
			}
		})
	})
}

// next stands at the next comment that is new since the last visit, which may be
// on a page that isn't here yet. After the last comes the first.
func (w *widget) next(after string) {
	switch found := w.NewAfter(after); {
	case found != "":
		w.standAt(found)
	case w.Base.Next != "":
		w.more(true, func(string) { w.next(after) })
	case after != "":
		w.next("")
	}
}
