package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"folkmoot/app/talk"
	"folkmoot/server/push/pushtest"
)

// guest is somebody new, by their cookie.
func (p *program) guest() string {
	p.t.Helper()
	res := p.ask("POST", "/api/v1/session", "", nil, nil)
	if res.StatusCode != http.StatusNoContent || len(res.Cookies()) == 0 {
		p.t.Fatal(res.Status)
	}
	c := res.Cookies()[0]
	return c.Name + "=" + c.Value
}

// answers posts a comment as somebody.
func (p *program) answers(cookie, thread, parent, body string) (c talk.Comment) {
	p.t.Helper()
	res := p.ask("POST", "/api/v1/threads/"+thread+"/comments", cookie, map[string]string{"body": body, "parent": parent, "name": "Ann"}, &c)
	if res.StatusCode != http.StatusCreated {
		p.t.Fatal(res.Status)
	}
	return c
}

func (p *program) key() string {
	p.t.Helper()
	var k struct{ Key string }
	if res := p.ask("GET", "/api/v1/push", "", nil, &k); res.StatusCode != http.StatusOK || k.Key == "" {
		p.t.Fatal(res.Status, k)
	}
	return k.Key
}

// Nodes share the keys, and tell each device once, whichever of them was written
// to.
func TestNodesTellDevicesOnce(t *testing.T) {
	s, service := startShared(t), pushtest.Start(t)
	local := func(c *serve) { c.PushLocal = true }
	one, two := s.node(t, local), s.node(t, local)
	if a, b := one.key(), two.key(); a != b {
		t.Errorf("the keys are %s and %s", a, b)
	}
	ann, bob := one.guest(), two.guest()
	if res := two.ask("POST", "/api/v1/push", ann, service.Device("phone").Subscription(), nil); res.StatusCode != http.StatusNoContent {
		t.Fatal(res.Status)
	}
	thread := one.thread().ID
	hers := one.answers(ann, thread, "", "x")
	const each = 10
	want := map[string]bool{}
	for i := range each {
		for n, p := range []*program{one, two} {
			body := fmt.Sprintf("answer %d by %d", i, n)
			want[body] = true
			p.answers(bob, thread, hers.ID, body)
		}
	}
	service.Await(2 * each)
	if err := one.end(); err != nil { // what it was doing is done
		t.Error(err)
	}
	if err := two.end(); err != nil {
		t.Error(err)
	}
	all := service.Taken()
	for _, m := range all {
		if m.Device != "phone" || !want[m.Body] {
			t.Errorf("it is told %+v, twice perhaps", m.Said)
		}
		delete(want, m.Body)
	}
	if len(want) > 0 {
		t.Errorf("it isn't told %v", want)
	}
}

// The key is there after a restart, and what was not sent before is sent then.
func TestPushSurvivesARestart(t *testing.T) {
	data, service := t.TempDir(), pushtest.Start(t)
	start := func() *program {
		c := config(data)
		c.PushLocal = true
		return begin(t, c)
	}
	p := start()
	key, ann, bob := p.key(), p.guest(), p.guest()
	if res := p.ask("POST", "/api/v1/push", ann, service.Device("phone").Subscription(), nil); res.StatusCode != http.StatusNoContent {
		t.Fatal(res.Status)
	}
	thread := p.thread().ID
	p.answers(bob, thread, p.answers(ann, thread, "", "x").ID, "answer")
	if err := p.end(); err != nil { // before it is sent, or after
		t.Fatal(err)
	}
	if p = start(); p.key() != key {
		t.Errorf("the key was %s, and is %s", key, p.key())
	}
	if m := service.Await(1)[0]; m.Body != "answer" {
		t.Errorf("it is told %+v", m.Said)
	}
}

func TestPushFlags(t *testing.T) {
	c := config(t.TempDir())
	c.Push = "off"
	if res := begin(t, c).ask("GET", "/api/v1/push", "", nil, nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("where it is off: %s", res.Status)
	}
	for _, contact := range []string{"admin@blog.example", "http://blog.example", "mailto:a b"} {
		_, errs, status := run(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", t.TempDir(), "--push-contact", contact)
		if status == 0 || !strings.Contains(errs, "mailto:admin@blog.example") {
			t.Errorf("--push-contact %q: %q", contact, errs)
		}
	}
}
