package web

import (
	"html/template"
	"net/http"

	"folkmoot/app/talk"
)

// The pages on which a browser becomes an owner's. What a link or a code is for
// is done by a button, so that a program which looks at links doesn't use it up.
var ownerTemplate = template.Must(template.New("owner").Parse(`<!doctype html>
<html lang="{{.Language}}" dir="{{.Direction}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Folkmoot · {{.Say "owner"}}</title>
<link rel="stylesheet" href="{{.Style}}">
</head>
<body><main class="fm owner">
{{- if .Error}}
<p role="alert">{{.Error}}</p>
{{- end}}
{{- if .Code}}
<h1>{{.Say "owner.code"}}</h1>
<p><strong class="code">{{.Code}}</strong></p>
<p>{{.Say "owner.code.how" "keeper" (.Say "keeper")}}</p>
{{- else if .Token}}
<h1>{{.Say "owner.become"}}</h1>
<p>{{.Say "owner.become.what"}}</p>
<form method="post" action="/owner">
<input type="hidden" name="token" value="{{.Token}}">
<button>{{.Say "owner.become.do"}}</button>
</form>
{{- else if .Owner}}
<h1>{{.Say "owner.is"}}</h1>
<p>{{.Say "owner.is.here"}} <a href="/demo">{{.Say "owner.demo"}}</a></p>
<p>{{.Say "owner.is.apart"}}</p>
<form method="post" action="/owner/code"><button>{{.Say "owner.code.make"}}</button></form>
{{- else}}
<h1>{{.Say "owner.none"}}</h1>
<p>{{.Say "owner.none.how" "command" "folkmoot owner-link"}}</p>
{{- end}}
</main></body>
</html>
`))

type ownerPage struct {
	tongue

	Style, Token, Code, Error string
	Owner                     bool
}

// ownerPages are the owner's.
func (s *Site) ownerPages(mux *http.ServeMux) {
	mux.HandleFunc("GET /owner", s.serveOwner)
	mux.HandleFunc("POST /owner", s.becomeOwner)
	mux.HandleFunc("POST /owner/code", s.makeCode)
}

// serveOwner: GET /owner[?token=]
func (s *Site) serveOwner(w http.ResponseWriter, r *http.Request) {
	me, err := s.Forum.Me(r.Context(), s.Sessions.Who(r))
	if err != nil {
		s.refusalPage(w, r, err)
		return
	}
	s.showOwner(w, r, http.StatusOK, ownerPage{Token: r.URL.Query().Get("token"), Owner: me.Role == talk.Owner})
}

func (s *Site) showOwner(w http.ResponseWriter, r *http.Request, status int, p ownerPage) {
	s.pageHeaders(w, "'none'", "")
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer") // a token may be in the address
	p.tongue = s.tongueFor(r)
	p.Style = s.Assets.Named("style.css").Path
	w.WriteHeader(status)
	_ = ownerTemplate.Execute(w, p) // the reader may have gone
}

// becomeOwner: POST /owner
func (s *Site) becomeOwner(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, talk.RequestBytes)
	who := s.Sessions.Writer(r)
	if err := s.Forum.Own(r.Context(), who, r.PostFormValue("token")); err != nil {
		refused, status := s.refusal(w, r, err)
		s.showOwner(w, r, status, ownerPage{Error: refused.Message})
		return
	}
	s.Sessions.Remember(w, who.Person)
	http.Redirect(w, r, "/owner", http.StatusSeeOther)
}

// makeCode: POST /owner/code
func (s *Site) makeCode(w http.ResponseWriter, r *http.Request) {
	code, err := s.Forum.Code(r.Context(), s.Sessions.Who(r))
	if err != nil {
		refused, status := s.refusal(w, r, err)
		s.showOwner(w, r, status, ownerPage{Error: refused.Message})
		return
	}
	s.showOwner(w, r, http.StatusOK, ownerPage{Code: code})
}
