// Package hostile is what somebody would write who wants a script to run in other
// people's browsers, or a page to become something else: for tests alone. The
// strings are written anew, after the families of OWASP's XSS Filter Evasion Cheat
// Sheet, bluemonday's tests and DOMPurify's published expectations.
package hostile

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

//go:embed vectors.txt
var vectors string

// A Vector is one attempt.
type Vector struct {
	Family string
	Name   string // the family and a number in it
	Text   string
}

// All are the vectors of vectors.txt, in which a line is a Go string without its
// quotes, and a line that begins with == names the family of those below.
var All = sync.OnceValue(func() []Vector {
	var all []Vector
	family, n := "", 0
	for line := range strings.Lines(vectors) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "== "); ok {
			family, n = name, 0
			continue
		}
		if line == "" {
			continue
		}
		text, err := strconv.Unquote(`"` + strings.ReplaceAll(line, `"`, `\"`) + `"`)
		if err != nil {
			panic(fmt.Sprintf("vectors.txt: %q: %v", line, err)) // a test's own data
		}
		n++
		all = append(all, Vector{Family: family, Name: fmt.Sprintf("%s %d", family, n), Text: text})
	}
	return all
})

// Texts are those that are text at all: valid UTF-8 without characters that no
// field takes, which are refused before anything is made of them.
func Texts() []Vector {
	var texts []Vector
	for _, v := range All() {
		if v.Family != "refused" {
			texts = append(texts, v)
		}
	}
	return texts
}
