package session

import (
	"slices"
	"testing"
	"time"

	"folkmoot/app/talk"
	"folkmoot/app/ui"
)

var now = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

func comment(id, parent, author string) talk.Comment {
	return talk.Comment{ID: id, Thread: "t", Parent: parent, Author: talk.Person{ID: author}, State: talk.Published, At: now, HTML: "<p>" + id + "</p>"}
}

// begin is a session on a thread with comments a and b.
func begin() *Session {
	return New(ui.State{
		Kinds: talk.DefaultReactions, Me: talk.Person{ID: "me"},
		View: talk.View{
			Thread:   talk.Thread{ID: "t", Seq: 2, Version: 5, Comments: 2, Reactions: map[string]int{"like": 3}},
			Comments: []talk.Comment{comment("a", "", "x"), comment("b", "", "y")}, Sort: talk.Oldest,
		},
	})
}

func post(ref, body string) *Deed {
	return &Deed{Ref: ref, Command: talk.Command{Kind: talk.Post, Thread: "t", Body: body, Name: "Ann"}, At: now}
}

func react(ref string, on bool) *Deed {
	return &Deed{Ref: ref, Command: talk.Command{Kind: talk.React, Thread: "t", Reaction: "like", On: on}}
}

func never(talk.Comment) bool  { return false }
func always(talk.Comment) bool { return true }

func shown(s *Session) []string {
	var ids []string
	for _, p := range s.State.Parts {
		ids = append(ids, p.Comment.ID)
	}
	return ids
}

func wantShown(t *testing.T, s *Session, want ...string) {
	t.Helper()
	if got := shown(s); !slices.Equal(got, want) {
		t.Errorf("shown are %q, want %q", got, want)
	}
}

func TestReactionShowsAtOnceAndStays(t *testing.T) {
	s := begin()
	s.Do(react("1", true))
	if n := s.State.View.Thread.Reactions["like"]; n != 4 || !s.Reacted("like") {
		t.Fatalf("shown are %d likes, mine %v; want 4, mine", n, s.Reacted("like"))
	}
	if s.State.Moved["like"] != 1 {
		t.Errorf("the count moved %d times, want once", s.State.Moved["like"])
	}
	liked := []string{"like"}
	s.Done("1", talk.Result{Reactions: map[string]int{"like": 4}, Mine: liked, Version: 6})
	s.Counted(talk.Tally{Version: 6, Reactions: map[string]int{"like": 4}})
	if n := s.State.View.Thread.Reactions["like"]; n != 4 || !s.Reacted("like") {
		t.Errorf("after done and tally %d likes, mine %v; want 4, mine", n, s.Reacted("like"))
	}
	if s.State.Moved["like"] != 1 {
		t.Errorf("the count moved again without having changed")
	}
}

func TestLateAnswerDoesNotUndoNewerTally(t *testing.T) {
	s := begin()
	s.Do(react("1", true))
	s.Counted(talk.Tally{Version: 9, Reactions: map[string]int{"like": 8}})
	s.Done("1", talk.Result{Reactions: map[string]int{"like": 4}, Mine: []string{"like"}, Version: 6})
	if n := s.State.View.Thread.Reactions["like"]; n != 8 {
		t.Errorf("%d likes after an answer of version 6 and a tally of version 9 that said 8", n)
	}
}

func TestRefusedDeedIsGone(t *testing.T) {
	s := begin()
	s.Do(react("1", true))
	if d := s.Refused("1"); d == nil || d.Ref != "1" {
		t.Fatalf("the refused deed is %v", d)
	}
	if n := s.State.View.Thread.Reactions["like"]; n != 3 || s.Reacted("like") {
		t.Errorf("%d likes, mine %v after it was refused; want 3, not mine", n, s.Reacted("like"))
	}
	if s.Refused("1") != nil {
		t.Error("a deed was refused twice")
	}
}

func TestUnsentSwitchesFoldToTheLast(t *testing.T) {
	s := begin()
	s.Do(react("1", true))
	s.Do(react("2", false))
	s.Do(react("3", true))
	if u := s.Unsent(); len(u) != 1 || u[0].Ref != "3" {
		t.Errorf("%d deeds wait, want the last alone", len(u))
	}
	s.Unsent()[0].Sent = true
	s.Do(react("4", false))
	if len(s.Unsent()) != 1 || s.Reacted("like") {
		t.Error("a deed that was sent must be followed by its undoing")
	}
	s.Disconnected()
	if len(s.Unsent()) != 2 {
		t.Errorf("%d deeds are sent again after a disconnection, want both", len(s.Unsent()))
	}
}

func TestCommentIsShownOnceWhateverComesFirst(t *testing.T) {
	mine := comment("c", "", "me")
	event := talk.Event{Seq: 3, Kind: talk.CommentAdded, Comment: mine}
	for name, arrive := range map[string]func(*Session) error{
		"answer first": func(s *Session) error {
			s.Done("1", talk.Result{Comment: &mine})
			return s.Heard(event, always)
		},
		"log entry first": func(s *Session) error {
			err := s.Heard(event, always)
			s.Done("1", talk.Result{Comment: &mine})
			return err
		},
		"answer again after a reconnection": func(s *Session) error {
			err := s.Heard(event, always)
			s.Done("1", talk.Result{Comment: &mine})
			s.Done("1", talk.Result{Comment: &mine})
			return err
		},
	} {
		s := begin()
		s.Do(post("1", "hello"))
		wantShown(t, s, "a", "b", "ref-1")
		if s.State.Waiting["ref-1"] != "hello" {
			t.Errorf("%s: what waits is %q", name, s.State.Waiting)
		}
		if err := arrive(s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wantShown(t, s, "a", "b", "c")
		if len(s.State.Unseen) > 0 || len(s.State.Waiting) > 0 || s.State.View.Thread.Comments != 3 {
			t.Errorf("%s: unseen %v, waiting %v, %d comments; want none, none, 3", name, s.State.Unseen, s.State.Waiting, s.State.View.Thread.Comments)
		}
		if s.State.Keys["c"] != "ref-1" {
			t.Errorf("%s: the comment changed its key under the reader", name)
		}
	}
}

func TestOthersCommentsWaitWhereTheyWouldMoveThings(t *testing.T) {
	s := begin()
	if err := s.Heard(talk.Event{Seq: 3, Kind: talk.CommentAdded, Comment: comment("c", "a", "x")}, always); err != nil {
		t.Fatal(err)
	}
	if err := s.Heard(talk.Event{Seq: 4, Kind: talk.CommentAdded, Comment: comment("d", "c", "x")}, never); err != nil {
		t.Fatal(err)
	}
	if err := s.Heard(talk.Event{Seq: 5, Kind: talk.CommentAdded, Comment: comment("e", "", "x")}, never); err != nil {
		t.Fatal(err)
	}
	if u := s.State.Unseen; !u["c"] || !u["d"] || u["e"] {
		t.Errorf("unseen are %v; want c, and d because it answers c, and not e", u)
	}
	wantShown(t, s, "a", "b", "e")
	if first := s.Base.RevealAll(); first != "c" {
		t.Errorf("the first of them is %q, want c", first)
	}
	s.Show()
	wantShown(t, s, "a", "c", "d", "b", "e")
}

func TestGapIsNoticedAndRepeatsAreNot(t *testing.T) {
	s := begin()
	if err := s.Heard(talk.Event{Seq: 4, Kind: talk.CommentAdded, Comment: comment("d", "", "x")}, never); err == nil {
		t.Error("entry 4 was taken after entry 2")
	}
	wantShown(t, s, "a", "b")
	for range 2 {
		if err := s.Heard(talk.Event{Seq: 3, Kind: talk.CommentAdded, Comment: comment("c", "", "x")}, never); err != nil {
			t.Error(err)
		}
	}
	wantShown(t, s, "a", "b", "c")
}

func TestRemovedCommentGoes(t *testing.T) {
	s := begin()
	gone := comment("a", "", "")
	gone.State = talk.Removed
	if err := s.Heard(talk.Event{Seq: 3, Kind: talk.CommentRemoved, Comment: gone}, never); err != nil {
		t.Fatal(err)
	}
	if c := s.Find("a"); c.State != talk.Removed || s.State.View.Thread.Comments != 1 {
		t.Errorf("comment a is %s, %d are counted; want removed, 1", c.State, s.State.View.Thread.Comments)
	}
}

func TestLikeOverlay(t *testing.T) {
	s := begin()
	s.Do(&Deed{Ref: "1", Command: talk.Command{Kind: talk.Like, Comment: "a", On: true}})
	if !s.Liked("a") || s.Find("a").Likes != 1 || s.Base.Find("a").Comment.Likes != 0 {
		t.Fatal("a like must show at once, on top of what the server said")
	}
	one, yes := 1, true
	s.Done("1", talk.Result{Likes: &one, Liked: &yes, Version: 6})
	if !s.Liked("a") || s.Find("a").Likes != 1 {
		t.Error("a like that was done must stay")
	}
}

func TestRenewedKeepsWhatWaits(t *testing.T) {
	s := begin()
	s.Do(post("1", "hello"))
	s.Renewed(ui.State{View: talk.View{Thread: talk.Thread{ID: "t", Epoch: "other", Seq: 1}, Comments: []talk.Comment{comment("z", "", "x")}}})
	wantShown(t, s, "z", "ref-1")
	if len(s.Deeds()) != 1 {
		t.Error("the comment that waits was lost")
	}
}

func TestMorePutsPagesBeforeWhatCameLive(t *testing.T) {
	s := begin()
	s.Base.Next = "2"
	for i, c := range []talk.Comment{comment("y", "", "x"), comment("y1", "y", "x"), comment("z", "", "x")} {
		if err := s.Heard(talk.Event{Seq: uint64(3 + i), Kind: talk.CommentAdded, Comment: c}, never); err != nil {
			t.Fatal(err)
		}
	}
	wantShown(t, s, "a", "b", "y", "y1", "z")
	s.More(talk.View{Comments: []talk.Comment{comment("c", "", "y"), comment("y", "", "x"), comment("y1", "y", "x")}, Next: "9"})
	wantShown(t, s, "a", "b", "c", "y", "y1", "z")
	if s.State.View.Next != "9" {
		t.Errorf("the next page begins at %q, want 9", s.State.View.Next)
	}
}

// A post that may be there already is sent under the same ref if it says the
// same: then it is there once.
func TestLostPostIsSentAgain(t *testing.T) {
	s := New(ui.State{})
	c := talk.Command{Kind: talk.Post, Thread: "t", Body: "Said to a wall", Name: "Ann"}
	other := c
	other.Body = "Something else"
	for _, tt := range []struct {
		say  talk.Command
		want string
	}{{c, "r1"}, {other, "fresh"}} {
		s.Lost(&Deed{Ref: "r1", Command: c})
		if got := s.Again(tt.say, "fresh"); got != tt.want {
			t.Errorf("%q is sent as %s, want %s", tt.say.Body, got, tt.want)
		}
		if got := s.Again(c, "fresh"); got != "fresh" {
			t.Errorf("said anew, it is sent as %s", got)
		}
	}
}

// What is on its way can't be taken back; what is not leaves nothing.
func TestTakeBack(t *testing.T) {
	s, d := begin(), post("r", "x")
	s.Do(d)
	d.Sent = true
	if s.TakeBack("r") != nil {
		t.Error("what is being sent was taken back")
	}
	s.Disconnected()
	if s.TakeBack("r") != d || len(s.Deeds()) != 0 || s.Find(WaitingID("r")) != nil || len(s.State.Waiting) != 0 {
		t.Errorf("it is not gone: %+v", s.Deeds())
	}
	if s.TakeBack("r") != nil {
		t.Error("it was taken back twice")
	}
}
