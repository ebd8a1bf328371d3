package web_test

import (
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"folkmoot/app/talk"
	"folkmoot/app/words"
)

// in reads a language's words as the browser's program does: from the file that
// the page names.
func in(t *testing.T, r *reader, doc *html.Node) *words.Words {
	t.Helper()
	for _, script := range all(doc, "script") {
		path, ok := attribute(script, "data-words")
		if !ok {
			continue
		}
		a := r.get(path).want(200)
		if !strings.Contains(a.header.Get("Cache-Control"), "immutable") || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s is %q, %q", path, a.header.Get("Content-Type"), a.header.Get("Cache-Control"))
		}
		w, err := words.Read(a.body)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return w
	}
	return words.English()
}

func TestAPageInEachLanguage(t *testing.T) {
	w := start(t)
	guest := w.guest()
	thread := guest.thread(article).ID
	c := guest.say(thread, "", "First")
	for range 4 { // deep enough to say whom it answers
		c = guest.say(thread, c.ID, "Under it")
	}
	for _, language := range words.Languages {
		for _, reader := range []*reader{w.nobody(), guest} {
			doc := reader.get(embed(article, "lang", language)).want(200).doc()
			said := in(t, reader, doc)
			root := one(t, doc, "html")
			if value(root, "lang") != language || said.Language() != language || value(root, "dir") != said.Direction() {
				t.Errorf("%s: the page is lang=%s dir=%s, its words are %s", language, value(root, "lang"), value(root, "dir"), said.Language())
			}
			for what, want := range map[string]string{
				text(one(t, doc, "title")):                                                 said.Say("conversation"),
				text(one(t, one(t, doc, "section", "id", "comments"), "h2")):               said.Many("comments.count", 5),
				value(one(t, doc, "textarea", "id", "box"), "placeholder"):                 said.Say("write.comment.hint"),
				value(one(t, doc, "button", "name", "reaction", "value", "idea"), "title"): said.Say("reaction.idea"),
				text(all(doc, "a", "class", "to")[0]):                                      said.Say("comment.to", "name", "Ann"),
				value(all(doc, "time")[0], "title"):                                        said.Exact(w.clock()),
			} {
				if what != want {
					t.Errorf("%s: the page says %q, want %q", language, what, want)
				}
			}
			if self := stateOf(t, doc).Self; queryAt(t, self).Get("lang") != language {
				t.Errorf("%s: the page goes on at %s", language, self)
			}
		}
	}
}

func queryAt(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

func TestWhichLanguage(t *testing.T) {
	w := start(t)
	w.guest().thread(article)
	for _, tt := range []struct {
		asked, dest, accept string
		want                string
	}{
		{"", "", "", "en"},
		{"pt-BR", "iframe", "de", "pt"},
		{"zh-Hant-TW", "", "", "zh"},
		{"tlh", "iframe", "de", "en"},
		{"", "iframe", "de", "en"}, // the page around it is in no language that it says
		{"", "document", "ko, de;q=0.5", "de"},
		{"tlh", "document", "de", "de"},
		{"fr", "document", "de", "fr"},
		{"", "document", "ko", "en"},
	} {
		r := w.nobody().with("Sec-Fetch-Dest", tt.dest).with("Accept-Language", tt.accept)
		address := embed(article)
		if tt.asked != "" {
			address = embed(article, "lang", tt.asked)
		}
		a := r.get(address).want(200)
		if got := value(one(t, a.doc(), "html"), "lang"); got != tt.want {
			t.Errorf("lang=%s in %s, accepting %s: the page is in %s, want %s", tt.asked, tt.dest, tt.accept, got, tt.want)
		}
		if vary := strings.Join(a.header.Values("Vary"), ", "); !strings.Contains(vary, "Accept-Language") || !strings.Contains(vary, "Sec-Fetch-Dest") {
			t.Errorf("the page varies by %s", vary)
		}
	}
}

// Whoever asks for languages that there aren't gets pages that are kept already.
func TestUnknownLanguagesAreNoOtherPages(t *testing.T) {
	w := start(t)
	w.guest().thread(article)
	tag := func(lang string) string {
		return w.nobody().get(embed(article, "lang", lang)).want(200).header.Get("ETag")
	}
	for a, b := range map[string]string{"x1": "x2", "de-AT": "de-x-anything", "tlh": ""} {
		if tag(a) != tag(b) {
			t.Errorf("%q and %q are two pages", a, b)
		}
	}
	if tag("de") == tag("fr") {
		t.Error("German and French are one page")
	}
}

// A refused form is answered in the language of the page that it stood in, and
// leads back to that page, on the second try too.
func TestRefusedInTheLanguageOfThePage(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	for _, address := range []string{embed(article, "lang", "de", "theme", "dark"), "/t/" + thread + "?lang=de&theme=dark"} {
		doc := g.get(address).want(200).doc()
		german := in(t, g, doc)
		action := value(all(doc, "form", "class", "composer")[0], "action")
		again := g.with("Referer", w.url+address).form(action, url.Values{"thread": {thread}, "body": {"Text"}, "name": {" "}}).want(422).doc()
		root := one(t, again, "html")
		if value(root, "lang") != "de" || value(root, "data-theme") != "dark" {
			t.Errorf("%s: the answer is lang=%s, theme=%s", address, value(root, "lang"), value(root, "data-theme"))
		}
		want := german.Refusal(talk.Refuse(talk.Invalid, "name", "Please say under which name you write."))
		if got := text(one(t, again, "p", "id", "box-error")); got != want || !strings.HasPrefix(got, "Bitte") {
			t.Errorf("%s: refused with %q, want %q", address, got, want)
		}
		// From there on, only the form itself knows where it stood.
		action = value(all(again, "form", "class", "composer")[0], "action")
		done := g.with("Referer", w.url+action).form(action, url.Values{"thread": {thread}, "body": {"Text " + address}, "name": {"Ann"}}).want(303)
		if q := queryAt(t, done.header.Get("Location")); q.Get("lang") != "de" || q.Get("theme") != "dark" || !strings.HasPrefix(done.header.Get("Location"), address[:3]) {
			t.Errorf("from %s, the second try leads to %s", address, done.header.Get("Location"))
		}
		liked := g.with("Referer", w.url+action).form("/do/react", url.Values{"thread": {thread}, "reaction": {"like"}}).want(303)
		if q := queryAt(t, liked.header.Get("Location")); q.Get("lang") != "de" {
			t.Errorf("from the answer, a reaction leads to %s", liked.header.Get("Location"))
		}
	}
}

// What a form says of where it stood is believed of our own pages only.
func TestAFormLeadsToOurPagesOnly(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	for _, at := range []string{"https://evil.example/embed?page=" + url.QueryEscape(article), "//evil.example/t/" + thread, "/owner", "javascript:x", "%", "/t/../owner", "/t/none"} {
		to := g.form("/do/react?at="+url.QueryEscape(at), url.Values{"thread": {thread}, "reaction": {"like"}}).want(303).header.Get("Location")
		if !strings.HasPrefix(to, "/embed?page="+url.QueryEscape(article)) {
			t.Errorf("at=%s leads to %s", at, to)
		}
	}
}

func TestAPageThatCannotBeShownSaysSoInItsLanguage(t *testing.T) {
	w := start(t)
	doc := w.nobody().get(embed("https://elsewhere.example/a", "lang", "he")).want(403).doc()
	root := one(t, doc, "html")
	if value(root, "lang") != "he" || value(root, "dir") != "rtl" || !strings.Contains(said(doc), "להטמיע") {
		t.Errorf("lang=%s dir=%s: %s", value(root, "lang"), value(root, "dir"), said(doc))
	}
}

func TestTheOwnersPagesInALanguage(t *testing.T) {
	w := start(t)
	r := w.nobody().with("Sec-Fetch-Dest", "document").with("Accept-Language", "es")
	for path, want := range map[string]string{"/owner": "folkmoot owner-link", "/owner?token=x": "¿Ser el propietario?"} {
		doc := r.get(path).want(200).doc()
		if root := one(t, doc, "html"); value(root, "lang") != "es" || !strings.Contains(text(root), want) {
			t.Errorf("%s: lang=%s: %s", path, value(root, "lang"), text(root))
		}
	}
	refused := r.form("/owner", url.Values{"token": {"x"}}).want(403).doc()
	if said := text(one(t, refused, "p", "role", "alert")); !strings.HasPrefix(said, "Este enlace") {
		t.Errorf("a link that was used is refused with %q", said)
	}
}

// Programs say in the usual header which language they want.
func TestProblemsInALanguage(t *testing.T) {
	w := start(t)
	g := w.guest()
	thread := g.thread(article).ID
	for accept, want := range map[string]string{"": "Please", "ko": "Please", "fr-CH, en;q=0.5": "Veuillez", "ja": "先に"} {
		p := g.with("Accept-Language", accept).send("POST", "/api/v1/threads/"+thread+"/comments", post{Body: " ", Name: "Ann"}).wantProblem(422, talk.Invalid, "body")
		if !strings.HasPrefix(p.Detail, want) || p.Errors[0].Detail != p.Detail {
			t.Errorf("accepting %q: %q, %q", accept, p.Detail, p.Errors[0].Detail)
		}
	}
}
