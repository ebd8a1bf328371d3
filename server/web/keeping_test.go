package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

func TestEditKeepsHistory(t *testing.T) {
	w := start(t)
	ann, bob := w.guest(), w.guest()
	thread := ann.thread(article).ID
	c := ann.say(thread, "", "first *one*")
	bob.ask("PUT", "/api/v1/comments/"+c.ID+"/like", nil, "").want(200)
	w.later(time.Minute)
	now := decode[talk.Comment](ann.send("PATCH", "/api/v1/comments/"+c.ID, post{Body: "second <b>"}).want(200))
	if now.HTML != "<p>second &lt;b&gt;</p>" || !now.EditedAt.Equal(w.clock()) || now.Likes != 1 || !now.At.Equal(c.At) {
		t.Errorf("%+v", now)
	}
	type history struct {
		History []talk.Revision `json:"history"`
	}
	h := decode[history](ann.get("/api/v1/comments/" + c.ID + "/history").want(200)).History
	if len(h) != 1 || h[0].Body != "first *one*" || !h[0].At.Equal(c.At) {
		t.Errorf("%+v", h)
	}
	if b := string(ann.get("/api/v1/comments/" + c.ID + "/source").want(200).body); b != `{"body":"second \u003cb\u003e"}` {
		t.Errorf("the source is %s", b)
	}
	for body, field := range map[string]string{"": "body", strings.Repeat("x", 10_001): "body", "\u200b": "body"} {
		if p := decode[problem](ann.send("PATCH", "/api/v1/comments/"+c.ID, post{Body: body}).want(422)); p.Errors[0].Field != field {
			t.Errorf("%+v", p)
		}
	}
	ann.with("Idempotency-Key", "k").send("PATCH", "/api/v1/comments/"+c.ID, post{Body: "third"}).want(200)
	ann.with("Idempotency-Key", "k").send("PATCH", "/api/v1/comments/"+c.ID, post{Body: "fourth"}).want(409)
	w.later(15 * time.Minute)
	ann.send("PATCH", "/api/v1/comments/"+c.ID, post{Body: "late"}).wantProblem(403, talk.Forbidden, "comment")
	all := decode[events](w.nobody().get("/api/v1/threads/" + thread + "/events?since=0").want(200)).Events
	if len(all) != 3 || all[0].Comment.HTML != "<p>third</p>" || all[2].Kind != talk.CommentEdited {
		t.Errorf("%+v", all)
	}
}

func TestPreviewIsWhatAPostGets(t *testing.T) {
	w := start(t)
	r := w.nobody()
	const body = "**bold** <script>alert(1)</script> https://example.org\n\n> quote"
	type preview struct {
		HTML string `json:"html"`
	}
	shown := decode[preview](r.send("POST", "/api/v1/preview", post{Body: body}).want(200)).HTML
	if r.cookie != "" {
		t.Error("a preview made a guest")
	}
	thread := r.thread(article).ID
	if c := r.say(thread, "", body); c.HTML != shown {
		t.Errorf("previewed %q, got %q", shown, c.HTML)
	}
	r.send("POST", "/api/v1/preview", post{Body: " "}).wantProblem(422, talk.Invalid, "body")
	r.send("POST", "/api/v1/preview", post{Body: strings.Repeat("x", 10_001)}).wantProblem(422, talk.TooLong, "body")
	r.send("POST", "/api/v1/preview", `{"text":"x"}`).wantProblem(400, talk.Malformed, "")
	if n := len(r.comments(thread)); n != 1 {
		t.Errorf("%d comments are there", n)
	}
	limited := startWith(t, setup{origins: []string{blog}, limits: true}).nobody()
	for limited.send("POST", "/api/v1/preview", post{Body: "x"}).status == 200 {
	}
	limited.send("POST", "/api/v1/preview", post{Body: "x"}).wantProblem(429, talk.RateLimited, "")
}

func TestHeldPosts(t *testing.T) {
	w := startWith(t, setup{origins: []string{blog}, rules: forum.Rules{Hold: forum.HoldFirst}})
	owner, ann := w.owner(), w.guest()
	thread := ann.thread(article).ID
	send := func() *answer {
		return ann.with("Idempotency-Key", "k").send("POST", "/api/v1/threads/"+thread+"/comments", post{Body: "first", Name: "Ann"})
	}
	c := decode[talk.Comment](send().want(202))
	if c.State != talk.Held || c.HTML != "<p>first</p>" {
		t.Errorf("%+v", c)
	}
	if again := decode[talk.Comment](send().want(202)); again.ID != c.ID {
		t.Errorf("sent twice, it is %s and %s", c.ID, again.ID)
	}
	at := c.At
	if n := len(ann.comments(thread)); n != 1 {
		t.Errorf("its author sees %d", n)
	}
	if n := len(w.nobody().comments(thread)); n != 0 {
		t.Errorf("others see %d", n)
	}
	w.later(time.Hour)
	owner.hold(c.ID, false)
	all := decode[events](w.nobody().get("/api/v1/threads/" + thread + "/events?since=0").want(200)).Events
	if len(all) != 1 || all[0].Kind != talk.CommentAdded || !all[0].Comment.At.Equal(at) || !all[0].At.Equal(w.clock()) {
		t.Errorf("%+v", all)
	}
	if again := decode[talk.Comment](send().want(200)); again.State != talk.Published {
		t.Errorf("%+v", again)
	}
	ann.say(thread, "", "second")
}

func TestQueue(t *testing.T) {
	w := start(t)
	owner, ann, bob := w.owner(), w.guest(), w.guest()
	thread := ann.thread(article).ID
	c := ann.say(thread, "", "Buy this")
	bob.say(thread, "", "hello")
	bob.send("POST", "/api/v1/comments/"+c.ID+"/flags", `{"reason":"spam","text":"look"}`).want(200)
	bob.send("POST", "/api/v1/comments/"+c.ID+"/flags", `{"reason":"none"}`).wantProblem(422, talk.Invalid, "reason")
	bob.send("POST", "/api/v1/comments/"+c.ID+"/flags", map[string]string{"reason": "other", "text": strings.Repeat("x", 501)}).wantProblem(422, talk.TooLong, "text")
	type queue struct {
		Cases []talk.Case `json:"cases"`
		Next  string      `json:"next"`
	}
	q := decode[queue](owner.get("/api/v1/queue").want(200))
	if len(q.Cases) != 1 || q.Next != "" || q.Cases[0].Counts[talk.Spam] != 1 || q.Cases[0].Flags[0].Person.Name != "Ann" || q.Cases[0].Page != article || q.Cases[0].Comment.ID != c.ID {
		t.Errorf("%+v", q)
	}
	owner.get("/api/v1/queue?after=x").wantProblem(422, talk.Invalid, "after")
	owner.send("DELETE", "/api/v1/comments/"+c.ID, `{"text":"an advertisement"}`).want(200)
	if b := string(owner.get("/api/v1/queue").want(200).body); b != `{"cases":[],"next":""}` {
		t.Errorf("%s", b)
	}
}

// All of it works without a script.
func TestKeepingByForm(t *testing.T) {
	w := start(t)
	owner, ann := w.owner(), w.guest()
	thread := ann.thread(article).ID
	c := ann.say(thread, "", "first")
	do := func(r *reader, kind, on string) *answer {
		t.Helper()
		v := url.Values{"comment": {c.ID}, "thread": {thread}}
		if on != "" {
			v.Set("on", on)
		}
		if kind == "flag" {
			v.Set("reason", "abuse")
		}
		return r.with("Referer", w.public+embed(article)).form("/do/"+kind, v)
	}
	first := func(r *reader) talk.Comment {
		t.Helper()
		return r.comments(thread)[0]
	}
	page := ann.form("/do/edit", url.Values{"comment": {c.ID}, "thread": {thread}}).want(200)
	if s := stateOf(t, page.doc()); s.Boxes["edit-"+c.ID].Body != "first" {
		t.Errorf("the box to edit in has %+v", s.Boxes)
	}
	page = ann.form("/do/edit", url.Values{"comment": {c.ID}, "thread": {thread}, "body": {" "}}).want(422)
	if s := stateOf(t, page.doc()); s.Boxes["edit-"+c.ID].Error == "" {
		t.Errorf("refused, the box has %+v", s.Boxes)
	}
	ann.follow(ann.form("/do/edit", url.Values{"comment": {c.ID}, "thread": {thread}, "body": {"a\r\nb"}}))
	if html := first(ann).HTML; html != "<p>a<br>\nb</p>" {
		t.Errorf("edited to %q", html)
	}
	w.nobody().follow(do(w.nobody(), "flag", "true"))
	for _, step := range []struct {
		kind, on string
		is       func(talk.Comment) bool
	}{
		{"pin", "true", func(c talk.Comment) bool { return c.Pinned }},
		{"pin", "false", func(c talk.Comment) bool { return !c.Pinned }},
		{"hold", "true", func(c talk.Comment) bool { return c.State == talk.Held }},
		{"hold", "false", func(c talk.Comment) bool { return c.State == talk.Published }},
		{"delete", "true", func(c talk.Comment) bool { return c.State == talk.Removed }},
		{"restore", "", func(c talk.Comment) bool { return c.State == talk.Published }},
		{"ban", "true", func(c talk.Comment) bool {
			return ann.form("/do/post", url.Values{"thread": {thread}, "body": {"x"}, "name": {"A"}}).status == 403
		}},
		{"ban", "false", func(c talk.Comment) bool { return ann.say(thread, "", "x").ID != "" }},
		{"appoint", "true", func(c talk.Comment) bool { return ann.whoami().Role == talk.Moderator }},
		{"appoint", "false", func(c talk.Comment) bool { return ann.whoami().Role == "" }},
		{"credit", "true", func(c talk.Comment) bool { return c.Wrote }},
		{"credit", "false", func(c talk.Comment) bool { return !c.Wrote }},
	} {
		do(ann, step.kind, step.on) // is refused, or done twice
		if step.kind == "delete" || step.kind == "restore" {
			owner.follow(do(owner, "restore", ""))
		}
		owner.follow(do(owner, step.kind, step.on))
		if got := first(owner); !step.is(got) {
			t.Errorf("after %s %s: %+v", step.kind, step.on, got)
		}
	}
	owner.follow(do(owner, "lock", "true"))
	if !owner.thread(article).Locked {
		t.Error("not locked")
	}
	do(ann, "lock", "false").want(403)
	do(ann, "pin", "true").want(403)
}
