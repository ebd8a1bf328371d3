// Package plain is a thread as documents that need no program: HTML to stand in
// an article, and what search engines read of it (JSON-LD). It knows what a
// thread says, and neither where it is kept nor how it is asked for.
package plain

import (
	"strings"

	"golang.org/x/net/html"

	"folkmoot/app/talk"
)

// A branch is a comment, and what stands under it.
type branch struct {
	talk.Comment
	replies []branch
}

// tree makes branches of a view's flat list, nested to a depth: what stands
// deeper is a reply to the last that may have some. Removed comments that nobody
// answered are left out.
func tree(comments []talk.Comment, depth int) []branch {
	at := 0
	var gather func(parent string, depth int) []branch
	gather = func(parent string, depth int) (all []branch) {
		for at < len(comments) && comments[at].Parent == parent {
			b := branch{Comment: comments[at]}
			at++
			b.replies = gather(b.ID, depth-1)
			if b.State == talk.Removed && len(b.replies) == 0 {
				continue
			}
			deeper := b.replies
			if depth <= 1 {
				b.replies = nil
			}
			all = append(all, b)
			if depth <= 1 {
				all = append(all, deeper...)
			}
		}
		return all
	}
	return gather("", depth)
}

// Text is what a comment's HTML says, in lines, without what is hidden in it.
func Text(rendered string) string {
	var b strings.Builder
	hidden := 0
	z := html.NewTokenizer(strings.NewReader(rendered))
	for {
		kind := z.Next()
		name, _ := z.TagName()
		switch tag := string(name); {
		case kind == html.ErrorToken:
			return tidy(b.String())
		case tag == "details":
			if kind == html.StartTagToken {
				hidden++
			} else if hidden--; hidden == 0 {
				b.WriteString("…")
			}
		case hidden > 0:
		case kind == html.TextToken:
			b.Write(z.Text())
		case kind != html.TextToken && breaks[tag]:
			b.WriteString("\n")
		}
	}
}

// breaks are the elements that begin and end lines.
var breaks = map[string]bool{
	"p": true, "div": true, "br": true, "hr": true, "pre": true, "blockquote": true, "ul": true, "ol": true, "li": true, "table": true, "tr": true, "td": true, "th": true,
}

// tidy folds white space, and lines without words.
func tidy(text string) string {
	lines := []string{}
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
