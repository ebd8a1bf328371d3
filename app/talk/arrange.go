package talk

// Arrange puts comments in the order in which they are shown: the roots as they
// come, each followed by its replies, which stand in the order in which they
// come under what they answer. Replies whose parent isn't there are left out.
func Arrange(roots, replies []Comment) []Comment {
	under := make(map[string][]int, len(replies))
	for i, c := range replies {
		under[c.Parent] = append(under[c.Parent], i)
	}
	out := make([]Comment, 0, len(roots)+len(replies))
	var place func(c Comment)
	place = func(c Comment) {
		below := under[c.ID]
		delete(under, c.ID) // a circle in bad data ends here
		c.Replies = len(below)
		out = append(out, c)
		for _, i := range below {
			place(replies[i])
		}
	}
	for _, c := range roots {
		place(c)
	}
	return out
}
