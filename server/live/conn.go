package live

import (
	"errors"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

const (
	writeWait       = 10 * time.Second
	lingerWait      = time.Second // for the other side to read our farewell
	threadsMax      = 64
	strikesMax      = 20
	messagesASecond = 50
	messagesAtOnce  = 200
)

// past is a deadline that ends a read at once.
var past = time.Unix(1, 0)

// A conn is one connection. Its reader runs as long as it does.
type conn struct {
	s    *Server
	ws   *websocket.Conn // read by the reader; all is written through box, except by gorilla's own protocol errors
	net  net.Conn        // under ws: written by the writer
	who  forum.Who
	slot int

	tongue Tongue // nil for English

	box mailbox

	heardAt   atomic.Int64           // Unix nanoseconds of the last frame
	writingAt atomic.Int64           // when the writer began to wait for the kernel, or 0
	leaving   atomic.Pointer[string] // how many milliseconds this node asks it to stay away

	// The reader's own.
	viewing []*viewer // one a thread
	watch   *watch    // nil, unless it watches
	name    string    // of who, once it was asked for
	left    float32   // messages that it may send at once
	strikes int32
}

func newConn(s *Server, ws *websocket.Conn, who forum.Who) *conn {
	c := &conn{s: s, ws: ws, net: ws.NetConn(), who: who, left: messagesAtOnce}
	c.heardAt.Store(time.Now().UnixNano())
	ws.SetReadLimit(talk.RequestBytes)
	ws.SetPingHandler(func(data string) error {
		if !c.mayGoOn() {
			return websocket.ErrCloseSent
		}
		c.put(control(websocket.PongMessage, []byte(data)))
		return nil
	})
	ws.SetPongHandler(func(string) error {
		c.mayGoOn()
		return nil
	})
	ws.SetCloseHandler(func(code int, _ string) error {
		c.end(code, "")
		return nil
	})
	return c
}

// run is the reader. It does nothing but wait, because its stack lives as long
// as the connection: 2 KB, or twice that if it ever grows.
func (c *conn) run() {
	for {
		kind, data, err := c.ws.ReadMessage()
		if !c.apart(kind, data, err) {
			return
		}
	}
}

// apart takes what was read on a stack of its own, while the reader waits. It
// says whether there may be more.
func (c *conn) apart(kind int, data []byte, err error) (goOn bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if goOn = c.take(kind, data, err); !goOn {
			c.finish()
		}
	}()
	<-done
	return goOn
}

// take handles what was read, until the connection ends or should.
func (c *conn) take(kind int, data []byte, err error) (goOn bool) {
	switch {
	case err != nil:
		if brokeRules(err) {
			endedFrame.Inc()
		}
		return false
	case c.box.isClosed() || !c.mayGoOn():
		return false
	case kind != websocket.TextMessage:
		endedFrame.Inc()
		c.end(talk.CloseNotText, "text only")
		return false
	case !utf8.Valid(data):
		endedFrame.Inc()
		c.end(talk.CloseBadText, "not UTF-8")
		return false
	}
	received.Inc()
	c.handle(data)
	return c.leaving.Load() == nil
}

// dismiss ends a connection that is not welcome, and tells it why: its script
// can't see an HTTP status.
func (c *conn) dismiss(code int, why string) {
	c.end(code, why)
	c.finish()
}

// finish cleans up after the last message.
func (c *conn) finish() {
	defer c.s.readers.Done()
	if wait := c.leaving.Load(); wait != nil {
		c.end(talk.CloseLeaving, *wait)
	}
	c.box.close(nil, true) // unless there was a farewell, nobody is there any more
	for len(c.viewing) > 0 {
		c.leave(c.viewing[0].room.thread)
	}
	c.unwatch()
	c.box.waitForWriter()
	c.linger()
	c.ws.Close()
	c.s.remove(c)
}

// brokeRules tells a websocket that was not one (too large, compressed, without
// a mask: gorilla has told the other side) from one that ended.
func brokeRules(err error) bool {
	_, network := errors.AsType[net.Error](err)
	_, closed := errors.AsType[*websocket.CloseError](err)
	return !network && !closed && !errors.Is(err, io.EOF)
}

// mayGoOn notes that the other side has sent a frame, and cuts it off if it
// sends too many.
func (c *conn) mayGoOn() bool {
	now := time.Now().UnixNano()
	since := time.Duration(now - c.heardAt.Swap(now))
	if !c.s.RateLimits {
		return true
	}
	c.left = min(c.left+float32(since.Seconds())*messagesASecond, messagesAtOnce) - 1
	if c.left >= 0 {
		return true
	}
	endedTooFast.Inc()
	c.end(talk.CloseTooMany, "too many messages")
	return false
}

// put sends frames in order, or cuts off a connection that doesn't read.
func (c *conn) put(frames ...[]byte) {
	start, full := c.box.put(frames...)
	if start {
		go c.write()
	}
	if full {
		c.fellBehind()
	}
}

func (c *conn) putTally(thread string, t talk.Tally, frame []byte) {
	if c.box.putTally(thread, t, frame) {
		go c.write()
	}
}

func (c *conn) putPresence(thread string, frame []byte) {
	if c.box.putPresence(thread, frame) {
		go c.write()
	}
}

// putPatiently sends a frame when there is room. Only the reader may wait so.
func (c *conn) putPatiently(frame []byte) bool {
	if !c.box.waitForRoom() {
		return false
	}
	c.put(frame)
	return true
}

// end sends what waits and then a close frame. It may be called by anyone, and
// never blocks; the reader does the rest.
func (c *conn) end(code int, reason string) {
	c.close(websocket.FormatCloseMessage(code, reason), false)
}

// fellBehind ends the connection at once, and frees what waits for it.
func (c *conn) fellBehind() {
	endedBehind.Inc()
	c.close(websocket.FormatCloseMessage(talk.CloseBehind, "join again since what you have"), true)
}

func (c *conn) close(payload []byte, drop bool) {
	if c.box.close(control(websocket.CloseMessage, payload), drop) {
		go c.write()
	}
	c.net.SetReadDeadline(past)
}

// comeBack ends the connection when what it has asked for is answered.
func (c *conn) comeBack(milliseconds string) {
	c.leaving.Store(&milliseconds)
	c.net.SetReadDeadline(past)
}

// write is the writer: it runs while something waits in the mailbox.
func (c *conn) write() {
	buffer := batches.Get().(*[]byte)
	defer batches.Put(buffer)
	defer c.writingAt.Store(0)
	for {
		frames, newest, ok := c.box.take()
		if !ok {
			return
		}
		for thread, n := range newest {
			if n.frame == nil && n.tally.Version > 0 {
				n.frame = frame(talk.Counts{Type: talk.TypeTally, Thread: thread, Tally: n.tally})
			}
			for _, f := range [][]byte{n.frame, n.presence} {
				if f != nil {
					frames = append(frames, f)
				}
			}
		}
		next := frames[0]
		if len(frames) > 1 {
			next = (*buffer)[:0]
			for _, f := range frames {
				next = append(next, f...)
			}
			if cap(next) <= 2*batchBytes {
				*buffer = next
			}
		}
		written.Inc()
		writtenSize.Add(len(next))
		c.writingAt.Store(time.Now().UnixNano()) // a deadline of its own would cost each write a timer
		if _, err := c.net.Write(next); err != nil {
			c.box.fail()
			c.ws.Close() // wakes the reader, too
		}
		clear(frames) // of a mailbox that never gets empty
	}
}

// batches are the buffers in which frames are joined.
var batches = sync.Pool{New: func() any { return new([]byte) }}

// linger lets the other side read the farewell: closing a socket in which
// something is unread would take it from them.
func (c *conn) linger() {
	if half, ok := c.net.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // the peer may have gone
	}
	c.net.SetReadDeadline(time.Now().Add(lingerWait))
	_, _ = io.Copy(io.Discard, c.net) // until the peer has gone, or the deadline
}

// handle carries out one message. What is the reader's own is its own, too.
func (c *conn) handle(data []byte) {
	q, err := parse(data)
	switch {
	case err != nil:
		c.refuse(q, err)
	case q.Type == talk.TypePing:
		c.put(pong)
	case q.Type == talk.TypeJoin:
		c.join(q)
	case q.Type == talk.TypeLeave:
		c.leave(q.Thread)
	case q.Type == talk.TypeTyping:
		c.typing(q.Thread)
	case q.Type == talk.TypeWatch:
		c.startWatch(q)
	case q.Type == talk.TypeUnwatch:
		c.unwatch()
	case q.Type == talk.TypeDo:
		c.do(q)
	}
}

// do carries out a command. The next message waits for it, so that a person's
// commands happen in the order in which they meant them.
func (c *conn) do(q talk.Request) {
	ctx, cancel := c.s.patience()
	defer cancel()
	done, err := c.s.Forum.Do(ctx, c.who, q.Ref, *q.Command)
	if err != nil {
		refused := c.s.refusal("a command", err)
		if c.tongue != nil {
			refused.Message = c.tongue.Refusal(&refused)
		}
		c.put(frame(talk.Refused{Type: talk.TypeRefused, Ref: q.Ref, Error: refused}))
		return
	}
	c.put(frame(talk.Done{Type: talk.TypeDone, Ref: q.Ref, Result: done.Result}))
}

// typing tells others that a person is writing, if they have a name to tell.
func (c *conn) typing(thread string) {
	i := slices.IndexFunc(c.viewing, func(v *viewer) bool { return v.room.thread == thread })
	if i < 0 || c.who.Person == "" || c.s.HideTyping {
		return
	}
	if c.name == "" {
		ctx, cancel := c.s.patience()
		defer cancel()
		p, err := c.s.Forum.Person(ctx, c.who.Person)
		if err != nil || p.Name == "" {
			return
		}
		c.name = p.Name
	}
	c.viewing[i].room.typed(c.who.Person, c.name)
}

// refuse answers what was not understood.
func (c *conn) refuse(q talk.Request, err *talk.Error) {
	c.put(frame(talk.Refused{Type: talk.TypeRefused, Ref: q.Ref, Error: *err}))
	c.strike()
}

// strike counts what a program that works doesn't send, and cuts off whoever
// sends too much of it.
func (c *conn) strike() {
	if c.strikes++; c.strikes >= strikesMax {
		endedStrikes.Inc()
		c.end(talk.CloseTooMany, strconv.Itoa(strikesMax)+" messages made no sense")
	}
}

var (
	ping = frame(talk.Envelope{Type: talk.TypePing})
	pong = frame(talk.Envelope{Type: talk.TypePong})
)
