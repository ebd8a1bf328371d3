package forum_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"folkmoot/server/forum"
)

// A movingStore has pages that can move.
type movingStore struct {
	*fakeStore
	listed map[string]forum.Listing // by key
	moved  []string
}

func (s *movingStore) Page(_ context.Context, key string) (forum.Listing, error) {
	l, ok := s.listed[key]
	if !ok {
		return l, forum.ErrNoPage
	}
	return l, nil
}

func (s *movingStore) Move(_ context.Context, page string, to forum.Page, _ time.Time) (forum.Moved, error) {
	if s.listed[to.Key].Comments > 0 {
		return forum.Moved{}, forum.ErrTaken
	}
	s.moved = append(s.moved, page+" "+to.Key)
	l := s.listed[page]
	l.Page = to.Key
	s.listed[page], s.listed[to.Key] = l, l
	return forum.Moved{Thread: l.Thread, Comments: l.Comments}, nil
}

// A publication says where its pages are.
type publication struct {
	says  map[string]string
	asked []string
	done  chan struct{} // closed when it is asked of the last
}

func (p *publication) Leads(_ context.Context, page string) (string, error) {
	p.asked = append(p.asked, strings.TrimPrefix(page, site))
	if strings.HasSuffix(page, "/last") {
		close(p.done)
	}
	to, ok := p.says[strings.TrimPrefix(page, site)]
	if !ok {
		return "", errors.New("it doesn't answer")
	}
	return to, nil
}

const site = "https://blog.example/"

// A conversation follows its page only where the page itself says so, and nobody's
// conversation is there.
func TestHints(t *testing.T) {
	store := &movingStore{fakeStore: newFakeStore("t"), listed: map[string]forum.Listing{}}
	for page, comments := range map[string]int{"old": 3, "stays": 1, "silent": 0, "taken": 2, "there": 5, "away": 1, "gone": 1, "last": 1} {
		store.listed[site+page] = forum.Listing{Thread: page, Page: site + page, Comments: comments}
	}
	store.listed[site+"hearts"] = forum.Listing{Thread: "hearts", Page: site + "hearts", Address: site + "hearts/", Reactions: 1}
	w := newWorld(t, func(c *forum.Config, _ *world) {
		c.Store = store
		c.Origins, _ = forum.ParseOrigins("http://127.0.0.1:8080", []string{"https://blog.example"})
	})
	p := &publication{done: make(chan struct{}), says: map[string]string{
		"old": site + "new/", "stays": "", "gone": site, "taken": site + "there", "hearts/": site + "loved/?utm_source=x", "last": "",
	}}
	for _, hint := range [][2]string{
		{site + "old/", site + "stays"}, // hearsay: where it is to be doesn't count
		{site + "old?utm_source=x", site + "new"},
		{site + "stays", site + "evil"},
		{site + "silent", site + "new"},
		{site + "taken", site + "there"},
		{site + "hearts", site + "loved"},
		{site + "away", site + "new"},
		{site + "nobody", site + "new"},
		{site + "gone", site + "new"}, // it says that it is the site's front page
		{site + "same/", site + "same/index.html"},
		{site + "old", "https://other.example/new"},
		{"https://other.example/old", "https://other.example/new"}, // may not embed
		{"http://localhost:22/", "http://localhost:22/x"},
		{"javascript:alert(1)", site + "new"},
		{site + "stays", site + "evil2"}, // was asked just now
		{site + "last", site + "new"},
	} {
		w.Hint(hint[0], hint[1])
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { w.Follow(ctx, p); close(ended) }()
	<-p.done
	stop()
	<-ended
	if want := []string{"old", "stays", "taken", "hearts/", "away", "gone", "last"}; !slices.Equal(p.asked, want) {
		t.Errorf("asked were %q, want %q", p.asked, want)
	}
	if want := []string{site + "old " + site + "new", site + "hearts " + site + "loved"}; !slices.Equal(store.moved, want) {
		t.Errorf("moved were %q, want %q", store.moved, want)
	}
	for _, want := range []string{"a page has moved: it says so itself", "folkmoot page merge", "it doesn't answer"} {
		if !strings.Contains(w.log.String(), want) {
			t.Errorf("the log doesn't say %q:\n%s", want, w.log)
		}
	}
	for range 1000 { // nobody waits, however many there are
		w.Hint(site+"old", site+"new")
	}
}
