package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// refused checks that a box says why, and that nothing in it is lost.
func (v *view) refused(box, reason, body, name string) {
	v.p.t.Helper()
	v.seeText(box+"-error", reason)
	v.see(box + "-error")
	v.gone("article.waiting")
	if got := v.value(box); got != body {
		v.p.t.Errorf("the box holds %.60q (%d bytes), want %.60q (%d bytes)", got, len(got), body, len(body))
	}
	if got := v.value(box + "-name"); got != name {
		v.p.t.Errorf("the name is %q, want %q", got, name)
	}
}

func TestRefusedInTheOwnView(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann := s.caller("Ann")
	thread := ann.thread(page)
	ann.fill(thread.ID, 2)
	for _, c := range []struct{ what, body, name, reason string }{
		{"empty", "", "Bob", "write something"},
		{"all space", " \n\t ", "Bob", "write something"},
		{"no name", "Words without a name.", "", "name"},
		{"a character too many", strings.Repeat("long ", 2000) + "x", "Bob", "10000"},
		{"a byte too many", strings.Repeat("👩‍👩‍👧‍👦", 2622), "Bob", "64 KB"},
		{"a zalgo name", "Fine words.", "B" + strings.Repeat("\u0301", 12) + "b", "accents"},
		{"a name that turns", "Fine words.", "B\u202eob", "direction"},
		{"a text that turns", "Fine \u202e words.", "Bob", "direction"},
		{"a giant name", "Fine words.", strings.Repeat("Bob ", 16) + "x", "60"},
	} {
		t.Run(c.what, func(t *testing.T) {
			bob := meet(t, "bob")
			v := bob.open(s.embedOf(page))
			v.live()
			v.write("#box", c.body)
			v.write("#box-name", c.name)
			v.click("form:has(> #box) .send")
			v.refused("#box", c.reason, c.body, c.name)
			if n := v.count("article.comment"); n != 2 {
				t.Errorf("%d comments are shown, want the 2 from before", n)
			}
			// What was wrong is put right, and it goes out.
			v.rewrite("#box", "Now it is fine: "+c.what)
			v.rewrite("#box-name", "Bob")
			v.click("form:has(> #box) .send")
			v.wantOnce("Now it is fine: " + c.what)
			v.wait("the reason is gone", `() => document.querySelector("#box-error").textContent === ""`)
			if n := containing(ann.comments(thread.ID), "Now it is fine: "+c.what); n != 1 {
				t.Errorf("it is on disk %d times", n)
			}
			v.removeOwn(v.withText("Now it is fine: " + c.what))
		})
	}
}

// removeOwn takes back a comment, so that the next case finds the conversation
// as it was.
func (v *view) removeOwn(element string) {
	v.p.t.Helper()
	status := ask[int](v, `async (id) => (await fetch("/api/v1/comments/" + id, { method: "DELETE" })).status`, strings.TrimPrefix(element, "comment-"))
	if status != http.StatusOK {
		v.p.t.Fatalf("removing one's own comment: status %d", status)
	}
	v.gone("#" + element)
}

func TestAReplyToARemovedComment(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann := s.caller("Ann")
	thread := ann.thread(page)
	all := ann.fill(thread.ID, 3)
	bob := meet(t, "bob")
	v := bob.open(s.embedOf(page))
	v.live()
	box := "#box-" + all[1].ID
	v.click("#comment-" + all[1].ID + " button[name=reply]")
	v.write(box, "An answer to what is being removed.")
	ann.remove(all[1].ID)
	v.wait("Bob sees that it was removed", `(id) => !document.querySelector("#comment-" + id + " > .text")`, all[1].ID)
	held := ask[string](v, `() => [...document.querySelectorAll("textarea")].map((e) => e.value).join("|")`)
	if !strings.Contains(held, "An answer to what is being removed.") {
		t.Fatalf("the text that was being written is lost; the boxes hold %q", held)
	}
	if v.count(box) == 1 {
		v.write(box+"-name", "Bob")
		v.click("form:has(> " + box + ") .send")
		v.wait("the reason is said", `() => [...document.querySelectorAll(".error, .notice")].some((e) => e.textContent.trim() !== "")`)
		held = ask[string](v, `() => [...document.querySelectorAll("textarea")].map((e) => e.value).join("|")`)
		if !strings.Contains(held, "An answer to what is being removed.") {
			t.Errorf("the refused text is lost; the boxes hold %q", held)
		}
	}
	if n := containing(ann.comments(thread.ID), "An answer to what"); n != 0 {
		t.Error("the reply was taken")
	}
}

// The server's limits show in the box, with the text given back.
func TestRateLimited(t *testing.T) {
	s := start(t, "--rate-limits", "on")
	page := s.url("/demo")
	bob := meet(t, "bob")
	v := bob.open(s.embedOf(page))
	v.live()
	sent := []string{}
	for i := range 40 {
		sent = append(sent, fmt.Sprintf("Fast words, number %d.", i))
		v.write("#box", sent[i])
		if i == 0 {
			v.write("#box-name", "Bob")
		}
		v.click("form:has(> #box) .send")
		v.wait("an answer", `(words) => !!document.querySelector("#box-error")?.textContent ||
			[...document.querySelectorAll("article:not(.waiting) > .text")].some((e) => e.textContent.trim() === words)`, sent[i])
		if v.text("#box-error") != "" {
			break
		}
	}
	last := sent[len(sent)-1]
	v.refused("#box", "wait a moment", last, "Bob")
	if len(sent) < 15 {
		t.Errorf("refused after %d comments: somebody who types fast would be", len(sent))
	}
	anybody := s.caller("x")
	all := anybody.comments(anybody.thread(page).ID)
	for i, words := range sent {
		want := 1
		if i == len(sent)-1 {
			want = 0
		}
		if n := containing(all, words); n != want {
			t.Errorf("%q is on disk %d times, want %d", words, n, want)
		}
	}
}

// A page of an origin that was not named may not be embedded. The frame can't
// say so to anybody else's page; its own address can.
func TestAnUnknownOrigin(t *testing.T) {
	s := start(t, "--origin", "https://blog.example")
	b := publish(t, s)
	resp := s.get("/embed?page=" + b.crossSite())
	if policy := resp.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("the policy is %q, want one that lets nobody frame it", policy)
	}
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("status %d, want 403", resp.StatusCode)
	}

	bob := meet(t, "bob")
	bob.expect("frame-ancestors", "status of 403", "ERR_BLOCKED_BY_RESPONSE", "Framing '")
	v := bob.open(s.embedOf(b.crossSite()))
	v.seeText("[role=alert]", "--origin http://127.0.0.1:"+b.port)

	host := bob.open(b.crossSite())
	host.wait("the browser refuses the frame", `() => document.querySelector("iframe") !== null`)
	eventually(t, "the refusal is on the console", func() bool {
		bob.main.mu.Lock()
		defer bob.main.mu.Unlock()
		return strings.Contains(strings.Join(bob.main.problems, "\n"), "frame-ancestors")
	})
	tree, err := chromedp.Call(bob.ctx, page.GetFrameTree, cdp.Empty{})
	bob.must(err)
	for _, f := range tree.FrameTree.ChildFrames {
		if isWidget(f.Frame.URL) && f.Frame.UnreachableURL == "" {
			t.Errorf("the frame was shown: %s", f.Frame.URL)
		}
	}
}
