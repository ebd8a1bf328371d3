package list

import (
	"iter"
	"slices"

	"folkmoot/app/talk"
)

// A row is a place in the list: a comment, or where replies are missing.
type row struct {
	node  *talk.Node // of a place where replies are missing, the one before it
	rest  int        // how many are missing there; 0 for a comment
	level int        // 1 for a root
	base  *row       // what it is indented under
	later bool       // it, or what it stands under, is not shown yet
	alone bool       // it is shown, unless something above it is folded
	kids  int        // its replies of which that can be said
	below int        // so much of what is indented under it, and what is missing there
	folds int        // how many above it are folded
	fold  bool       // its replies are

	shown  bool
	height float64 // pixels that it takes when it is shown
	in     *chunk
}

// rows are all rows, in order. They stand in chunks with their sums, so that
// nothing that is asked for needs a look at each. All heights are multiples of
// 1/64, as the browser's are, and sums of them exact.
type rows struct {
	chunks []*chunk
}

type chunk struct {
	rows   []*row
	shown  int
	height float64
}

const chunkRows = 128 // at most

// insert puts a row after another, or first if that is nil.
func (r *rows) insert(after, x *row) {
	i, at := 0, 0
	switch {
	case after != nil:
		i = r.index(after.in)
		at = slices.Index(after.in.rows, after) + 1
	case len(r.chunks) == 0:
		r.chunks = []*chunk{{}}
	}
	c := r.chunks[i]
	c.rows = slices.Insert(c.rows, at, x)
	x.in = c
	c.count(x, 1)
	if len(c.rows) > chunkRows {
		r.split(i)
	}
}

// index is where a chunk stands; most often it is the last.
func (r *rows) index(c *chunk) int {
	if last := len(r.chunks) - 1; r.chunks[last] == c {
		return last
	}
	return slices.Index(r.chunks, c)
}

func (r *rows) split(i int) {
	var halves []*chunk
	for half := range slices.Chunk(r.chunks[i].rows, chunkRows/2+1) {
		c := &chunk{rows: slices.Clone(half)}
		for _, x := range c.rows {
			x.in = c
			c.count(x, 1)
		}
		halves = append(halves, c)
	}
	r.chunks = slices.Replace(r.chunks, i, i+1, halves...)
}

// remove takes a row out.
func (r *rows) remove(x *row) {
	c := x.in
	c.count(x, -1)
	c.rows = slices.DeleteFunc(c.rows, func(y *row) bool { return y == x })
	x.in = nil
	if len(c.rows) == 0 {
		i := r.index(c)
		r.chunks = slices.Delete(r.chunks, i, i+1)
	}
}

// count adds what a row takes to a chunk's sums, or with sign -1 takes it away.
func (c *chunk) count(x *row, sign int) {
	if x.shown {
		c.shown += sign
		c.height += float64(sign) * x.height
	}
}

// set changes whether a row is shown and how high it is.
func (x *row) set(shown bool, height float64) {
	if x.in == nil {
		x.shown, x.height = shown, height
		return
	}
	x.in.count(x, -1)
	x.shown, x.height = shown, height
	x.in.count(x, 1)
}

// shown is how many rows are.
func (r *rows) shown() (n int) {
	for _, c := range r.chunks {
		n += c.shown
	}
	return n
}

// height is that of all that are shown.
func (r *rows) height() (h float64) {
	for _, c := range r.chunks {
		h += c.height
	}
	return h
}

// above is the height of what stands before a row, and how many rows that are.
func (r *rows) above(x *row) (h float64, n int) {
	for _, c := range r.chunks {
		if c == x.in {
			break
		}
		h, n = h+c.height, n+c.shown
	}
	for _, y := range x.in.rows {
		if y == x {
			break
		}
		if y.shown {
			h, n = h+y.height, n+1
		}
	}
	return h, n
}

// at is the row that is shown at a height, or the nearest; nil if none is shown.
func (r *rows) at(y float64) (last *row) {
	for _, c := range r.chunks {
		if y >= c.height {
			y -= c.height
			if x := c.last(); x != nil {
				last = x
			}
			continue
		}
		for _, x := range c.rows {
			if !x.shown {
				continue
			}
			if y < x.height {
				return x
			}
			y -= x.height
		}
	}
	return last
}

// last is the last row that is shown, or nil.
func (c *chunk) last() *row {
	for _, x := range slices.Backward(c.rows) {
		if x.shown {
			return x
		}
	}
	return nil
}

// nth is the row before which so many are shown, or nil.
func (r *rows) nth(n int) *row {
	for _, c := range r.chunks {
		if n >= c.shown {
			n -= c.shown
			continue
		}
		for _, x := range c.rows {
			if !x.shown {
				continue
			}
			if n == 0 {
				return x
			}
			n--
		}
	}
	return nil
}

// from walks the rows from one on, or from the first if that is nil.
func (r *rows) from(x *row) iter.Seq[*row] {
	return func(yield func(*row) bool) {
		i, j := 0, 0
		if x != nil {
			i = r.index(x.in)
			j = slices.Index(x.in.rows, x)
		}
		for ; i < len(r.chunks); i, j = i+1, 0 {
			for _, y := range r.chunks[i].rows[j:] {
				if !yield(y) {
					return
				}
			}
		}
	}
}
