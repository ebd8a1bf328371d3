package web

import (
	"bytes"
	"slices"
)

// tidy writes the same document shorter once it is compressed: go-app puts
// attributes in an order that changes from call to call, and indents. Where
// white space counts (in pre and textarea), and in any tag that isn't written
// plainly, nothing is touched. The page is the widget, so it has no elements of
// raw text, such as script.
func tidy(page string) string {
	out := make([]byte, 0, len(page))
	in := []byte(page)
	var attributes [][]byte
	for len(in) > 0 {
		at := bytes.IndexByte(in, '<')
		if at < 0 {
			break
		}
		out = append(out, folded(in[:at], len(out) > 0)...)
		in = in[at:]
		if end := verbatim(in); end > 0 {
			out, in = append(out, in[:end]...), in[end:]
			continue
		}
		var n int
		if n, attributes = tag(in, attributes[:0]); n == 0 {
			out, in = append(out, '<'), in[1:]
			continue
		}
		if len(attributes) > 1 {
			name := in[:bytes.IndexByte(in, ' ')]
			slices.SortStableFunc(attributes, compareAttributes)
			out = append(out, name...)
			for _, a := range attributes {
				out = append(append(out, ' '), a...)
			}
			out = append(out, '>')
		} else {
			out = append(out, in[:n]...)
		}
		in = in[n:]
	}
	return string(append(out, in...))
}

// folded is the white space between two tags without its indentation, or the
// text as it is.
func folded(text []byte, after bool) []byte {
	if after && len(text) > 1 && text[0] == '\n' && len(bytes.Trim(text[1:], " ")) == 0 {
		return text[:1]
	}
	return text
}

// verbatim is how much of the page is an element in which white space counts:
// one stands at its start.
func verbatim(in []byte) int {
	for _, name := range []string{"pre", "textarea"} {
		if rest, ok := bytes.CutPrefix(in[1:], []byte(name)); ok && len(rest) > 0 && !isName(rest[0]) {
			if end := bytes.Index(in, []byte("</"+name+">")); end > 0 {
				return end
			}
			return len(in)
		}
	}
	return 0
}

// tag reads a tag that is written as go-app and the sanitizer write them:
// <name key="value" key …>. It returns its length, 0 if it is none, and its
// attributes.
func tag(in []byte, attributes [][]byte) (int, [][]byte) {
	i := 1
	if i < len(in) && in[i] == '/' {
		i++
	}
	if i == len(in) || in[i] < 'a' || in[i] > 'z' {
		return 0, attributes // a < in the text
	}
	for i < len(in) && isName(in[i]) {
		i++
	}
	for i < len(in) {
		if in[i] == '>' {
			return i + 1, attributes
		}
		if in[i] != ' ' {
			break
		}
		from := i + 1
		for i++; i < len(in) && isName(in[i]); i++ {
		}
		if i == from || i == len(in) {
			break
		}
		if in[i] == '=' {
			if i+1 == len(in) || in[i+1] != '"' {
				break
			}
			end := bytes.IndexAny(in[i+2:], `"<>`)
			if end < 0 || in[i+2+end] != '"' {
				break
			}
			i += end + 3
		}
		attributes = append(attributes, in[from:i])
	}
	return 0, attributes
}

func isName(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-'
}

// compareAttributes puts those last whose values differ from element to element.
func compareAttributes(a, b []byte) int {
	if n := rank(a) - rank(b); n != 0 {
		return n
	}
	return bytes.Compare(key(a), key(b)) // stable: of two with one key, HTML takes the first
}

func rank(attribute []byte) int {
	switch string(key(attribute)) {
	case "id", "value", "href", "datetime", "title", "aria-label":
		return 1
	}
	return 0
}

func key(attribute []byte) []byte {
	name, _, _ := bytes.Cut(attribute, []byte("="))
	return name
}
