package e2e

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A device is a browser of its own, whose folder outlives it.
type device struct {
	t       *testing.T
	profile string
	browser context.Context
}

// on starts the browser, and gives it to somebody.
func (d *device) on(name string) *person {
	d.t.Helper()
	program, err := findChromium()
	if err != nil {
		d.t.Fatal(err)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), browserOptions(program, d.profile)...)
	ctx, cancel := chromedp.NewContext(allocator)
	d.t.Cleanup(func() {
		cancel()
		stop()
	})
	if err := chromedp.Do(ctx); err != nil {
		d.t.Fatal("starting another Chromium:", err)
	}
	d.browser = ctx
	return meetIn(ctx, d.t, name)
}

// crash is kill -9.
func (d *device) crash() {
	d.t.Helper()
	browser := chromedp.FromContext(d.browser).Browser
	if err := browser.Process().Kill(); err != nil {
		d.t.Fatal(err)
	}
	<-browser.LostConnection
}

// TestAirplaneMode: without a network somebody opens the app, reads, writes,
// reacts and edits; the browser is killed and opened again, and then there is a
// network. Everything is there once, in its order, by one person.
func TestAirplaneMode(t *testing.T) {
	s := start(t)
	carl := s.caller("Carl")
	thread := carl.thread(s.url("/demo")).ID
	first := carl.fill(thread, 3)[0]
	d := &device{t: t, profile: t.TempDir()}
	ann := d.on("ann")
	ann.expect(serverGone)
	open := func(path string) *view { return ann.open(s.url(path)) }
	v := open("/t/" + thread)
	v.live()
	v.ready()
	v.comment("", "Ann", "Before the flight.")
	v.withText("Before the flight.")
	v.gone("article.waiting")
	mine := v.withText("Before the flight.")
	open("/").ready()
	v.wait("the conversation is kept as it was when it was left", `(address) => {
		caches.match(address, { cacheName: "pages", ignoreVary: true }).then((kept) => kept?.text()).then((text) => { window.isKept = !!text?.includes("Before the flight."); });
		return !!window.isKept;
	}`, s.url("/t/"+thread))
	s.kill()

	home := open("/")
	home.see(`a[href*="/t/` + thread + `"]`)
	v = open("/t/" + thread)
	v.withText("Before the flight.")
	v.seeText(".status", "Reconnecting")
	v.comment("", "Ann", "One, in the air.")
	v.click("#comment-" + first.ID + " > .deeds button[name=reply]")
	v.write("#box-"+first.ID, "Two, in the air.")
	v.click("form:has(> #box-" + first.ID + ") .send")
	v.click(reaction("heart"))
	v.click("#comment-" + first.ID + " > .deeds button.like")
	v.choose(strings.TrimPrefix(mine, "comment-"), "Edit")
	box := "#box-" + strings.Replace(mine, "comment-", "edit-", 1)
	v.wait("the box holds what was written", `(box) => document.querySelector(box)?.value === "Before the flight."`, box)
	v.rewrite(box, "Before the flight, at the gate.")
	v.click("form:has(> " + box + ") .send")
	v.outboxHolds(5)
	d.crash()

	ann = d.on("ann again")
	ann.expect(serverGone)
	v = open("/t/" + thread)
	v.seeText("article.waiting", "in the air.")
	v.isPressed(reaction("heart"), true)
	v.outboxHolds(5)
	v.comment("", "Ann", "Three, in the air.")
	v.outboxHolds(6)

	s.restart()
	v.live()
	v.outboxHolds(0)
	v.wantOnce("One, in the air.", "Two, in the air.", "Three, in the air.", "Before the flight, at the gate.")
	v.counts(reaction("heart"), "1")
	people := map[string]bool{}
	var order []string
	for _, c := range carl.comments(thread) {
		if c.ID == first.ID && c.Likes != 1 {
			t.Errorf("the like counts %d times", c.Likes)
		}
		if c.Author.Name == "Ann" {
			people[c.Author.ID] = true
			order = append(order, strings.Fields(c.HTML)[0])
		}
	}
	if got := strings.Join(order, " "); len(people) != 1 || strings.Count(got, ",") != 3 {
		t.Errorf("%d people wrote %q", len(people), got)
	}
}
