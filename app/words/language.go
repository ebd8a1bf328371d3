package words

import (
	"slices"
	"strconv"
	"strings"
)

// Languages are those that there is a file for.
var Languages = []string{"en", "de", "fr", "es", "pt", "ar", "he", "ja", "zh", "hi"}

// Nearest is the language of a BCP 47 tag, or the nearest to it that there is:
// pt for pt-BR, zh for zh-Hant-TW. It is empty if there is none.
func Nearest(tag string) string {
	if len(tag) > 35 { // the longest that BCP 47 wants to be understood (4.4.1)
		return ""
	}
	first, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(tag), "_", "-"), "-")
	if first == "iw" { // Hebrew's until 1989, and Java's until 17
		first = "he"
	}
	if slices.Contains(Languages, first) {
		return first
	}
	return ""
}

// Accepted is the nearest of the languages that an Accept-Language header asks
// for, the most wanted first; or empty.
func Accepted(header string) string {
	best, most := "", 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, weight, _ := strings.Cut(part, ";")
		q := 1.0
		if _, value, ok := strings.Cut(weight, "="); ok {
			q, _ = strconv.ParseFloat(strings.TrimSpace(value), 64) // what can't be read is not wanted
		}
		if language := Nearest(strings.TrimSpace(tag)); language != "" && q > most {
			best, most = language, q
		}
	}
	return best
}
