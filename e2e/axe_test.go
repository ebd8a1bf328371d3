package e2e

import (
	"os"
	"strings"
	"testing"
)

// axe is the accessibility checker of npm's package axe-core, which make test
// installs (e2e/axe).
const axe = "axe/node_modules/axe-core/axe.min.js"

// A finding is one thing that axe has against a page.
type finding struct {
	Rule, Help string
	Where      []string
}

// accessible checks what is shown against WCAG 2.2 AA, as far as a program can.
func (v *view) accessible(what string) {
	v.p.t.Helper()
	script, err := os.ReadFile(axe)
	if err != nil {
		v.p.t.Fatalf("%v: make test installs it", err)
	}
	v.run(`(script) => { if (!window.axe) (0, eval)(script); }`, string(script))
	v.run(`() => {
		window.axeSays = null;
		axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] })
			.then((r) => { window.axeSays = r.violations.map((f) => ({ Rule: f.id, Help: f.help, Where: f.nodes.map((n) => n.html.slice(0, 200) + " " + (n.any[0]?.message || "")) })); });
	}`)
	v.wait("axe has looked", `() => window.axeSays !== null`)
	for _, f := range ask[[]finding](v, `() => window.axeSays`) {
		v.p.t.Errorf("%s: %s (%s):\n  %s", what, f.Help, f.Rule, strings.Join(f.Where, "\n  "))
	}
}

// Every state of the widget is accessible, light and dark, on a phone and a
// desktop.
func TestAccessible(t *testing.T) {
	for _, scene := range scenes {
		t.Run(scene.name, func(t *testing.T) {
			s := start(t)
			page := s.url("/demo")
			c := s.caller("Ann")
			thread := c.thread(page).ID
			scene.made(c, thread)
			bob := meet(t, "bob")
			bob.expect(serverGone)
			v := bob.open(s.embedOf(page, "lang="+scene.lang))
			v.live()
			if scene.then != nil {
				scene.then(v)
			}
			if scene.name == "rich" {
				v.click("article.comment button[name=reply]")
				v.see(".comment > .composer")
				v.click(".menu > summary")
				v.see(".menu[open] button")
			}
			if scene.name == "offline" {
				s.kill()
				v.seeText(".status", "Reconnecting")
			}
			for _, width := range widths {
				for _, color := range colors {
					bob.screen(width, 800)
					bob.prefer("prefers-color-scheme", color)
					v.run(`(paper) => { document.documentElement.style.backgroundColor = paper; }`, map[string]string{"light": "#fff", "dark": "#141816"}[color]) // the host's, which shines through
					v.accessible(color)
				}
			}
		})
	}
}
