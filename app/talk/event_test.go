package talk_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"folkmoot/app/talk"
)

func comment(id, parent string) talk.Comment {
	return talk.Comment{ID: id, Parent: parent, State: talk.Published, HTML: "<p>" + id + "</p>"}
}

func added(seq uint64, c talk.Comment) talk.Event {
	return talk.Event{Seq: seq, Kind: talk.CommentAdded, Comment: c}
}

func removed(seq uint64, c talk.Comment) talk.Event {
	return talk.Event{Seq: seq, Kind: talk.CommentRemoved, Comment: talk.Comment{ID: c.ID, Parent: c.Parent, At: c.At, State: talk.Removed}}
}

// What trees make of views.
func apply(v talk.View, e talk.Event) talk.View {
	t := talk.NewTree(v)
	t.Apply(e)
	return t.View()
}

func insert(v talk.View, c talk.Comment) talk.View {
	t := talk.NewTree(v)
	t.Insert(c)
	return t.View()
}

func count(v talk.View, tally talk.Tally) talk.View {
	t := talk.NewTree(v)
	t.Count(tally)
	return t.View()
}

// order is the ids in the order in which they are shown.
func order(comments []talk.Comment) string {
	var ids []string
	for _, c := range comments {
		ids = append(ids, c.ID)
	}
	return strings.Join(ids, " ")
}

// unchanged fails the test if what do does to other views shows in v, in the
// room behind its slices too.
func unchanged(t *testing.T, v talk.View, do func()) {
	t.Helper()
	shown := func() string {
		b, err := json.Marshal([]any{v, v.Comments[:cap(v.Comments)]})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	before := shown()
	do()
	if after := shown(); after != before {
		t.Errorf("the view that was passed in changed:\n%s\n%s", before, after)
	}
}

func TestInsert(t *testing.T) {
	tree := []talk.Comment{comment("a", ""), comment("a1", "a"), comment("a1x", "a1"), comment("a2", "a"), comment("b", ""), comment("b1", "b")}
	tests := []struct {
		name string
		sort talk.Sort
		new  talk.Comment
		want string
	}{
		{"root, oldest first", talk.Oldest, comment("c", ""), "a a1 a1x a2 b b1 c"},
		{"root, newest first", talk.Newest, comment("c", ""), "c a a1 a1x a2 b b1"},
		{"root, top", talk.Top, comment("c", ""), "a a1 a1x a2 b b1 c"},
		{"reply after the whole branch", talk.Oldest, comment("a3", "a"), "a a1 a1x a2 a3 b b1"},
		{"reply in the middle of a branch", talk.Oldest, comment("a1y", "a1"), "a a1 a1x a1y a2 b b1"},
		{"first reply to a leaf", talk.Oldest, comment("a1xx", "a1x"), "a a1 a1x a1xx a2 b b1"},
		{"reply to the last", talk.Newest, comment("b1x", "b1"), "a a1 a1x a2 b b1 b1x"},
		{"reply to what is on another page", talk.Oldest, comment("z1", "z"), "a a1 a1x a2 b b1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := talk.View{Comments: append(make([]talk.Comment, 0, 20), tree...), Sort: tt.sort}
			var out talk.View
			unchanged(t, in, func() { out = insert(in, tt.new) })
			if got := order(out.Comments); got != tt.want {
				t.Errorf("shown %s, want %s", got, tt.want)
			}
			for i, c := range out.Comments {
				replies := 0
				if c.ID == tt.new.Parent {
					replies = 1
				}
				if c.Replies != replies {
					t.Errorf("%s has %d replies, want %d", out.Comments[i].ID, c.Replies, replies)
				}
			}
		})
	}
	if got := order(insert(talk.View{}, comment("a", "")).Comments); got != "a" {
		t.Errorf("an empty view shows %q after its first comment", got)
	}
}

func TestApply(t *testing.T) {
	liked := comment("a", "")
	liked.Likes, liked.Liked, liked.Replies = 3, true, 1
	base := talk.View{
		Thread:   talk.Thread{Seq: 5, Comments: 2, Reactions: map[string]int{"like": 1}},
		Comments: append(make([]talk.Comment, 0, 8), liked, comment("a1", "a")),
		Sort:     talk.Oldest,
	}
	gone := comment("h", "")
	gone.State = talk.Removed
	again := comment("a1", "a")
	again.HTML = "<p>from the log</p>"

	tests := []struct {
		name     string
		event    talk.Event
		want     string
		seq      uint64
		comments int
	}{
		{"the next", added(6, comment("b", "")), "a a1 b", 6, 3},
		{"a reply", added(6, comment("a2", "a")), "a a1 a2", 6, 3},
		{"one that it has", added(5, comment("b", "")), "a a1", 5, 2},
		{"an old one", added(1, comment("b", "")), "a a1", 5, 2},
		{"gone since, of which an entry is still to come", added(6, gone), "a a1 h", 6, 3},
		{"held", talk.Event{Seq: 6, Kind: talk.CommentHeld, Comment: comment("a1", "a")}, "a a1", 6, 1},
		{"edited", talk.Event{Seq: 6, Kind: talk.CommentEdited, Comment: again}, "a a1", 6, 2},
		{"edited on another page", talk.Event{Seq: 6, Kind: talk.CommentEdited, Comment: comment("z", "")}, "a a1", 6, 2},
		{"restored", talk.Event{Seq: 6, Kind: talk.CommentRestored, Comment: again}, "a a1", 6, 3},
		{"restored, and not here", talk.Event{Seq: 6, Kind: talk.CommentRestored, Comment: comment("b", "")}, "a a1 b", 6, 3},
		{"pinned on another page", talk.Event{Seq: 6, Kind: talk.CommentPinned, Comment: comment("z", "")}, "a a1", 6, 2},
		{"locked", talk.Event{Seq: 6, Kind: talk.ThreadLocked, Thread: &talk.ThreadNow{ID: "t", Locked: true}}, "a a1", 6, 2},
		{"shown before it was logged", added(6, again), "a a1", 6, 3},
		{"a reply on another page is counted", added(6, comment("z1", "z")), "a a1", 6, 3},
		{"removed", removed(6, liked), "a a1", 6, 1},
		{"removed on another page", removed(6, comment("z", "")), "a a1", 6, 1},
		{"a kind of a later release", talk.Event{Seq: 6, Kind: "comment.sung"}, "a a1", 6, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out talk.View
			unchanged(t, base, func() { out = apply(base, tt.event) })
			if got := order(out.Comments); got != tt.want {
				t.Errorf("shown %s, want %s", got, tt.want)
			}
			if out.Thread.Seq != tt.seq || out.Thread.Comments != tt.comments {
				t.Errorf("at %d with %d comments, want %d with %d", out.Thread.Seq, out.Thread.Comments, tt.seq, tt.comments)
			}
		})
	}

	t.Run("events don't carry what the reader and tallies know", func(t *testing.T) {
		got := apply(base, removed(6, liked)).Comments[0]
		want := talk.Comment{ID: "a", State: talk.Removed, Likes: 3, Liked: true, Replies: 1}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the stone is %+v, want %+v", got, want)
		}
		if got := apply(base, added(6, again)); got.Comments[1].HTML != again.HTML || got.Comments[0].Replies != 1 {
			t.Errorf("after its own entry, a comment shown early is %+v", got.Comments)
		}
	})
}

// history makes a log of n entries: all that may become of a comment.
func history(r *rand.Rand, n int) []talk.Event {
	var log []talk.Event
	var there []talk.Comment
	gone := map[string]bool{}
	for seq := uint64(1); seq <= uint64(n); seq++ {
		if len(there) > 0 && r.IntN(2) == 0 {
			i := r.IntN(len(there))
			c := &there[i]
			kind := []talk.EventKind{talk.CommentEdited, talk.CommentRemoved, talk.CommentHeld, talk.CommentPinned, talk.CommentPinned, "of tomorrow"}[r.IntN(6)]
			switch {
			case gone[c.ID]:
				kind = talk.CommentRestored
				gone[c.ID] = false
			case kind == talk.CommentRemoved || kind == talk.CommentHeld:
				gone[c.ID] = true
				c.Pinned = false
				log = append(log, removed(seq, *c))
				log[len(log)-1].Kind = kind
				continue
			case kind == talk.CommentEdited:
				c.HTML += "!"
			case kind == talk.CommentPinned && c.Parent == "":
				c.Pinned = !c.Pinned
			default:
				kind = "of tomorrow"
			}
			log = append(log, talk.Event{Seq: seq, Kind: kind, Comment: *c})
			continue
		}
		parent := ""
		if len(there) > 0 && r.IntN(3) > 0 {
			parent = there[r.IntN(len(there))].ID
		}
		c := comment(fmt.Sprintf("c%d", seq), parent)
		c.At = time.Unix(int64(seq), 0)
		there = append(there, c)
		log = append(log, added(seq, c))
	}
	return log
}

// straightforward is the view after a log, computed all at once.
func straightforward(log []talk.Event, sort talk.Sort) talk.View {
	var all []talk.Comment
	v := talk.View{Sort: sort, Thread: talk.Thread{Seq: uint64(len(log))}}
	for _, e := range log {
		v.Thread.Comments += map[talk.EventKind]int{talk.CommentAdded: 1, talk.CommentRestored: 1, talk.CommentRemoved: -1, talk.CommentHeld: -1}[e.Kind]
		if i := slices.IndexFunc(all, func(c talk.Comment) bool { return c.ID == e.Comment.ID }); i >= 0 {
			all[i] = e.Comment
		} else {
			all = append(all, e.Comment)
		}
	}
	var roots, replies []talk.Comment
	for _, c := range all {
		if c.Parent == "" {
			roots = append(roots, c)
		} else {
			replies = append(replies, c)
		}
	}
	slices.SortStableFunc(roots, func(a, b talk.Comment) int {
		switch {
		case a.Pinned != b.Pinned:
			return map[bool]int{true: -1, false: 1}[a.Pinned]
		case !a.Pinned && sort == talk.Newest:
			return b.At.Compare(a.At)
		}
		return a.At.Compare(b.At)
	})
	v.Comments = talk.Arrange(roots, replies)
	return v
}

func TestApplyAnyHistory(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		log := history(r, 1+r.IntN(60))
		sort := []talk.Sort{talk.Oldest, talk.Newest}[seed%2]
		v := talk.View{Sort: sort}
		for i, e := range log {
			for range r.IntN(3) { // what comes twice, before and after its place
				v = apply(v, log[r.IntN(i+1)])
				if want := uint64(i + 1); v.Thread.Seq < want-1 {
					t.Fatalf("seed %d: the view went back to %d", seed, v.Thread.Seq)
				}
			}
			v = apply(v, e)
		}
		if want := straightforward(log, sort); !reflect.DeepEqual(v, want) {
			t.Fatalf("seed %d, %s: got\n%+v\nwant\n%+v", seed, sort, v, want)
		}
	}
}

func TestApplyTally(t *testing.T) {
	base := talk.View{
		Thread:   talk.Thread{Version: 4, Reactions: map[string]int{"like": 2, "heart": 1}},
		Comments: []talk.Comment{comment("a", ""), comment("b", "")},
	}
	tests := []struct {
		name      string
		tally     talk.Tally
		version   uint64
		reactions map[string]int
		likes     [2]int
	}{
		{"one kind", talk.Tally{Version: 5, Reactions: map[string]int{"heart": 0}}, 5, map[string]int{"like": 2, "heart": 0}, [2]int{}},
		{"a new kind", talk.Tally{Version: 9, Reactions: map[string]int{"idea": 1}}, 9, map[string]int{"like": 2, "heart": 1, "idea": 1}, [2]int{}},
		{"likes, some on another page", talk.Tally{Version: 5, Likes: map[string]int{"b": 7, "z": 1}}, 5, map[string]int{"like": 2, "heart": 1}, [2]int{0, 7}},
		{"the same version", talk.Tally{Version: 4, Reactions: map[string]int{"like": 9}, Likes: map[string]int{"a": 9}}, 4, map[string]int{"like": 2, "heart": 1}, [2]int{}},
		{"an older one", talk.Tally{Version: 3, Reactions: map[string]int{"like": 9}}, 4, map[string]int{"like": 2, "heart": 1}, [2]int{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out talk.View
			unchanged(t, base, func() { out = count(base, tt.tally) })
			if out.Thread.Version != tt.version || !reflect.DeepEqual(out.Thread.Reactions, tt.reactions) {
				t.Errorf("at %d with %v, want %d with %v", out.Thread.Version, out.Thread.Reactions, tt.version, tt.reactions)
			}
			if got := [2]int{out.Comments[0].Likes, out.Comments[1].Likes}; got != tt.likes {
				t.Errorf("likes %v, want %v", got, tt.likes)
			}
		})
	}
}

func TestMergeLeavesItsTalliesAlone(t *testing.T) {
	a := talk.Tally{Version: 1, Reactions: map[string]int{"like": 1}, Likes: map[string]int{"a": 1}}
	b := talk.Tally{Version: 2, Reactions: map[string]int{"like": 2}, Likes: map[string]int{"b": 1}}
	want := talk.Tally{Version: 2, Reactions: map[string]int{"like": 2}, Likes: map[string]int{"a": 1, "b": 1}}
	for _, got := range []talk.Tally{a.Merge(b), b.Merge(a)} { // whichever comes first
		if !reflect.DeepEqual(got, want) {
			t.Errorf("merged to %+v, want %+v", got, want)
		}
	}
	if len(a.Likes) != 1 || a.Reactions["like"] != 1 || len(b.Likes) != 1 {
		t.Errorf("merging changed %+v or %+v", a, b)
	}
}

func TestApplyTellsTheThread(t *testing.T) {
	v := talk.View{}
	for seq, locked := range []bool{true, false} {
		v = apply(v, talk.Event{Seq: uint64(seq + 1), Kind: talk.ThreadLocked, Thread: &talk.ThreadNow{ID: "t", Locked: locked}})
		if v.Thread.Locked != locked || v.Thread.Seq != uint64(seq+1) {
			t.Errorf("after entry %d: %+v", seq+1, v.Thread)
		}
	}
}

// A held comment vanishes for readers, while those who keep order go on seeing it.
func TestApplyHeld(t *testing.T) {
	stone := talk.Event{Seq: 1, Kind: talk.CommentHeld, Comment: talk.Comment{ID: "a", State: talk.Removed}}
	for role, want := range map[talk.Role]talk.Comment{
		"":             {ID: "a", State: talk.Removed, Likes: 2},
		talk.Moderator: {ID: "a", State: talk.Held, HTML: "<p>a</p>", Author: talk.Person{ID: "ann"}, Likes: 2},
	} {
		c := comment("a", "")
		c.Author.ID, c.Likes = "ann", 2
		v := apply(talk.View{Role: role, Comments: []talk.Comment{c}}, stone)
		if !reflect.DeepEqual(v.Comments[0], want) {
			t.Errorf("%q sees %+v, want %+v", role, v.Comments[0], want)
		}
	}
}

func TestPinnedStandFirst(t *testing.T) {
	at := func(id string, seconds int64, likes int) talk.Comment {
		c := comment(id, "")
		c.At, c.Likes = time.Unix(seconds, 0), likes
		return c
	}
	a, b, c, d := at("a", 1, 0), at("b", 2, 5), at("c", 3, 2), at("d", 4, 2)
	for sort, orders := range map[talk.Sort][3]string{
		talk.Oldest: {"a b b1 c d", "b b1 c a d", "c a b b1 d e"},
		talk.Newest: {"d c b b1 a", "b b1 c d a", "c e d b b1 a"},
		talk.Top:    {"b b1 c d a", "b b1 c d a", "c b b1 d a e"},
	} {
		roots := map[talk.Sort][]talk.Comment{talk.Oldest: {a, b, c, d}, talk.Newest: {d, c, b, a}, talk.Top: {b, c, d, a}}[sort]
		v := talk.View{Sort: sort, Comments: talk.Arrange(roots, []talk.Comment{comment("b1", "b")})}
		got := [3]string{order(v.Comments)}
		pin := func(c talk.Comment, on bool) {
			c.Pinned = on
			v = apply(v, talk.Event{Seq: v.Thread.Seq + 1, Kind: talk.CommentPinned, Comment: c})
		}
		pin(c, true)
		pin(b, true)
		got[1] = order(v.Comments)
		pin(b, false)
		v = apply(v, added(v.Thread.Seq+1, at("e", 5, 0)))
		got[2] = order(v.Comments)
		if got != orders {
			t.Errorf("%s: shown %q, want %q", sort, got, orders)
		}
	}
}

// A mailbox may join waiting tallies in any grouping, as long as it keeps their
// order: the reader sees the same in the end.
func TestMergeInAnyGrouping(t *testing.T) {
	counts := func(r *rand.Rand, keys ...string) map[string]int {
		m := map[string]int{}
		for _, k := range keys {
			if r.IntN(2) == 0 {
				m[k] = r.IntN(100)
			}
		}
		return m
	}
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 2))
		var tallies []talk.Tally
		for version := range uint64(1 + r.IntN(12)) {
			tallies = append(tallies, talk.Tally{Version: version + 1, Reactions: counts(r, "like", "heart", "idea"), Likes: counts(r, "a", "b", "z")})
		}
		view := func() talk.View {
			return talk.View{Thread: talk.Thread{Reactions: map[string]int{"like": 1}}, Comments: []talk.Comment{comment("a", ""), comment("b", "")}}
		}
		want := view()
		for _, tally := range tallies {
			want = count(want, tally)
		}
		for len(tallies) > 1 {
			got := view()
			for _, tally := range tallies {
				got = count(got, tally)
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d, joined to %d tallies: %+v, want %+v", seed, len(tallies), got, want)
			}
			i := r.IntN(len(tallies) - 1)
			tallies = slices.Replace(tallies, i, i+2, tallies[i].Merge(tallies[i+1]))
		}
		if got := count(view(), tallies[0]); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d, joined to one tally: %+v, want %+v", seed, got, want)
		}
	}
}
