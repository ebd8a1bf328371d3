package publication

import (
	"errors"
	"io"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// headed are the elements that a page's head is made of. What follows any other is
// the body, in which others than the publication may have written.
var headed = map[atom.Atom]bool{
	atom.Html: true, atom.Head: true, atom.Title: true, atom.Meta: true, atom.Link: true, atom.Base: true,
	atom.Script: true, atom.Style: true, atom.Noscript: true, atom.Template: true,
}

// texts are those of them whose content is text.
var texts = map[atom.Atom]bool{atom.Title: true, atom.Script: true, atom.Style: true, atom.Noscript: true}

// canonical returns the address that a page's head gives as its own, or nil: none,
// or several that differ.
func canonical(page io.Reader, at *url.URL) (*url.URL, error) {
	var base, link string
	var last atom.Atom // the element that began just before
	templates := 0     // which it stands in
	for z := html.NewTokenizer(page); ; {
		kind := z.Next()
		if kind == html.ErrorToken && !errors.Is(z.Err(), io.EOF) {
			return nil, z.Err()
		}
		t := z.Token()
		tag := kind == html.StartTagToken || kind == html.SelfClosingTagToken
		switch {
		case kind == html.ErrorToken, // the end
			kind == html.TextToken && !texts[last] && templates == 0 && strings.Trim(t.Data, " \t\r\n\f\ufeff") != "",
			kind == html.EndTagToken && t.DataAtom == atom.Head,
			tag && !headed[t.DataAtom] && templates == 0:
			return resolve(at, base, link)
		case kind == html.StartTagToken && t.DataAtom == atom.Template:
			templates++
		case kind == html.EndTagToken && t.DataAtom == atom.Template:
			templates = max(0, templates-1)
		case !tag || templates > 0:
		case t.DataAtom == atom.Base && base == "":
			base = attribute(t, "href")
		case t.DataAtom == atom.Link && strings.EqualFold(attribute(t, "rel"), "canonical"):
			href := attribute(t, "href")
			if link != "" && href != link {
				return nil, nil
			}
			link = href
		}
		last = 0
		if kind == html.StartTagToken {
			last = t.DataAtom
		}
	}
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

// resolve returns where a link leads from a page.
func resolve(at *url.URL, base, link string) (*url.URL, error) {
	if link == "" {
		return nil, nil
	}
	from, err := at.Parse(base)
	if err != nil {
		return nil, err
	}
	return from.Parse(link)
}
