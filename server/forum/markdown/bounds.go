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

	"folkmoot/app/talk"
)

// A comment's HTML goes to every reader, so a few bytes of Markdown must not
// become very many of it; and goldmark takes time with the square of some texts.
// What nobody writes to be read stays plain: marks within marks beyond a depth,
// marks beyond a number, and the whole text where its HTML would be too large.
const (
	nestingMax = 10        // how deep blocks, and marks in a line, may stand in each other
	marksMax   = 1000      // how many runs of * _ ~ and signs of spoilers a comment may have
	linksMax   = 1000      // how many brackets that may open a link
	lookMax    = 1 << 20   // how many bytes may be looked at in vain for the ends of links
	sizeMax    = 256 << 10 // bytes of HTML
)

// effort is what was spent on a comment so far.
type effort struct {
	marks, links, looked int

	// Within one block, the lengths of runs of backticks that don't come again.
	block ast.Node
	gone  map[int]bool
}

var effortKey = parser.NewContextKey()

func effortOf(pc parser.Context) *effort {
	return pc.ComputeIfAbsent(effortKey, func() any { return &effort{gone: map[int]bool{}} }).(*effort)
}

// marks bounds a parser of delimiters, each of which may be compared with each.
type marks struct{ parser.InlineParser }

func (m marks) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	e := effortOf(pc)
	if e.marks >= marksMax || block.PrecendingCharacter() == '~' && block.Peek() == '~' { // inside a run, which goldmark measures from each of its signs
		return nil
	}
	n := m.InlineParser.Parse(parent, block, pc)
	if n != nil {
		e.marks++
	}
	return n
}

// links bounds the parser of links, which looks for the end of each.
type links struct{ parser.InlineParser }

func (l links) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	e := effortOf(pc)
	line, segment := block.PeekLine()
	if line[0] == ']' {
		if e.looked > lookMax {
			return nil
		}
		n := l.InlineParser.Parse(parent, block, pc)
		if n == nil && len(line) > 1 && (line[1] == '(' || line[1] == '[') {
			e.looked += parent.Lines().At(parent.Lines().Len()-1).Stop - segment.Start
		}
		return n
	}
	if e.links >= linksMax {
		return nil
	}
	n := l.InlineParser.Parse(parent, block, pc)
	if n != nil {
		e.links++
	}
	return n
}

// CloseBlock makes text of brackets that were left open.
func (l links) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	l.InlineParser.(parser.CloseBlocker).CloseBlock(parent, block, pc)
}

// codeSpans bounds the parser of code in a line, which looks for a run of as
// many backticks: where there was none, there is none further down.
type codeSpans struct{ parser.InlineParser }

func (c codeSpans) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	e := effortOf(pc)
	if e.block != parent {
		e.block = parent
		clear(e.gone)
	}
	line, segment := block.PeekLine()
	run := 0
	for run < len(line) && line[run] == '`' {
		run++
	}
	if e.gone[run] {
		block.Advance(run)
		return ast.NewTextSegment(segment.WithStop(segment.Start + run))
	}
	n := c.InlineParser.Parse(parent, block, pc)
	if n != nil && n.Kind() == ast.KindText {
		e.gone[run] = true
	}
	return n
}

// flatten leaves out marks in lines that stand too deep in each other: browsers
// give up at 512 elements.
func flatten(doc *ast.Document) {
	var deep []ast.Node
	depth := 0
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if n.Type() != ast.TypeInline || !n.HasChildren() {
			return ast.WalkContinue, nil
		}
		if !entering {
			depth--
			return ast.WalkContinue, nil
		}
		if depth++; depth > nestingMax && n.Kind() != ast.KindLink && n.Kind() != ast.KindImage && n.Kind() != kindSpoiler {
			deep = append(deep, n)
		}
		return ast.WalkContinue, nil
	})
	for _, n := range deep {
		unwrap(n)
	}
}

// bounded is the address of a link, or none when a comment's addresses come to
// more than it may hold: one reference used a thousand times, [a][a][a]….
func bounded(address []byte, sum *int) []byte {
	if *sum += len(address); *sum > talk.BodyBytes || bytes.HasPrefix(address, []byte("#")) {
		return nil
	}
	return address
}

// shallow bounds the parsers of the blocks that hold blocks.
func shallow(all ...util.PrioritizedValue) []util.PrioritizedValue {
	for i, p := range all {
		switch p.Value.(type) {
		case quotes, spoilerBlocks:
			all[i].Value = shallowParser{p.Value.(parser.BlockParser)}
		}
		if p.Value == parser.NewListParser() {
			all[i].Value = shallowParser{parser.NewListParser()}
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
