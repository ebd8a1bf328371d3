package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"folkmoot/app/talk"
)

const (
	againAfter = 300 * time.Millisecond // what wasn't acknowledged is sent
	giveUp     = time.Minute            // far longer than anything is away
)

// A poster posts comments, one after the other. What isn't acknowledged is sent
// again, with the same ref, until it is.
type poster struct {
	r       *run
	t       *thread
	name    string
	token   string // nobody's, if empty: then every post makes a guest
	sockets bool   // it posts over a socket, else over HTTP
	ws      *websocket.Conn
}

// newPoster makes one of three kinds, in turn.
func newPoster(ctx context.Context, r *run, number int) (p *poster, err error) {
	p = &poster{r: r, t: r.threads[number%len(r.threads)], name: fmt.Sprint("Poster ", number+1)}
	if number%3 == 2 {
		return p, nil
	}
	p.sockets = number%3 == 1
	p.token, err = r.meet(ctx)
	return p, err
}

// post works until all is quiet. What it has begun by then it brings to an end.
func (p *poster) post(ctx context.Context) {
	defer p.hangUp()
	tick := time.NewTicker(p.r.postEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			p.one(ctx)
		case <-p.r.quiet:
			return
		case <-ctx.Done():
			return
		}
	}
}

// one posts one comment.
func (p *poster) one(ctx context.Context) {
	ref := rand.Text()
	command := talk.Command{Kind: talk.Post, Thread: p.t.ID, Body: bodyOf(ref), Name: p.name}
	for began := time.Now(); ctx.Err() == nil; during(ctx, againAfter) {
		comment, err := p.try(ctx, ref, command)
		refused := (*talk.Error)(nil)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			p.t.acknowledged(ref, comment.ID)
			return
		case errors.As(err, &refused) && refused.Code != talk.Unavailable:
			p.r.book.wrong("a post was refused: %v", err)
			return
		case time.Since(began) > giveUp:
			p.r.book.wrong("a post was not acknowledged within %v; at last: %v", giveUp, err)
			return
		}
		p.r.book.refuse(reason(err))
	}
}

func (p *poster) try(ctx context.Context, ref string, c talk.Command) (comment talk.Comment, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if p.sockets {
		return p.overSocket(ctx, ref, c)
	}
	body := map[string]string{"body": c.Body, "name": c.Name}
	_, err = p.r.ask(ctx, http.MethodPost, p.r.cluster.URL+"/api/v1/threads/"+p.t.ID+"/comments", question{p.token, ref, body}, &comment)
	return comment, err
}

func (p *poster) overSocket(ctx context.Context, ref string, c talk.Command) (comment talk.Comment, err error) {
	defer func() {
		if refused := (*talk.Error)(nil); err != nil && !errors.As(err, &refused) {
			p.hangUp() // nobody knows what is in it
		}
	}()
	if p.ws == nil {
		dialer := websocket.Dialer{HandshakeTimeout: answerWithin}
		header := http.Header{"Authorization": {"Bearer " + p.token}}
		if p.ws, _, err = dialer.DialContext(ctx, "ws"+strings.TrimPrefix(p.r.cluster.URL, "http")+"/api/v1/live", header); err != nil {
			return comment, err
		}
	}
	if err := p.ws.WriteJSON(talk.Request{Type: talk.TypeDo, Ref: ref, Command: &c}); err != nil {
		return comment, err
	}
	p.ws.SetReadDeadline(time.Now().Add(answerWithin))
	for {
		var m struct {
			Type string `json:"type"`
			Ref  string `json:"ref"`
			talk.Error
			talk.Result
		}
		if err := p.ws.ReadJSON(&m); err != nil {
			return comment, err
		}
		switch {
		case m.Type == talk.TypeDone && m.Ref == ref && m.Comment != nil:
			return *m.Comment, nil
		case m.Type == talk.TypeRefused && m.Ref == ref:
			return comment, &m.Error
		case m.Type == talk.TypePing:
			if err := p.ws.WriteJSON(talk.Request{Type: talk.TypePong}); err != nil {
				return comment, err
			}
		}
	}
}

func (p *poster) hangUp() {
	if p.ws != nil {
		p.ws.Close()
		p.ws = nil
	}
}

// bodyOf is what is posted under a ref, so that whoever reads it knows which.
func bodyOf(ref string) string { return "Soaked " + ref }

// refOf is the ref of a comment.
func refOf(c talk.Comment) string {
	_, rest, _ := strings.Cut(c.HTML, "Soaked ")
	ref, _, _ := strings.Cut(rest, "<")
	return ref
}

// reason is why something wasn't done, in a word.
func reason(err error) string {
	if refused := (*talk.Error)(nil); errors.As(err, &refused) {
		return string(refused.Code)
	}
	if strings.Contains(err.Error(), "502") || errors.Is(err, websocket.ErrBadHandshake) {
		return "no node"
	}
	return "no answer"
}
