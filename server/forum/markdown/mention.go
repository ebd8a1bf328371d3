package markdown

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"golang.org/x/text/unicode/norm"

	"folkmoot/app/talk"
)

// Names are what the people of a conversation may be called in it, each name
// folded by [Fold], and the id of the comment that a mention of it leads to.
type Names map[string]string

// Fold makes the same of a name however its letters are written: large or small,
// with accents in one character or two.
func Fold(name string) string {
	var b []byte
	for it := segments([]byte(name)); !it.Done(); {
		b = appendFolded(b, it.Next())
	}
	return string(b)
}

func segments(b []byte) *norm.Iter {
	it := &norm.Iter{}
	it.Init(norm.NFC, b)
	return it
}

func appendFolded(b, segment []byte) []byte {
	for len(segment) > 0 {
		r, size := utf8.DecodeRune(segment)
		segment = segment[size:]
		if unicode.IsSpace(r) {
			r = ' '
		}
		b = utf8.AppendRune(b, unicode.ToLower(unicode.ToUpper(r)))
	}
	return b
}

// Bounds of the work.
const (
	nameMax  = talk.NameChars * 16 // bytes: no name is longer
	namesMax = 64 << 10            // how many bytes after all @ may be looked at
)

// called is what is known of names while a comment is parsed.
type called struct {
	names     Names
	longest   int      // bytes of a folded one
	looked    int      // how many bytes were
	mentioned []string // folded names, each once
}

var calledKey = parser.NewContextKey()

// withNames lets a comment mention people.
func withNames(names Names) (*called, parser.Context) {
	c := &called{names: names}
	for name := range names {
		c.longest = max(c.longest, min(len(name), nameMax))
	}
	pc := parser.NewContext()
	pc.Set(calledKey, c)
	return c, pc
}

// A mention is the name of somebody who takes part in the conversation, after an
// @. It is what stands in the text, in which it is a link.
type mention struct {
	ast.BaseInline

	written []byte // with the @
	name    string // folded
	comment string // where it leads
}

var kindMention = ast.NewNodeKind("Mention")

func (*mention) Kind() ast.NodeKind          { return kindMention }
func (m *mention) Dump(source []byte, n int) { ast.DumpHelper(m, source, n, nil, nil) }

// mentions parses @ and the longest name that follows it, where both stand by
// themselves: not ann@example.org, and not @Ann in @Anna, @Ann-Marie or
// @ann.example. Scripts without spaces between words have neither there.
type mentions struct{}

func (mentions) Trigger() []byte { return []byte{'@'} }

func (mentions) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	c, _ := pc.Get(calledKey).(*called)
	if c == nil || len(c.names) == 0 || c.looked >= namesMax || joins(block.PrecendingCharacter()) {
		return nil
	}
	line, _ := block.PeekLine()
	name, n := c.longestName(line[1:])
	if n == 0 {
		return nil
	}
	block.Advance(1 + n)
	return &mention{written: line[:1+n], name: name, comment: c.names[name]}
}

// longestName is the longest name that a line begins with, and how many bytes it
// has there.
func (c *called) longestName(line []byte) (name string, n int) {
	if len(line) > nameMax {
		line = line[:nameMax]
	}
	var folded []byte
	for it := segments(line); !it.Done(); {
		folded = appendFolded(folded, it.Next())
		c.looked++
		if len(folded) > c.longest || folded[len(folded)-1] == '\n' {
			break
		}
		if _, ok := c.names[string(folded)]; ok && endsAt(line, it.Pos()) {
			name, n = string(folded), it.Pos()
		}
	}
	return name, n
}

// endsAt says whether a name may end at a byte of a line.
func endsAt(line []byte, n int) bool {
	last, _ := utf8.DecodeLastRune(line[:n])
	next, size := utf8.DecodeRune(line[n:])
	switch {
	case size == 0:
		return true
	case unicode.IsMark(next), unicode.In(next, unicode.Cf, unicode.Sk): // a part of the last sign
		return false
	case isSpaced(last) && isSpaced(next):
		return false
	case bytes.ContainsRune([]byte(".-_@"), next): // a longer name, or somebody's address elsewhere
		after, _ := utf8.DecodeRune(line[n+size:])
		return next != '@' && !isSpaced(after)
	}
	return true
}

// joins says whether an @ after a character is a part of what stands there.
func joins(before rune) bool {
	return isSpaced(before) || strings.ContainsRune("@/._-+", before) && before != 0
}

// isSpaced says whether a character is a letter or digit of a script that puts
// spaces between words and their endings.
func isSpaced(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)) &&
		!unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan)
}

// settleMentions leaves as text what mentions nobody: what is quoted, and a
// link's own words. It notes whom the rest mentions.
func settleMentions(doc ast.Node, pc parser.Context) {
	c, _ := pc.Get(calledKey).(*called)
	if c == nil || len(c.names) == 0 {
		return
	}
	var plain []*mention
	within := 0
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the visitor returns no error
		switch n := n.(type) {
		case *ast.Link, *ast.Image, *ast.Blockquote:
			if entering {
				within++
			} else {
				within--
			}
		case *mention:
			if entering && within > 0 {
				plain = append(plain, n)
			} else if entering {
				c.note(n.name)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, n := range plain {
		n.Parent().ReplaceChild(n.Parent(), n, ast.NewString(n.written))
	}
}

func (c *called) note(name string) {
	for _, known := range c.mentioned {
		if known == name {
			return
		}
	}
	c.mentioned = append(c.mentioned, name)
}

// mention writes the link to what somebody said last.
func (nodes) mention(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		m := n.(*mention)
		_, _ = w.WriteString(talk.MentionLink)
		_, _ = w.Write(util.EscapeHTML([]byte(m.comment)))
		_, _ = w.WriteString(`">`)
		_, _ = w.Write(util.EscapeHTML(m.written))
		_, _ = w.WriteString("</a>")
	}
	return ast.WalkContinue, nil
}
