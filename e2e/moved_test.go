package e2e

import (
	"os/exec"
	"testing"
)

// command runs a command on the server's database, while it serves.
func (s *server) command(args ...string) {
	s.t.Helper()
	if out, err := exec.Command(binary, append(args, "--data", s.data)...).CombinedOutput(); err != nil {
		s.t.Fatalf("folkmoot %v: %v\n%s", args, err, out)
	}
}

// Two pages become one while people read and write on both: everybody sees all
// of it, and nobody loses what they are writing.
func TestPagesMergeUnderTheirReaders(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{
		"/old":  `<h1>Words</h1><script async src="FOLKMOOT/embed.js" data-page-title="Old words"></script>`,
		"/new":  `<h1>Words</h1><script async src="FOLKMOOT/embed.js" data-page-title="New words"></script>`,
		"/away": `<h1>Elsewhere</h1>`,
	})
	c := s.caller("Carl")
	from := c.thread(h.url + "/old").ID
	first := c.post(from, "", "Said on the old page.").ID
	into := c.thread(h.url + "/new").ID
	c.post(into, "", "Said on the new page.")

	dan := meet(t, "dan") // writes, and leaves
	dan.open(h.url + "/old")
	w := dan.widget()
	w.live()
	w.write("#box", "Dan's draft.")
	w.wait("it is kept", `() => Object.values(localStorage).some((v) => v.includes("Dan's draft."))`)
	dan.open(h.url + "/away")

	bob, ann := meet(t, "bob"), meet(t, "ann")
	bob.open(h.url + "/old")
	there := bob.widget()
	there.live()
	there.click("#comment-" + first + " button[name=reply]")
	there.write("#box-"+first, "Half a sent")
	ann.open(h.url + "/new")
	here := ann.widget()
	here.live()

	s.command("page", "merge", h.url+"/old", h.url+"/new")
	for _, v := range []*view{there, here} {
		v.withText("Said on the old page.")
		v.withText("Said on the new page.")
		v.seeText("h2", "2 comments")
	}
	if got := ask[string](there, `() => document.activeElement.id`); got != "box-"+first {
		t.Errorf("the focus is in %q", got)
	}
	bob.paste("ence.")
	if got := there.value("#box-" + first); got != "Half a sentence." {
		t.Errorf("what was being written is %q", got)
	}
	there.rewrite("#box-"+first+"-name", "Bob")
	there.click("form:has(> #box-" + first + ") .send")
	here.click(".new") // it would move what stands below
	here.withText("Half a sentence.")
	here.comment("", "Ann", "And all of it.")
	there.withText("And all of it.")

	dan.open(h.url + "/new")
	w = dan.widget()
	w.wait("the draft is where the conversation is", `() => document.getElementById("box").value === "Dan's draft."`)
	w.live()
	if got := w.value("#box"); got != "Dan's draft." {
		t.Errorf("the draft is %q", got)
	}
}

// A page that gives itself another address takes its conversation along: a reader
// sees it come.
func TestAPageThatGivesItselfAnotherAddress(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{"/old": `<h1>Words</h1>` + embed})
	s.kill()
	s.flags = append(s.flags, "--origin", h.url)
	s.restart()
	c := s.caller("Carl")
	c.post(c.thread(h.url+"/old").ID, "", "Said at the old address.")
	named := `<!doctype html><html lang="en"><head><title>A page</title><link rel="canonical" href="/new/"></head><body>` + embed + `</body></html>`
	h.pages = map[string]string{"/old": named, "/new/": named}
	bob := meet(t, "bob")
	bob.open(h.url + "/old")
	w := bob.widget()
	w.withText("Said at the old address.")
	w.live()
	w.comment("", "Bob", "Said at the new one.")
	w.wantOnce("Said at the new one.")
	if got := containing(c.comments(c.thread(h.url+"/new").ID), "Said at the"); got != 2 {
		t.Errorf("%d comments are there, want both", got)
	}
}
