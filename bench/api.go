package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"sync"

	"folkmoot/app/talk"
	"folkmoot/bench/rig"
)

// A client is somebody with a session and a connection.
type client struct {
	*rig.Wire
	cookie string // as a header line
}

// meet connects a client and asks for a session.
func (b *bench) meet(s *rig.Server) (*client, error) {
	w, err := rig.Dial(s.Addr, longest)
	if err != nil {
		return nil, err
	}
	a, err := w.Do(rig.Request("POST", "/api/v1/session", s.Addr, "", []byte("{}")))
	if err == nil {
		err = a.Must(204)
	}
	pair, _, _ := bytes.Cut(a.Value("Set-Cookie"), []byte(";"))
	if err == nil && len(pair) == 0 {
		err = fmt.Errorf("a session without a cookie: %q", a.Header)
	}
	if err != nil {
		w.Close()
		return nil, fmt.Errorf("asking for a session: %w", err)
	}
	return &client{w, "Cookie: " + string(pair) + "\r\n"}, nil
}

// meetAll connects so many.
func (b *bench) meetAll(s *rig.Server, n int) (all []*client, err error) {
	for range n {
		c, err := b.meet(s)
		if err != nil {
			leave(all)
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

func leave(all []*client) {
	for _, c := range all {
		c.Close()
	}
}

// page is the address of an article.
func page(name any) string { return fmt.Sprintf("http://localhost/bench/%v", name) }

// get reads JSON.
func (c *client) get(s *rig.Server, path string, into any) error {
	a, err := c.Do(rig.Request("GET", path, s.Addr, c.cookie, nil))
	if err == nil {
		err = a.Must(200)
	}
	if err != nil {
		return fmt.Errorf("GET %s: %w", path, err)
	}
	return json.Unmarshal(a.Body, into)
}

// thread opens the thread of a page, or reads it again.
func (c *client) thread(s *rig.Server, page string) (t talk.Thread, err error) {
	return t, c.get(s, "/api/v1/threads?page="+url.QueryEscape(page), &t)
}

// list reads all comments of a thread, each once.
func (c *client) list(s *rig.Server, thread string) (all []talk.Comment, err error) {
	seen := map[string]bool{}
	for after := ""; ; {
		var part struct {
			Comments []talk.Comment
			Next     string
		}
		path := fmt.Sprintf("/api/v1/threads/%s/comments?limit=%d&after=%s", thread, talk.ListRootsMax, url.QueryEscape(after))
		if err := c.get(s, path, &part); err != nil {
			return nil, err
		}
		for _, m := range part.Comments {
			if seen[m.ID] {
				return nil, fmt.Errorf("comment %s was listed twice", m.ID)
			}
			seen[m.ID] = true
		}
		all = append(all, part.Comments...)
		if after = part.Next; after == "" || len(part.Comments) == 0 {
			return all, nil
		}
	}
}

// A draft is the JSON of a post.
type draft struct {
	Body     string `json:"body"`
	Parent   string `json:"parent,omitempty"`
	Name     string `json:"name"`
	Headline string `json:"headline,omitempty"`
}

func newDraft(w *rig.Writer, parent string) draft {
	d := draft{Body: w.Comment(), Parent: parent}
	d.Name, d.Headline = w.Person()
	return d
}

func (d draft) json() []byte {
	b, err := json.Marshal(d)
	if err != nil {
		panic(err) // of strings only
	}
	return b
}

// post posts once.
func (c *client) post(s *rig.Server, thread, ref string, d draft) (m talk.Comment, err error) {
	req := rig.Request("POST", "/api/v1/threads/"+thread+"/comments", s.Addr, c.cookie+"Idempotency-Key: "+ref+"\r\n", d.json())
	a, err := c.Do(req)
	if err == nil {
		err = a.Must(201)
	}
	if err != nil {
		return m, fmt.Errorf("posting: %w", err)
	}
	return m, json.Unmarshal(a.Body, &m)
}

// seed fills a page's thread with so many roots, and one reply to each if
// wanted. Several people write at once, which is faster and changes nothing
// but the order.
func (b *bench) seed(s *rig.Server, page string, roots int, replies bool) (talk.Thread, error) {
	const writers = 16
	people, err := b.meetAll(s, writers)
	if err != nil {
		return talk.Thread{}, err
	}
	defer leave(people)
	thread, err := people[0].thread(s, page)
	if err != nil {
		return talk.Thread{}, err
	}
	errs := make([]error, writers)
	var group sync.WaitGroup
	for p, c := range people {
		group.Go(func() { errs[p] = c.fill(s, thread.ID, p, writers, roots, replies) })
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return talk.Thread{}, fmt.Errorf("filling a thread: %w", err)
		}
	}
	want := roots
	if replies {
		want *= 2
	}
	if thread, err = people[0].thread(s, page); err == nil && thread.Comments != want {
		err = fmt.Errorf("%d comments were posted, and there are %d", want, thread.Comments)
	}
	return thread, err
}

// fill writes every so-manieth root.
func (c *client) fill(s *rig.Server, thread string, first, step, roots int, replies bool) error {
	for i := first; i < roots; i += step {
		w := rig.NewWriter(uint64(i))
		root, err := c.post(s, thread, fmt.Sprintf("root-%d", i), newDraft(w, ""))
		if err != nil {
			return err
		}
		if !replies {
			continue
		}
		if _, err := c.post(s, thread, fmt.Sprintf("reply-%d", i), newDraft(w, root.ID)); err != nil {
			return err
		}
	}
	return nil
}
