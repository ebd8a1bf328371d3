package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"folkmoot/app/list"
	"folkmoot/app/talk"
)

// crowd fills a thread with comments by several people at once: roots, each
// followed by two replies, of all lengths.
func (s *server) crowd(thread string, n int) {
	s.t.Helper()
	const people = 16
	var all sync.WaitGroup
	for p := range people {
		c := s.caller(fmt.Sprintf("Person %d", p))
		all.Go(func() {
			root := ""
			for i := p; i < n; i += people {
				parent := root
				if i/people%3 == 0 {
					parent = ""
				}
				var m talk.Comment
				body := map[string]string{"body": fmt.Sprintf("Comment %d. ", i) + strings.Repeat("Some words about the article. ", i%23), "parent": parent, "name": c.name}
				if _, err := c.try("POST", "threads/"+thread+"/comments", "", body, &m); err != nil {
					s.t.Error(err)
					return
				}
				if parent == "" {
					root = m.ID
				}
			}
		})
	}
	all.Wait()
	if s.t.Failed() {
		s.t.FailNow()
	}
}

// mostComments are in the document, of however many there are.
const mostComments = 150

// A reader goes through a conversation on a screen: the page's own or, in a frame,
// that of the page around it.
type reader struct {
	outer, v *view
}

// move scrolls by so many pixels, or to the end.
func (r reader) move(by float64) {
	r.v.p.t.Helper()
	r.outer.run(`(by) => scrollBy({ top: by, behavior: "instant" })`, by)
}

// end goes to the end of what was loaded.
func (r reader) end() {
	r.v.p.t.Helper()
	eventually(r.v.p.t, "the frame is as high as its page", func() bool {
		height := ask[float64](r.v, `() => document.body.getBoundingClientRect().height`)
		return r.framed(`() => document.querySelector("iframe")?.clientHeight ?? 1e9`) >= height
	})
	r.outer.run(`() => {
		const frame = document.querySelector("iframe");
		scrollBy({ top: frame ? frame.getBoundingClientRect().bottom - innerHeight : 1e9, behavior: "instant" });
	}`)
}

// edges are between which heights of the document the screen is.
func (r reader) edges() (top, bottom float64) {
	r.v.p.t.Helper()
	return r.framed(`() => { const e = document.querySelector("iframe"); return e ? -e.getBoundingClientRect().top : 0 }`),
		r.framed(`() => { const e = document.querySelector("iframe"); return innerHeight - (e ? e.getBoundingClientRect().top : 0) }`)
}

func (r reader) framed(f string) float64 {
	r.v.p.t.Helper()
	return ask[float64](r.outer, f)
}

// full waits until comments, and no room for them, are on the screen and half a
// screen around it. It returns one from the middle.
func (r reader) full() string {
	r.v.p.t.Helper()
	var middle string
	eventually(r.v.p.t, "comments are on the screen", func() bool {
		top, bottom := r.edges()
		return r.v.try(&middle, `(top, bottom) => {
			const around = (bottom - top) / 2;
			for (const e of document.querySelectorAll(".room")) {
				const b = e.getBoundingClientRect();
				if (b.bottom > top - around && b.top < bottom + around) return "";
			}
			const all = [...document.querySelectorAll(".comment > .text")];
			return all.find((e) => e.getBoundingClientRect().top > top + around)?.parentElement.id.slice(8) ?? "";
		}`, top, bottom) == nil && middle != ""
	})
	if n := r.v.count("article.comment"); n > list.All {
		r.v.p.t.Errorf("%d comments are in the document", n)
	}
	return middle
}

// onScreen is where a comment stands on the screen.
func (r reader) onScreen(id string) float64 {
	r.v.p.t.Helper()
	top, _ := r.edges()
	return r.v.place(id) - top
}

// still waits until a comment stands still on the screen, and returns where.
func (r reader) still(id string) float64 {
	r.v.p.t.Helper()
	last, same := -1e9, 0
	eventually(r.v.p.t, "it stands still", func() bool {
		now := r.onScreen(id)
		if same++; now != last {
			same = 0
		}
		last = now
		return same >= still
	})
	return last
}

// wantAt holds that a comment is where it was.
func (r reader) wantAt(id string, want float64, after string) {
	r.v.p.t.Helper()
	if now := r.still(id); now < want-1 || now > want+1 { // a pixel is rounding
		r.v.p.t.Errorf("%s, what was read at %v is at %v", after, want, now)
	}
}

// Of 10,000 comments, those near the screen are in the document. Whoever reads
// doesn't notice.
func TestLongConversation(t *testing.T) {
	s := start(t)
	h := hosting(t, s, nil)
	h.pages = map[string]string{"/post": `<h1>Words</h1><div style="height: 1500px"></div>` + embed + `<div style="height: 1500px"></div>`}
	ann := s.caller("Ann")
	thread := ann.thread(h.url + "/post").ID
	s.crowd(thread, 10_000)
	for _, framed := range []bool{false, true} {
		t.Run(fmt.Sprintf("framed %v", framed), func(t *testing.T) {
			bob := meet(t, "bob")
			r := reader{}
			if framed {
				r.outer = bob.open(h.url + "/post")
				r.v = bob.widget()
				r.outer.run(`() => document.querySelector("iframe").scrollIntoView({ behavior: "instant" })`)
			} else {
				r.v = bob.open(s.url("/t/" + thread))
				r.outer = r.v
			}
			v := r.v
			v.live()
			first := ask[string](v, `() => document.querySelector("article.comment").id.slice(8)`)
			v.run(`() => { window.same = true }`)

			for range 6 {
				before := ask[float64](v, `() => document.body.scrollHeight`)
				r.end()
				r.full()
				v.wait("more comes", `(before) => document.body.scrollHeight > before + 5000`, before)
			}
			for range 4 {
				r.move(-3000) // past comments that were never on the screen
				read := r.full()
				at := r.still(read)
				for i := range 4 {
					r.move(-150)
					r.full()
					r.wantAt(read, at+150*float64(i+1), "scrolled up")
				}
				if n := v.count("article.comment"); n > mostComments {
					t.Errorf("%d comments are in the document", n)
				}
			}

			// A box stays where somebody writes, however far away they look.
			read := r.full()
			box := "#box-" + read
			v.click("#comment-" + read + " > .deeds button[name=reply]")
			v.write(box, "Half a thought")
			v.run(`() => { document.activeElement.mine = true }`)
			r.move(-20_000)
			away := r.full()
			if !ask[bool](v, `() => document.activeElement.mine === true`) || v.value(box) != "Half a thought" {
				t.Error("the box in which something was being written is gone")
			}

			// What others say far above waits, and moves nothing; it is shown when asked for.
			at := r.still(away)
			said := fmt.Sprintf("Far above, framed %v.", framed)
			ann.post(thread, first, said)
			v.seeText("button.new", "1 new comment")
			r.wantAt(away, at, "when a comment came")
			v.run(`() => { document.querySelector("button.new").click() }`)
			above := strings.TrimPrefix(v.withText(said), "comment-")
			v.wait("it has the focus", `(id) => document.activeElement?.id === "comment-" + id`, above)
			if at := r.still(above); at < 0 || at > 700 {
				t.Errorf("it is at %v of the screen", at)
			}
			r.full()

			// A comment's address leads to it, also when it isn't in the document.
			if v.count("#comment-"+read) != 1 {
				t.Error("the comment with the open box is gone")
			}
			v.run(`(id) => { document.querySelector("#comment-" + id + " > .deeds button[name=reply]").click() }`, read) // which closes it
			r.move(100)
			v.gone("#comment-" + read)
			r.outer.run(`(id) => { location.hash = "#comment-" + id }`, read)
			v.wait("the comment is marked", `(id) => !!document.querySelector("#comment-" + id + ".sought")`, read)
			if at := r.still(read); at < 0 || at > 700 {
				t.Errorf("it is at %v of the screen", at)
			}
			r.full()
			if !ask[bool](v, `() => window.same === true`) {
				t.Error("the page was loaded again")
			}

			// A branch that is folded away leaves the document.
			root := ask[string](v, `(id) => document.getElementById("comment-" + id).closest("#comments > .comment").id`, read)
			branch := "#" + root + " > .replies"
			v.click(branch + " > summary")
			v.wait("its replies are gone", `(b) => document.querySelectorAll(b + " > .comment").length === 0`, branch)
			v.click(branch + " > summary")
			v.wait("they are back", `(b) => document.querySelectorAll(b + " > .comment").length > 0`, branch)
			if !framed {
				v.accessible("a long conversation")
			}
		})
	}
}

// A key leads to what is new since the last visit, on whichever page that is, and
// a link to the page before shows it without moving what is read.
func TestFindingTheWayInALongConversation(t *testing.T) {
	s := start(t)
	ann := s.caller("Ann")
	thread := ann.thread(s.url("/demo")).ID
	s.crowd(thread, 700)
	all := ann.comments(thread)
	bob := meet(t, "bob")
	v := bob.open(s.url("/t/" + thread))
	v.live()
	v.run(`() => {
		const name = Object.keys(localStorage).find((k) => k.startsWith("folkmoot:visit:")), now = new Date(Date.now() - 100).toISOString(); // since the page was opened
		localStorage.setItem(name, now + "," + now);
	}`)
	fresh := []string{ann.post(thread, all[20].ID, "An answer since.").ID, ann.post(thread, all[600].ID, "Another.").ID}
	bob.reload()
	v.live()
	v.wait("it is known how long it is", `() => !!folkmoot.sight`)
	for _, id := range []string{fresh[0], fresh[1], fresh[0]} {
		bob.key("n", "n", 'N')
		v.wait("the next one has the focus", `(id) => document.activeElement?.id === "comment-" + id`, id)
	}

	// The focus goes on from the link to more, when there is no more.
	v = bob.open(s.url("/t/" + thread + "?around=" + all[300].ID))
	v.live()
	v.wait("it is known how long it is", `() => !!folkmoot.sight`)
	v.wait("the end is found", `() => {
		const more = document.querySelector("a.more:not(.earlier)");
		more?.focus({ preventScroll: true });
		more?.scrollIntoView({ behavior: "instant" });
		return !more;
	}`)
	v.wait("a comment has the focus", `() => document.activeElement.matches(".comment")`)

	v = bob.open(s.url("/t/" + thread + "?around=" + all[600].ID + "#comment-" + all[600].ID))
	v.live()
	v.wait("it is known how long it is", `() => !!folkmoot.sight`)
	r := reader{v, v}
	v.run(`() => document.querySelector("a.earlier").scrollIntoView({ block: "center", behavior: "instant" })`)
	before := ask[string](v, `() => document.querySelector("article.comment").id.slice(8)`)
	at := r.still(before)
	v.run(`() => document.querySelector("a.earlier").click()`)
	v.wait("there are earlier ones", `(id) => document.querySelector("article.comment").id !== "comment-" + id`, before)
	r.wantAt(before, at, "with what is before it")
	if !ask[bool](v, `(id) => !!(document.activeElement.compareDocumentPosition(document.getElementById("comment-" + id)) & Node.DOCUMENT_POSITION_FOLLOWING) && document.activeElement.matches(".comment")`, before) {
		t.Error("the focus isn't on what was asked for")
	}
}
