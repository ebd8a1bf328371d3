package words

import (
	"cmp"
	"strconv"
	"strings"
	"unicode"
)

// numbers are how a language writes whole ones.
type numbers struct {
	digits []rune // ten, or none for those of ASCII
	group  string
	groups []int
	least  int
}

func newNumbers(f File) numbers {
	n := numbers{[]rune(f.Digits), f.Group, f.Groups, cmp.Or(f.Least, 1)}
	if len(n.groups) == 0 {
		n.groups = []int{3}
	}
	return n
}

// Number writes a whole number: 1,234,567 or 12,34,567 or ١٬٢٣٤٬٥٦٧.
func (w *Words) Number(n int) string {
	w = w.or()
	text := strconv.Itoa(n)
	if n < 1000 {
		return w.numerals(text)
	}
	size, next := w.numbers.groups[0], 1
	if len(text)-size < w.numbers.least {
		return w.numerals(text)
	}
	end := ""
	for len(text) > size {
		end = w.numbers.group + text[len(text)-size:] + end
		text = text[:len(text)-size]
		if next < len(w.numbers.groups) {
			size = w.numbers.groups[next]
			next++
		}
	}
	return w.numerals(text + end)
}

// numerals writes digits as the language does.
func (w *Words) numerals(text string) string {
	if len(w.numbers.digits) != 10 {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return w.numbers.digits[r-'0']
		}
		return r
	}, text)
}

// The marks that keep what stands between them from turning what is around it
// (UAX #9, 2.4): they do in any text, an attribute's too, what bdi does in HTML.
const (
	firstStrongIsolate = "\u2068"
	popIsolate         = "\u2069"
)

// Isolate returns a text, such as a name, as it may stand within a sentence:
// between marks if anything of it is written in the other direction.
func (w *Words) Isolate(text string) string {
	rtl := w.or().rtl
	if strings.IndexFunc(text, func(r rune) bool { return turnsLeft(r) != rtl && (unicode.IsLetter(r) || turnsLeft(r)) }) < 0 {
		return text
	}
	return firstStrongIsolate + text + popIsolate
}

// turnsLeft says whether a character is written from right to left: the blocks
// of Hebrew, Arabic and their like, and the marks that say so.
func turnsLeft(r rune) bool {
	switch {
	case r < 0x590:
		return false
	case r <= 0x8FF, r >= 0xFB1D && r <= 0xFDFF, r >= 0xFE70 && r <= 0xFEFF, r >= 0x10800 && r <= 0x10FFF, r >= 0x1E800 && r <= 0x1EFFF:
		return true
	}
	return r == 0x200F || r == 0x202B || r == 0x202E || r == 0x2067
}
