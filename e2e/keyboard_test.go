package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"
)

// A keyboard has a connection to the browser of its own, over which keys go in
// order and without waiting for what the page makes of them: while the page is
// busy they pile up before it, as they do under somebody's hands.
type keyboard struct {
	t    *testing.T
	conn *remote.Conn
	last int64
	done chan int64 // answered
}

// keyboard plugs one into the person's page.
func (p *person) keyboard() *keyboard {
	p.t.Helper()
	address, err := os.ReadFile(filepath.Join(profile, "DevToolsActivePort"))
	p.must(err)
	port, _, _ := strings.Cut(string(address), "\n")
	conn, err := remote.DialContext(p.ctx, fmt.Sprintf("ws://127.0.0.1:%s/devtools/page/%s", port, chromedp.FromContext(p.ctx).Target.TargetID))
	p.must(err)
	k := &keyboard{t: p.t, conn: conn, done: make(chan int64, 2*mostOfAll)}
	p.t.Cleanup(func() { conn.Close() })
	go func() {
		defer close(k.done)
		for {
			var m cdproto.Message
			if conn.Read(context.Background(), &m) != nil {
				return // unplugged
			}
			k.done <- m.ID
		}
	}()
	return k
}

// letter presses and releases one key.
func (k *keyboard) letter(r rune) {
	k.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		b, err := json.Marshal(letterEvent(kind, r))
		if err != nil {
			k.t.Fatal(err)
		}
		k.last++
		if err := k.conn.Write(context.Background(), &cdproto.Message{ID: k.last, Method: input.CommandDispatchKeyEvent, Params: b}); err != nil {
			k.t.Fatal(err)
		}
	}
}

// wait waits until the page has taken all keys.
func (k *keyboard) wait() {
	k.t.Helper()
	for id := range k.done {
		if id == k.last {
			return
		}
	}
	k.t.Fatal("the keyboard was unplugged")
}
