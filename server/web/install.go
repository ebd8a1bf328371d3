package web

import (
	"bytes"
	"encoding/json"
	"html/template"
	"net/http"
	"regexp"
	"strings"
	texttemplate "text/template"

	"folkmoot/app/talk"
	"folkmoot/assets"
)

// What a browser asks for to install Folkmoot as an app: the manifest (W3C, "Web
// Application Manifest"), its pictures, and the service worker. Pages of the
// app's own link to them; the widget doesn't.

// installPages are those.
func (s *Site) installPages(mux *http.ServeMux) {
	mux.HandleFunc("GET /manifest.webmanifest", s.serveManifest)
	mux.HandleFunc("GET /app-worker.js", s.serveWorker())
	mux.Handle("GET /icons/", keptADay(http.FileServerFS(assets.Icons)))
	mux.HandleFunc("GET /offline", s.serveOffline)
	mux.HandleFunc("GET /share", s.serveShared)
}

func keptADay(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=86400")
		h.ServeHTTP(w, r)
	})
}

type (
	manifest struct {
		ID          string     `json:"id"`
		Name        string     `json:"name"`
		ShortName   string     `json:"short_name"`
		Description string     `json:"description"`
		Start       string     `json:"start_url"`
		Scope       string     `json:"scope"`
		Display     string     `json:"display"`
		Theme       string     `json:"theme_color"`
		Background  string     `json:"background_color"`
		Categories  []string   `json:"categories"`
		Icons       []picture  `json:"icons"`
		Shots       []picture  `json:"screenshots,omitempty"`
		Shortcuts   []shortcut `json:"shortcuts"`
		Share       share      `json:"share_target"`
	}
	picture struct {
		Source  string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose,omitempty"`
		Form    string `json:"form_factor,omitempty"`
		Label   string `json:"label,omitempty"`
	}
	shortcut struct {
		Name  string    `json:"name"`
		URL   string    `json:"url"`
		Icons []picture `json:"icons"`
	}
	share struct {
		Action string            `json:"action"`
		Method string            `json:"method"`
		Type   string            `json:"enctype"`
		Params map[string]string `json:"params"`
	}
)

func (s *Site) serveManifest(w http.ResponseWriter, r *http.Request) {
	icon := picture{Source: "/icons/icon-192.png", Sizes: "192x192", Type: "image/png"}
	body, err := json.Marshal(manifest{
		ID: "/", Name: "Folkmoot", ShortName: "Folkmoot", Description: "What people say under the articles that you read, and who answered you.",
		Start: "/", Scope: "/", Display: "standalone", Theme: "#0a6b4b", Background: "#f7f8f6", Categories: []string{"social", "news"},
		Icons: []picture{
			{Source: "/icons/icon.svg", Sizes: "any", Type: "image/svg+xml", Purpose: "any"},
			{Source: "/icons/icon-192.png", Sizes: "192x192", Type: "image/png", Purpose: "any"},
			{Source: "/icons/icon-512.png", Sizes: "512x512", Type: "image/png", Purpose: "any"},
			{Source: "/icons/maskable-512.png", Sizes: "512x512", Type: "image/png", Purpose: "maskable"},
			{Source: "/icons/badge-96.png", Sizes: "96x96", Type: "image/png", Purpose: "monochrome"},
		},
		Shots: []picture{
			{Source: "/icons/screen-wide.png", Sizes: "1280x800", Type: "image/png", Form: "wide", Label: "What is lively, and where you follow"},
			{Source: "/icons/screen-thread.png", Sizes: "400x800", Type: "image/png", Form: "narrow", Label: "A conversation"},
			{Source: "/icons/screen-inbox.png", Sizes: "400x800", Type: "image/png", Form: "narrow", Label: "Who answered you"},
		},
		Shortcuts: []shortcut{{"Inbox", "/inbox", []picture{icon}}, {"Explore topics", "/topics", []picture{icon}}},
		Share:     share{"/share", "GET", "application/x-www-form-urlencoded", map[string]string{"title": "title", "text": "text", "url": "url"}},
	})
	if err != nil {
		s.problem(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/manifest+json")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	if err := send(w, r, http.StatusOK, body); err != nil {
		s.problem(w, r, err)
	}
}

// serveWorker serves the service worker of this very build: another build's
// differs, which is how browsers find that there is an update.
func (s *Site) serveWorker() http.HandlerFunc {
	files := []string{"/offline", "/icons/icon-192.png", "/icons/badge-96.png"}
	for _, name := range []string{"app.css", "app.js", "app.wasm", "boot.js", "device.js", "install.js", "live.js", "long.js", "more.css", "push.js", "style.css", "wasm_exec.js", "write.js"} {
		files = append(files, s.Assets.Named(name).Path)
	}
	list, err := json.Marshal(files)
	if err != nil {
		panic(err) // strings
	}
	var body bytes.Buffer
	err = texttemplate.Must(texttemplate.New("worker").Parse(assets.Worker)).Execute(&body, map[string]string{
		"Version": s.Assets.Version, "ResourcesToCache": string(list), "Outbox": s.Assets.Named("outbox.js").Path, "PushKey": s.PushKey,
	})
	if err != nil {
		panic(err) // likewise
	}
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		h.Set("Cache-Control", "no-cache")
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'") // notifications have pictures
		if err := send(w, r, http.StatusOK, body.Bytes()); err != nil {
			s.problem(w, r, err)
		}
	}
}

var noticeTemplate = template.Must(template.New("notice").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{{.Title}} · Folkmoot</title>
<style>{{.Style}}</style>
</head>
<body><main class="fm refusal"><h1>{{.Title}}</h1><p>{{.Text}}</p><p><a href="/">Home</a> · <a href="/inbox">Inbox</a></p></main></body>
</html>
`))

func (s *Site) notice(w http.ResponseWriter, status int, title, text string) {
	s.ownHeaders(w)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = noticeTemplate.Execute(w, struct { // the reader may have gone
		Title, Text string
		Style       template.CSS
	}{title, text, s.inline.Style})
}

// serveOffline is what the service worker shows instead of a page that isn't on
// the device.
func (s *Site) serveOffline(w http.ResponseWriter, _ *http.Request) {
	s.notice(w, http.StatusOK, "You are offline", "This page has not been opened on this device yet. What you opened before is still here, and what you wrote is kept and sent when the network is back.")
}

var someAddress = regexp.MustCompile(`https?://\S+`)

// serveShared: GET /share[?title=][&text=][&url=], which is what a phone opens when
// an article was shared with the app: its conversation, if it may have one here.
func (s *Site) serveShared(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	shared := someAddress.FindString(strings.Join([]string{q.Get("url"), q.Get("text"), q.Get("title")}, " "))
	if shared == "" {
		s.notice(w, http.StatusBadRequest, "No address", "What you shared holds no address of an article. Share the article's page itself.")
		return
	}
	thread, origin, err := s.Forum.Open(r.Context(), s.Sessions.Who(r), shared, "", nil)
	if refused, status := s.refusal(w, r, err); err != nil {
		text := refused.Message
		if refused.Code == talk.Forbidden {
			text = "Conversations of " + origin + " are not kept here."
		}
		s.notice(w, status, "No conversation", text)
		return
	}
	http.Redirect(w, r, "/t/"+thread, http.StatusSeeOther)
}
