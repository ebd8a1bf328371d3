package markdown

import (
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	nethtml "golang.org/x/net/html"

	"folkmoot/app/talk"
)

// sanitizer is the second lock on the door, whatever the first lets through. It
// allows what the renderer makes and nothing more: no id, no style, and no
// picture but from the origins.
func sanitizer(pictures []string) *bluemonday.Policy {
	exactly := func(alternatives string) *regexp.Regexp { return regexp.MustCompile(`^(?:` + alternatives + `)$`) }
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "div", "br", "hr", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li",
		"table", "thead", "tbody", "tr", "th", "td", "summary")
	p.AllowAttrs("start").Matching(exactly(`[0-9]{1,9}`)).OnElements("ol")
	p.AllowAttrs("align").Matching(exactly(`left|center|right`)).OnElements("th", "td")
	p.AllowAttrs("class").Matching(exactly(`spoiler( wide)?`)).OnElements("details")
	p.AllowAttrs("class").Matching(exactly(`[ckfnsad]`)).OnElements("span")
	p.AllowAttrs("rel").Matching(exactly(linkRel)).OnElements("a")
	p.AllowAttrs("target").Matching(exactly(`_blank`)).OnElements("a")
	p.AllowAttrs("class").Matching(exactly(`mention`)).OnElements("a")
	p.AllowAttrs("href").Matching(exactly(`(?i:https?|mailto):.*|#comment-[\w-]{1,64}`)).OnElements("a")
	if len(pictures) > 0 {
		var quoted []string
		for _, origin := range pictures {
			quoted = append(quoted, regexp.QuoteMeta(origin))
		}
		p.AllowAttrs("src").Matching(exactly(`(` + strings.Join(quoted, "|") + `)/[^\s"<>]*`)).OnElements("img")
		p.AllowAttrs("alt").OnElements("img")
		p.AllowAttrs("loading").Matching(exactly(`lazy`)).OnElements("img")
		p.AllowAttrs("decoding").Matching(exactly(`async`)).OnElements("img")
		p.AllowAttrs("referrerpolicy").Matching(exactly(`no-referrer`)).OnElements("img")
	}
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true) // those that lead to a comment
	p.RequireParseableURLs(true)
	return p
}

// Unseen reports whether nothing of the HTML would be seen.
func Unseen(rendered string) bool {
	if strings.Contains(rendered, "<hr") || strings.Contains(rendered, "<img") {
		return false
	}
	z := nethtml.NewTokenizer(strings.NewReader(strings.ReplaceAll(rendered, talk.SpoilerLabel, "")))
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
