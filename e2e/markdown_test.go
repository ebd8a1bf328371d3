package e2e

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// A spoiler opens without a script, and by the keyboard.
func TestSpoilers(t *testing.T) {
	s := start(t)
	article := s.url("/demo")
	ann := s.caller("Ann")
	thread := ann.thread(article).ID
	first := "#comment-" + ann.post(thread, "", "It was ||the porter||, for ||money||.").ID
	ann.post(thread, "", ">! He had the key.\n>!\n> - all along")
	const shown = `(s, words) => [...document.querySelectorAll(s)].some((e) => e.checkVisibility({ contentVisibilityAuto: true }) && e.innerText.includes(words))`
	hides := func(v *view, words string) {
		t.Helper()
		if ask[bool](v, shown, ".comments .text", words) {
			t.Errorf("%q can be read before anybody asks", words)
		}
	}
	shows := func(v *view, words string) {
		t.Helper()
		v.wait(words+" can be read", shown, ".comments .text", words)
	}

	bob := withoutScript(t, "bob")
	v := bob.open(s.embedOf(article))
	shows(v, "It was")
	for _, words := range []string{"porter", "money", "key", "along"} {
		hides(v, words)
	}
	v.click(first + " .spoiler summary")
	shows(v, "the porter")
	hides(v, "money")
	v.click(".spoiler.wide summary")
	shows(v, "all along")
	if n := ask[float64](v, `(s) => { const e = document.querySelector(s); return e.getBoundingClientRect().height / parseFloat(getComputedStyle(e).lineHeight); }`, first+" .text > div"); n > 1.5 {
		t.Errorf("a short line with spoilers in it is %.1f lines high", n)
	}

	// What is open stays open when the program takes over, and who had the focus has it.
	cleo := meet(t, "cleo")
	held := cleo.hold(program)
	v = cleo.open(s.embedOf(article))
	v.run(`(s) => document.querySelectorAll(s)[1].focus()`, first+" .spoiler summary")
	cleo.key("Enter", "\r", 13)
	shows(v, "money")
	held.release()
	v.live()
	shows(v, "money")
	hides(v, "porter")
	if !ask[bool](v, `(s) => document.activeElement === document.querySelectorAll(s)[1]`, first+" .spoiler summary") {
		t.Error("the focus went elsewhere")
	}
	cleo.key("Enter", "\r", 13)
	v.wait("it is closed again", `(s) => !document.querySelectorAll(s)[1].open`, first+" .spoiler")
	hides(v, "money")
}

// The style of what only some comments have stands in the page that has one of
// them, and comes with the first elsewhere.
func TestStyleComesWithTheFirst(t *testing.T) {
	s := start(t)
	article := s.url("/demo")
	ann := s.caller("Ann")
	thread := ann.thread(article).ID
	ann.post(thread, "", "Plain.")
	const bold = `() => { const k = document.querySelector(".k"); return !!k && getComputedStyle(k).fontWeight === "600"; }`
	bob, cleo := meet(t, "bob"), withoutScript(t, "cleo")
	v := bob.open(s.embedOf(article))
	v.live()
	if w := cleo.open(s.embedOf(article)); w.count("#more") != 0 {
		t.Error("a page has the style though nothing in it needs that")
	}
	ann.post(thread, "", "```go\nfunc main() {}\n```")
	v.wait("the keyword is bold", bold)
	if w := cleo.open(s.embedOf(article)); w.count("style#more") != 1 || !ask[bool](w, bold) {
		t.Error("a page that needs the style doesn't have it from the start")
	}
}

// A picture of an origin that was named is shown, lazily and without a referrer;
// any other is a link, and nobody is asked for it.
func TestPictures(t *testing.T) {
	asked := make(chan *http.Request, 10)
	pictures := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r
		w.Header().Set("Content-Type", "image/gif")
		_, _ = w.Write([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	}))
	t.Cleanup(pictures.Close)
	s := start(t, "--images", pictures.URL)
	article := s.url("/demo")
	ann := s.caller("Ann")
	thread := ann.thread(article).ID
	ann.post(thread, "", "![A dot]("+pictures.URL+"/dot.gif) and ![another's](http://localhost:1/other.png)")
	bob := meet(t, "bob")
	v := bob.open(s.embedOf(article))
	v.wait("the picture is shown", `() => { const i = document.querySelector(".text img"); return !!i && i.complete && i.naturalWidth === 1 && i.alt === "A dot"; }`)
	r := <-asked
	if r.Referer() != "" || r.Header.Get("Cookie") != "" {
		t.Errorf("whoever has the picture is told %q and %q", r.Referer(), r.Header.Get("Cookie"))
	}
	if v.text(".text a:not(:has(img))") != "another's" {
		t.Error("another's picture is no link")
	}
	host, _ := url.Parse(pictures.URL)
	for _, address := range bob.requested() {
		if u, err := url.Parse(address); err != nil || u.Host != s.host && u.Host != host.Host {
			t.Errorf("the browser asked for %s", address)
		}
	}
	v.accessible("a picture")
}
