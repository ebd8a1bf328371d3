package web

import (
	"context"
	"errors"
	"hash/fnv"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"folkmoot/app/talk"
	"folkmoot/app/ui"
	"folkmoot/server/forum"
	"folkmoot/server/plain"
)

// siteID is what a page may call the one site that a server has, where it says
// which it means.
const siteID = "default"

// serveEmbed serves the widget: GET /embed?page=URL[&id=][&at=URL][&title=][&topics=]
// [&site=][&sort=][&theme=][&lang=][&reactions=][&comments=][&input=][&live=]
// [&after=|&before=|&around=COMMENT|&rest=COMMENT][&reply=].
func (s *Site) serveEmbed(w http.ResponseWriter, r *http.Request) {
	if err := s.embed(w, r); err != nil {
		s.refusalPage(w, r, err)
	}
}

func (s *Site) embed(w http.ResponseWriter, r *http.Request) error {
	who := s.Sessions.Who(r)
	in := last(r.URL.Query())
	if site := in.Get("site"); site != "" && site != siteID {
		return talk.Refuse(talk.NotFound, "site", "There is no site called %q here. Leave data-site-id out, or make it %q.", site, siteID)
	}
	title, topics := in.Get("title"), strings.Split(in.Get("topics"), ",")
	if !shownBy(r, in.Get("page")) {
		title, topics = "", nil
	}
	thread, origin, err := s.Forum.Open(r.Context(), who, pageOf(in), title, topics)
	if err != nil {
		return err
	}
	if at := in.Get("at"); at != "" {
		s.Forum.Hint(at, pageOf(in))
	}
	q, err := query(in, talk.PageRoots)
	if err != nil {
		return err
	}
	in.Set("lang", spoken(r, framed, in))
	self := selfOf(framed, in)
	look := s.lookOf(self)
	if !look.comments {
		q.Roots = 0
	}
	s.pageHeaders(w, origin, look.Sheet)
	if who.Person != "" || asksWho(self) {
		v, err := s.view(r.Context(), who, thread, q)
		if err == nil {
			return s.showThread(w, r, http.StatusOK, who, v, self, boxes(in.Get("reply")))
		}
		p := s.pages.stale(pageKey{thread, self})
		if p == nil {
			return err
		}
		return s.sendPage(w, r, p) // what everybody sees is better than nothing
	}

	thread, head, err := s.Forum.Find(r.Context(), thread)
	if err != nil {
		return err
	}
	linked := standsAlone(r)
	key := pageKey{thread, self}
	if linked {
		key.self += "#linked"
	}
	p, err := s.pages.get(key, head, s.Clock(), func() ([]byte, string, error) {
		v, err := s.view(context.WithoutCancel(r.Context()), who, thread, q) // others wait for it too
		if err != nil {
			return nil, "", err
		}
		body, err := s.page(v, talk.Person{}, self, boxes(in.Get("reply")), linked, nil)
		return body, s.tag(v, key.self), err
	})
	if err != nil {
		return err
	}
	return s.sendPage(w, r, p)
}

// standsAlone says whether a page is asked for that stands in no frame, by a
// person or by a search engine's program, which says nothing of it.
func standsAlone(r *http.Request) bool {
	dest := r.Header.Get("Sec-Fetch-Dest")
	return dest == "" || dest == "document"
}

// view reads what a page of a thread shows: its beginning, if the comment that it
// is to show, or to continue after, isn't there.
func (s *Site) view(ctx context.Context, who forum.Who, thread string, q forum.Query) (talk.View, error) {
	v, err := s.Forum.View(ctx, who, thread, q)
	if refused := (*talk.Error)(nil); q.Around+q.Rest != "" && errors.As(err, &refused) && refused.Code == talk.NotFound && refused.Field == "comment" {
		q.Around, q.Rest = "", ""
		return s.Forum.View(ctx, who, thread, q)
	}
	return v, err
}

// sendPage answers with a page that is the same for everybody.
func (s *Site) sendPage(w http.ResponseWriter, r *http.Request, p *page) error {
	w.Header().Set("ETag", p.tag)
	if matches(r, p.tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	e := encoding(r)
	body, err := p.body(e)
	if err != nil {
		return err
	}
	if e != "" {
		w.Header().Set("Content-Encoding", e)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // the reader may have gone
	return nil
}

// page renders the widget; linked adds what search engines read.
func (s *Site) page(v talk.View, me talk.Person, self string, open map[string]ui.Box, linked bool, reacted *talk.Reacted) ([]byte, error) {
	v.Thread.Viewers = s.Live.Viewers(v.Thread.ID)
	l := s.lookOf(self)
	t := s.tongueOf(l)
	title := t.Say("conversation")
	if v.Thread.Title != "" {
		title = t.Say("conversation.of", "title", v.Thread.Title)
	}
	d := shellData{Dev: s.Dev, Title: title, Look: l, Robots: "noindex", Inline: s.inline}
	if s.Indexable != "" {
		d.Robots = "noindex, indexifembedded" // as a part of the article that shows it
	}
	if linked {
		ld, err := plain.Linked(v, v.Thread.Article())
		if err != nil {
			return nil, err
		}
		d.Linked = template.JS(ld)
	}
	return render(s.Assets, d, t, &ui.State{
		View: v, Kinds: s.Forum.Reactions, Me: me, Self: self, Now: s.Clock().UTC(), Boxes: open, Who: reacted,
	})
}

// tag names one state of a page. It changes with the ages too, which are not in
// the thread's numbers.
func (s *Site) tag(v talk.View, self string) string {
	t := v.Thread
	minute := s.Clock().Unix() / int64(pageLife.Seconds())
	return `W/"` + strings.Join([]string{s.Assets.Version, t.Epoch, strconv.FormatUint(t.Seq, 36), strconv.FormatUint(t.Version, 36),
		strconv.FormatInt(minute, 36), strconv.Itoa(s.Live.Viewers(t.ID)), strconv.FormatUint(fingerprint(self), 36)}, ".") + `"`
}

// fingerprint tells addresses of one thread's pages apart (FNV-1a).
func fingerprint(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // never fails
	return h.Sum64()
}

// nobody may frame a page that isn't the widget's.
const nobody = "'none'"

// pageHeaders are those of every page of the widget: the policy that it lives
// under, and that the page may be kept only to ask whether it still holds. Who
// frames it may dress it, later too; sheet is the style sheet that it begins
// with, if that is another's.
func (s *Site) pageHeaders(w http.ResponseWriter, framedBy, sheet string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", "Cookie, Accept-Language, Sec-Fetch-Dest")
	h.Add("Vary", "Accept-Encoding")
	if framedBy != nobody {
		framable(h)
	}
	socket := "ws" + strings.TrimPrefix(s.public, "http") // Safari's 'self' has no ws:
	styles := "'self' " + s.inline.styles
	if framedBy != nobody {
		styles += " " + framedBy
	}
	if _, origin, err := talk.PageKey(sheet); err == nil && origin != framedBy && origin != s.public {
		styles += " " + origin
	}
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' "+s.inline.scripts+"; style-src "+styles+"; img-src "+s.images()+"; "+
		"connect-src 'self' "+socket+"; form-action 'self'; base-uri 'none'; frame-ancestors "+framedBy)
}

// framable lets pages frame an answer that isolate themselves from other origins,
// as far as its policy does: they frame only what agrees to that.
func framable(h http.Header) {
	h.Set("Cross-Origin-Embedder-Policy", "credentialless")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// shownBy says whether the request may come from a page that shows this one in
// a frame. Browsers tell where they embed and from which origin; what says
// nothing of it is believed, but a link that somebody follows is not.
func shownBy(r *http.Request, page string) bool {
	if dest := r.Header.Get("Sec-Fetch-Dest"); dest != "" && dest != "iframe" && dest != "frame" {
		return false
	}
	from, err := url.Parse(r.Header.Get("Referer"))
	if err != nil || from.Host == "" {
		return err == nil
	}
	_, origin, err := talk.PageKey(page)
	_, referrer, err2 := talk.PageKey(from.Scheme + "://" + from.Host)
	return err == nil && err2 == nil && origin == referrer
}

// last keeps the last value of each parameter: the link to a page's continuation
// adds a cursor to an address that may have one.
func last(in url.Values) url.Values {
	for name, values := range in {
		in[name] = values[len(values)-1:]
	}
	return in
}

// pageOf is the address of the page that a request is about.
func pageOf(in url.Values) string { return talk.PageWithID(in.Get("page"), in.Get("id")) }

// boxes opens the reply box that a reader without a script asked for.
func boxes(reply string) map[string]ui.Box {
	open := map[string]ui.Box{"": {}}
	if reply != "" {
		open[reply] = ui.Box{}
	}
	return open
}

var refusalTemplate = template.Must(template.New("refusal").Parse(`<!doctype html>
<html lang="{{.Language}}" dir="{{.Direction}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Folkmoot</title>
<link rel="stylesheet" href="{{.Style}}">
</head>
<body><main class="fm refusal"><p role="alert">{{.Message}}</p></main></body>
</html>
`))

// frameOf is the origin that may show a refusal in its frame: that of the page
// that the request is about, if it may embed at all.
func (s *Site) frameOf(r *http.Request) string {
	page := r.URL.Query().Get("page")
	if back, err := url.Parse(s.backFrom(r)); page == "" && err == nil {
		page = back.Query().Get("page")
	}
	if _, origin, err := talk.PageKey(page); err == nil && s.Forum.Origins.Allow(origin) {
		return origin
	}
	return nobody
}

// refusalPage answers a page that can't be shown, in words.
func (s *Site) refusalPage(w http.ResponseWriter, r *http.Request, err error) {
	refused, status := s.refusal(w, r, err)
	if refused.Field == "page" && status == http.StatusUnprocessableEntity {
		status = http.StatusBadRequest
	}
	s.pageHeaders(w, s.frameOf(r), "")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Del("ETag")
	w.WriteHeader(status)
	_ = refusalTemplate.Execute(w, struct {
		tongue
		Style, Message string
	}{s.tongueFor(r), s.Assets.Named("style.css").Path, refused.Message}) // the reader may have gone
}
