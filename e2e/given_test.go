package e2e

import (
	"net/url"
	"strings"
	"testing"
)

// embedded is how often the widget's page was asked for.
func embedded(p *person) (n int) {
	for _, address := range p.requested() {
		if u, err := url.Parse(address); err == nil && u.Path == "/embed" {
			n++
		}
	}
	return n
}

// A frame that stands in the page's HTML loads while the script does; the
// script takes it as it is, whichever comes first.
func TestAFrameInThePage(t *testing.T) {
	for _, late := range []bool{false, true} {
		name := "script in time"
		if late {
			name = "script late"
		}
		t.Run(name, func(t *testing.T) {
			s := start(t)
			pages := map[string]string{}
			h := hosting(t, s, pages)
			ann := s.caller("Ann")
			all := ann.fill(ann.thread(h.url+"/post").ID, 20)
			pages["/post"] = listen + `<folkmoot-thread theme="light" style="display: block; min-height: 100vh">
<iframe title="Conversation" src="FOLKMOOT/embed?page=` + url.QueryEscape(h.url+"/post") + `" style="width: 100%; height: 100vh; border: 0"></iframe>
</folkmoot-thread><script async src="FOLKMOOT/embed.js"></script>`
			bob := meet(t, "bob")
			script := bob.hold("/embed.js")
			page := bob.open(h.url + "/post#comment-" + all[15].ID)
			page.see("iframe")
			if late {
				bob.widget().wait("it is ready", `() => !!window.folkmoot?.fill`)
			}
			script.release()
			w := bob.widget()
			w.live()
			holds(page, w)
			if count := page.hears("count")["detail"].(map[string]any)["comments"]; count != 20.0 {
				t.Errorf("the page hears of %v comments", count)
			}
			page.hears("ready")
			page.wait("it stands at the comment of its address", `() => scrollY > 500`)
			page.run(`() => document.querySelector("folkmoot-thread").setAttribute("theme", "dark")`)
			w.wait("it is dark", `() => document.documentElement.dataset.theme === "dark"`)
			if n := embedded(bob); n != 1 {
				t.Errorf("the widget's page was asked for %d times", n)
			}
			if n := page.count("iframe"); n != 1 {
				t.Errorf("%d frames", n)
			}
		})
	}
}

// A script's tag can reserve the widget's room itself: then nothing that
// somebody sees moves, however late the script comes.
func TestTheScriptsTagReservesRoom(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{"/post": `<h1>Words</h1><p>A few.</p>
<script async src="FOLKMOOT/embed.js" style="display: block; min-height: 100vh"></script><footer><p>The foot</p><p>of the page</p></footer>`})
	ann := s.caller("Ann")
	ann.fill(ann.thread(h.url+"/post").ID, 20)
	bob := meet(t, "bob")
	script := bob.hold("/embed.js")
	page := bob.open(h.url + "/post")
	page.run(watchShifts)
	page.wait("it is painted", `() => performance.getEntriesByName("first-contentful-paint").length > 0`)
	foot := ask[float64](page, `() => document.querySelector("footer").getBoundingClientRect().top`)
	if height := ask[float64](page, `() => innerHeight`); foot < height {
		t.Errorf("nothing is reserved: the foot stands at %v of %v", foot, height)
	}
	script.release()
	w := bob.widget()
	w.live()
	fits(page, w)
	page.run(`() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))`)
	for _, moved := range ask[[]shift](page, `() => window.shifts`) {
		t.Errorf("moved from %v to %v: %s", moved.From, moved.To, moved.Node)
	}
	if gap := ask[float64](page, `() => document.querySelector("footer").getBoundingClientRect().top - document.querySelector("iframe").getBoundingClientRect().bottom`); gap > 50 {
		t.Errorf("the tag keeps %v pixels", gap)
	}
	if n := strings.Count(strings.Join(bob.requested(), " "), "/embed?"); n != 1 {
		t.Errorf("the widget's page was asked for %d times", n)
	}
}
