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

// says is what somebody says under a name, and meaning some people by the names
// in it.
func (r *reader) says(thread, parent, name, body string, meaning ...string) talk.Comment {
	r.w.t.Helper()
	return decode[talk.Comment](r.send("POST", "/api/v1/threads/"+thread+"/comments", map[string]any{"body": body, "parent": parent, "name": name, "mentions": meaning}).want(201))
}

func (r *reader) mentioned() (comments []string) {
	r.w.t.Helper()
	for _, n := range decode[talk.Inbox](r.get("/api/v1/inbox").want(200)).Notices {
		if n.Kind == talk.Mention {
			comments = append(comments, n.Comment.ID)
		}
	}
	return comments
}

func mention(comment, words string) string {
	return `<a class="mention" href="#comment-` + comment + `">` + words + "</a>"
}

func TestMention(t *testing.T) {
	w := start(t)
	maren, omar, bob, stranger := w.guest(), w.guest(), w.guest(), w.guest()
	thread := bob.open(article, "Baths", "").ID
	stranger.says(bob.open(blog+"/pool", "The pool", "").ID, "", "Stranger", "elsewhere")
	m := maren.says(thread, "", "Maren Holt", "one")
	o := omar.says(thread, "", "محمد", "two")
	x := bob.says(thread, "", "Bob", "@maren holt and @محمد, but not @Stranger. @Bob")
	want := "<p>" + mention(m.ID, "@maren holt") + " and " + mention(o.ID, "@محمد") + ", but not @Stranger. @Bob</p>"
	if x.HTML != want {
		t.Errorf("got %s\nwant %s", x.HTML, want)
	}
	if got := [][]string{maren.mentioned(), omar.mentioned(), bob.mentioned(), stranger.mentioned()}; !slices.Equal(got[0], []string{x.ID}) || !slices.Equal(got[1], []string{x.ID}) || got[2] != nil || got[3] != nil {
		t.Errorf("told %v", got)
	}
	if got := bob.comments(thread)[2].HTML; got != want {
		t.Errorf("kept as %s", got)
	}

	// Whoever takes another name is meant by both, and what meant them before goes on doing so.
	m2 := maren.says(thread, "", "Maren Berg", "three")
	maren.ask("DELETE", "/api/v1/comments/"+m.ID, nil, "").want(200)
	edit := func(body string) talk.Comment {
		return decode[talk.Comment](bob.send("PATCH", "/api/v1/comments/"+x.ID, map[string]any{"body": body}).want(200))
	}
	if got := edit("@Maren Holt, edited"); got.HTML != `<p><a class="mention">@Maren Holt</a>, edited</p>` {
		t.Errorf("%s", got.HTML)
	}
	if !slices.Equal(maren.mentioned(), []string{x.ID}) || omar.mentioned() != nil {
		t.Error("an edit tells others")
	}
	if got := edit("@Maren Berg"); got.HTML != "<p>"+mention(m2.ID, "@Maren Berg")+"</p>" {
		t.Errorf("%s", got.HTML)
	}
	if y := bob.says(thread, "", "Bob", "@Maren Holt"); y.HTML != "<p>@Maren Holt</p>" {
		t.Errorf("a name that nobody has here: %s", y.HTML)
	}
}

// Of several people of one name, the one is meant who was chosen, else who was
// last to speak in the branch, else in the thread.
func TestMentionOfOneOfMany(t *testing.T) {
	w := start(t)
	first, second, bob := w.guest(), w.guest(), w.guest()
	thread := bob.open(article, "Baths", "").ID
	a := first.says(thread, "", "Tom", "a")
	b := second.says(thread, "", "TOM", "b")
	root := bob.says(thread, "", "Bob", "root")
	a2 := first.says(thread, root.ID, "Tom", "in the branch")
	b2 := second.says(thread, "", "Tom", "last")

	ids := func(c talk.Comment) string { return c.Author.ID }
	for _, tt := range []struct {
		name, parent string
		meaning      []string
		want         string
	}{
		{"last in the thread", "", nil, b2.ID},
		{"last in the branch", root.ID, nil, a2.ID},
		{"in a branch without them", b.ID, nil, b2.ID},
		{"chosen", root.ID, []string{"x", ids(b)}, b2.ID},
		{"chosen, who has another name", "", []string{root.Author.ID}, b2.ID},
		{"the other", "", []string{ids(a)}, a2.ID},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := bob.says(thread, tt.parent, "Bob", "@Tom", tt.meaning...)
			if want := "<p>" + mention(tt.want, "@Tom") + "</p>"; c.HTML != want {
				t.Errorf("got %s, want %s", c.HTML, want)
			}
			// What it means survives an edit that says nothing of it.
			c = decode[talk.Comment](bob.send("PATCH", "/api/v1/comments/"+c.ID, map[string]any{"body": "@tom, I mean"}).want(200))
			if want := "<p>" + mention(tt.want, "@tom") + ", I mean</p>"; c.HTML != want {
				t.Errorf("edited: got %s, want %s", c.HTML, want)
			}
		})
	}

	form := url.Values{"thread": {thread}, "body": {"@Tom by a form"}, "name": {"Bob"}, "mentions": {ids(a)}}
	bob.form("/do/post?at="+url.QueryEscape(embed(article)), form).want(303)
	all := bob.comments(thread)
	if got, want := all[len(all)-1].HTML, "<p>"+mention(a2.ID, "@Tom")+" by a form</p>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	preview := decode[struct{ HTML string }](bob.send("POST", "/api/v1/preview", map[string]any{"body": "@Tom", "thread": thread, "parent": root.ID}).want(200))
	if want := "<p>" + mention(a2.ID, "@Tom") + "</p>"; preview.HTML != want {
		t.Errorf("a preview is %s", preview.HTML)
	}
	if plain := decode[struct{ HTML string }](bob.send("POST", "/api/v1/preview", map[string]any{"body": "@Tom"}).want(200)); plain.HTML != "<p>@Tom</p>" {
		t.Errorf("nowhere: %s", plain.HTML)
	}
	bob.send("POST", "/api/v1/preview", map[string]any{"body": "@Tom", "thread": "none"}).wantProblem(404, talk.NotFound, "thread")
}

func TestMentionsAreBounded(t *testing.T) {
	w := start(t)
	thread := w.guest().open(article, "Baths", "").ID
	var body strings.Builder
	for i := range talk.Mentions + 1 {
		name := fmt.Sprintf("Guest %c", 'A'+i)
		w.guest().says(thread, "", name, "x")
		body.WriteString("@" + name + " ")
	}
	bob := w.guest()
	bob.send("POST", "/api/v1/threads/"+thread+"/comments", post{Body: body.String(), Name: "Bob"}).wantProblem(422, talk.Invalid, "body")
	bob.says(thread, "", "Bob", strings.Repeat("@Guest A ", 50)+body.String()[:20*9])
}

func TestPeopleOfAThread(t *testing.T) {
	w := startWith(t, setup{origins: []string{blog}, limits: true})
	maren, zoe, bob := w.guest(), w.guest(), w.nobody()
	thread := bob.thread(article).ID
	zoe.says(bob.thread(blog+"/pool").ID, "", "Elsewhere", "x")
	m := maren.says(thread, "", "Maren Holt", "one")
	z := zoe.says(thread, "", "Zoë", "two")
	find := func(q string) []string {
		t.Helper()
		a := bob.get("/api/v1/threads/" + thread + "/people?q=" + url.QueryEscape(q)).want(200)
		if got := a.header.Get("Cache-Control"); got != "public, max-age=15" {
			t.Errorf("kept as %q", got)
		}
		var found []string
		for _, p := range decode[struct {
			People []struct{ ID, Name, Comment string } `json:"people"`
		}](a).People {
			found = append(found, p.ID+" "+p.Name+" "+p.Comment)
		}
		return found
	}
	isMaren, isZoe := m.Author.ID+" Maren Holt "+m.ID, z.Author.ID+" Zoë "+z.ID
	for q, want := range map[string][]string{"": {isZoe, isMaren}, "ho": {isMaren}, " MAR": {isMaren}, "maren h": {isMaren}, "zoe\u0308": {isZoe}, "oë": nil, "else": nil, strings.Repeat("x", 5000): nil} {
		if got := find(q); !slices.Equal(got, want) {
			t.Errorf("%.20q: got %q, want %q", q, got, want)
		}
	}
	zoe.ask("DELETE", "/api/v1/comments/"+z.ID, nil, "").want(200)
	if got := find("z"); got != nil {
		t.Errorf("found %q, who says nothing any more", got)
	}
	bob.get("/api/v1/threads/none/people").wantProblem(404, talk.NotFound, "thread")
	for range 200 {
		if a := bob.get("/api/v1/threads/" + thread + "/people?q=a"); a.status == 429 {
			w.later(time.Second)
			find("a")
			return
		}
	}
	t.Error("nobody is too fast")
}
