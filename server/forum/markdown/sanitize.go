package markdown

import (
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	nethtml "golang.org/x/net/html"

	"folkmoot/app/talk"
)

// sanitizer is the second lock on the door, whatever the first lets through. It
// allows what the renderer makes and nothing more: no picture, class or id.
var sanitizer = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li",
		"table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^[0-9]{1,9}$`)).OnElements("ol")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(left|center|right)$`)).OnElements("th", "td")
	p.AllowAttrs("rel").Matching(regexp.MustCompile(`^` + linkRel + `$`)).OnElements("a")
	p.AllowAttrs("target").Matching(regexp.MustCompile(`^_blank$`)).OnElements("a")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	return p
}()

// Unseen reports whether nothing of the HTML would be seen.
func Unseen(rendered string) bool {
	if strings.Contains(rendered, "<hr") {
		return false
	}
	z := nethtml.NewTokenizer(strings.NewReader(rendered))
	for {
		switch z.Next() {
		case nethtml.ErrorToken:
			return true
		case nethtml.TextToken:
			if !talk.Blank(string(z.Text())) {
				return false
			}
		}
	}
}
