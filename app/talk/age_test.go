package talk_test

import (
	"testing"
	"time"

	"folkmoot/app/talk"
)

func TestAge(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		ago  time.Duration
		want string
	}{
		{-time.Hour, "now"}, // a clock that is behind
		{0, "now"},
		{time.Minute - 1, "now"},
		{time.Minute, "1m"},
		{59*time.Minute + 59*time.Second, "59m"},
		{time.Hour, "1h"},
		{day - 1, "23h"},
		{day, "1d"},
		{7*day - 1, "6d"},
		{7 * day, "1w"},
		{30 * day, "4w"},
		{365 * day / 12, "1mo"},
		{5 * 365 * day / 12, "5mo"},
		{365*day - 1, "11mo"},
		{365 * day, "1y"},
		{25 * 365 * day, "25y"},
	}
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range tests {
		at := now.Add(-tt.ago).In(time.FixedZone("far", 13*60*60))
		if got := talk.Age(at, now); got != tt.want {
			t.Errorf("%v ago is %q, want %q", tt.ago, got, tt.want)
		}
	}
}

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
