package session

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"folkmoot/app/list"
	"folkmoot/app/talk"
	"folkmoot/app/ui"
)

// A screen shows a session as a browser would: rows are as high as they are, not as
// was guessed, and what is on the screen stays where it is.
type screen struct {
	t    *testing.T
	s    *Session
	top  float64 // of the document
	pins []string
}

const (
	screenHigh = 800.0
	rowHigh    = 77.0
)

// stands lays the document out.
func (b *screen) stands() (rows []list.Stand, end float64) {
	for _, p := range b.s.State.Parts {
		end += p.Room
		if p.Comment != nil {
			rows = append(rows, list.Stand{Name: name(p), Top: end, Height: rowHigh})
			end += rowHigh
		}
	}
	return rows, end
}

func (b *screen) sight() Sight {
	rows, end := b.stands()
	return Sight{Top: b.top, Bottom: b.top + screenHigh, End: end, Rows: rows, Pins: b.pins}
}

// scroll goes to a place and lets the session show all that belongs there.
func (b *screen) scroll(top float64) {
	b.top = top
	for range 100 {
		b.do(func() { b.s.Scrolled() })
		if !b.s.Ahead {
			return
		}
	}
	b.t.Fatal("there is always more to show")
}

// do changes something, and keeps what is on the screen where it is.
func (b *screen) do(change func()) {
	place := func(id string) (float64, bool) {
		rows, _ := b.stands()
		i := slices.IndexFunc(rows, func(r list.Stand) bool { return r.Name == id })
		if i < 0 {
			return 0, false
		}
		return rows[i].Top, true
	}
	held := ""
	if on := b.on(); len(on) > 0 {
		held = on[0]
	}
	before, _ := place(held)
	change()
	if after, there := place(held); there {
		b.top += after - before
	}
}

// on are the comments on the screen.
func (b *screen) on() (ids []string) {
	rows, _ := b.stands()
	for _, r := range rows {
		if r.Top < b.top+screenHigh && r.Top+r.Height > b.top {
			ids = append(ids, r.Name)
		}
	}
	return ids
}

func (b *screen) wantFull() {
	b.t.Helper()
	if n := len(b.on()); float64(n) < math.Floor(screenHigh/rowHigh) {
		b.t.Errorf("at %v, %d comments are on the screen: %q", b.top, n, b.on())
	}
	if n := len(b.s.State.Parts); n > 60 {
		b.t.Errorf("%d parts are in the document", n)
	}
}

// long shows 2,000 comments, each third a root with two replies.
func long(t *testing.T) *screen {
	var all []talk.Comment
	for i := range 2000 {
		parent := ""
		if i%3 > 0 {
			parent = fmt.Sprintf("c%d", i/3*3)
		}
		all = append(all, comment(fmt.Sprintf("c%d", i), parent, "x"))
	}
	b := &screen{t: t, s: New(ui.State{View: talk.View{Thread: talk.Thread{ID: "t"}, Comments: all, Sort: talk.Oldest}})}
	if n := len(b.s.State.Parts); n != 2000 {
		t.Fatalf("before the page tells where the screen is, %d comments are in the document", n)
	}
	b.s.Sight = b.sight
	b.s.Show()
	b.scroll(0)
	return b
}

func TestOnlyWhatIsOnTheScreenIsShown(t *testing.T) {
	b := long(t)
	for _, by := range []float64{0, 300, 5000, 40_000, -300, -20_000, -300, 1e6, -400} {
		_, end := b.stands()
		b.scroll(min(max(0, b.top+by), end-screenHigh))
		b.wantFull()
	}
	if b.s.Scrolled() {
		t.Error("another look at the same place changes something")
	}
}

func TestWhatIsHeldStays(t *testing.T) {
	b := long(t)
	b.pins = []string{"c4"}
	b.s.State.Boxes["c1"] = ui.Box{}
	b.s.State.Boxes[ui.EditID("c8")] = ui.Box{}
	b.scroll(30_000)
	for _, id := range []string{"c1", "c4", "c8"} {
		if !slices.Contains(shownNames(b.s), id) {
			t.Errorf("%s is gone", id)
		}
	}
	b.wantFull()
}

func shownNames(s *Session) (names []string) {
	for _, p := range s.State.Parts {
		names = append(names, name(p))
	}
	return names
}

func TestBring(t *testing.T) {
	b := long(t)
	b.s.Fold("c1500", true)
	for _, id := range []string{"c1501", "c3", "c1999"} { // the first is folded away
		b.s.Bring(id)
		names := shownNames(b.s)
		at := slices.Index(names, id)
		if at < 0 {
			t.Fatalf("%s isn't there: %q", id, names)
		}
		rows, end := b.stands()
		b.s.Scrolled() // by the reader, a moment before
		b.s.Stood()
		for _, r := range rows {
			if r.Name == id { // where the page scrolls then
				b.scroll(min(max(0, r.Top-screenHigh/2), end-screenHigh))
			}
		}
		if !slices.Contains(b.on(), id) {
			t.Errorf("%s is not on the screen: %q", id, b.on())
		}
		b.wantFull()
	}
}

func TestReading(t *testing.T) {
	b := long(t)
	b.scroll(40_000)
	if got, want := b.s.Reading(), b.on()[0]; got != want {
		t.Errorf("being read is %q, want %q", got, want)
	}
	if got := begin().Reading(); got != "" {
		t.Errorf("where the page tells nothing, %q is being read", got)
	}
}

func TestFoldedBranchesTakeNoRoom(t *testing.T) {
	b := long(t)
	height := b.s.Base.Height()
	if b.s.Fold("c1500", false) {
		t.Error("it was unfolded")
	}
	if !b.s.Fold("c1500", true) || b.s.Base.Height() >= height {
		t.Error("a branch that isn't in the document can't be folded")
	}
	b.wantFull()
}

func TestCommentsFarAwayMoveNothing(t *testing.T) {
	b := long(t)
	b.scroll(40_000)
	on, seq := b.on(), b.s.Base.Thread.Seq
	for i, c := range []struct {
		parent string
		above  bool
	}{{"c3", true}, {"c1998", false}, {"", false}} {
		b.do(func() {
			seq++
			e := talk.Event{Seq: seq, Kind: talk.CommentAdded, Comment: comment(fmt.Sprintf("new%d", i), c.parent, "y")}
			if err := b.s.Heard(e, func(talk.Comment) bool {
				if above, known := b.s.Above(c.parent); above != c.above || !known {
					t.Errorf("what answers %q stands above: %v (known: %v)", c.parent, above, known)
				}
				return false
			}); err != nil {
				t.Fatal(err)
			}
		})
		if now := b.on(); !slices.Equal(now, on) {
			t.Errorf("on the screen are %q, not %q", now, on)
		}
	}
	b.s.Base.Sort = talk.Newest
	if above, _ := b.s.Above(""); !above {
		t.Error("where the newest come first, a comment comes below the screen")
	}
}

func TestNextThatIsNew(t *testing.T) {
	b := long(t)
	b.s.State.Visited = now.Add(-time.Hour)
	for _, c := range b.s.Base.View().Comments {
		c.At = now.Add(-2 * time.Hour)
		if c.ID == "c700" || c.ID == "c1999" {
			c.At = now
		}
		b.s.Base.Replace(c)
	}
	for from, want := range map[string]string{"": "c700", "c5": "c700", "c700": "c1999", "c1999": ""} {
		if got := b.s.NewAfter(from); got != want {
			t.Errorf("after %q comes %q, want %q", from, got, want)
		}
	}
}

func TestPagesBefore(t *testing.T) {
	s := begin()
	s.Base.Prev = "p"
	if last := s.Earlier(talk.View{Comments: []talk.Comment{comment("y", "", "x"), comment("z", "", "x"), comment("a", "", "x")}}); last != "z" {
		t.Errorf("the last before those that were here is %q", last)
	}
	wantShown(t, s, "y", "z", "a", "b")
	s.Base.Next = "n"
	if first := s.More(talk.View{Comments: []talk.Comment{comment("b", "", "x"), comment("c", "", "x"), comment("d", "", "x")}}); first != "c" {
		t.Errorf("the first after those that were here is %q", first)
	}
	wantShown(t, s, "y", "z", "a", "b", "c", "d")
	if s.Base.Prev+s.Base.Next != "" {
		t.Error("there is still more")
	}
}

func TestParseSight(t *testing.T) {
	got := ParseSight("-10.5 789.5 20 9000\na rest-b\na 20 100.25\nrest-b 120.25 56\nbroken")
	want := Sight{Top: -10.5, Bottom: 789.5, Begin: 20, End: 9000, Pins: []string{"a", "rest-b"},
		Rows: []list.Stand{{Name: "a", Top: 20, Height: 100.25}, {Name: "rest-b", Top: 120.25, Height: 56}}}
	if got.Top != want.Top || got.Bottom != want.Bottom || got.Begin != want.Begin || got.End != want.End || !slices.Equal(got.Pins, want.Pins) || !slices.Equal(got.Rows, want.Rows) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	ParseSight("") // says nothing
}

// What a scroll costs the session, of the cost of a frame of the screen.
func BenchmarkScrollAmong10000(b *testing.B) {
	var all []talk.Comment
	for i := range 10_000 {
		parent := ""
		if i%3 > 0 {
			parent = fmt.Sprintf("c%d", i/3*3)
		}
		all = append(all, comment(fmt.Sprintf("c%d", i), parent, "x"))
	}
	s := &screen{s: New(ui.State{View: talk.View{Thread: talk.Thread{ID: "t"}, Comments: all, Sort: talk.Oldest}})}
	s.s.Sight = s.sight
	s.s.Show()
	s.top = 400_000
	b.ReportAllocs()
	for b.Loop() {
		s.top += 100
		s.s.Scrolled()
	}
}
