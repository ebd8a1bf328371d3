package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"folkmoot/app/talk"
	"folkmoot/bench/rig"
)

// The thread: so many roots with a reply each, of some 200 characters.
const roots = 50

// A post is a comment to be made, at the widget or at a peer.
type post struct {
	name, headline, body string
	reply                int // to the root of this number, from 1; 0: a root
}

// posts are those of the thread: roots first.
func posts() (all []post) {
	for i := range 2 * roots {
		w := rig.NewWriter(uint64(i))
		p := post{body: w.Comment()}
		p.name, p.headline = w.Person()
		if i >= roots {
			p.reply = i - roots + 1
		}
		all = append(all, p)
	}
	return all
}

// meet makes somebody, and returns the header that says who.
func meet(w *rig.Wire, s *rig.Server) (cookie string, err error) {
	a, err := w.Do(rig.Request("POST", "/api/v1/session", s.Addr, "", []byte("{}")))
	if err == nil {
		err = a.Must(204)
	}
	if err != nil {
		return "", fmt.Errorf("asking for a session: %w", err)
	}
	pair, _, _ := bytes.Cut(a.Value("Set-Cookie"), []byte(";"))
	return "Cookie: " + string(pair) + "\r\n", nil
}

// seed fills the thread of a page.
func seed(s *rig.Server, page string) error {
	w, err := rig.Dial(s.Addr, time.Minute)
	if err != nil {
		return err
	}
	defer w.Close()
	cookie, err := meet(w, s)
	if err != nil {
		return err
	}
	a, err := w.Do(rig.Request("GET", "/api/v1/threads?page="+url.QueryEscape(page), s.Addr, cookie, nil))
	if err == nil {
		err = a.Must(200)
	}
	var thread talk.Thread
	if err == nil {
		err = json.Unmarshal(a.Body, &thread)
	}
	if err != nil {
		return fmt.Errorf("asking for a thread: %w", err)
	}
	made := []talk.Comment{{}}
	for i, p := range posts() {
		body, err := json.Marshal(map[string]string{"body": p.body, "name": p.name, "headline": p.headline, "parent": made[p.reply].ID})
		if err != nil {
			return err
		}
		key := fmt.Sprintf("Idempotency-Key: post-%d\r\n", i)
		a, err := w.Do(rig.Request("POST", "/api/v1/threads/"+thread.ID+"/comments", s.Addr, cookie+key, body))
		if err == nil {
			err = a.Must(201)
		}
		if err != nil {
			return fmt.Errorf("posting: %w", err)
		}
		var c talk.Comment
		if err := json.Unmarshal(a.Body, &c); err != nil {
			return err
		}
		made = append(made, c)
	}
	return nil
}

// warm asks for the page as browsers will, so that it is in the server's cache
// as other readers leave it there: packed quickly for the first one, better for
// those who come a moment after the second.
func warm(ctx context.Context, s *rig.Server, page string) error {
	w, err := rig.Dial(s.Addr, time.Minute)
	if err != nil {
		return err
	}
	defer w.Close()
	for range 2 {
		a, err := w.Do(rig.Request("GET", "/embed?page="+url.QueryEscape(page)+"&lang=en", s.Addr, "Accept-Encoding: br\r\nSec-Fetch-Dest: iframe\r\n", nil))
		if err == nil {
			err = a.Must(200)
		}
		if err == nil {
			err = rig.Sleep(ctx, time.Second)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
