package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// What pages do to all frames, and to all that they don't know, doesn't reach
// this one.
func TestStyleSheetsOfThePage(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{"/post": `<style>
		iframe { height: auto !important; min-height: 100vh !important; max-width: 50%; display: none; position: absolute; inset: 0; opacity: 0;
			visibility: hidden; border: 9px solid red !important; margin: 40px; padding: 30px; aspect-ratio: 16 / 9; transform: scale(.5); float: right; }
		* { transition: all 3s !important; animation: fade 3s; box-sizing: content-box; }
		@keyframes fade { from { opacity: 0 } }
		:not(:defined) { display: none }
		</style><main>Words</main>` + embed})
	bob := meet(t, "bob")
	page := bob.open(h.url + "/post")
	w := bob.widget()
	w.live()
	holds(page, w)
	w.comment("", "Bob", "In spite of it all.")
	w.wantOnce("In spite of it all.")
	holds(page, w)
	page.wait("the frame is as wide as the widget, and there", `() => {
		const f = document.querySelector("iframe"), b = f.getBoundingClientRect(), thread = f.parentElement.getBoundingClientRect();
		return b.width === thread.width && b.x === thread.x && f.checkVisibility({ opacityProperty: true, visibilityProperty: true });
	}`)
}

// Pages that are isolated from other origins show only frames that agree to it.
func TestIsolatedPages(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{"/post": `<folkmoot-count></folkmoot-count>` + embed, "/sheet": `<folkmoot-thread theme="/own.css" live="0"></folkmoot-thread>` + embed,
		"/own.css": `:root { --accent: rgb(1, 2, 3) }`})
	for _, policy := range []string{"require-corp", "credentialless"} {
		t.Run(policy, func(t *testing.T) {
			h.also.Set("Cross-Origin-Embedder-Policy", policy)
			h.also.Set("Cross-Origin-Opener-Policy", "same-origin")
			bob := meet(t, "bob")
			page := bob.open(h.url + "/post")
			w := bob.widget()
			w.live()
			w.comment("", "Bob", "Isolated: "+policy+".")
			w.wantOnce("Isolated: " + policy + ".")
			page.wait("it is counted", `() => document.querySelector("folkmoot-count").textContent !== ""`)
			bob.open(h.url + "/sheet")
			w = bob.widget()
			w.wait("the page's own sheet is used", `() => getComputedStyle(document.documentElement).getPropertyValue("--accent") === "rgb(1, 2, 3)"`)
			w.comment("", "Bob", "By a form: "+policy+".")
			w.withText("By a form: " + policy + ".")
		})
	}
}

// A page may forbid texts to become scripts, and frames to do what they like.
func TestTrustedTypes(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{"/post": `<a href="/post#disqus_thread">x</a><div id="disqus_thread"></div>` + embed})
	h.also.Set("Content-Security-Policy", "require-trusted-types-for 'script'; trusted-types 'none'; default-src 'none'; script-src "+s.url("")+"; frame-src "+s.url("")+"; connect-src "+s.url(""))
	h.also.Set("Permissions-Policy", "clipboard-read=(), clipboard-write=(), storage-access=(), unload=(), sync-xhr=(), fullscreen=(), geolocation=(), camera=(), microphone=(), web-share=()")
	bob := meet(t, "bob")
	bob.expect("Permissions-Policy header")
	page := bob.open(h.url + "/post")
	w := bob.widget()
	w.live()
	w.comment("", "Bob", "Trusted.")
	w.wantOnce("Trusted.")
	page.seeText("a", "0 Comments")
}

// Old pages, zoomed ones, and ones whose addresses are of another place.
func TestOldPages(t *testing.T) {
	s := start(t)
	pages := map[string]string{
		"/quirks":  `<html><head><title>Quirks</title></head><body><table><tr><td>` + embed + `</table></body></html>`,
		"/written": `<script>document.write("<script src='FOLKMOOT/embed.js'><\/script>")</script>`,
		"/head":    `<html><head><title>Head</title><script defer src="FOLKMOOT/embed.js"></script></head><body><folkmoot-thread></folkmoot-thread></body></html>`,
		"/module":  `<script type="module" src="FOLKMOOT/embed.js"></script>`,
		"/zoomed":  `<body style="zoom: 1.5"><p>Words</p>` + embed,
		"/base":    `<html><head><base href="https://cdn.example/" target="_top"><title>Base</title></head><body>` + embed + `</body></html>`,
		"/flex":    `<div style="display: flex; align-items: center">` + embed + `</div>`,
		"/grid":    `<div style="display: grid; grid-template-columns: 1fr 3fr"><p>Words</p><div>` + embed + `</div></div>`,
	}
	h := hosting(t, s, pages)
	for path := range pages {
		t.Run(strings.TrimPrefix(path, "/"), func(t *testing.T) {
			bob := meet(t, "bob")
			bob.expect("invoked via document.write")
			page := bob.open(h.url + path)
			if got := page.frame().Get("page"); got != h.url+path {
				t.Errorf("the page is %q", got)
			}
			w := bob.widget()
			w.live()
			holds(page, w)
			// By a script: the mouse of these tests doesn't know how far a page is zoomed.
			w.run(`(text) => { document.querySelector("#box").value = text; document.querySelector("#box-name").value = "Bob";
				document.querySelector("form:has(> #box) .send").click() }`, "On "+path)
			w.wantOnce("On " + path)
			holds(page, w)
		})
	}
}

// A page that says nothing of its theme is as dark as it looks.
func TestThePagesOwnTheme(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{
		"/white":  embed,
		"/black":  `<style>body { background: #111; color: #eee }</style>` + embed,
		"/part":   `<div style="background: #111; color: #eee">` + embed + `</div>`,
		"/scheme": `<style>:root { color-scheme: light dark }</style>` + embed,
		"/media":  `<style>@media (prefers-color-scheme: dark) { body { background: #111; color: #eee } }</style>` + embed,
		"/marked": `<body data-md-color-scheme="slate" style="color: rgb(230, 230, 240)">` + embed,
	})
	for _, c := range []struct{ path, system, want string }{
		{"/white", "light", "light"},
		{"/white", "dark", "light"},
		{"/black", "light", "dark"},
		{"/part", "light", "dark"},
		{"/scheme", "dark", "light dark"},
		{"/media", "light", "light"},
		{"/media", "dark", "dark"},
		{"/marked", "light", "dark"},
	} {
		t.Run(c.path[1:]+" in the "+c.system, func(t *testing.T) {
			bob := meet(t, "bob")
			bob.prefer("prefers-color-scheme", c.system)
			page := bob.open(h.url + c.path)
			page.sameScheme(bob.widget(), c.want)
		})
	}
	// A change of the system's is followed, where the page does.
	bob := meet(t, "bob")
	bob.prefer("prefers-color-scheme", "light")
	page := bob.open(h.url + "/media")
	page.sameScheme(bob.widget(), "light")
	bob.prefer("prefers-color-scheme", "dark")
	page.sameScheme(bob.widget(), "dark")
}

// Frameworks remove what they don't know, and leave the tag of the script.
func TestAPageThatRemovesWhatItDoesNotKnow(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{"/post": `<main>` + embed + `</main>`})
	bob := meet(t, "bob")
	page := bob.open(h.url + "/post")
	bob.widget().live()
	page.run(`() => document.querySelector("folkmoot-thread").remove()`)
	bob.widget().live()
	if n := page.count("iframe"); n != 1 {
		t.Errorf("there are %d frames", n)
	}
	// One that does it again and again has its way.
	page.run(`() => { new MutationObserver(() => document.querySelector("folkmoot-thread")?.remove()).observe(document.querySelector("main"), { childList: true });
		document.querySelector("folkmoot-thread").remove() }`)
	page.gone("folkmoot-thread")
	// So has one that removes the tag.
	page = bob.open(h.url + "/post")
	bob.widget().live()
	page.run(`() => { document.querySelector("main").replaceChildren() }`)
	page.gone("folkmoot-thread")
	if left := page.listeners(); len(left) != 0 {
		t.Errorf("it still listens to %v", left)
	}
}

// A reader who goes on and comes back finds it as it was, and live.
func TestBackAndForward(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{"/post": `<script>addEventListener("pageshow", (e) => { window.kept = e.persisted })</script><a id="on" href="/other">On</a>` + embed, "/other": `<p>Words</p>`})
	ann, bob := s.caller("Ann"), meet(t, "bob")
	thread := ann.thread(h.url + "/post").ID
	page := bob.open(h.url + "/post")
	w := bob.widget()
	w.live()
	w.write("#box", "Half a thought")
	page.click("#on")
	page.wait("the other page is there", `() => location.pathname === "/other" && document.readyState === "complete"`)
	ann.post(thread, "", "While Bob was away.")
	page.run(`() => history.back()`)
	page.wait("the page is back as it was", `() => location.pathname === "/post" && window.kept === true`)
	w = bob.widget()
	w.withText("While Bob was away.")
	if draft := w.value("#box"); draft != "Half a thought" {
		t.Errorf("the box holds %q", draft)
	}
}

// On paper stands what was said, and nothing to press.
func TestPaper(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{"/post": embed})
	ann, bob := s.caller("Ann"), meet(t, "bob")
	ann.fill(ann.thread(h.url+"/post").ID, 3)
	bob.open(h.url + "/post")
	w := bob.widget()
	w.live()
	for _, session := range bob.sessions() {
		_, err := chromedp.Call(session.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		bob.must(err)
	}
	w.wait("there is nothing to press", `() => ![...document.querySelectorAll("form.composer, article button, .sorts")].some((e) => e.checkVisibility())`)
	w.see("article .text")
}
