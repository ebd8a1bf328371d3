package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"folkmoot/app/talk"
	"folkmoot/server/testservers"
)

// How a browser comes back: see wasm/socket_js.go.
const (
	firstWait = time.Second
	lastWait  = 20 * time.Second
	silence   = 40 * time.Second
)

// A viewer has a thread open, as a browser does: it keeps a socket, comes back
// when it drops, and joins since what it has.
type viewer struct {
	r *run
	t *thread

	mu        sync.Mutex
	ws        *websocket.Conn
	node      string // that its socket is with
	live      bool   // has joined
	seq       uint64 // of the last entry that it has
	skipped   uint64 // entries that it has from a page, after a resync
	got       uint64 // entries that it has from its sockets
	version   uint64
	reactions map[string]int
	likes     map[string]int
	crowd     int // how many it was told have the thread open
}

func newViewer(r *run, t *thread) *viewer {
	return &viewer{r: r, t: t, seq: t.Seq, version: t.Version, reactions: map[string]int{}, likes: map[string]int{}}
}

// watch keeps the socket until ctx ends.
func (v *viewer) watch(ctx context.Context) {
	for tries := 0; ctx.Err() == nil; tries++ {
		joined, err := v.connection(ctx)
		if ctx.Err() != nil {
			return
		}
		if joined {
			tries = 0
			v.r.book.count("sockets that dropped")
		}
		wait := rand.N(min(firstWait<<min(tries, 10), lastWait))
		if closed := (*websocket.CloseError)(nil); errors.As(err, &closed) {
			switch ms, bad := strconv.Atoi(closed.Text); {
			case closed.Code == talk.CloseLeaving && bad == nil:
				wait = time.Duration(ms) * time.Millisecond
			case closed.Code == talk.CloseBehind && tries == 0:
				wait = 0
			case closed.Code == talk.CloseOrigin || closed.Code == talk.CloseTooMany:
				v.r.book.wrong("a viewer was sent away: %v", err)
			}
		}
		during(ctx, wait)
	}
}

// connection is one socket's life. It tells whether the viewer was live.
func (v *viewer) connection(ctx context.Context) (joined bool, err error) {
	dialer := websocket.Dialer{HandshakeTimeout: silence, ReadBufferSize: 512, WriteBufferSize: 512}
	ws, res, err := dialer.DialContext(ctx, "ws"+strings.TrimPrefix(v.r.cluster.URL, "http")+"/api/v1/live", nil)
	if err != nil {
		return false, err
	}
	defer ws.Close()
	stop := context.AfterFunc(ctx, func() { ws.Close() })
	defer stop()
	c := &conn{v: v, ws: ws}
	v.mu.Lock()
	v.ws, v.node = ws, res.Header.Get(testservers.ServedBy)
	err = c.join()
	v.mu.Unlock()
	for err == nil {
		var text []byte
		ws.SetReadDeadline(time.Now().Add(silence))
		if _, text, err = ws.ReadMessage(); err == nil {
			err = c.message(ctx, text)
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ws, v.node, v.live = nil, "", false
	return c.joined, err
}

// drop breaks the socket, as a train's tunnel does.
func (v *viewer) drop() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ws != nil {
		v.ws.NetConn().Close()
	}
}

// status says whether the viewer is live, and through which node.
func (v *viewer) status() (node string, live bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.node, v.live
}

func (r *run) allWatch(viewers []*viewer) error {
	away := 0
	for _, v := range viewers {
		if _, live := v.status(); !live {
			away++
		}
	}
	if away > 0 {
		return fmt.Errorf("%d of %d viewers aren't live", away, len(viewers))
	}
	return nil
}
