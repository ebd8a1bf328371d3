// Package markdown makes of a comment's Markdown the HTML that readers get: safe
// to put into a page, and bounded in size and in the work that it takes, whatever
// was written. It knows no comments, only text.
package markdown

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	nethtml "golang.org/x/net/html"

	"folkmoot/app/talk"
)

// linkRel tells search engines that a link is a reader's (nofollow, ugc), and
// keeps the page that it opens from reaching back (noopener).
const linkRel = "nofollow ugc noopener"

// converter is CommonMark with strike-through, tables and bare links. It has no
// HTML: whoever writes <div> means those five characters and sees them. Line
// ends are kept, since people press enter.
var converter = goldmark.New(
	goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers(shallow(without(parser.DefaultBlockParsers(), parser.NewHTMLBlockParser()))...),
		parser.WithInlineParsers(without(parser.DefaultInlineParsers(), parser.NewRawHTMLParser())...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
		parser.WithASTTransformers(util.Prioritized(plainer{}, 100)),
	)),
	goldmark.WithExtensions(extension.Strikethrough, tables{}, extension.Linkify),
	goldmark.WithRendererOptions(html.WithHardWraps()),
)

// without leaves one parser out of goldmark's defaults.
func without(all []util.PrioritizedValue, one any) []util.PrioritizedValue {
	kept := all[:0]
	for _, p := range all {
		if p.Value != one {
			kept = append(kept, p)
		}
	}
	return kept
}

// plainer makes of a document what a comment may have: links that are marked as
// a reader's, pictures as links to them, and headings as bold lines, because
// the article's outline isn't a commenter's to change.
type plainer struct{}

func (plainer) Transform(doc *ast.Document, r text.Reader, _ parser.Context) {
	var pictures, headings []ast.Node
	addresses := 0
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the visitor returns no error
		if entering {
			switch n := n.(type) {
			case *ast.Link:
				mark(n)
				n.Title = nil
				n.Destination = bounded(n.Destination, &addresses)
			case *ast.AutoLink:
				mark(n)
			case *ast.Image:
				pictures = append(pictures, n)
				n.Destination = bounded(n.Destination, &addresses)
			case *ast.Heading:
				headings = append(headings, n)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, n := range pictures {
		link := ast.NewLink()
		link.Destination = n.(*ast.Image).Destination
		mark(link)
		replace(n, link, link)
		if !link.HasChildren() { // no description: a link must have something to touch
			link.AppendChild(link, ast.NewString(link.Destination))
		}
	}
	for _, n := range headings {
		line, bold := ast.NewParagraph(), ast.NewEmphasis(2)
		line.AppendChild(line, bold)
		replace(n, line, bold)
	}
	unnest(doc, r.Source())
}

// unnest leaves only the text of links inside links, which come of pictures
// that are links and links in a picture's description: HTML has none.
func unnest(doc *ast.Document, source []byte) {
	var inner []ast.Node
	links := 0
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		_, isLink := n.(*ast.Link)
		_, isAuto := n.(*ast.AutoLink)
		if entering && links > 0 && (isLink || isAuto) {
			inner = append(inner, n)
		}
		if isLink && entering {
			links++
		} else if isLink {
			links--
		}
		return ast.WalkContinue, nil
	})
	for _, n := range inner {
		if auto, ok := n.(*ast.AutoLink); ok {
			n.Parent().ReplaceChild(n.Parent(), n, ast.NewString(auto.Label(source)))
			continue
		}
		for child := n.FirstChild(); child != nil; child = n.FirstChild() {
			n.Parent().InsertBefore(n.Parent(), n, child)
		}
		n.Parent().RemoveChild(n.Parent(), n)
	}
}

// bounded is the address of a link, or none when a comment's addresses come to
// more than it may hold: one reference used a thousand times, [a][a][a]….
func bounded(address []byte, sum *int) []byte {
	if *sum += len(address); *sum > talk.BodyBytes {
		return nil
	}
	return address
}

func mark(link ast.Node) {
	link.SetAttributeString("rel", []byte(linkRel))
	link.SetAttributeString("target", []byte("_blank"))
}

// replace puts now in the place of old, whose children move into inner.
func replace(old, now, inner ast.Node) {
	for child := old.FirstChild(); child != nil; child = old.FirstChild() {
		inner.AppendChild(inner, child)
	}
	old.Parent().ReplaceChild(old.Parent(), old, now)
}

// Render returns a comment's text as HTML that is safe to put into a
// page. It is done once, when the comment is written.
func Render(body string) string {
	var b bytes.Buffer
	if err := converter.Convert([]byte(body), &b); err != nil {
		return "<p>" + nethtml.EscapeString(body) + "</p>" // a bytes.Buffer takes all, so never
	}
	return strings.TrimSpace(sanitizer.Sanitize(b.String()))
}
