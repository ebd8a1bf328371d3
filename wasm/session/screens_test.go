package session_test

import (
	"strconv"
	"testing"
	"time"

	"folkmoot/app/talk"
	"folkmoot/app/ui"
	"folkmoot/wasm/session"
)

func cards(ids ...string) (all []talk.Card) {
	for _, id := range ids {
		all = append(all, talk.Card{ID: id})
	}
	return all
}

func order(all []talk.Card) (ids string) {
	for _, c := range all {
		ids += c.ID
	}
	return ids
}

// What the reader may be about to press stays where it is; what is said of it
// changes there, and the rest waits until they want it.
func TestLivelyMovesNothingThatMayBePressed(t *testing.T) {
	s := &ui.Screen{Home: &talk.Home{Live: []talk.Card{{ID: "a", Level: talk.Follows, New: 2}, {ID: "b"}}}}
	now := []talk.Card{{ID: "c"}, {ID: "b", Comments: 7}, {ID: "a", Comments: 5}}
	session.Lively(s, now, false)
	if got := order(s.Home.Live); got != "ab" {
		t.Errorf("it has moved: %s", got)
	}
	if a := s.Home.Live[0]; a.Comments != 5 || a.Level != talk.Follows || a.New != 2 {
		t.Errorf("a is %+v", a)
	}
	if len(s.Later) != 3 {
		t.Errorf("%d wait, want 3", len(s.Later))
	}
	session.ShowLater(s)
	if got := order(s.Home.Live); got != "cba" || s.Later != nil {
		t.Errorf("shown are %s, and %d wait", got, len(s.Later))
	}
	session.Lively(s, cards("b", "a"), true)
	if got := order(s.Home.Live); got != "ba" || s.Later != nil {
		t.Errorf("a list that may move is %s", got)
	}
}

// A conversation whose part in the reader's life isn't known makes the page ask,
// once; one that they mute doesn't any more.
func TestStrangeConversationsAreAskedFor(t *testing.T) {
	s := &ui.Screen{Home: &talk.Home{Live: cards("a"), Followed: []talk.Card{{ID: "f", Level: talk.Follows, Seq: 3}}}}
	for _, c := range []struct {
		card   talk.Card
		hidden bool
		want   bool
	}{
		{talk.Card{ID: "a", Seq: 9}, false, false},
		{talk.Card{ID: "x"}, false, true},
		{talk.Card{ID: "x"}, true, false},
		{talk.Card{ID: "f", Seq: 3}, false, false},
		{talk.Card{ID: "f", Seq: 4}, false, true},
	} {
		if got := session.Strange(s, []talk.Card{c.card}, map[string]bool{c.card.ID: c.hidden}); got != c.want {
			t.Errorf("%s at %d, hidden %v: %v", c.card.ID, c.card.Seq, c.hidden, got)
		}
	}
}

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func notice(id string, minute int) talk.Notice {
	return talk.Notice{Kind: talk.Reply, Comment: talk.Comment{ID: id}, At: noon.Add(time.Duration(minute) * time.Minute)}
}

func told(all []talk.Notice) (ids string) {
	for _, n := range all {
		ids += n.Comment.ID
	}
	return ids
}

func TestAnInboxFills(t *testing.T) {
	s := &ui.Screen{Inbox: &talk.Inbox{Notices: []talk.Notice{notice("b", 2), notice("a", 1)}}}
	session.Told(s, talk.Inbox{Notices: []talk.Notice{notice("c", 3), notice("b", 2), notice("a", 1)}, Unread: 3}, false)
	if got := told(s.Inbox.Notices); got != "ba" || told(s.Fresh) != "c" || s.Inbox.Unread != 3 {
		t.Fatalf("shown are %s, %s waits, %d are unread", got, told(s.Fresh), s.Inbox.Unread)
	}
	until := session.SeenAll(s)
	if !until.Equal(noon.Add(2*time.Minute)) || s.Inbox.Unread != 1 {
		t.Errorf("seen until %v, and %d unread: what waits isn't seen", until, s.Inbox.Unread)
	}
	session.ShowLater(s)
	if got := told(s.Inbox.Notices); got != "cba" || len(s.Fresh) != 0 {
		t.Errorf("shown are %s", got)
	}
	session.SawOf(s, "c")
	if !s.Inbox.Notices[0].Seen || s.Inbox.Unread != 0 {
		t.Errorf("what was opened is %+v", s.Inbox.Notices[0])
	}
	again := notice("a", 5) // liked again, say: it comes to the top, and is there once
	session.Told(s, talk.Inbox{Notices: []talk.Notice{again, notice("c", 3)}}, true)
	if got := told(s.Inbox.Notices); got != "ac" {
		t.Errorf("shown are %s: b was taken back", got)
	}
}

// However long a list is, few of its sheets are in the document, and the one
// with the focus is; what is not takes the room that it took.
func TestAListOfTenThousandStaysShort(t *testing.T) {
	s := &ui.Screen{Inbox: &talk.Inbox{Notices: []talk.Notice{}}}
	for page := range 200 {
		next := &ui.Screen{Inbox: &talk.Inbox{Next: "more"}}
		for i := range ui.SheetItems {
			next.Inbox.Notices = append(next.Inbox.Notices, notice(strconv.Itoa(page*ui.SheetItems+i), 0))
		}
		session.Furthered(s, next)
		session.Furthered(s, next) // twice is once
	}
	_, items := session.Next(s)
	if items != 10000 || s.Sheets(items) != 200 {
		t.Fatalf("%d items on %d sheets", items, s.Sheets(items))
	}
	const high, screen = 4000.5, 800.0
	tops, bottoms := make([]float64, 200), make([]float64, 200)
	for i := range tops { // the hundredth is on the screen
		tops[i] = float64(i-100) * high
		bottoms[i] = tops[i] + high
	}
	if !session.Window(s, tops, bottoms, screen, 7) {
		t.Error("nothing has changed")
	}
	there := 0
	for i, room := range s.Rooms {
		if room == 0 {
			there++
		} else if room != high {
			t.Errorf("sheet %d takes %v", i, room)
		}
	}
	if there > 4 || s.Rooms[100] != 0 || s.Rooms[7] != 0 {
		t.Errorf("%d sheets are in the document", there)
	}
	if session.Window(s, tops, bottoms, screen, 7) {
		t.Error("it changes although nothing has moved")
	}
	// What comes in at the top leaves the other sheets what they are.
	from, to := s.Sheet(1, items)
	fresh := notice("fresh", 1)
	s.Fresh = []talk.Notice{fresh}
	session.ShowLater(s)
	if f, u := s.Sheet(1, items+1); f != from+1 || u != to+1 {
		t.Errorf("the second sheet was %d to %d, and is %d to %d", from, to, f, u)
	}
}

func TestFollowingShowsAtOnce(t *testing.T) {
	for _, c := range []struct {
		was  talk.Level
		do   talk.Do
		on   bool
		want talk.Level
	}{
		{"", talk.Follow, true, talk.Follows}, {talk.Follows, talk.Follow, false, ""}, {talk.Follows, talk.Mute, true, talk.Mutes},
		{talk.Follows, talk.Mute, false, talk.Follows}, {talk.Mutes, talk.Mute, false, ""},
	} {
		if got := session.Marked(c.was, c.do, c.on); got != c.want {
			t.Errorf("%q, %s %v: %q, want %q", c.was, c.do, c.on, got, c.want)
		}
	}
}
