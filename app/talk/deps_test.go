package talk_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A rule says what some packages may import: only what is listed and the
// standard library (if only is set), and in no case what is banned.
type rule struct {
	packages string // a path below the module; "/…" at its end means all below too
	only     []string
	bans     map[string]string // a package, or with "/…" all below too: the reason
	deep     bool              // the bans hold for what imports import, too
}

const (
	reader   = "a reader would have to download it"
	oneWay   = "imports point one way: this is built on top"
	oneStore = "which store and which bus it is, only main knows"
	twoLocks = "one implementation must not lean on another: each owns its SQL and its driver"
	pure     = "talk is pure, so that both sides and every test may use it"
	transit  = "the use cases know no transport: forms, JSON and sockets come in through the same door"
	views    = "views are made from data, wherever it is"
)

var rules = []rule{
	{packages: "app/talk", deep: true, bans: map[string]string{
		"github.com/maxence-charriere/go-app/…": pure, "net/http": reader, "database/sql": pure, "syscall/js": pure,
		"html/template": reader, "log/slog": reader, "crypto/…": reader, "regexp": reader, "folkmoot/app/ui/…": oneWay, "folkmoot/wasm/…": oneWay, "folkmoot/server/…": oneWay,
	}},
	{packages: "app/list", only: []string{"folkmoot/app/talk"}, deep: true, bans: map[string]string{
		"net/http": reader, "database/sql": pure, "syscall/js": pure, "html/template": reader, "crypto/…": reader, "regexp": reader,
	}},
	{packages: "app/words", only: []string{"folkmoot/app/talk", "folkmoot/assets/locales"}, deep: true, bans: map[string]string{
		"net/http": reader, "golang.org/x/text/…": "its tables are larger than what is said with them, and " + reader, "syscall/js": pure, "html/template": reader, "crypto/…": reader, "regexp": reader,
	}},
	{packages: "app/ui/…", only: []string{"folkmoot/app/talk", "folkmoot/app/list", "folkmoot/app/words", "folkmoot/app/ui/…", "github.com/maxence-charriere/go-app/v10/pkg/app"}, bans: map[string]string{
		"net/http": "a view does no I/O, and " + reader, "html/template": reader, "crypto/…": reader, "regexp": reader, "database/sql": views, "os": views,
	}},
	{packages: "wasm/…", only: []string{"folkmoot/app/talk", "folkmoot/app/list", "folkmoot/app/words", "folkmoot/app/ui/…", "folkmoot/wasm/…", "github.com/maxence-charriere/go-app/v10/pkg/app"}, bans: map[string]string{
		"folkmoot/server/…": "the server's code has no place in a browser", "net/http": "1 MB for what fetch does for nothing",
		"html/template": "0.47 MB", "regexp": "84 kB", "crypto/…": "46 kB for what the browser's crypto does for nothing", "github.com/gorilla/…": "0.68 MB for what the browser's WebSocket does for nothing",
	}},
	{packages: "server/forum/…", bans: map[string]string{
		"net/http": transit, "database/sql": "stores own their SQL", "zombiezen.com/…": oneStore, "modernc.org/…": oneStore, "github.com/jackc/…": oneStore,
		"github.com/redis/…": oneStore, "github.com/gorilla/…": transit, "github.com/maxence-charriere/go-app/…": "what is done doesn't depend on how it is shown",
		"folkmoot/app/ui/…": "what is done doesn't depend on how it is shown", "folkmoot/server/store/…": oneStore, "folkmoot/server/bus/…": oneStore,
		"folkmoot/server/live/…": oneWay, "folkmoot/server/web/…": oneWay,
	}},
	{packages: "server/store/…", bans: map[string]string{
		"folkmoot/server/store/…": twoLocks, "folkmoot/server/bus/…": twoLocks, "folkmoot/server/live/…": oneWay, "folkmoot/server/web/…": oneWay, "folkmoot/app/ui/…": oneWay,
	}},
	{packages: "server/bus/…", bans: map[string]string{
		"folkmoot/server/bus/…": twoLocks, "folkmoot/server/store/…": twoLocks, "folkmoot/server/live/…": oneWay, "folkmoot/server/web/…": oneWay, "folkmoot/app/ui/…": oneWay,
	}},
	{packages: "server/live/…", bans: map[string]string{
		"folkmoot/server/store/…": oneStore, "folkmoot/server/bus/…": oneStore, "folkmoot/server/web/…": oneWay, "github.com/jackc/…": oneStore,
		"folkmoot/app/ui/…": "the server pushes no HTML", "github.com/maxence-charriere/go-app/…": "the server pushes no HTML",
	}},
	{packages: "server/push/…", bans: map[string]string{
		"folkmoot/server/store/…": oneStore, "folkmoot/server/bus/…": oneStore, "folkmoot/server/live/…": oneWay, "folkmoot/server/web/…": oneWay, "github.com/jackc/…": oneStore,
		"folkmoot/app/ui/…": "the server pushes no HTML", "github.com/maxence-charriere/go-app/…": "the server pushes no HTML",
	}},
	{packages: "server/outside", only: []string{"none"}, bans: map[string]string{}},
	{packages: "server/web/…", bans: map[string]string{
		"folkmoot/server/store/…": oneStore, "folkmoot/server/bus/…": oneStore, "database/sql": "stores own their SQL", "github.com/redis/…": oneStore,
		"github.com/jackc/…": oneStore,
	}},
}

// A listed package is what go list says of one.
type listed struct {
	ImportPath    string
	Imports, Deps []string
	GoFiles       []string
}

func list(t *testing.T, env ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,Deps,GoFiles", "./...")
	cmd.Dir, cmd.Env = "../..", append(os.Environ(), env...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, errs.String())
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) > 0 { // a folder of tests, or of another platform's files, has none
			all = append(all, p)
		}
	}
}

func matches(pattern, path string) bool {
	below, wide := strings.CutSuffix(pattern, "/…")
	return path == below || wide && strings.HasPrefix(path, below+"/")
}

func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return first != "folkmoot" && !strings.Contains(first, ".")
}

// broken lists what the rule forbids about a package that it is for.
func (r rule) broken(p listed) []string {
	var broken []string
	for _, imported := range p.Imports {
		if len(r.only) > 0 && !standard(imported) && !slices.ContainsFunc(r.only, func(o string) bool { return matches(o, imported) }) {
			broken = append(broken, imported+": only "+strings.Join(r.only, ", ")+" and the standard library")
		}
	}
	imports := p.Imports
	if r.deep {
		imports = p.Deps
	}
	for _, imported := range imports {
		for banned, reason := range r.bans {
			if matches(banned, imported) && !matches(p.ImportPath+"/…", imported) {
				broken = append(broken, imported+": "+reason)
			}
		}
	}
	return broken
}

func TestImportsPointOneWay(t *testing.T) {
	here, browser := list(t), list(t, "GOOS=js", "GOARCH=wasm")
	seen := map[string]bool{}
	for _, r := range rules {
		packages := here
		if r.packages == "wasm/…" {
			packages = browser
		}
		for _, p := range packages {
			if !matches("folkmoot/"+r.packages, p.ImportPath) {
				continue
			}
			seen[r.packages] = true
			for _, what := range r.broken(p) {
				t.Errorf("%s imports %s", p.ImportPath, what)
			}
		}
	}
	if !seen["app/talk"] || !seen["server/forum/…"] { // other parts may not be there yet
		t.Errorf("the rules found only %v: are the paths right?", seen)
	}
}

// The rules are tried on packages that break them, or a mistyped path would
// let everything pass.
func TestRulesBite(t *testing.T) {
	tests := []struct {
		pkg      string
		imported string
	}{
		{"app/talk", "net/http"},
		{"app/talk", "github.com/maxence-charriere/go-app/v10/pkg/app"},
		{"app/talk", "syscall/js"},
		{"app/ui", "folkmoot/server/forum"},
		{"app/ui", "net/http"},
		{"app/words", "golang.org/x/text/language"},
		{"app/ui", "github.com/google/uuid"},
		{"wasm", "folkmoot/server/forum"},
		{"wasm", "html/template"},
		{"wasm", "crypto/rand"},
		{"wasm/session", "regexp"},
		{"wasm", "github.com/gorilla/websocket"},
		{"server/forum", "database/sql"},
		{"server/forum", "zombiezen.com/go/sqlite"},
		{"server/store/sqlite", "folkmoot/server/store/postgres"},
		{"server/store/sqlite", "folkmoot/server/web"},
		{"server/store/postgres", "folkmoot/server/store/sqlite"},
		{"server/store/postgres", "folkmoot/server/bus/redis"},
		{"server/bus/redis", "folkmoot/server/bus/memory"},
		{"server/bus/redis", "folkmoot/server/store/postgres"},
		{"server/bus/redis", "folkmoot/server/live"},
		{"server/bus/redis", "folkmoot/server/web"},
		{"server/live", "folkmoot/server/bus/redis"},
		{"server/live", "folkmoot/app/ui"},
		{"server/web", "folkmoot/server/store/sqlite"},
		{"server/web", "github.com/jackc/pgx/v5"},
		{"server/push", "folkmoot/server/store/sqlite"},
		{"server/outside", "folkmoot/server/forum"},
	}
	for _, tt := range tests {
		bad, good := listed{ImportPath: "folkmoot/" + tt.pkg, Imports: []string{tt.imported}, Deps: []string{tt.imported}}, listed{ImportPath: "folkmoot/" + tt.pkg}
		good.Imports = []string{"strings", "folkmoot/app/talk", good.ImportPath + "/inner"}
		for _, r := range rules {
			if !matches("folkmoot/"+r.packages, bad.ImportPath) {
				continue
			}
			if len(r.broken(bad)) == 0 {
				t.Errorf("%s may import %s", tt.pkg, tt.imported)
			}
			if broken := r.broken(good); len(r.only) == 0 && len(broken) > 0 {
				t.Errorf("%s may not import what it should: %v", tt.pkg, broken)
			}
		}
	}
}

// talk is given the time: what it says must be the same on both sides, and in
// a test.
func TestTalkHasNoClockAndNoGoroutine(t *testing.T) {
	files, _ := filepath.Glob("*.go")
	files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") })
	if len(files) == 0 {
		t.Fatal("no source here")
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, what := range impure(t, file, source) {
			t.Error(what)
		}
	}
	if found := impure(t, "impure.go", []byte("package x\nimport clock \"time\"\nfunc f() { go f(); clock.Now(); g := clock.Since; select {} }")); len(found) != 4 {
		t.Errorf("in an impure file, only %q were found", found)
	}
}

var clockFunctions = []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Sleep"}

func impure(t *testing.T, name string, source []byte) []string {
	t.Helper()
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, name, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	clock := "time"
	for _, i := range f.Imports {
		if i.Path.Value == `"time"` && i.Name != nil {
			clock = i.Name.Name
		}
	}
	var found []string
	ast.Inspect(f, func(n ast.Node) bool {
		what := ""
		switch n := n.(type) {
		case *ast.GoStmt:
			what = "starts a goroutine"
		case *ast.SelectStmt, *ast.SendStmt, *ast.ChanType:
			what = "waits for other goroutines"
		case *ast.SelectorExpr:
			if of, ok := n.X.(*ast.Ident); ok && of.Name == clock && slices.Contains(clockFunctions, n.Sel.Name) {
				what = "asks the clock: time." + n.Sel.Name
			}
		}
		if what != "" {
			found = append(found, files.Position(n.Pos()).String()+" "+what)
		}
		return true
	})
	return found
}
