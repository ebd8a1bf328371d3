package words

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const folder = "../../assets/locales/"

// open reads a language's file, whose fields must all be known and whose keys
// stand in it once.
func open(t *testing.T, language string) File {
	t.Helper()
	text, err := os.ReadFile(folder + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	f, problems := check(text)
	for _, p := range problems {
		t.Errorf("%s.json: %s", language, p)
	}
	return f
}

// check reads a file and says what is wrong with it by itself.
func check(text []byte) (f File, problems []string) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return f, []string{err.Error()}
	}
	if _, err := Read(text); err != nil {
		problems = append(problems, err.Error())
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if m := regexp.MustCompile(`^    "([^"]+)":`).FindStringSubmatch(line); m != nil && seen[m[1]] {
			problems = append(problems, m[1]+" stands there twice")
		} else if m != nil {
			seen[m[1]] = true
		}
	}
	if n := len(f.Words) + len(f.Refusals); len(seen) != n {
		problems = append(problems, "one key a line, with four spaces before it: there are "+strconv.Itoa(n)+" on "+strconv.Itoa(len(seen))+" lines")
	}
	for _, text := range f.Refusals {
		if strings.TrimSpace(text) != text || strings.ContainsAny(text, "\u202A\u202B\u202C\u202D\u202E<>") {
			problems = append(problems, text+": space around it, HTML, or a character that turns the direction")
		}
	}
	for key, m := range f.Words {
		for form, text := range forms(m) {
			if strings.TrimSpace(text) != text || text == "" {
				problems = append(problems, key+" "+form+": empty, or with space around it")
			}
			if strings.Count(text, "{") != len(placeholders(text)) || strings.Count(text, "}") != len(placeholders(text)) {
				problems = append(problems, key+" "+form+": a brace that belongs to no name")
			}
			if strings.ContainsAny(text, "\u202A\u202B\u202C\u202D\u202E<>") {
				problems = append(problems, key+" "+form+": HTML, or a character that turns the direction")
			}
		}
	}
	return f, problems
}

// forms are the texts of a message, by plural category; "" for one without.
func forms(m Message) map[string]string {
	if m.Forms != nil {
		return m.Forms
	}
	return map[string]string{"": m.Text}
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// placeholders are the names in braces, each once.
func placeholders(text string) []string {
	all := placeholder.FindAllString(text, -1)
	slices.Sort(all)
	return slices.Compact(all)
}

// compare says how a language's words are not what English has.
func compare(english, other File) (problems []string) {
	for _, key := range slices.Sorted(maps.Keys(english.Words)) {
		there, ok := other.Words[key]
		if !ok {
			problems = append(problems, "no "+key)
			continue
		}
		want := english.Words[key]
		if (want.Forms == nil) != (there.Forms == nil) {
			problems = append(problems, key+": a number in one language only")
			continue
		}
		if want.Forms == nil {
			if !slices.Equal(placeholders(want.Text), placeholders(there.Text)) {
				problems = append(problems, key+": names "+strings.Join(placeholders(there.Text), " ")+", want "+strings.Join(placeholders(want.Text), " "))
			}
			continue
		}
		categories := slices.Sorted(slices.Values(Categories(other.Language)))
		if got := slices.Sorted(maps.Keys(there.Forms)); !slices.Equal(got, categories) {
			problems = append(problems, key+": categories "+strings.Join(got, " ")+", want "+strings.Join(categories, " "))
		}
		for category, text := range there.Forms {
			got, want := placeholders(text), placeholders(want.Forms[Other])
			if exact(other.Language, category) { // "one comment" and "يومان" need no number
				got, want = without(got, "{n}"), without(want, "{n}")
			}
			if !slices.Equal(got, want) {
				problems = append(problems, key+" "+category+": names "+strings.Join(got, " ")+", want "+strings.Join(want, " "))
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(other.Words)) {
		if _, ok := english.Words[key]; !ok {
			problems = append(problems, key+", which English doesn't have")
		}
	}
	return problems
}

// exact says whether a category holds a single number, so that it needs not be
// said in digits.
func exact(language, category string) bool {
	n := 0
	for i := range 1000 {
		if plurals[language].of(i) == category {
			n++
		}
	}
	return n == 1
}

func without(all []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == name })
}

func TestEveryLanguageSaysEverything(t *testing.T) {
	english := open(t, "en")
	for _, language := range Languages {
		f := open(t, language)
		if f.Language != language {
			t.Errorf("%s.json is of language %q", language, f.Language)
		}
		for _, p := range compare(english, f) {
			t.Errorf("%s.json: %s", language, p)
		}
		if n := len([]rune(f.Digits)); n != 0 && n != 10 {
			t.Errorf("%s.json: %d digits, want ten or none", language, n)
		}
	}
	files, err := filepath.Glob(folder + "*.json")
	if err != nil || len(files) != len(Languages) {
		t.Errorf("files %q, %v; languages %q: want one each", files, err, Languages)
	}
}

// The checks are tried on files that are wrong, or a mistake in them would let
// everything pass.
func TestChecksBite(t *testing.T) {
	const head = `{"language": "he", "direction": "rtl", "words": {` + "\n"
	english, problems := check([]byte(`{"language": "en", "direction": "ltr", "words": {
    "plain": "Hello {name}",
    "many": {"one": "{n} of {name}", "other": "{n} of {name}"}
	}}`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	const plain, many = `    "plain": "{name}"`, `    "many": {"one": "of {name}", "two": "{n} of {name}", "other": "{n} of {name}"}`
	for _, tt := range []struct{ words, want string }{
		{plain + ",\n" + many, ""},
		{plain, "no many"},
		{plain + ",\n" + many + ",\n" + `    "more": "x"`, "more, which English doesn't have"},
		{plain + ",\n" + plain + ",\n" + many, "plain stands there twice"},
		{plain + ",\n" + strings.Replace(many, `"two": "{n} of {name}", `, "", 1), "many: categories one other, want one other two"},
		{plain + ",\n" + strings.Replace(many, `"two"`, `"few"`, 1), "many: categories few one other, want one other two"},
		{plain + ",\n" + strings.Replace(many, `"other": "{n} of`, `"other": "of`, 1), "many other: names {name}, want {name} {n}"},
		{`    "plain": "Hello"` + ",\n" + many, "plain: names , want {name}"},
		{`    "plain": "{nom}"` + ",\n" + many, "plain: names {nom}, want {name}"},
		{`    "plain": "{name} {"` + ",\n" + many, "plain : a brace that belongs to no name"},
		{`    "plain": ""` + ",\n" + many, "plain : empty, or with space around it"},
		{`    "plain": {"one": "{name}", "two": "{name}", "other": "{name}"}` + ",\n" + many, "plain: a number in one language only"},
	} {
		f, problems := check([]byte(head + tt.words + "\n}}"))
		problems = append(problems, compare(english, f)...)
		if tt.want == "" && len(problems) > 0 || tt.want != "" && !slices.Contains(problems, tt.want) {
			t.Errorf("of %s: found %q, want %q", tt.words, problems, tt.want)
		}
	}
	for _, text := range []string{head + plain + "\n}, \"x\": 1}", strings.Replace(head, "rtl", "up", 1) + plain + "\n}}", strings.Replace(head, `"he"`, `"xx"`, 1) + plain + "\n}}"} {
		if _, problems := check([]byte(text)); len(problems) == 0 {
			t.Errorf("nothing is found wrong with %s", text)
		}
	}
}

// spoken are the keys that the code names: whole ones, and beginnings of those
// that it puts together.
func spoken(t *testing.T, source string) (whole, beginnings []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), source, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec, *ast.Field:
			return false
		case *ast.BinaryExpr:
			if text, ok := literal(n.X); ok && strings.HasSuffix(text, ".") {
				beginnings = append(beginnings, text)
			}
		case *ast.BasicLit:
			if text, ok := literal(n); ok {
				whole = append(whole, text)
			}
		}
		return true
	})
	return whole, beginnings
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

// asked are the keys given to Say and Many as they stand, in Go and in templates.
func asked(t *testing.T, source string) (keys []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), source, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`\.Say "([^"]+)"`).FindAllSubmatch(text, -1) { // in a template
		keys = append(keys, string(m[1]))
	}
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		if of, ok := call.Fun.(*ast.SelectorExpr); ok && (of.Sel.Name == "Say" || of.Sel.Name == "Many") {
			if key, ok := literal(call.Args[0]); ok {
				keys = append(keys, key)
			}
		}
		return true
	})
	return keys
}

// Every key that the code asks for is there, and every key that is there is
// asked for.
func TestKeysAreThoseThatTheCodeNames(t *testing.T) {
	var sources []string
	for _, dir := range []string{".", "../ui", "../talk", "../../wasm", "../../wasm/session", "../../server/web", "../../server/plain", "../../server/push", "../../server/forum"} {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", dir, len(files), err)
		}
		sources = append(sources, slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") })...)
	}
	english := open(t, "en")
	named, begun := map[string]bool{}, []string{}
	for _, source := range sources {
		for _, key := range asked(t, source) {
			named[key] = true
			if _, ok := english.Words[key]; !ok {
				t.Errorf("%s asks for %s, which nobody can say", source, key)
			}
		}
		whole, beginnings := spoken(t, source)
		begun = append(begun, beginnings...)
		for _, key := range whole {
			named[key] = true
		}
	}
	script, err := os.ReadFile("../../assets/write.js")
	if err != nil {
		t.Fatal(err)
	}
	for key := range english.Words {
		if strings.Contains(string(script), strconv.Quote(key)) {
			continue
		}
		if !named[key] && !slices.ContainsFunc(begun, func(b string) bool { return strings.HasPrefix(key, b) }) && !ending(key) {
			t.Errorf("nobody says %s", key)
		}
	}
}

// ending says whether a key is one of those of a box, whose ends are put to
// either beginning.
func ending(key string) bool {
	return regexp.MustCompile(`^write\.(comment|reply)\.(hint|send)$`).MatchString(key)
}
