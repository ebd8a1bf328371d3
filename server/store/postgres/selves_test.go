package postgres

import (
	"log/slog"
	"testing"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// A commit that was under way when somebody became another may have written as
// who they were: that is put right, and a write that comes after lands as who
// they are even where the batch has others'.
func TestWhatWasLeftBehindComesAlong(t *testing.T) {
	url := database(t)
	s, err := Open(t.Context(), url, slog.New(slog.DiscardHandler))
	must(t, err)
	defer s.Close()
	o, err := s.Open(t.Context(), forum.Page{Key: "https://blog.example/a", Title: "A"}, time.Now())
	must(t, err)
	post := words(o.Thread, "Ann", "x")
	post.Person.ID, post.At = "ann", time.Now()
	_, err = s.Commit(t.Context(), []forum.Write{post})
	must(t, err)
	must(t, s.Invite(t.Context(), forum.Invitation{Kind: forum.ByHandover, Hash: []byte("code"), By: "ann", Expires: time.Now().Add(time.Hour)}))
	_, err = s.Continue(t.Context(), []byte("code"), "app", forum.Rules{}, time.Now())
	must(t, err)
	must(t, execute(t.Context(), url, `UPDATE comment SET author = 'ann'`, `INSERT INTO reaction (thread, person, kind, at) SELECT id, 'ann', 'like', 1 FROM thread`,
		`INSERT INTO reaction_count (thread, kind, n) SELECT id, 'like', 1 FROM thread`))
	must(t, s.Forget(t.Context(), time.Now().Add(-24*time.Hour)))
	v, err := s.View(t.Context(), o.Thread, "app", forum.Query{Roots: 10})
	must(t, err)
	if v.Comments[0].Author.ID != "app" || len(v.Thread.Mine) != 1 || v.Thread.Reactions["like"] != 1 {
		t.Errorf("%+v", v)
	}
	old, other := words(o.Thread, "Ann", "y"), words(o.Thread, "Bob", "z")
	old.Person.ID, old.At, other.Person.ID, other.At = "ann", time.Now(), "bob", time.Now()
	outcomes, err := s.Commit(t.Context(), []forum.Write{other, old, {Command: talk.Command{Kind: talk.Like, Comment: post.ID, On: true}, Person: talk.Person{ID: "ann"}, At: time.Now()}})
	must(t, err)
	for i, want := range []string{"bob", "app"} {
		if got := outcomes[i].Result.Comment.Author.ID; got != want {
			t.Errorf("comment %d is %s's, want %s's", i, got, want)
		}
	}
	if len(outcomes[2].Told) != 0 { // her own comment
		t.Errorf("%+v", outcomes[2])
	}
}
