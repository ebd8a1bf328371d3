package live

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/gorilla/websocket"

	"folkmoot/app/talk"
)

// What people try, each with its limit: it is cut off, counted, and the others
// don't notice.
func TestAbuse(t *testing.T) {
	for _, tt := range []struct {
		name    string
		do      func(*client)
		code    int // that it ends with
		within  time.Duration
		counted *metrics.Counter
	}{
		{"a byte a second", func(c *client) {
			long := append([]byte{0x81, 0xFE, 0x10, 0, 0, 0, 0, 0}, make([]byte, 4096)...)
			for i := range long {
				if _, err := c.ws.NetConn().Write(long[i : i+1]); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
			c.t.Error("an hour later it is still there")
		}, websocket.CloseAbnormalClosure, silenceMax + 2*silenceBeats*beat, endedSilent},
		{"a frame that never ends", func(c *client) {
			for range 10_000 { // not final, 1 KB each
				if _, err := c.ws.NetConn().Write(append([]byte{0x01, 0xFE, 4, 0, 0, 0, 0, 0}, make([]byte, 1024)...)); err != nil {
					return
				}
			}
		}, 1002, time.Second, endedFrame}, // gorilla: the second must be a continuation
		{"ten thousand threads", func(c *client) {
			for i := range 10_000 {
				if c.ws.WriteJSON(talk.Request{Type: talk.TypeJoin, Thread: fmt.Sprint("none", i), Epoch: "life1"}) != nil {
					return
				}
				time.Sleep(25 * time.Millisecond) // no faster than it may
			}
			c.t.Error("it has joined ten thousand threads")
		}, talk.CloseTooMany, time.Minute, endedStrikes},
		{"frames at full speed", func(c *client) {
			for c.ws.WriteJSON(talk.Request{Type: talk.TypeJoin, Thread: "t", Epoch: "life1"}) == nil {
				continue
			}
		}, talk.CloseTooMany, time.Second, endedTooFast},
		{"what is compressed", func(c *client) {
			_, _ = c.ws.NetConn().Write([]byte{0xC1, 0x85, 0, 0, 0, 0, 1, 2, 3, 4, 5}) // RSV1, which nobody has agreed on
		}, 1002, time.Second, endedFrame},
		{"a frame of a terabyte", func(c *client) {
			_, _ = c.ws.NetConn().Write([]byte{0x81, 0xFF, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0})
		}, talk.CloseTooLarge, time.Second, endedFrame},
		{"without a mask", func(c *client) {
			_, _ = c.ws.NetConn().Write([]byte{0x81, 0x02, '{', '}'})
		}, 1002, time.Second, endedFrame},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "t")
				good := w.connect()
				good.join("t")
				before := tt.counted.Get()
				bad := w.connect()
				bad.join("t")
				start := time.Now()
				done := make(chan struct{})
				go func() {
					defer close(done)
					tt.do(bad)
				}()
				seq := uint64(0)
				for ended := false; !ended; {
					if d := time.Since(start); d > tt.within {
						t.Fatalf("still there after %v", d)
					}
					w.post("t", "Never mind them.")
					posted := time.Now()
					seq++
					good.event(seq)
					if d := time.Since(posted); d > gapWait {
						t.Errorf("the others wait %v", d)
					}
					good.send(talk.Request{Type: talk.TypePong})
					time.Sleep(tt.within / 20)
					synctest.Wait()
					ended = w.server.Viewers("t") == 1
				}
				if code, _ := bad.closed(); code != tt.code {
					t.Errorf("closed with %d, want %d", code, tt.code)
				}
				bad.ws.Close()
				<-done
				if n := tt.counted.Get() - before; n != 1 {
					t.Errorf("counted %d times", n)
				}
			})
		})
	}
}

// Who never reads is cut off though little is said to them.
func TestNeverReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		before := endedStuck.Get()
		deaf := w.call()
		deaf.send(talk.Request{Type: talk.TypeJoin, Thread: "t", Epoch: "life1"})
		synctest.Wait()
		good := w.connect()
		good.join("t")
		if n := w.server.Viewers("t"); n != 2 {
			t.Errorf("%d viewers", n)
		}
		start := time.Now()
		good.presence(1)
		if d := time.Since(start); d > writeWait+2*silenceBeats*beat || endedStuck.Get()-before != 1 {
			t.Errorf("cut off after %v, counted %d times", d, endedStuck.Get()-before)
		}
	})
}
