// Package web is Folkmoot over HTTP: pages, forms and the JSON API. It turns
// requests into the commands and questions of package forum and their answers
// into HTML, redirects and JSON; what may be done is decided there, not here.
package web

import (
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"folkmoot/app/talk"
	"folkmoot/assets"
	"folkmoot/server/forum"
)

// Live is what the site needs of the sockets.
type Live interface {
	http.Handler
	Viewers(thread string) int // how many have it open now, at all nodes
	Crowded() map[string]int   // those of the threads that have most
}

// Config is what a site is made of; Forum to Log must be set.
type Config struct {
	Forum    *forum.Forum
	Live     Live
	Sessions *Sessions
	Assets   *assets.Set
	Demo     []byte   // the demo article, as index.html has it
	Images   []string // the origins whose pictures comments show
	Public   *url.URL // where browsers reach the site, without a path
	Clock    func() time.Time
	Log      *slog.Logger
	Proxies  []netip.Prefix // whose X-Forwarded-For counts
	BusErr   func() error   // why other nodes can't be told just now; nil where there are none
	Dev      bool           // pages reload when the server was rebuilt

	Indexable Indexable // what search engines may show

	PushKey   string // by which push services know the site; empty: devices are told nothing
	PushLocal bool   // push services may be on this machine, over http: for tests
}

// Indexable says what search engines may show of conversations. The zero value is
// nothing.
type Indexable string

// What they may show.
const (
	IndexThread  Indexable = "yes"     // a conversation's own page
	IndexArticle Indexable = "article" // its article: the page names that as what to show
)

// A Site answers HTTP requests. Make one with [New].
type Site struct {
	Config
	pages   *pageCache
	inline  *inline
	tongues map[string]tongue // by language
	public  string            // Public as an origin
	demo    []byte
}

// New returns a site's handler.
func New(c Config) http.Handler {
	s := &Site{Config: c, pages: newPageCache(), inline: inlined(c.Assets), tongues: readTongues(c.Assets), public: strings.TrimRight(c.Public.String(), "/")}
	s.demo = demoFor(c.Demo, s.public)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /demo", s.serveDemo)
	mux.HandleFunc("GET /embed", s.serveEmbed)
	mux.HandleFunc("GET /t/{thread}", s.serveThread)
	s.scripts(mux)
	mux.HandleFunc("GET /embed.d.ts", s.serveScript("embed.d.ts"))
	mux.HandleFunc("GET /emoji.txt", s.serveScript("emoji.txt"))
	mux.HandleFunc("GET /assets/{file}", s.serveAsset)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }) // browsers ask, and log an error

	mux.HandleFunc("POST /do/react", s.form(s.reactForm))
	mux.HandleFunc("POST /do/post", s.form(s.postForm))
	mux.HandleFunc("POST /do/like", s.form(s.likeForm))
	s.keepingForms(mux)
	s.ownerPages(mux)
	s.installPages(mux)
	s.screens(mux)
	s.continuePages(mux)

	const v1 = "/api/v1/"
	mux.Handle("GET "+v1+"threads", s.api(s.getThread))
	mux.Handle("GET "+v1+"threads/{id}/comments", s.api(s.getComments))
	mux.Handle("POST "+v1+"threads/{id}/comments", s.api(s.postComment))
	mux.Handle("GET "+v1+"threads/{id}/events", s.api(s.getEvents))
	mux.Handle("GET "+v1+"threads/{id}/people", s.api(s.getPeople))
	mux.Handle("GET "+v1+"threads/{id}/reactions", s.api(s.getReactions))
	mux.Handle("PUT "+v1+"threads/{id}/reactions/{kind}", s.api(s.react))
	mux.Handle("DELETE "+v1+"threads/{id}/reactions/{kind}", s.api(s.react))
	mux.Handle("PUT "+v1+"comments/{id}/like", s.api(s.like))
	mux.Handle("DELETE "+v1+"comments/{id}/like", s.api(s.like))
	mux.Handle("DELETE "+v1+"comments/{id}", s.api(s.deleteComment))
	s.keepingCalls(mux, v1)
	s.peopleCalls(mux, v1)
	s.pushCalls(mux, v1)
	mux.Handle("GET "+v1+"counts", s.api(s.getCounts))
	mux.Handle("POST "+v1+"session", s.api(s.postSession))
	mux.Handle("GET "+v1+"live", c.Live)
	mux.HandleFunc(v1, s.noCall(mux, v1))

	if c.Dev {
		started := c.Clock().String()
		mux.HandleFunc("GET /dev.js", s.serveDevScript)
		mux.HandleFunc("GET /dev/version", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(started)) })
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", s.serveReady)
	mux.HandleFunc("GET /metrics", s.serveMetrics)

	return behind(c.Proxies, s.guard(mux))
}

// images are where a page of ours may have pictures from, as sources of its policy.
func (s *Site) images() string { return strings.Join(append([]string{"'self'"}, s.Images...), " ") }

// guard is what holds for every request: no write from another site's page, no
// sniffing of types, and a panic is a 500 and a log line.
func (s *Site) guard(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	if err := cross.AddTrustedOrigin(s.public); err != nil {
		panic(err) // Public was checked when it was parsed
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.problem(w, r, talk.Refuse(talk.Forbidden, "", "This was sent by a page of another site, so it was not done."))
	}))
	protected := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(p)
				}
				s.Log.ErrorContext(r.Context(), "handler panicked", "method", r.Method, "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
				http.Error(w, "Something went wrong on our side. Please try again.", http.StatusInternalServerError)
			}
		}()
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "same-origin")
		protected.ServeHTTP(w, r)
	})
}

// AllowSocket says whether a socket's request comes from one of our own pages,
// or from no page at all. The browser always tells a page's origin.
func AllowSocket(public *url.URL) func(*http.Request) bool {
	own := strings.TrimRight(public.String(), "/")
	return func(r *http.Request) bool {
		origin := r.Header.Get("Origin")
		if origin == "" || origin == own {
			return true
		}
		u, err := url.Parse(origin)
		return err == nil && u.Host == r.Host && (u.Scheme == "http" || u.Scheme == "https")
	}
}
