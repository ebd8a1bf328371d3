// Slim makes the copy of go-app that the browser's program is built with: the
// module of go.mod without what only a server of it needs, which is a third of
// what a reader would have to download, and quicker where readers wait for it. slim OUT writes the copy into the folder
// OUT, and OUT.mod, the go.mod with which to build: go build -modfile OUT.mod.
// go.mod itself, tests and the server know nothing of it.
package main

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const (
	goapp = "github.com/maxence-charriere/go-app/v10"
	uuid  = "github.com/google/uuid"

	// version is the one whose files were read for this. Before raising it, look
	// at what dropped and replaced are about now.
	version = "v10.1.11"
)

// dropped are files that the browser's program has no use for.
var dropped = []string{
	"pkg/app/http.go",   // app.Handler, with net/http, crypto/tls and all below: 0.34 MB compressed
	"pkg/app/static.go", // a website of files, made by that handler
	"pkg/app/wasm.go",   // says that the browser can't
}

// replaced are files of which the program needs a part, in _app; what go-app
// doesn't have, in _added; and, in _uuid, a module for which go-app takes
// crypto/rand, crypto/md5, crypto/sha1 and database/sql/driver into the browser.
//
//go:embed all:_app all:_added all:_uuid
var replaced embed.FS

// edits are made in what is copied, each exactly once. For every value that comes
// from JavaScript Go keeps a finalizer, which costs more than the call itself:
// mounting a thread asks for a fifth less time with one value for each element
// instead of three. And what has a key keeps its element when its neighbours come
// and go (see _added).
var edits = []struct{ file, old, new string }{
	{"pkg/app/js_wasm.go", `element = w.Get("document").Call("createElement", tag)`, `element = document.Call("createElement", tag)`},
	{"pkg/app/js_wasm.go", `return w.Get("document").Call("createTextNode", v)`, `return document.Call("createTextNode", v)`},
	{"pkg/app/js_wasm.go", `v.Call("appendChild", c)`, `v.Call("append", c)`}, // which returns nothing
	{"pkg/app/node.go", "children := v.body()\n\tnewChildren := new.body()\n", "newChildren := new.body()\n\tchildren, err := m.keyed(ctx, v, newChildren)\n\tif err != nil {\n\t\treturn nil, err\n\t}\n"},
	{"pkg/app/js_wasm.go", "type browserWindow struct {", "var document = value{jsValue: js.Global().Get(\"document\")}\n\ntype browserWindow struct {"},
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: slim OUT")
		os.Exit(2)
	}
	if err := slim(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "slim:", err)
		os.Exit(1)
	}
}

// slim makes the copy and its go.mod. OUT is a path below the module, so that
// what is built with it does not depend on where that lies.
func slim(out string) error {
	if !filepath.IsLocal(out) {
		return fmt.Errorf("%s is not below the module", out)
	}
	var module struct{ Version, Dir string }
	about, err := goTool("list", "-m", "-json", goapp)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(about, &module); err != nil {
		return err
	}
	if module.Version != version {
		return fmt.Errorf("go-app is %s now, and this is made for %s: see assets/slim/main.go", module.Version, version)
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	if err := copyModule(module.Dir, out); err != nil {
		return err
	}
	if err := edit(out); err != nil {
		return err
	}
	if err := lay("_app", filepath.Join(out, "pkg/app")); err != nil {
		return err
	}
	if err := lay("_added", filepath.Join(out, "pkg/app")); err != nil {
		return err
	}
	if err := lay("_uuid", filepath.Join(out, "uuid")); err != nil {
		return err
	}
	return modfile(out)
}

// copyModule copies what a program that uses go-app is built from.
func copyModule(from, to string) error {
	gone := slices.Clone(dropped)
	for _, folder := range []string{".", "pkg/app", "pkg/errors"} {
		entries, err := os.ReadDir(filepath.Join(from, folder))
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Join(to, folder), 0o755); err != nil {
			return err
		}
		for _, e := range entries {
			name := path.Join(folder, e.Name())
			if i := slices.Index(gone, name); i >= 0 {
				gone = slices.Delete(gone, i, i+1)
				continue
			}
			needed := strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") || name == "go.mod" || name == "LICENSE"
			if !needed || e.IsDir() {
				continue
			}
			content, err := os.ReadFile(filepath.Join(from, name))
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(to, name), content, 0o644); err != nil {
				return err
			}
		}
	}
	if len(gone) > 0 {
		return fmt.Errorf("go-app has no %v any more", gone)
	}
	return nil
}

// edit makes the edits.
func edit(out string) error {
	for _, e := range edits {
		file := filepath.Join(out, e.file)
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if n := strings.Count(string(content), e.old); n != 1 {
			return fmt.Errorf("go-app's %s has %q %d times, not once", e.file, e.old, n)
		}
		if err := os.WriteFile(file, []byte(strings.Replace(string(content), e.old, e.new, 1)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// lay writes files of ours into a folder. Those of go-app's package take the
// place of its own, which must be there.
func lay(files, to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	return fs.WalkDir(replaced, files, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := replaced.ReadFile(name)
		if err != nil {
			return err
		}
		place := filepath.Join(to, strings.TrimSuffix(e.Name(), ".txt"))
		if _, err := os.Stat(place); files == "_app" && err != nil {
			return fmt.Errorf("what %s takes the place of is not there any more: %w", name, err)
		}
		return os.WriteFile(place, content, 0o644)
	})
}

// modfile writes OUT.mod and OUT.sum.
func modfile(out string) error {
	for _, name := range []string{"mod", "sum"} {
		content, err := os.ReadFile("go." + name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(out+"."+name, content, 0o644); err != nil {
			return err
		}
	}
	at := "./" + filepath.ToSlash(out)
	_, err := goTool("mod", "edit", "-replace", goapp+"="+at, "-replace", uuid+"="+at+"/uuid", out+".mod")
	return err
}

// goTool runs the go that the Makefile says, or that of the path.
func goTool(args ...string) ([]byte, error) {
	cmd := exec.CommandContext(context.Background(), cmp.Or(os.Getenv("GO"), "go"), args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, errs.String())
	}
	return out, nil
}
