package live

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// A world is a server with everything around it, on a network in memory. In a
// bubble of testing/synctest it needs no real time, and a goroutine that is
// left over fails the test.
type world struct {
	t      *testing.T
	store  *fakeStore
	bus    *badBus
	forum  *forum.Forum
	server *Server
	lines  lines
}

func newWorld(t *testing.T, threads ...string) *world {
	return newNode(t, newFakeStore(threads...), &badBus{})
}

// newNode is one of several worlds with the same store and the same bus.
func newNode(t *testing.T, store *fakeStore, bus *badBus) *world {
	w := &world{t: t, store: store, bus: bus, lines: lines{make(chan net.Conn), make(chan struct{})}}
	log := slog.New(slog.NewTextHandler(testLog{t}, nil))
	w.forum = forum.New(forum.Config{Store: w.store, Bus: w.bus, Reactions: talk.DefaultReactions, Clock: time.Now, Log: log})
	w.server = New(Config{
		RateLimits: true,
		Forum:      w.forum, Bus: w.bus, Log: log,
		Identify: func(r *http.Request) forum.Who {
			from, _ := netip.ParseAddr(r.Header.Get("Address"))
			return forum.Who{Person: r.Header.Get("Person"), Address: from}
		},
		AllowOrigin: func(r *http.Request) bool { return r.Header.Get("Origin") != "https://evil.example" },
	})
	web := &http.Server{Handler: w.server}
	go web.Serve(w.lines)
	t.Cleanup(func() {
		w.shutdown(0)
		web.Close()
		w.forum.Close()
		w.bus.goingOn.Wait()
	})
	return w
}

func (w *world) shutdown(spread time.Duration) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := w.server.Shutdown(ctx, spread); err != nil {
		w.t.Error(err)
	}
}

// do carries out a command of somebody else.
func (w *world) do(person, ref string, c talk.Command) talk.Result {
	w.t.Helper()
	done, err := w.forum.Do(context.Background(), forum.Who{Person: person}, ref, c)
	if err != nil {
		w.t.Error(err)
	}
	return done.Result
}

func (w *world) post(thread, body string) talk.Comment {
	w.t.Helper()
	return *w.do("poster", "", talk.Command{Kind: talk.Post, Thread: thread, Body: body, Name: "Ann"}).Comment
}

func (w *world) react(thread, kind string) {
	w.t.Helper()
	w.do("reactor", "", talk.Command{Kind: talk.React, Thread: thread, Reaction: kind, On: true})
}

// lines is a net.Listener without a network.
type lines struct {
	calls  chan net.Conn
	closed chan struct{}
}

func (l lines) Accept() (net.Conn, error) {
	select {
	case c := <-l.calls:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l lines) Close() error   { close(l.closed); return nil }
func (l lines) Addr() net.Addr { return &net.UnixAddr{} }

func (l lines) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case l.calls <- there:
		return here, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	if strings.Contains(string(p), "level=ERROR") && !strings.Contains(string(p), errStore.Error()) {
		l.t.Errorf("%s", p)
	}
	return len(p), nil
}

// A client is a browser. What it receives waits in got, which is closed when
// the connection ends; err says how, then.
type client struct {
	t   *testing.T
	ws  *websocket.Conn
	got chan []byte
	err error

	answered bool // closed has come across a done
}

func (w *world) connect(headers ...string) *client {
	w.t.Helper()
	c := w.call(headers...)
	go c.receive()
	return c
}

// call connects a client that doesn't read yet.
func (w *world) call(headers ...string) *client {
	w.t.Helper()
	h := http.Header{"Person": {"someone"}}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	d := websocket.Dialer{NetDialContext: w.lines.dial}
	ws, _, err := d.Dial("ws://folkmoot.test/api/v1/live", h)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { ws.Close() })
	return &client{t: w.t, ws: ws, got: make(chan []byte, 10_000)}
}

func (c *client) receive() {
	defer c.ws.Close()
	defer close(c.got)
	for {
		_, data, err := c.ws.ReadMessage()
		if err != nil {
			c.err = err
			return
		}
		c.got <- data
	}
}

func (c *client) send(message any) {
	c.t.Helper()
	if err := c.ws.WriteJSON(message); err != nil {
		c.t.Error("sending:", err)
	}
}

func (c *client) sendText(text string) {
	c.t.Helper()
	if err := c.ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.t.Error("sending:", err)
	}
}

// next returns the next message of a type, skipping presence and ping unless
// they are asked for. Anything else in between is a failure.
func (c *client) next(kind string, into any) {
	c.t.Helper()
	for {
		data, ok := c.any()
		if !ok {
			c.t.Fatalf("the connection ended before %s: %v", kind, c.err)
		}
		var e talk.Envelope
		if err := json.Unmarshal(data, &e); err != nil {
			c.t.Fatalf("%v in %s", err, data)
		}
		switch e.Type {
		case kind:
			if into != nil {
				if err := json.Unmarshal(data, into); err != nil {
					c.t.Fatalf("%v in %s", err, data)
				}
			}
			return
		case talk.TypePing, talk.TypePresence:
		default:
			c.t.Fatalf("wanted %s, got %.300s", kind, data)
		}
	}
}

func (c *client) any() ([]byte, bool) {
	c.t.Helper()
	select {
	case data, ok := <-c.got:
		return data, ok
	case <-time.After(time.Minute):
		c.t.Fatal("nothing came")
		panic("unreachable")
	}
}

// nothing fails if anything but presence and pings waits.
func (c *client) nothing() {
	c.t.Helper()
	for {
		select {
		case data := <-c.got:
			if s := string(data); !strings.Contains(s, `"presence"`) && !strings.Contains(s, `"ping"`) {
				c.t.Errorf("got %.300s", s)
			}
		default:
			return
		}
	}
}

// closed returns how the connection ended, after whatever came before.
func (c *client) closed() (code int, reason string) {
	c.t.Helper()
	for {
		data, ok := c.any()
		if !ok {
			break
		}
		c.answered = c.answered || strings.Contains(string(data), `"type":"done"`)
	}
	if e := (*websocket.CloseError)(nil); errors.As(c.err, &e) {
		return e.Code, e.Text
	}
	if !errors.Is(c.err, io.EOF) && !errors.Is(c.err, io.ErrUnexpectedEOF) {
		c.t.Logf("the connection ended with %v", c.err)
	}
	return 0, ""
}

func (c *client) join(thread string) talk.Joined {
	c.t.Helper()
	return c.joinSince(thread, 0)
}

func (c *client) joinSince(thread string, since uint64) talk.Joined {
	c.t.Helper()
	c.send(talk.Request{Type: talk.TypeJoin, Thread: thread, Epoch: "life1", Since: since})
	var j talk.Joined
	c.next(talk.TypeJoined, &j)
	return j
}

func (c *client) event(seq uint64) talk.Event {
	c.t.Helper()
	var e talk.Entry
	c.next(talk.TypeEvent, &e)
	if e.Event.Seq != seq {
		c.t.Fatalf("got entry %d rather than %d", e.Event.Seq, seq)
	}
	return e.Event
}
