package live

import (
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"folkmoot/app/talk"
)

func TestViewersSeeEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t", "other")
		ann, bob, other := w.connect(), w.connect(), w.connect()
		ann.join("t")
		if j := bob.join("t"); j.Viewers != 2 || j.Epoch != "life1" || j.Reactions == nil || j.Likes == nil {
			t.Errorf("joined: %+v", j)
		}
		other.join("other")
		synctest.Wait()
		if n := w.server.Viewers("t"); n != 2 {
			t.Errorf("%d viewers", n)
		}
		made := w.post("t", "Is <this> *it*?")
		for _, c := range []*client{ann, bob} {
			if e := c.event(1); e.Comment.HTML != made.HTML || e.Comment.ID != made.ID {
				t.Errorf("got %+v", e)
			}
		}
		synctest.Wait()
		other.nothing()

		bob.send(talk.Request{Type: talk.TypeLeave, Thread: "t"})
		synctest.Wait()
		w.post("t", "And this?")
		ann.event(2)
		synctest.Wait()
		bob.nothing()
		if n := w.server.Viewers("t"); n != 1 {
			t.Errorf("%d viewers", n)
		}
	})
}

func TestJoinSince(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		for range 3 {
			w.post("t", "before")
		}
		liked := w.post("t", "liked").ID
		w.react("t", "like")
		w.do("liker", "", talk.Command{Kind: talk.Like, Comment: liked, On: true})
		c := w.connect()
		c.send(talk.Request{Type: talk.TypeJoin, Thread: "t", Epoch: "life1", Since: 2, Version: 1})
		var j talk.Joined
		c.next(talk.TypeJoined, &j)
		if j.Seq != 4 || j.Version != 2 || j.Reactions["like"] != 1 || j.Likes[liked] != 1 {
			t.Errorf("joined: %+v", j)
		}
		c.event(3)
		c.event(4)
		w.post("t", "after")
		c.event(5)

		// Again on the same connection: it leaves and joins.
		if j := c.join("t"); j.Viewers != 1 {
			t.Errorf("joined again: %+v", j)
		}
		for seq := range uint64(5) {
			c.event(seq + 1)
		}
		w.post("t", "once")
		c.event(6)
		synctest.Wait()
		c.nothing()
	})
}

// What happens while the store is being read for a viewer is neither lost nor
// sent twice, whether it is just in what was read or just not.
func TestJoinRace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		w.store.add("t", "before the room, which doesn't remember it")
		w.connect().joinSince("t", 1) // the room is there
		happens := func() {
			w.post("t", "meanwhile")
			w.react("t", "like")
			time.Sleep(tallyEvery) // until the room has sent it
		}
		w.store.with(func() { w.store.around = happens })
		c := w.connect()
		c.send(talk.Request{Type: talk.TypeJoin, Thread: "t", Epoch: "life1"})
		var j talk.Joined
		c.next(talk.TypeJoined, &j)
		if j.Seq != 2 || j.Version != 1 || j.Reactions["like"] != 1 {
			t.Errorf("joined: %+v", j)
		}
		c.event(1)
		c.event(2)
		c.event(3)
		var counts talk.Counts
		c.next(talk.TypeTally, &counts)
		if counts.Version != 2 || counts.Reactions["like"] != 2 {
			t.Errorf("tally: %+v", counts)
		}
		w.store.with(func() { w.store.around = nil })
		happens()
		c.event(4)
		c.next(talk.TypeTally, nil)
		synctest.Wait()
		c.nothing()
	})
}

func TestJoinIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t", "long")
		w.post("t", "one")
		for range 600 {
			w.store.add("long", "x")
		}
		c := w.connect()
		for _, q := range []talk.Request{
			{Thread: "t", Epoch: "life1", Since: 2},
			{Thread: "t", Epoch: "life1", Version: 1},
			{Thread: "t", Epoch: "life0"},
			{Thread: "long", Epoch: "life1", Since: 99},
		} {
			q.Type = talk.TypeJoin
			c.send(q)
			var e talk.Envelope
			c.next(talk.TypeResync, &e)
			if e.Thread != q.Thread || w.server.Viewers(q.Thread) != 0 {
				t.Errorf("after %+v: %+v, %d viewers", q, e, w.server.Viewers(q.Thread))
			}
		}
		c.send(talk.Request{Type: talk.TypeJoin, Thread: "nowhere", Epoch: "life1"})
		var r talk.Refused
		c.next(talk.TypeRefused, &r)
		if r.Code != talk.NotFound || r.Thread != "nowhere" || r.Ref != "" {
			t.Errorf("refused: %+v", r)
		}
		w.store.with(func() { w.store.fail = errStore })
		c.send(talk.Request{Type: talk.TypeJoin, Thread: "t", Epoch: "life1"})
		c.next(talk.TypeRefused, &r)
		if r.Code != talk.Unavailable || strings.Contains(r.Message, "fish") {
			t.Errorf("refused: %+v", r)
		}
		w.store.with(func() { w.store.fail = nil })
		c.join("t")
		c.event(1)
		c.send(talk.Request{Type: talk.TypeJoin, Thread: "long", Epoch: "life1", Since: 100})
		c.next(talk.TypeJoined, nil)
		for seq := range uint64(500) {
			c.event(101 + seq)
		}
	})
}

func TestBigCatchUpIsNotFallingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		for range 300 {
			w.store.add("t", strings.Repeat("<p>x</p>", 2000)) // 5 MB
		}
		c := w.connect()
		c.join("t")
		for seq := range uint64(300) {
			c.event(seq + 1)
		}
	})
}

func TestLostUpdatesAreRepaired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		ann, bob := w.connect(), w.connect()
		ann.join("t")
		bob.join("t")
		reads := w.store.catchUps

		w.store.add("t", "lost")
		w.store.add("t", "lost, too")
		w.post("t", "shows the gap")
		for seq := range uint64(3) {
			ann.event(seq + 1)
			bob.event(seq + 1)
		}
		if n := w.store.catchUps - reads; n != 1 {
			t.Errorf("the store was read %d times for one gap", n)
		}

		w.store.add("t", "the last one is lost")
		start := time.Now()
		ann.event(4)
		bob.event(4)
		if d := time.Since(start); d > compareEvery {
			t.Errorf("found after %v", d)
		}

		w.bus.set(1, 0, 0)
		w.react("t", "like")
		var counts talk.Counts
		ann.next(talk.TypeTally, &counts)
		if counts.Version != 1 || counts.Reactions["like"] != 1 {
			t.Errorf("tally: %+v", counts)
		}
		bob.next(talk.TypeTally, nil)

		w.post("t", "found at once if asked")
		start = time.Now()
		w.server.Check()
		ann.event(5)
		if d := time.Since(start); d > 0 {
			t.Errorf("found after %v", d)
		}
	})
}

// A later tally must not hide what a lost one said.
func TestLostTallyInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		c := w.connect()
		c.join("t")
		w.bus.set(1, 0, 0)
		w.react("t", "heart")
		synctest.Wait()
		w.bus.set(0, 0, 0)
		w.react("t", "like")
		var counts talk.Counts
		c.next(talk.TypeTally, &counts)
		if counts.Version != 2 || !maps.Equal(counts.Reactions, map[string]int{"heart": 1, "like": 1}) {
			t.Errorf("tally: %+v", counts)
		}
	})
}

func TestRepairWaitsForTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		c := w.connect()
		c.join("t")
		w.store.add("t", "lost")
		shows := w.store.add("t", "shows the gap")
		w.store.with(func() { w.store.fail = errStore })
		w.bus.Publish(t.Context(), shows)
		time.Sleep(20 * time.Second)
		c.nothing()
		w.store.with(func() { w.store.fail = nil })
		c.event(1)
		c.event(2)
	})
}

func TestTooFarBehindOrAnotherLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		c := w.connect()
		c.join("t")
		for range 501 {
			w.store.add("t", "lost")
		}
		c.next(talk.TypeResync, nil)
		if n := w.server.Viewers("t"); n != 0 {
			t.Errorf("%d viewers", n)
		}
		c.send(talk.Request{Type: talk.TypeJoin, Thread: "t", Epoch: "life1", Since: 501})
		c.next(talk.TypeJoined, nil)
		w.post("t", "new")
		c.event(502)

		w.store.with(func() { w.store.epoch = "life2" })
		c.next(talk.TypeResync, nil)
		c.send(talk.Request{Type: talk.TypeJoin, Thread: "t", Epoch: "life2", Since: 502})
		c.next(talk.TypeJoined, nil)
		w.post("t", "of this life")
		c.event(503)
	})
}

func TestTalliesAreCoalesced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		c := w.connect()
		c.join("t")
		start := time.Now()
		w.react("t", "like")
		c.next(talk.TypeTally, nil)
		if d := time.Since(start); d > 0 {
			t.Errorf("a tally waited %v though it was quiet", d)
		}
		for range 999 {
			w.react("t", "like")
			time.Sleep(time.Millisecond)
		}
		var counts talk.Counts
		tallies := 0
		for counts.Version < 1000 {
			c.next(talk.TypeTally, &counts)
			tallies++
		}
		if tallies < 9 || tallies > 11 || counts.Reactions["like"] != 1000 {
			t.Errorf("%d tallies in a second, the last %+v", tallies, counts)
		}
		if w.store.catchUps > 1 {
			t.Errorf("the store was read %d times", w.store.catchUps)
		}
	})
}

func TestPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		ann := w.connect()
		ann.join("t")
		synctest.Wait()
		if len(ann.got) > 0 {
			t.Errorf("a viewer was told what it knows: %s", <-ann.got)
		}
		start := time.Now()
		bob := w.connect()
		bob.join("t")
		var p talk.Presence
		ann.next(talk.TypePresence, &p)
		if p.Viewers != 2 || time.Since(start) > 0 {
			t.Errorf("%+v after %v", p, time.Since(start))
		}
		for range 20 {
			w.connect().join("t")
		}
		ann.next(talk.TypePresence, &p)
		if p.Viewers != 22 || time.Since(start) != presenceEvery {
			t.Errorf("%+v after %v", p, time.Since(start))
		}
		bob.ws.Close()
		ann.next(talk.TypePresence, &p)
		if p.Viewers != 21 {
			t.Errorf("%+v", p)
		}
	})
}
