package e2e

import "testing"

// Where showing the page took long, the program lets five seconds pass in which
// nobody scrolls. The test holds that time in its hands.
func TestTheProgramWaitsOnASlowDevice(t *testing.T) {
	s := start(t)
	bob := meet(t, "bob")
	bob.before(`if (parent !== window) {
		const real = setTimeout;
		window.setTimeout = (f, ms, ...more) => ms === 5000 ? (window.calm = f, 0) : real(f, ms, ...more);
		addEventListener("DOMContentLoaded", () => { for (const until = performance.now() + 200; performance.now() < until;); }); // a task that takes long
	}`)
	blog := bob.open(s.url("/demo"))
	blog.run(`() => document.querySelector("iframe").scrollIntoView({ behavior: "instant" })`)
	w := bob.widget()
	w.wait("the program waits", `() => !!window.calm`)
	if askedForProgram(bob) {
		t.Error("the program was asked for although the device is slow")
	}
	w.run(`() => window.calm()`)
	w.live()
}

// Who saves data is asked for no megabyte, but gets it for touching something.
func TestWhoSavesDataTouchesFirst(t *testing.T) {
	s := start(t)
	bob := meet(t, "bob")
	bob.before(`Object.defineProperty(navigator, "connection", { value: { saveData: true } })`)
	v := bob.open(s.embedOf(s.url("/demo")))
	v.wait("it is painted", `() => performance.getEntriesByName("first-contentful-paint").length > 0`)
	v.run(`() => new Promise((idle) => requestIdleCallback(() => setTimeout(() => requestIdleCallback(idle))))`)
	if askedForProgram(bob) {
		t.Error("the program was asked for")
	}
	v.click("#box")
	v.live()
}
