package markdown_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"folkmoot/server/forum/markdown"
)

// most is as long as a comment may be, in characters; [talk.BodyChars].
const most = 10_000

// of repeats a unit until a body is full.
func of(unit string) string { return strings.Repeat(unit, most/len([]rune(unit))) }

// bombs are bodies of a comment's full length that a parser or a browser could
// choke on. Those with a zero width joiner in them are longer than they count.
var bombs = func() map[string]string {
	var list strings.Builder
	for i := range 140 {
		list.WriteString(strings.Repeat(" ", i) + "- a\n")
	}
	zwj := func(n int) string { return strings.Repeat("\u200d", n) }
	all := map[string]string{
		"ten thousand emphasis marks":       of("*"),
		"ten thousand underscores":          of("_"),
		"ten thousand tildes":               of("~"),
		"emphasis that opens":               of("*a "),
		"emphasis that closes":              of("a* "),
		"emphasis opened and closed":        strings.Repeat("*a ", most/6) + strings.Repeat(" a*", most/6),
		"emphasis in emphasis":              strings.Repeat("*_", most/4) + strings.Repeat("_*", most/4),
		"emphasis that doesn't match":       of("*a_ "),
		"emphasis of three":                 of("a***"),
		"strong in strong":                  strings.Repeat("**a ", most/8) + strings.Repeat(" a**", most/8),
		"strike-through in strike-through":  strings.Repeat("~~a ", most/8) + strings.Repeat(" a~~", most/8),
		"quotes in quotes":                  of(">"),
		"quotes in quotes with spaces":      of("> "),
		"quotes on lines of their own":      of("\n\n>>>>"),
		"lists in lists on one line":        of("- "),
		"numbered lists in lists":           of("1. "),
		"lists in lists":                    list.String(),
		"lists and empty lines":             strings.Repeat("1. ", most/15) + strings.Repeat("\n", 4*most/5),
		"lists in quotes in lists":          of("- > "),
		"brackets that open":                of("["),
		"brackets that close":               of("]"),
		"brackets in brackets":              strings.Repeat("[", most/2) + strings.Repeat("]", most/2),
		"pictures in pictures":              strings.Repeat("![", most/6) + strings.Repeat("](a)", most/6),
		"links that don't end":              of("[a]("),
		"links whose addresses don't end":   of("[a](b"),
		"links in brackets that don't end":  of("[a](<b"),
		"links whose titles don't end":      of("[a](b \""),
		"links and a long tail":             strings.Repeat("[a](b", most/10) + strings.Repeat("a"+zwj(3), most/2),
		"parentheses in a link":             "[a](" + strings.Repeat("(", most/2) + strings.Repeat(")", most/2),
		"links and marks":                   of("[a]: b\n?é[a](b?***>!||a*-"),
		"references":                        of("[a]: b\n"),
		"references that don't end":         of("[a]: <b\n"),
		"references whose titles don't end": of("[a]: b '\n"),
		"one reference, used":               "[a]: https://b.example/" + strings.Repeat("x", most/2) + "\n\n" + strings.Repeat("[a]", most/6),
		"one reference's picture":           "[a]: https://b.example/" + strings.Repeat("x", most/2) + "\n\n" + strings.Repeat("![a]", most/8),
		"long labels":                       of("[" + strings.Repeat("a", 990) + "]"),
		"backticks of one length":           of("`a``"),
		"backticks of all lengths":          backticks(),
		"backticks that were escaped":       of("\\```\n"),
		"backticks and joiners":             of("\\```\n\u200d"),
		"fences":                            of("```\n"),
		"fences in quotes":                  of("> ```\n"),
		"angle brackets":                    of("<"),
		"tags":                              of("<a "),
		"tags that close":                   of("</a>"),
		"comments that don't end":           of("<!--"),
		"instructions that don't end":       of("<?"),
		"declarations that don't end":       of("<!A "),
		"sections that don't end":           of("<![CDATA["),
		"autolinks":                         of("<http://a>"),
		"autolinks that don't end":          of("<http://a"),
		"mail in brackets":                  of("<a@b.c>"),
		"bare addresses":                    of("http://a.b "),
		"bare addresses without an end":     of("~www.a#"),
		"bare addresses that are none":      of("_www.1"),
		"one bare address":                  "https://a.b/" + strings.Repeat("a(", most/2-10),
		"bare mail":                         of("a@b.c "),
		"bare mail that is none":            of("a_"),
		"many at signs":                     of("a@"),
		"entities":                          of("&amp;"),
		"entities that are none":            of("&"),
		"entities that don't end":           of("&#x1"),
		"escapes":                           of("\\*"),
		"a wide table":                      "|" + strings.Repeat("a|", most/8) + "\n|" + strings.Repeat("-|", most/8) + "\n" + strings.Repeat("|\n", most/4-10),
		"many tables":                       strings.Repeat("|"+strings.Repeat("a|", 20)+"\n|"+strings.Repeat("-|", 20)+"\n"+strings.Repeat("|\n", 50)+"\n", most/190),
		"tables in tables":                  of("|-|-\n"),
		"a table of pipes":                  "|a|b|\n|-|-|\n" + strings.Repeat("|", most-20),
		"headings":                          of("#\n"),
		"headings under lines":              of("a\n-\n"),
		"rules":                             of("***\n"),
		"spoilers":                          of("||a|| "),
		"spoilers that open":                of("||a "),
		"spoilers in spoilers":              strings.Repeat(">!a ", most/8) + strings.Repeat(" a!<", most/8),
		"spoilers with pipes between":       of("||||a"),
		"blocks of spoilers":                of(">!a\n\n"),
		"blocks of spoilers in each other":  of("\n\n>!>!>!>!a"),
		"spoilers of addresses":             of("||a@b.c\u200d\u200d"),
		"emoji":                             of(":+1:"),
		"emoji that are none":               of(":a"),
		"a long name of an emoji":           ":" + strings.Repeat("a", most-2) + ":",
		"colons":                            of(":"),
		"code of numbers":                   "```go\n" + strings.Repeat("1 ", most/2-10) + "\n```",
		"code of quotes that don't end":     "```js\n" + strings.Repeat("'\\", most/2-10) + "\n```",
		"code of comments that don't end":   "```c\n" + strings.Repeat("/*", most/2-10) + "\n```",
		"code of tags that don't end":       "```html\n" + strings.Repeat("<a \"", most/4-10) + "\n```",
		"code of dollars":                   "```sh\n" + strings.Repeat("$", most-20) + "\n```",
		"many blocks of code":               of("```go\nif\n```\n"),
		"tabs":                              of("\t"),
		"line ends":                         of("\n"),
		"line ends of two bytes":            strings.Repeat("\r\n", most),
		"joiners":                           "a" + zwj(20_000),
		"marks and joiners":                 strings.Repeat("*"+zwj(1), most),
		"right to left":                     of("\u05d0*\u05d1 "),
	}
	for _, unit := range []string{"|", "-", "#", "(", ")", "\"", "'", "!", ">!", "!<", "a", " ", "=", "+", ".", "http:", "www.", "://", "\u00a0", "\ufeff", "👍"} {
		all[fmt.Sprintf("nothing but %q", unit)] = of(unit)
	}
	return all
}()

// backticks are runs of all lengths, none of which comes twice.
func backticks() string {
	var b strings.Builder
	for i := 1; b.Len()+i < most; i++ {
		b.WriteString(strings.Repeat("`", i) + "a")
	}
	return b.String()
}

// Whatever a comment is, readers get only so much of it, and no browser gives up
// at its depth.
func TestBombs(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(bombs)) {
		t.Run(name, func(t *testing.T) {
			body := bombs[name]
			got := none.Parsed(body)
			if len(got) > markdown.SizeMax+len(body) {
				t.Errorf("%d bytes became %d", len(body), len(got))
			}
			if n := depth(got); n > 3*markdown.NestingMax+10 {
				t.Errorf("elements stand %d deep", n)
			}
			checkHTML(t, body, got)
		})
	}
}

// depth is how deep elements stand in each other.
func depth(rendered string) int {
	deepest, n := 0, 0
	for tag := range strings.SplitSeq(rendered, "<") {
		switch {
		case strings.HasPrefix(tag, "/"):
			n--
		case strings.HasPrefix(tag, "br"), strings.HasPrefix(tag, "hr"), strings.HasPrefix(tag, "img"), tag == "":
		default:
			n++
		}
		deepest = max(deepest, n)
	}
	return deepest
}

// What makes goldmark take time with the square of a text is bounded in number;
// the rest is text.
func TestMarksAreBounded(t *testing.T) {
	for _, tt := range []struct {
		name, body, element string
		most                int
	}{
		{"emphasis", of("*a* "), "<em>", markdown.MarksMax / 2},
		{"strike-through", of("~a~ "), "<del>", markdown.MarksMax / 2},
		{"spoilers", of("||a|| "), "<details", markdown.MarksMax / 2},
		{"links", of("[a](https://b.c)"), "<a ", markdown.LinksMax},
		{"links after many that don't end", strings.Repeat("[a](b \"", 400) + strings.Repeat("👍", most/2) + " [a](https://b.c) ", "<a ", 0},
		{"colors", "```go\n" + strings.Repeat("1 ", most/2-10) + "\n```", "<span", 2000},
	} {
		got := render(tt.body)
		if n := strings.Count(got, tt.element); n > tt.most || n < tt.most-tt.most/2 {
			t.Errorf("%s: %d became elements, want %d", tt.name, n, tt.most)
		}
	}
	// A comment that somebody would write has all of its own.
	body := strings.Repeat("*a* **b** ~~c~~ ||d|| `e` [f](https://g.example) :smile:\n\n", 60)
	got := render(body)
	for _, element := range []string{"<em>", "<strong>", "<del>", "<details", "<code>", "<a "} {
		if n := strings.Count(got, element); n != 60 {
			t.Errorf("%d %s of 60", n, element)
		}
	}
}

// A run of backticks that has no end is looked for once in a block: each look
// keeps what it has seen of each line.
func TestBackticksAreLookedForOnce(t *testing.T) {
	body := of("\\```\n")
	if n := testing.AllocsPerRun(1, func() { render(body) }); n > float64(40*len(body)) {
		t.Errorf("%d bytes took %.0f allocations", len(body), n)
	}
}

// A parser's mistake must not end the server: the text is shown as it is.
func TestPlain(t *testing.T) {
	body := of(">!a\n\n>!>!>!>!>!>!") // would be more HTML than a reader should load
	got := render(body)
	if strings.Contains(got, "<details") || !strings.HasPrefix(got, "<p>&gt;!a<br><br>") {
		t.Errorf("became %.100s", got)
	}
	checkHTML(t, body, got)
}

// BenchmarkBombs prints what each takes: go test -bench Bombs -benchtime 5x.
func BenchmarkBombs(b *testing.B) {
	for _, name := range slices.Sorted(maps.Keys(bombs)) {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			for b.Loop() {
				render(bombs[name])
			}
		})
	}
}
