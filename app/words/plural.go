package words

// The plural categories of CLDR. Every language has other.
const (
	Zero  = "zero"
	One   = "one"
	Two   = "two"
	Few   = "few"
	Many  = "many"
	Other = "other"
)

// A plural is how a language tells numbers apart: which categories it has, and
// which one a whole number belongs to.
type plural struct {
	categories []string
	of         func(n int) string
}

// plurals are of Unicode CLDR 47, cardinal rules for whole numbers:
// https://www.unicode.org/cldr/charts/47/supplemental/language_plural_rules.html
var plurals = map[string]plural{
	"en": {[]string{One, Other}, oneFrom(1)},
	"de": {[]string{One, Other}, oneFrom(1)},
	"fr": {[]string{One, Many, Other}, millions(oneFrom(0))},
	"es": {[]string{One, Many, Other}, millions(oneFrom(1))},
	"pt": {[]string{One, Many, Other}, millions(oneFrom(0))},
	"hi": {[]string{One, Other}, oneFrom(0)},
	"he": {[]string{One, Two, Other}, func(n int) string {
		switch n {
		case 1:
			return One
		case 2:
			return Two
		}
		return Other
	}},
	"ar": {[]string{Zero, One, Two, Few, Many, Other}, func(n int) string {
		switch hundred := n % 100; {
		case n == 0:
			return Zero
		case n == 1:
			return One
		case n == 2:
			return Two
		case hundred >= 3 && hundred <= 10:
			return Few
		case hundred >= 11:
			return Many
		}
		return Other
	}},
	"ja": {[]string{Other}, func(int) string { return Other }},
	"zh": {[]string{Other}, func(int) string { return Other }},
}

// oneFrom has a singular for one, and for none if first is 0.
func oneFrom(first int) func(int) string {
	return func(n int) string {
		if n >= first && n <= 1 {
			return One
		}
		return Other
	}
}

// millions has whole millions apart: "1 000 000 de commentaires".
func millions(of func(int) string) func(int) string {
	return func(n int) string {
		if n != 0 && n%1_000_000 == 0 {
			return Many
		}
		return of(n)
	}
}

// Plural is the category that a number, not below zero, belongs to.
func (w *Words) Plural(n int) string { return plurals[w.or().language].of(n) }

// Categories are those that a language has, which every message with a number
// has to have.
func Categories(language string) []string { return plurals[language].categories }
