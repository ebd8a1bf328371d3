package main

import (
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
	"folkmoot/app/ui"
)

// The pace of coming back: a random part of a time that doubles from the first
// to the last (full jitter, AWS Architecture Blog, "Exponential Backoff And
// Jitter", 2015), so that a crowd that lost one server doesn't return as one.
const (
	firstWait = time.Second
	lastWait  = 20 * time.Second
	silence   = 40 * time.Second // of the server, after which it is gone
)

// A socket keeps the widget connected. Its fields belong to the UI goroutine.
type socket struct {
	w       *widget
	ws      app.Value // nil while there is none
	open    bool
	tries   int       // since it was last open
	heard   time.Time // when the server last said something
	inbox   []string  // messages that wait for the UI goroutine
	meeting bool      // a session is being asked for
	joining bool      // asked to join, not answered yet: what comes meanwhile is of an earlier join
	again   bool      // closed by us, to come back at once
	barred  bool      // this page may not connect
	resting bool      // the page is hidden, and has been for a while
	unseen  *time.Timer
	typed   time.Time // when others were told last that something is being written
	retry   *time.Timer
}

func newSocket(w *widget) *socket {
	s := &socket{w: w}
	now := app.FuncOf(func(app.Value, []app.Value) any {
		w.update(func() {
			if s.ws == nil && app.Window().Get("document").Get("visibilityState").String() == "visible" {
				s.connect()
			}
		})
		return nil
	})
	app.Window().Call("addEventListener", "online", now)
	seen := app.FuncOf(func(app.Value, []app.Value) any {
		w.update(s.seen)
		return nil
	})
	// A page that is frozen runs nothing until it is seen, the five minutes neither;
	// and browsers keep pages that were left, to come back to.
	left := app.FuncOf(func(app.Value, []app.Value) any {
		s.rest() // now: what is dispatched comes too late
		return nil
	})
	document := app.Window().Get("document")
	document.Call("addEventListener", "visibilitychange", seen)
	document.Call("addEventListener", "freeze", left)
	document.Call("addEventListener", "resume", seen)
	app.Window().Call("addEventListener", "pagehide", left)
	app.Window().Call("addEventListener", "pageshow", seen)
	// A key goes through no component: see docs/decisions.md on text fields.
	app.Window().Get("document").Call("addEventListener", "input", app.FuncOf(func(_ app.Value, args []app.Value) any {
		if args[0].Get("target").Get("name").String() == "body" {
			s.typing()
		}
		return nil
	}))
	w.ctx.Async(func() {
		for range time.Tick(silence / 4) {
			w.ctx.Dispatch(func(ctx app.Context) {
				ctx.PreventUpdate()
				if s.open && time.Since(s.heard) > silence {
					s.ws.Call("close")
				}
			})
		}
	})
	return s
}

// seen comes back when the page is looked at, and lets go of the connection when
// it has not been for a while: nobody reads there, and the server tells all of
// it again to whoever comes back.
func (s *socket) seen() {
	if s.unseen != nil {
		s.unseen.Stop()
	}
	if app.Window().Get("document").Get("visibilityState").String() == "visible" {
		s.resting = false
		s.connect()
		return
	}
	s.unseen = time.AfterFunc(s.patience(), func() {
		s.w.update(func() {
			if app.Window().Get("document").Get("visibilityState").String() == "visible" || len(s.w.Unsent()) > 0 {
				return
			}
			s.rest()
		})
	})
}

// rest lets go of the connection until the page is seen again.
func (s *socket) rest() {
	s.resting = true
	if s.ws != nil {
		s.ws.Call("close")
	}
}

// patience is how long a hidden page stays connected. A page may say otherwise,
// in milliseconds: tests can't wait.
func (s *socket) patience() time.Duration {
	if ms := s.w.boot.Get("rest"); ms.Truthy() {
		return time.Duration(ms.Int()) * time.Millisecond
	}
	return 5 * time.Minute
}

// connect opens a connection, unless there is one.
func (s *socket) connect() {
	if s.ws != nil || s.barred || s.resting {
		return
	}
	if s.retry != nil {
		s.retry.Stop()
	}
	at := app.Window().URL()
	address := url.URL{Scheme: strings.Replace(at.Scheme, "http", "ws", 1), Host: at.Host, Path: "/api/v1/live", RawQuery: "lang=" + s.w.State.Words.Language()}
	ws := app.Window().Get("WebSocket").New(address.String())
	s.ws = ws
	var funcs []app.Func
	on := func(event string, f func(e app.Value)) {
		fn := app.FuncOf(func(_ app.Value, args []app.Value) any {
			f(args[0])
			return nil
		})
		funcs = append(funcs, fn)
		ws.Call("addEventListener", event, fn)
	}
	on("open", func(app.Value) { s.w.update(s.opened) })
	on("message", func(e app.Value) {
		s.inbox = append(s.inbox, e.Get("data").String())
		if len(s.inbox) == 1 { // one dispatch for all that come together
			s.w.update(s.read)
		}
	})
	on("close", func(e app.Value) {
		code, reason := e.Get("code").Int(), e.Get("reason").String()
		s.w.update(func() {
			for _, f := range funcs {
				f.Release()
			}
			s.closed(code, reason)
		})
	})
}

func (s *socket) opened() {
	s.open, s.heard = true, time.Now()
	s.join()
	s.flush()
}

func (s *socket) join() {
	s.joining = true
	t := s.w.Base.Thread
	s.send(talk.Request{Type: talk.TypeJoin, Thread: t.ID, Epoch: t.Epoch, Since: t.Seq, Version: t.Version})
}

// typing tells others that something is being written, now and then.
func (s *socket) typing() {
	if now := time.Now(); s.open && !s.joining && s.w.Known && now.Sub(s.typed) >= talk.TypingEvery {
		s.typed = now
		s.send(talk.Request{Type: talk.TypeTyping, Thread: s.w.Base.Thread.ID})
	}
}

// flush sends the deeds that were not sent yet.
func (s *socket) flush() {
	if !s.open || s.meeting {
		return
	}
	waiting := s.w.Unsent()
	if len(waiting) > 0 && !s.w.Known {
		s.meet()
		return
	}
	for _, d := range waiting {
		d.Sent = true
		s.send(talk.Request{Type: talk.TypeDo, Ref: d.Ref, Command: &d.Command})
	}
}

// meet asks for a session, then connects again as somebody.
func (s *socket) meet() {
	s.meeting = true
	s.w.ctx.Async(func() {
		status, ok := await(s.w.boot.Call("meet"))
		s.w.update(func() {
			s.meeting = false
			switch {
			case ok && status.Int() == 204:
				s.w.Known = true // as whom, the first comment tells
				s.w.boot.Call("event", "signin", map[string]any{"guest": true})
				s.tries = 0
				s.renew()
			case ok && status.Int() == 429:
				s.refuseAll(*talk.Refuse(talk.RateLimited, "", "Too many new people came from your network just now. Please try again in a minute."))
			default: // the network: when it is back, so is this
				if s.ws != nil {
					s.ws.Call("close")
				}
			}
		})
	})
}

// renew closes the connection, to come back at once.
func (s *socket) renew() {
	if s.ws != nil {
		s.again = true
		s.ws.Call("close")
	}
}

func (s *socket) refuseAll(why talk.Error) {
	for _, d := range s.w.Unsent() {
		s.w.giveBack(s.w.Refused(d.Ref), why)
	}
	s.w.save()
}

func (s *socket) send(r talk.Request) {
	b, _ := json.Marshal(r) // strings and numbers: can't fail
	s.ws.Call("send", string(b))
}

func (s *socket) closed(code int, reason string) {
	s.ws, s.open = nil, false
	for _, d := range s.w.Deeds() {
		if d.Sent && outbox().Truthy() {
			outbox().Call("tried", d.Ref)
		}
	}
	s.w.Disconnected()
	s.w.State.Typing = nil
	if s.resting {
		return // it is still live, as far as anybody looks
	}
	wait := time.Duration(rand.Int64N(int64(min(firstWait<<min(s.tries, 10), lastWait))))
	switch {
	case code == talk.CloseOrigin:
		s.barred = true
		return
	case code == talk.CloseLeaving:
		if ms, err := strconv.Atoi(reason); err == nil {
			wait = time.Duration(ms) * time.Millisecond
		}
	case code == talk.CloseTooMany:
		wait += lastWait / 2 // others of our address have to leave first
	case s.again || s.tries == 0 && code == talk.CloseBehind:
		wait = 0
	}
	s.again = false
	if wait > 0 {
		s.w.State.Status = ui.Connecting
	}
	s.tries++
	s.retry = time.AfterFunc(wait, func() { s.w.update(s.connect) })
}

// read takes the messages that have come.
func (s *socket) read() {
	s.heard = time.Now()
	inbox := s.inbox
	s.inbox = nil
	for _, text := range inbox {
		s.message([]byte(text))
	}
}

func (s *socket) message(text []byte) {
	var e talk.Envelope
	if json.Unmarshal(text, &e) != nil {
		return // from a newer server: not for us
	}
	ofThread := e.Type == talk.TypeEvent || e.Type == talk.TypeTally || e.Type == talk.TypePresence
	if ofThread && s.joining || e.Thread != "" && e.Thread != s.w.Base.Thread.ID {
		return
	}
	switch e.Type {
	case talk.TypePing:
		s.send(talk.Request{Type: talk.TypePong})
	case talk.TypeJoined:
		decode(text, func(j talk.Joined) {
			s.tries, s.joining = 0, false
			s.w.State.Status = ui.Live
			s.w.Joined(j)
			s.w.look()
		})
	case talk.TypeEvent:
		decode(text, func(m talk.Entry) {
			if s.w.Heard(m.Event, s.w.moves) != nil && s.open {
				s.join()
			} else if m.Event.Again() {
				s.resync()
			}
		})
	case talk.TypeTally:
		decode(text, func(m talk.Counts) { s.w.Counted(m.Tally) })
	case talk.TypePresence:
		decode(text, func(m talk.Presence) {
			s.w.Base.Thread.Viewers = m.Viewers
			s.w.State.Typing = slices.DeleteFunc(m.Typing, func(name string) bool { return name == s.w.State.Me.Name })
			s.w.Show()
		})
	case talk.TypeDone:
		decode(text, func(m talk.Done) {
			if d := s.w.Done(m.Ref, m.Result); d != nil {
				if c := m.Comment; c != nil && d.Command.Body != "" {
					s.w.boot.Call("wrote", c.ID, d.Command.Body)
				}
				s.w.thank(d.Command)
			}
			s.w.save()
			s.w.tellDone(m.Result)
		})
	case talk.TypeRefused:
		decode(text, s.refused)
	case talk.TypeResync:
		s.resync()
	}
}

func decode[T any](text []byte, take func(T)) {
	var m T
	if json.Unmarshal(text, &m) == nil {
		take(m)
	}
}

func (s *socket) refused(m talk.Refused) {
	if m.Code == talk.NoSession {
		s.w.Disconnected() // nothing was done: send it all as somebody
		s.w.Known = false
		if !s.meeting {
			s.meet()
		}
		return
	}
	if m.Ref == "" {
		switch {
		case m.Thread != "" && m.Code == talk.Unavailable:
			s.ws.Call("close") // the join was refused: come back, less and less often
		case m.Thread == s.w.Base.Thread.ID && m.Code == talk.NotFound: // it was removed; what can be read is still here
			s.w.State.Notice, s.w.State.Status = s.w.State.Words.Refusal(&m.Error), ui.Still
		}
		return
	}
	if d := s.w.Refused(m.Ref); d != nil {
		s.w.giveBack(d, m.Error)
		s.w.tellRefused(m.Error)
	}
	s.w.save()
}

// resync reads the page anew, because its log can't be caught up with, or doesn't
// tell how it is shown now: its reader may be somebody else. It may show another thread, which this one has become.
func (s *socket) resync() {
	s.w.ctx.Async(func() {
		address := s.w.State.Self
		if reading := s.w.Reading(); reading != "" { // it may be far from the first page
			address = ui.With(address, "around", reading)
		}
		now, ok := s.w.fetch(address)
		s.w.update(func() {
			was := s.w.Base.Thread.ID
			if ok {
				s.w.State.Me = now.Me
				s.w.Renewed(now)
			}
			if t := s.w.Base.Thread; t.ID != was {
				s.w.boot.Call("adopt", t.ID, strings.Join(t.Former, ","))
				if s.open {
					s.send(talk.Request{Type: talk.TypeLeave, Thread: was})
				}
			}
			if s.open {
				if ok {
					s.join()
				} else {
					s.ws.Call("close")
				}
			}
		})
	})
}
