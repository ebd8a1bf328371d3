package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"folkmoot/app/talk"
)

// A thread is a conversation, with what is known of it from outside.
type thread struct {
	talk.Thread // as it was at first

	mu      sync.Mutex
	entries []entry              // by number, the first is 1
	acked   map[string]time.Time // when a comment was first acknowledged, by id
	refs    map[string]string    // the comment's id, by the ref that it was acknowledged with
}

// An entry is a log entry as it first came to anybody, and who has seen it.
type entry struct {
	comment string
	seen    []sight
}

// A sight is when a viewer got an entry.
type sight struct {
	by *viewer
	at time.Time
}

func (r *run) open(ctx context.Context, number int) (*thread, error) {
	t := &thread{acked: map[string]time.Time{}, refs: map[string]string{}}
	page := fmt.Sprintf("http://localhost:1313/soak-%d", number+1)
	_, err := r.ask(ctx, http.MethodGet, r.cluster.URL+"/api/v1/threads?page="+url.QueryEscape(page), question{}, &t.Thread)
	return t, err
}

// now reads the thread as a node knows it.
func (r *run) now(ctx context.Context, node string, t *thread) (now talk.Thread, err error) {
	_, err = r.ask(ctx, http.MethodGet, node+"/api/v1/threads?page="+url.QueryEscape(t.Page), question{}, &now)
	return now, err
}

// saw notes that a viewer got an entry. It must be the same for everybody.
func (t *thread) saw(v *viewer, e talk.Event) error {
	at := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	for uint64(len(t.entries)) < e.Seq {
		t.entries = append(t.entries, entry{})
	}
	known := &t.entries[e.Seq-1]
	if known.comment == "" {
		known.comment = e.Comment.ID
	}
	known.seen = append(known.seen, sight{v, at})
	if known.comment != e.Comment.ID {
		return fmt.Errorf("entry %d is comment %s at one viewer and %s at another", e.Seq, known.comment, e.Comment.ID)
	}
	return nil
}

// acknowledged notes that a post was.
func (t *thread) acknowledged(ref, comment string) {
	at := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refs[ref] = comment
	t.acked[comment] = at
}

// early is a comment among the first, which reactors like.
func (t *thread) early(n int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n >= len(t.entries) {
		return ""
	}
	return t.entries[n].comment
}

// likes reads the comments' likes, of a thread that may be written to.
func (r *run) likes(ctx context.Context, node string, t *thread) (map[string]int, error) {
	likes := map[string]int{}
	all, err := r.comments(ctx, node, t)
	for _, c := range all {
		likes[c.ID] = c.Likes
	}
	return likes, err
}

// comments reads all of a thread's.
func (r *run) comments(ctx context.Context, node string, t *thread) (all []talk.Comment, err error) {
	for after := ""; ; {
		var page struct {
			Comments []talk.Comment `json:"comments"`
			Next     string         `json:"next"`
		}
		address := fmt.Sprintf("%s/api/v1/threads/%s/comments?sort=oldest&limit=%d&after=%s", node, t.ID, talk.ListRootsMax, after)
		if _, err := r.ask(ctx, http.MethodGet, address, question{}, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Comments...)
		if after = page.Next; after == "" {
			return all, nil
		}
	}
}
