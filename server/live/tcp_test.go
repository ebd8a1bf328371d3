package live

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"folkmoot/app/talk"
)

// overTCP makes the world reachable as in production, and looks that nothing of
// this package runs when it has ended.
func (w *world) overTCP() (address string) {
	web := httptest.NewServer(w.server)
	w.t.Cleanup(func() {
		w.shutdown(0)
		web.Close()
		for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
			stacks := make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
			left := 0
			for _, where := range []string{"live.(*conn).", "live.(*room).", "live.(*Server)."} {
				left += strings.Count(string(stacks), where)
			}
			if left == 0 {
				return
			}
			if time.Now().After(deadline) {
				w.t.Errorf("still running:\n%s", stacks)
				return
			}
		}
	})
	return "ws" + strings.TrimPrefix(web.URL, "http")
}

func (w *world) dialTCP(address string) *client {
	w.t.Helper()
	d := websocket.Dialer{NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if err == nil {
			c.(*net.TCPConn).SetReadBuffer(64 << 10) // what the kernel keeps for it is part of the wait
		}
		return c, err
	}}
	ws, _, err := d.Dial(address, http.Header{"Person": {"someone"}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { ws.Close() })
	return &client{t: w.t, ws: ws, got: make(chan []byte, 10_000)}
}

func TestTCP(t *testing.T) {
	w := newWorld(t, "t")
	address := w.overTCP()
	slow, quick, large := w.dialTCP(address), w.dialTCP(address), w.dialTCP(address)
	go quick.receive()
	go large.receive()
	quick.join("t")
	large.join("t")
	slow.send(talk.Request{Type: talk.TypeJoin, Thread: "t", Epoch: "life1"})
	var p talk.Presence
	for p.Viewers != 3 {
		quick.next(talk.TypePresence, &p)
	}

	// The farewell arrives though the end of what was sent is never read.
	go large.ws.WriteMessage(websocket.TextMessage, make([]byte, 8<<20))
	if code, _ := large.closed(); code != talk.CloseTooLarge {
		t.Errorf("closed with %d", code)
	}

	big := strings.Repeat("<p>x</p>", 8<<10)
	seq := uint64(0)
	for ; w.server.Viewers("t") > 1; seq++ {
		if seq == 1000 {
			t.Fatal("the slow one was not cut off")
		}
		w.bus.Publish(context.Background(), w.store.add("t", big))
		quick.event(seq + 1)
	}
	go slow.receive()
	if code, _ := slow.closed(); code != talk.CloseBehind {
		t.Errorf("closed with %d", code)
	}
	w.post("t", "Still here?")
	quick.event(seq + 1)
}

// What a connection costs that is only there: one goroutine and a few KB.
func TestIdleConnection(t *testing.T) {
	w := newWorld(t, "t")
	address := strings.TrimPrefix(w.overTCP(), "ws://")
	measure := func() (goroutines int, bytes uint64) {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return runtime.NumGoroutine(), m.HeapAlloc + m.StackInuse
	}
	const n = 500
	clients := make([]net.Conn, n)
	goroutines, bytes := measure()
	for i := range clients {
		clients[i] = joinBare(t, address)
		defer clients[i].Close()
	}
	nowGoroutines, nowBytes := measure()
	t.Logf("%.2f goroutines and %.1f KB a connection", float64(nowGoroutines-goroutines)/n, float64(nowBytes-bytes)/n/1024)
	if nowGoroutines-goroutines > n+n/5 { // the room's, and writers of presence
		t.Errorf("%d goroutines for %d idle connections", nowGoroutines-goroutines, n)
	}
}

// joinBare connects and joins with nothing on the client's side but a socket.
func joinBare(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	hello := "GET /api/v1/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
	join := `{"type":"join","thread":"t","epoch":"life1"}`
	masked := append([]byte{0x81, 0x80 | byte(len(join)), 0, 0, 0, 0}, join...) // with a mask that changes nothing
	for _, step := range []struct{ say, until string }{{hello, "\r\n\r\n"}, {string(masked), `"joined"`}} {
		if _, err := c.Write([]byte(step.say)); err != nil {
			t.Fatal(err)
		}
		for got := ""; !strings.Contains(got, step.until); {
			some := make([]byte, 512)
			n, err := c.Read(some)
			if err != nil {
				t.Fatal(err)
			}
			got += string(some[:n])
		}
	}
	return c
}
