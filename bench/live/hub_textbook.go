package main

import (
	"bytes"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"folkmoot/app/talk"
)

// The hub that everybody starts with: gorilla/websocket's chat example, with
// its constants, and a hub of its own for each thread.
const (
	textbookWriteWait  = 10 * time.Second
	textbookPongWait   = 60 * time.Second
	textbookPingPeriod = textbookPongWait * 9 / 10
	textbookMessageMax = 512
)

type textbook struct {
	upgrader websocket.Upgrader
	watching atomic.Int64
	mu       sync.Mutex
	rooms    map[string]*textbookRoom
}

func newTextbook() *textbook {
	return &textbook{
		upgrader: websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024},
		rooms:    map[string]*textbookRoom{},
	}
}

type textbookRoom struct {
	clients              map[*textbookClient]bool
	broadcast            chan []byte
	register, unregister chan *textbookClient
	watching             *atomic.Int64
}

type textbookClient struct {
	room *textbookRoom
	conn *websocket.Conn
	send chan []byte
}

func (t *textbook) viewers() int { return int(t.watching.Load()) }

func (t *textbook) publish(thread string) (publish, error) {
	room := t.room(thread)
	return func(e talk.Event) error {
		message, err := entryOf(e)
		if err != nil {
			return err
		}
		room.broadcast <- message
		return nil
	}, nil
}

func (t *textbook) room(thread string) *textbookRoom {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.rooms[thread]
	if r == nil {
		r = &textbookRoom{
			clients: map[*textbookClient]bool{}, broadcast: make(chan []byte),
			register: make(chan *textbookClient), unregister: make(chan *textbookClient), watching: &t.watching,
		}
		t.rooms[thread] = r
		go r.run()
	}
	return r
}

func (r *textbookRoom) run() {
	for {
		select {
		case c := <-r.register:
			r.clients[c] = true
			r.watching.Add(1)
		case c := <-r.unregister:
			if r.clients[c] {
				r.drop(c)
			}
		case message := <-r.broadcast:
			for c := range r.clients {
				select {
				case c.send <- message:
				default:
					r.drop(c)
				}
			}
		}
	}
}

func (r *textbookRoom) drop(c *textbookClient) {
	delete(r.clients, c)
	close(c.send)
	r.watching.Add(-1)
}

func (t *textbook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := t.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &textbookClient{room: t.room(r.FormValue("thread")), conn: conn, send: make(chan []byte, 256)}
	c.room.register <- c
	go c.writePump()
	go c.readPump()
}

func (c *textbookClient) readPump() {
	defer func() {
		c.room.unregister <- c
		c.conn.Close()
	}()
	c.conn.SetReadLimit(textbookMessageMax)
	c.conn.SetReadDeadline(time.Now().Add(textbookPongWait))
	c.conn.SetPongHandler(func(string) error {
		return c.conn.SetReadDeadline(time.Now().Add(textbookPongWait))
	})
	for {
		_, message, err := c.conn.ReadMessage()
		if err != nil {
			return
		}
		c.room.broadcast <- bytes.TrimSpace(message)
	}
}

func (c *textbookClient) writePump() {
	ticker := time.NewTicker(textbookPingPeriod)
	defer func() {
		ticker.Stop()
		c.conn.Close()
	}()
	for {
		select {
		case message, ok := <-c.send:
			c.conn.SetWriteDeadline(time.Now().Add(textbookWriteWait))
			if !ok {
				c.conn.WriteMessage(websocket.CloseMessage, nil)
				return
			}
			if c.write(message) != nil {
				return
			}
		case <-ticker.C:
			c.conn.SetWriteDeadline(time.Now().Add(textbookWriteWait))
			if c.conn.WriteMessage(websocket.PingMessage, nil) != nil {
				return
			}
		}
	}
}

// write joins what waits in the queue into one frame.
func (c *textbookClient) write(message []byte) error {
	w, err := c.conn.NextWriter(websocket.TextMessage)
	if err != nil {
		return err
	}
	w.Write(message)
	for range len(c.send) {
		w.Write([]byte{'\n'})
		w.Write(<-c.send)
	}
	return w.Close()
}
