package list_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"folkmoot/app/list"
	"folkmoot/app/talk"
)

func comment(id, parent string) talk.Comment {
	return talk.Comment{ID: id, Parent: parent, State: talk.Published, HTML: "<p>" + id + "</p>"}
}

func none(string) bool { return false }

func newList(comments ...talk.Comment) *list.List {
	return list.New(talk.View{Comments: comments, Sort: talk.Oldest}, map[string]bool{}, none)
}

// outline is what stands in the document: "a(b) +2" is a with b below it and two
// missing after that; ~ is room.
func outline(parts []list.Part) string {
	var out []string
	for _, p := range parts {
		s := ""
		if p.Room > 0 {
			s = "~"
		}
		switch {
		case p.Rest > 0:
			s += fmt.Sprintf("+%d", p.Rest)
		case p.Comment != nil:
			s += fmt.Sprintf("%s%d", p.Comment.ID, p.Level)
			if p.Aside {
				s += "<"
			}
			if p.Below > 0 {
				s += fmt.Sprintf("/%d", p.Below)
			}
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func want(t *testing.T, l *list.List, want string) {
	t.Helper()
	if got := outline(l.Parts()); got != want {
		t.Errorf("in the document are %q, want %q", got, want)
	}
}

func added(l *list.List, c talk.Comment) {
	l.Apply(talk.Event{Seq: l.Thread.Seq + 1, Kind: talk.CommentAdded, Comment: c}, func() bool { return false })
}

func TestLevels(t *testing.T) {
	l := newList(comment("a", ""), comment("b", "a"), comment("c", "b"), comment("d", "c"), comment("e", "d"), comment("f", "e"), comment("g", "d"), comment("h", ""))
	want(t, l, "a1/6 b2/5 c3/4 d4 e4< f4< g4< h1")
}

func TestMissingReplies(t *testing.T) {
	l := list.New(talk.View{
		Comments: []talk.Comment{comment("a", ""), comment("b", "a"), comment("c", "b"), comment("z", "")},
		Sort:     talk.Oldest, Rest: map[string]int{"c": 5},
	}, map[string]bool{}, none)
	want(t, l, "a1/7 b2/1 c3 +5 z1")
	added(l, comment("d", "c")) // they are all behind those that are missing
	added(l, comment("d", "b"))
	added(l, comment("d", "a"))
	want(t, l, "a1/10 b2/1 c3 +8 z1")
	l.Wait(comment("ref-1", "a")) // but mine shows
	want(t, l, "a1/11 b2/1 c3 +8 ref-12 z1")
	l.Become("ref-1", comment("mine", "a"))
	// The next are of a comment that is here, of one that comes with them, and of
	// one that doesn't.
	l.Fill("c", talk.View{Comments: []talk.Comment{comment("d", "c"), comment("e", "d"), comment("f", "a"), comment("g", "lost")}, Rest: map[string]int{"g": 4}})
	want(t, l, "a1/11 b2/3 c3/2 d4 e4< f2 g2< +4 mine2 z1")
	l.Fill("g", talk.View{Comments: []talk.Comment{comment("h", "f"), comment("mine", "a")}})
	want(t, l, "a1/8 b2/3 c3/2 d4 e4< f2/1 h3 g2< mine2 z1")
}

func TestFolding(t *testing.T) {
	var all []talk.Comment
	for i := range 400 {
		c := comment(fmt.Sprintf("c%03d", i), "")
		if i%4 > 0 {
			c.Parent = fmt.Sprintf("c%03d", i-1)
		}
		all = append(all, c)
	}
	l := newList(all...)
	height := l.Height()
	l.Fold("c001", true)
	if got := l.Height(); got >= height {
		t.Errorf("folded, it is %v pixels high, not less than %v", got, height)
	}
	l.See(0, 500, 0)
	if got := outline(l.Parts()); !strings.HasPrefix(got, "c0001/3 c0012/2 c0041/3 ") {
		t.Errorf("in the document are %q", got)
	}
	if _, _, shown := l.Place("c003"); shown {
		t.Error("a comment that is folded away is shown")
	}
	added(l, comment("new", "c003"))
	if _, _, shown := l.Place("new"); shown {
		t.Error("an answer has unfolded what it answers")
	}
	if !l.Unfold("new") || l.Unfold("new") {
		t.Error("it can't be unfolded once")
	}
	if l.Measure("new", 0); l.Height() != height {
		t.Errorf("unfolded, it is %v pixels high, want %v", l.Height(), height)
	}
}

func TestBareStones(t *testing.T) {
	kept := map[string]bool{}
	stone := func(id, parent string) talk.Comment { return talk.Comment{ID: id, Parent: parent, State: talk.Removed} }
	l := list.New(talk.View{Comments: []talk.Comment{stone("a", ""), stone("b", "a"), comment("c", ""), stone("d", "")}, Sort: talk.Oldest},
		map[string]bool{}, func(id string) bool { return kept[id] })
	want(t, l, "c1")
	added(l, comment("e", "b"))
	want(t, l, "a1/2 b2/1 e3 c1")
	kept["e"] = true
	l.Replace(stone("e", "b"))
	want(t, l, "a1/2 b2/1 e3 c1")
	if !l.Shows("e") || l.Shows("d") || l.Shows("nosuch") {
		t.Error("a stone that is kept isn't shown, or another is")
	}
	kept["e"] = false
	want(t, l, "a1/2 b2/1 e3 c1")
	l.Look()
	want(t, l, "c1")
	kept["d"], kept["e"] = true, true // what was given back to a box has its place again
	l.Look()
	want(t, l, "a1/2 b2/1 e3 c1 d1")
}

// TestAsATreeShowsIt changes a list in any way, and holds what it shows against
// what is computed all at once.
func TestAsATreeShowsIt(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 3))
		l := newList()
		var ids []string
		some := func() string { return ids[r.IntN(len(ids))] }
		for i := range 300 {
			seq := l.Thread.Seq + 1
			if len(ids) == 0 || r.IntN(3) > 0 {
				c := comment(fmt.Sprintf("c%d", i), "")
				c.At = time.Unix(int64(i), 0)
				if len(ids) > 0 && r.IntN(4) > 0 {
					c.Parent = some()
				}
				hide := r.IntN(5) == 0
				l.Apply(talk.Event{Seq: seq, Kind: talk.CommentAdded, Comment: c}, func() bool { return hide })
				ids = append(ids, c.ID)
				continue
			}
			c := l.Find(some()).Comment
			switch r.IntN(6) {
			case 0:
				c.State = talk.Removed
				l.Apply(talk.Event{Seq: seq, Kind: talk.CommentRemoved, Comment: c}, nil)
			case 1:
				c.State = talk.Published
				l.Apply(talk.Event{Seq: seq, Kind: talk.CommentRestored, Comment: c}, nil)
			case 2:
				c.Pinned = !c.Pinned && c.Parent == ""
				l.Apply(talk.Event{Seq: seq, Kind: talk.CommentPinned, Comment: c}, nil)
			case 3:
				l.Reveal(c.ID)
			case 4:
				l.Fold(c.ID, r.IntN(2) == 0)
			case 5:
				l.Measure(c.ID, float64(r.IntN(500)))
			}
		}
		unseen := map[string]bool{}
		for id := range l.Unseen {
			unseen[id] = true
		}
		fresh := list.New(l.View(), unseen, none)
		if got, want := outline(l.Whole()), outline(fresh.Whole()); got != want {
			t.Fatalf("seed %d: shown are\n%s\nwant\n%s", seed, got, want)
		}
		consistent(t, l)
	}
}

// consistent holds the sums of a list against its parts.
func consistent(t *testing.T, l *list.List) {
	t.Helper()
	y := 0.0
	for _, p := range l.Parts() {
		y += p.Room
		if p.Comment == nil {
			continue
		}
		name := p.Comment.ID
		if p.Rest > 0 {
			name = "rest-" + name
		}
		top, bottom, shown := l.Place(name)
		if !shown {
			continue // folded away, in a document that has everything
		}
		if top != y {
			t.Fatalf("%s stands at %v, the list says %v", name, y, top)
		}
		y = bottom
	}
	if y != l.Height() {
		t.Fatalf("the document is %v high, the list says %v", y, l.Height())
	}
}

// FuzzWindow walks a screen over a long list whose heights are found out only
// while it is shown, as the browser does. However it walks: what is on the screen
// is in the document, the document stays small, room and rows add up to the
// list, and what somebody reads stays where it is.
func FuzzWindow(f *testing.F) {
	f.Add(uint64(1), []byte{10, 200, 30, 255, 0, 128, 7, 7, 7, 250})
	f.Add(uint64(2), []byte("down and up and down again"))
	f.Fuzz(func(t *testing.T, seed uint64, moves []byte) {
		if len(moves) > 60 {
			moves = moves[:60]
		}
		r := rand.New(rand.NewPCG(seed, 4))
		var all []talk.Comment
		n := 301 + r.IntN(1500)
		true64 := map[string]float64{} // what the browser would find
		for i := range n {
			c := comment(fmt.Sprintf("c%d", i), "")
			if i > 0 && r.IntN(3) > 0 {
				c.Parent = all[max(0, i-1-r.IntN(3))].ID
			}
			all = append(all, c)
			true64[c.ID] = 40 + float64(r.IntN(64*400))/64
		}
		l := newList(arrange(all)...)
		const screen = 800
		top := 0.0
		for _, m := range moves {
			switch m % 8 {
			case 0: // a jump
				top = float64(m) / 255 * l.Height()
			case 1:
				l.Fold(all[int(m)%n].ID, m%2 == 0)
			case 2:
				id := fmt.Sprintf("new%d", l.Len())
				true64[id] = 100 + float64(m)
				added(l, comment(id, all[int(m)*7%n].ID))
			default:
				top += (float64(m) - 128) * 12
			}
			top = max(0, min(top, l.Height()-screen))
			for more := true; more; {
				more = l.See(top, top+screen, 6)
				parts := l.Parts()
				consistent(t, l)
				if l.Windowed() && len(parts) > 150 {
					t.Fatalf("%d rows are in the document", len(parts))
				}
				// The browser lays it out, and tells how high each is. What is read stays.
				reads, at := l.At(top)
				for _, p := range parts {
					if p.Comment != nil {
						l.Measure(p.Comment.ID, true64[p.Comment.ID])
					}
				}
				now, _, shown := l.Place(reads)
				if !shown {
					t.Fatalf("%s, which is on the screen, is not shown", reads)
				}
				top += now - at
			}
			if !l.Windowed() {
				continue
			}
			from, to := l.Span()
			if from > top || to < min(top+screen, l.Height()) {
				t.Fatalf("in the document is what stands between %v and %v; the screen is from %v to %v", from, to, top, top+screen)
			}
		}
	})
}

// arrange puts comments in the order in which they are shown.
func arrange(all []talk.Comment) []talk.Comment {
	var roots, replies []talk.Comment
	for _, c := range all {
		if c.Parent == "" {
			roots = append(roots, c)
		} else {
			replies = append(replies, c)
		}
	}
	return talk.Arrange(roots, replies)
}

// What has the focus, or a box with a text, stays in the document wherever it
// stands, with what it is indented under.
func TestPins(t *testing.T) {
	var all []talk.Comment
	for i := range 1000 {
		c := comment(fmt.Sprintf("c%d", i), "")
		if i%10 > 0 {
			c.Parent = fmt.Sprintf("c%d", i-1)
		}
		all = append(all, c)
	}
	l := newList(all...)
	l.See(0, 800, 0)
	l.Pin([]string{"c977", "not here"})
	parts := l.Parts()
	var ids []string
	for _, p := range parts {
		if p.Comment != nil {
			ids = append(ids, p.Comment.ID)
		}
	}
	if !slices.Equal(ids[len(ids)-4:], []string{"c970", "c971", "c972", "c977"}) {
		t.Errorf("in the document are %q", ids)
	}
	if last := parts[len(parts)-1]; last.Comment != nil || last.Room == 0 {
		t.Errorf("at the end is %+v, not room", last)
	}
	consistent(t, l)
}

func TestPages(t *testing.T) {
	l := newList(comment("c", ""), comment("c1", "c"))
	l.Next, l.Prev = "2", "0"
	late := map[string]bool{}
	added(l, comment("late", ""))
	added(l, comment("late1", "late"))
	late["late"] = true
	isLate := func(id string) bool { return late[id] }
	l.Extend(talk.View{Comments: []talk.Comment{comment("d", ""), comment("d1", "d"), comment("c", "")}, Next: "3"}, isLate)
	l.Precede(talk.View{Comments: []talk.Comment{comment("a", ""), comment("a1", "a"), comment("b", "")}})
	want(t, l, "a1/1 a12 b1 c1/1 c12 d1/1 d12 late1/1 late12")
	l.Extend(talk.View{Comments: []talk.Comment{comment("e", ""), comment("late", ""), comment("late1", "late"), comment("f", "")}}, isLate)
	want(t, l, "a1/1 a12 b1 c1/1 c12 d1/1 d12 e1 late1/1 late12 f1")
	if l.Next != "" || l.Prev != "" {
		t.Errorf("there is more: %q %q", l.Prev, l.Next)
	}
}

// A chain of replies as long as a thread allows is no deeper in the document
// than a short one, and takes no stack.
func TestLongChain(t *testing.T) {
	all := []talk.Comment{comment("c0", "")}
	for i := range 20_000 {
		all = append(all, comment(fmt.Sprintf("c%d", i+1), fmt.Sprintf("c%d", i)))
	}
	l := newList(all...)
	l.See(1e6, 1e6+800, 0)
	parts := l.Parts()
	if len(parts) > 60 || parts[len(parts)-2].Level != list.Levels {
		t.Errorf("%d parts: %s", len(parts), outline(parts))
	}
	l.Renew(l.View())
	consistent(t, l)
}

func BenchmarkEventAmong10000(b *testing.B) {
	var all []talk.Comment
	for i := range 10_000 {
		c := comment(fmt.Sprintf("c%d", i), "")
		if i%2 > 0 {
			c.Parent = fmt.Sprintf("c%d", i-1)
		}
		all = append(all, c)
	}
	l := newList(all...)
	l.See(400_000, 400_800, 0)
	l.Parts()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		added(l, comment(fmt.Sprintf("n%d", i), all[i*7%len(all)].ID))
		l.Parts()
	}
}

// A document whose room is not what the list would have, and whose rows are not
// as high as was guessed, is read where its rows stand.
func TestReads(t *testing.T) {
	var all []talk.Comment
	for i := range 1000 {
		all = append(all, comment(fmt.Sprintf("c%d", i), ""))
	}
	l := newList(all...)
	for i := range 1000 {
		l.Measure(fmt.Sprintf("c%d", i), 100)
	}
	rows := []list.Stand{{Name: "c0", Top: 1000, Height: 100}, {Name: "lost", Top: 1050, Height: 3}, {Name: "c500", Top: 21_100, Height: 100}, {Name: "c501", Top: 21_200, Height: 90}}
	for _, c := range []struct{ y, want float64 }{
		{0, 0}, {1000, 0}, {1060, 60}, // above it, and in its first row
		{1100, 100}, {11_100, 25_050}, // 20,000 pixels of room stand for 49,900
		{21_100, 50_000}, {21_150, 50_050}, {21_250, 50_150},
		{21_290, 50_200}, {41_290, 75_100}, {61_290, 100_000}, {1e6, 100_000}, // 40,000 pixels for 49,800
	} {
		if got := l.Reads(c.y, rows, 1000, 61_290); got != c.want {
			t.Errorf("at %v of the document the list is at %v, want %v", c.y, got, c.want)
		}
	}
	if got := newList().Reads(100, nil, 0, 50); got != 0 {
		t.Errorf("an empty list is at %v", got)
	}
}

func TestAfter(t *testing.T) {
	l := newList(comment("a", ""), comment("b", "a"), comment("c", "b"), comment("d", ""))
	l.Fold("a", true)
	for from, want := range map[string]string{"": "abcd", "a": "bcd", "d": "", "nosuch": "abcd"} {
		got := ""
		for c := range l.After(from) {
			got += c.ID
		}
		if got != want {
			t.Errorf("after %q come %q, want %q", from, got, want)
		}
	}
}
