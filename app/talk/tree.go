package talk

import (
	"iter"
	"maps"
	"slices"
)

// A Tree is what a [View] holds, indexed: to find, change or add a comment takes
// as long in a conversation of ten thousand as in one of ten. It is the one
// place where a thread changes. Make one with [NewTree]; it keeps nothing of the
// view's that could change under the caller.
type Tree struct {
	Thread     Thread
	Sort       Sort
	Role       Role
	Prev, Next string // this and what follows is as the view's
	Rest       map[string]int
	Answered   map[string]string
	Branch     string

	top   Node // above the roots
	nodes map[string]*Node
}

// A Node is a comment in its tree.
type Node struct {
	Comment Comment
	Above   *Node   // what it answers, or its root if that isn't here; of a root, nil
	Below   []*Node // its replies, in order
	Waiting bool    // it is not on disk yet: what comes meanwhile stands before it
}

// NewTree indexes a view.
func NewTree(v View) *Tree {
	t := &Tree{
		Thread: v.Thread, Sort: v.Sort, Role: v.Role, Prev: v.Prev, Next: v.Next,
		Rest: maps.Clone(v.Rest), Answered: maps.Clone(v.Answered), Branch: v.Branch,
		nodes: make(map[string]*Node, len(v.Comments)),
	}
	t.Thread.Reactions, t.Thread.Mine = maps.Clone(v.Thread.Reactions), slices.Clone(v.Thread.Mine)
	var root *Node
	for _, c := range v.Comments {
		n := &Node{Comment: c, Above: t.nodes[c.Parent]}
		switch {
		case n.Above != nil:
		case c.Parent != "" && root != nil && root.Comment.Parent == "":
			n.Above = root
		default:
			root = n
		}
		under := t.under(n)
		under.Below = append(under.Below, n)
		t.nodes[c.ID] = n
	}
	return t
}

// View is what the tree holds, as it travels.
func (t *Tree) View() View {
	v := View{Thread: t.Thread, Sort: t.Sort, Role: t.Role, Prev: t.Prev, Next: t.Next,
		Rest: maps.Clone(t.Rest), Answered: maps.Clone(t.Answered), Branch: t.Branch}
	v.Thread.Reactions, v.Thread.Mine = maps.Clone(t.Thread.Reactions), slices.Clone(t.Thread.Mine)
	for n := range t.All() {
		v.Comments = append(v.Comments, n.Comment)
	}
	return v
}

// Len is how many comments there are.
func (t *Tree) Len() int { return len(t.nodes) }

// Find returns the node of a comment, or nil.
func (t *Tree) Find(comment string) *Node { return t.nodes[comment] }

// Roots are the comments that answer no other here, in order. They are the
// tree's own.
func (t *Tree) Roots() []*Node { return t.top.Below }

// All are the nodes in the order in which they are shown, each followed by its
// replies.
func (t *Tree) All() iter.Seq[*Node] { return t.top.below }

// Branch is the node and all that stands under it, in order.
func (n *Node) Branch() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		if yield(n) {
			n.below(yield)
		}
	}
}

// below walks what stands under a node, without recursion: a long chain of
// replies would overflow a browser's stack.
func (n *Node) below(yield func(*Node) bool) {
	var next []*Node
	push := func(all []*Node) {
		for _, b := range slices.Backward(all) {
			next = append(next, b)
		}
	}
	push(n.Below)
	for len(next) > 0 {
		n := next[len(next)-1]
		next = next[:len(next)-1]
		if !yield(n) {
			return
		}
		push(n.Below)
	}
}

// Last is the last node of a branch, in order.
func (n *Node) Last() *Node {
	for len(n.Below) > 0 {
		n = n.Below[len(n.Below)-1]
	}
	return n
}

// Root is the root of the branch in which a node stands.
func (n *Node) Root() *Node {
	for n.Above != nil {
		n = n.Above
	}
	return n
}

// under is what a node is in the list of.
func (t *Tree) under(n *Node) *Node {
	if n.Above == nil {
		return &t.top
	}
	return n.Above
}

// Before is the node before another in the order in which they are shown, or nil.
func (t *Tree) Before(n *Node) *Node {
	all := t.under(n).Below
	i := len(all) - 1 // most often it is the last
	if all[i] != n {
		i = slices.Index(all, n)
	}
	if i > 0 {
		return all[i-1].Last()
	}
	return n.Above
}

// A Change says what became of a tree.
type Change int

// The changes.
const (
	Counted Change = iota // to no comment that is here
	Changed               // its comment is another now
	Added                 // its comment is new here
	Moved                 // its comment's branch stands elsewhere now
)

// Apply takes a log entry. One that the tree has already changes nothing; the
// caller sees to it that none is left out: e.Seq must be at most Thread.Seq+1. An
// entry of a kind that this program doesn't know only counts.
func (t *Tree) Apply(e Event) Change {
	if e.Seq <= t.Thread.Seq {
		return Counted
	}
	t.Thread.Seq = e.Seq
	switch e.Kind {
	case CommentAdded, CommentRestored: // one that was removed since has an entry that says so
		t.Thread.Comments++
		if t.Find(e.Comment.ID) != nil {
			return t.Replace(e.Comment)
		}
		if t.missing(e.Comment) {
			if e.Kind == CommentAdded {
				t.Rest[t.Find(e.Comment.Parent).Last().Comment.ID]++
			}
			return Counted
		}
		if t.insert(&Node{Comment: e.Comment}, e.Kind == CommentRestored) != nil {
			return Added
		}
	case CommentRemoved:
		t.Thread.Comments--
		return t.Replace(e.Comment)
	case CommentHeld:
		t.Thread.Comments--
		return t.Replace(t.stillSeen(e.Comment))
	case CommentEdited, CommentPinned:
		return t.Replace(e.Comment)
	case ThreadLocked:
		if e.Thread != nil {
			t.Thread.Locked = e.Thread.Locked
		}
	case ThreadMoved:
		if e.Thread != nil && e.Thread.Page != "" && e.Thread.Into == "" {
			t.Thread.Page, t.Thread.Address = e.Thread.Page, e.Thread.Address
		}
	case ThreadMerged: // see [Event.Again]
	}
	return Counted
}

// Replace takes a comment as it now is, with what events don't tell: whether the
// reader likes it, and the counts that tallies and later events carry.
func (t *Tree) Replace(now Comment) Change {
	n := t.Find(now.ID)
	if n == nil {
		return Counted
	}
	old := n.Comment
	now.Liked, now.Likes, now.Replies = old.Liked, old.Likes, old.Replies
	n.Comment = now
	if now.Pinned == old.Pinned || n.Above != nil {
		return Changed
	}
	t.top.Below = slices.DeleteFunc(t.top.Below, func(r *Node) bool { return r == n })
	t.put(n, t.placeOf(now))
	return Moved
}

// stillSeen is a comment that is held now, with what those who keep order go on
// seeing of it.
func (t *Tree) stillSeen(now Comment) Comment {
	if n := t.Find(now.ID); n != nil && t.Role.Keeps() {
		now.State, now.Author, now.Badge, now.Wrote, now.HTML = Held, n.Comment.Author, n.Comment.Badge, n.Comment.Wrote, n.Comment.HTML
	}
	return now
}

// placeOf is the index of the first root before which a root stands that isn't
// new, as far as times tell: they may differ from the order of numbers for a
// comment that was held.
func (t *Tree) placeOf(c Comment) int {
	at := slices.IndexFunc(t.top.Below, func(n *Node) bool {
		there := n.Comment
		switch {
		case c.Pinned != there.Pinned:
			return c.Pinned
		case !c.Pinned && t.Sort == Newest:
			return c.At.After(there.At)
		case !c.Pinned && t.Sort == Top && c.Likes != there.Likes:
			return c.Likes > there.Likes
		}
		return c.At.Before(there.At)
	})
	if at < 0 {
		return len(t.top.Below)
	}
	return at
}

// missing says whether replies are not here that stand between what a comment
// answers and its place.
func (t *Tree) missing(c Comment) bool {
	parent := t.Find(c.Parent)
	return parent != nil && t.Rest[parent.Last().Comment.ID] > 0
}

// Add puts a comment right after another one of the page that it comes with, or
// first if that is nil.
func (t *Tree) Add(c Comment, after *Node) *Node {
	n := &Node{Comment: c}
	at := 0
	if c.Parent != "" && after != nil {
		if n.Above = t.Find(c.Parent); n.Above == nil {
			n.Above = after.Root()
		}
	}
	for after != nil && after != n.Above && after.Above != n.Above {
		after = after.Above
	}
	if all := t.under(n).Below; after != nil && after != n.Above {
		if at = len(all); all[at-1] != after {
			at = slices.Index(all, after) + 1
		}
	}
	t.put(n, at)
	return n
}

// Insert adds a comment at its place: a reply after the last of its parent's, a
// root where the tree's order puts the newest. It returns nil, and adds nothing,
// if the branch isn't here.
func (t *Tree) Insert(c Comment) *Node { return t.insert(&Node{Comment: c}, false) }

// Wait adds a comment that is not on disk yet, likewise.
func (t *Tree) Wait(c Comment) *Node { return t.insert(&Node{Comment: c, Waiting: true}, false) }

// Become makes a comment that waited the one that it has become.
func (t *Tree) Become(n *Node, c Comment) {
	delete(t.nodes, n.Comment.ID)
	n.Comment, n.Waiting = c, false
	t.nodes[c.ID] = n
}

// insert puts a comment that isn't new where it stood before.
func (t *Tree) insert(n *Node, old bool) *Node {
	c := n.Comment
	at := len(t.top.Below)
	switch {
	case c.Parent != "":
		if n.Above = t.Find(c.Parent); n.Above == nil {
			return nil // on another page
		}
		n.Above.Comment.Replies++
		at = len(n.Above.Below)
		for old && at > 0 && c.At.Before(n.Above.Below[at-1].Comment.At) {
			at--
		}
	case t.Branch != "":
		return nil
	case old:
		at = t.placeOf(c)
	case t.Sort == Newest:
		at = slices.IndexFunc(t.top.Below, func(there *Node) bool { return !there.Comment.Pinned && (n.Waiting || !there.Waiting) })
		if at < 0 {
			at = len(t.top.Below)
		}
	}
	atEnd := !n.Waiting && at == len(t.under(n).Below) && (c.Parent != "" || t.Sort != Newest)
	for atEnd && at > 0 && t.under(n).Below[at-1].Waiting {
		at--
	}
	t.put(n, at)
	return n
}

func (t *Tree) put(n *Node, at int) {
	under := t.under(n)
	under.Below = slices.Insert(under.Below, at, n)
	t.nodes[n.Comment.ID] = n
}

// Remove takes a comment out, with all that stands under it.
func (t *Tree) Remove(n *Node) {
	under := t.under(n)
	under.Below = slices.DeleteFunc(under.Below, func(b *Node) bool { return b == n })
	if n.Above != nil {
		n.Above.Comment.Replies--
	}
	for b := range n.Branch() {
		delete(t.nodes, b.Comment.ID)
	}
}

// Count takes a tally, unless the tree has newer counts.
func (t *Tree) Count(tally Tally) {
	if tally.Version <= t.Thread.Version {
		return
	}
	t.Thread.Version = tally.Version
	t.Thread.Reactions = merged(t.Thread.Reactions, tally.Reactions)
	for id, likes := range tally.Likes {
		if n := t.Find(id); n != nil {
			n.Comment.Likes = likes
		}
	}
}
