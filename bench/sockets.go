package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"folkmoot/app/talk"
	"folkmoot/bench/rig"
)

// A socket is one live connection.
type socket struct{ *websocket.Conn }

// connect opens a socket with a client's session.
func (b *bench) connect(ctx context.Context, s *rig.Server, c *client) (*socket, error) {
	name, value, _ := strings.Cut(strings.TrimSpace(c.cookie), ": ")
	d := websocket.Dialer{HandshakeTimeout: 10 * time.Second, ReadBufferSize: 1024, WriteBufferSize: 1024}
	ws, answer, err := d.DialContext(ctx, "ws://"+s.Addr+"/api/v1/live", http.Header{name: {value}})
	if err != nil {
		if answer != nil {
			err = fmt.Errorf("%w (%s)", err, answer.Status)
		}
		return nil, err
	}
	return &socket{ws}, ws.SetReadDeadline(time.Now().Add(longest))
}

// next reads the next message that isn't a ping; it answers those.
func (k *socket) next() ([]byte, error) {
	for {
		_, data, err := k.ReadMessage()
		if err != nil || !bytes.HasPrefix(data, []byte(`{"type":"ping"`)) {
			return data, err
		}
		if err := k.WriteMessage(websocket.TextMessage, []byte(`{"type":"pong"}`)); err != nil {
			return nil, err
		}
	}
}

// do has a command carried out, and returns the answer to it. Nothing else may
// come: the socket has joined nothing.
func (k *socket) do(ref string, command talk.Command) ([]byte, error) {
	message, err := json.Marshal(talk.Request{Type: talk.TypeDo, Ref: ref, Command: &command})
	if err != nil {
		return nil, err
	}
	if err := k.WriteMessage(websocket.TextMessage, message); err != nil {
		return nil, err
	}
	data, err := k.next()
	if err == nil && !bytes.HasPrefix(data, []byte(`{"type":"done","ref":"`+ref+`"`)) {
		err = fmt.Errorf("%s was answered with %s", message, data)
	}
	return data, err
}

// messagesEach is how many a socket sends before the client changes to another:
// the server cuts off who sends more than 200 at once and 50 a second, and a
// person doesn't.
const messagesEach = 190

// sockets are those that a client uses, one after the other.
type sockets struct {
	open func() (*socket, error)
	all  []*socket
	at   int // of all
	sent int // on that one
}

func (k *sockets) socket() (_ *socket, err error) {
	if k.sent == messagesEach {
		k.at, k.sent = k.at+1, 0
	}
	if k.at == len(k.all) {
		next, err := k.open()
		if err != nil {
			return nil, err
		}
		k.all = append(k.all, next)
	}
	k.sent++
	return k.all[k.at], nil
}

func (k *sockets) Close() error {
	for _, one := range k.all {
		_ = one.Close() // nothing was promised to it
	}
	return nil
}

// socketReactions measures the reactions of [bench.reactions] over sockets.
func (b *bench) socketReactions(ctx context.Context) error {
	t := loadTable(fmt.Sprintf("Reactions set and taken back, over websockets, on %d threads", reactionThreads), "connections")
	err := b.each(ctx, t, "sockets", socketClients, func(s *rig.Server, n int) (*load, error) {
		people, err := b.meetAll(s, n)
		if err != nil {
			return nil, err
		}
		defer leave(people)
		targets, err := people[0].reactionTargets(s)
		if err != nil {
			return nil, err
		}
		const expected = 12_000 // a second; whoever is faster connects in the window
		spare := int(expected*1.25*b.window.Seconds())/n/messagesEach + 1
		ops, conns, togglers := make([]operation, n), make([]io.Closer, n), make([]*toggler, n)
		for i, c := range people {
			k := &sockets{open: func() (*socket, error) { return b.connect(ctx, s, c) }}
			defer k.Close()
			for range spare {
				one, err := k.open()
				if err != nil {
					return nil, err
				}
				k.all = append(k.all, one)
			}
			togglers[i] = newToggler(targets, i)
			ops[i], conns[i] = k.toggler(togglers[i]), k
		}
		l, err := b.drive(ctx, row("sockets", n), s, ops, conns)
		if err != nil {
			return nil, err
		}
		return l, people[0].reactionsAre(s, targets, togglers)
	})
	if err != nil {
		return err
	}
	t.Note("`do` until `done`, one at a time on each connection. A client changes to another open connection after %d messages, because the server takes 200 at once and 50 a second from one.", messagesEach)
	t.Print(b.out)
	return nil
}

func (k *sockets) toggler(t *toggler) operation {
	n := 0
	return func() (string, error) {
		one, err := k.socket()
		if err != nil {
			return "", err
		}
		target, on := t.next()
		n++
		data, err := one.do("r"+strconv.Itoa(n), target.command(on))
		if err != nil {
			return "", err
		}
		return "done", t.done(data, `"mine":`)
	}
}
