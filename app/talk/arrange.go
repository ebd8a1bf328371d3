package talk

import "slices"

// Arrange puts comments in the order in which they are shown: the roots as they
// come, each followed by its replies, which stand in the order in which they
// come under what they answer. Replies whose parent isn't there are left out.
func Arrange(roots, replies []Comment) []Comment {
	under := make(map[string][]int, len(replies))
	for i, c := range replies {
		under[c.Parent] = append(under[c.Parent], i)
	}
	out := make([]Comment, 0, len(roots)+len(replies))
	var next []Comment // a stack, not recursion: a long chain would overflow a browser's
	for _, root := range roots {
		next = append(next, root)
		for len(next) > 0 {
			c := next[len(next)-1]
			next = next[:len(next)-1]
			below := under[c.ID]
			delete(under, c.ID) // a circle in bad data ends here
			c.Replies = len(below)
			out = append(out, c)
			for _, i := range slices.Backward(below) {
				next = append(next, replies[i])
			}
		}
	}
	return out
}
