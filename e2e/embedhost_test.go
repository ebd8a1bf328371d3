package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/domdebugger"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// listeners are the kinds of events that a page's window listens to.
func (v *view) listeners() []string {
	v.p.t.Helper()
	window, err := chromedp.Call(v.p.ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: "window"})
	v.p.must(err)
	found, err := chromedp.Call(v.p.ctx, domdebugger.GetEventListeners, domdebugger.GetEventListenersParams{ObjectID: window.Result.ObjectID})
	v.p.must(err)
	kinds := []string{}
	for _, l := range found.Listeners {
		kinds = append(kinds, l.Type)
	}
	slices.Sort(kinds)
	return kinds
}

// A page that changes without being loaded.
func TestSinglePageApp(t *testing.T) {
	s := start(t)
	h := hosting(t, s, nil)
	h.pages = map[string]string{"/one": `<main><folkmoot-thread></folkmoot-thread></main><aside></aside><script>window.before = Object.keys(window)</script>` + embed}
	bob := meet(t, "bob")
	page := bob.open(h.url + "/one")
	w := bob.widget()
	w.live()
	shows := func(path string) {
		t.Helper()
		page.wait("the frame shows "+path, `(p) => new URL(document.querySelector("iframe")?.src ?? location).searchParams.get("page") === p`, h.url+path)
		bob.widget().live()
	}
	shows("/one")
	if own := ask[[]string](page, `() => Object.keys(window).filter((name) => !window.before.includes(name) && name !== "before" && !/^\d+$/.test(name))`); !slices.Equal(own, []string{"folkmoot"}) {
		t.Errorf("the script leaves the globals %v", own)
	}

	// Elsewhere, by the address: when asked.
	page.run(`() => { document.querySelector("iframe").mark = 1; history.pushState({}, "", "/two"); folkmoot.reload() }`)
	shows("/two")
	page.run(`() => { document.querySelector("iframe").mark = 2; folkmoot.reload() }`)
	if ask[int](page, `() => document.querySelector("iframe").mark`) != 2 {
		t.Error("the same conversation was loaded again")
	}
	// By a canonical link, and by an attribute.
	page.run(`() => { document.head.insertAdjacentHTML("beforeend", '<link rel="canonical" href="/three">'); document.querySelector("folkmoot-thread").reload() }`)
	shows("/three")
	page.run(`() => document.querySelector("folkmoot-thread").setAttribute("page-url", "/four")`)
	shows("/four")
	if n := ask[int](page, `() => history.length`); n > 3 {
		t.Errorf("the widget made entries in the history: %d", n)
	}
	// Moved, it is the same.
	page.run(`() => document.querySelector("aside").append(document.querySelector("folkmoot-thread"))`)
	shows("/four")
	listens := page.listeners()
	// Removed, it leaves nothing.
	page.run(`() => { window.kept = document.querySelector("folkmoot-thread"); kept.remove() }`)
	if left := page.listeners(); len(left) != 0 || len(listens) == 0 {
		t.Errorf("removed, it listens to %v; before, to %v", left, listens)
	}
	if n := page.count("iframe"); n != 0 {
		t.Errorf("%d frames are left", n)
	}
	page.run(`() => document.querySelector("main").append(kept)`)
	shows("/four")
	// Removed in mid-load, and again and again.
	page.run(`() => { for (let i = 0; i < 20; i++) { kept.remove(); kept.setAttribute("page-url", "/n" + i); document.querySelector("main").append(kept); } }`)
	shows("/n19")
	if n := page.count("iframe"); n != 1 {
		t.Errorf("there are %d frames", n)
	}
	page.run(`() => { kept.setAttribute("page-url", "/last"); document.querySelector("main").innerHTML = "" }`)
	page.gone("iframe")
}

func TestTheScriptTwice(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{
		"/tags":    `<div>` + embed + `</div><div><script async src="FOLKMOOT/embed.js?again" data-page-id="7"></script></div>`,
		"/element": embed + `<folkmoot-thread></folkmoot-thread>` + `<script src="FOLKMOOT/embed.js"></script>` + `<script async src="FOLKMOOT/embed.js?again"></script>`,
	})
	bob := meet(t, "bob")
	page := bob.open(h.url + "/tags")
	page.wait("each tag has its own", `() => document.querySelectorAll("div > folkmoot-thread > iframe").length === 2`)
	ids := []string{page.frames()[0].Get("id"), page.frames()[1].Get("id")}
	if !slices.Equal(ids, []string{"", "7"}) {
		t.Errorf("the tags' widgets have the ids %v", ids)
	}
	page = bob.open(h.url + "/element")
	page.wait("every copy ran", `() => performance.getEntriesByType("resource").filter((e) => e.name.includes("/embed.js")).length >= 2`)
	bob.widget().live()
	if n := page.count("iframe"); n != 1 {
		t.Errorf("an element has %d frames, want its own", n)
	}
}

// Two widgets on one page are two conversations, whose deeds and heights are
// their own; two of one conversation both show what is said in either.
func TestTwoWidgets(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{"/post": listen + embed + `<folkmoot-thread page-id="left"></folkmoot-thread><folkmoot-thread page-id="right"></folkmoot-thread>` +
		`<folkmoot-thread page-id="right" sort="newest"></folkmoot-thread>`})
	bob := meet(t, "bob")
	page := bob.open(strings.Replace(h.url, "127.0.0.1", "localhost", 1) + "/post") // of one site: all frames are in the page's process
	widget := func(n int) *view {
		t.Helper()
		page.wait("the widget has an address", `(n) => !!document.querySelectorAll("iframe")[n]?.src`, n)
		v := &view{p: bob, where: "frame", framed: true, path: strings.TrimPrefix(ask[string](page, `(n) => document.querySelectorAll("iframe")[n].src`, n), s.url(""))}
		v.run(`() => { dispatchEvent(new Event("pointerdown")) }`) // it may be below the screen
		v.live()
		return v
	}
	left, right, again := widget(0), widget(1), widget(2)
	say := func(v *view, words string) {
		t.Helper()
		v.run(`(words) => { document.querySelector("#box").value = words; document.querySelector("#box-name").value = "Bob"; document.querySelector("form:has(> #box) .send").click() }`, words)
		v.wantOnce(words)
	}
	say(left, "Said on the left.")
	say(right, "Said on the right.")
	again.wait("what was said beside it comes, or waits for whoever asks", `() => { document.querySelector(".comments .new")?.click(); return !!document.querySelector("article.comment"); }`)
	again.wantOnce("Said on the right.")
	for _, v := range []*view{left, right, again} {
		if n := v.count("article.comment"); n != 1 {
			t.Errorf("%d comments in a conversation of one", n)
		}
	}
	var heights []float64
	eventually(t, "each frame is as high as its content", func() bool {
		heights = ask[[]float64](page, `() => [...document.querySelectorAll("iframe")].map((f) => f.clientHeight)`)
		for i, v := range []*view{left, right, again} {
			if ask[float64](v, `() => Math.ceil(document.body.getBoundingClientRect().height)`) != heights[i] {
				return false
			}
		}
		return true
	})
	page.run(`() => { scrollTo(0, 0) }`) // off screen, a frame isn't drawn, and grows when it is seen
	for i := range 20 {
		say(left, fmt.Sprintf("More on the left, %d.", i))
	}
	page.wait("one grows, the others don't", `(before) => { const now = [...document.querySelectorAll("iframe")].map((f) => f.clientHeight); return now[0] > before[0] + 1000 && now[1] === before[1] && now[2] === before[2]; }`, heights)
	page.run(`() => window.postMessage({ folkmoot: { theme: "dark" } }, location.origin)`)
	for _, v := range []*view{left, right, again} {
		v.wait("each hears the page", `() => document.documentElement.dataset.theme === "dark"`)
	}
}

// A page takes away what it has just put there: the tag before it runs, the place
// while it fills, the frame under the element.
func TestAPageThatRemovesInMidLoad(t *testing.T) {
	s := start(t)
	const when = `new MutationObserver((changes, o) => { const found = document.querySelector("WHAT"); if (found) { o.disconnect(); DO; window.removed = true; } }).observe(document.body, { childList: true, subtree: true });`
	removing := func(what, do string) string {
		return listen + `<div id="place">` + embed + `</div><script>` + strings.NewReplacer("WHAT", what, "DO", do).Replace(when) + `</script>`
	}
	h := hosting(t, s, map[string]string{
		"/tag":     listen + `<script>const tag = document.createElement("script"); tag.src = "FOLKMOOT/embed.js"; document.body.append(tag); tag.remove();</script>`,
		"/place":   removing("folkmoot-thread", "found.parentNode.remove()"),
		"/element": removing("folkmoot-thread iframe", "found.parentNode.remove()"),
		"/frame":   removing("folkmoot-thread iframe", "found.remove()"),
		"/blank":   removing("folkmoot-thread iframe", `found.src = "about:blank"`),
	})
	bob := meet(t, "bob")
	page := bob.open(h.url + "/tag")
	page.wait("the script ran", `() => !!window.folkmoot`)
	if n := page.count("folkmoot-thread, iframe"); n != 0 {
		t.Errorf("%d elements where nobody wants them", n)
	}
	for _, path := range []string{"/place", "/element", "/frame", "/blank"} {
		page = bob.open(h.url + path)
		page.wait("it was removed", `() => window.removed === true`)
		page.run(`() => { window.postMessage({ folkmoot: { theme: "dark" } }, location.origin); document.querySelector("folkmoot-thread")?.setAttribute("theme", "light"); dispatchEvent(new Event("scroll")); }`)
		// Nothing was broken: it is there again when the page asks for it.
		page.run(`() => { document.body.replaceChildren(document.createElement("folkmoot-thread")) }`)
		bob.widget().live()
		page.hears("ready")
	}
}

// Pages replace what browsers have.
func TestAPageThatOverridesEverything(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{"/post": `<script>
		const bad = () => { throw new Error("replaced by the page") };
		for (const name of Object.getOwnPropertyNames(Array.prototype)) {
			if (typeof Array.prototype[name] === "function" && name !== "constructor") Array.prototype[name] = bad;
		}
		Array.from = Array.of = Array.isArray = bad;
		Array.prototype.extra = Object.prototype.extra = bad;
		Object.prototype.toJSON = bad;
		window.postMessage = bad;
		window.fetch = bad;
		window.XMLHttpRequest = bad;
		JSON.parse = JSON.stringify = bad;
		</script>` + embed})
	bob := meet(t, "bob")
	bob.open(h.url + "/post")
	w := bob.widget()
	w.live()
	// By a script in the frame: a mouse is led by one in the page, where little works.
	w.run(`() => { document.querySelector("#box").value = "All the same."; document.querySelector("#box-name").value = "Bob";
		document.querySelector("form:has(> #box) .send").click() }`)
	w.wantOnce("All the same.")
	holds(bob.page(), w)
}

// The host's policy has to allow Folkmoot's origin, and nothing more.
func TestAPageWithAPolicy(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{"/post": `<a href="/post#disqus_thread">x</a><div id="disqus_thread"></div><folkmoot-count></folkmoot-count>` + embed})
	h.also.Set("Content-Security-Policy", "default-src 'none'; script-src "+s.url("")+"; frame-src "+s.url("")+"; connect-src "+s.url(""))
	bob := meet(t, "bob")
	page := bob.open(h.url + "/post")
	w := bob.widget()
	w.live()
	holds(page, w)
	page.seeText("folkmoot-count", "0")
	page.seeText("a", "0 Comments")
}

func TestAFile(t *testing.T) {
	s := start(t)
	name := filepath.Join(t.TempDir(), "page.html")
	page := `<!doctype html><title>A file</title><body><script async src="` + s.url("/embed.js") + `"></script>`
	if err := os.WriteFile(name, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	bob := meet(t, "bob")
	bob.expect("another machine: file://")
	v := bob.open("file://" + name)
	v.seeText("folkmoot-thread > a", "Read and join the conversation")
	if n := v.count("iframe"); n != 0 {
		t.Error("a file can't frame anything")
	}
}

// In a sandbox the widget is read; who wants to write gets a tab of their own.
func TestASandbox(t *testing.T) {
	s := start(t)
	h := hosting(t, s, nil)
	h.pages = map[string]string{
		"/frame":  `<iframe sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox" style="width: 100%; height: 700px" src="` + s.embedOf(h.url+"/post") + `"></iframe>`,
		"/within": `<iframe sandbox="allow-scripts" src="/post"></iframe>`,
		"/framed": `<iframe src="` + h.url + `/post"></iframe>`,
		"/post":   embed + `<script async src="FOLKMOOT/embed.js" data-page-id="2"></script>`,
	}
	ann := s.caller("Ann")
	ann.post(ann.thread(h.url+"/post").ID, "", "To be read in a sandbox.")

	bob := meet(t, "bob")
	bob.open(h.url + "/frame")
	w := bob.widget()
	w.seeText("article .text", "To be read in a sandbox.")
	w.click("#box")
	eventually(t, "there is a tab to write in", func() bool {
		targets, err := chromedp.Targets(bob.ctx)
		bob.must(err)
		own := chromedp.FromContext(bob.ctx).BrowserContextID
		return slices.ContainsFunc(targets, func(x *target.Info) bool {
			return x.Type == "page" && x.BrowserContextID == own && strings.HasPrefix(x.URL, s.url("/embed?"))
		})
	})
	for _, address := range bob.requested() {
		if strings.Contains(address, ".wasm") {
			t.Errorf("in a sandbox the program is loaded: %s", address)
		}
	}

	// A page in a sandbox is nobody's: a link, and no frame that would be refused.
	// So is one that another site frames.
	for _, address := range []string{h.url + "/within", strings.Replace(h.url, "127.0.0.1", "localhost", 1) + "/framed"} {
		cleo := meet(t, "cleo")
		cleo.open(address)
		eventually(t, "the page within has its links", func() bool {
			var n int
			return (&view{p: cleo, where: "frame", framed: true, path: "/post"}).try(&n, `() => document.querySelectorAll("folkmoot-thread > a[target=_blank]").length`) == nil && n == 2
		})
	}
}

// Only the widget's own frame is believed.
func TestAStrangersMessages(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{
		"/stranger": `<script>
			const say = (what) => parent.postMessage({ folkmoot: what }, "*");
			say({ height: 5000 }); say({ scroll: 900 }); say({ event: "comment", detail: { id: "forged" } }); say({ scheme: "dark" });
			say({ theme: "dark" }); parent.postMessage({ giscus: { setConfig: { theme: "dark" } } }, "*");
			for (const odd of [null, undefined, 0, "folkmoot", [], { folkmoot: null }, { folkmoot: "x" }, { giscus: 7 }]) parent.postMessage(odd, "*");
			parent.postMessage("done", "*");
		</script>`,
		"/post": listen + `<script>addEventListener("message", (e) => { if (e.data === "done") window.done = true })</script>` +
			`<div style="height: 3000px"></div>` + embed + `<iframe id="stranger" hidden></iframe>`,
	})
	bob := meet(t, "bob")
	page := bob.open(h.url + "/post")
	w := bob.widget()
	page.hears("ready")
	page.run(`() => { document.querySelector("#stranger").src = "/stranger" }`)
	page.wait("the stranger has spoken", `() => window.done === true`)
	state := ask[[]any](page, `() => [document.querySelector("folkmoot-thread iframe").clientHeight < 4000, scrollY, window.heard.some((e) => e.detail?.id === "forged"),
		document.querySelector("folkmoot-thread").hasAttribute("theme"), document.querySelector("folkmoot-thread iframe").style.colorScheme]`)
	if want := []any{true, 0.0, false, false, "light"}; !slices.Equal(state, want) {
		t.Errorf("a stranger's frame brought about %v, want %v", state, want)
	}
	// Nor does the widget believe one.
	w.run(`() => { window.same = document.documentElement.dataset.theme ?? "" }`)
	page.run(`(to) => { const f = document.querySelector("#stranger"); f.src = "about:blank"; const s = f.contentDocument.createElement("script");
		s.textContent = "parent.frames[0].postMessage({ folkmoot: { theme: 'dark' } }, '*'); parent.done2 = true"; f.contentDocument.body.append(s) }`, s.url(""))
	page.wait("the stranger has spoken", `() => window.done2 === true`)
	page.run(`() => window.postMessage({ folkmoot: { theme: "light" } }, location.origin)`)
	w.wait("only the page's own word counts", `() => document.documentElement.dataset.theme === "light"`)
}
