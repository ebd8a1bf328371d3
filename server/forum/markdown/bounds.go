package markdown

import (
	"bytes"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// A comment's HTML goes to every reader, so a few bytes of Markdown must not
// become very many of it: quotes and lists nest only so deep, and a table has
// about as many cells as were written.

// nestingMax is how deep blocks may stand in each other; deeper marks are text.
// Browsers give up at 512 elements.
const nestingMax = 20

// shallow bounds the parsers of the blocks that hold blocks.
func shallow(all []util.PrioritizedValue) []util.PrioritizedValue {
	for i, p := range all {
		if p.Value == parser.NewBlockquoteParser() || p.Value == parser.NewListParser() {
			all[i].Value = shallowParser{p.Value.(parser.BlockParser)}
		}
	}
	return all
}

type shallowParser struct{ parser.BlockParser }

func (p shallowParser) Open(parent ast.Node, r text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth := 0
	for n := parent; n != nil && depth < nestingMax; n = n.Parent() {
		if n.Kind() != ast.KindListItem { // always in a list
			depth++
		}
	}
	if depth == nestingMax {
		return nil, parser.NoChildren
	}
	return p.BlockParser.Open(parent, r, pc)
}

// tables is goldmark's extension, bounded, and with an alignment that survives
// the sanitizer and the content security policy: no style attribute.
type tables struct{}

func (tables) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(
		parser.WithParagraphTransformers(util.Prioritized(tableParser{extension.NewTableParagraphTransformer()}, 200)),
		parser.WithASTTransformers(util.Prioritized(extension.NewTableASTTransformer(), 0)),
	)
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(
		extension.NewTableHTMLRenderer(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)), 500)))
}

type tableParser struct{ parser.ParagraphTransformer }

// Transform leaves a paragraph alone that would have many more cells than it has
// bytes: goldmark fills rows up to the header's width, which makes 200 MB of 44 KB.
func (t tableParser) Transform(p *ast.Paragraph, r text.Reader, pc parser.Context) {
	lines, size, columns := p.Lines(), 0, 0
	for _, line := range lines.Sliced(0, lines.Len()) {
		b := line.Value(r.Source())
		size += len(b)
		if len(bytes.Trim(b, "|:- \t\r\n")) == 0 {
			columns = max(columns, bytes.Count(b, []byte("|"))+1)
		}
	}
	if columns*lines.Len() <= 2*size {
		t.ParagraphTransformer.Transform(p, r, pc)
	}
}
