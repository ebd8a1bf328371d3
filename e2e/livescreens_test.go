package e2e

import (
	"strings"
	"testing"
)

// TestScreensAreLive: what happens shows on pages that are open: an answer in the
// inbox and in the navigation, a conversation at home.
func TestScreensAreLive(t *testing.T) {
	s := start(t)
	carl := s.caller("Carl")
	thread := carl.thread(s.url("/demo")).ID
	ann := meet(t, "ann")
	v := ann.open(s.url("/t/" + thread))
	v.live()
	v.comment("", "Ann", "Who answers me?")
	v.withText("Who answers me?")
	v.gone("article.waiting")
	mine := strings.TrimPrefix(v.withText("Who answers me?"), "comment-")

	// On the conversation's own page the navigation counts.
	v.seeText(".nav", "Inbox")
	carl.post(thread, mine, "Carl does.")
	v.seeText(".nav .unread", "1")
	v.wait("the title says so", `() => document.title.startsWith("(1) ")`)

	v = ann.open(s.url("/inbox"))
	v.running()
	v.seeText(".told-of .text", "Carl does.")
	carl.post(thread, mine, "And once more.")
	v.wait("the other answer comes, or waits for whoever asks", `() => {
		document.querySelector(".later button")?.click();
		return [...document.querySelectorAll(".told-of .text")].some((e) => e.textContent.includes("And once more."));
	}`)
	v.seeText(".nav .unread", "2")
	v.click(".see-all .pill")
	v.gone(".nav .unread")
	v.gone(".unseen-yet")

	v = ann.open(s.url("/"))
	v.running()
	other := carl.thread(s.url("/other")).ID
	carl.post(other, "", "Something new.")
	v.wait("the other conversation is lively, or waits for whoever asks", `(id) => {
		document.querySelector(".later button")?.click();
		return !!document.querySelector(".lively a[href*='/t/" + id + "']");
	}`, other)
}

// TestFollowingAndKeys: a conversation is followed and muted in place; keys do
// what their list says, and nothing while somebody writes.
func TestFollowingAndKeys(t *testing.T) {
	s := start(t)
	carl := s.caller("Carl")
	thread := carl.thread(s.url("/demo")).ID
	carl.fill(thread, 2)
	ann := meet(t, "ann")
	v := ann.open(s.url("/t/" + thread))
	v.live()
	v.click(".follows")
	v.seeText(`.follows[aria-pressed="true"]`, "Following")
	v.outboxHolds(0)
	v = ann.open(s.url("/t/" + thread))
	v.live()
	v.seeText(`.follows[aria-pressed="true"]`, "Following")
	v.click(".mutes")
	v.see(`.mutes[aria-pressed="true"]`)
	v.see(`.follows[aria-pressed="false"]`)

	ann.key("?", "?", 191)
	v.see("#keys[open]")
	v.accessible("the list of keys")
	ann.key("Escape", "", 27)
	v.gone("#keys[open]")
	v.click("#box")
	ann.key("?", "?", 191)
	if got := v.value("#box"); got != "?" || v.count("#keys[open]") != 0 {
		t.Errorf("while writing, the key writes %q and opens %d lists", got, v.count("#keys[open]"))
	}
	v.run(`() => document.activeElement.blur()`)
	ann.key("g", "g", 71)
	ann.key("i", "i", 73)
	v.wait("g i goes to the inbox", `() => location.pathname === "/inbox"`)
}
