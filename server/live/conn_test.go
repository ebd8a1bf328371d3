package live

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"folkmoot/app/talk"
)

func TestDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		c := w.connect()
		post := talk.Request{Type: talk.TypeDo, Ref: "r1", Command: &talk.Command{Kind: talk.Post, Thread: "t", Body: "Hello", Name: "Ann"}}
		c.send(post)
		c.send(post)
		var first, again talk.Done
		c.next(talk.TypeDone, &first)
		c.next(talk.TypeDone, &again)
		if first.Ref != "r1" || first.Comment.ID == "" || again.Comment.ID != first.Comment.ID || w.store.threads["t"].Seq != 1 {
			t.Errorf("done: %+v, then %+v", first, again)
		}

		refused := func(q talk.Request) talk.Refused {
			t.Helper()
			c.send(q)
			var r talk.Refused
			c.next(talk.TypeRefused, &r)
			if r.Ref != q.Ref {
				t.Errorf("refused %+v", r)
			}
			return r
		}
		other := *post.Command
		other.Body = "Something else"
		if r := refused(talk.Request{Type: talk.TypeDo, Ref: "r1", Command: &other}); r.Code != talk.Conflict {
			t.Errorf("refused: %+v", r)
		}
		other.Body = ""
		if r := refused(talk.Request{Type: talk.TypeDo, Ref: "r2", Command: &other}); r.Code != talk.Invalid || r.Field != "body" || r.Message == "" {
			t.Errorf("refused: %+v", r)
		}

		w.store.with(func() { w.store.fail = errStore })
		other.Body = "Not now"
		if r := refused(talk.Request{Type: talk.TypeDo, Ref: "r3", Command: &other}); r.Code != talk.Unavailable || strings.Contains(r.Message, "fish") {
			t.Errorf("refused: %+v", r)
		}
		w.store.with(func() { w.store.fail = nil })

		nobody := w.connect("Person", "")
		nobody.send(post)
		var r talk.Refused
		nobody.next(talk.TypeRefused, &r)
		if r.Code != talk.NoSession || r.Ref != "r1" {
			t.Errorf("refused: %+v", r)
		}
		nobody.join("t") // reading needs no session
		nobody.event(1)
	})
}

func TestMalformed(t *testing.T) {
	messages := map[string]string{ // to the ref that the answer must have
		`{"type":"do","ref":"a","command":{"kind":"post"},"extra":1}`:         "a",
		`{"type":"do","ref":"b","command":{"kind":"post","extra":1}}`:         "b",
		`{"type":"do","ref":"c"}`:                                             "c",
		`{"type":"do","ref":"d","command":[]}`:                                "d",
		`{"type":"sing","ref":"e"}`:                                           "e",
		`{"type":"do","command":{"kind":"post"}}`:                             "",
		`{"type":"do","ref":7,"command":{"kind":"post"}}`:                     "",
		`{"type":"do","ref":"` + strings.Repeat("x", 129) + `","command":{}}`: "",
		`{"type":"join","thread":""}`:                                         "",
		`{"type":"join","thread":"t","since":-1}`:                             "",
		`{"type":"join","thread":"t","since":1.5}`:                            "",
		`{"type":"ping"}{"type":"ping"}`:                                      "",
		`{"type":"ping"} x`:                                                   "",
		`null`:                                                                "", `[]`: "", `"ping"`: "", `{`: "", ``: "",
		`{"type":"do","command":` + strings.Repeat("[", 150_000): "",
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		c := w.connect()
		for message, ref := range messages {
			c.sendText(message)
			var r talk.Refused
			c.next(talk.TypeRefused, &r)
			if r.Code != talk.Malformed || r.Message == "" || r.Ref != ref {
				t.Errorf("%.80s: refused %+v", message, r)
			}
		}
		c.sendText(`{"type":"ping"}`)
		c.next(talk.TypePong, nil)
		for range strikesMax - len(messages) {
			c.sendText("what?")
			c.next(talk.TypeRefused, nil)
		}
		if code, _ := c.closed(); code != talk.CloseTooMany {
			t.Errorf("closed with %d", code)
		}
	})
}

func TestCloses(t *testing.T) {
	for name, test := range map[string]struct {
		kind int
		data string
		code int
	}{
		"binary":        {websocket.BinaryMessage, `{"type":"ping"}`, talk.CloseNotText},
		"invalid UTF-8": {websocket.TextMessage, "{\"type\":\"\xff\"}", talk.CloseBadText},
		"too large":     {websocket.TextMessage, strings.Repeat(" ", talk.RequestBytes+1), talk.CloseTooLarge},
		"a close":       {websocket.CloseMessage, string(websocket.FormatCloseMessage(1000, "bye")), 1000},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "t")
				c := w.connect()
				c.join("t")
				go c.ws.WriteMessage(test.kind, []byte(test.data)) // may fail: it is cut off in the middle
				if code, _ := c.closed(); code != test.code {
					t.Errorf("closed with %d", code)
				}
				synctest.Wait()
				if n := w.server.Viewers("t"); n != 0 {
					t.Errorf("%d viewers", n)
				}
			})
		})
	}
}

func TestWrongOrigin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		c := w.connect("Origin", "https://evil.example")
		if code, _ := c.closed(); code != talk.CloseOrigin {
			t.Errorf("closed with %d", code)
		}
		w.connect("Origin", "https://good.example").join("t")
	})
}

func TestTooMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		threads := make([]string, threadsMax+1)
		for i := range threads {
			threads[i] = fmt.Sprint("t", i)
		}
		w := newWorld(t, threads...)
		c := w.connect()
		for _, thread := range threads[:threadsMax] {
			c.join(thread)
		}
		c.join(threads[0])
		c.send(talk.Request{Type: talk.TypeJoin, Thread: threads[threadsMax], Epoch: "life1"})
		if code, _ := c.closed(); code != talk.CloseTooMany {
			t.Errorf("closed with %d", code)
		}

		d := w.connect()
		for range messagesAtOnce {
			d.send(talk.Envelope{Type: talk.TypePing})
		}
		time.Sleep(time.Second)
		for range messagesASecond {
			d.send(talk.Envelope{Type: talk.TypePing})
		}
		synctest.Wait()
		for range messagesAtOnce + messagesASecond {
			d.next(talk.TypePong, nil)
		}
		d.send(talk.Envelope{Type: talk.TypePing})
		if code, _ := d.closed(); code != talk.CloseTooMany {
			t.Errorf("closed with %d", code)
		}
	})
}

func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		alive, silent := w.connect(), w.connect()
		alive.join("t")
		silent.join("t")
		start := time.Now()
		for range 4 {
			alive.next(talk.TypePing, nil)
			alive.send(talk.Envelope{Type: talk.TypePong})
		}
		if d := time.Since(start); d < 3*pingEvery || d > 4*pingEvery {
			t.Errorf("four pings in %v", d)
		}
		if n := w.server.Viewers("t"); n != 1 {
			t.Errorf("%d viewers", n)
		}
		silent.closed()
	})
}

func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		slow, quick := w.call(), w.connect()
		slow.send(talk.Request{Type: talk.TypeJoin, Thread: "t", Epoch: "life1"})
		synctest.Wait()
		quick.join("t")
		const n = 100
		big := strings.Repeat("<p>x</p>", 8<<10) // 100 of them are 6 MB
		for seq := range uint64(n) {
			w.bus.Publish(context.Background(), w.store.add("t", big))
			quick.event(seq + 1)
		}
		synctest.Wait()
		if n := w.server.Viewers("t"); n != 1 {
			t.Errorf("%d viewers: the slow one was not cut off", n)
		}
		for c := range w.server.conns[0] { // the slow one's: the first
			if len(c.box.queue) > 0 || c.box.bytes > 0 {
				t.Errorf("%d bytes wait for one who was cut off", c.box.bytes)
			}
		}
		go slow.receive()
		if code, _ := slow.closed(); code != talk.CloseBehind {
			t.Errorf("closed with %d", code)
		}
	})
}

// What waits for somebody who reads slowly, but reads, is the newest tally.
func TestTalliesMergeInTheMailbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		c := w.call()
		c.send(talk.Request{Type: talk.TypeJoin, Thread: "t", Epoch: "life1"})
		synctest.Wait() // the writer waits with joined
		for range 5 {
			for _, kind := range []string{"like", "heart", "funny"} {
				w.react("t", kind)
				time.Sleep(tallyEvery)
			}
		}
		go c.receive()
		c.next(talk.TypeJoined, nil)
		var counts talk.Counts
		c.next(talk.TypeTally, &counts)
		if counts.Version != 15 || counts.Reactions["like"] != 5 || counts.Reactions["heart"] != 5 || counts.Reactions["funny"] != 5 {
			t.Errorf("tally: %+v", counts)
		}
		synctest.Wait()
		c.nothing()
	})
}

func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		reasons := map[string]bool{}
		var all []*client
		for range 50 {
			c := w.connect()
			c.join("t")
			all = append(all, c)
		}
		w.store.with(func() { w.store.commitTakes = time.Second })
		last := all[0]
		last.send(talk.Request{Type: talk.TypeDo, Ref: "r", Command: &talk.Command{Kind: talk.Post, Thread: "t", Body: "Bye", Name: "Ann"}})
		synctest.Wait()
		w.shutdown(30 * time.Second)
		for _, c := range all {
			code, reason := c.closed()
			if c == last && !c.answered {
				t.Error("what was asked for was not answered")
			}
			ms, err := strconv.Atoi(reason)
			if code != talk.CloseLeaving || err != nil || ms < 0 || ms >= 30_000 {
				t.Errorf("closed with %d %q", code, reason)
			}
			reasons[reason] = true
		}
		if len(reasons) < 25 {
			t.Errorf("only %d different times to come back", len(reasons))
		}
		if _, _, err := (&websocket.Dialer{NetDialContext: w.lines.dial}).Dial("ws://folkmoot.test/", nil); err == nil {
			t.Error("one could connect after the end")
		}
	})
}
