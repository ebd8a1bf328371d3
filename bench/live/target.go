package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"folkmoot/app/talk"
	"folkmoot/bench/rig"
)

// The servers, by the names that -only takes.
const (
	product         = "folkmoot"
	ours            = "folkmoot-live"
	centrifugeHub   = "centrifuge"
	centrifugeTuned = "centrifuge-tuned"
	textbookHub     = "textbook"
)

// everyServer is in the order in which they are measured.
var everyServer = []string{product, ours, centrifugeHub, centrifugeTuned, textbookHub}

var titles = map[string]string{
	product:         "**Folkmoot**, the whole product",
	ours:            "**Folkmoot's live package**",
	centrifugeHub:   "centrifuge, defaults",
	centrifugeTuned: "centrifuge, tuned",
	textbookHub:     "textbook gorilla hub",
}

func speechOf(name string) speech {
	switch name {
	case product, ours:
		return folkmootSpeech
	case textbookHub:
		return textbookSpeech
	}
	return centrifugeSpeech
}

// A target is a running server with threads to watch.
type target struct {
	*rig.Server
	name    string
	threads []talkThread
	wire    *rig.Wire
}

// with runs do with a server of its own that has so many threads.
func (b *bench) with(ctx context.Context, name string, threads int, do func(*target) error) error {
	program, args := b.server, rig.Serve
	if name != product {
		own, err := os.Executable()
		if err != nil {
			return err
		}
		program, args = own, func(string) []string { return []string{serveCommand, name} }
	}
	return rig.With(ctx, b.dir, program, args, func(s *rig.Server) error {
		w, err := rig.Dial(s.Addr, longestQuiet)
		if err != nil {
			return err
		}
		defer w.Close()
		t := &target{Server: s, name: name, wire: w}
		for i := range threads {
			thread, err := t.open(i)
			if err != nil {
				return err
			}
			t.threads = append(t.threads, thread)
		}
		return do(t)
	})
}

func (t *target) folkmoot() bool { return t.name == product || t.name == ours }

// open opens the ith thread, or reads again where it stands.
func (t *target) open(i int) (thread talkThread, err error) {
	if !t.folkmoot() {
		return talkThread{ID: fmt.Sprintf("thread-%07d-00", i)}, nil // as long as Folkmoot's
	}
	page := url.QueryEscape(fmt.Sprintf("http://localhost/bench/%d", i))
	return thread, t.call(t.wire, rig.Request("GET", "/api/v1/threads?page="+page, t.Addr, "", nil), 200, &thread)
}

// call asks and reads JSON, if into isn't nil.
func (t *target) call(w *rig.Wire, request []byte, status int, into any) error {
	w.SetDeadline(time.Now().Add(arriveWithin))
	a, err := w.Do(request)
	if err == nil {
		err = a.Must(status)
	}
	if err == nil && into != nil {
		err = json.Unmarshal(a.Body, into)
	}
	if err != nil {
		return fmt.Errorf("%.80q: %w", request, err)
	}
	return nil
}

// sees returns when the server knows of so many viewers; Folkmoot has said so
// to each of them.
func (t *target) sees(ctx context.Context, n int) error {
	if t.folkmoot() {
		return nil
	}
	for began := time.Now(); ; {
		var seen int
		if err := t.call(t.wire, rig.Request("GET", "/viewers", t.Addr, "", nil), 200, &seen); err != nil || seen == n {
			return err
		}
		if time.Since(began) > joinWithin {
			return fmt.Errorf("the server knows of %d viewers instead of %d", seen, n)
		}
		if err := rig.Sleep(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
}

// collect forces a child to give back what it can. The product has no such
// thing.
func (t *target) collect() (ok bool, err error) {
	if t.name == product {
		return false, nil
	}
	return true, t.call(t.wire, rig.Request("POST", "/gc", t.Addr, "Content-Length: 0\r\n", nil), 200, nil)
}

// A post is a comment that was asked for.
type post struct {
	id          string // of the comment, if the server has said it
	sent, acked time.Time
}

// posters post comments, each over a connection of its own; to a hub, through
// the one connection that its child publishes for.
type posters struct {
	t       *target
	clients chan *client // those that are free
	all     []*client
}

type client struct {
	*rig.Wire
	session string // as a header line
	posts   int
}

// posters are so many people.
func (t *target) posters(n int) (p *posters, err error) {
	if t.name != product {
		n = 1
	}
	p = &posters{t: t, clients: make(chan *client, n)}
	for i := range n {
		w, err := rig.Dial(t.Addr, longestQuiet)
		if err != nil {
			p.close()
			return nil, err
		}
		c := &client{Wire: w}
		p.all = append(p.all, c)
		if c.session, err = t.session(w, i); err != nil {
			p.close()
			return nil, err
		}
		p.clients <- c
	}
	return p, nil
}

func (p *posters) close() {
	for _, c := range p.all {
		c.Close()
	}
}

// session makes a person.
func (t *target) session(w *rig.Wire, i int) (header string, err error) {
	if t.name != product {
		return "Authorization: Bearer person" + strconv.Itoa(i) + "\r\n", nil
	}
	a, err := w.Do(rig.Request("POST", "/api/v1/session", t.Addr, "", []byte("{}")))
	if err == nil {
		err = a.Must(204)
	}
	if err != nil {
		return "", fmt.Errorf("asking for a session: %w", err)
	}
	cookie, _, _ := strings.Cut(string(a.Value("Set-Cookie")), ";")
	return "Cookie: " + cookie + "\r\n", nil
}

// post posts a comment of so many bytes.
func (p *posters) post(ctx context.Context, thread string, size int) (made post, err error) {
	var c *client
	select {
	case c = <-p.clients:
	case <-ctx.Done():
		return post{}, context.Cause(ctx)
	}
	defer func() { p.clients <- c }()
	if p.t.name != product {
		return p.publish(c, thread, 1, size)
	}
	body, err := json.Marshal(map[string]string{"body": text(size), "name": authorName})
	if err != nil {
		return post{}, err
	}
	c.posts++
	key := "Idempotency-Key: post-" + strconv.Itoa(c.posts) + "\r\n"
	req := rig.Request("POST", "/api/v1/threads/"+thread+"/comments", p.t.Addr, c.session+key, body)
	var m talk.Comment
	c.SetDeadline(time.Now().Add(arriveWithin))
	made.sent = time.Now()
	a, err := c.Do(req)
	made.acked = time.Now()
	if err == nil {
		err = a.Must(201)
	}
	if err == nil {
		err = json.Unmarshal(a.Body, &m)
	}
	made.id = m.ID
	return made, err
}

func (p *posters) publish(c *client, thread string, n, size int) (made post, err error) {
	path := fmt.Sprintf("/publish?thread=%s&n=%d&bytes=%d", thread, n, size)
	made.sent = time.Now()
	err = p.t.call(c.Wire, rig.Request("POST", path, p.t.Addr, "Content-Length: 0\r\n", nil), 200, &made.id)
	made.acked = time.Now()
	if n > 1 {
		made.id = "" // of the last alone: nobody knows when the others were
	}
	return made, err
}

// burst posts n comments at once: n people each one, or one after the other as
// fast as a hub takes them.
func (p *posters) burst(ctx context.Context, thread string, n, size int) ([]post, error) {
	if p.t.name != product {
		c := <-p.clients
		defer func() { p.clients <- c }()
		made, err := p.publish(c, thread, n, size)
		return []post{made}, err
	}
	posts, errs := make([]post, n), make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { posts[i], errs[i] = p.post(ctx, thread, size) })
	}
	group.Wait()
	return posts, errors.Join(errs...)
}

// steadily posts n comments at a rate, to one thread after the other. Each counts
// as sent when it was due: what makes one wait makes it late.
func (p *posters) steadily(ctx context.Context, n, size int, every time.Duration) ([]post, error) {
	posts, errs := make([]post, n), make([]error, n)
	var group sync.WaitGroup
	began := time.Now()
	for i := range n {
		due := began.Add(time.Duration(i) * every)
		if err := rig.Sleep(ctx, time.Until(due)); err != nil {
			break
		}
		thread := p.t.threads[i%len(p.t.threads)].ID
		group.Go(func() {
			posts[i], errs[i] = p.post(ctx, thread, size)
			posts[i].sent = due
		})
	}
	group.Wait()
	return posts, errors.Join(append(errs, context.Cause(ctx))...)
}
