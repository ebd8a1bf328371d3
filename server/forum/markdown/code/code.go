// Package code tells what is what in a piece of program text, so that it can be
// colored: comments, strings, numbers, names and words of the language. It knows
// some twenty languages by their words and signs, not by their grammars, and
// looks at each byte a few times at most, whatever is written there.
package code

import (
	"strings"
	"sync"
)

// A Class is what a part of the text is, as the class attribute calls it.
type Class byte

// The classes.
const (
	Comment Class = 'c'
	Keyword Class = 'k'
	String  Class = 's'
	Number  Class = 'n' // and what else is a value by itself
	Name    Class = 'f' // of what is called, defined or set
	Added   Class = 'a' // in a diff
	Removed Class = 'd'
)

// A Span is a part of a text, in bytes.
type Span struct {
	From, To int
	Class    Class
}

// Spans finds the parts of a text in a language that are worth a color, in
// order, and most of them at most. A language that it doesn't know has none.
func Spans(language, text string, most int) []Span {
	s := scanner{text: text, most: most}
	switch name := strings.ToLower(language); name {
	case "diff", "patch":
		s.diff()
	case "html", "xml", "svg", "vue", "svelte", "xhtml", "rss":
		s.markup()
	default:
		l := languages()[name]
		if l == nil {
			return nil
		}
		s.language = l
		s.program()
	}
	return s.spans
}

// A scanner goes through a text once.
type scanner struct {
	*language
	text  string
	at    int
	most  int
	spans []Span

	open map[string]int // where the line ends in which this quote has no end
}

// mark notes what stands from a place to here. What is of one class and touches
// is one.
func (s *scanner) mark(from int, c Class) {
	if from == s.at {
		return
	}
	if last := len(s.spans) - 1; last >= 0 && s.spans[last].Class == c && s.spans[last].To == from {
		s.spans[last].To = s.at
	} else if len(s.spans) < s.most {
		s.spans = append(s.spans, Span{from, s.at, c})
	}
}

func (s *scanner) rest() string { return s.text[s.at:] }

// lineEnd is where the line ends, before its line end.
func (s *scanner) lineEnd() int {
	if n := strings.IndexByte(s.rest(), '\n'); n >= 0 {
		return s.at + n
	}
	return len(s.text)
}

// past goes behind the next end, or to the end of the text.
func (s *scanner) past(end string) {
	if n := strings.Index(s.rest(), end); n >= 0 {
		s.at += n + len(end)
	} else {
		s.at = len(s.text)
	}
}

func (s *scanner) program() {
	s.open = map[string]int{}
	for s.at < len(s.text) && len(s.spans) < s.most {
		from, c := s.at, s.text[s.at]
		switch {
		case s.comment(), s.quoted():
		case isDigit(c):
			for s.at < len(s.text) && (isWord(s.text[s.at]) || s.text[s.at] == '.') {
				s.at++
			}
			s.mark(from, Number)
		case isWord(c) || strings.IndexByte(s.inNames, c) >= 0:
			s.word()
		case s.signs[c] != 0 && s.at+1 < len(s.text) && isWord(s.text[s.at+1]):
			s.at++
			s.name()
			s.mark(from, s.signs[c])
		default:
			s.at++
		}
	}
}

func (s *scanner) comment() bool {
	from := s.at
	for _, c := range s.blockComments {
		if strings.HasPrefix(s.rest(), c[0]) {
			s.at += len(c[0])
			s.past(c[1])
			s.mark(from, Comment)
			return true
		}
	}
	for _, begin := range s.lineComments {
		if strings.HasPrefix(s.rest(), begin) && (begin != "#" || from == 0 || !isWord(s.text[from-1]) && s.text[from-1] != '$') { // a shell's $#, x#y
			s.at = s.lineEnd()
			s.mark(from, Comment)
			return true
		}
	}
	return false
}

// quoted goes behind a string. A quote that the line doesn't end is none: an
// apostrophe, a lifetime.
func (s *scanner) quoted() bool {
	for _, q := range s.quotes {
		if !strings.HasPrefix(s.rest(), q.begin) || s.at < s.open[q.begin] {
			continue
		}
		from, end := s.at, len(s.text)
		if !q.lines {
			end = s.lineEnd()
		}
		for i := from + len(q.begin); i < end; i++ {
			if s.text[i] == '\\' && !q.raw {
				i++
			} else if strings.HasPrefix(s.text[i:end], q.end) {
				s.at = i + len(q.end)
				s.mark(from, s.classOf(s.at))
				return true
			}
		}
		if q.lines { // until it is closed, all of it is
			s.at = end
			s.mark(from, String)
			return true
		}
		s.open[q.begin] = end
	}
	return false
}

// classOf is what a string is that ends at a place: the key of an object names
// something.
func (s *scanner) classOf(end int) Class {
	if s.keys && strings.HasPrefix(strings.TrimLeft(s.text[end:min(end+8, len(s.text))], " \t"), ":") {
		return Name
	}
	return String
}

func (s *scanner) name() {
	for s.at < len(s.text) && (isWord(s.text[s.at]) || strings.IndexByte(s.inNames, s.text[s.at]) >= 0) {
		s.at++
	}
}

func (s *scanner) word() {
	from := s.at
	s.name()
	word, next := s.text[from:s.at], byte(0)
	if s.at < len(s.text) {
		next = s.text[s.at]
	}
	if s.caseless {
		word = strings.ToLower(word)
	}
	switch c, known := s.words[word]; {
	case known:
		s.mark(from, c)
	case next == '(' && !s.keys, next != 0 && next == s.setBy:
		s.mark(from, Name)
	}
}

func (s *scanner) diff() {
	for s.at < len(s.text) {
		from, c := s.at, s.text[s.at]
		s.at = s.lineEnd()
		switch {
		case c == '+':
			s.mark(from, Added)
		case c == '-':
			s.mark(from, Removed)
		case c == '@':
			s.mark(from, Keyword)
		case strings.HasPrefix(s.text[from:], "diff ") || strings.HasPrefix(s.text[from:], "index "):
			s.mark(from, Comment)
		}
		s.at = min(s.at+1, len(s.text))
	}
}

func (s *scanner) markup() {
	for s.at < len(s.text) && len(s.spans) < s.most {
		from := s.at
		n := strings.IndexByte(s.rest(), '<')
		if n < 0 {
			return
		}
		from, s.at = from+n, from+n+1
		switch rest := s.rest(); {
		case strings.HasPrefix(rest, "!--"):
			s.past("-->")
			s.mark(from, Comment)
		case strings.HasPrefix(rest, "!"), strings.HasPrefix(rest, "?"):
			s.past(">")
			s.mark(from, Comment)
		case rest != "" && (isWord(rest[0]) || rest[0] == '/'):
			s.tag(from)
		}
	}
}

// tag goes behind a tag whose < is at a place.
func (s *scanner) tag(from int) {
	s.at++
	s.markupName()
	s.mark(from, Keyword)
	for s.at < len(s.text) {
		from := s.at
		switch c := s.text[s.at]; {
		case c == '>':
			s.at++
			s.mark(from, Keyword)
			return
		case c == '<':
			return
		case c == '"' || c == '\'':
			s.at++
			s.past(string(c))
			s.mark(from, String)
		case isWord(c) || c == ':' || c == '@' || c == '#':
			s.at++
			s.markupName()
			s.mark(from, Name)
		default:
			s.at++
		}
	}
}

func (s *scanner) markupName() {
	for s.at < len(s.text) && (isWord(s.text[s.at]) || strings.IndexByte("-:.@", s.text[s.at]) >= 0) {
		s.at++
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isWord says whether a byte is of a word; letters of all scripts are.
func isWord(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= 0x80
}

// languages are all, by each of their names.
var languages = sync.OnceValue(func() map[string]*language {
	all := map[string]*language{}
	for _, d := range described {
		l := d.language
		l.words = map[string]Class{}
		for w := range strings.FieldsSeq(d.keywords) {
			l.words[w] = Keyword
		}
		for w := range strings.FieldsSeq(d.values) {
			l.words[w] = Number
		}
		for name := range strings.FieldsSeq(d.names) {
			all[name] = &l
		}
	}
	return all
})
