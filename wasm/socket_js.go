package main

import (
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
)

// The pace of coming back: a random part of a time that doubles from the first
// to the last (full jitter, AWS Architecture Blog, "Exponential Backoff And
// Jitter", 2015), so that a crowd that lost one server doesn't return as one.
const (
	firstWait = time.Second
	lastWait  = 20 * time.Second
	silence   = 40 * time.Second // of the server, after which it is gone
)

// A party is a page that a socket keeps connected. The socket calls it on the
// UI goroutine.
type party interface {
	update(change func()) // from any goroutine: changes the page's state, and shows it
	opened()              // there is a connection: what is to be said first
	hear(text []byte)     // the server said something
	gone(waits bool)      // the connection is; waits: it takes a while until there is one again
	busy() bool           // what was done isn't sent yet, so nobody rests
	language() string     // that refusals should be in
}

// A socket keeps a page connected. Its fields belong to the UI goroutine.
type socket struct {
	page    party
	boot    app.Value
	ws      app.Value // nil while there is none
	open    bool
	tries   int       // since the server last did what was asked for
	heard   time.Time // when the server last said something
	inbox   []string  // messages that wait for the UI goroutine
	again   bool      // closed by us, to come back at once
	barred  bool      // this page may not connect
	resting bool      // the page is hidden, and has been for a while
	unseen  *time.Timer
	retry   *time.Timer
}

func newSocket(page party, boot app.Value, ctx app.Context) *socket {
	s := &socket{page: page, boot: boot}
	now := app.FuncOf(func(app.Value, []app.Value) any {
		page.update(func() {
			if s.ws == nil && visible() {
				s.connect()
			}
		})
		return nil
	})
	app.Window().Call("addEventListener", "online", now)
	seen := app.FuncOf(func(app.Value, []app.Value) any {
		page.update(s.seen)
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
	ctx.Async(func() {
		for range time.Tick(silence / 4) {
			ctx.Dispatch(func(ctx app.Context) {
				ctx.PreventUpdate()
				if s.open && time.Since(s.heard) > silence {
					s.ws.Call("close")
				}
			})
		}
	})
	return s
}

// visible says whether anybody can see the page.
func visible() bool {
	return app.Window().Get("document").Get("visibilityState").String() == "visible"
}

// seen comes back when the page is looked at, and lets go of the connection when
// it has not been for a while: nobody reads there, and the server tells all of
// it again to whoever comes back.
func (s *socket) seen() {
	if s.unseen != nil {
		s.unseen.Stop()
	}
	if visible() {
		s.resting = false
		s.connect()
		return
	}
	s.unseen = time.AfterFunc(s.patience(), func() {
		s.page.update(func() {
			if visible() || s.page.busy() {
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
	if ms := s.boot.Get("rest"); ms.Truthy() {
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
	address := url.URL{Scheme: strings.Replace(at.Scheme, "http", "ws", 1), Host: at.Host, Path: "/api/v1/live", RawQuery: "lang=" + s.page.language()}
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
	on("open", func(app.Value) { s.page.update(s.opened) })
	on("message", func(e app.Value) {
		s.inbox = append(s.inbox, e.Get("data").String())
		if len(s.inbox) == 1 { // one dispatch for all that come together
			s.page.update(s.read)
		}
	})
	on("close", func(e app.Value) {
		code, reason := e.Get("code").Int(), e.Get("reason").String()
		s.page.update(func() {
			for _, f := range funcs {
				f.Release()
			}
			s.closed(code, reason)
		})
	})
}

func (s *socket) opened() {
	s.open, s.heard = true, time.Now()
	s.page.opened()
}

// renew closes the connection, to come back at once.
func (s *socket) renew() {
	if s.ws != nil {
		s.again = true
		s.ws.Call("close")
	}
}

func (s *socket) send(r talk.Request) {
	const open = 1 // a WebSocket's readyState
	if s.ws == nil || s.ws.Get("readyState").Int() != open {
		return // it is closing, and comes back: all is said anew then
	}
	b, _ := json.Marshal(r) // strings and numbers: can't fail
	s.ws.Call("send", string(b))
}

func (s *socket) closed(code int, reason string) {
	s.ws, s.open = nil, false
	if s.resting {
		s.page.gone(false) // it is still live, as far as anybody looks
		return
	}
	wait := time.Duration(rand.Int64N(int64(min(firstWait<<min(s.tries, 10), lastWait))))
	switch {
	case code == talk.CloseOrigin:
		s.barred = true
		s.page.gone(false)
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
	s.page.gone(wait > 0)
	s.tries++
	s.retry = time.AfterFunc(wait, func() { s.page.update(s.connect) })
}

// read takes the messages that have come.
func (s *socket) read() {
	s.heard = time.Now()
	inbox := s.inbox
	s.inbox = nil
	for _, text := range inbox {
		s.hear([]byte(text))
	}
}

func (s *socket) hear(text []byte) {
	var e talk.Envelope
	if json.Unmarshal(text, &e) != nil {
		return // from a newer server: not for us
	}
	if e.Type == talk.TypePing {
		s.send(talk.Request{Type: talk.TypePong})
		return
	}
	s.page.hear(text)
}

func decode[T any](text []byte, take func(T)) {
	var m T
	if json.Unmarshal(text, &m) == nil {
		take(m)
	}
}
