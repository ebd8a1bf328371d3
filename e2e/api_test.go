package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"folkmoot/app/talk"
)

// A caller is somebody who uses the API instead of a browser: to prepare a
// conversation, and to see what is really on disk.
type caller struct {
	t      *testing.T
	server *server
	name   string
	token  string // of the session, once there is one
}

func (s *server) caller(name string) *caller { return &caller{t: s.t, server: s, name: name} }

// try makes a call and returns its status, or an error if it got no answer.
func (c *caller) try(method, path, key string, body, answer any) (int, error) {
	var b []byte
	if body != nil {
		b, _ = json.Marshal(body) // maps of strings: can't fail
	}
	r, err := http.NewRequestWithContext(context.Background(), method, c.server.url("/api/v1/"+path), bytes.NewReader(b))
	if err != nil {
		return 0, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	for _, cookie := range resp.Cookies() {
		if strings.HasSuffix(cookie.Name, "folkmoot") {
			c.token = cookie.Value
		}
	}
	if resp.StatusCode < 300 && answer != nil {
		return resp.StatusCode, json.Unmarshal(text, answer)
	}
	if resp.StatusCode >= 300 {
		return resp.StatusCode, fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, text)
	}
	return resp.StatusCode, nil
}

func (c *caller) call(method, path string, body, answer any) {
	c.t.Helper()
	if _, err := c.try(method, path, "", body, answer); err != nil {
		c.t.Fatal(err)
	}
}

// thread is the thread of a page.
func (c *caller) thread(page string) talk.Thread {
	c.t.Helper()
	var t talk.Thread
	c.call(http.MethodGet, "threads?page="+url.QueryEscape(page), nil, &t)
	return t
}

func (c *caller) post(thread, parent, body string) talk.Comment {
	c.t.Helper()
	var m talk.Comment
	c.call(http.MethodPost, "threads/"+thread+"/comments", map[string]string{"body": body, "parent": parent, "name": c.name}, &m)
	return m
}

func (c *caller) remove(comment string) {
	c.t.Helper()
	c.call(http.MethodDelete, "comments/"+comment, nil, nil)
}

func (c *caller) react(thread, kind string) {
	c.t.Helper()
	c.call(http.MethodPut, "threads/"+thread+"/reactions/"+kind, nil, nil)
}

func (c *caller) like(comment string) {
	c.t.Helper()
	c.call(http.MethodPut, "comments/"+comment+"/like", nil, nil)
}

// comments are all of a thread's.
func (c *caller) comments(thread string) []talk.Comment {
	c.t.Helper()
	var all []talk.Comment
	for after := ""; ; {
		var page struct {
			Comments []talk.Comment `json:"comments"`
			Next     string         `json:"next"`
		}
		c.call(http.MethodGet, "threads/"+thread+"/comments?limit=200&after="+url.QueryEscape(after), nil, &page)
		all = append(all, page.Comments...)
		if after = page.Next; after == "" {
			return all
		}
	}
}

// events are all of a thread's log.
func (c *caller) events(thread talk.Thread) []talk.Event {
	c.t.Helper()
	var all []talk.Event
	for {
		var part struct {
			Events []talk.Event `json:"events"`
			Resync bool         `json:"resync"`
		}
		since := uint64(0)
		if len(all) > 0 {
			since = all[len(all)-1].Seq
		}
		c.call(http.MethodGet, fmt.Sprintf("threads/%s/events?since=%d&epoch=%s", thread.ID, since, thread.Epoch), nil, &part)
		if part.Resync {
			c.t.Fatal("the log can't be read from its start")
		}
		if len(part.Events) == 0 {
			return all
		}
		all = append(all, part.Events...)
	}
}

// containing counts the comments whose text holds a word.
func containing(comments []talk.Comment, word string) int {
	n := 0
	for _, c := range comments {
		n += strings.Count(c.HTML, word)
	}
	return n
}

// fill posts so many comments, "Comment number 1" and on, and returns them.
func (c *caller) fill(thread string, n int) []talk.Comment {
	c.t.Helper()
	var all []talk.Comment
	for i := range n {
		all = append(all, c.post(thread, "", fmt.Sprintf("Comment number %d. It has a few words, so that it takes some room on the page.", i+1)))
	}
	return all
}
