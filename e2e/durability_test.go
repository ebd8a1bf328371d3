package e2e

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"folkmoot/app/talk"
)

// A post is one comment that somebody wants on disk.
type post struct {
	key, body string
	by        *caller
	answered  bool // with 2xx
	id        string
}

func (p *post) send(thread string) error {
	var c talk.Comment
	_, err := p.by.try(http.MethodPost, "threads/"+thread+"/comments", p.key, map[string]string{"body": p.body, "name": p.by.name}, &c)
	if err == nil {
		p.answered, p.id = true, c.ID
	}
	return err
}

// Acknowledged means durable: the server is killed in the middle of 500 posts,
// and of those it answered each is there, once. The others are sent again, as a
// browser would.
func TestKilledDuring500Posts(t *testing.T) {
	const posts, people = 500, 50
	s := start(t)
	thread := s.caller("x").thread(s.url("/demo"))
	callers := make([]*caller, people)
	for i := range callers {
		callers[i] = s.caller(fmt.Sprintf("Person %d", i))
		callers[i].call(http.MethodPost, "session", nil, nil)
	}
	all := make([]*post, posts)
	for i := range all {
		c := *callers[i%people] // one of their tabs
		all[i] = &post{key: fmt.Sprintf("key-%d-of-this-test", i), body: fmt.Sprintf("post<%d>", i), by: &c}
	}

	var wg sync.WaitGroup
	var once sync.Once
	answers := make(chan struct{}, posts)
	start := make(chan struct{})
	for _, p := range all {
		wg.Go(func() {
			<-start
			if p.send(thread.ID) == nil {
				answers <- struct{}{}
			}
		})
	}
	close(start)
	for range posts / 4 {
		<-answers
	}
	once.Do(s.kill)
	wg.Wait()

	s.restart()
	fresh := s.caller("x")
	onDisk := map[string]int{}
	byID := map[string]bool{}
	for _, c := range fresh.comments(thread.ID) {
		onDisk[c.HTML]++
		byID[c.ID] = true
	}
	answered := 0
	for _, p := range all {
		if !p.answered {
			continue
		}
		answered++
		if !byID[p.id] {
			t.Errorf("%s was acknowledged and is lost", p.key)
		}
	}
	if answered == posts {
		t.Fatal("all were answered before the kill: this test shows nothing")
	}
	t.Logf("killed after %d of %d answers; %d were on disk", answered, posts, len(byID))

	for _, p := range all {
		if p.answered {
			continue
		}
		if err := p.send(thread.ID); err != nil {
			t.Fatal(err)
		}
	}
	// One that was answered comes again, because its answer might have got lost.
	again := *all[0]
	if err := again.send(thread.ID); err != nil {
		t.Fatal(err)
	}
	if again.id != all[0].id {
		t.Errorf("the same key made %s, then %s", all[0].id, again.id)
	}

	onDisk = map[string]int{}
	comments := fresh.comments(thread.ID)
	for _, c := range comments {
		onDisk[c.HTML]++
	}
	if len(comments) != posts {
		t.Errorf("%d comments are on disk in the end, want %d", len(comments), posts)
	}
	for text, n := range onDisk {
		if n != 1 {
			t.Errorf("%s is there %d times", text, n)
		}
	}
	events := fresh.events(fresh.thread(s.url("/demo")))
	for i, e := range events {
		if e.Seq != uint64(i+1) {
			t.Fatalf("log entry %d has the number %d", i+1, e.Seq)
		}
	}
	if len(events) != posts {
		t.Errorf("the log has %d entries, want %d", len(events), posts)
	}
}
