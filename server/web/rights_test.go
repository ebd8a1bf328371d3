package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// owner is somebody who has opened an owner's link.
func (w *world) owner() *reader {
	w.t.Helper()
	r := w.guest()
	r.follow(r.form("/owner", url.Values{"token": {w.link()}}))
	return r
}

// link makes the token of an owner's link.
func (w *world) link() string {
	w.t.Helper()
	token, invitation := forum.NewLink(w.clock())
	if err := w.store.Invite(w.t.Context(), invitation); err != nil {
		w.t.Fatal(err)
	}
	return token
}

// moderator is somebody whom an owner has appointed.
func (w *world) moderator(owner *reader, thread string) *reader {
	w.t.Helper()
	r := w.guest()
	owner.send("POST", "/api/v1/moderators", map[string]any{"comment": r.say(thread, "", "I help").ID, "on": true}).want(200)
	return r
}

// hold puts a comment out of sight, or publishes it.
func (r *reader) hold(comment string, on bool) {
	r.w.t.Helper()
	r.send(map[bool]string{true: "PUT", false: "DELETE"}[on], "/api/v1/comments/"+comment+"/hold", "").want(200)
}

// try does what a test names by a method and a path; it is a form if that is
// under /do/.
func (r *reader) try(call, comment, thread string) int {
	r.w.t.Helper()
	method, path, _ := strings.Cut(call, " ")
	path, body, _ := strings.Cut(path, " ")
	path = strings.NewReplacer("{c}", comment, "{t}", thread).Replace(path)
	body = strings.ReplaceAll(body, "{c}", comment)
	if body == "" {
		return r.ask(method, path, nil, "").status
	}
	return r.send(method, path, body).status
}

func TestWhoMayWhat(t *testing.T) {
	w := start(t)
	owner := w.owner()
	thread, locked := owner.thread(article).ID, owner.thread(article+"/locked").ID
	mod := w.moderator(owner, thread)
	author, other, banned := w.guest(), w.guest(), w.guest()
	owner.send("PUT", "/api/v1/comments/"+banned.say(thread, "", "something bad").ID+"/ban", "").want(200)
	inLocked := author.say(locked, "", "before it was locked").ID
	owner.send("PUT", "/api/v1/threads/"+locked+"/lock", "").want(200)

	published := func() string { return author.say(thread, "", "text").ID }
	pending := func() string {
		c := published()
		owner.hold(c, true)
		return c
	}
	deletedBy := func(who *reader) func() string {
		return func() string {
			c := published()
			who.ask("DELETE", "/api/v1/comments/"+c, nil, "").want(200)
			return c
		}
	}
	const api = "/api/v1/"
	for _, tt := range []struct {
		name, call string
		of         func() string
		thread     string
		want       [6]int // nobody, another guest, the author, who is banned, a moderator, an owner
		undo       string // by the owner
	}{
		{"edit", "PATCH " + api + `comments/{c} {"body":"new"}`, published, thread, [6]int{403, 403, 200, 403, 403, 403}, ""},
		{"delete", "DELETE " + api + "comments/{c}", published, thread, [6]int{403, 403, 200, 403, 200, 200}, ""},
		{"restore what the author deleted", "POST " + api + "comments/{c}/restore", deletedBy(author), thread, [6]int{403, 403, 200, 403, 200, 200}, ""},
		{"restore what a moderator removed", "POST " + api + "comments/{c}/restore", deletedBy(mod), thread, [6]int{403, 403, 403, 403, 200, 200}, ""},
		{"flag", "POST " + api + `comments/{c}/flags {"reason":"spam"}`, published, thread, [6]int{200, 200, 403, 403, 200, 200}, ""},
		{"like", "PUT " + api + "comments/{c}/like", published, thread, [6]int{200, 200, 200, 403, 200, 200}, ""},
		{"take a like back", "DELETE " + api + "comments/{c}/like", published, thread, [6]int{200, 200, 200, 200, 200, 200}, ""},
		{"answer", "POST " + api + `threads/{t}/comments {"body":"x","parent":"{c}","name":"N"}`, published, thread, [6]int{201, 201, 201, 403, 201, 201}, ""},
		{"read the source", "GET " + api + "comments/{c}/source", published, thread, [6]int{403, 403, 200, 403, 403, 403}, ""},
		{"read the history", "GET " + api + "comments/{c}/history", published, thread, [6]int{403, 403, 200, 403, 200, 200}, ""},
		{"pin", "PUT " + api + "comments/{c}/pin", published, thread, [6]int{403, 403, 403, 403, 200, 200}, ""},
		{"unpin", "DELETE " + api + "comments/{c}/pin", published, thread, [6]int{403, 403, 403, 403, 200, 200}, ""},
		{"hold", "PUT " + api + "comments/{c}/hold", published, thread, [6]int{403, 403, 403, 403, 200, 200}, ""},
		{"publish", "DELETE " + api + "comments/{c}/hold", pending, thread, [6]int{403, 403, 403, 403, 200, 200}, ""},
		{"ban", "PUT " + api + "comments/{c}/ban", published, thread, [6]int{403, 403, 403, 403, 200, 200}, "DELETE " + api + "comments/{c}/ban"},
		{"appoint", "POST " + api + `moderators {"comment":"{c}","on":true}`, published, thread, [6]int{403, 403, 403, 403, 403, 200}, "POST " + api + `moderators {"comment":"{c}","on":false}`},
		{"credit", "POST " + api + `authors {"comment":"{c}","on":true}`, published, thread, [6]int{403, 403, 403, 403, 403, 200}, "POST " + api + `authors {"comment":"{c}","on":false}`},
		{"credit everywhere", "POST " + api + `authors {"comment":"{c}","on":true,"all":true}`, published, thread, [6]int{403, 403, 403, 403, 403, 200}, "POST " + api + `authors {"comment":"{c}","on":false,"all":true}`},
		{"lock", "PUT " + api + "threads/{t}/lock", published, thread, [6]int{403, 403, 403, 403, 200, 200}, "DELETE " + api + "threads/{t}/lock"},
		{"unlock", "DELETE " + api + "threads/{t}/lock", published, thread, [6]int{403, 403, 403, 403, 200, 200}, ""},
		{"see the queue", "GET " + api + "queue", published, thread, [6]int{403, 403, 403, 403, 200, 200}, ""},
		{"ask who they are", "GET " + api + "me", published, thread, [6]int{200, 200, 200, 200, 200, 200}, ""},
		{"preview", "POST " + api + `preview {"body":"x"}`, published, thread, [6]int{200, 200, 200, 200, 200, 200}, ""},
		{"guess a code", "POST " + api + `keeper {"code":"aaaa-aaaa"}`, published, thread, [6]int{403, 403, 403, 403, 403, 403}, ""},
		{"make a code", "POST /owner/code", published, thread, [6]int{403, 403, 403, 403, 403, 200}, ""},

		{"see what is held", "GET " + api + "comments/{c}/history", pending, thread, [6]int{422, 422, 200, 422, 200, 200}, ""},
		{"like what is held", "PUT " + api + "comments/{c}/like", pending, thread, [6]int{422, 422, 422, 422, 422, 422}, ""},
		{"answer what is held", "POST " + api + `threads/{t}/comments {"body":"x","parent":"{c}","name":"N"}`, pending, thread, [6]int{422, 422, 422, 403, 422, 422}, ""},
		{"delete what is held", "DELETE " + api + "comments/{c}", pending, thread, [6]int{403, 403, 200, 403, 200, 200}, ""},
		{"flag what is held", "POST " + api + `comments/{c}/flags {"reason":"spam"}`, pending, thread, [6]int{422, 422, 422, 403, 422, 422}, ""},

		{"post where it is locked", "POST " + api + `threads/{t}/comments {"body":"x","name":"N"}`, published, locked, [6]int{403, 403, 403, 403, 201, 201}, ""},
		{"react where it is locked", "PUT " + api + "threads/{t}/reactions/heart", published, locked, [6]int{200, 200, 200, 403, 200, 200}, ""},
		{"edit where it is locked", "PATCH " + api + `comments/{c} {"body":"new"}`, func() string { return inLocked }, locked, [6]int{403, 403, 403, 403, 403, 403}, ""},
		{"delete where it is locked", "DELETE " + api + "comments/{c}", func() string { return inLocked }, locked, [6]int{403, 403, 200, 403, 200, 200}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for i, who := range []*reader{w.nobody(), other, author, banned, mod, owner} {
				comment := tt.of()
				if got := who.try(tt.call, comment, tt.thread); got != tt.want[i] {
					t.Errorf("%s: %d, want %d", []string{"nobody", "another guest", "the author", "who is banned", "a moderator", "an owner"}[i], got, tt.want[i])
				}
				if tt.undo != "" {
					if got := owner.try(tt.undo, comment, tt.thread); got != 200 {
						t.Fatalf("undoing it: %d", got)
					}
				}
			}
		})
	}
}

// What is out of sight is in nothing that a reader can get, whichever way it
// went there.
func TestOutOfSightIsNowhere(t *testing.T) {
	w := startWith(t, setup{origins: []string{blog}, rules: forum.Rules{Hold: forum.HoldFirst}})
	owner := w.owner()
	thread := owner.thread(article).ID
	const marker = "Xyzzy1" // in every text and name that is to vanish
	author := w.guest()
	say := func(parent string, status int) string {
		t.Helper()
		c := decode[talk.Comment](author.send("POST", "/api/v1/threads/"+thread+"/comments", post{Body: "text " + marker, Parent: parent, Name: "Name " + marker, Headline: marker}).want(status))
		return c.ID
	}
	first := say("", 202)
	owner.hold(first, false)
	held, removed, both, answered := say("", 201), say("", 201), say("", 201), say("", 201)
	owner.say(thread, answered, "an answer")
	author.send("PATCH", "/api/v1/comments/"+removed, post{Body: "changed " + marker}).want(200)
	owner.send("PUT", "/api/v1/comments/"+both+"/pin", "").want(200)

	var mu sync.Mutex
	var published []talk.Update
	stop, err := w.bus.Subscribe(t.Context(), thread, func(u talk.Update) {
		mu.Lock()
		defer mu.Unlock()
		published = append(published, u)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	owner.hold(held, true)
	author.ask("DELETE", "/api/v1/comments/"+removed, nil, "").want(200)
	owner.hold(both, true)
	owner.ask("DELETE", "/api/v1/comments/"+both, nil, "").want(200)
	owner.ask("DELETE", "/api/v1/comments/"+answered, nil, "").want(200)
	author.ask("DELETE", "/api/v1/comments/"+first, nil, "").want(200)
	pending := say("", 202) // nothing of theirs is published any more
	all := map[string]string{"held": held, "removed": removed, "held and removed": both, "answered": answered, "first": first, "pending": pending}

	seen := map[string]string{}
	for name, r := range map[string]*reader{"nobody": w.nobody(), "another": w.guest()} {
		for _, path := range []string{
			"/api/v1/threads?page=" + url.QueryEscape(article), "/api/v1/threads/" + thread + "/events?since=0", "/api/v1/counts?page=" + url.QueryEscape(article),
			"/api/v1/threads/" + thread + "/comments", "/api/v1/threads/" + thread + "/comments?sort=newest", "/api/v1/threads/" + thread + "/comments?sort=top&limit=1",
			embed(article), embed(article, "sort", "newest"), embed(article, "reply", held), embed(article, "reply", pending), "/api/v1/me", "/api/v1/queue",
		} {
			seen[name+" "+path] = string(r.get(path).body)
		}
		for what, c := range all {
			for _, call := range []string{"/source", "/history"} {
				a := r.get("/api/v1/comments/" + c + call)
				if a.status < 400 {
					t.Errorf("%s may read %s of what is %s", name, call, what)
				}
				seen[name+" "+what+call] = string(a.body)
			}
			for _, call := range []string{"DELETE /api/v1/comments/{c}", "POST /api/v1/comments/{c}/restore", "PUT /api/v1/comments/{c}/like"} {
				if status := r.try(call, c, thread); status < 400 {
					t.Errorf("%s of what is %s: %d", call, what, status)
				}
			}
			seen[name+" form "+what] = string(r.form("/do/edit", url.Values{"comment": {c}, "thread": {thread}}).body)
		}
		seen[name+" socket"] = strings.Join(r.listen(thread), "\n")
	}
	mu.Lock()
	b, err := json.Marshal(published)
	mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	seen["the bus"] = string(b)
	for where, text := range seen {
		if text == "" {
			t.Errorf("%s: nothing was read", where)
		}
		if strings.Contains(text, marker) {
			t.Errorf("%s tells what is out of sight: %s", where, text)
		}
		if strings.Contains(text, pending) && !strings.Contains(where, "reply") && !strings.HasPrefix(where, "nobody") && !strings.Contains(where, "embed") {
			t.Errorf("%s tells of what was never published: %s", where, text)
		}
	}
	for name, r := range map[string]*reader{"its author": author, "the owner": owner} {
		for _, path := range []string{"/api/v1/threads/" + thread + "/comments", embed(article)} {
			if n := strings.Count(string(r.get(path).body), "text "+marker); n == 0 {
				t.Errorf("%s doesn't see in %s what is held", name, path)
			}
		}
	}
}

// listen joins a thread from its beginning and returns what comes, up to where
// the thread stands.
func (r *reader) listen(thread string) (messages []string) {
	t := r.w.t
	t.Helper()
	now := decode[events](r.get("/api/v1/threads/" + thread + "/events?since=0").want(200))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	header := map[string][]string{}
	if r.cookie != "" {
		header["Cookie"] = []string{r.cookie}
	}
	ws, res, err := websocket.DefaultDialer.DialContext(ctx, "ws"+strings.TrimPrefix(r.w.url, "http")+"/api/v1/live", header)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	defer ws.Close()
	if err := ws.WriteJSON(talk.Request{Type: talk.TypeJoin, Thread: thread, Epoch: now.Epoch}); err != nil {
		t.Fatal(err)
	}
	for {
		_, text, err := ws.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, string(text))
		if strings.Contains(string(text), fmt.Sprintf(`"event":{"seq":%d,`, now.Seq)) {
			return messages
		}
	}
}

// The socket carries the same commands to the same place.
func TestKeepingOverTheSocket(t *testing.T) {
	w := start(t)
	owner, ann := w.owner(), w.guest()
	thread := ann.thread(article).ID
	c := ann.say(thread, "", "text").ID
	for i, step := range []struct {
		who     *reader
		command talk.Command
		want    string
	}{
		{ann, talk.Command{Kind: talk.Edit, Comment: c, Body: "new"}, `"type":"done"`},
		{ann, talk.Command{Kind: talk.Pin, Comment: c, On: true}, `"code":"forbidden"`},
		{owner, talk.Command{Kind: talk.Pin, Comment: c, On: true}, `"pinned":true`},
		{owner, talk.Command{Kind: talk.Flag, Comment: c, Reason: talk.Spam}, `"flagged":true`},
		{owner, talk.Command{Kind: talk.Hold, Comment: c, On: true}, `"state":"held"`},
		{owner, talk.Command{Kind: talk.Hold, Comment: c}, `"state":"published"`},
		{owner, talk.Command{Kind: talk.Lock, Thread: thread, On: true}, `"locked":true`},
		{owner, talk.Command{Kind: talk.Appoint, Comment: c, On: true}, `"moderator":true`},
		{owner, talk.Command{Kind: talk.Ban, Comment: c, On: true}, `"banned":true`},
		{ann, talk.Command{Kind: talk.Delete, Comment: c}, `"state":"removed"`},
		{owner, talk.Command{Kind: talk.Restore, Comment: c}, `"state":"published"`},
	} {
		ws, res, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(w.url, "http")+"/api/v1/live", map[string][]string{"Cookie": {step.who.cookie}})
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if err := ws.WriteJSON(talk.Request{Type: talk.TypeDo, Ref: fmt.Sprint(i), Command: &step.command}); err != nil {
			t.Fatal(err)
		}
		if _, text, err := ws.ReadMessage(); err != nil || !strings.Contains(string(text), step.want) {
			t.Errorf("%s: %s, %v; want %s", step.command.Kind, text, err, step.want)
		}
		ws.Close()
	}
}
