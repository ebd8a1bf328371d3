package list

import (
	"iter"
	"math"
	"slices"

	"folkmoot/app/talk"
)

// All is how many rows there may be that all stand in the document: those of the
// longest page, with what is missing of its branches. With the next page it is a
// part, so that a slow phone doesn't have to make all of that at once.
const All = talk.PageComments + talk.PageComments/10

const gapHeight = 56 // guessed, of what offers to show missing replies

// guess says how high a comment may be in a list of a width, in pixels, before
// it was measured.
func guess(c talk.Comment, width float64) float64 {
	perLine := max(16, (width-80)/8)
	return 112 + 24*math.Ceil(float64(len(c.HTML))/perLine)
}

// A Part is what stands in the document at one place: a comment, or where some
// are missing, or room alone.
type Part struct {
	Comment *talk.Comment // nil: there is only room
	Room    float64       // pixels before it, of what isn't in the document
	Rest    int           // not a comment: so many replies are missing after the Comment
	Level   int           // 1 for a root, [Levels] at most
	To      string        // the name of whoever is answered, if that is known
	Aside   bool          // it doesn't stand under what it answers
	Below   int           // how many replies it has, of which that can be said
	Folded  bool          // they are not shown
}

// Windowed says whether only a part of the list stands in the document.
func (l *List) Windowed() bool { return l.rows.shown() > All }

// Height is that of the whole list, as far as it was measured.
func (l *List) Height() float64 { return l.rows.height() }

// Measure notes how high a comment is, or, by the name of a comment with "rest-"
// before it, what offers to show those missing after it.
func (l *List) Measure(comment string, height float64) {
	x := l.row(comment)
	if x != nil {
		x.set(x.shown, math.Round(height*64)/64)
	}
}

const restPrefix = "rest-"

func (l *List) row(name string) *row {
	if len(name) > len(restPrefix) && name[:len(restPrefix)] == restPrefix {
		return l.gaps[name[len(restPrefix):]]
	}
	return l.at[name]
}

// name is how a row is called where it is measured.
func (x *row) name() string {
	if x.rest > 0 {
		return restPrefix + x.node.Comment.ID
	}
	return x.node.Comment.ID
}

// At is what is shown at a height of the list, and where that begins.
func (l *List) At(y float64) (name string, top float64) {
	x := l.rows.at(y)
	if x == nil {
		return "", 0
	}
	top, _ = l.rows.above(x)
	return x.name(), top
}

// Place is between which heights of the list a comment or gap stands, if it is
// shown.
func (l *List) Place(name string) (top, bottom float64, shown bool) {
	x := l.row(name)
	if !x.has() {
		return 0, 0, false
	}
	top, _ = l.rows.above(x)
	return top, top + x.height, true
}

// End is where a branch ends, if any of it is shown.
func (l *List) End(root string) (bottom float64, shown bool) {
	n := l.Find(root)
	if n == nil {
		return 0, false
	}
	var last *row
	for b := range n.Branch() {
		if x := l.at[b.Comment.ID]; x.has() { // one that is just coming has no row yet
			last = x
		}
	}
	if last == nil {
		return 0, false
	}
	top, _ := l.rows.above(last)
	return top + last.height, true
}

// A Stand is where a row of the document stands: from Top on, in pixels from any
// place, and so high without what is indented under it.
type Stand struct {
	Name        string // as [List.Measure] has it
	Top, Height float64
}

// Reads is the height of the list at a height of the document, which holds some
// of its rows in their order, and room for the others, between two heights. The
// room may be another than the list would have.
func (l *List) Reads(y float64, rows []Stand, top, bottom float64) float64 {
	from, to := 0.0, l.Height() // of the list
	next, _ := slices.BinarySearchFunc(rows, y, func(r Stand, y float64) int {
		if r.Top > y {
			return 1
		}
		return -1
	})
	for _, r := range slices.Backward(rows[:next]) {
		if begins, ends, shown := l.Place(r.Name); shown {
			if y < r.Top+r.Height {
				return begins + min(y-r.Top, ends-begins)
			}
			top, from = r.Top+r.Height, ends
			break
		}
	}
	for _, r := range rows[next:] {
		if begins, _, shown := l.Place(r.Name); shown {
			bottom, to = r.Top, begins
			break
		}
	}
	if bottom <= top || to <= from {
		return from
	}
	return from + (min(max(y, top), bottom)-top)/(bottom-top)*(to-from)
}

// Shows says whether a comment is shown, or would be if it were unfolded and
// revealed: a removed one that nobody has answered is not.
func (l *List) Shows(comment string) bool {
	x := l.at[comment]
	return x != nil && (x.alone || x.later)
}

// Crowded says whether so many rows are shown that soon only a part of them may
// be in the document.
func (l *List) Crowded() bool { return l.rows.shown() > All/2 }

// After are the comments after one, in order, or all if there is no such; those
// that are folded away, too.
func (l *List) After(comment string) iter.Seq[*talk.Comment] {
	return func(yield func(*talk.Comment) bool) {
		start := l.at[comment]
		for x := range l.rows.from(start) {
			if x != start && x.alone && x.rest == 0 && !yield(&x.node.Comment) {
				return
			}
		}
	}
}

// Pin keeps comments in the document wherever they stand.
func (l *List) Pin(comments []string) {
	l.pins = l.pins[:0]
	for _, id := range comments {
		if x := l.row(id); x.has() {
			l.pins = append(l.pins, x)
		}
	}
}

// See chooses what is in the document when what is between two heights of the
// list is on the screen: that, and about a screen before and after it, which
// comes in steps of a few rows, so that no one takes long. It returns whether
// there is a step left.
func (l *List) See(top, bottom float64, step int) (more bool) {
	if !l.Windowed() {
		l.first, l.last = nil, nil
		return false
	}
	l.top, l.bottom = top, bottom
	screen := max(bottom-top, 300)
	span := func(margin float64) (from, to int) {
		_, from = l.rows.above(l.rows.at(top - margin))
		_, to = l.rows.above(l.rows.at(bottom + margin))
		return from, to
	}
	from, to := span(0)
	wantFrom, wantTo := span(screen)
	keepFrom, keepTo := span(2 * screen)
	if l.first.has() && l.last.has() {
		_, hadFrom := l.rows.above(l.first)
		_, hadTo := l.rows.above(l.last)
		if hadFrom <= to+1 && hadTo >= from-1 { // else all of it is far away
			from, to = max(min(hadFrom, from), keepFrom), min(max(hadTo, to), keepTo)
		}
	}
	below := min(step, max(0, wantTo-to))
	above := min(step-below, max(0, from-wantFrom))
	from, to = from-above, to+below
	l.first, l.last = l.rows.nth(from), l.rows.nth(to)
	return from > wantFrom || to < wantTo
}

// Span is between which heights all of the list is in the document; infinite
// where it begins and where it ends.
func (l *List) Span() (top, bottom float64) {
	if l.first == nil {
		return math.Inf(-1), math.Inf(1)
	}
	top, n := l.rows.above(l.first)
	if n == 0 {
		top = math.Inf(-1)
	}
	bottom, n = l.rows.above(l.last)
	bottom += l.last.height
	if n == l.rows.shown()-1 {
		bottom = math.Inf(1)
	}
	return top, bottom
}

// Parts are what stands in the document, in order.
func (l *List) Parts() []Part {
	if !l.Windowed() {
		return l.Whole()
	}
	if !l.first.has() || !l.last.has() {
		l.See(l.top, l.bottom, All)
	}
	in := map[*row]bool{}
	for x := range l.rows.from(l.first) {
		if x.shown {
			l.need(in, x)
		}
		if x == l.last {
			break
		}
	}
	for _, x := range l.pins {
		if x.has() {
			l.need(in, x)
		}
	}
	chunks := map[*chunk]bool{}
	for x := range in {
		chunks[x.in] = true
	}
	var parts []Part
	room := 0.0
	for _, c := range l.rows.chunks {
		if !chunks[c] {
			room += c.height
			continue
		}
		for _, x := range c.rows {
			switch {
			case in[x]:
				p := l.part(x)
				p.Room, room = room, 0
				parts = append(parts, p)
			case x.shown:
				room += x.height
			}
		}
	}
	if room > 0 {
		parts = append(parts, Part{Room: room, Level: 1})
	}
	return parts
}

// Whole are the parts of the whole list, those that are folded away, too, which
// the browser hides.
func (l *List) Whole() (parts []Part) {
	for x := range l.rows.from(nil) {
		if x.alone {
			parts = append(parts, l.part(x))
		}
	}
	return parts
}

// need notes a row and those under which it is indented.
func (l *List) need(in map[*row]bool, x *row) {
	for ; x != nil && !in[x]; x = x.base {
		in[x] = true
	}
}

func (l *List) part(x *row) Part {
	if x.rest > 0 {
		return Part{Comment: &x.node.Comment, Rest: x.rest, Level: 2}
	}
	p := Part{Comment: &x.node.Comment, Level: min(x.level, Levels), Below: x.below, Folded: x.fold}
	up := l.up(x)
	if up == nil || up.node.Comment.ID != x.node.Comment.Parent {
		p.To, p.Aside = l.Answered[x.node.Comment.Parent], x.node.Comment.Parent != ""
		return p
	}
	p.To, p.Aside = up.node.Comment.Author.Name, up != x.base
	return p
}
