package web_test

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"folkmoot/app/talk"
)

// open shows the widget of a page as the page itself does, so that its title
// and topics are taken over, and returns the thread.
func (r *reader) open(page, title, topics string) talk.Thread {
	r.w.t.Helper()
	r.with("Referer", blog+"/").with("Sec-Fetch-Dest", "iframe").get(embed(page, "title", title, "topics", topics)).want(200)
	return r.thread(page)
}

type (
	cards struct {
		Threads []talk.Card `json:"threads"`
		Next    string      `json:"next"`
	}
	topics struct {
		Topics []talk.Topic `json:"topics"`
		Next   string       `json:"next"`
	}
	mine struct {
		Comments []talk.Mine `json:"comments"`
		Next     string      `json:"next"`
	}
)

func (r *reader) home() talk.Home {
	r.w.t.Helper()
	return decode[talk.Home](r.get("/api/v1/home").want(200))
}

func TestHome(t *testing.T) {
	w := start(t)
	ann, bob, nobody := w.guest(), w.guest(), w.nobody()
	baths, pool := ann.open(article, "Baths", "Swimming,Public baths").ID, ann.open(blog+"/pool", "The pool", "swimming").ID
	ann.open(blog+"/silent", "Silence", "")
	if h := nobody.home(); len(h.Live)+len(h.Followed) != 0 || h.Live == nil || h.Followed == nil {
		t.Errorf("%+v", h)
	}
	w.later(time.Minute) // what everybody sees is kept for some seconds
	ann.say(baths, "", "one")
	ann.say(baths, "", "two")
	bob.say(pool, "", "three")
	h := nobody.home()
	if len(h.Live) != 2 || h.Live[0].ID != baths || h.Live[0].Title != "Baths" || h.Live[0].URL != article || h.Live[0].Site != "blog.example" || h.Live[0].Comments != 2 || h.Live[0].Heat < 1.9 {
		t.Errorf("%+v", h.Live)
	}
	if len(h.Topics) != 2 || h.Topics[0].Key != "swimming" || h.Topics[0].Name != "Swimming" || h.Topics[0].Threads != 2 || h.Topics[1].Key != "public baths" {
		t.Errorf("%+v", h.Topics)
	}
	if nobody.cookie != "" {
		t.Error("reading made a guest")
	}

	if h = bob.home(); len(h.Followed) != 1 || h.Followed[0].ID != pool || h.Live[1].Level != talk.Follows {
		t.Errorf("%+v", h)
	}
	bob.send("PUT", "/api/v1/threads/"+baths+"/follow", "").want(200)
	bob.send("PUT", "/api/v1/threads/"+pool+"/mute", "").want(200)
	ann.say(baths, "", "four")
	if h = bob.home(); len(h.Live) != 1 || len(h.Followed) != 1 || h.Followed[0].New != 1 || h.Live[0].New != 1 || h.Followed[0].Seen != 2 {
		t.Errorf("%+v", h)
	}
	seen := decode[talk.Result](bob.send("POST", "/api/v1/threads/"+baths+"/seen", map[string]int{"seq": 3}).want(200))
	if seen.Seen == nil || *seen.Seen != 3 || bob.home().Followed[0].New != 0 {
		t.Errorf("%+v", seen)
	}
	bob.send("PUT", "/api/v1/topics/Swimming/mute", "").want(200)
	if h = bob.home(); len(h.Live) != 1 || len(h.Topics) != 1 { // who follows a thread follows it whatever it is about
		t.Errorf("%+v", h)
	}
	bob.send("DELETE", "/api/v1/threads/"+baths+"/follow", "").want(200)
	if h = bob.home(); len(h.Live) != 0 || len(h.Followed) != 0 {
		t.Errorf("%+v", h)
	}
}

func TestTopics(t *testing.T) {
	w := start(t)
	ann := w.guest()
	names := []string{"Swimming", "AC/DC", `"><script>`, "a b", "Ökologie", "%2e%2e", "?x=1#y"}
	for _, name := range names {
		ann.say(ann.open(blog+"/"+url.PathEscape(name), "On "+name, name).ID, "", "x")
	}
	all := decode[topics](ann.get("/api/v1/topics").want(200))
	if len(all.Topics) != len(names) || all.Next != "" {
		t.Fatalf("%+v", all)
	}
	for _, o := range all.Topics {
		p := decode[talk.TopicPage](ann.get("/api/v1/topics/" + url.PathEscape(o.Key)).want(200))
		if p.Topic.Name != o.Name || len(p.Threads) != 1 || p.Threads[0].Title != "On "+o.Name || !slices.Contains(names, o.Name) {
			t.Errorf("%+v is of %+v", p, o)
		}
		if r := decode[talk.Result](ann.send("PUT", "/api/v1/topics/"+url.PathEscape(o.Name)+"/follow", "").want(200)); *r.Level != talk.Follows {
			t.Errorf("%+v", r)
		}
	}
	all = decode[topics](ann.get("/api/v1/topics").want(200))
	if slices.ContainsFunc(all.Topics, func(o talk.Topic) bool { return o.Level != talk.Follows }) {
		t.Errorf("%+v", all)
	}
	for _, bad := range []string{"none", "%00", "%ff", "%20", "%2e%2e%2f"} {
		ann.get("/api/v1/topics/"+bad).wantProblem(404, talk.NotFound, "topic")
		ann.send("PUT", "/api/v1/topics/"+bad+"/follow", "").wantProblem(404, talk.NotFound, "topic")
	}
	ann.get("/api/v1/topics?after=x").wantProblem(422, talk.Invalid, "after")
	ann.get("/api/v1/topics/swimming?after=x").wantProblem(422, talk.Invalid, "after")
}

// A list of topics is read in pages, each topic once.
func TestManyTopics(t *testing.T) {
	w := start(t)
	ann := w.guest()
	const pages = 12
	for i := range pages {
		names := ""
		for j := range 10 {
			names += "," + string(rune('a'+i)) + string(rune('a'+j))
		}
		thread := ann.open(blog+"/"+names[1:3], "T", names[1:]).ID
		if i%2 == 0 {
			ann.say(thread, "", "x")
		}
	}
	got := map[string]bool{}
	after, asked := "", 0
	for ; asked == 0 || after != ""; asked++ {
		page := decode[topics](ann.get("/api/v1/topics?after=" + after).want(200))
		for _, o := range page.Topics {
			if got[o.Key] {
				t.Errorf("%s comes twice", o.Key)
			}
			got[o.Key] = true
		}
		after = page.Next
		w.later(time.Minute)
	}
	if len(got) != 10*pages || asked != 3 {
		t.Errorf("%d topics in %d pages", len(got), asked)
	}
}

func TestMine(t *testing.T) {
	w := start(t)
	ann := w.guest()
	thread := ann.open(article, "Baths", "").ID
	first := ann.say(thread, "", "first")
	w.later(time.Second)
	second := ann.say(thread, first.ID, "second")
	m := decode[mine](ann.get("/api/v1/me/comments").want(200))
	if len(m.Comments) != 2 || m.Comments[0].Comment.ID != second.ID || m.Comments[1].Thread.Title != "Baths" || m.Next != "" {
		t.Errorf("%+v", m)
	}
	if m = decode[mine](w.nobody().get("/api/v1/me/comments").want(200)); len(m.Comments) != 0 || m.Comments == nil {
		t.Errorf("%+v", m)
	}
	if c := decode[cards](ann.get("/api/v1/me/follows").want(200)); len(c.Threads) != 1 || c.Threads[0].ID != thread {
		t.Errorf("%+v", c)
	}
	ann.get("/api/v1/me/comments?after=x").wantProblem(422, talk.Invalid, "after")
	ann.get("/api/v1/me/follows?after=x").wantProblem(422, talk.Invalid, "after")
}

func TestSettings(t *testing.T) {
	w := start(t)
	ann := w.guest()
	const path = "/api/v1/me/settings"
	if s := decode[talk.Settings](ann.get(path).want(200)); s != talk.DefaultSettings() {
		t.Errorf("%+v", s)
	}
	ann.send("PATCH", path, `{"notify":{"like":true},"quiet":{"from":"22:00","to":"07:00","zone":"Europe/London"}}`).want(200)
	ann.send("PATCH", path, `{"follow":false}`).want(200)
	want := talk.DefaultSettings()
	want.Notify.Like, want.Follow, want.Quiet = true, false, talk.Quiet{From: "22:00", To: "07:00", Zone: "Europe/London"}
	if s := decode[talk.Settings](ann.get(path).want(200)); s != want {
		t.Errorf("%+v", s)
	}
	thread := ann.thread(article).ID
	ann.say(thread, "", "x")
	if level := ann.thread(article).Level; level != "" {
		t.Errorf("who didn't want to follows: %q", level)
	}
	for _, bad := range []string{`{"quiet":{"from":"25:00"}}`, `{"quiet":{"from":""}}`, `{"quiet":{"to":"7:00"}}`, `{"quiet":{"zone":"Europe/Nowhere"}}`, `{"quiet":{"zone":"../etc/passwd"}}`, `{"quiet":{"zone":"Local"}}`} {
		ann.send("PATCH", path, bad).wantProblem(422, talk.Invalid, "quiet")
	}
	ann.send("PATCH", path, `{"admin":true}`).wantProblem(400, talk.Malformed, "")
	ann.ask("POST", path, nil, "").wantProblem(405, talk.Malformed, "")
	if s := decode[talk.Settings](ann.get(path).want(200)); s != want {
		t.Errorf("%+v", s)
	}
	bob := w.nobody()
	bob.send("PATCH", path, `{"notify":{"reply":false}}`).want(200)
	if s := decode[talk.Settings](bob.get(path).want(200)); s.Notify.Reply || !s.Notify.Mention {
		t.Errorf("%+v", s)
	}
}

func TestMarksThatMakeNoSense(t *testing.T) {
	w := start(t)
	nobody := w.nobody()
	for _, word := range []string{"follow", "mute"} {
		nobody.send("PUT", "/api/v1/threads/none/"+word, "").wantProblem(404, talk.NotFound, "thread")
	}
	nobody.send("POST", "/api/v1/threads/none/seen", `{"seq":-1}`).wantProblem(400, talk.Malformed, "")
	nobody.send("POST", "/api/v1/threads/none/seen", `{"seq":1}`).want(200)
	if nobody.cookie != "" {
		t.Error("what was refused made a guest")
	}
	w.guest().send("POST", "/api/v1/threads/none/seen", `{"seq":1}`).wantProblem(404, talk.NotFound, "thread")
	nobody.send("PUT", "/api/v1/threads/"+nobody.thread(article).ID+"/follow", "").want(200)
	if nobody.cookie == "" || nobody.thread(article).Level != talk.Follows {
		t.Error("whoever follows is somebody from then on")
	}
	nobody.with("Origin", "https://evil.example").send("PUT", "/api/v1/threads/x/mute", "").wantProblem(403, talk.Forbidden, "")
}

func TestInbox(t *testing.T) {
	w := start(t)
	ann, bob, nobody := w.guest(), w.guest(), w.nobody()
	thread := ann.open(article, "Baths", "").ID
	root := ann.say(thread, "", "root")
	w.later(time.Second)
	reply := bob.say(thread, root.ID, "an *answer*")
	w.later(time.Second)
	bob.send("PUT", "/api/v1/comments/"+root.ID+"/like", "").want(200)
	in := decode[talk.Inbox](ann.get("/api/v1/inbox").want(200))
	if len(in.Notices) != 2 || in.Unread != 2 || in.Next != "" || len(in.Followed) != 1 || in.Followed[0].New != 1 {
		t.Fatalf("%+v", in)
	}
	like, answer := in.Notices[0], in.Notices[1]
	if like.Kind != talk.Liked || like.N != 1 || like.Comment.ID != root.ID || !like.At.Equal(w.clock()) {
		t.Errorf("%+v", like)
	}
	if answer.Kind != talk.Reply || answer.Comment.ID != reply.ID || answer.Comment.HTML != "<p>an <em>answer</em></p>" || answer.Seen ||
		answer.Thread != (talk.ThreadRef{ID: thread, URL: article, Site: "blog.example", Title: "Baths"}) {
		t.Errorf("%+v", answer)
	}
	if h := ann.home(); h.Unread != 2 {
		t.Errorf("%+v", h)
	}
	ann.send("POST", "/api/v1/inbox/seen", map[string]any{"comment": root.ID}).want(204)
	if in = decode[talk.Inbox](ann.get("/api/v1/inbox").want(200)); in.Unread != 1 || !in.Notices[0].Seen {
		t.Errorf("%+v", in)
	}
	ann.send("POST", "/api/v1/inbox/seen", map[string]any{"at": answer.At}).want(204)
	if in = decode[talk.Inbox](ann.get("/api/v1/inbox").want(200)); in.Unread != 0 {
		t.Errorf("%+v", in)
	}

	for _, r := range []*reader{bob, nobody} {
		if in = decode[talk.Inbox](r.get("/api/v1/inbox").want(200)); len(in.Notices) != 0 || in.Notices == nil || in.Unread != 0 {
			t.Errorf("%+v", in)
		}
	}
	nobody.send("POST", "/api/v1/inbox/seen", map[string]any{"at": answer.At}).want(204)
	if nobody.cookie != "" {
		t.Error("looking made a guest")
	}
	ann.send("POST", "/api/v1/inbox/seen", `{}`).wantProblem(422, talk.Invalid, "thread")
	ann.send("POST", "/api/v1/inbox/seen", `{"at":"yesterday"}`).wantProblem(400, talk.Malformed, "")
	ann.get("/api/v1/inbox?after=x").wantProblem(422, talk.Invalid, "after")
}
