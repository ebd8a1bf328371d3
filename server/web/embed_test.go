package web_test

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"folkmoot/app/talk"
)

// policy reads a Content-Security-Policy.
func (a *answer) policy() map[string]string {
	a.t.Helper()
	if n := len(a.header.Values("Content-Security-Policy")); n != 1 {
		a.t.Fatalf("%s: %d policies, want one", a.asked, n)
	}
	p := map[string]string{}
	for directive := range strings.SplitSeq(a.header.Get("Content-Security-Policy"), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), " ")
		p[name] = value
	}
	return p
}

func TestPolicyOfThePage(t *testing.T) {
	w := startWith(t, setup{origins: []string{blog, "http://localhost:1313", "https://other.example"}})
	g := w.guest()
	thread := g.thread(article).ID
	script, style, more := inlines(t)
	for page, framedBy := range map[string]string{
		article:                                  blog,
		"https://BLOG.example:443/baths?x=1":     blog,
		"http://localhost:1313/":                 "http://localhost:1313",
		"https://other.example/;script-src%20*;": "https://other.example",
	} {
		want := map[string]string{
			"default-src": "'none'", "script-src": "'self' 'wasm-unsafe-eval' " + hash(script), "style-src": "'self' " + hash(style) + " " + hash(more) + " " + framedBy, "img-src": "'self'",
			"connect-src": "'self' ws" + strings.TrimPrefix(w.url, "http"), "form-action": "'self'", "base-uri": "'none'",
			"frame-ancestors": framedBy,
		}
		for who, r := range map[string]*reader{"nobody": w.nobody(), "a guest": g} {
			if got := r.get(embed(page)).want(200).policy(); !maps.Equal(got, want) {
				t.Errorf("%s at %s: the policy is %v, want %v", who, page, got, want)
			}
		}
	}
	// The page that shows a refused post is of the same kind.
	a := g.form("/do/post", url.Values{"thread": {thread}}).want(422)
	if got := a.policy()["frame-ancestors"]; got != blog {
		t.Errorf("a refused post may be framed by %s, want %s", got, blog)
	}
	if a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Referrer-Policy") != "same-origin" {
		t.Errorf("headers are %v", a.header)
	}
}

func TestPagesThatMayNotEmbed(t *testing.T) {
	w := start(t)
	for _, page := range []string{"https://evil.example/", "http://blog.example/baths", "https://blog.example:8443/", "https://sub.blog.example/", "https://blog.example.evil.example/", "http://localhost:3000/"} {
		a := w.nobody().get(embed(page)).want(403)
		u, _ := url.Parse(page)
		if words := said(a.doc()); !strings.Contains(words, "--origin "+u.Scheme+"://"+u.Host) {
			t.Errorf("%s is told %q, which doesn't say how to allow it", page, words)
		}
		if got := a.policy()["frame-ancestors"]; got != "'none'" {
			t.Errorf("%s may frame: %s", page, got)
		}
		if len(all(a.doc(), "form")) > 0 || len(all(a.doc(), "script")) > 0 {
			t.Errorf("%s is shown more than words", page)
		}
	}
}

func TestBadPages(t *testing.T) {
	w := start(t)
	for what, path := range map[string]string{
		"missing":             "/embed",
		"empty":               "/embed?page=",
		"javascript:":         embed("javascript:alert(1)"),
		"data:":               embed("data:text/html,hello"),
		"credentials":         embed("https://ann:secret@blog.example/"),
		"user":                embed("https://ann@blog.example/"),
		"relative":            embed("/baths"),
		"relative to scheme":  embed("//blog.example/baths"),
		"ftp":                 embed("ftp://blog.example/"),
		"file":                embed("file:///etc/passwd"),
		"no host":             embed("https:///baths"),
		"opaque":              embed("https:blog.example"),
		"NUL":                 embed("https://blog.example/\x00"),
		"a policy in a host":  embed("https://blog.example;script-src*/"),
		"line end":            embed("https://blog.example/\r\nX: y"),
		"too long":            embed(article + strings.Repeat("x", 2000)),
		"right-to-left":       embed(article + "\u202Egpj"),
		"bad escape":          embed("https://blog.example/%zz"),
		"bad escape in query": "/embed?page=%zz",
	} {
		a := w.nobody().get(path).want(400)
		if said(a.doc()) == "" || a.policy()["frame-ancestors"] != "'none'" {
			t.Errorf("%s: said %q, framed by %s", what, said(a.doc()), a.policy()["frame-ancestors"])
		}
	}
}

// What goes wrong with a page that may embed is said where the reader sees it:
// in its frame.
func TestRefusalsShowInTheFrame(t *testing.T) {
	w := startWith(t, setup{origins: []string{blog}, limits: true})
	g := w.guest()
	tooMuch := url.Values{"thread": {g.thread(article).ID}, "body": {strings.Repeat("a", 500<<10)}, "name": {"Ann"}}
	answers := map[string]*answer{
		"an unknown order": w.nobody().get(embed(article, "sort", "best")).want(422),
		"a bad cursor":     w.nobody().get(embed(article, "after", "x")).want(422),
		"a huge form":      g.fromPage(embed(article)).form("/do/post", tooMuch).want(413),
		"no thread":        g.fromPage(embed(article)).form("/do/react", url.Values{"thread": {"none"}, "reaction": {"like"}}).want(404),
	}
	for i := 0; i < 1000; i++ {
		if a := w.nobody().get(embed(article + "/" + strings.Repeat("x", i))); a.status == 429 {
			answers["too many pages"] = a
			break
		}
	}
	for what, a := range answers {
		if said(a.doc()) == "" || a.policy()["frame-ancestors"] != blog {
			t.Errorf("%s: said %q, framed by %s", what, said(a.doc()), a.policy()["frame-ancestors"])
		}
	}
	if answers["too many pages"] == nil {
		t.Error("nobody was told to make fewer threads")
	}
	// Not in another's, though.
	if a := g.fromPage(embed("https://evil.example/")).form("/do/post", tooMuch).want(413); a.policy()["frame-ancestors"] != "'none'" {
		t.Errorf("framed by %s", a.policy()["frame-ancestors"])
	}
}

// The first page that shows a thread in a frame describes it, for good.
func TestTitleIsTakenOnce(t *testing.T) {
	w := start(t)
	describe := func(r *reader, title, topics string) {
		t.Helper()
		r.get(embed(article, "title", title, "topics", topics)).want(200)
	}
	frame := w.nobody().with("Sec-Fetch-Dest", "iframe")
	for what, r := range map[string]*reader{
		"a link that was followed":        w.nobody().with("Sec-Fetch-Dest", "document"),
		"one that came from the page":     w.nobody().with("Sec-Fetch-Dest", "document").with("Referer", blog+"/"),
		"a script of another site":        w.nobody().with("Sec-Fetch-Dest", "empty"),
		"a frame on another site":         frame.with("Referer", "https://evil.example/"),
		"an old browser on another site":  w.nobody().with("Referer", "https://evil.example/"),
		"the same host without TLS":       frame.with("Referer", "http://blog.example/"),
		"the same host on another port":   frame.with("Referer", "https://blog.example:8443/"),
		"a host whose name begins so":     frame.with("Referer", "https://blog.example.evil.example/"),
		"a referrer that can't be read":   frame.with("Referer", "https://blog.example/%zz"),
		"a link followed on our own page": w.nobody().with("Sec-Fetch-Dest", "document").with("Referer", w.url+"/embed"),
	} {
		describe(r, "Forged by "+what, "forged")
		if got := w.nobody().thread(article); got.Title != "" || len(got.Topics) > 0 {
			t.Errorf("%s gave the title %q and topics %v", what, got.Title, got.Topics)
		}
	}

	frame.with("Referer", blog+"/").get(embed(article, "title", "  Thirty-six\nseats ", "topics", "Baths, Local  democracy,,Baths")).want(200)
	want := func() {
		t.Helper()
		got := w.nobody().thread(article)
		if got.Title != "Thirty-six seats" || !slices.Equal(got.Topics, []string{"Baths", "Local democracy"}) {
			t.Errorf("the title is %q, the topics %q", got.Title, got.Topics)
		}
	}
	want()
	describe(frame.with("Referer", blog+"/"), "Something else", "other")
	describe(w.nobody(), "Something else", "other")
	want()
	w.later(2 * time.Minute) // a page that was kept from before may show none until then
	if doc := w.nobody().get(embed(article)).doc(); text(one(t, doc, "title")) != "Conversation: Thirty-six seats" {
		t.Errorf("the page's title is %q", text(one(t, doc, "title")))
	}
}

// A page that has an id tells where it stands, as its title: in its own frame.
func TestArticleOfAPageWithAnID(t *testing.T) {
	w := start(t)
	frame := w.nobody().with("Sec-Fetch-Dest", "iframe")
	at := blog + "/2026/post/"
	widget := embed(at+"?utm_source=x", "id", "post-7", "title", "A post")
	for _, r := range []*reader{w.nobody().with("Sec-Fetch-Dest", "document"), frame.with("Referer", "https://evil.example/")} {
		if got := stateOf(t, r.get(widget).want(200).doc()).View.Thread; got.Article() != blog {
			t.Errorf("it is believed that the article is at %q", got.Article())
		}
	}
	frame.with("Referer", blog+"/").get(widget).want(200)
	w.later(2 * time.Minute) // a page that was kept from before may not know until then
	thread := stateOf(t, w.nobody().get(widget).want(200).doc()).View.Thread
	doc := w.nobody().get("/t/" + thread.ID).want(200).doc()
	if got := value(one(t, one(t, doc, "p", "class", "about"), "a"), "href"); thread.Article() != at || got != at {
		t.Errorf("the article is said to be at %q, and the conversation's page leads to %q", thread.Article(), got)
	}
}

func TestPageWithoutReferrerMayDescribe(t *testing.T) {
	w := start(t)
	w.nobody().with("Sec-Fetch-Dest", "iframe").get(embed(article, "title", "From a page that sends no referrer")).want(200)
	if got := w.nobody().thread(article).Title; got != "From a page that sends no referrer" {
		t.Errorf("the title is %q", got)
	}
}

func TestLongDescriptionIsCut(t *testing.T) {
	w := start(t)
	w.nobody().get(embed(article, "title", strings.Repeat("é", 1000), "topics", strings.Repeat(strings.Repeat("t", 100)+",", 3)+strings.Repeat("a,b,c,d,e,f,g,", 3)+"h,i,j,k")).want(200)
	got := w.nobody().thread(article)
	if got.Title != strings.Repeat("é", talk.TitleBytes/2) || len(got.Topics) != talk.Topics || got.Topics[0] != strings.Repeat("t", talk.TopicBytes) {
		t.Errorf("the title is %q, the topics %q", got.Title, got.Topics)
	}
}

func TestOnePageHasOneThread(t *testing.T) {
	w := start(t)
	id := func(page string) string {
		t.Helper()
		return stateOf(t, w.nobody().get(embed(page)).want(200).doc()).View.Thread.ID
	}
	want := id(article)
	for _, same := range []string{
		article + "/", article + "/index.html", article + "/index.htm", article + "#top", article + "?", article + "?utm_source=x&utm_medium=y",
		article + "?fbclid=1&gclid=2", "HTTPS://Blog.Example:443/baths", article + "/index.html?UTM_Campaign=z#comment-a",
	} {
		if got := id(same); got != want {
			t.Errorf("%s has a thread of its own", same)
		}
	}
	for _, other := range []string{article + "?id=1", article + "/index", blog, article + "2", blog + "/Baths", article + "?utm=1"} {
		if id(other) == want {
			t.Errorf("%s has the same thread", other)
		}
	}
}

// What outside tests and programs hold on to.
func TestSelectors(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	root := g.say(thread, "", "Root")
	reply := g.say(thread, root.ID, "Reply")
	g.send("PUT", "/api/v1/threads/"+thread+"/reactions/idea", "").want(200)
	g.send("PUT", "/api/v1/comments/"+reply.ID+"/like", "").want(200)

	doc := g.get(embed(article)).want(200).doc()
	outer := one(t, doc, "article", "id", "comment-"+root.ID)
	inner := one(t, outer, "article", "id", "comment-"+reply.ID)
	if parentWith(inner, "article") != outer {
		t.Error("the reply doesn't stand in what it answers")
	}
	for _, k := range talk.DefaultReactions {
		b := one(t, doc, "button", "name", "reaction", "value", k.Kind)
		if f := parentWith(b, "form"); f == nil || value(f, "method") != "post" {
			t.Errorf("the button of %s is in no form that posts", k.Kind)
		}
		if got, want := value(b, "aria-pressed"), k.Kind == "idea"; got != map[bool]string{true: "true", false: "false"}[want] {
			t.Errorf("%s is pressed: %q", k.Kind, got)
		}
	}
	for id, pressed := range map[string]string{root.ID: "false", reply.ID: "true"} {
		f, b := likeOf(t, doc, id)
		if value(f, "method") != "post" || value(b, "aria-pressed") != pressed {
			t.Errorf("the like of %s: method %q, not pressed as %s", id, value(f, "method"), pressed)
		}
	}
	f := parentWith(one(t, doc, "textarea", "name", "body"), "form")
	if value(f, "method") != "post" || value(one(t, f, "input", "name", "name"), "value") != "Ann" {
		t.Error("the box's form doesn't post, or has forgotten the name")
	}
	first := doc.FirstChild
	for n := range doc.Descendants() {
		if n.Data == "body" {
			first = n.FirstChild
		}
	}
	for first.Data != "main" && first.Type != 3 { // go-app takes over the body's first element
		first = first.NextSibling
	}
	if first.Data != "main" {
		t.Errorf("the body's first element is %s", first.Data)
	}
}
