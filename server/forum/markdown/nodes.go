package markdown

import (
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"

	"folkmoot/app/talk"
	"folkmoot/server/forum/markdown/code"
)

// colorsMax is how many parts of a block of code are colored.
const colorsMax = 2000

// nodes writes the HTML of what goldmark doesn't have, or has otherwise.
type nodes struct{}

func (n nodes) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindSpoiler, n.element(`<details class="spoiler">`+talk.SpoilerLabel, "</details>"))
	r.Register(kindSpoilerBlock, n.element("<details class=\"spoiler wide\">"+talk.SpoilerLabel+"\n", "</details>\n"))
	r.Register(kindMention, n.mention)
	r.Register(ast.KindParagraph, n.paragraph)
	r.Register(ast.KindFencedCodeBlock, n.code)
}

func (nodes) element(begin, end string) renderer.NodeRendererFunc {
	return func(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			_, _ = w.WriteString(begin) // goldmark looks at errors when it flushes
		} else {
			_, _ = w.WriteString(end)
		}
		return ast.WalkContinue, nil
	}
}

// paragraph is a <p>, or, where <p> can't hold what it has, a <div>.
func (n nodes) paragraph(w util.BufWriter, source []byte, p ast.Node, entering bool) (ast.WalkStatus, error) {
	if _, blocks := p.AttributeString("holds"); blocks {
		return n.element("<div>", "</div>\n")(w, source, p, entering)
	}
	return n.element("<p>", "</p>\n")(w, source, p, entering)
}

func (nodes) code(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	block := n.(*ast.FencedCodeBlock)
	text, at := block.Lines().Value(source), 0
	_, _ = w.WriteString("<pre><code>")
	for _, s := range code.Spans(string(block.Language(source)), string(text), colorsMax) {
		_, _ = w.Write(util.EscapeHTML(text[at:s.From]))
		_, _ = w.WriteString(`<span class="` + string(rune(s.Class)) + `">`)
		_, _ = w.Write(util.EscapeHTML(text[s.From:s.To]))
		_, _ = w.WriteString("</span>")
		at = s.To
	}
	_, _ = w.Write(util.EscapeHTML(text[at:]))
	_, _ = w.WriteString("</code></pre>\n")
	return ast.WalkContinue, nil
}
