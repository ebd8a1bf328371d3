package talk_test

import (
	"testing"

	"folkmoot/app/talk"
)

func TestSortOf(t *testing.T) {
	for in, want := range map[string]talk.Sort{"": talk.Oldest, "oldest": talk.Oldest, "newest": talk.Newest, "top": talk.Top, "representative": talk.Top} {
		if got, err := talk.SortOf(in); got != want || err != nil {
			t.Errorf("SortOf(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"Newest", " oldest", "best", "newest;"} {
		if got, err := talk.SortOf(in); got != "" || codeOf(err) != talk.Invalid {
			t.Errorf("SortOf(%q) = %q, %v; want a refusal", in, got, err)
		}
	}
}
