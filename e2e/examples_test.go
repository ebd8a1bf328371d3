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
	program, err := filepath.Abs(binary)
	if err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) {
		t.Helper()
		c := exec.Command(name, args...)
		c.Env = append(os.Environ(), "HUGO_BASEURL="+address, "HUGO_PARAMS_FOLKMOOT="+s.url(""), "HUGO_CACHEDIR="+t.TempDir(), "FOLKMOOT="+s.url(""), "RENDER="+program)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	run("hugo", "--source", source, "--destination", built)
	visitBuilt(t, s, address, "posts/bench/")

	// What was said is part of the pages from the next build on, for search engines
	// and whoever has no script.
	run(filepath.Join(source, "comments.sh"))
	run("hugo", "--source", source, "--destination", built)
	carl := withoutScript(t, "carl")
	carl.expect("favicon.ico", "status of 404")
	page := carl.open(address + "posts/bench/")
	page.seeText("folkmoot-thread .folkmoot-comment", "The street's.")
	page.see("folkmoot-thread a[href*='/embed?page=']")
	carl.open(address + "posts/hedge/").gone(".folkmoot-comment")
	dora := meet(t, "dora")
	dora.expect("favicon.ico", "status of 404")
	page = dora.open(address + "posts/bench/")
	dora.widget().wantOnce("The street's.")
	page.wait("the widget has taken its place", `() => !document.querySelector(".folkmoot-comment")?.checkVisibility()`)
}

func TestEleventy(t *testing.T) {
	s := start(t)
	built := t.TempDir()
	address := serveBuilt(t, built)
	build(t, "eleventy", []string{"SITE=" + address, "FOLKMOOT=" + s.url("")}, "@11ty/eleventy/cmd.cjs", "--quiet", "--output", built)
	visitBuilt(t, s, address, "posts/bench/")
}

// build builds an example, whose packages make test has installed.
func build(t *testing.T, example string, env []string, program string, arguments ...string) {
	t.Helper()
	c := exec.Command("node", append([]string{"node_modules/" + program}, arguments...)...)
	c.Dir = "../examples/" + example
	c.Env = append(append(os.Environ(), "ASTRO_TELEMETRY_DISABLED=1", "NEXT_TELEMETRY_DISABLED=1"), env...)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", example, err, out)
	}
}

func TestAstro(t *testing.T) {
	s := start(t)
	built := t.TempDir()
	address := serveBuilt(t, built)
	build(t, "astro", []string{"SITE=" + address, "FOLKMOOT=" + s.url(""), "OUT=" + built}, "astro/astro.js", "build")
	visitBuilt(t, s, address, "posts/bench/")
	walk(t, s, address)
}

func TestNext(t *testing.T) {
	types, err := os.ReadFile("../assets/embed.d.ts")
	if err != nil {
		t.Fatal(err)
	}
	if copied, err := os.ReadFile("../examples/next/folkmoot.d.ts"); err != nil || string(copied) != string(types) {
		t.Errorf("examples/next/folkmoot.d.ts isn't assets/embed.d.ts: %v", err)
	}
	s := start(t)
	address := serveBuilt(t, "../examples/next/out")
	build(t, "next", []string{"SITE=" + address, "FOLKMOOT=" + s.url("")}, "next/dist/bin/next", "build") // with its types checked
	visitBuilt(t, s, address, "posts/bench/")
	walk(t, s, address)

	// The page's own toggle is followed, and its own code hears what the widget says.
	ann := meet(t, "ann")
	ann.expect("favicon.ico", "status of 404")
	page := ann.open(address + "posts/bench/")
	w := ann.widget()
	w.live()
	page.seeText(".said", "1 comment below")
	page.click(".toggle")
	w.wait("it is dark", `() => getComputedStyle(document.documentElement).colorScheme === "dark"`)
}

// walk goes from page to page of a site that swaps them without loading.
func walk(t *testing.T, s *server, address string) {
	t.Helper()
	ann := meet(t, "ann")
	ann.expect("favicon.ico", "status of 404")
	page := ann.open(address + "posts/bench/")
	ann.widget().live()
	ann.widget().wantOnce("The street's.")
	page.run(`() => { window.stayed = true; }`)
	page.click(`a[href="/"]`)
	page.wait("the index is there", `() => location.pathname === "/" && !document.querySelector("folkmoot-thread, iframe")`)
	page.wait("the index counts", `() => [...document.querySelectorAll("folkmoot-count")].map((e) => e.textContent).join() === "1,0"`)
	page.click(`a[href="/posts/hedge/"]`)
	page.wait("the other conversation", `() => document.querySelector("folkmoot-thread iframe")?.src.includes("hedge")`)
	w := ann.widget()
	w.live()
	if n := w.count("article.comment"); n != 0 {
		t.Errorf("the other page shows %d comments", n)
	}
	page.wait("it was never loaded anew", `() => window.stayed === true`)
	if n := page.count("iframe"); n != 1 {
		t.Errorf("there are %d frames", n)
	}
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
	w = bob.widget()
	w.live() // before it is left
	w.wantOnce("The street's.")
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
