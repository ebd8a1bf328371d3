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

	"folkmoot/app/talk"
)

// addresses parses bare ones: https://b.example/c, www.b.example and
// ann@b.example, at the start of a word. Unlike goldmark's own it knows hosts of
// all scripts, ends where the sentence goes on, takes no name and password (in
// https://bank.example@evil.example), and looks at each byte a few times at most.
type addresses struct{}

// mailNameMax is how long the part before the @ may be (RFC 5321).
const mailNameMax = 64

func (addresses) Trigger() []byte { return []byte{' ', '*', '_', '~', '(', '|', '"', '\'', '>'} }

func (addresses) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if pc.IsInLinkLabel() {
		return nil
	}
	line, segment := block.PeekLine()
	lead := 0
	if bytes.IndexByte(addresses{}.Trigger(), line[0]) >= 0 || util.IsSpace(line[0]) {
		lead = 1
	}
	word := line[lead:]
	kind, scheme := ast.AutoLinkURL, ""
	var n int
	switch {
	case hasPrefixFold(word, "https://"), hasPrefixFold(word, "http://"):
		n = addressLen(word, bytes.IndexByte(word, ':')+3)
	case hasPrefixFold(word, "www."):
		scheme, n = "http", addressLen(word, 0)
	default:
		kind, n = ast.AutoLinkEmail, mailLen(word)
	}
	if n == 0 {
		return nil
	}
	if lead > 0 {
		ast.MergeOrAppendTextSegment(parent, segment.WithStop(segment.Start+lead))
	}
	block.Advance(lead + n)
	if n > talk.PageBytes { // as text, and not to be looked at from each of its signs
		return ast.NewTextSegment(text.NewSegment(segment.Start+lead, segment.Start+lead+n))
	}
	link := ast.NewAutoLink(kind, ast.NewTextSegment(text.NewSegment(segment.Start+lead, segment.Start+lead+n)))
	if scheme != "" {
		link.Protocol = []byte(scheme)
	}
	return link
}

func hasPrefixFold(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && strings.EqualFold(string(b[:len(prefix)]), prefix)
}

// addressLen is how long the address is at the start of a line whose host begins
// at a byte; 0 if there is none.
func addressLen(line []byte, host int) int {
	end := hostLen(line[host:])
	if end == 0 {
		return 0
	}
	end += host
	if end < len(line) && line[end] == ':' {
		port := end + 1
		for port < len(line) && '0' <= line[port] && line[port] <= '9' {
			port++
		}
		if port > end+1 {
			end = port
		}
	}
	if end < len(line) && (line[end] == '/' || line[end] == '?' || line[end] == '#') {
		end += pathLen(line[end:])
	}
	return end
}

// hostLen is how long the host is at the start of a line: words with dots
// between, the last of letters.
func hostLen(line []byte) int {
	end, dots := 0, 0
	for end < len(line) {
		r, size := utf8.DecodeRune(line[end:])
		if r == '.' && end > 0 && line[end-1] != '.' {
			dots++
		} else if r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) || r == utf8.RuneError {
			break
		}
		end += size
	}
	for end > 0 && (line[end-1] == '.' || line[end-1] == '-') { // a sentence's
		if line[end-1] == '.' {
			dots--
		}
		end--
	}
	top, _ := utf8.DecodeRune(line[bytes.LastIndexByte(line[:end], '.')+1:])
	if dots < 1 || !unicode.IsLetter(top) {
		return 0
	}
	return end
}

// pathLen is how long the rest of an address is at the start of a line, without
// what ends the sentence around it.
func pathLen(line []byte) int {
	end, depth := 0, 0
	for end < len(line) && end <= talk.PageBytes {
		r, size := utf8.DecodeRune(line[end:])
		if unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>|`\"\\", r) || r == utf8.RuneError ||
			r > unicode.MaxASCII && unicode.In(r, unicode.Punct, unicode.Cf) {
			break
		}
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		end += size
	}
	for end > 0 {
		switch line[end-1] {
		case '?', '!', '.', ',', ':', ';', '*', '_', '~', '\'', '[', ']', '{', '}':
		case ')':
			if depth >= 0 { // opened in the address
				return end
			}
			depth++
		default:
			return end
		}
		end--
	}
	return end
}

// mailLen is how long the mail address is at the start of a line.
func mailLen(line []byte) int {
	at := 0
	for at < len(line) && at <= mailNameMax && (isWord(rune(line[at])) || at > 0 && strings.IndexByte(".+_-", line[at]) >= 0) {
		at++
	}
	if at == 0 || at == len(line) || line[at] != '@' {
		return 0
	}
	n := hostLen(line[at+1:])
	if n == 0 {
		return 0
	}
	return at + 1 + n
}
