package e2e

import (
	"slices"
	"strings"
	"testing"
)

// An index page asks once for all that it shows, in whatever way it asks.
func TestCountsOnAnIndexPage(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{"/": `
		<p><folkmoot-count id="own" page-url="/a"></folkmoot-count> <folkmoot-count id="own-reactions" page-url="/a" kind="reactions"></folkmoot-count>
		<folkmoot-count id="own-id" page-id="seven"></folkmoot-count> <folkmoot-count id="here"></folkmoot-count>
		<span id="attribute" data-folkmoot-count data-page-url="/a"></span> <a id="attribute-link" href="/a" data-folkmoot-count="reactions"></a>
		<p><a id="disqus" href="/a#disqus_thread">Second article</a> <a id="disqus-id" href="/x#disqus_thread" data-disqus-identifier="seven">Link</a>
		<span id="disqus-span" class="disqus-comment-count" data-disqus-url="/a"></span> <span id="disqus-span-id" class="disqus-comment-count" data-disqus-identifier="/a"></span>
		<p><a id="isso" href="/a#isso-thread">Comments</a> <a id="isso-id" href="/y#isso-thread" data-isso-id="/a/">0 Kommentare</a>
		<p><a id="wordpress" href="/a/#comments">Leave a comment</a> <a id="icon" href="/a/#comments"><b>!</b></a> <a id="jump" href="#comments">To the comments</a>
		<p><span id="remark" class="remark42__counter" data-url="/a"></span> <span id="cusdis" data-cusdis-count-page-id="seven">0</span>
		<p><span id="waline" class="waline-comment-count" data-path="/a/"></span> <span id="artalk" class="artalk-comment-count" data-page-key="/a"></span>
		<p><span id="coral" class="coral-count" data-coral-url="/a"></span> <span id="coral-bare" class="coral-count" data-coral-url="/a" data-coral-notext="true"></span>
		<p><comentario-count id="comentario" path="/a" prefix="(" suffix=")">?</comentario-count> <comentario-count id="comentario-none" path="/none" zero-text="none"></comentario-count>
		<p><hyvor-talk-comment-count id="hyvor" page-id="seven"></hyvor-talk-comment-count> <hyvor-talk-comment-count id="hyvor-number" mode="number" page-id="seven"></hyvor-talk-comment-count>
		<script async src="FOLKMOOT/count.js"></script>`})
	ann := s.caller("Ann")
	a := ann.thread(h.url + "/a").ID
	ann.fill(a, 2)
	ann.react(a, "heart")
	ann.fill(ann.thread(h.url+"/#page-id=seven").ID, 1)

	bob := meet(t, "bob")
	page := bob.open(h.url + "/")
	for id, want := range map[string]string{
		"own": "2", "own-reactions": "1", "own-id": "1", "here": "0", "attribute": "2", "attribute-link": "1",
		"disqus": "2 Comments", "disqus-id": "1 Comment", "disqus-span": "2 Comments", "disqus-span-id": "2 Comments",
		"isso": "2 Comments", "isso-id": "2 Kommentare", "wordpress": "2 Comments", "icon": "!", "jump": "To the comments",
		"remark": "2", "cusdis": "1", "waline": "2", "artalk": "2", "coral": "2 Comments", "coral-bare": "2",
		"comentario": "(2)", "comentario-none": "none", "hyvor": "1 Comment", "hyvor-number": "1",
	} {
		page.wait(id+" says "+want, `(id, want) => document.getElementById(id).textContent === want`, id, want)
	}
	asked := slices.DeleteFunc(bob.requested(), func(address string) bool { return !strings.Contains(address, "/counts?") })
	if len(asked) != 1 {
		t.Errorf("the page asked %d times: %s", len(asked), strings.Join(asked, "\n"))
	}
	if n := page.count("iframe"); n != 0 {
		t.Error("the script that only counts shows a widget")
	}

	// What comes later is counted too.
	page.run(`() => { document.body.insertAdjacentHTML("beforeend", '<folkmoot-count id="later" page-url="/a"></folkmoot-count>') }`)
	page.seeText("#later", "2")
	page.run(`() => document.querySelector("#later").setAttribute("page-url", "/none")`)
	page.wait("an attribute changes it", `() => document.querySelector("#later").textContent === "0"`)
	page.run(`() => { document.body.insertAdjacentHTML("beforeend", '<a id="last" href="/a#disqus_thread">x</a>'); folkmoot.reload() }`)
	page.seeText("#last", "2 Comments")
}

// More pages than the server answers at once, or than an address should hold.
func TestCountsOfManyPages(t *testing.T) {
	s := start(t)
	var links strings.Builder
	for range 250 {
		links.WriteString(`<folkmoot-count page-url="/` + strings.Repeat("x", links.Len()%90) + `"></folkmoot-count>`)
	}
	h := hosting(t, s, map[string]string{"/": links.String() + `<script async src="FOLKMOOT/count.js"></script>`})
	bob := meet(t, "bob")
	page := bob.open(h.url + "/")
	page.wait("all are counted", `() => [...document.querySelectorAll("folkmoot-count")].every((e) => e.textContent === "0")`)
}
