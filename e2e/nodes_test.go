package e2e

import (
	"net/url"
	"testing"

	"folkmoot/server/testservers"
)

// Two people on two nodes are one conversation, whatever breaks in between.
func TestTwoNodes(t *testing.T) {
	c, err := testservers.StartCluster(t.Context(), testservers.Dir(t), binary, "127.0.0.1:0", 2, "--rate-limits", "off")
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	embed := "/embed?page=" + url.QueryEscape(c.URL+"/demo")
	ann, bob, late := meet(t, "ann"), meet(t, "bob"), meet(t, "late")
	ann.expect(serverGone)
	late.expect(serverGone)
	a, b := ann.open(c.Nodes[0].URL+embed), bob.open(c.Nodes[1].URL+embed)
	a.live()
	b.live()
	a.seeText(".here", "2 here now")
	b.seeText(".here", "2 here now")
	a.comment("", "Ann", "Said on the first node.")
	b.withText("Said on the first node.")
	b.click(reaction("heart"))
	a.counts(reaction("heart"), "1")
	b.write("#box", "Written on the second")
	b.write("#box-name", "Bob")
	b.click("form:has(> #box) .send")
	a.withText("Written on the second")

	// Without Redis, what happens on one node shows on the other all the same.
	must(c.Redis.Stop())
	a.comment("", "Ann", "Said without Redis.")
	b.wantOnce("Said without Redis.")
	must(c.Redis.Start(t.Context()))

	// Without PostgreSQL, what was said stays readable, and what is written is
	// given back with a reason.
	must(c.Postgres.Kill())
	a.write("#box", "Said to a wall")
	a.click("form:has(> #box) .send")
	a.refused("#box", "try again in a moment", "Said to a wall", "Ann")
	l := late.open(c.Nodes[0].URL + embed)
	l.withText("Said without Redis.")
	must(c.Postgres.Start(t.Context()))
	l.live()
	a.click("form:has(> #box) .send")
	for _, v := range []*view{b, l} {
		v.wantOnce("Said on the first node.", "Written on the second", "Said without Redis.", "Said to a wall")
	}

	// A node dies; what happened meanwhile is caught up with when it is back.
	must(c.Nodes[0].Kill())
	late.open("about:blank#left")
	a.seeText(".status", "Reconnecting")
	b.comment("", "Bob", "Said while a node was gone.")
	b.gone("article.waiting")
	must(c.Nodes[0].Start(t.Context()))
	a.live()
	a.wantOnce("Said while a node was gone.", "Said to a wall")
}
