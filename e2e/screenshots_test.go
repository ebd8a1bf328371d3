package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"folkmoot/app/talk"
)

// A scene is a state of the widget to look at.
type scene struct {
	name string
	made func(c *caller, thread string) // its conversation
	then func(v *view)                  // what is done before the picture
	lang string                         // that the page around it is in; English if empty
}

var scenes = []scene{
	{name: "empty", made: func(*caller, string) {}},
	{name: "one", made: func(c *caller, thread string) { c.fill(thread, 1) }},
	{name: "rich", made: makeRich},
	{name: "error", made: makeRich, then: func(v *view) {
		v.write("#box", "What I wanted to say, at some length, so that there is something to lose.")
		v.click("form:has(> #box) .send")
		v.seeText("#box-error", "name")
	}},
	{name: "arabic", lang: "ar", made: makeArabic, then: func(v *view) { v.click("article.comment button[name=reply]") }},
	{name: "japanese", lang: "ja", made: makeJapanese, then: func(v *view) { v.click("article.comment button[name=reply]") }},
	{name: "menu", made: makeRich, then: func(v *view) {
		v.click("article.comment button[name=reply]")
		v.click(".menu > summary")
		v.see(".menu[open] button")
	}},
	{name: "markdown", made: makeMarkdown, then: func(v *view) {
		v.click(".spoiler:not(.wide) summary")
		v.click(".spoiler.wide summary")
		v.see(".spoiler.wide[open] li")
	}},
	{name: "complete", made: makeRich, then: func(v *view) {
		v.write("#box", "Indeed, @")
		v.see("#complete li")
	}},
	{name: "who", made: makeReacted, then: func(v *view) {
		v.click(reaction("heart"))
		v.click(".who > button")
		v.see(".reacted .switch")
	}},
	{name: "mention", made: makeMentions},
	{name: "offline", made: makeRich}, // the server is gone: done by the test
}

// makeRich is all that is hard to lay out.
func makeRich(c *caller, thread string) {
	c.t.Helper()
	say := func(name, headline, parent, body string) talk.Comment {
		c.t.Helper()
		var m talk.Comment
		who := c.server.caller(name)
		who.call(http.MethodPost, "threads/"+thread+"/comments", map[string]string{"name": name, "headline": headline, "parent": parent, "body": body}, &m)
		return m
	}
	first := say("Margaret Oyelaran", "Pharmacist, Leeds", "", "We ran a food co-op this way for six years. The draw was never the trouble; *the chair* was.")
	say("Tom", "", "", "A list of what we tried:\n\n- paying people\n- a crèche\n- Sunday mornings\n\n> We did not know who we were missing until they came.\n\nThen `rota --fair`:\n\n```\nfor every week in the year and then some: draw(names, excluding=last_week, seats=36, replacement=False)\n```")
	parent := first.ID
	for i, who := range []string{"Dez", "Ivo", "Ruth Tasker", "Bao", "Zofia Wiśniewska"} {
		parent = say(who, "", parent, fmt.Sprintf("An answer at depth %d, which says a little more than yes, so that it fills a line or two on a phone.", i+1)).ID
	}
	say("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunte", "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz, Mecklenburg-Vorpommern", "",
		strings.Repeat("Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", 5)+" https://example.org/"+strings.Repeat("a-very-long-address/", 12))
	say("محمد الأندلسي", "مهندس، قرطبة", "", "هذا تعليق مكتوب من اليمين إلى اليسار، وفيه رقم 42 وكلمة English.")
	say("Ann", "Lifeguard, Ansterby", first.ID, "| year | seats | refused |\n|---|---|---|\n| 1 | 36 | 25 |\n| 2 | 43 | 9 |\n| a longer cell, to make it wide | 43 | nobody at all this time |")
	say("李小龍", "", "", "短い。👍🏽 👩‍👩‍👧‍👦")
	last := say("Kwame", "", "", "Short.")
	for _, kind := range []string{"like", "heart", "idea"} {
		c.react(thread, kind)
	}
	c.like(first.ID)
	c.like(last.ID)
}

// makeReacted is people some of whom show that they have reacted.
func makeReacted(c *caller, thread string) {
	c.t.Helper()
	for i, name := range []string{"", "", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunte", "محمد الأندلسي", "Tom", "Maren Holt"} {
		one := c.server.caller(name)
		one.react(thread, "heart")
		if i%2 == 1 {
			one.react(thread, "idea")
		}
		if name != "" {
			one.post(thread, "", "Hello from "+name+".")
			one.call(http.MethodPatch, "me/settings", map[string]bool{"named": true}, nil)
		}
	}
}

// makeMentions is people who talk to each other.
func makeMentions(c *caller, thread string) {
	c.t.Helper()
	c.server.caller("").signed(thread, "Maren Holt", "Pharmacist, Leeds", "We should ask who was there.")
	c.server.caller("").signed(thread, "محمد الأندلسي", "", "أنا كنت هناك، @maren holt.")
	c.post(thread, "", "@Maren Holt was, and @محمد الأندلسي, too; not @Nobody. What @Maren Holt says is true.")
}

// makeMarkdown is what only some comments have.
func makeMarkdown(c *caller, thread string) {
	c.t.Helper()
	c.post(thread, "", "The culprit is ||the night porter, whom everybody had taken for the dullest man in the whole of the second act||, and his motive was ||money||.")
	c.post(thread, "", ">! He had the key all along.\n>!\n> - from the *first* scene\n> - and nobody asked\n\nAfter it.")
	c.post(thread, "", "In Go:\n\n```go\n// draw picks n of the names, each at most once.\nfunc draw(names []string, n int) ([]string, error) {\n\tif n > len(names) {\n\t\treturn nil, fmt.Errorf(\"%d of %d\", n, len(names))\n\t}\n\treturn names[:n], nil\n}\n```\n\nand the fix:\n\n```diff\n@@ -3,1 +3,1 @@\n-\tif n > len(names) {\n+\tif n < 0 || n > len(names) {\n```")
	c.post(thread, "", "```html\n<!-- the widget -->\n<script async src=\"https://talk.example/embed.js\"></script>\n```\n\n```sql\nSELECT name, count(*) FROM seats WHERE refused = 0 AND year > 1990 -- since then\n```")
}

var (
	widths = []int64{360, 1280}
	colors = []string{"light", "dark"}
)

// noOverflow checks that nothing makes the document wider than the screen.
func (v *view) noOverflow(what string) {
	v.p.t.Helper()
	wide := ask[[]string](v, `() => {
		if (document.documentElement.scrollWidth <= innerWidth) return [];
		return [document.documentElement.scrollWidth + " in " + innerWidth, ...[...document.querySelectorAll("body *")]
			.filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map((e) => e.outerHTML.slice(0, 120))];
	}`)
	if len(wide) > 0 {
		v.p.t.Errorf("%s: wider than the screen: %s", what, strings.Join(wide, "\n"))
	}
}

// TestScreenshots looks at every scene on a phone and a desktop, light and dark:
// nothing is cut off. With SCREENSHOTS=folder it leaves the pictures there.
func TestScreenshots(t *testing.T) {
	for _, scene := range scenes {
		t.Run(scene.name, func(t *testing.T) {
			s := start(t)
			page := s.url("/demo")
			if scene.lang != "" {
				page = publishIn(t, s, scene.lang).crossSite()
			}
			c := s.caller("Ann")
			scene.made(c, c.thread(page).ID)
			bob := meet(t, "bob")
			bob.expect(serverGone)

			alone := bob.open(s.embedOf(page, "lang="+scene.lang))
			alone.live()
			host := meet(t, "host")
			host.expect(serverGone)
			host.open(page)
			framed := host.widget()
			framed.spot("#box") // brings it onto the screen
			framed.live()
			if scene.then != nil {
				scene.then(alone)
				scene.then(framed)
			}
			if scene.name == "offline" {
				s.kill()
				alone.seeText(".status", "Reconnecting")
				framed.seeText(".status", "Reconnecting")
			}
			for _, width := range widths {
				for _, color := range colors {
					alone.shoot(scene.name+"-alone", width, color)
					framed.shoot(scene.name, width, color)
				}
			}
		})
	}
}

// shoot checks one picture, and keeps it if somebody wants to see it.
func (v *view) shoot(name string, width int64, color string) {
	v.p.t.Helper()
	p := v.p
	what := fmt.Sprintf("%s-%d-%s", name, width, color)
	p.screen(width, 800)
	for _, s := range p.sessions() {
		_, err := chromedp.Call(s.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: color}, {Name: "prefers-reduced-motion", Value: "reduce"}},
		})
		p.must(err)
	}
	v.wait("the page is laid out", `(w) => innerWidth <= w && document.documentElement.clientWidth <= w`, width)
	p.page().wait("the screen is as wide as it should be", `(w) => innerWidth === w`, width)
	if v.framed { // a browser lays out another site's frame when it is on the screen
		show := `() => document.querySelector("iframe").scrollIntoView({ block: "start", behavior: "instant" })`
		p.page().run(show)
		fits(p.page(), v)
		p.page().run(show)
	}
	p.page().noOverflow(what)
	v.noOverflow(what)
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	p.must(os.MkdirAll(dir, 0o755))
	capture := chromedp.CaptureScreenshot()
	if !v.framed {
		capture = chromedp.FullScreenshot(100)
	}
	picture, err := chromedp.Run(p.ctx, capture)
	p.must(err)
	p.must(os.WriteFile(filepath.Join(dir, what+".png"), picture, 0o644))
}
