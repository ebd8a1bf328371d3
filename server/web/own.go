package web

import (
	"bytes"
	"cmp"
	"context"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
	"folkmoot/app/ui"
	"folkmoot/app/words"
	"folkmoot/server/forum"
	"folkmoot/server/plain"
)

// ownShell is the page around a screen of Folkmoot's own, which stands in no
// other page and can be installed as an app. The browser's program takes over
// the first element of the body, as it does in the widget.
var ownShell = template.Must(template.New("own").Parse(`<!doctype html>
<html lang="{{.Words.Language}}" dir="{{.Words.Direction}}"{{with .Theme}} data-theme="{{.}}"{{end}} class="own">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="{{or .Theme "light dark"}}">
<meta name="theme-color" content="#f7f8f6" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#141917" media="(prefers-color-scheme: dark)">
{{- if not .Indexed}}
<meta name="robots" content="noindex">
{{- end}}
{{- with .Canonical}}
<link rel="canonical" href="{{.}}">
{{- end}}
<title>{{.Unread}}{{.Title}} · Folkmoot</title>
{{- with .Description}}
<meta name="description" content="{{.}}">
<meta property="og:description" content="{{.}}">
{{- end}}
<meta property="og:title" content="{{.Title}}">
<meta property="og:site_name" content="Folkmoot">
{{- with .Address}}
<meta property="og:type" content="article">
<meta property="og:url" content="{{.}}">
<meta property="og:image" content="{{$.Picture}}">
<meta name="twitter:card" content="summary">
{{- end}}
<link rel="manifest" href="/manifest.webmanifest">
<link rel="icon" href="/icons/icon.svg" type="image/svg+xml">
<link rel="apple-touch-icon" href="/icons/apple-180.png">
<link rel="stylesheet" href="{{.Style}}">
<link rel="stylesheet" href="{{.MoreStyle}}" id="more">
<link rel="stylesheet" href="{{.AppStyle}}">
<script src="{{.Boot}}" data-host=""{{with .Wasm}} data-wasm="{{.}}"{{end}} data-exec="{{.Exec}}" data-write="{{.Write}}" data-live="{{.Live}}"{{with .Long}} data-long="{{.}}"{{end}}{{with .WordsFile}} data-words="{{.}}"{{end}} defer></script>
<script src="{{.App}}" data-title="{{.Title}} · Folkmoot" data-copied="{{.Words.Say "share.copied"}}" data-left="{{.Words.Say "place.left"}}" data-start="{{.Words.Say "place.start"}}" defer></script>
{{- range .Scripts}}
<script src="{{.}}" data-unsent="{{$.Words.Say "unsent"}}" data-asking="{{$.Words.Say "continue.asking"}}" defer></script>
{{- end}}
{{- if .PushKey}}
<script src="{{.Push}}" data-key="{{.PushKey}}" defer></script>
{{- end}}
<script src="{{.Install}}" data-version="{{.Version}}" data-newer="{{.Newer}}" data-reload="{{.Reload}}" data-later="{{.Later}}" defer></script>
</head>
<body>
{{.Screen}}
{{- if .PushKey}}
<section id="push-offer" class="newer" aria-label="{{.Words.Say "push"}}" hidden data-offer="{{.Words.Say "push.offer"}}" data-on="{{.Words.Say "push.done"}}" data-denied="{{.Words.Say "push.denied"}}" data-failed="{{.Words.Say "push.failed"}}" data-none="{{.Words.Say "push.none"}}" data-close="{{.Words.Say "push.close"}}">
<p role="status"></p><button type="button" class="yes">{{.Words.Say "push.yes"}}</button><button type="button" class="no">{{.Words.Say "push.no"}}</button>
</section>
{{- end}}
<dialog id="keys" aria-labelledby="keys-title">
<h2 id="keys-title">{{.Words.Say "keys"}}</h2>
<dl>{{range .Keys}}<div><dt>{{range .Keys}}<kbd>{{.}}</kbd> {{end}}</dt><dd>{{.What}}</dd></div>{{end}}</dl>
<label><input type="checkbox" checked> {{.Words.Say "keys.on"}}</label>
<button type="button" class="pill">{{.Words.Say "keys.close"}}</button>
</dialog>
<script type="application/json" id="state">{{.State}}</script>
{{- with .Linked}}
<script type="application/ld+json">{{.}}</script>
{{- end}}
{{- if .Dev}}
<script src="/dev.js" defer></script>
{{- end}}
</body>
</html>
`))

// An ownPage is what its shell needs besides the site's.
type ownPage struct {
	Title, Description string
	Theme              string
	Indexed            bool        // search engines may show it
	Address            string      // by which it is shared; empty: it isn't
	Canonical          string      // the address that search engines are to show instead
	Linked             template.JS // JSON-LD, which can't end its script element
	tongue             tongue
	screen             app.UI
	state              any      // what the browser's program starts from; nil: the page needs none
	scripts            []string // names of files besides those of every page
	unread             int      // of the reader's inbox
}

type ownData struct {
	ownPage
	Dev                                                                               bool
	Newer, Reload, Later                                                              string // what is said of an update
	Words                                                                             *words.Words
	WordsFile                                                                         string
	Style, MoreStyle, AppStyle, Boot, Wasm, Exec, Write, Install, Live, Long, Version string
	Picture, Push, PushKey                                                            string
	Scripts                                                                           []string
	Screen                                                                            template.HTML
	State                                                                             template.JS
	App                                                                               string
	Unread                                                                            string // before the title
	Keys                                                                              []shortcutKey
}

// own renders a page of Folkmoot's own.
func (s *Site) own(p ownPage) ([]byte, error) {
	path := func(name string) string { return s.Assets.Named(name).Path }
	program := path("app.wasm")
	if p.state == nil {
		program, p.state = "", struct{}{}
	}
	state, err := stateJSON(p.state)
	if err != nil {
		return nil, err
	}
	var farther string
	if s, ok := p.state.(*ui.State); ok && long(&s.View) {
		farther = path("long.js")
	}
	var b bytes.Buffer
	var scripts []string
	for _, name := range p.scripts {
		scripts = append(scripts, path(name))
	}
	err = ownShell.Execute(&b, ownData{
		ownPage: p, Dev: s.Dev, Words: p.tongue.Words, WordsFile: p.tongue.path,
		Style: path("style.css"), MoreStyle: path("more.css"), AppStyle: path("app.css"), Boot: path("boot.js"), Wasm: program, Exec: path("wasm_exec.js"), Write: path("write.js"),
		Picture: s.public + "/icons/icon-512.png", Scripts: scripts, Install: path("install.js"), Live: path("live.js"), Long: farther, Version: s.Assets.Version,
		Push: path("push.js"), PushKey: s.PushKey,
		App: path("app.js"), Unread: ui.Unread(p.tongue.Words, p.unread), Keys: shortcutKeys(p.tongue.Words),
		Newer: p.tongue.Say("app.newer"), Reload: p.tongue.Say("app.reload"), Later: p.tongue.Say("app.later"),
		Screen: template.HTML(tidy(app.HTMLString(p.screen))), State: template.JS(state),
	})
	return b.Bytes(), err
}

// ownHeaders are those of every page of Folkmoot's own.
func (s *Site) ownHeaders(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", "Cookie")
	h.Add("Vary", "Accept-Encoding")
	h.Add("Vary", "Accept-Language")
	socket := "ws" + strings.TrimPrefix(s.public, "http") // Safari's 'self' has no ws:
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' "+s.inline.styles+"; img-src "+s.images()+"; manifest-src 'self'; "+
		"worker-src 'self'; connect-src 'self' "+socket+"; form-action 'self'; base-uri 'none'; frame-ancestors "+nobody)
}

// serveThread serves a conversation as a page of its own: GET /t/{thread}
// [?sort=][&theme=][&lang=][&after=|&before=|&around=COMMENT][&reply=]. Unlike the widget, it asks no page
// whether it may.
func (s *Site) serveThread(w http.ResponseWriter, r *http.Request) {
	if err := s.thread(w, r); err != nil {
		s.refusalPage(w, r, err)
	}
}

func (s *Site) thread(w http.ResponseWriter, r *http.Request) error {
	who, id := s.Sessions.Who(r), r.PathValue("thread")
	if !isID(id) {
		return noThread()
	}
	in := last(r.URL.Query())
	q, err := query(in, talk.PageRoots)
	if err != nil {
		return err
	}
	in.Set("lang", spoken(r, alone+id, in))
	self := selfOf(alone+id, in)
	s.ownHeaders(w)
	if who.Person != "" || asksWho(self) {
		v, err := s.view(r.Context(), who, id, q)
		if err != nil {
			return err
		}
		if v.Thread.ID != id {
			return movedTo(w, r, v.Thread.ID)
		}
		return s.showThread(w, r, http.StatusOK, who, v, self, boxes(in.Get("reply")))
	}
	now, head, err := s.Forum.Find(r.Context(), id)
	if err != nil {
		return err
	}
	if now != id {
		return movedTo(w, r, now)
	}
	p, err := s.pages.get(pageKey{id, self}, head, s.Clock(), func() ([]byte, string, error) {
		v, err := s.view(context.WithoutCancel(r.Context()), who, id, q) // others wait for it too
		if err != nil {
			return nil, "", err
		}
		body, err := s.threadPage(v, talk.Person{}, &ui.Frame{}, self, boxes(in.Get("reply")), nil)
		return body, s.tag(v, self), err
	})
	if err != nil {
		return err
	}
	return s.sendPage(w, r, p)
}

// movedTo leads on to the thread that one was merged into.
func movedTo(w http.ResponseWriter, r *http.Request, thread string) error {
	to := alone + thread
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	http.Redirect(w, r, to, http.StatusMovedPermanently)
	return nil
}

func noThread() error {
	return talk.Refuse(talk.NotFound, "thread", "There is no such conversation.")
}

func (s *Site) threadPage(v talk.View, me talk.Person, frame *ui.Frame, self string, open map[string]ui.Box, reacted *talk.Reacted) ([]byte, error) {
	v.Thread.Viewers = s.Live.Viewers(v.Thread.ID)
	l := s.lookOf(self)
	t := s.tongueOf(l)
	state := &ui.State{
		View: v, Kinds: s.Forum.Reactions, Me: me, Self: self, Now: s.Clock().UTC(), Boxes: open, Who: reacted, Words: t.Words, Frame: frame,
	}
	p := ownPage{
		Title: cmp.Or(v.Thread.Title, t.Say("conversation")), Description: s.about(v, t), Theme: l.Theme,
		Address: s.public + alone + v.Thread.ID, tongue: t, screen: ui.Page(state, nil), state: state, unread: frame.Unread,
	}
	if p.Indexed = s.Indexable != ""; p.Indexed {
		p.Canonical = s.canonical(v, self)
	}
	if me.ID == "" { // what somebody alone can see is nobody else's
		linked, err := plain.Linked(v, p.Address)
		if err != nil {
			return nil, err
		}
		p.Linked = template.JS(linked)
	}
	return s.own(p)
}

// aboutChars is how much of a comment stands in a description: more is cut by
// whoever shows it.
const aboutChars = 160

// about describes a conversation to those who are sent its address.
func (s *Site) about(v talk.View, t tongue) string {
	said := []string{t.Many("comments.count", v.Thread.Comments), talk.SiteOf(v.Thread.Article())}
	for _, c := range v.Comments {
		if text := plain.Text(c.HTML); c.State == talk.Published && text != "" {
			text = strings.ReplaceAll(text, "\n", " ")
			if runes := []rune(text); len(runes) > aboutChars {
				text = strings.TrimSpace(string(runes[:aboutChars])) + "…"
			}
			said = append(said, c.Author.Name+": "+text)
			break
		}
	}
	return strings.Join(said, " · ")
}

// canonical is the address under which search engines are to show a page of a
// conversation: without what only dresses it, or the article's.
func (s *Site) canonical(v talk.View, self string) string {
	if s.Indexable == IndexArticle {
		return v.Thread.Article()
	}
	in, out := queryOf(self), url.Values{}
	for _, name := range []string{"after", "before"} {
		if at := in.Get(name); at != "" {
			out.Set(name, at)
		}
	}
	address := s.public + alone + v.Thread.ID
	if len(out) > 0 {
		address += "?" + out.Encode()
	}
	return address
}

// showThread answers with a conversation as a person sees it, framed or not.
func (s *Site) showThread(w http.ResponseWriter, r *http.Request, status int, who forum.Who, v talk.View, self string, open map[string]ui.Box) error {
	me, err := s.Forum.Person(r.Context(), who.Person)
	if err != nil {
		return err
	}
	var body []byte
	var reacted *talk.Reacted
	if asksWho(self) {
		all, err := s.Forum.Reacted(r.Context(), who, v.Thread.ID)
		if err != nil {
			return err
		}
		reacted = &all
	}
	if pathOf(self) == framed {
		body, err = s.page(v, me, self, open, false, reacted)
	} else {
		frame, failed := s.frame(r, who, "")
		if failed != nil {
			return failed
		}
		body, err = s.threadPage(v, me, frame, self, open, reacted)
	}
	if err != nil {
		return err
	}
	return send(w, r, status, body)
}

// frame is what stands around a page for who asks.
func (s *Site) frame(r *http.Request, who forum.Who, screen string) (*ui.Frame, error) {
	f := &ui.Frame{Screen: screen, Known: who.Person != ""}
	if !f.Known {
		return f, nil
	}
	self, err := s.Forum.Self(r.Context(), who.Person)
	if err != nil {
		return nil, err
	}
	unread, err := s.Forum.Unread(r.Context(), self)
	f.Unread = unread[self]
	return f, err
}
