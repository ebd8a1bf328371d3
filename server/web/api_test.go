package web_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"folkmoot/app/talk"
)

func TestThreadOfAPage(t *testing.T) {
	w := start(t)
	r := w.nobody()
	first := r.thread(article)
	if first.ID == "" || first.Page != article || first.Epoch == "" || first.Seq != 0 || first.Comments != 0 || first.Topics == nil || first.Mine == nil || first.Reactions == nil {
		t.Errorf("a new thread is %+v", first)
	}
	if again := r.thread(article + "/index.html?utm_source=x#top"); again.ID != first.ID {
		t.Errorf("the same page has threads %q and %q", first.ID, again.ID)
	}
	if other := r.thread(article + "?page=2"); other.ID == first.ID {
		t.Error("another page has the same thread")
	}
	r.say(first.ID, "", "One")
	if now := r.thread(article); now.Comments != 1 || now.Seq != 1 {
		t.Errorf("after a comment the thread is %+v", now)
	}
	for page, status := range map[string]int{"": 422, "/baths": 422, "ftp://blog.example/": 422, "https://elsewhere.example/": 403} {
		code := map[int]talk.Code{422: talk.Invalid, 403: talk.Forbidden}[status]
		r.get("/api/v1/threads?page="+url.QueryEscape(page)).wantProblem(status, code, "page")
	}
}

func TestPostedCommentIsAsPromised(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	root := decode[talk.Comment](g.send("POST", "/api/v1/threads/"+thread+"/comments",
		post{Body: "Some *Markdown*", Name: "  Ann   of Leeds ", Headline: "Pharmacist, Leeds"}).want(201))
	if root.ID == "" || root.Thread != thread || root.Parent != "" || root.HTML != "<p>Some <em>Markdown</em></p>" || root.State != talk.Published ||
		root.Author.Name != "Ann of Leeds" || root.Author.Headline != "Pharmacist, Leeds" || !root.At.Equal(w.clock()) {
		t.Errorf("the comment is %+v", root)
	}
	// A name that was given once is remembered.
	reply := decode[talk.Comment](g.send("POST", "/api/v1/threads/"+thread+"/comments", post{Body: "And a reply", Parent: root.ID}).want(201))
	if reply.Parent != root.ID || reply.Author.Name != "Ann of Leeds" || reply.Author.ID != root.Author.ID {
		t.Errorf("the reply is %+v", reply)
	}
	got := w.nobody().comments(thread)
	if len(got) != 2 || got[0].ID != root.ID || got[0].Replies != 1 || got[1].ID != reply.ID {
		t.Errorf("the list is %+v", got)
	}
}

// Every order can be read to its end, a few at a time, with nothing missed,
// nothing twice, and each root followed by its replies.
func TestListIsReadToItsEnd(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	var roots []string
	for i := range 7 {
		w.later(time.Minute)
		roots = append(roots, g.say(thread, "", fmt.Sprintf("Root %d", i)).ID)
	}
	reply := g.say(thread, roots[2], "A reply").ID
	g.say(thread, reply, "A reply to it")
	for _, liked := range []int{5, 3, 5} {
		w.guest().send("PUT", "/api/v1/comments/"+roots[liked]+"/like", "").want(200)
	}
	backwards := slices.Clone(roots)
	slices.Reverse(backwards)
	top := []string{roots[5], roots[3], roots[0], roots[1], roots[2], roots[4], roots[6]}
	for sort, want := range map[string][]string{"": roots, "oldest": roots, "newest": backwards, "top": top, "representative": top} {
		for _, limit := range []int{1, 2, 3, 7, 200} {
			t.Run(fmt.Sprint(sort, limit), func(t *testing.T) {
				var got []string
				count, after := 0, ""
				for page := 0; page == 0 || after != ""; page++ {
					l := decode[list](w.nobody().get(fmt.Sprintf("/api/v1/threads/%s/comments?sort=%s&limit=%d&after=%s", thread, sort, limit, url.QueryEscape(after))).want(200))
					here := map[string]bool{"": true}
					rootsHere := 0
					for _, c := range l.Comments {
						count++
						if !here[c.Parent] {
							t.Errorf("%q stands before what it answers", c.ID)
						}
						here[c.ID] = true
						if c.Parent == "" {
							got = append(got, c.ID)
							rootsHere++
						}
					}
					if rootsHere == 0 || rootsHere > limit || page > len(roots) {
						t.Fatalf("page %d has %d roots, of at most %d", page, rootsHere, limit)
					}
					after = l.Next
				}
				if !slices.Equal(got, want) || count != 9 {
					t.Errorf("got the roots %v and %d comments in all, want %v and 9", got, count, want)
				}
			})
		}
	}
}

func TestEmptyListIsAList(t *testing.T) {
	w := start(t)
	thread := w.nobody().thread(article).ID
	if a := w.nobody().get("/api/v1/threads/" + thread + "/comments").want(200); strings.TrimSpace(string(a.body)) != `{"comments":[],"prev":"","next":""}` {
		t.Errorf("got %s", a.body)
	}
}

func TestEvents(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article)
	first := g.say(thread.ID, "", "First")
	second := g.say(thread.ID, first.ID, "Second")
	g.send("PUT", "/api/v1/threads/"+thread.ID+"/reactions/like", "").want(200) // no entry of the log
	g.send("DELETE", "/api/v1/comments/"+second.ID, "").want(200)

	path := "/api/v1/threads/" + thread.ID + "/events?since="
	got := decode[events](w.nobody().get(path + "0").want(200))
	var told []string
	for i, e := range got.Events {
		if e.Seq != uint64(i+1) {
			t.Errorf("entry %d has number %d", i, e.Seq)
		}
		told = append(told, fmt.Sprint(e.Kind, " ", e.Comment.ID))
	}
	want := []string{"comment.added " + first.ID, "comment.added " + second.ID, "comment.removed " + second.ID}
	if !slices.Equal(told, want) || got.Seq != 3 || got.Epoch != thread.Epoch || got.Resync {
		t.Errorf("the log is %+v, want %v", got, want)
	}
	// An entry tells its comment as it now is: a removed one's text is gone.
	if strings.Contains(got.Events[1].Comment.HTML, "Second") {
		t.Error("the log still holds a removed comment's text")
	}
	for _, test := range []struct {
		query  string
		events int
		resync bool
	}{
		{"2", 1, false},
		{"3", 0, false},
		{"3&epoch=" + thread.Epoch, 0, false},
		{"4", 0, true}, // from the future
		{"1&epoch=anotherlife", 0, true},
		{"9223372036854775807", 0, true},
	} {
		a := w.nobody().get(path + test.query).want(200)
		if e := decode[events](a); len(e.Events) != test.events || e.Resync != test.resync || e.Epoch != thread.Epoch || !strings.Contains(string(a.body), `"events":[`) {
			t.Errorf("since=%s: %s, want %d events, resync %v", test.query, a.body, test.events, test.resync)
		}
	}
	for _, bad := range []string{"", "-1", "x", "1.5", "99999999999999999999", "0x1"} {
		w.nobody().get(path+bad).wantProblem(422, talk.Invalid, "since")
	}
	w.nobody().get("/api/v1/threads/none/events?since=0").wantProblem(404, talk.NotFound, "thread")
}

func TestLogTooLongToCatchUpWith(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	const all = 501 // one more than is told one by one
	for range all {
		g.say(thread, "", "Word")
	}
	path := "/api/v1/threads/" + thread + "/events?since="
	if e := decode[events](g.get(path + "1").want(200)); e.Resync || len(e.Events) != all-1 {
		t.Errorf("since 1: resync %v, %d events", e.Resync, len(e.Events))
	}
	if e := decode[events](g.get(path + "0").want(200)); !e.Resync || len(e.Events) != 0 {
		t.Errorf("since 0: resync %v, %d events", e.Resync, len(e.Events))
	}
}

func TestReactionIsAStandingChoice(t *testing.T) {
	w := start(t)
	ann, bob := w.guest(), w.guest()
	thread := ann.thread(article).ID
	path := "/api/v1/threads/" + thread + "/reactions/"
	for i, step := range []struct {
		who    *reader
		method string
		kind   string
		counts map[string]int
		mine   []string
	}{
		{ann, "PUT", "like", map[string]int{"like": 1}, []string{"like"}},
		{ann, "PUT", "like", map[string]int{"like": 1}, []string{"like"}},
		{ann, "PUT", "heart", map[string]int{"like": 1, "heart": 1}, []string{"heart", "like"}},
		{bob, "DELETE", "like", map[string]int{"like": 1, "heart": 1}, []string{}},
		{bob, "PUT", "like", map[string]int{"like": 2, "heart": 1}, []string{"like"}},
		{ann, "DELETE", "like", map[string]int{"like": 1, "heart": 1}, []string{"heart"}},
		{ann, "DELETE", "like", map[string]int{"like": 1, "heart": 1}, []string{"heart"}},
		{ann, "DELETE", "heart", map[string]int{"like": 1, "heart": 0}, []string{}},
	} {
		r := decode[talk.Result](step.who.send(step.method, path+step.kind, "").want(200))
		now := step.who.thread(article)
		for kind, n := range step.counts {
			if told, ok := r.Reactions[kind]; (ok && told != n) || now.Reactions[kind] != n {
				t.Errorf("step %d: %s is told as %d and read as %d, want %d", i, kind, told, now.Reactions[kind], n)
			}
		}
		if !slices.Equal(r.Mine, step.mine) || r.Mine == nil || !slices.Equal(now.Mine, step.mine) {
			t.Errorf("step %d: mine are told as %v and read as %v, want %v", i, r.Mine, now.Mine, step.mine)
		}
	}
}

func TestLikeIsAStandingChoice(t *testing.T) {
	w := start(t)
	ann, bob := w.guest(), w.guest()
	thread := ann.thread(article).ID
	c := ann.say(thread, "", "Like me")
	for i, step := range []struct {
		who    *reader
		method string
		likes  int
		liked  bool
	}{
		{ann, "PUT", 1, true},
		{ann, "PUT", 1, true},
		{bob, "DELETE", 1, false},
		{bob, "PUT", 2, true},
		{ann, "DELETE", 1, false},
		{ann, "DELETE", 1, false},
	} {
		r := decode[talk.Result](step.who.send(step.method, "/api/v1/comments/"+c.ID+"/like", "").want(200))
		now := step.who.comments(thread)[0]
		if r.Likes == nil || r.Liked == nil || *r.Likes != step.likes || *r.Liked != step.liked || now.Likes != step.likes || now.Liked != step.liked {
			t.Errorf("step %d: told %+v, read %+v, want %d likes, liked %v", i, r, now, step.likes, step.liked)
		}
	}
}

func TestOnlyTheAuthorDeletes(t *testing.T) {
	w := start(t)
	ann, bob := w.guest(), w.guest()
	thread := ann.thread(article).ID
	c := ann.say(thread, "", "A secret that slipped out")
	reply := bob.say(thread, c.ID, "What did you say?")

	bob.send("DELETE", "/api/v1/comments/"+c.ID, "").wantProblem(403, talk.Forbidden, "comment")
	w.nobody().send("DELETE", "/api/v1/comments/"+c.ID, "").wantProblem(403, talk.Forbidden, "comment")
	if got := w.nobody().comments(thread)[0]; got.State != talk.Published {
		t.Fatalf("somebody else's delete made it %+v", got)
	}
	for range 2 { // the second time it is so already
		gone := decode[talk.Comment](ann.send("DELETE", "/api/v1/comments/"+c.ID, "").want(200))
		if gone.State != talk.Removed || gone.HTML != "" || gone.Author.Name != "" {
			t.Errorf("the removed comment is %+v", gone)
		}
	}
	for _, path := range []string{"/comments", "/events?since=0"} {
		if a := w.nobody().get("/api/v1/threads/" + thread + path).want(200); strings.Contains(string(a.body), "secret") {
			t.Errorf("%s still tells it: %s", path, a.body)
		}
	}
	if a := w.nobody().get(embed(article)).want(200); strings.Contains(string(a.body), "secret") || len(all(a.doc(), "article", "id", "comment-"+reply.ID)) != 1 {
		t.Error("the page still tells it, or lost its reply")
	}
	w.guest().send("PUT", "/api/v1/comments/"+c.ID+"/like", "").wantProblem(422, talk.Gone, "comment")
	if n := ann.thread(article).Comments; n != 1 {
		t.Errorf("%d comments are counted, want 1", n)
	}
}
