package code_test

import (
	"strings"
	"testing"

	"folkmoot/server/forum/markdown/code"
	"folkmoot/server/hostile"
)

// said is what is colored, each part with its class.
func said(language, text string) string {
	var parts []string
	for _, s := range code.Spans(language, text, 1000) {
		parts = append(parts, string(rune(s.Class))+" "+text[s.From:s.To])
	}
	return strings.Join(parts, " · ")
}

func TestSpans(t *testing.T) {
	tests := []struct{ language, text, want string }{
		{"go", "func f(n int) string { // c\n\treturn `a\n\\` + \"b\\\"\" + 'x' /* d\n*/ + 0x1F\n}", "k func · f f · k int · k string · c // c · k return · s `a\n\\` · s \"b\\\"\" · s 'x' · c /* d\n*/ · n 0x1F"},
		{"GO", "var x = nil", "k var · n nil"},
		{"js", "const a$ = `x${1}\n` + 'don\\'t'; // it's\n@dec f(null)", "k const · s `x${1}\n` · s 'don\\'t' · c // it's · f @dec · f f · n null"},
		{"py", "def f(self):\n    '''a\n    b'''  # c\n    return {'k': None}", "k def · f f · n self · s '''a\n    b''' · c # c · k return · s 'k' · n None"},
		{"rust", "fn f<'a>(s: &'a str) -> char { '\\n' }", "k fn · k str · k char · s '\\n'"},
		{"c", "#include <stdio.h>\nint main(void) { return 0; }", "k #include · k int · f main · k void · k return · n 0"},
		{"sh", "echo \"$HOME\" $PATH $# # c\nls -la | grep it's", "k echo · s \"$HOME\" · n $PATH · c # c · s 's"},
		{"sql", "SELECT count(*) FROM t -- c\nWHERE a = 'it''s'", "k SELECT · f count · k FROM · c -- c · k WHERE · s 'it''s'"},
		{"json", `{"a": [1, true, "b"], "c":null}`, `f "a" · n 1 · n true · s "b" · f "c" · n null`},
		{"yaml", "a-b: 'c' # d\n- e: on", "f a-b · s 'c' · c # d · f e · n on"},
		{"css", "@media print { .a { color: #fff; width: 10px } } /* b */", "k @media · k .a · f color · n #fff · f width · n 10px · c /* b */"},
		{"lua", "--[[ a\n]] local b = [[c]] -- d", "c --[[ a\n]] · k local · s [[c]] · c -- d"},
		{"ruby", "def a?; @b = :c; end", "k def · n @b · n :c · k end"},
		{"html", "<!doctype html><a href=\"b>c\" disabled>d</a><!-- e -->", "c <!doctype html> · k <a · f href · s \"b>c\" · f disabled · k > · k </a> · c <!-- e -->"},
		{"diff", "diff --git a b\n@@ -1 +1 @@\n-a\n+b\n c", "c diff --git a b · k @@ -1 +1 @@ · d -a · a +b"},
		{"c#", "using x; // y", "k using · c // y"},
		{"", "if 1", ""},
		{"nope", "if 1", ""},
		{"go", "", ""},
		{"go", "/*", "c /*"},
		{"go", "\"a\nif", "k if"},
		{"js", "`a", "s `a"},
	}
	for _, tt := range tests {
		if got := said(tt.language, tt.text); got != tt.want {
			t.Errorf("%s %q:\n%s\nwant\n%s", tt.language, tt.text, got, tt.want)
		}
	}
}

// What is too much stays as it is.
func TestSpansAreBounded(t *testing.T) {
	for _, language := range []string{"go", "html", "diff"} {
		text := strings.Repeat("1 <a>\n+b\n", 1000)
		if n := len(code.Spans(language, text, 10)); n > 10 {
			t.Errorf("%s: %d spans of 10", language, n)
		}
	}
}

var all = strings.Fields("go js py java c cs rust ruby php swift sh ps1 sql json yaml toml css lua hs ex perl lisp zig make html diff")

// check fails the test if spans are not parts of the text, in order.
func check(t *testing.T, language, text string) {
	t.Helper()
	at := 0
	for _, s := range code.Spans(language, text, 1000) {
		if s.From < at || s.To <= s.From || s.To > len(text) {
			t.Fatalf("%s %q: a span from %d to %d after %d", language, text, s.From, s.To, at)
		}
		at = s.To
	}
}

func FuzzSpans(f *testing.F) {
	for _, v := range hostile.All() {
		f.Add(v.Text)
	}
	for _, text := range []string{"", "\"", "'\\", "\"\"\"", "'''a'''", "/*", "//", "#", "@", "$", "<", "</", "<a \"", "{-", "[[", "é", "\xff", "1.", "a\n'b\n'"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, language := range all {
			check(t, language, text)
		}
	})
}
