package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"folkmoot/app/talk"
	"folkmoot/server/hostile"
)

// guard notes what must not happen in any document of a person's: a dialog, a
// violation of the policy. It is there before anything of the page.
const guard = `(() => {
	const ran = [];
	Object.defineProperty(window, "ran", { value: ran });
	for (const name of ["alert", "confirm", "prompt", "print"]) Object.defineProperty(window, name, { value: (...said) => { ran.push(name + " " + said); } });
	addEventListener("securitypolicyviolation", (e) => ran.push("violation of " + e.violatedDirective + " by " + e.blockedURI + " " + e.sample));
	addEventListener("beforeunload", () => ran.push("left"));
})()`

// oddities looks for what no document of ours has, as the browser's own parser
// made it: elements, attributes and addresses that a comment may not have;
// scripts, frames and handlers; names that something in a comment has taken.
const oddities = `() => {
	const odd = [...window.ran];
	const may = {
		P: "", DIV: "", BR: "", HR: "", EM: "", STRONG: "", DEL: "", CODE: "", PRE: "tabindex", BLOCKQUOTE: "", UL: "", OL: "start", LI: "", TABLE: "tabindex", THEAD: "", TBODY: "", TR: "",
		TH: "align", TD: "align", A: "href rel target", DETAILS: "class open", SUMMARY: "", SPAN: "class",
	};
	const say = (what, e) => odd.push(what + ": " + e.outerHTML.slice(0, 200));
	for (const e of document.querySelectorAll(".text *")) {
		const allowed = may[e.tagName];
		if (allowed === undefined || e.namespaceURI !== "http://www.w3.org/1999/xhtml") { say("an element", e); continue; }
		for (const a of e.attributes) if (!allowed.split(" ").includes(a.name)) say("the attribute " + a.name, e);
		if (e.href && !/^(https?|mailto):$/.test(e.protocol)) say("a link", e);
	}
	for (const e of document.querySelectorAll("*")) {
		for (const a of e.attributes) if (/^on|^srcdoc$|^formtarget$/.test(a.name)) say("the attribute " + a.name, e);
	}
	for (const e of document.querySelectorAll("iframe, object, embed, applet, base, frame, portal, img, math, template, [http-equiv], article :is(script, style, link, meta, input:not([type=hidden], [id^=box], [id^=keeper]), svg)")) say("an element", e);
	for (const e of document.querySelectorAll("script[src], link[href]")) if (new URL(e.src || e.href).origin !== location.origin) say("a file from elsewhere", e);
	for (const e of document.querySelectorAll("form")) if (new URL(e.getAttribute("action") ?? "", location.href).origin !== location.origin) say("a form to elsewhere", e);
	const whole = {
		body: document.body instanceof HTMLBodyElement && document.querySelectorAll("body").length === 1,
		lookups: document.getElementById("state")?.tagName === "SCRIPT" && document.querySelectorAll("#state").length === 1 && typeof document.querySelector === "function",
		main: document.querySelectorAll("main").length === 1 && document.querySelector("main").parentNode === document.body,
		prototypes: ({}).x === undefined && [].x === undefined,
		self: location.pathname === "/embed" && top === window && window.name === "",
		title: document.title.startsWith("Conversation"),
	};
	for (const name in whole) if (!whole[name]) odd.push("the page's " + name + " is not what it was");
	const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
	for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) odd.push("two elements are " + id);
	return odd;
}`

// harmless fails the test if anything of a vector came alive.
func (v *view) harmless(what string) {
	v.p.t.Helper()
	v.run(`() => { // whatever waits for somebody to come near
		for (const e of document.querySelectorAll(".text *, .name, .headline, .to")) {
			for (const kind of ["mouseover", "mouseenter", "pointerenter", "focus", "focusin", "wheel", "copy", "animationstart", "toggle", "load", "error"]) e.dispatchEvent(new Event(kind, { bubbles: true }));
			if (e.tagName === "DETAILS") e.open = true;
		}
	}`)
	for _, odd := range ask[[]string](v, oddities) {
		v.p.t.Errorf("%s: %s", what, odd)
	}
}

// guarded gives somebody a browser that notes what must not happen.
func guarded(t *testing.T, name string) *person {
	t.Helper()
	p := meet(t, name)
	_, err := chromedp.Call(p.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: guard})
	p.must(err)
	return p
}

// asksOnly fails the test if the person's pages asked another server.
func (p *person) asksOnly(s *server) {
	p.t.Helper()
	for _, address := range p.requested() {
		u, err := url.Parse(address)
		if err != nil || u.Host != s.host && !strings.HasPrefix(address, "blob:") {
			p.t.Errorf("%s's browser asked for %s", p.name, address)
		}
	}
}

// signed is a name or headline that holds a vector, as far as it goes.
func signed(s string, chars int) string {
	if _, err := talk.CleanName("n" + s); err != nil {
		return "Ann" // a name takes no direction of writing
	}
	if r := []rune(s); len(r) > chars {
		s = string(r[:chars])
	}
	return "n" + s
}

// say posts a comment whose every field holds a vector.
func (c *caller) sayVector(thread, parent, s string) talk.Comment {
	c.t.Helper()
	var m talk.Comment
	c.call(http.MethodPost, "threads/"+thread+"/comments", map[string]string{"body": "Body\n\n" + s, "name": signed(s, 59), "headline": signed(s, 99), "parent": parent}, &m)
	return m
}

// Vectors in comments, names, headlines, titles and topics: as they arrive, as
// the server shows them, and as the program does.
func TestVectors(t *testing.T) {
	s := start(t)
	all := hostile.Texts()
	const roots = 45 // of a page, each with a reply, and one branch that is deep
	for n := 0; len(all) > 0; n++ {
		some := all[:min(2*roots, len(all))]
		all = all[len(some):]
		t.Run(fmt.Sprintf("part %d", n+1), func(t *testing.T) {
			article := s.url(fmt.Sprintf("/demo?part=%d", n))
			ann, bob := s.caller("Ann"), guarded(t, "bob")
			title := url.Values{"title": {some[n].Text}, "topics": {some[n+1].Text}}.Encode()
			v := bob.open(s.embedOf(article, title))
			v.live()
			thread := ann.thread(article).ID
			parent := ""
			for i, vector := range some {
				if i%2 == 0 && (i < 20 || i > 30) {
					parent = ""
				}
				parent = ann.sayVector(thread, parent, vector.Text).ID
			}
			for v.count(".comments .new") > 0 {
				v.click(".comments .new")
			}
			v.wait("all have arrived", `(n) => document.querySelectorAll("article.comment").length === n`, len(some))
			v.harmless("arrived")

			held := bob.hold(program)
			bob.allowLeaving(v)
			v = bob.open(s.embedOf(article, title))
			if v.count("article.comment") != len(some) {
				t.Fatalf("%d of %d comments", v.count("article.comment"), len(some))
			}
			v.harmless("as the server shows it")
			const texts = `() => [document.title, ...[...document.querySelectorAll(".text:not(.preview), .name, .headline, .to")].map((e) => (e.matches(".text") ? e.textContent : e.textContent.replace(/\s+/g, " ").trim()) + [...e.querySelectorAll("*")].map((x) => " <" + x.tagName + [...x.attributes].map((a) => " " + a.name + "=" + a.value).sort().join("") + ">").join(""))]`
			before := ask[[]string](v, texts)
			held.release()
			v.live()
			v.harmless("as the program shows it")
			if after := ask[[]string](v, texts); !slices.Equal(before, after) {
				for i := range before {
					if before[i] != after[i] {
						t.Errorf("the server shows\n%q\nthe program\n%q", before[i], after[i])
					}
				}
			}
			bob.asksOnly(s)
		})
	}
}

// allowLeaving is for a page that the test itself leaves.
func (p *person) allowLeaving(v *view) {
	p.t.Helper()
	if left := ask[[]string](v, `() => window.ran`); len(left) > 0 {
		p.t.Errorf("%s's page: %v", p.name, left)
	}
}

// texts are all vectors' texts.
func texts() []string {
	var all []string
	for _, v := range hostile.Texts() {
		all = append(all, v.Text)
	}
	return all
}

// Vectors that somebody is about to post: in the preview, in the editor, and as
// rich text that is pasted.
func TestVectorsInTheBox(t *testing.T) {
	s := start(t)
	article := s.url("/demo")
	bob := guarded(t, "bob")
	v := bob.open(s.embedOf(article))
	v.live()
	v.click("#box") // brings what helps to write
	v.wait("the helpers are there", `() => !!window.folkmoot.tool`)

	t.Run("preview", func(t *testing.T) {
		// Each is looked at as soon as it is shown.
		v.run(`(texts) => {
			window.odd = null;
			const oddities = `+oddities+`;
			const box = document.querySelector("#box"), button = document.querySelector(".tools [name=preview]"), shown = document.querySelector(".preview");
			const shows = () => new Promise((done) => {
				const look = () => { if (!shown.hidden && !shown.hasAttribute("aria-busy")) { seen.disconnect(); done(); } };
				const seen = new MutationObserver(look);
				seen.observe(shown, { attributes: true, childList: true });
				button.click();
			});
			(async () => {
				const found = [];
				for (const text of texts) {
					box.value = "Body\n\n" + text;
					await shows();
					for (const e of shown.querySelectorAll("*")) for (const kind of ["mouseover", "focus", "load", "error", "toggle"]) e.dispatchEvent(new Event(kind, { bubbles: true }));
					if (!shown.textContent.startsWith("Body")) found.push("no preview of " + text);
					found.push(...oddities().map((what) => text + ": " + what));
					button.click();
				}
				return found;
			})().then((found) => { window.odd = found; }, (e) => { window.odd = ["" + e]; });
		}`, texts())
		v.wait("all were previewed", `() => window.odd !== null`)
		for _, odd := range ask[[]string](v, `() => window.odd`) {
			t.Error(odd)
		}
	})

	t.Run("paste", func(t *testing.T) {
		for _, odd := range ask[[]string](v, `(texts) => texts.flatMap((text) => {
			const box = document.querySelector("#box"), data = new DataTransfer(), before = document.querySelectorAll("*").length;
			box.value = "";
			data.setData("text/html", '<meta charset="utf-8"><p>Pasted</p>' + text);
			data.setData("text/plain", "plain");
			box.focus();
			box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
			const odd = [];
			if (!box.value.startsWith("Pasted")) odd.push(text + " became " + box.value);
			if (document.querySelectorAll("*").length !== before) odd.push(text + " made elements");
			return odd;
		})`, texts()) {
			t.Error(odd)
		}
		v.harmless("pasted")
	})

	t.Run("edit", func(t *testing.T) {
		v.rewrite("#box", "")
		seen, n := "", 0
		for _, vector := range hostile.Texts() {
			if vector.Family == seen { // one of each family
				continue
			}
			seen = vector.Family
			n++
			body := "Body " + vector.Text
			v.comment("", signed(vector.Text, 59), body)
			v.wait("it is on disk", `(n) => { const all = [...document.querySelectorAll("article.comment")]; return all.length === n && !all.at(-1).matches(".waiting, [id^=comment-ref]"); }`, n)
			id := strings.TrimPrefix(ask[string](v, `() => [...document.querySelectorAll("article.comment")].at(-1).id`), "comment-")
			v.choose(id, "Edit")
			v.wait("the box holds what was written", `(id, body) => document.querySelector("#box-edit-" + id)?.value === body`, id, body)
			v.rewrite("#box-edit-"+id, body+" again")
			v.click("form:has(> #box-edit-" + id + ") .send")
			v.wait("it is changed", `(id) => !!document.querySelector("#comment-" + id + " .edited")`, id)
		}
		v.harmless("edited")
	})
	v.rewrite("#box", "")
	bob.asksOnly(s)
}

// Vectors that wait for whoever keeps order.
func TestVectorsInTheQueue(t *testing.T) {
	s := start(t, "--hold", "all")
	article := s.url("/demo")
	owner := guarded(t, "owner")
	s.own(owner)
	ann := s.caller("Ann")
	thread := ann.thread(article).ID
	all := hostile.Texts()
	for len(all) > 0 {
		some := all[:min(50, len(all))]
		all = all[len(some):]
		for _, vector := range some {
			ann.sayVector(thread, "", vector.Text)
		}
		v := owner.open(s.embedOf(article))
		v.live()
		v.click(".queue > summary")
		v.wait("the newest are shown", `(n) => document.querySelectorAll(".case").length >= n`, len(some))
		v.harmless("in the queue")
	}
	owner.asksOnly(s)
}

// Vectors as what a page says of itself: its titles, topics, ids and wishes.
func TestVectorsOfThePage(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{"/post": listen + `<main></main>` + embed})
	bob := guarded(t, "bob")
	bob.expect("the server responded with a status of 4") // to an id that none can be
	page := bob.open(h.url + "/post")
	page.wait("the element is known", `() => !!customElements.get("folkmoot-thread")`)
	page.run(`() => { document.querySelector("script[src]").remove(); document.querySelector("folkmoot-thread").remove() }`) // with its tag there, it would come back
	seen := ""
	for _, vector := range hostile.All() {
		if vector.Family == seen { // one of each family
			continue
		}
		seen = vector.Family
		text := string([]rune(vector.Text)) // as JSON would have it, which carries it there
		page.run(`(text) => {
			const thread = document.createElement("folkmoot-thread");
			for (const name of ["page-id", "page-title", "topics", "theme", "lang", "input-position", "reactions-enabled"]) thread.setAttribute(name, text);
			document.title = text;
			document.querySelector("main").replaceChildren(thread);
		}`, text)
		page.wait("the widget is there", `(id) => new URL(document.querySelector("iframe")?.src ?? location).searchParams.get("id") === id`, text)
		w := bob.widget()
		w.wait("its document is this one", `(id) => new URL(location).searchParams.get("id") === id || new URL(location).searchParams.has("id") && !document.querySelector("#state")`, text)
		if odd := ask[[]string](page, `() => [...window.ran, ...[...document.querySelectorAll("body *")].filter((e) => !/^(MAIN|SCRIPT|IFRAME|FOLKMOOT-THREAD|FOLKMOOT-COUNT)$/.test(e.tagName)).map((e) => e.outerHTML.slice(0, 200))]`); len(odd) > 0 {
			t.Errorf("%s: the page has %v", vector.Name, odd)
		}
		if odd := ask[[]string](w, `() => [...(window.ran ?? []), ...[...document.querySelectorAll("iframe, img, object, embed, base, [http-equiv], [onload], [onclick], [onerror]")].map((e) => e.outerHTML.slice(0, 200))]`); len(odd) > 0 {
			t.Errorf("%s: the widget has %v", vector.Name, odd)
		}
	}
	for _, address := range bob.requested() {
		if !strings.HasPrefix(address, h.url) && !strings.HasPrefix(address, s.url("")) && !strings.HasPrefix(address, "ws://"+s.host) {
			t.Errorf("the browser asked for %s", address)
		}
	}
}
