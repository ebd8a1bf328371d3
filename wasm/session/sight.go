package session

import (
	"slices"
	"strconv"
	"strings"

	"folkmoot/app/list"
	"folkmoot/app/talk"
	"folkmoot/app/ui"
)

// stepRows is how many comments come into the document at once that are near the
// screen, not on it: so many take less than a frame on a slow phone.
const stepRows = 4

// A Sight is what a page tells of its comments: heights are pixels from the same
// place.
type Sight struct {
	Top, Bottom float64      // of the screen; equal where it shows none of the widget
	Begin, End  float64      // of the comments
	Rows        []list.Stand // what is in the document, in order, and not folded away
	Pins        []string     // what the reader holds on to: it stays in the document
}

// ParseSight reads a sight as long.js writes it: a line with the four heights, one
// with the pins, and one for each row. What it can't read is 0.
func ParseSight(text string) (at Sight) {
	number := func(word string) float64 {
		f, _ := strconv.ParseFloat(word, 64)
		return f
	}
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		words := strings.Fields(line)
		switch n++; {
		case n == 2:
			at.Pins = words
		case n == 1 && len(words) == 4:
			at.Top, at.Bottom, at.Begin, at.End = number(words[0]), number(words[1]), number(words[2]), number(words[3])
		case len(words) == 3:
			at.Rows = append(at.Rows, list.Stand{Name: words[0], Top: number(words[1]), Height: number(words[2])})
		}
	}
	return at
}

// parts are those that are to be in the document.
func (s *Session) parts() []list.Part {
	if s.Sight == nil || !s.Base.Windowed() {
		s.Ahead = false
		return s.Base.Whole()
	}
	at := s.Sight()
	for _, r := range at.Rows {
		s.Base.Measure(r.Name, r.Height)
	}
	pins := slices.Clone(at.Pins)
	for box := range s.State.Boxes {
		pins = append(pins, strings.TrimPrefix(box, ui.EditID("")))
	}
	s.Base.Pin(append(pins, s.goal))
	top, bottom, shown := s.Base.Place(s.goal)
	if screen := at.Bottom - at.Top; shown && s.far {
		top, bottom = top-screen/2, bottom+screen/2
	} else {
		top, bottom = s.Base.Reads(at.Top, at.Rows, at.Begin, at.End), s.Base.Reads(at.Bottom, at.Rows, at.Begin, at.End)
	}
	s.Ahead = s.Base.See(top, bottom, stepRows)
	return s.Base.Parts()
}

// Scrolled means that another part of the comments may be on the screen. It
// reports whether that changes what has to be in the document; then it is shown.
func (s *Session) Scrolled() bool {
	if s.Sight == nil || !s.Base.Windowed() {
		return false
	}
	if s.stood {
		s.goal = ""
	}
	old, now := s.State.Parts, s.parts()
	if slices.EqualFunc(old, now, func(a, b list.Part) bool { return name(a) == name(b) }) {
		return false
	}
	s.show(now)
	return true
}

func name(p list.Part) string {
	switch {
	case p.Comment == nil:
		return ""
	case p.Rest > 0:
		return "rest-" + p.Comment.ID
	}
	return p.Comment.ID
}

// Reading is the first comment on the screen, or empty if the page doesn't tell.
func (s *Session) Reading() string {
	if s.Sight == nil {
		return ""
	}
	at := s.Sight()
	for _, r := range at.Rows {
		if n := s.Base.Find(r.Name); n != nil && !n.Waiting && r.Top+r.Height > at.Top && r.Top < at.Bottom {
			return r.Name
		}
	}
	return ""
}

// Bring sees to it that a comment is in the document, wherever it stands, until
// [Session.Stood] and the next scroll.
func (s *Session) Bring(comment string) {
	s.Base.Unfold(comment)
	s.far = !slices.ContainsFunc(s.State.Parts, func(p list.Part) bool { return name(p) == comment })
	s.goal, s.stood = comment, false
	s.Show()
}

// Stood means that the page stands at what was brought, or has begun to scroll
// there.
func (s *Session) Stood() { s.stood = true }

// Fold notes that the reader has folded a branch away, or unfolded it. It reports
// whether that changes what has to be in the document.
func (s *Session) Fold(comment string, on bool) bool {
	if !s.Base.Fold(comment, on) || s.Sight == nil || !s.Base.Windowed() {
		return false
	}
	s.Show()
	return true
}

// NewAfter is the next comment after one that is new since the last visit, or
// empty if there is none.
func (s *Session) NewAfter(comment string) string {
	for c := range s.Base.After(comment) {
		if s.State.IsNew(c) {
			return c.ID
		}
	}
	return ""
}

// Earlier adds the page of roots before those that are here. It returns the last
// comment of it, or empty if there is none.
func (s *Session) Earlier(before talk.View) (last string) {
	for _, c := range before.Comments {
		if s.Base.Find(c.ID) == nil {
			last = c.ID
		}
	}
	s.Base.Precede(before)
	s.Show()
	return last
}

// Above says whether what comes after a branch, or before all others if that is
// empty, stands above or on the screen. It knows when only a part of the comments
// is in the document.
func (s *Session) Above(branch string) (above, known bool) {
	if s.Sight == nil || !s.Base.Windowed() {
		return false, false
	}
	if branch == "" {
		return s.Base.Sort == talk.Newest, true
	}
	at := s.Sight()
	bottom, shown := s.Base.End(branch)
	return shown && at.Bottom > at.Top && bottom < s.Base.Reads(at.Bottom, at.Rows, at.Begin, at.End) && bottom < s.Base.Height()-1, true
}
