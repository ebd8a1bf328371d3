// Package list is a thread's comments in the order in which they are shown:
// which of them are, how much room they take, and which have to be in the
// document because they are near the screen. It is pure. What is asked for while
// somebody reads takes no look at all comments.
package list

import (
	"maps"
	"slices"

	"folkmoot/app/talk"
)

// Levels is how deep replies are indented; deeper ones stand at the last, and say
// whom they answer.
const Levels = 4

// A List is a thread's comments. It changes by its own methods only; those of
// the tree that change it are hidden by them. Make one with [New].
type List struct {
	*talk.Tree

	Unseen map[string]bool // comments that are not shown yet, though they are here
	Width  float64         // pixels, for guessing heights
	keep   func(comment string) bool

	rows  rows
	at    map[string]*row // by comment
	gaps  map[string]*row // by the comment before them
	bare  map[*row]bool   // removed comments without answers: shown for keep's sake alone
	first *row            // that is in the document; nil: all are
	last  *row
	pins  []*row // what is in the document wherever it stands

	top, bottom float64 // the screen, as it was told last
}

// New makes the list of a view, in which some comments are not shown yet; it
// keeps the map of them. A removed comment that nobody has answered is shown as
// long as keep says so.
func New(v talk.View, unseen map[string]bool, keep func(comment string) bool) *List {
	l := &List{
		Tree: talk.NewTree(v), Unseen: unseen, Width: 640, keep: keep,
		at: make(map[string]*row, len(v.Comments)), gaps: map[string]*row{}, bare: map[*row]bool{},
	}
	var before *row
	for n := range l.All() {
		before = l.gap(n, l.add(n, before))
	}
	return l
}

// Renew replaces all comments by those of a view; what is known of their heights
// and which are folded stays.
func (l *List) Renew(v talk.View) {
	clear(l.Unseen)
	now := New(v, l.Unseen, l.keep)
	now.Width = l.Width
	for id, x := range now.at {
		if old := l.at[id]; old != nil {
			x.set(x.shown, old.height)
			if old.fold {
				now.Fold(id, true)
			}
		}
	}
	*l = *now
}

// add gives a node a row after another, and returns it.
func (l *List) add(n *talk.Node, before *row) *row {
	x := &row{node: n, level: 1, height: guess(n.Comment, l.Width), later: l.Unseen[n.Comment.ID]}
	if n.Above != nil {
		up := l.at[n.Above.Comment.ID]
		x.level, x.folds, x.base, x.later = up.level+1, up.folds, up, x.later || up.later
		if up.fold {
			x.folds++
		}
		if up.level >= Levels {
			x.base = up.base
		}
	}
	l.at[n.Comment.ID] = x
	l.rows.insert(before, x)
	l.look(x)
	return x
}

// gap gives what is missing after a node a row after another. It returns the
// last row of the two.
func (l *List) gap(n *talk.Node, before *row) *row {
	id := n.Comment.ID
	missing := l.Rest[id]
	if missing == 0 {
		return before
	}
	root := l.at[id]
	for root.base != nil {
		root = root.base
	}
	x := &row{node: n, rest: missing, level: 2, base: root, alone: true, folds: root.folds, height: gapHeight}
	if root.fold {
		x.folds++
	}
	l.gaps[id] = x
	root.below += missing
	l.rows.insert(before, x)
	x.set(x.folds == 0, x.height)
	return x
}

// put gives a node that the tree has just taken its row.
func (l *List) put(n *talk.Node) {
	var before *row
	if b := l.Before(n); b != nil {
		before = l.at[b.Comment.ID]
		if g := l.gaps[b.Comment.ID]; g != nil {
			before = g
		}
	}
	l.add(n, before)
}

// look sees whether a row is to be shown, and what follows from that for those
// above it.
func (l *List) look(x *row) {
	for x != nil {
		alone := l.alone(x)
		if alone == x.alone {
			return
		}
		x.alone = alone
		x.set(alone && x.folds == 0, x.height)
		sign := map[bool]int{true: 1, false: -1}[alone]
		for b := x.base; b != nil; b = b.base {
			b.below += sign
		}
		if x = l.up(x); x != nil { // it may be a stone that is shown for this one's sake
			x.kids += sign
		}
	}
}

// up is the row of what a comment answers, or nil.
func (l *List) up(x *row) *row {
	if x.node.Above == nil {
		return nil
	}
	return l.at[x.node.Above.Comment.ID]
}

func (l *List) alone(x *row) bool {
	c := &x.node.Comment
	delete(l.bare, x)
	switch {
	case x.later:
		return false
	case c.State != talk.Removed || x.kids > 0:
		return true
	default:
		l.bare[x] = true
		return l.keep(c.ID)
	}
}

// Look sees again which removed comments are shown for keep's sake alone.
func (l *List) Look() {
	for x := range maps.Clone(l.bare) {
		l.look(x)
	}
}

// Apply takes a log entry, as the tree does. A comment that is new here is not
// shown yet if hide says so.
func (l *List) Apply(e talk.Event, hide func() bool) talk.Change {
	change := l.Tree.Apply(e)
	l.changed(change, e.Comment.ID, hide)
	if parent := l.Find(e.Comment.Parent); change == talk.Counted && parent != nil { // one that is missing is counted
		if g := l.gaps[parent.Last().Comment.ID]; g != nil {
			missing := l.Rest[parent.Last().Comment.ID]
			g.base.below += missing - g.rest
			g.rest = missing
		}
	}
	return change
}

// Replace takes a comment as it now is, as the tree does.
func (l *List) Replace(c talk.Comment) {
	l.changed(l.Tree.Replace(c), c.ID, nil)
}

func (l *List) changed(change talk.Change, comment string, hide func() bool) {
	n := l.Find(comment)
	switch change {
	case talk.Counted:
	case talk.Added:
		if hide != nil && hide() {
			l.Unseen[comment] = true
		}
		l.put(n)
	case talk.Changed:
		l.look(l.at[comment])
	case talk.Moved:
		l.look(l.at[comment])
		l.move(n)
	}
}

// move puts the rows of a branch where its root now stands.
func (l *List) move(n *talk.Node) {
	var branch []*row
	for b := range n.Branch() {
		branch = append(branch, l.at[b.Comment.ID])
		if g := l.gaps[b.Comment.ID]; g != nil {
			branch = append(branch, g)
		}
	}
	for _, x := range branch {
		l.rows.remove(x)
	}
	var before *row
	if b := l.Before(n); b != nil {
		before = l.at[b.Comment.ID]
		if g := l.gaps[b.Comment.ID]; g != nil {
			before = g
		}
	}
	for _, x := range branch {
		l.rows.insert(before, x)
		before = x
	}
}

// Insert adds a comment at its place, as the tree does.
func (l *List) Insert(c talk.Comment) {
	if n := l.Tree.Insert(c); n != nil {
		l.put(n)
	}
}

// Wait adds a comment that is not on disk yet, as the tree does.
func (l *List) Wait(c talk.Comment) {
	if n := l.Tree.Wait(c); n != nil {
		l.put(n)
	}
}

// Become puts a comment where one stands that waited for it, unless it is here
// already.
func (l *List) Become(old string, c talk.Comment) {
	x := l.at[old]
	if l.Find(c.ID) != nil {
		l.Remove(old)
		return
	}
	if x == nil {
		l.Insert(c)
		return
	}
	l.Tree.Become(x.node, c)
	delete(l.at, old)
	l.at[c.ID] = x
	l.look(x)
}

// Remove takes a comment out that nobody has answered.
func (l *List) Remove(comment string) {
	x := l.at[comment]
	if x == nil {
		return
	}
	x.later = true // it isn't shown any more
	l.look(x)
	delete(l.Unseen, comment)
	l.rows.remove(x)
	delete(l.at, comment)
	l.Tree.Remove(x.node)
}

// Reveal shows a comment, if it isn't shown yet.
func (l *List) Reveal(comment string) {
	n := l.Find(comment)
	if n == nil || !l.Unseen[comment] {
		return
	}
	delete(l.Unseen, comment)
	for b := range n.Branch() {
		x := l.at[b.Comment.ID]
		x.later = l.Unseen[b.Comment.ID] || b.Above != nil && l.at[b.Above.Comment.ID].later
		l.look(x)
	}
}

// RevealAll shows all that is not shown yet, and returns the first of it in
// order, or the empty string.
func (l *List) RevealAll() (first string) {
	unseen := maps.Clone(l.Unseen)
	for id := range unseen {
		l.Reveal(id)
	}
	least := -1
	for id := range unseen { // counted when all of them stand, else a reply could come before its parent
		if _, n := l.rows.above(l.at[id]); least < 0 || n < least {
			first, least = id, n
		}
	}
	return first
}

// Fold folds the replies of a comment away, or unfolds them. It reports whether
// they weren't so before.
func (l *List) Fold(comment string, on bool) bool {
	x := l.at[comment]
	if x == nil || x.fold == on || x.level >= Levels {
		return false
	}
	x.fold = on
	sign := map[bool]int{true: 1, false: -1}[on]
	turn := func(y *row) {
		y.folds += sign
		y.set(y.alone && y.folds == 0, y.height)
	}
	for b := range x.node.Branch() {
		if b != x.node {
			turn(l.at[b.Comment.ID])
		}
		if g := l.gaps[b.Comment.ID]; g != nil && g.base == x {
			turn(g)
		}
	}
	return true
}

// Unfold unfolds all that a comment is folded away in, and reports whether it
// was.
func (l *List) Unfold(comment string) bool {
	x := l.at[comment]
	if x == nil || x.folds == 0 {
		return false
	}
	for up := x.base; up != nil; up = up.base {
		l.Fold(up.node.Comment.ID, false)
	}
	return true
}

// Extend adds the page after those that are here, before the roots that are late:
// they came while pages before them were missing.
func (l *List) Extend(v talk.View, late func(root string) bool) {
	var after *talk.Node
	for _, r := range slices.Backward(l.Roots()) {
		if !late(r.Comment.ID) {
			after = r.Last()
			break
		}
	}
	l.take(v, after, late)
	l.Next = v.Next
}

// Precede adds the page before those that are here.
func (l *List) Precede(v talk.View) {
	l.take(v, nil, func(string) bool { return false })
	l.Prev = v.Prev
}

// Fill adds what was missing after a comment, or a part of it.
func (l *List) Fill(comment string, v talk.View) {
	n, g := l.Find(comment), l.gaps[comment]
	if n == nil || g == nil {
		return
	}
	g.base.below -= g.rest
	l.rows.remove(g)
	delete(l.gaps, comment)
	delete(l.Rest, comment)
	l.take(v, n, func(string) bool { return false })
}

// take adds the comments of a page after a node, or before all others if that is
// nil. Those that are here already stay, unless they are late.
func (l *List) take(v talk.View, after *talk.Node, late func(root string) bool) {
	for _, c := range v.Comments {
		if old := l.Find(c.ID); old != nil {
			if c.Parent != "" || !late(c.ID) {
				continue
			}
			l.drop(old) // it comes again, with its branch
		}
		after = l.Add(c, after)
		l.put(after)
	}
	for id, name := range v.Answered {
		if l.Answered == nil {
			l.Answered = map[string]string{}
		}
		l.Answered[id] = name
	}
	for id, n := range v.Rest {
		if l.Rest == nil {
			l.Rest = map[string]int{}
		}
		if node := l.Find(id); node != nil && l.gaps[id] == nil {
			l.Rest[id] = n
			l.gap(node, l.at[id])
		}
	}
}

// drop takes a branch out.
func (l *List) drop(root *talk.Node) {
	var branch []string
	for n := range root.Branch() {
		branch = append(branch, n.Comment.ID)
	}
	for _, id := range slices.Backward(branch) {
		l.Remove(id)
	}
}

// has says whether a row is still there and shown.
func (x *row) has() bool { return x != nil && x.in != nil && x.shown }
