package web

import (
	"net/url"
	"strings"

	"folkmoot/app/talk"
	"folkmoot/app/words"
)

// matters turns what a page of ours was asked with into what of it changes the
// page, or nothing: two addresses that mean the same are one page in memory.
var matters = map[string]func(string) string{
	"theme": func(v string) string {
		if v == "light" || v == "dark" || isSheet(v) {
			return v
		}
		return ""
	},
	"lang":      words.Nearest, // unknown ones are no reason to keep another page
	"reactions": off,
	"comments":  off,
	"live":      off,
	"who": func(v string) string {
		if v == "1" {
			return v
		}
		return ""
	},
	"around": anID,
	"rest":   anID,
	"input": func(v string) string {
		if v == "bottom" {
			return v
		}
		return ""
	},
}

// anID keeps what looks like one.
func anID(v string) string {
	if isID(v) {
		return v
	}
	return ""
}

// off keeps what says no.
func off(v string) string {
	if v == "0" || v == "false" {
		return "0"
	}
	return ""
}

// isSheet says whether a theme is the address of a style sheet.
func isSheet(theme string) bool {
	return strings.HasPrefix(theme, "http://") || strings.HasPrefix(theme, "https://")
}

// A look is how a page of ours is shown.
type look struct {
	Theme string // light, dark, or empty: as the reader's system is
	Class string // of the root element, for style.css

	Sheet string // the address of a style sheet of an allowed origin

	comments, live bool
	lang           string // one of words.Languages, or empty for English
}

// lookOf reads how a page of ours is shown from its own address.
func (s *Site) lookOf(self string) look {
	q := queryOf(self)
	l := look{comments: q.Get("comments") == "", live: q.Get("live") == "", lang: q.Get("lang")}
	switch theme := q.Get("theme"); {
	case !isSheet(theme):
		l.Theme = theme
	case s.mayDress(theme):
		l.Sheet = theme
	}
	var classes []string
	if q.Get("reactions") != "" {
		classes = append(classes, "no-reactions")
	}
	if !l.comments {
		classes = append(classes, "no-comments")
	}
	l.Class = strings.Join(classes, " ")
	return l
}

// mayDress says whether a style sheet may be used: it is the server's, or of an
// origin that may embed.
func (s *Site) mayDress(sheet string) bool {
	u, err := url.Parse(sheet)
	if err != nil || u.User != nil {
		return false
	}
	_, origin, err := talk.PageKey(sheet)
	return err == nil && (origin == s.public || s.Forum.Origins.Allow(origin))
}
