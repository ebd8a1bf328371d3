package redis

import (
	"encoding/json"
	"strings"
	"testing"

	"folkmoot/app/talk"
)

func TestMessages(t *testing.T) {
	s, me := newSeal([]byte("key")), node{1, 2, 3}
	m := string(s.message("c", me, []byte("body")))
	if from, body, why := s.open("c", m); from != me || string(body) != "body" || why != "" {
		t.Errorf("opened %v, %q, %q", from, body, why)
	}
	if !isFrom(m, me) || isFrom(m, node{}) || isFrom(m[:5], node{}) {
		t.Error("a node doesn't know its own")
	}
	if _, _, why := newSeal([]byte("other")).open("c", m); why != forged {
		t.Errorf("another site's is dropped for %q", why)
	}
	for n := range len(m) {
		if _, _, why := s.open("c", m[:n]); why == "" {
			t.Errorf("%d bytes of %d pass", n, len(m))
		}
	}
	// A channel's end must not pass for a message's beginning.
	if _, _, why := s.open("c"+m[:1], m[1:]); why == "" {
		t.Error("a message was moved")
	}
}

func TestBodiesAreSmall(t *testing.T) {
	long := strings.Repeat("x", 2*maxBytes)
	many := map[string]int{}
	for i := range 5000 {
		many[long[:20]+string(rune('a'+i%26))+strings.Repeat("y", i%40)+string(rune(0x4e00+i))] = i
	}
	names := make([]string, 5000)
	for i := range names {
		names[i] = "Somebody"
	}
	event := func(seq uint64, html string) talk.Event {
		return talk.Event{Seq: seq, Comment: talk.Comment{HTML: html}}
	}
	for name, u := range map[string]talk.Update{
		"an entry":          {Events: []talk.Event{event(7, long)}},
		"entries":           {Events: []talk.Event{event(5, long[:maxBytes/2]), event(6, long[:maxBytes/2]), event(7, long[:100])}},
		"and a tally":       {Events: []talk.Event{event(7, long)}, Tally: &talk.Tally{Version: 3, Reactions: map[string]int{"like": 1}}, Since: 2},
		"a tally":           {Tally: &talk.Tally{Version: 3, Likes: many}, Since: 2, Seq: 7},
		"a crowd":           {Crowd: &talk.Crowd{Node: "n", Viewers: 5000, Typing: names}, Seq: 7},
		"all":               {Events: []talk.Event{event(6, "a"), event(7, long)}, Tally: &talk.Tally{Version: 3, Likes: many}, Since: 2, Crowd: &talk.Crowd{Viewers: 5000, Typing: names}},
		"one that is small": {Events: []talk.Event{event(7, "a")}, Tally: &talk.Tally{Version: 3}, Since: 2},
		"no thread's":       {Thread: long, Events: []talk.Event{event(7, "a")}, Tally: &talk.Tally{Version: 3, Likes: many}, Crowd: &talk.Crowd{Typing: names}},
	} {
		parts, err := bodies(u)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var seq, version uint64
		viewers := 0
		for _, body := range parts {
			if len(body)+headBytes > maxBytes {
				t.Errorf("%s: a message of %d bytes", name, len(body))
			}
			var part talk.Update
			if err := json.Unmarshal(body, &part); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for _, e := range part.Events {
				seq = max(seq, e.Seq)
			}
			seq = max(seq, part.Seq)
			if part.Tally != nil {
				version = part.Tally.Version
				if u.Tally.Likes != nil && part.Tally.Likes == nil && part.Since != version {
					t.Errorf("%s: a tally without its counts passes for the whole", name)
				}
			}
			if part.Crowd != nil {
				viewers = part.Crowd.Viewers
			}
		}
		if u.Thread != "" {
			continue
		}
		if seq != 7 || u.Tally != nil && version != 3 || u.Crowd != nil && viewers != 5000 {
			t.Errorf("%s: of %d parts, the last entry is %d, the tally %d, the viewers %d", name, len(parts), seq, version, viewers)
		}
	}
}
