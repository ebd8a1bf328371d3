package live

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// Whoever comes back after a short while, or all at once, costs the store nothing.
func TestJoinsFromMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		w.post("t", "before the room")
		w.connect().joinSince("t", 1)
		for i := range 20 {
			w.post("t", fmt.Sprint("comment ", i))
		}
		w.react("t", "heart")
		synctest.Wait()
		reads, heads := w.store.catchUps, w.store.heads
		for since := uint64(1); since <= 21; since++ {
			c := w.connect()
			if j := c.joinSince("t", since); j.Seq != 21 || j.Version != 1 || !maps.Equal(j.Reactions, map[string]int{"heart": 1}) {
				t.Errorf("since %d: %+v", since, j)
			}
			for seq := since + 1; seq <= 21; seq++ {
				c.event(seq)
			}
			synctest.Wait()
			c.nothing()
		}
		if w.store.catchUps != reads || w.store.heads != heads {
			t.Errorf("the store was read %d times", w.store.catchUps-reads+w.store.heads-heads)
		}
		w.store.with(func() { w.store.fail = errStore }) // and not even then
		w.connect().joinSince("t", 20)
		w.store.with(func() { w.store.fail = nil })
		c := w.connect()
		c.join("t") // that is before what the room remembers
		c.event(1)
	})
}

func TestRecentForgets(t *testing.T) {
	var p recent
	p.restart(forum.Head{Seq: 10, Version: 5}, map[string]int{"like": 3})
	at := forum.Head{Seq: 10, Version: 5}
	for i := range 2 * recentEntries {
		at.Seq++
		p.add(entry{seq: at.Seq, frame: make([]byte, 10)})
		if i%10 == 0 {
			at.Version++
			p.count(talk.Tally{Version: at.Version, Reactions: map[string]int{"like": i}, Likes: map[string]int{"c": i}})
		}
	}
	if _, _, ok := p.since(forum.Head{Seq: 10, Version: 5}, at); ok {
		t.Error("what it has forgotten is missing")
	}
	for have := at.Seq - recentEntries; have <= at.Seq; have++ {
		j, missed, ok := p.since(forum.Head{Seq: have, Version: at.Version - 1}, at)
		if !ok || len(missed) != int(at.Seq-have) || j.Likes["c"] != 510 || j.Reactions["like"] != 510 {
			t.Fatalf("since %d: %v, %d entries, %+v", have, ok, len(missed), j)
		}
	}
	if _, _, ok := p.since(forum.Head{Seq: at.Seq + 1, Version: at.Version}, at); ok {
		t.Error("somebody is ahead of the room")
	}
	p.add(entry{seq: at.Seq + 1, frame: make([]byte, 2*recentBytes)})
	if len(p.entries) != 0 || p.bytes != 0 || p.from.Seq != at.Seq+1 {
		t.Errorf("kept %d entries of %d bytes, from %d", len(p.entries), p.bytes, p.from.Seq)
	}
}

// The text of what was removed is sent to nobody who joins afterwards.
func TestRemovedTextIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		w.connect().join("t")
		c := w.post("t", "I should not have said so")
		w.post("t", "Another")
		w.do("poster", "", talk.Command{Kind: talk.Delete, Comment: c.ID})
		synctest.Wait()
		for _, since := range []uint64{0, 1, 2, 3} {
			late := w.connect()
			late.joinSince("t", since)
			synctest.Wait()
			for len(late.got) > 0 {
				if text := string(<-late.got); strings.Contains(text, "should not") {
					t.Errorf("since %d: %s", since, text)
				}
			}
		}
	})
}

// Nodes tell of what they wrote each in its own time. What has overtaken
// something waits for it a moment, instead of reading the store each time.
func TestOvertakenUpdatesWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		c := w.connect()
		c.join("t")
		reads := w.store.catchUps
		first, second, third := w.store.add("t", "1"), w.store.add("t", "2"), w.store.add("t", "3")
		for _, u := range []talk.Update{third, second} {
			w.bus.Publish(t.Context(), u)
		}
		time.Sleep(gapWait / 2)
		c.nothing()
		w.bus.Publish(t.Context(), first)
		for seq := range uint64(3) {
			c.event(seq + 1)
		}
		time.Sleep(10 * gapWait)
		if n := w.store.catchUps - reads; n != 0 {
			t.Errorf("the store was read %d times", n)
		}
		w.store.add("t", "lost")
		w.bus.Publish(t.Context(), w.store.add("t", "5"))
		start := time.Now()
		c.event(4)
		c.event(5)
		if d := time.Since(start); d != gapWait {
			t.Errorf("what was lost came after %v", d)
		}
	})
}

// In a crowd, entries that come soon after each other are written as one.
func TestEntriesAreJoined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "t")
		var crowd []*client
		for range 200 {
			c := w.connect()
			c.join("t")
			crowd = append(crowd, c)
		}
		time.Sleep(10 * time.Second)
		before := written.Get()
		start := time.Now()
		w.post("t", "at once, since it is quiet")
		crowd[0].event(1)
		if d := time.Since(start); d > 0 {
			t.Errorf("a lone comment waited %v", d)
		}
		for seq := range uint64(100) {
			w.post("t", "one of many")
			if seq%10 == 9 {
				time.Sleep(time.Millisecond)
			}
		}
		for _, c := range crowd[1:] {
			for seq := range uint64(101) {
				c.event(seq + 1)
			}
		}
		if d := time.Since(start); d > 10*time.Millisecond+200*entriesEach {
			t.Errorf("the last came after %v", d)
		}
		if n := written.Get() - before; n > 200*4 {
			t.Errorf("%d writes to tell 200 viewers of 101 comments", n)
		}
	})
}
