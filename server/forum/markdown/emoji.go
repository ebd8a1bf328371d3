package markdown

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

//go:embed emoji.txt
var emojiText string

// emojiByName are the emoji by each of their names.
var emojiByName = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(emojiText) {
		sign, names, _ := strings.Cut(line, " ")
		if sign == "#" {
			continue
		}
		for name := range strings.FieldsSeq(names) {
			all[name] = sign
		}
	}
	return all
})

// emojiNameMax is as long as the longest name.
const emojiNameMax = 40

// emoji parses :names: of emoji that stand by themselves: not 16:100:3.
type emoji struct{}

func (emoji) Trigger() []byte { return []byte{':'} }

func (emoji) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	end := 1
	for end < len(line) && end <= emojiNameMax+1 && isEmojiName(line[end]) {
		end++
	}
	if end == 1 || end == len(line) || line[end] != ':' || isWord(block.PrecendingCharacter()) {
		return nil
	}
	if after, _ := utf8.DecodeRune(line[end+1:]); isWord(after) {
		return nil
	}
	sign, ok := emojiByName()[string(line[1:end])]
	if !ok {
		return nil
	}
	block.Advance(end + 1)
	return ast.NewString([]byte(sign))
}

func isEmojiName(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '+' || c == '-'
}

// isWord says whether a character is a letter or digit of the scripts that put
// spaces between words.
func isWord(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}
