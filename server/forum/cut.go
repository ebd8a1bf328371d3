package forum

import (
	"encoding/base64"
	"fmt"
	"math"
	"slices"

	"folkmoot/app/talk"
)

// A Place is where a root stands in every order.
type Place struct{ Likes, Seq int64 }

// A Root is a comment that answers no other, at its place.
type Root struct {
	talk.Comment
	Place
	Below int // how many stand under it, however deep
}

// A Cut parts the roots of a thread, in one order and without those that are
// pinned: into those up to a place, and those after it. It says how many are to
// be read on either side, the nearest first, and which of them are a page.
type Cut struct {
	Sort talk.Sort
	Place
	Before, After int  // how many roots to read on a side, at most
	Pinned        bool // whether to read those that are pinned

	roots   int  // of a page
	room    int  // how many comments a page may have before it ends, with
	replies int  // so many of each branch at most
	back    bool // the page ends at the cut
	both    bool // the page is on both sides of it
	forward bool // the page continues another
}

// ends are the places before and after all roots.
var ends = map[talk.Sort]struct {
	mark        byte // of cursors
	first, last Place
}{
	talk.Oldest: {'o', Place{0, 0}, Place{0, math.MaxInt64}},
	talk.Newest: {'n', Place{0, math.MaxInt64}, Place{0, 0}},
	talk.Top:    {'t', Place{math.MaxInt64, 0}, Place{-1, math.MaxInt64}},
}

// Cut reads a query. One for the page Around a comment is where its thread
// begins, until [Cut.Around] is told where the comment stands.
func (q Query) Cut() (Cut, error) {
	sort, err := talk.SortOf(string(q.Sort))
	if err != nil {
		return Cut{}, err
	}
	c := Cut{
		Sort: sort, Place: ends[sort].first, Pinned: true, roots: max(0, min(q.Roots, math.MaxInt32)),
		room: orAll(q.Comments), replies: orAll(q.Replies),
	}
	switch {
	case c.roots == 0:
		c.Pinned = false
	case q.Around != "":
		c.After = c.roots + 1
	case q.Before != "":
		at, err := c.place("before", q.Before)
		if err != nil {
			return Cut{}, err
		}
		c.Place, c.back, c.Before, c.After = c.justBefore(at), true, c.roots+1, 1
	case q.After != "":
		if c.Place, err = c.place("after", q.After); err != nil {
			return Cut{}, err
		}
		c.forward, c.Before, c.After = true, 1, c.roots+1
	default:
		c.After = c.roots + 1
	}
	return c, nil
}

// orAll is a bound, or none if it isn't set.
func orAll(n int) int {
	if n <= 0 {
		return math.MaxInt32
	}
	return n
}

// cost is how many comments a root brings with it to a page.
func (c *Cut) cost(r *Root) int { return 1 + min(r.Below, c.replies) }

// fits is how many of the roots fit into a page that has room for so many
// comments, and what room is left.
func (c *Cut) fits(roots []Root, room int) (n, left int) {
	for i := range roots {
		cost := c.cost(&roots[i])
		if cost > room {
			return i, room
		}
		room -= cost
	}
	return len(roots), room
}

// Around moves the cut to just before a root, so that the page is the first, if
// that has it, else one with those around it.
func (c *Cut) Around(at Place) {
	if c.roots > 0 {
		c.Place, c.both, c.Before, c.After = c.justBefore(at), true, c.roots+1, c.roots+1
	}
}

// justBefore is the place up to which stand those before the root at p.
func (c *Cut) justBefore(p Place) Place {
	if c.Sort == talk.Newest {
		p.Seq = max(p.Seq, p.Seq+1) // not beyond the greatest number
	} else {
		p.Seq = min(p.Seq, p.Seq-1)
	}
	return p
}

// Page chooses a page from the roots that were read: those before the cut, the
// nearest first, and those after it. prev is the cursor of the page before it,
// next of the page after it; either is empty where there is none.
func (c *Cut) Page(pinned, before, after []Root) (page []Root, prev, next string) {
	b, a := c.sides(pinned, before, after)
	page = slices.Concat(before[:b], after[:a])
	slices.Reverse(page[:b])

	first, last := ends[c.Sort].last, c.Place // of a page without roots
	if len(page) > 0 {
		first, last = page[0].Place, page[len(page)-1].Place
	}
	if len(after) > a {
		next = c.cursor(last)
	}
	switch {
	case len(before) > b, c.forward && len(pinned) > 0:
		prev = c.cursor(first)
	case !c.forward:
		page = slices.Concat(pinned, page)
	}
	return page, prev, next
}

// sides says how many roots before the cut and after it are a page. It ends where
// there is no more room, but has one root in any case.
func (c *Cut) sides(pinned, before, after []Root) (b, a int) {
	room := c.room
	for i := range pinned {
		room -= c.cost(&pinned[i])
	}
	free := max(0, c.roots-len(pinned)) // on the first page
	switch {
	case c.both && len(before) < free: // is it on the first page?
		n, left := c.fits(before, room)
		if n == len(before) && len(after) > 0 && c.cost(&after[0]) <= left {
			a, _ = c.fits(after[:min(len(after), free-n)], left)
			return n, a
		}
	case c.back:
		b, _ = c.fits(before[:min(len(before), c.roots)], c.room)
		return max(b, min(1, len(before))), 0
	case c.forward:
		a, _ = c.fits(after[:min(len(after), c.roots)], c.room)
		return 0, max(a, min(1, len(after)))
	}
	if !c.both {
		a, _ = c.fits(after[:min(len(after), free)], room)
		if len(pinned) == 0 {
			a = max(a, min(1, len(after), free))
		}
		return 0, a
	}
	// It is in the middle, and has half of the page before it.
	room = c.room
	if len(after) > 0 {
		room -= c.cost(&after[0])
	}
	b = min(c.roots/2, len(before))
	a = min(c.roots-b, len(after))
	b = min(c.roots-a, len(before))
	b, left := c.fits(before[:b], room/2)
	if a > 0 {
		more, _ := c.fits(after[1:a], room-room/2+left)
		a = 1 + more
	}
	return b, a
}

// Begins says whether a page that has this prev is the thread's first.
func (c *Cut) Begins(prev string) bool { return !c.forward && prev == "" }

// cursor makes a place into text that means nothing in another order.
func (c *Cut) cursor(p Place) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%c%d.%d", ends[c.Sort].mark, p.Likes, p.Seq))
}

// place reads a cursor.
func (c *Cut) place(field, cursor string) (p Place, err error) {
	var mark byte
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		_, err = fmt.Sscanf(string(text), "%c%d.%d", &mark, &p.Likes, &p.Seq)
	}
	if err != nil || c.cursor(p) != cursor {
		return p, talk.Refuse(talk.Invalid, field, "This list can't be continued from there. Please read it from its beginning.")
	}
	return p, nil
}
