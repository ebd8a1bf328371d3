package postgres

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// What decide answers is storetest's to say; here is what is read for it and
// written after it.

func at(writes ...forum.Write) []forum.Write {
	for i := range writes {
		writes[i].At = time.UnixMilli(int64(i + 1))
	}
	return writes
}

func off(w forum.Write) forum.Write {
	w.Command.On = false
	return w
}

func liking(person, comment string) forum.Write {
	return forum.Write{Command: talk.Command{Kind: talk.Like, Comment: comment, On: true}, Person: talk.Person{ID: person}}
}

func deleting(person, comment string) forum.Write {
	return forum.Write{Command: talk.Command{Kind: talk.Delete, Comment: comment}, Person: talk.Person{ID: person}}
}

// known is a state with a thread t, a comment c of ann's in it, and her like.
func known() *state {
	s := newState()
	s.threads["t"] = &thread{seq: 1, version: 1, counts: map[string]int{}, recounted: map[string]bool{}}
	s.comments["c"] = &comment{likers: 1, Record: forum.Record{Author: "ann", Seq: 1, Comment: talk.Comment{
		ID: "c", Thread: "t", Author: talk.Person{ID: "ann", Name: "Ann"}, HTML: "text", At: time.UnixMilli(1), State: talk.Published, Likes: 1,
	}}}
	s.likes.read(holder{"c", "ann"}, "")
	return s
}

// saved lists what is written, by the first words of each statement.
func saved(s *state) (statements []string, all string) {
	b := &pgx.Batch{}
	s.queueSave(b)
	for _, q := range b.QueuedQueries {
		statements = append(statements, strings.Join(strings.Fields(q.SQL)[:3], " "))
		all += fmt.Sprintln(q.Arguments...)
	}
	return statements, all
}

func TestOnlyWhatChangedIsWritten(t *testing.T) {
	post := words("t", "Ann", "Evidence")
	for name, test := range map[string]struct {
		writes []forum.Write
		want   []string
	}{
		"nothing":                         {nil, nil},
		"a refusal":                       {at(reaction("bob", "none", "like"), deleting("bob", "c"), liking("bob", "none")), nil},
		"what was so already":             {at(liking("ann", "c"), off(reaction("bob", "t", "like"))), nil},
		"a reaction":                      {at(reaction("bob", "t", "like")), []string{"INSERT INTO reaction", "INSERT INTO reaction_count", "UPDATE thread AS"}},
		"a reaction that was taken back":  {at(reaction("bob", "t", "like"), off(reaction("bob", "t", "like"))), []string{"INSERT INTO reaction_count", "UPDATE thread AS"}},
		"a like that was set anew":        {at(off(liking("ann", "c")), liking("ann", "c")), []string{"UPDATE comment AS", "DELETE FROM comment_like", "INSERT INTO comment_like", "UPDATE thread AS"}},
		"a comment":                       {at(post), []string{"INSERT INTO comment", "INSERT INTO event", "INSERT INTO person", "INSERT INTO follow", "UPDATE thread AS"}},
		"a comment that was removed":      {at(deleting("ann", "c"), deleting("ann", "c")), []string{"UPDATE comment AS", "INSERT INTO hidden", "DELETE FROM revision", "UPDATE flag SET", "INSERT INTO event", "INSERT INTO person", "UPDATE thread AS"}},
		"a comment that came and went":    {at(post, deleting("person", post.ID)), []string{"INSERT INTO comment", "INSERT INTO hidden", "DELETE FROM revision", "UPDATE flag SET", "INSERT INTO event", "INSERT INTO person", "INSERT INTO follow", "UPDATE thread AS"}},
		"a comment that is liked at once": {at(post, liking("bob", post.ID)), []string{"INSERT INTO comment", "INSERT INTO event", "INSERT INTO comment_like", "INSERT INTO person", "INSERT INTO follow", "INSERT INTO notice", "UPDATE thread AS"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := known()
			s.decide(test.writes)
			statements, all := saved(s)
			if !slices.Equal(statements, test.want) {
				t.Errorf("got %q, want %q", statements, test.want)
			}
			if first, _, _ := strings.Cut(all, "\n"); name == "a comment that came and went" && strings.Contains(first, "Evidence") {
				t.Errorf("what was removed is written where readers read: %s", all)
			}
		})
	}
}

// A batch has as many statements as its kinds of changes, however many writes.
func TestStatementsDoNotGrowWithTheBatch(t *testing.T) {
	counted := func(size int) (reads, writes int) {
		var batch []forum.Write
		for i := range size {
			post := words("t", "Ann", "x")
			post.Ref, post.Person.ID = fmt.Sprint(i), fmt.Sprint(i)
			batch = append(batch, post, reaction(fmt.Sprint(i), "t", "like"), liking(fmt.Sprint(i), "c"), liking("bob", post.ID))
		}
		s, b, n := known(), &pgx.Batch{}, needsOf(batch)
		s.queueLock(b, n)
		s.queueLoad(b, n)
		s.decide(batch)
		statements, _ := saved(s)
		return b.Len(), len(statements)
	}
	reads, writes := counted(1)
	if r, w := counted(128); r != reads || w != writes || r != 9 || w != 11 {
		t.Errorf("a small batch reads with %d statements and writes with %d, a large one with %d and %d", reads, writes, r, w)
	}
}

// A storm of likes reads no text; only what is shown whole does.
func TestTextIsReadWhereItIsShown(t *testing.T) {
	n := needsOf([]forum.Write{liking("ann", "liked"), deleting("ann", "deleted"), liking("bob", "deleted"), liking("bob", "\x00")})
	if len(n.comments) != 2 || n.comments["liked"] || !n.comments["deleted"] {
		t.Errorf("%v", n.comments)
	}
	s := known()
	s.done[ref{"ann", "1"}] = done{kind: talk.Like, subject: "c", person: "ann"}
	s.done[ref{"ann", "2"}] = done{kind: talk.Post, subject: "posted", person: "ann"}
	s.done[ref{"ann", "3"}] = done{kind: talk.React, subject: "t", person: "other"}
	if n = s.repeated(); len(n.comments) != 1 || !n.comments["posted"] || !n.reactions[holder{"t", "other"}] || len(n.likes) != 2 {
		t.Errorf("%+v", n)
	}
}
