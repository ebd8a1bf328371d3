package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// A spoiler is hidden until somebody asks for it: ||in a line||, as Discord has
// it, or >!as Reddit does!<, and lines that begin with >!, as on Stack Exchange.

// A spoiler is one in a line.
type spoiler struct{ ast.BaseInline }

// A spoilerBlock is one of blocks.
type spoilerBlock struct{ ast.BaseBlock }

var (
	kindSpoiler      = ast.NewNodeKind("Spoiler")
	kindSpoilerBlock = ast.NewNodeKind("SpoilerBlock")
)

func (*spoiler) Kind() ast.NodeKind      { return kindSpoiler }
func (*spoilerBlock) Kind() ast.NodeKind { return kindSpoilerBlock }

func (s *spoiler) Dump(source []byte, level int)      { ast.DumpHelper(s, source, level, nil, nil) }
func (s *spoilerBlock) Dump(source []byte, level int) { ast.DumpHelper(s, source, level, nil, nil) }

// spoilers parses those in a line. They are delimiters, as emphasis has.
type spoilers struct{}

func (spoilers) Trigger() []byte { return []byte{'|', '>', '!'} }

func (s spoilers) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	before, after := block.PrecendingCharacter(), rune('\n')
	if len(line) < 2 {
		return nil
	}
	if len(line) > 2 {
		after = util.ToRune(line, 2)
	}
	open, closing := !util.IsSpaceRune(after), !util.IsSpaceRune(before)
	switch string(line[:2]) {
	case "||":
		if before == '|' || after == '|' {
			return nil
		}
		open = open && (!closing || !isWord(before)) // a||b is no spoiler
	case ">!":
		closing = false
	case "!<":
		open = false
	default:
		return nil
	}
	if !open && !closing {
		return nil
	}
	d := parser.NewDelimiter(open, closing, 2, line[0], s)
	d.Segment = segment.WithStop(segment.Start + 2)
	block.Advance(2)
	pc.PushDelimiter(d)
	return d
}

func (spoilers) IsDelimiter(c byte) bool { return c == '|' || c == '>' || c == '!' }

func (spoilers) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Char == '|' && closer.Char == '|' || opener.Char == '>' && closer.Char == '!'
}

func (spoilers) OnMatch(int) ast.Node { return &spoiler{} }

// hides says how much of a line opens a block that hides: up to three spaces and
// >!. Where the line closes what it opens, that is one in a line.
func hides(r text.Reader) int {
	line, _ := r.PeekLine()
	w, at := util.IndentWidth(line, r.LineOffset())
	if w > 3 || at >= len(line) || !bytes.HasPrefix(line[at:], []byte(">!")) || bytes.Contains(line[at+2:], []byte("!<")) {
		return 0
	}
	return at + 2
}

// hidesInLine says whether a line begins with a spoiler in a line.
func hidesInLine(r text.Reader) bool {
	line, _ := r.PeekLine()
	return bytes.HasPrefix(bytes.TrimLeft(line, " "), []byte(">!")) && hides(r) == 0
}

// spoilerBlocks parses those of blocks.
type spoilerBlocks struct{}

func (spoilerBlocks) Trigger() []byte { return []byte{'>'} }

func (spoilerBlocks) Open(_ ast.Node, r text.Reader, _ parser.Context) (ast.Node, parser.State) {
	n := hides(r)
	if n == 0 {
		return nil, parser.NoChildren
	}
	skip(r, n)
	return &spoilerBlock{}, parser.HasChildren
}

func (spoilerBlocks) Continue(_ ast.Node, r text.Reader, _ parser.Context) parser.State {
	line, _ := r.PeekLine()
	w, at := util.IndentWidth(line, r.LineOffset())
	if w > 3 || at >= len(line) || line[at] != '>' {
		return parser.Close
	}
	if n := hides(r); n > 0 {
		skip(r, n)
	} else {
		skip(r, at+1)
	}
	return parser.Continue | parser.HasChildren
}

// skip goes past what marks a line, and one space.
func skip(r text.Reader, n int) {
	r.Advance(n)
	switch line, _ := r.PeekLine(); {
	case len(line) == 0:
	case line[0] == ' ':
		r.Advance(1)
	case line[0] == '\t':
		r.AdvanceAndSetPadding(1, util.TabWidth(r.LineOffset())-1)
	}
}

func (spoilerBlocks) Close(ast.Node, text.Reader, parser.Context) {}
func (spoilerBlocks) CanInterruptParagraph() bool                 { return true }
func (spoilerBlocks) CanAcceptIndentedLine() bool                 { return false }

// quotes parses blockquotes, but for what is a spoiler.
type quotes struct{ parser.BlockParser }

func (q quotes) Open(parent ast.Node, r text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if hidesInLine(r) {
		return nil, parser.NoChildren
	}
	return q.BlockParser.Open(parent, r, pc)
}

func (q quotes) Continue(n ast.Node, r text.Reader, pc parser.Context) parser.State {
	if hides(r) > 0 || hidesInLine(r) {
		return parser.Close
	}
	return q.BlockParser.Continue(n, r, pc)
}

// settleSpoilers sees to it that spoilers are well-formed HTML, which stand in
// lines as <details>: none in another, none in a link (the link is in it), none
// in <p>, which would end there, and none with nothing in it.
func settleSpoilers(doc *ast.Document, source []byte) {
	var all []*spoiler
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if s, ok := n.(*spoiler); ok && entering {
			all = append(all, s)
		}
		if b, ok := n.(*spoilerBlock); ok && entering {
			trimEnd(b, source)
		}
		return ast.WalkContinue, nil
	})
	for _, s := range all {
		if link := above(s, ast.KindLink); link != nil {
			unwrap(s)
			if above(link, kindSpoiler) != nil {
				continue
			}
			s = &spoiler{}
			wrap(link, s)
		}
		if above(s, kindSpoiler) != nil || !s.HasChildren() {
			unwrap(s)
			continue
		}
		if p := above(s, ast.KindParagraph); p != nil {
			p.SetAttributeString("holds", "blocks")
		}
	}
}

// above is the nearest node around another that is of a kind.
func above(n ast.Node, kind ast.NodeKind) ast.Node {
	for n = n.Parent(); n != nil && n.Kind() != kind; n = n.Parent() {
	}
	return n
}

// trimEnd takes !< off a block's end, where Reddit has it.
func trimEnd(block *spoilerBlock, source []byte) {
	n := block.LastChild()
	for n != nil && n.HasChildren() {
		n = n.LastChild()
	}
	if t, ok := n.(*ast.Text); ok && bytes.HasSuffix(t.Segment.Value(source), []byte("!<")) {
		t.Segment = t.Segment.WithStop(t.Segment.Stop - 2)
	}
}
