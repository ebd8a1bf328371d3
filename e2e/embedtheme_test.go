package e2e

import (
	"strings"
	"testing"
)

// sameScheme waits until frame and content have the same color scheme: where
// they differ, browsers put an opaque box behind the content.
func (v *view) sameScheme(w *view, want string) {
	v.p.t.Helper()
	w.wait("the widget's color scheme is "+want, `(s) => getComputedStyle(document.documentElement).colorScheme === s`, want)
	v.wait("the frame's is the same", `(s) => getComputedStyle(document.querySelector("iframe")).colorScheme === s`, want)
}

func TestThemesOfThePage(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{
		"/post":       `<script async src="FOLKMOOT/embed.js" data-theme="host"></script>`,
		"/auto":       `<script async src="FOLKMOOT/embed.js" data-theme="auto"></script>`,
		"/sheet.html": `<script async src="FOLKMOOT/embed.js" data-theme="/own.css"></script>`,
		"/own.css":    `:root { color-scheme: dark; --accent: rgb(1, 2, 3); }`,
		"/other.css":  `:root { color-scheme: light; --accent: rgb(4, 5, 6); }`,
	})
	t.Run("its own toggle", func(t *testing.T) {
		bob := meet(t, "bob")
		page := bob.open(h.url + "/post")
		w := bob.widget()
		page.sameScheme(w, "light") // a page that says nothing is light
		w.run(`() => { window.same = true }`)
		for _, c := range []struct{ change, want string }{
			{`document.documentElement.dataset.theme = "dark"`, "dark"},
			{`document.documentElement.dataset.theme = "light"`, "light"},
			{`delete document.documentElement.dataset.theme; document.body.className = "page theme-dark"`, "dark"},
			{`document.body.className = "page highlight-darkroom"`, "light"},
			{`document.documentElement.setAttribute("data-bs-theme", "dark")`, "dark"},
			{`document.documentElement.removeAttribute("data-bs-theme"); document.documentElement.style.colorScheme = "dark"`, "dark"},
			{`document.documentElement.style.colorScheme = "light dark"`, "light dark"},
		} {
			page.run(`() => { ` + c.change + ` }`)
			page.sameScheme(w, c.want)
		}
		if !ask[bool](w, `() => window.same === true`) {
			t.Error("the frame was loaded again")
		}
	})

	t.Run("attribute and messages", func(t *testing.T) {
		bob := meet(t, "bob")
		page := bob.open(h.url + "/auto")
		w := bob.widget()
		page.sameScheme(w, "light dark")
		page.run(`() => { document.querySelector("script").dataset.theme = "dark" }`)
		page.sameScheme(w, "dark")
		page.run(`() => window.postMessage({ folkmoot: { theme: "light" } }, location.origin)`)
		page.sameScheme(w, "light")
		page.run(`(to) => document.querySelector("iframe").contentWindow.postMessage({ giscus: { setConfig: { theme: "dark_dimmed" } } }, to)`, s.url(""))
		page.sameScheme(w, "dark")
		page.run(`() => window.postMessage({ giscus: { setConfig: { theme: "light" } } }, "*")`)
		page.sameScheme(w, "light")
	})

	t.Run("a message before the widget is ready", func(t *testing.T) {
		bob := meet(t, "bob")
		h.pages["/early"] = `<script src="FOLKMOOT/embed.js"></script><script>window.postMessage({ folkmoot: { theme: "dark" } }, location.origin)</script>`
		page := bob.open(h.url + "/early")
		page.sameScheme(bob.widget(), "dark")
	})

	t.Run("a message to a frame that has only begun", func(t *testing.T) {
		bob := meet(t, "bob")
		held := bob.hold("*/assets/boot.*.js")
		page := bob.page()
		page.run(`(to) => { location.href = to }`, strings.Replace(h.url, "127.0.0.1", "localhost", 1)+"/auto") // of one site: in one process, which can be held
		eventually(t, "the frame's script is asked for", func() bool { return held.held() > 0 })
		page.run(`(to) => document.querySelector("iframe").contentWindow.postMessage({ giscus: { setConfig: { theme: "dark" } } }, to)`, s.url(""))
		held.release()
		page.sameScheme(bob.widget(), "dark")
		bob.widget().live()
		page.sameScheme(bob.widget(), "dark") // still, when all is there
	})

	t.Run("a style sheet", func(t *testing.T) {
		bob := meet(t, "bob")
		page := bob.open(h.url + "/sheet.html")
		w := bob.widget()
		const accent = `(a) => getComputedStyle(document.documentElement).getPropertyValue("--accent") === a`
		w.wait("the page's sheet is used", accent, "rgb(1, 2, 3)")
		page.sameScheme(w, "dark")
		page.run(`() => document.querySelector("folkmoot-thread").setAttribute("theme", "/other.css")`)
		w.wait("the other sheet is used", accent, "rgb(4, 5, 6)")
		page.sameScheme(w, "light")
		page.run(`() => document.querySelector("folkmoot-thread").setAttribute("theme", "dark")`)
		w.gone("#theme")
		page.sameScheme(w, "dark")
	})
}
