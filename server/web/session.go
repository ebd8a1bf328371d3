package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"folkmoot/server/forum"
)

// sessionLife is how long a guest stays the same one without coming back; it
// starts again with each deed. Browsers keep cookies 400 days at most.
const sessionLife = 400 * 24 * time.Hour

// Sessions turn a request into who asks. A session is a token, "<person>.<mac>",
// in a cookie or as Authorization: Bearer; nothing is stored for it.
type Sessions struct {
	key    []byte
	cookie http.Cookie // all but the value
}

// NewSessions signs with the key. In a frame on another site, browsers keep
// only cookies that are Secure, SameSite=None and Partitioned (CHIPS), and they
// take those from loopback without TLS too; anywhere else without TLS a plain
// Lax one is all that can be had. The public URL decides, not a request: behind
// a proxy a request doesn't know.
func NewSessions(key []byte, public *url.URL) *Sessions {
	s := &Sessions{key: key, cookie: http.Cookie{Name: "folkmoot", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(sessionLife.Seconds())}}
	if public.Scheme == "https" || forum.IsLoopback(public.Hostname()) {
		s.cookie.Name, s.cookie.Secure, s.cookie.SameSite, s.cookie.Partitioned = "__Host-folkmoot", true, http.SameSiteNoneMode, true
	}
	return s
}

// Who reads who asks: somebody whose token is ours, else nobody.
func (s *Sessions) Who(r *http.Request) forum.Who {
	who := forum.Who{Address: address(r)}
	if c, err := r.Cookie(s.cookie.Name); err == nil {
		who.Person = s.person(c.Value)
	}
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && who.Person == "" {
		who.Person = s.person(bearer)
	}
	return who
}

// Writer reads who wants something done; nobody becomes a new guest, whose
// cookie is for Remember to set once it is sure that they are new.
func (s *Sessions) Writer(r *http.Request) forum.Who {
	who := s.Who(r)
	if who.Person == "" {
		who.Person, who.Fresh = forum.NewID(), true
	}
	return who
}

// Remember makes the browser the person's.
func (s *Sessions) Remember(w http.ResponseWriter, person string) {
	c := s.cookie
	c.Value = person + "." + s.mac(person)
	http.SetCookie(w, &c)
}

// Forget makes the browser nobody's.
func (s *Sessions) Forget(w http.ResponseWriter) {
	c := s.cookie
	c.MaxAge = -1
	http.SetCookie(w, &c)
}

func (s *Sessions) person(token string) string {
	person, mac, _ := strings.Cut(token, ".")
	if person == "" || !hmac.Equal([]byte(mac), []byte(s.mac(person))) {
		return ""
	}
	return person
}

func (s *Sessions) mac(person string) string {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte("session:" + person))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18])
}

func address(r *http.Request) netip.Addr {
	a, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{} // a unix socket: all are one
	}
	return a.Addr()
}
