package forum_test

import (
	"slices"
	"testing"

	"folkmoot/app/talk"
)

// Whoever watches an inbox hears of it once what they were told is on disk, and
// once for all of a commit.
func TestWhoIsToldHears(t *testing.T) {
	w := newWorld(t)
	for _, parent := range []string{"", "c1", "c1", "c2"} {
		c := post("t", "x")
		c.Parent = parent
		if _, err := w.Do(t.Context(), ann, "", c); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	var told []string
	for _, u := range w.bus.updates() {
		if u.Person != "" {
			told = append(told, u.Person)
			if u.Topic() != talk.PersonTopic(u.Person) || len(u.Events) > 0 {
				t.Errorf("%+v", u)
			}
		}
	}
	if want := []string{"whoever wrote c1", "whoever wrote c1", "whoever wrote c2"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}
