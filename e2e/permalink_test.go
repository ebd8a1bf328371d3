package e2e

import (
	"fmt"
	"strings"
	"testing"

	"folkmoot/app/talk"
)

// standsOut checks that a comment is on the screen of the page around the frame,
// that it is marked, and unfolded.
func standsOut(page, widget *view, comment string) {
	widget.p.t.Helper()
	widget.wait("there is "+comment, `(id) => !!document.getElementById("comment-" + id)?.checkVisibility()`, comment)
	widget.wait(comment+" stands out", `(id) => getComputedStyle(document.querySelector("#comment-" + id + " > :is(header, .stone)")).boxShadow !== "none"`, comment)
	eventually(widget.p.t, comment+" is on the screen", func() bool {
		var top, height float64
		return widget.try(&top, `(id) => document.getElementById("comment-" + id).getBoundingClientRect().top`, comment) == nil &&
			page.try(&height, `(top) => { const b = document.querySelector("iframe").getBoundingClientRect(); return (b.top + top) / innerHeight }`, top) == nil &&
			height >= 0 && height < 0.9
	})
}

// A comment's address opens its article at the comment, wherever that stands.
func TestPermalinks(t *testing.T) {
	s := start(t)
	h := hosting(t, s, nil)
	h.pages = map[string]string{"/post": `<h1>Words</h1><div style="height: 1500px"></div>` + embed + `<div style="height: 1500px"></div>`}
	at := h.url + "/post"
	ann := s.caller("Ann")
	thread := ann.thread(at).ID
	all := ann.fill(thread, 130)
	far := all[120]
	deep := ann.post(thread, ann.post(thread, all[80].ID, "A reply").ID, "A reply to it").ID

	for name, c := range map[string]struct {
		id, sort string
		other    bool // it stands on another page than the first
	}{
		"far down on the first page":   {id: all[40].ID},
		"on another page":              {far.ID, "", true},
		"a reply on another page":      {deep, "", true},
		"where the newest come first":  {all[3].ID, "newest", true},
		"where the most liked come so": {far.ID, "top", true},
	} {
		t.Run(name, func(t *testing.T) {
			bob := meet(t, "bob")
			h.pages["/post"] = strings.Replace(h.pages["/post"], "embed.js\"", fmt.Sprintf("embed.js\" data-sort=%q", c.sort), 1)
			defer func() {
				h.pages["/post"] = strings.Replace(h.pages["/post"], fmt.Sprintf(" data-sort=%q", c.sort), "", 1)
			}()
			page := bob.open(at + "#comment-" + c.id)
			w := bob.widget()
			standsOut(page, w, c.id)
			w.live()
			standsOut(page, w, c.id) // the program has taken over
			if got := w.count("a.start"); got != map[bool]int{true: 1}[c.other] {
				t.Errorf("%d links to the beginning", got)
			}
			if n := w.count(".comments > article"); n < talk.PageRoots || n > 2*talk.PageRoots { // the next comes when its end is near
				t.Errorf("%d roots are shown, want a page of %d, or two", n, talk.PageRoots)
			}
		})
	}

	t.Run("to and fro", func(t *testing.T) {
		bob := meet(t, "bob")
		page := bob.open(at)
		w := bob.widget()
		w.live()
		near := all[30].ID
		age := "#comment-" + near + " > header > .age"
		if got := ask[string](w, `(s) => document.querySelector(s).href`, age); got != at+"#comment-"+near {
			t.Errorf("the comment's address is %q", got)
		}
		page.run(`() => { window.same = true }`)
		w.click(age)
		page.wait("the page's address is the comment's", `(id) => location.hash === "#comment-" + id`, near)
		standsOut(page, w, near)
		if !ask[bool](page, `() => window.same === true`) {
			t.Error("the page was loaded again")
		}
		page.run(`(id) => { location.hash = "#comment-" + id }`, far.ID)
		standsOut(page, w, far.ID)
		page.run(`(id) => { location.hash = "#comment-" + id }`, deep)
		standsOut(page, w, deep)
		// Folded away, it is shown all the same.
		w.run(`() => { for (const d of document.querySelectorAll("details.replies")) d.open = false }`)
		page.run(`(id) => { location.hash = ""; location.hash = "#comment-" + id }`, deep)
		standsOut(page, w, deep)
	})

	t.Run("of what isn't there", func(t *testing.T) {
		ann.remove(all[100].ID)
		bob := meet(t, "bob")
		page := bob.open(at + "#comment-" + all[100].ID)
		w := bob.widget()
		standsOut(page, w, all[100].ID)
		w.seeText("#comment-"+all[100].ID, "removed")
		w.live()
		standsOut(page, w, all[100].ID)

		bob = meet(t, "bob")
		bob.open(at + "#comment-nosuchcomment")
		w = bob.widget()
		w.seeText(".lost", "isn’t here any more")
		w.live()
		w.seeText(".lost", "isn’t here any more")
		w.see("#comment-" + all[0].ID)
	})

	t.Run("of Folkmoot's own page", func(t *testing.T) {
		bob := meet(t, "bob")
		v := bob.open(s.url("/t/" + thread + "#comment-" + far.ID))
		v.see("#comment-" + far.ID)
		v.wait("it is on the screen", `(id) => { const b = document.getElementById("comment-" + id)?.getBoundingClientRect(); return b && b.top >= 0 && b.bottom < innerHeight }`, far.ID)
		cleo := withoutScript(t, "cleo")
		link := ask[string](v, `(id) => document.querySelector("#comment-" + id + " > header > .age").href`, far.ID)
		v = cleo.open(link)
		v.standsAt("comment-" + far.ID)
		v.clickThrough("a.start")
		v.see("#comment-" + all[0].ID)
	})
}

// Whoever asks for no comment is led to none: the page is loaded once.
func TestAPageIsLoadedOnce(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann := s.caller("Ann")
	ann.fill(ann.thread(page).ID, 2)
	bob := meet(t, "bob")
	v := bob.open(s.embedOf(page))
	v.live()
	if n := v.count(".lost"); n != 0 {
		t.Error("a comment is missed that nobody has asked for")
	}
	loaded := 0
	for _, address := range bob.requested() {
		if isWidget(address) {
			loaded++
		}
	}
	if loaded != 1 {
		t.Errorf("the page was loaded %d times", loaded)
	}
}
