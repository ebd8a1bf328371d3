package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// Deeds tests that what is done to keep order is written down: read returns, in
// order, who did it, as what, which deed, on or off (1 or 0), to which thread
// and comment, about whom and why, with spaces between.
func Deeds(t *testing.T, s forum.Store, read func() []string) {
	w := &world{T: t, Store: s}
	w.owner("olga")
	thread := w.thread()
	theirs, own := w.say(ann, thread, "", "x"), w.say(olga, thread, "", "y")
	lock := w.write(olga, talk.Command{Kind: talk.Lock, Thread: thread, On: true, Text: "why"})
	w.commit(
		w.keep(olga, talk.Pin, theirs, true), w.keep(olga, talk.Pin, theirs, true), w.keep(ann, talk.Pin, theirs, false),
		w.keep(olga, talk.Hold, theirs, true), w.keep(olga, talk.Hold, theirs, false),
		w.keep(olga, talk.Ban, theirs, true), w.keep(olga, talk.Ban, theirs, false), w.keep(olga, talk.Appoint, theirs, true), w.keep(olga, talk.Appoint, theirs, false),
		w.keep(olga, talk.Credit, theirs, true), w.keep(olga, talk.Credit, theirs, true), w.keep(olga, talk.Credit, theirs, false),
		lock, w.keep(olga, talk.Delete, theirs, false), w.keep(olga, talk.Restore, theirs, false),
		w.keep(olga, talk.Delete, own, false), w.keep(olga, talk.Restore, own, false), // hers, as anybody's
	)
	want := []string{"olga owner own 1   olga"}
	for _, deed := range []string{"pin 1", "hold 1", "hold 0", "ban 1", "ban 0", "appoint 1", "appoint 0", "credit 1", "credit 0", "lock", "delete 0", "restore 0"} {
		if deed == "lock" {
			want = append(want, fmt.Sprintf("olga owner lock 1 %s   why", thread))
			continue
		}
		want = append(want, fmt.Sprintf("olga owner %s %s %s ann why", deed, thread, theirs))
	}
	got := read()
	for i := range got {
		got[i] = strings.TrimSpace(got[i])
	}
	if !slices.Equal(got, want) {
		t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
