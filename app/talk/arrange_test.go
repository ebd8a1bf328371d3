package talk_test

import (
	"strconv"
	"testing"

	"folkmoot/app/talk"
)

func TestArrange(t *testing.T) {
	type pair struct{ id, parent string }
	tests := []struct {
		name    string
		roots   []string
		replies []pair
		want    string
	}{
		{"nothing", nil, nil, ""},
		{"roots keep their order", []string{"b", "a", "c"}, nil, "b a c"},
		{"replies keep theirs, under their parents", []string{"a", "b"}, []pair{{"b1", "b"}, {"a1", "a"}, {"b2", "b"}, {"a2", "a"}}, "a a1 a2 b b1 b2"},
		{"replies to replies", []string{"a"}, []pair{{"1", "a"}, {"2", "a"}, {"1x", "1"}, {"1xx", "1x"}, {"2x", "2"}}, "a 1 1x 1xx 2 2x"},
		{"a reply that comes before its parent", []string{"a"}, []pair{{"1x", "1"}, {"1", "a"}}, "a 1 1x"},
		{"orphans are left out", []string{"a"}, []pair{{"o", "gone"}, {"oo", "o"}, {"1", "a"}}, "a 1"},
		{"a circle off the tree", []string{"a"}, []pair{{"x", "y"}, {"y", "x"}}, "a"},
		{"a reply to itself", []string{"a"}, []pair{{"x", "x"}}, "a"},
		{"a circle through a root", []string{"a"}, []pair{{"1", "a"}, {"a", "1"}}, "a 1 a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var roots, replies []talk.Comment
			for _, id := range tt.roots {
				roots = append(roots, comment(id, ""))
			}
			for _, p := range tt.replies {
				replies = append(replies, comment(p.id, p.parent))
			}
			if got := order(talk.Arrange(roots, replies)); got != tt.want {
				t.Errorf("shown %q, want %q", got, tt.want)
			}
		})
	}
}

func TestArrangeCountsReplies(t *testing.T) {
	stale := comment("a", "")
	stale.Replies = 9
	got := talk.Arrange([]talk.Comment{stale}, []talk.Comment{comment("1", "a"), comment("2", "a"), comment("1x", "1")})
	for i, want := range []int{2, 1, 0, 0} {
		if got[i].Replies != want {
			t.Errorf("%s has %d replies, want %d", got[i].ID, got[i].Replies, want)
		}
	}
}

// A browser's stack is far smaller than a server's: run this with
// GOOS=js GOARCH=wasm too.
func TestArrangeLongChain(t *testing.T) {
	const n = 100_000
	replies := make([]talk.Comment, n)
	for i := range replies {
		replies[i] = comment(strconv.Itoa(i+1), strconv.Itoa(i))
	}
	got := talk.Arrange([]talk.Comment{comment("0", "")}, replies)
	if len(got) != n+1 || got[n].ID != strconv.Itoa(n) {
		t.Errorf("%d comments, want %d", len(got), n+1)
	}
}
