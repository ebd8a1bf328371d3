package main

import (
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
	"folkmoot/app/ui"
	"folkmoot/app/words"
	"folkmoot/wasm/session"
)

// A screen is the root component of a page that lists conversations. Everything
// in it belongs to go-app's UI goroutine.
type screen struct {
	app.Compo

	state  ui.Screen
	boot   app.Value // boot.js's helpers, and app.js's
	ctx    app.Context
	socket *socket
	skew   time.Duration   // of the server's clock to this device's
	known  time.Time       // when what is shown was so
	hidden map[string]bool // conversations that are lively, but not to this reader
	live   []talk.Card     // what is lively, as everybody sees it
	after  []func()        // to do once the next rendering stands
	asking bool            // the page's list is being read anew
	again  bool            // and must be once more
}

func newScreen(boot app.Value) *screen { return &screen{boot: boot, hidden: map[string]bool{}} }

// Render shows the state.
func (s *screen) Render() app.UI { return ui.ScreenPage(&s.state, s) }

// OnMount gives back what the reader was doing, in the task that replaced it.
func (s *screen) OnMount(ctx app.Context) {
	s.boot.Call("restore")
	app.Window().Set("onclick", nil) // go-app would make a navigation of every link
	s.ctx = ctx
	s.known = s.state.Now
	kept := s.boot.Call("old").Truthy() // by the service worker: it may be old
	if d := time.Until(s.state.Now); d > clockTrust || !kept && d < -clockTrust {
		s.skew = d
	}
	s.socket = newSocket(s, s.boot, ctx)
	s.socket.connect()
	s.listen()
	if kept {
		s.state.Offline = s.known
	}
	s.state.Now = s.now()
	if !kept {
		ctx.PreventUpdate() // it is as it was just mounted
	}
	ctx.Async(func() {
		for range time.Tick(time.Minute) {
			s.update(func() {
				s.state.Now = s.now()
				if s.state.Home != nil && len(s.state.Home.Followed) > 0 && visible() {
					s.reread() // nobody tells of what is new where they follow
				}
			})
		}
	})
	s.watchDevice(ctx)
	s.boot.Set("live", true)
}

func (s *screen) now() time.Time { return time.Now().Add(s.skew).UTC() }

// listen hears what app.js tells: that the screen has moved, that a notice is
// opened, and that the page is back from where browsers keep pages.
func (s *screen) listen() {
	on := func(name string, f func(detail app.Value)) {
		app.Window().Call("addEventListener", name, app.FuncOf(func(_ app.Value, args []app.Value) any {
			f(args[0].Get("detail"))
			return nil
		}))
	}
	on("folkmoot:looked", func(app.Value) { s.look() })
	on("folkmoot:opened", func(comment app.Value) {
		id := comment.String()
		s.update(func() {
			if s.state.Inbox != nil {
				session.SawOf(&s.state, id)
				s.unread(s.state.Inbox.Unread)
			}
		})
	})
	on("folkmoot:back", func(app.Value) { s.update(s.reread) })
	on("folkmoot:free", func(app.Value) {
		if s.state.Later != nil || len(s.state.Fresh) > 0 {
			s.update(func() { s.settleOrder() })
		}
	})
}

// update changes the state from any goroutine, and shows it.
func (s *screen) update(change func()) {
	s.ctx.Dispatch(func(ctx app.Context) {
		change()
		after := s.after
		s.after = nil
		ctx.Defer(func(app.Context) {
			for _, f := range after {
				f()
			}
		})
	})
}

func (s *screen) language() string { return s.state.Words.Language() }
func (s *screen) busy() bool       { return false }

func (s *screen) opened() {
	s.socket.send(talk.Request{Type: talk.TypeWatch, Home: s.state.Home != nil})
	missed := s.state.Status == ui.Connecting || !s.state.Offline.IsZero() || s.known.Before(s.now().Add(-time.Minute))
	s.state.Status = ui.Live
	if missed {
		s.reread()
	}
}

func (s *screen) gone(waits bool) {
	if !waits {
		return
	}
	s.state.Status = ui.Connecting
	if !app.Window().Get("navigator").Get("onLine").Bool() {
		s.state.Offline = s.known
	}
}

func (s *screen) hear(text []byte) {
	var e talk.Envelope
	if json.Unmarshal(text, &e) != nil {
		return // the socket has looked
	}
	switch e.Type {
	case talk.TypeNotice:
		decode(text, func(m talk.News) {
			s.heardAll()
			news := len(m.Notices) > 0 || s.state.Inbox != nil && m.Unread != s.state.Inbox.Unread
			s.unread(m.Unread)
			if s.state.Inbox != nil && news {
				s.reread()
			}
		})
	case talk.TypeLively:
		decode(text, func(m talk.Lively) {
			s.heardAll()
			s.lively(m.Threads)
		})
	case talk.TypeRefused:
		decode(text, func(m talk.Refused) {
			if m.Code == talk.NoSession { // nobody is told anything: come back as somebody
				s.socket.barred = true
				s.socket.rest()
			}
		})
	}
}

// heardAll notes that what is shown is so now.
func (s *screen) heardAll() {
	s.socket.tries = 0
	s.known, s.state.Offline = s.now(), time.Time{}
}

func (s *screen) unread(n int) {
	if s.state.Inbox != nil {
		s.state.Inbox.Unread = n
	}
	showUnread(s.boot, s.state.Frame, n, s.state.Words)
}

// showUnread says in the navigation and in the page's title how much is unread.
func showUnread(boot app.Value, f *ui.Frame, n int, w *words.Words) {
	f.Unread = n
	boot.Call("unread", ui.Unread(w, n))
}

// lively shows what everybody sees. What of it isn't known yet may be what this
// reader doesn't want to see, or has something new: their own home says.
func (s *screen) lively(cards []talk.Card) {
	if s.state.Home == nil {
		return
	}
	s.live = cards
	if s.state.Frame.Known && session.Strange(&s.state, cards, s.hidden) {
		s.reread()
		return
	}
	shown := slices.DeleteFunc(slices.Clone(cards), func(c talk.Card) bool { return s.hidden[c.ID] })
	s.move(".lively .card", func(free bool) { session.Lively(&s.state, shown, free) })
}

// move changes a list, which moves before the reader's eyes if it may.
func (s *screen) move(items string, change func(free bool)) {
	free := s.boot.Call("free", items).Truthy()
	if free {
		s.boot.Call("note", items)
		s.after = append(s.after, func() { s.boot.Call("moved", items) })
	}
	change(free)
}

// settleOrder shows what waits, now that nothing is in its way.
func (s *screen) settleOrder() {
	s.move(s.items(), func(free bool) {
		if free {
			session.ShowLater(&s.state)
		}
	})
}

func (s *screen) items() string {
	if s.state.Inbox != nil {
		return ".told-of"
	}
	return ".lively .card"
}

// reread asks for the home or the inbox of this reader as it is now.
func (s *screen) reread() {
	path := ""
	switch {
	case s.state.Home != nil:
		path = "home"
	case s.state.Inbox != nil:
		path = "inbox"
	default:
		s.state.Offline = time.Time{}
		return
	}
	if s.again = s.asking; s.asking {
		return
	}
	s.asking = true
	s.ctx.Async(func() {
		text, ok := await(s.boot.Call("call", "GET", path))
		s.update(func() {
			s.asking = false
			if ok {
				s.heardAll()
				s.take(path, []byte(text.String()))
			}
			if s.again {
				s.reread()
			}
		})
	})
}

func (s *screen) take(path string, text []byte) {
	if path == "inbox" {
		decode(text, func(in talk.Inbox) {
			s.move(s.items(), func(free bool) { session.Told(&s.state, in, free) })
			s.unread(in.Unread)
		})
		return
	}
	decode(text, func(h talk.Home) {
		s.hidden = map[string]bool{}
		for _, c := range s.live {
			s.hidden[c.ID] = !slices.ContainsFunc(h.Live, func(shown talk.Card) bool { return shown.ID == c.ID })
		}
		s.move(s.items(), func(free bool) { session.Homed(&s.state, h, free) })
		s.unread(h.Unread)
	})
}

// Renew shows what waits.
func (s *screen) Renew() {
	s.boot.Call("note", s.items())
	session.ShowLater(&s.state)
	s.after = append(s.after, func() {
		s.boot.Call("moved", s.items())
		s.boot.Call("top", s.items())
	})
	s.update(func() {})
}

// SeeAll marks all that is shown as seen.
func (s *screen) SeeAll() {
	until := session.SeenAll(&s.state)
	s.unread(s.state.Inbox.Unread)
	body, _ := json.Marshal(map[string]time.Time{"at": until}) // a time: can't fail
	s.call(http{"POST", "inbox/seen", string(body)}, nil, s.reread)
	s.after = append(s.after, func() { s.boot.Call("top", s.items()) }) // the button is gone
	s.update(func() {})
}

// Mark follows or mutes a topic, or doesn't any more.
func (s *screen) Mark(do talk.Do, topic string) {
	level := s.level(topic)
	if level == nil {
		return
	}
	was := *level
	*level = session.Marked(was, do, session.Marked(was, do, true) != was)
	method := "PUT"
	if *level != session.Marked("", do, true) {
		method = "DELETE"
	}
	path := "topics/" + url.PathEscape(topic) + "/" + string(do)
	s.call(http{method, path, ""}, func(text string) {
		decode([]byte(text), func(r talk.Result) {
			if now := s.level(topic); now != nil && r.Level != nil {
				*now = *r.Level
			}
		})
		if !s.state.Frame.Known { // they are somebody now
			s.state.Frame.Known, s.socket.barred, s.socket.resting = true, false, false
			s.socket.renew()
			s.socket.connect()
		}
	}, func() {
		if now := s.level(topic); now != nil {
			*now = was
		}
	})
}

// level is how much the reader wants to hear of a topic that is shown.
func (s *screen) level(topic string) *talk.Level {
	if s.state.Topic != nil {
		return &s.state.Topic.Topic.Level
	}
	if s.state.Topics != nil {
		for i := range s.state.Topics.Topics {
			if t := &s.state.Topics.Topics[i]; t.Key == topic {
				return &t.Level
			}
		}
	}
	return nil
}

// An http is a call of the API.
type http struct{ method, path, body string }

// call makes a call of the API; what can't be done is said, and undone.
func (s *screen) call(c http, done func(text string), undo func()) {
	s.state.Notice = ""
	s.ctx.Async(func() {
		text, ok := await(s.boot.Call("call", c.method, c.path, c.body))
		s.update(func() {
			switch {
			case !ok:
				undo()
				s.state.Notice = s.state.Words.Say("unsent")
			case done != nil:
				done(text.String())
			}
		})
	})
}

// More shows the next page of the list.
func (s *screen) More() {
	next, _ := session.Next(&s.state)
	if next == "" || s.state.Loading {
		return
	}
	s.state.Loading, s.state.Notice = true, ""
	s.update(func() {})
	s.ctx.Async(func() {
		text, ok := await(s.boot.Call("refetch", ui.With(s.state.Self, "after", next)))
		var page ui.Screen
		ok = ok && json.Unmarshal([]byte(text.String()), &page) == nil
		s.update(func() {
			s.state.Loading = false
			if now, _ := session.Next(&s.state); now != next {
				return
			}
			if !ok {
				s.state.Notice = s.state.Words.Say("list.unloaded")
				return
			}
			session.Furthered(&s.state, &page)
			s.after = append(s.after, s.look)
		})
	})
}

// Dismiss takes the notice away.
func (s *screen) Dismiss() {
	s.state.Notice = ""
	s.boot.Call("top", "")
}

// look chooses which part of a long list is in the document.
func (s *screen) look() {
	_, items := session.Next(&s.state)
	if items <= 3*ui.SheetItems && s.state.Rooms == nil {
		return
	}
	var at struct {
		Tops, Bottoms []float64
		Screen        float64
		Focused       int
	}
	if json.Unmarshal([]byte(s.boot.Call("sheets").String()), &at) == nil && session.Window(&s.state, at.Tops, at.Bottoms, at.Screen, at.Focused) {
		s.update(func() {})
	}
}
