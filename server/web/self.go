package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// A conversation is shown at two kinds of address: framed, which the page under
// whose article it stands asks for by that page, and at one of its own.
const (
	framed = "/embed"
	alone  = "/t/" // and the thread
)

// selfOf is the own address of a page that shows a conversation, with what
// matters of its query, in one order.
func selfOf(path string, in url.Values) string {
	self := path + "?"
	if path == framed {
		key, _, _ := talk.PageKey(pageOf(in)) // Open has refused a bad one
		self += "page=" + url.QueryEscape(key) + "&"
	}
	for _, name := range []string{"sort", "theme", "lang", "reactions", "comments", "input", "live", "after", "before", "around", "rest", "reply", "who"} {
		v := in.Get(name)
		if means, limited := matters[name]; limited {
			v = means(v)
		}
		if v != "" {
			self += name + "=" + url.QueryEscape(v) + "&"
		}
	}
	return self[:len(self)-1]
}

// asksWho says whether a page also shows who has reacted, which is not kept: a
// name is not shown any more from when its owner says so.
func asksWho(self string) bool { return queryOf(self).Get("who") != "" }

// pathOf and queryOf are the parts of a page's own address.
func pathOf(self string) string {
	path, _, _ := strings.Cut(self, "?")
	return path
}

func queryOf(self string) url.Values {
	_, query, _ := strings.Cut(self, "?")
	q, _ := url.ParseQuery(query) // self is ours
	return q
}

// backFrom is the page of ours that the form stood in, or empty. A form with a
// text says it in its address, see package ui: if the text is refused, the
// answer has that address, and the forms in it tell no more than it.
func (s *Site) backFrom(r *http.Request) string {
	from, err := url.Parse(r.Referer())
	if err != nil || (from.Host != r.Host && from.Host != s.Public.Host) {
		from = &url.URL{}
	}
	if at := cmp.Or(r.URL.Query().Get("at"), from.Query().Get("at")); at != "" {
		if from, err = url.Parse(at); err != nil || from.Host != "" {
			return ""
		}
	}
	q := last(from.Query())
	q.Set("lang", spoken(r, from.Path, q))
	q.Del("reply") // its box has done its work
	switch _, _, err := talk.PageKey(q.Get("page")); {
	case from.Path == framed && err == nil:
		return selfOf(framed, q)
	case isID(strings.TrimPrefix(from.Path, alone)) && strings.HasPrefix(from.Path, alone):
		return selfOf(from.Path, q)
	}
	return ""
}

// isID says whether a text looks like an id of ours, so that it may stand in an
// address without further ado.
func isID(text string) bool {
	return text != "" && len(text) <= 64 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// leadsTo says whether a page is a thread's, or was before it moved.
func (s *Site) leadsTo(r *http.Request, page string, t talk.Thread) bool {
	if page == "" || page == t.Page {
		return page != ""
	}
	id, _, err := s.Forum.Open(r.Context(), s.Sessions.Who(r), page, "", nil)
	if err == nil && id != t.ID {
		id, _, err = s.Forum.Find(r.Context(), id)
	}
	return err == nil && id == t.ID
}

// back is where the reader goes: to the page that they came from if it is the
// thread's, else to the thread's first.
func (s *Site) back(r *http.Request, thread string) string {
	from := s.backFrom(r)
	v, err := s.Forum.View(r.Context(), forum.Who{}, thread, forum.Query{Sort: talk.Oldest, Roots: 1})
	switch {
	case err != nil:
		return cmp.Or(from, "/")
	case from != "" && (pathOf(from) == alone+v.Thread.ID || s.leadsTo(r, queryOf(from).Get("page"), v.Thread)):
		return from
	}
	return selfOf(framed, url.Values{"page": {v.Thread.Page}, "lang": {spoken(r, framed, queryOf(from))}})
}
