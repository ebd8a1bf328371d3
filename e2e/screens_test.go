package e2e

import (
	"strings"
	"testing"
)

// TestScreens walks through the app as somebody who has written under two
// articles: what is lively, topics, following, and what they said.
func TestScreens(t *testing.T) {
	s := start(t)
	carl := s.caller("Carl")
	b := publish(t, s)
	ann := meet(t, "ann")
	ann.open(b.crossSite())
	ann.widget() // which tells the article's title and topics
	thread := carl.thread(b.crossSite()).ID
	carl.fill(thread, 2)

	v := ann.open(s.url("/"))
	v.seeText(".card h3", carl.thread(b.crossSite()).Title)
	v.seeText(".card .counts", "2 comments")
	v.wait("the program runs", `() => !!window.folkmoot?.live`)
	v.click(".card h3 a")
	v.wait("the conversation opens", `(id) => location.pathname === "/t/" + id`, thread)
	v.live()
	v.comment("", "Ann", "Said in the app.")
	v.wantOnce("Said in the app.")

	v = ann.open(s.url("/me"))
	v.seeText("h1", "Ann")
	v.seeText(".card .text", "Said in the app.")
	v.click("input[name=like]")
	v.write("input[name=zone]", "Europe/London")
	v.run(`() => { document.querySelector("input[name=from]").value = "22:00"; document.querySelector("input[name=to]").value = "07:00"; }`)
	v.click(".settings .send")
	v.seeText(".settings .thanks", "Saved")
	v = ann.open(s.url("/me"))
	v.wait("what was chosen is kept", `() => document.querySelector("input[name=like]").checked && document.querySelector("input[name=from]").value === "22:00" && document.querySelector("input[name=zone]").value === "Europe/London"`)

	// Whoever comments follows; somebody else's answer is new.
	carl.fill(thread, 1)
	v = ann.open(s.url("/"))
	v.seeText(".list h2", "Followed")
	v.seeText(".card .mark", "1 new")

	v = ann.open(s.url("/topics"))
	first := v.text(".entry > a")
	v.click(".entry .pill")
	v.wait("it is followed", `() => document.querySelector(".entry .pill")?.getAttribute("aria-pressed") === "true"`)
	v.click(".entry > a")
	v.seeText("h1", first)
	v.wait("the topic's page knows it, too", `() => document.querySelector(".follow .pill").getAttribute("aria-pressed") === "true"`)
	v.see(".card h3")
}

// TestScreensWithoutAScript: the app's pages are links and forms.
func TestScreensWithoutAScript(t *testing.T) {
	s := start(t)
	b := publish(t, s)
	ann := meet(t, "ann")
	ann.open(b.crossSite())
	ann.widget()
	s.caller("Carl").fill(s.caller("Carl").thread(b.crossSite()).ID, 1)
	bob := withoutScript(t, "bob")
	v := bob.open(s.url("/topics"))
	v.click(".entry .pill")
	v.wait("it is followed", `() => document.querySelector(".entry .pill")?.getAttribute("aria-pressed") === "true"`)
	v.click(".nav .to-home")
	v.see(".card h3")
	v.click(".nav .to-me")
	v.click("input[name=like]")
	v.click(".settings .send")
	v.seeText(".settings .thanks", "Saved")
}

// TestInbox: whoever is answered finds it there, until they have seen it.
func TestInbox(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	carl := s.caller("Carl")
	thread := carl.thread(page).ID
	ann := meet(t, "ann")
	v := ann.open(s.url("/t/" + thread))
	v.live()
	v.comment("", "Ann", "Who answers me?")
	v.wantOnce("Who answers me?")
	carl.post(thread, strings.TrimPrefix(v.withText("Who answers me?"), "comment-"), "Carl does.")

	v = ann.open(s.url("/inbox"))
	v.seeText(".unseen-yet .within", "Carl")
	v.seeText(".unseen-yet .text", "Carl does.")
	v.seeText(".nav .unread", "1")
	v.click(".see-all .pill")
	v.gone(".unseen-yet")
	v.gone(".nav .unread")
	v.click(".told-of .within")
	v.wait("it leads to the answer", `() => location.hash.startsWith("#comment-") && !!document.querySelector(location.hash)?.textContent.includes("Carl does.")`)
}
