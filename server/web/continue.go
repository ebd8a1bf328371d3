package web

import (
	"html/template"
	"net/http"
	"net/url"
	"strconv"

	"folkmoot/app/talk"
	"folkmoot/app/ui"
	"folkmoot/app/words"
)

// continuePages are those on which somebody becomes who they are elsewhere. A
// code comes in a form only, never in an address: a link can make nobody another.
func (s *Site) continuePages(mux *http.ServeMux) {
	mux.HandleFunc("GET /continue", func(w http.ResponseWriter, r *http.Request) { s.showContinue(w, r, http.StatusOK, ui.Continue{}) })
	mux.HandleFunc("POST /continue", s.continueForm)
	mux.HandleFunc("POST /do/handover", s.handoverForm)
}

// continueForm: POST /continue with a code asks whether it is them whom that
// brings, and, with confirm, makes the browser theirs.
func (s *Site) continueForm(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, talk.RequestBytes)
	if err := r.ParseForm(); err != nil {
		s.refusalPage(w, r, formError(err))
		return
	}
	who, code := s.Sessions.Who(r), r.PostFormValue("code")
	drafts, _ := strconv.Atoi(r.PostFormValue("drafts")) // else none
	drafts = max(0, min(drafts, ui.DraftsMax))
	refuse := func(err error) {
		refused, status := s.refusal(w, r, err)
		s.showContinue(w, r, status, ui.Continue{Code: firstRunes(code, 40), Error: s.tongueOf(s.lookOf(s.selfOf(r))).Refusal(refused)})
	}
	if r.PostFormValue("confirm") == "" {
		a, err := s.Forum.Arriving(r.Context(), who, code)
		if err != nil {
			refuse(err)
			return
		}
		me, err := s.Forum.Person(r.Context(), who.Person)
		if err != nil {
			refuse(err)
			return
		}
		s.showContinue(w, r, http.StatusOK, ui.Continue{Code: code, Who: &a, Me: me, Drafts: drafts})
		return
	}
	person, err := s.Forum.Continue(r.Context(), who, code)
	if err != nil {
		refuse(err)
		return
	}
	s.Sessions.Remember(w, person)
	http.Redirect(w, r, cameTo(r, drafts), http.StatusSeeOther)
}

// cameTo is where somebody lands who has continued, in the language that they
// were asked in.
func cameTo(r *http.Request, drafts int) string {
	q := url.Values{"came": {strconv.Itoa(drafts)}}
	if lang := words.Nearest(r.URL.Query().Get("lang")); lang != "" {
		q.Set("lang", lang)
	}
	return "/inbox?" + q.Encode()
}

// cameHere is what a page tells whoever has just continued here, or nil.
func (s *Site) cameHere(r *http.Request) (*ui.Came, error) {
	who := s.Sessions.Who(r)
	if !r.URL.Query().Has("came") || who.Person == "" {
		return nil, nil
	}
	a, err := s.Forum.Present(r.Context(), who)
	if err != nil {
		return nil, err
	}
	drafts, _ := strconv.Atoi(r.URL.Query().Get("came"))
	return &ui.Came{Name: a.Person.Name, Comments: a.Comments, Follows: a.Follows, Drafts: max(0, min(drafts, ui.DraftsMax))}, nil
}

func firstRunes(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n])
	}
	return text
}

// showContinue shows the page. What is on it is kept nowhere.
func (s *Site) showContinue(w http.ResponseWriter, r *http.Request, status int, c ui.Continue) {
	self := s.selfOf(r)
	l := s.lookOf(self)
	t := s.tongueOf(l)
	screen := &ui.Screen{Frame: &ui.Frame{Screen: "continue"}, Self: self, Now: s.Clock().UTC(), Words: t.Words, Continue: &c}
	body, err := s.own(ownPage{Title: t.Say("continue"), Theme: l.Theme, tongue: t, screen: ui.ScreenPage(screen, nil), scripts: []string{"outbox.js", "continue.js"}})
	if err != nil {
		s.refusalPage(w, r, err)
		return
	}
	s.ownHeaders(w)
	w.Header().Set("Cache-Control", "no-store")
	if err := send(w, r, status, body); err != nil {
		s.refusalPage(w, r, err)
	}
}

var handoverTemplate = template.Must(template.New("handover").Parse(`<!doctype html>
<html lang="{{.Language}}" dir="{{.Direction}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Folkmoot · {{.Say "continue"}}</title>
<style>{{.Inline.Style}}</style>
<style>{{.Inline.More}}</style>
</head>
<body><main class="fm owner">
<h1>{{.Say "continue"}}</h1>
<p><strong class="code" dir="ltr">{{.Code}}</strong></p>
<p>{{.Say "handover.form" "me" (.Say "nav.me")}} {{.Say "handover.once"}}</p>
<p><a href="/me#continue" target="_blank" rel="noopener">{{.Say "handover.open"}}</a></p>
<p><a href="{{.Back}}">{{.Say "handover.back"}}</a></p>
</main></body>
</html>
`))

// handoverForm: POST /do/handover shows a code with which whoever has no script
// continues elsewhere.
func (s *Site) handoverForm(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, talk.RequestBytes)
	code, _, err := s.Forum.Handover(r.Context(), s.Sessions.Who(r))
	if err != nil {
		s.refusalPage(w, r, err)
		return
	}
	s.pageHeaders(w, s.frameOf(r), "")
	w.Header().Set("Cache-Control", "no-store")
	_ = handoverTemplate.Execute(w, struct { // the reader may have gone
		tongue
		Inline     *inline
		Code, Back string
	}{s.tongueFor(r), s.inline, code, s.back(r, r.PostFormValue("thread"))})
}
