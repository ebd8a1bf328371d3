package talk

// A Sort is an order of a thread's roots; replies always stand oldest first
// under what they answer.
type Sort string

// The orders. Representative is Top until its rule comes.
const (
	Representative Sort = "representative"
	Newest         Sort = "newest"
	Oldest         Sort = "oldest"
	Top            Sort = "top" // most likes first, then oldest
)

// SortOf reads an order; the empty one is Oldest, in which nothing on screen
// moves when somebody speaks.
func SortOf(s string) (Sort, error) {
	switch Sort(s) {
	case "", Oldest:
		return Oldest, nil
	case Newest, Top:
		return Sort(s), nil
	case Representative:
		return Top, nil
	}
	return "", Refuse(Invalid, "sort", "There is no order called %q: choose representative, newest, oldest or top.", s)
}

// How a thread is cut into pages: by roots, as long as they don't bring too many
// replies with them.
const (
	PageRoots    = 50  // roots on a page of the widget
	PageComments = 200 // with which it ends, however few roots they are
	PageReplies  = 40  // of one branch; what it has more can be asked for

	ListRoots    = 50 // roots in a list of the API, by default
	ListRootsMax = 200
	ListComments = 1000
	ListReplies  = 200
)
