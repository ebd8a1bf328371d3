package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gorilla/websocket"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

const blog = "http://localhost:1313/"

// on is the thread of a page of the blog's.
func (p *program) on(page string) (thread talk.Thread) {
	p.t.Helper()
	if res := p.ask("GET", "/api/v1/threads?page="+url.QueryEscape(blog+page), "", nil, &thread); res.StatusCode != http.StatusOK {
		p.t.Fatal(res.Status)
	}
	return thread
}

// says posts a comment as somebody new.
func (p *program) says(thread, body string) (c talk.Comment) {
	p.t.Helper()
	res := p.ask("POST", "/api/v1/threads/"+thread+"/comments", "", map[string]string{"body": body, "name": "Ann"}, &c)
	if res.StatusCode != http.StatusCreated {
		p.t.Fatal(res.Status)
	}
	return c
}

// told waits until a socket tells of a thread's entry of a kind.
func told(t *testing.T, ws *websocket.Conn, kind talk.EventKind) {
	t.Helper()
	read(t, ws, talk.TypeEvent, func(m talk.Entry) bool { return m.Event.Kind == kind })
}

// succeed runs a command that must succeed, and returns what it prints.
func succeed(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, status := run(t, nil, args...)
	if status != 0 || errs != "" {
		t.Fatalf("folkmoot %v: %q, %q, %d", args, out, errs, status)
	}
	return out
}

// moves runs the commands beside nodes that are at work, of which the first is
// written to and the last is watched.
func moves(t *testing.T, nodes []*program, flags ...string) {
	first, last := nodes[0], nodes[len(nodes)-1]
	from, into := first.on("from"), first.on("into")
	said := map[string]string{"a": first.says(from.ID, "Said on a page that moves.").ID, "b": first.says(into.ID, "Said where it goes.").ID}
	for _, p := range nodes { // what they remember is to be forgotten
		p.awaitText("/embed?page="+url.QueryEscape(blog+"from"), said["a"])
		p.awaitText("/embed?page="+url.QueryEscape(blog+"into"), said["b"])
	}
	there, here := last.view(from), last.view(into)
	defer there.Close()
	defer here.Close()

	command := func(args ...string) []string { return append(append([]string{"page"}, args...), flags...) }
	_, errs, status := run(t, nil, command("move", blog+"from/", blog+"into")...)
	if status == 0 || !strings.Contains(errs, "folkmoot page merge") {
		t.Errorf("moving to a page that has a conversation says %q", errs)
	}
	if _, errs, status = run(t, nil, command("move", blog+"none", blog+"into")...); status == 0 || !strings.Contains(errs, "folkmoot page list") {
		t.Errorf("moving what isn't there says %q", errs)
	}
	succeed(t, command("move", blog+"from/", blog+"moved/?utm_source=x")...)
	told(t, there, talk.ThreadMoved)
	for _, p := range nodes {
		for _, page := range []string{"from", "moved"} {
			if got := p.on(page); got.ID != from.ID || got.Article() != blog+"moved/" {
				t.Errorf("%s leads to %s, at %s", page, got.ID, got.Article())
			}
		}
	}
	if out := succeed(t, command("merge", blog+"moved", blog+"into")...); !strings.Contains(out, "2 comments") {
		t.Errorf("merging says %q", out)
	}
	told(t, here, talk.ThreadMerged)
	told(t, there, talk.ThreadMoved)
	for _, p := range nodes {
		for _, page := range []string{"from", "moved", "into"} {
			for _, id := range said {
				p.awaitText("/embed?page="+url.QueryEscape(blog+page), id)
			}
		}
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		res, err := client.Get(p.url + "/t/" + from.ID + "?sort=newest")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusMovedPermanently || res.Header.Get("Location") != "/t/"+into.ID+"?sort=newest" {
			t.Errorf("the old page answers %s, %s", res.Status, res.Header.Get("Location"))
		}
	}
	// Who still writes to the old one is heard in the new one.
	if c := first.says(from.ID, "To the old one."); c.Thread != into.ID {
		t.Errorf("it stands in %s, want %s", c.Thread, into.ID)
	}
	told(t, here, talk.CommentAdded)
	reactions := "/api/v1/threads/" + from.ID + "/reactions"
	first.ask("PUT", reactions+"/like", "", nil, nil)
	var reacted talk.Reacted
	first.ask("GET", reactions, "", nil, &reacted)
	if len(reacted.Kinds) != 1 || reacted.Kinds[0].Total != 1 {
		t.Errorf("who has reacted to the old one: %+v", reacted)
	}

	var l forum.Listing
	if err := json.Unmarshal([]byte(succeed(t, command("list", "--json")...)), &l); err != nil {
		t.Fatal(err)
	}
	if l.Page != blog+"into" || l.Comments != 3 || strings.Join(l.Former, " ") != blog+"from "+blog+"moved" {
		t.Errorf("listed is %+v", l)
	}
	if out := succeed(t, command("list")...); !strings.Contains(out, "3         1          "+blog+"into") || !strings.Contains(out, "was "+blog+"from") {
		t.Errorf("listed is\n%s", out)
	}
}

func TestPagesMoveBesideAServer(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := begin(t, config(data))
	moves(t, []*program{p}, "--data", data)
	if err := p.end(); err != nil {
		t.Fatal(err)
	}
	if out := succeed(t, "page", "list", "--data", data); !strings.Contains(out, blog+"into") { // without a server, too
		t.Errorf("listed is\n%s", out)
	}
	_, errs, status := run(t, nil, "page", "list", "--data", t.TempDir())
	if status == 0 || !strings.Contains(errs, "--data") {
		t.Errorf("of an empty folder it says %q", errs)
	}
}

func TestPagesMoveBesideNodes(t *testing.T) {
	s := startShared(t)
	moves(t, []*program{s.node(t, nil), s.node(t, nil)}, "--database", s.database)
}

// Rules in a file move what is there, lead whoever comes later, and are read
// again.
func TestPagesMoveByRules(t *testing.T) {
	dir := t.TempDir()
	rules := filepath.Join(dir, "moved")
	write := func(lines ...string) {
		t.Helper()
		if err := os.WriteFile(rules, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := config(filepath.Join(dir, "data"))
	p := begin(t, c)
	old := p.on("2023/a")
	p.says(old.ID, "Said before it moved.")
	if err := p.end(); err != nil {
		t.Fatal(err)
	}

	write("# Where things are now", blog+"2023/* "+blog+"archive/*", "nonsense")
	c.Moved = rules
	if err := c.run(t.Context(), newTranscript(), newTranscript()); err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Fatalf("a bad rule: %v", err)
	}
	write("# Where things are now", "", blog+"2023/*\t"+blog+"archive/*")
	p = begin(t, c)
	p.logs.await(t, `a page has moved.*from=(\S+)`)
	for _, page := range []string{"2023/a", "archive/a"} {
		if got := p.on(page); got.ID != old.ID || got.Page != blog+"archive/a" {
			t.Errorf("%s leads to %s of %s", page, got.ID, got.Page)
		}
	}
	if a, b := p.on("2023/new"), p.on("archive/new"); a.ID != b.ID || a.Page != blog+"archive/new" {
		t.Errorf("a page that nobody had opened leads to %s and %s", a.Page, b.Page)
	}
	var counts struct {
		Counts []struct{ Comments int }
	}
	p.ask("GET", "/api/v1/counts?page="+url.QueryEscape(blog+"2023/a"), "", nil, &counts)
	if counts.Counts[0].Comments != 1 {
		t.Errorf("counted are %+v", counts)
	}

	// Where both have something to say, it becomes one.
	about := p.on("about")
	p.says(about.ID, "Said there.")
	write(blog+"2023/* "+blog+"archive/*", blog+"archive/a "+blog+"about")
	p.logs.await(t, `a page has moved.*to=\S+/about merged=(true) comments=2`) // by itself
	if got := p.on("2023/a"); got.ID != about.ID || got.Comments != 2 {
		t.Errorf("it leads to %s with %d comments", got.ID, got.Comments)
	}
	write("nonsense")
	p.logs.await(t, `the old rules (go on)`)
	write(blog+"about "+blog+"us", fmt.Sprint("# ", os.Getpid()))
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	p.logs.await(t, `to=\S+/(us) `)
	if got := p.on("us"); got.ID != about.ID {
		t.Errorf("it leads to %s", got.ID)
	}
}
