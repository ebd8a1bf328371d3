package e2e

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A built site is served from a folder, on another site than Folkmoot's. Its
// address has to be known before it is built.
func serveBuilt(t *testing.T, folder string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	files := &http.Server{Handler: http.FileServer(http.Dir(folder))}
	go func() { _ = files.Serve(l) }() // until it is closed
	t.Cleanup(func() { files.Close() })
	return "http://" + l.Addr().String() + "/"
}

// copyExample copies an example's sources, so that building leaves them alone.
func copyExample(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../examples/"+name)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestHugo(t *testing.T) {
	s := start(t)
	source, built := copyExample(t, "hugo"), t.TempDir()
	address := serveBuilt(t, built)
	hugo := exec.Command("hugo", "--source", source, "--destination", built, "--baseURL", address, "--cacheDir", t.TempDir())
	hugo.Env = append(os.Environ(), "HUGO_PARAMS_FOLKMOOT="+s.url(""))
	if out, err := hugo.CombinedOutput(); err != nil {
		t.Fatalf("hugo: %v\n%s", err, out)
	}
	visitBuilt(t, s, address, "posts/bench/")
}

func TestEleventy(t *testing.T) {
	s := start(t)
	built := t.TempDir()
	address := serveBuilt(t, built)
	eleventy := exec.Command("node", "node_modules/@11ty/eleventy/cmd.cjs", "--quiet", "--output", built) // make test installs it
	eleventy.Dir = "../examples/eleventy"
	eleventy.Env = append(os.Environ(), "SITE="+address, "FOLKMOOT="+s.url(""))
	if out, err := eleventy.CombinedOutput(); err != nil {
		t.Fatalf("eleventy: %v\n%s", err, out)
	}
	visitBuilt(t, s, address, "posts/bench/")
}

// Pages as a WordPress theme prints them, whose address changes.
func TestWordPress(t *testing.T) {
	s := start(t)
	built := copyExample(t, "wordpress")
	address := serveBuilt(t, built)
	addresses := strings.NewReplacer("http://localhost:1313/", address, "http://localhost:8080", s.url(""),
		"http%3A%2F%2Flocalhost%3A1313%2F", url.QueryEscape(address))
	for _, name := range []string{"index.html", "2026/11/bench/index.html", "moved/index.html"} {
		page, err := os.ReadFile(filepath.Join(built, strings.Replace(name, "moved", "2026/11/bench", 1)))
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(built, name)), 0o755)
		}
		text := addresses.Replace(string(page))
		if name == "moved/index.html" {
			text = strings.ReplaceAll(text, "2026/11/bench", "moved")
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(built, name), []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	bob := meet(t, "bob")
	bob.expect("favicon.ico", "status of 404")
	page := bob.open(address + "2026/11/bench/")
	w := bob.widget()
	w.live()
	w.comment("", "Bob", "The street's.")
	w.wantOnce("The street's.")
	holds(page, w) // whatever the theme does to frames
	bob.open(address + "moved/")
	bob.widget().wantOnce("The street's.")
	index := bob.open(address)
	index.seeText(".comments-link a", "1 Comment")
}

// visitBuilt reads and writes under an article of a built site, and finds it
// counted on its index page.
func visitBuilt(t *testing.T, s *server, address, article string) {
	t.Helper()
	bob := meet(t, "bob")
	bob.expect("favicon.ico", "status of 404")
	page := bob.open(address + article)
	w := bob.widget()
	w.live()
	w.comment("", "Bob", "The street's.")
	w.wantOnce("The street's.")
	holds(page, w)
	ann := s.caller("Ann")
	thread := ann.thread(address + article)
	if thread.Title != "Whose bench is it?" || strings.Join(thread.Topics, " ") != "streets commons" || thread.Comments != 1 {
		t.Errorf("the thread is %+v", thread)
	}
	index := bob.open(address)
	index.wait("the index counts it", `(path) => document.querySelector('a[href="/' + path + '"]').parentElement.querySelector("folkmoot-count").textContent === "1"`, article)
	index.wait("and the other", `() => [...document.querySelectorAll("folkmoot-count")].some((e) => e.textContent === "0")`)
}
