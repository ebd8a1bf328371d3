package forum

import (
	"slices"

	"folkmoot/app/talk"
)

// A Reply is what the order of a branch is known from.
type Reply struct{ ID, Parent string }

// A Portion is what a page has of a branch.
type Portion struct {
	IDs      []string // of its replies, in the order in which they are shown
	Answered []string // those that they answer and that the page doesn't have

	direct map[string]int // how many replies each comment has, here or not
	rest   map[string]int // as [talk.View]'s
}

// Portion chooses what a page has of a root's branch, whose replies are given
// oldest first: its beginning, or what is around the comment that the page is
// for, or what stands after the one that it continues.
func (q Query) Portion(root string, replies []Reply) Portion {
	order, direct := inOrder(root, replies)
	p := Portion{direct: direct, rest: map[string]int{}}
	from, most := 0, orAll(q.Replies)
	switch at := slices.Index(order, q.Rest); {
	case q.Rest != "":
		from, most = at+1, orAll(q.Comments) // after the root itself, where the comment is that
	case q.Around != "" && len(order) > most:
		if at = slices.Index(order, q.Around); at >= most {
			from = min(at-most/2, len(order)-most)
		}
	}
	to := min(len(order), from+min(most, len(order)))
	p.IDs = order[from:to]
	here := map[string]bool{root: q.Rest == ""}
	for _, id := range p.IDs {
		here[id] = true
	}
	for _, r := range replies {
		if here[r.ID] && r.ID != root && !here[r.Parent] {
			here[r.Parent] = true
			p.Answered = append(p.Answered, r.Parent)
		}
	}
	if from > 0 && q.Rest == "" {
		p.rest[root] = from
	}
	if to < len(order) && to > from {
		p.rest[order[to-1]] = len(order) - to
	}
	return p
}

// inOrder puts replies in the order in which they are shown, and counts each
// comment's.
func inOrder(root string, replies []Reply) (order []string, direct map[string]int) {
	under := map[string][]string{}
	direct = map[string]int{}
	for _, r := range replies {
		under[r.Parent] = append(under[r.Parent], r.ID)
		direct[r.Parent]++
	}
	for next := []string{root}; len(next) > 0; { // not recursion: chains are long
		id := next[len(next)-1]
		next = next[:len(next)-1]
		if id != root {
			order = append(order, id)
		}
		below := under[id]
		delete(under, id) // a circle in bad data ends here
		for _, b := range slices.Backward(below) {
			next = append(next, b)
		}
	}
	return order, direct
}

// Compose puts the comments of a page in order: roots with a portion of each
// one's branch, or, if there are none, a portion alone.
func Compose(v *talk.View, roots []talk.Comment, portions map[string]Portion, replies map[string]talk.Comment) {
	v.Comments = make([]talk.Comment, 0, len(roots)+len(replies))
	add := func(c talk.Comment, p Portion) {
		c.Replies = p.direct[c.ID]
		v.Comments = append(v.Comments, c)
	}
	branch := func(p Portion) {
		for _, id := range p.IDs {
			if c, ok := replies[id]; ok {
				add(c, p)
			}
		}
		for id, n := range p.rest {
			if v.Rest == nil {
				v.Rest = map[string]int{}
			}
			v.Rest[id] = n
		}
	}
	for _, r := range roots {
		add(r, portions[r.ID])
		branch(portions[r.ID])
	}
	if len(roots) == 0 {
		for root, p := range portions {
			v.Branch = root
			branch(p)
		}
	}
}
