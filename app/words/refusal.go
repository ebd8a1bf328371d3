package words

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"folkmoot/app/talk"
)

// Refusal says why something was not done. Refusals are made in English, where
// they arise; a language's file has them under what they are in English, with
// {1} and so on for what is filled in. What it doesn't have, such as those that
// only programs meet, stays as it is.
func (w *Words) Refusal(e *talk.Error) string {
	w = w.or()
	text, ok := w.refusals[RefusalKey(cmp.Or(e.Format, e.Message))]
	if !ok {
		return e.Message
	}
	pairs := make([]string, 0, 2*len(e.Args))
	for i, arg := range e.Args {
		pairs = append(pairs, strconv.Itoa(i+1), w.argument(arg))
	}
	return w.fill(text, pairs)
}

func (w *Words) argument(arg any) string {
	switch arg := arg.(type) {
	case int:
		return w.Number(arg)
	case talk.Phrase:
		return cmp.Or(w.refusals[string(arg)], string(arg))
	case talk.Span:
		if n := arg.Minutes(); n > 0 {
			return w.Many("span.minutes", n)
		}
	}
	return fmt.Sprint(arg)
}

// RefusalKey is the key of a format's words: its verbs are {1}, {2} and so on.
func RefusalKey(format string) string {
	var b strings.Builder
	for n := 1; ; n++ {
		before, rest, ok := strings.Cut(format, "%")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		b.WriteString("{" + strconv.Itoa(n) + "}")
		format = rest[min(1, len(rest)):]
	}
}
