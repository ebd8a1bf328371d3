// Package markdown makes of a comment's Markdown the HTML that readers get: safe
// to put into a page, and bounded in size and in the work that it takes, whatever
// was written. It knows no comments, only text.
package markdown

import (
	"bytes"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	nethtml "golang.org/x/net/html"
)

// linkRel tells search engines that a link is a reader's (nofollow, ugc), and
// keeps the page that it opens from reaching back (noopener).
const linkRel = "nofollow ugc noopener"

// A Markdown renders comments. Make one with [New]; it may be used by several
// goroutines.
type Markdown struct {
	converter goldmark.Markdown
	sanitizer *bluemonday.Policy
}

// New returns what renders CommonMark with strike-through, tables, bare links,
// spoilers and emoji by their names. It has no HTML: whoever writes <div> means
// those five characters and sees them. Line ends are kept, since people press
// enter. Pictures are links, but for those of the origins, such as
// https://blog.example.
func New(pictures ...string) *Markdown {
	return &Markdown{
		converter: goldmark.New(
			goldmark.WithParser(parser.NewParser(
				parser.WithBlockParsers(shallow(
					util.Prioritized(parser.NewSetextHeadingParser(), 100),
					util.Prioritized(parser.NewThematicBreakParser(), 200),
					util.Prioritized(parser.NewListParser(), 300),
					util.Prioritized(parser.NewListItemParser(), 400),
					util.Prioritized(parser.NewCodeBlockParser(), 500),
					util.Prioritized(parser.NewATXHeadingParser(), 600),
					util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
					util.Prioritized(spoilerBlocks{}, 790),
					util.Prioritized(quotes{parser.NewBlockquoteParser()}, 800),
					util.Prioritized(parser.NewParagraphParser(), 1000),
				)...),
				parser.WithInlineParsers(
					util.Prioritized(codeSpans{parser.NewCodeSpanParser()}, 100),
					util.Prioritized(links{parser.NewLinkParser()}, 200),
					util.Prioritized(parser.NewAutoLinkParser(), 300),
					util.Prioritized(marks{parser.NewEmphasisParser()}, 500),
					util.Prioritized(marks{extension.NewStrikethroughParser()}, 500),
					util.Prioritized(marks{spoilers{}}, 500),
					util.Prioritized(mentions{}, 550),
					util.Prioritized(emoji{}, 600),
					util.Prioritized(addresses{}, 900),
				),
				parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
				parser.WithASTTransformers(util.Prioritized(plainer{pictures}, 100)),
			)),
			goldmark.WithExtensions(tables{}),
			goldmark.WithRendererOptions(html.WithHardWraps(), renderer.WithNodeRenderers(
				util.Prioritized(extension.NewStrikethroughHTMLRenderer(), 500),
				util.Prioritized(nodes{}, 500),
			)),
		),
		sanitizer: sanitizer(pictures),
	}
}

// Render returns a comment's text as HTML that is safe to put into a page. It is
// done once, when the comment is written.
func (m *Markdown) Render(body string) string {
	rendered, _ := m.RenderFor(body, nil)
	return rendered
}

// RenderFor is Render for a comment that may mention people: it also returns which
// of the names it does.
func (m *Markdown) RenderFor(body string, names Names) (rendered string, mentioned []string) {
	defer func() {
		if recover() != nil { // a parser's mistake costs its author the marks, and nobody the server
			rendered, mentioned = plain(body), nil
		}
	}()
	return m.render(body, names)
}

func (m *Markdown) render(body string, names Names) (string, []string) {
	var b bytes.Buffer
	c, pc := withNames(names)
	if err := m.converter.Convert([]byte(body), &b, parser.WithContext(pc)); err != nil || b.Len() > sizeMax { // a bytes.Buffer takes all
		return plain(body), nil
	}
	return strings.TrimSpace(m.sanitizer.Sanitize(b.String())), c.mentioned
}

// plain is a text as HTML, every sign of it as it was written.
func plain(body string) string {
	lines := strings.NewReplacer("\r\n", "<br>", "\n", "<br>")
	return "<p>" + lines.Replace(nethtml.EscapeString(strings.TrimSpace(body))) + "</p>"
}

// plainer makes of a document what a comment may have: links that are marked as
// a reader's, pictures as links to them, and headings as bold lines, because
// the article's outline isn't a commenter's to change.
type plainer struct {
	pictures []string // the origins whose are shown
}

func (p plainer) Transform(doc *ast.Document, r text.Reader, pc parser.Context) {
	settleMentions(doc, pc)
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
		p.picture(n.(*ast.Image))
	}
	for _, n := range headings {
		line, bold := ast.NewParagraph(), ast.NewEmphasis(2)
		line.AppendChild(line, bold)
		replace(n, line, bold)
	}
	unnest(doc, r.Source())
	settleSpoilers(doc, r.Source())
	flatten(doc)
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
		unwrap(n)
	}
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

// unwrap leaves a node's children in its place.
func unwrap(n ast.Node) {
	for child := n.FirstChild(); child != nil; child = n.FirstChild() {
		n.Parent().InsertBefore(n.Parent(), n, child)
	}
	n.Parent().RemoveChild(n.Parent(), n)
}

// wrap puts a node into another, which takes its place.
func wrap(n, outer ast.Node) {
	n.Parent().ReplaceChild(n.Parent(), n, outer)
	outer.AppendChild(outer, n)
}
