package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// A hub is what a child of this program serves: something that brings events
// to whoever watches a thread.
type hub interface {
	http.Handler                            // GET livePath upgrades to a websocket
	publish(thread string) (publish, error) // of one thread
	viewers() int                           // who will get the next event
}

// A publish makes an event known to all viewers. It is called by one goroutine
// at a time for each thread.
type publish func(talk.Event) error

var hubs = map[string]func() (hub, error){
	ours:            newLiveHub,
	centrifugeHub:   func() (hub, error) { return newCentrifuge(false) },
	centrifugeTuned: func() (hub, error) { return newCentrifuge(true) },
	textbookHub:     func() (hub, error) { return newTextbook(), nil },
}

// livePath is where sockets are, in a child as in the product.
const livePath = "/api/v1/live"

// childLife bounds a child, whoever forgets it.
const childLife = time.Hour

// serve is a child: it serves a hub until it is told to stop.
func serve(name string) error {
	start := hubs[name]
	if start == nil {
		return fmt.Errorf("there is no hub called %q", name)
	}
	h, err := start()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, childLife)
	defer cancel()
	p := &press{hub: h, threads: map[string]*edition{}}
	mux := http.NewServeMux()
	mux.Handle("GET "+livePath, h)
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /publish", p.ServeHTTP)
	mux.HandleFunc("GET /viewers", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, h.viewers()) })
	mux.HandleFunc("POST /gc", func(http.ResponseWriter, *http.Request) { debug.FreeOSMemory() })
	if l, ok := h.(*liveHub); ok {
		mux.HandleFunc("GET /api/v1/threads", l.thread)
	}
	ended := make(chan error, 1)
	go func() { ended <- http.Serve(listener, mux) }()
	fmt.Printf("http://%s/\n", listener.Addr())
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return nil
	}
}

// A press prints events: it numbers those of each thread.
type press struct {
	hub     hub
	mu      sync.Mutex
	threads map[string]*edition
}

type edition struct {
	mu      sync.Mutex
	seq     uint64
	publish publish
}

// ServeHTTP publishes n events, each with so many bytes of text, one after the
// other as fast as the hub takes them. It answers with the last comment's id.
func (p *press) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	thread := r.FormValue("thread")
	n, errN := strconv.Atoi(r.FormValue("n"))
	size, errSize := strconv.Atoi(r.FormValue("bytes"))
	if err := errors.Join(errN, errSize); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	e, err := p.edition(thread)
	id := ""
	for i := 0; err == nil && i < n; i++ {
		id, err = e.print(thread, size)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintf(w, "%q", id)
}

func (p *press) edition(thread string) (*edition, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.threads[thread]; e != nil {
		return e, nil
	}
	publish, err := p.hub.publish(thread)
	if err != nil {
		return nil, err
	}
	e := &edition{publish: publish}
	p.threads[thread] = e
	return e, nil
}

func (e *edition) print(thread string, size int) (id string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seq++
	event := newEvent(thread, e.seq, size)
	return event.Comment.ID, e.publish(event)
}

// newEvent is what Folkmoot would make of a post of so many bytes. Its time is
// from when on anybody could know of it.
func newEvent(thread string, seq uint64, size int) talk.Event {
	now := time.Now().UTC()
	return talk.Event{Seq: seq, Kind: talk.CommentAdded, At: now, Comment: talk.Comment{
		ID: forum.NewID(), Thread: thread, Author: talk.Person{ID: forum.NewID(), Name: authorName},
		HTML: "<p>" + text(size) + "</p>", At: now.Truncate(time.Millisecond), State: talk.Published,
	}}
}

const authorName = "Ann Adeyemi"

// text is some, of so many bytes.
func text(size int) string {
	const words = "the assembly of everyone whose voice was not for sale "
	return strings.TrimSpace(strings.Repeat(words, size/len(words)+1)[:size-1]) + "."
}

// entryOf is an event as Folkmoot's protocol has it, for hubs without a
// protocol of their own.
func entryOf(e talk.Event) ([]byte, error) {
	return encode(talk.Entry{Type: talk.TypeEvent, Thread: e.Comment.Thread, Event: e})
}

// encode is JSON as Folkmoot's: < and > stay what they are, which makes a
// comment shorter.
func encode(message any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(message)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
