package ui

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// said are the texts that people would read as they stand in the code: those
// given to Text and to the attributes that are read out.
func said(t *testing.T, name string, source any) (texts []string) {
	t.Helper()
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, name, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	word := func(e ast.Expr) {
		if call, ok := e.(*ast.CallExpr); ok {
			if of, ok := call.Fun.(*ast.Ident); ok && of.Name == "attr" {
				e = call.Args[0]
			}
		}
		if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if s, _ := strconv.Unquote(l.Value); strings.IndexFunc(s, unicode.IsLetter) >= 0 && !names[s] {
				texts = append(texts, files.Position(l.Pos()).String()+": "+s)
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		of, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		switch {
		case of.Sel.Name == "Text" && len(call.Args) == 1:
			word(call.Args[0])
		case (of.Sel.Name == "Attr" || of.Sel.Name == "Aria") && len(call.Args) == 2:
			if l, ok := call.Args[0].(*ast.BasicLit); ok && read[strings.Trim(l.Value, `"`)] {
				word(call.Args[1])
			}
		}
		return true
	})
	return texts
}

// read are the attributes that people read or hear.
var read = map[string]bool{"label": true, "aria-label": true, "title": true, "placeholder": true, "alt": true, "description": true}

// names are the same in every language.
var names = map[string]bool{"Folkmoot": true, "Europe/London": true}

// What people read goes through package words, which has it in their language.
func TestNothingIsSaidPastTheWords(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, text := range said(t, file, nil) {
			t.Errorf("%s", text)
		}
	}
	bad := `package x
func f() { Span().Text("Hello").Attr("title", "Hello").Aria("label", attr("Hello")).Attr("class", "fine").Text("·").Text(w.Say("key")) }`
	if found := said(t, "bad.go", bad); len(found) != 3 {
		t.Errorf("of three texts, %q were found", found)
	}
}
