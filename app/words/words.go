// Package words says what people read, in their language. What there is to say
// stands in assets/locales, a file a language; package words fills in names and
// numbers, chooses plurals, and writes ages and dates. English is compiled in;
// another language is read from its file by whoever shows something in it.
//
// It is pure: server and browser make the same words of the same file.
package words

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"folkmoot/assets/locales"
)

// Words are one language's. They don't change, so many may use them at once.
// Nil Words are English.
type Words struct {
	language string
	rtl      bool
	numbers  numbers
	messages map[string]Message
	refusals map[string]string
}

// A Message is one thing to say: a text, or one for each plural category that
// the language tells apart. A name in braces stands for what is filled in.
type Message struct {
	Text  string
	Forms map[string]string
}

// UnmarshalJSON reads a message: a string, or an object of strings.
func (m *Message) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &m.Text) == nil {
		return nil
	}
	return json.Unmarshal(text, &m.Forms)
}

// A File is how a language is written down.
type File struct {
	Language  string             `json:"language"`  // its BCP 47 tag
	Direction string             `json:"direction"` // ltr or rtl
	Digits    string             `json:"digits"`    // its ten digits; none for those of ASCII
	Group     string             `json:"group"`     // what stands between groups of digits
	Groups    []int              `json:"groups"`    // how many digits have a group, from the right; the last goes on. None for 3
	Least     int                `json:"least"`     // digits before the first group's mark, below which there is none
	Words     map[string]Message `json:"words"`
	Refusals  map[string]string  `json:"refusals"` // by what they are in English, which has none here
}

// Read reads the words of a file.
func Read(file []byte) (*Words, error) {
	var f File
	if err := json.Unmarshal(file, &f); err != nil {
		return nil, fmt.Errorf("a language's file: %w", err)
	}
	if _, ok := plurals[f.Language]; !ok {
		return nil, fmt.Errorf("a language's file: no plural rules for %q", f.Language)
	}
	if f.Direction != "ltr" && f.Direction != "rtl" {
		return nil, errors.New("a language's file: direction is ltr or rtl")
	}
	return &Words{f.Language, f.Direction == "rtl", newNumbers(f), f.Words, f.Refusals}, nil
}

// English returns the words that are part of the program.
var English = sync.OnceValue(func() *Words {
	w, err := Read(locales.English)
	if err != nil {
		panic(err) // of the program itself
	}
	return w
})

func (w *Words) or() *Words {
	if w == nil {
		return English()
	}
	return w
}

// Language is the BCP 47 tag of these words.
func (w *Words) Language() string { return w.or().language }

// Direction is how they are written, ltr or rtl, as HTML's dir has it.
func (w *Words) Direction() string {
	if w.or().rtl {
		return "rtl"
	}
	return "ltr"
}

// Has says whether there are words for a key.
func (w *Words) Has(key string) bool {
	_, ok := w.or().messages[key]
	return ok
}

// Say returns the words of a key. Pairs are names in braces and what stands for
// them, such as a person's name; that is isolated where its direction is
// another than the language's. A key without words comes back as it is: a test
// sees to it that there is none.
func (w *Words) Say(key string, pairs ...string) string {
	w = w.or()
	m, ok := w.messages[key]
	if !ok {
		return key
	}
	return w.fill(m.Text, pairs)
}

// Many is Say for words that depend on a number, which stands for {n}.
func (w *Words) Many(key string, n int, pairs ...string) string {
	w = w.or()
	m, ok := w.messages[key]
	if !ok {
		return key
	}
	text, ok := m.Forms[w.Plural(n)]
	if !ok {
		text = m.Forms[Other]
	}
	return w.fill(text, append([]string{"n", w.Number(n)}, pairs...))
}

// fill puts what stands for names in braces in their place.
func (w *Words) fill(text string, pairs []string) string {
	if len(pairs) == 0 {
		return text
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				b.WriteString(w.Isolate(pairs[i+1]))
			}
		}
		text = after
	}
}
