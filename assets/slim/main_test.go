package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The browser's program, built with the copy, has nothing of what it is made to
// do without. That the copy compiles, make build shows.
func TestWhatTheBrowserDoesWithout(t *testing.T) {
	t.Chdir("../..")
	if err := os.MkdirAll("build", 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := os.MkdirTemp("build", "slim-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, made := range []string{out, out + ".mod", out + ".sum"} {
			if err := os.RemoveAll(made); err != nil {
				t.Error(err)
			}
		}
	})
	if err := slim(out); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "list", "-deps", "-modfile", out+".mod", "./wasm")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	deps, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, deps)
	}
	all := strings.Fields(string(deps))
	for _, dep := range all {
		switch dep {
		case "net/http", "regexp", "crypto", "database/sql/driver":
			t.Errorf("the browser's program imports %s", dep)
		}
	}
	if len(all) < 50 || all[len(all)-1] != "folkmoot/wasm" {
		t.Errorf("these are not all its packages: %q", all)
	}
}

func TestCopyStaysBelowTheModule(t *testing.T) {
	for _, out := range []string{"../elsewhere", t.TempDir()} {
		if err := slim(out); err == nil {
			t.Errorf("a copy was made at %s", out)
		}
	}
}
