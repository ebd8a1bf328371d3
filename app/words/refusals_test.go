package words

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"folkmoot/app/talk"
)

// programs meet these refusals, and people don't: no page of ours sends what
// brings them about. They are in English alone.
var programs = []string{
	"A command needs a ref.",
	"A ref has at most {1} bytes.",
	"A ref has at most 128 bytes.",
	"Ask for 1 to {1} pages at once.",
	"Folkmoot didn't understand this message.",
	"Folkmoot knows no command {1}.",
	"Folkmoot knows no message of this type.",
	"Folkmoot's API has no such call.",
	"Nobody of this id has signed here yet.",
	"Please choose a reason: spam, abuse, off_topic, illegal or other.",
	"Say what to do.",
	"Say which comment.",
	"Say which thread, or which topic.",
	"Say which thread.",
	"Send at most {1} entries at once.",
	"Send the request as application/json.",
	"The limit is a number from 1 to {1}.",
	"The page's address can't be read.",
	"The request broke off.",
	"The request has something after its JSON.",
	"The request isn't the JSON that this call takes.",
	"The request isn't valid UTF-8.",
	"There is no order called {1}: choose representative, newest, oldest or top.",
	"There is no reaction called {1} here.",
	"There is no time zone called {1}.",
	"This call takes {1}, not {2}.",
	"This request is too large: {1} KiB are the most.",
	"since is the number of the last entry that you have, 0 for none.",
}

// refused are the refusals that the code makes, and the phrases in them.
func refused(t *testing.T, source string) (keys []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), source, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	add := func(e ast.Expr) {
		if text, ok := literal(e); ok {
			keys = append(keys, RefusalKey(text))
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			switch name := nameOf(n.Fun); {
			case name == "Refuse" && len(n.Args) > 2:
				add(n.Args[2])
			case name == "malformed" && len(n.Args) == 2: // of package live
				add(n.Args[1])
			}
		case *ast.KeyValueExpr:
			if nameOf(n.Key) == "Message" {
				add(n.Value)
			}
		case *ast.CompositeLit:
			if nameOf(n.Type) == "line" { // of package talk
				for _, e := range n.Elts[3:] {
					add(e)
				}
			}
		case *ast.ValueSpec:
			if n.Type != nil && nameOf(n.Type) == "Phrase" {
				for _, e := range n.Values {
					add(e)
				}
			}
		}
		return true
	})
	return keys
}

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func TestRefusalsAreSaidInEveryLanguage(t *testing.T) {
	made := map[string]bool{}
	for _, dir := range []string{"../talk", "../../wasm", "../../server/web", "../../server/live", "../../server/forum", "../../server/store/sqlite", "../../server/store/postgres"} {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", dir, len(files), err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, key := range refused(t, file) {
				made[key] = true
			}
		}
	}
	for _, key := range programs {
		if !made[key] {
			t.Errorf("no program meets %q any more", key)
		}
		delete(made, key)
	}
	if len(made) < 40 {
		t.Fatalf("only %d refusals were found: are they made otherwise now?", len(made))
	}
	numbered := regexp.MustCompile(`\{[^}]*\}`)
	for _, language := range Languages {
		f := open(t, language)
		if language == "en" {
			if len(f.Refusals) > 0 {
				t.Error("refusals are made in English: en.json needs none")
			}
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(made)) {
			text, ok := f.Refusals[key]
			want, got := numbered.FindAllString(key, -1), numbered.FindAllString(text, -1)
			slices.Sort(got)
			if got = slices.Compact(got); ok && !slices.Equal(want, got) {
				t.Errorf("%s.json: %q has %q, want %q", language, key, got, want)
			}
			if !ok || strings.TrimSpace(text) == "" {
				t.Errorf("%s.json: nobody says %q", language, key)
			}
		}
		for key := range f.Refusals {
			if !made[key] {
				t.Errorf("%s.json: nobody is refused with %q", language, key)
			}
		}
	}
}

// The scripts have English of their own, for when the file can't be had: it is
// the file's.
func TestScriptsSayWhatTheFilesDo(t *testing.T) {
	english := open(t, "en")
	script, err := os.ReadFile("../../assets/write.js")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?s)const said = (\{.*?\});`).FindSubmatch(script)
	if m == nil {
		t.Fatal("write.js says nothing")
	}
	var said map[string]Message
	if err := json.Unmarshal(m[1], &said); err != nil {
		t.Fatal(err)
	}
	for key, message := range said {
		if !reflect.DeepEqual(english.Words[key], message) {
			t.Errorf("write.js says %v, en.json %v", message, english.Words[key])
		}
	}
}

func TestRefusal(t *testing.T) {
	w := read(t, `{"language": "de", "direction": "ltr", "group": ".", "words": {"span.minutes": {"one": "{n} Minute", "other": "{n} Minuten"}}, "refusals": {
		"It has {1} of {2}.": "{2}, davon {1}.", "It has {1}.": "Es hat {1}.", "a NUL": "ein NUL", "No.": "Nein."}}`)
	of := func(format string, args ...any) *talk.Error { return talk.Refuse(talk.Invalid, "", format, args...) }
	for _, tt := range []struct {
		refused *talk.Error
		want    string
	}{
		{of("It has %d of %q.", 12345, "דנה"), "\u2068דנה\u2069, davon 12.345."},
		{of("It has %s.", talk.Phrase("a NUL")), "Es hat ein NUL."},
		{of("It has %s.", talk.Phrase("else")), "Es hat else."},
		{of("It has %s.", talk.Span(15*time.Minute)), "Es hat 15 Minuten."},
		{of("It has %s.", "{2}"), "Es hat {2}."},
		{of("Unheard %s.", "of"), "Unheard of."},
		{&talk.Error{Message: "No."}, "Nein."},
	} {
		if got := w.Refusal(tt.refused); got != tt.want {
			t.Errorf("%q is said %q, want %q", tt.refused.Message, got, tt.want)
		}
	}
	if got := English().Refusal(of("It has %d of %q.", 12345, "x")); got != `It has 12345 of "x".` {
		t.Errorf("in English: %q", got)
	}
}

func TestRefusalKey(t *testing.T) {
	for format, want := range map[string]string{"": "", "None.": "None.", "%d of %q": "{1} of {2}", "%": "{1}"} {
		if got := RefusalKey(format); got != want {
			t.Errorf("of %q: %q, want %q", format, got, want)
		}
	}
}
