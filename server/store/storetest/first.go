package storetest

import (
	"testing"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// First is what a database of the first format may hold: a thread with a
// comment, a reply and one that was removed, all of ann's, in SQL that every
// store's understands. [CheckFirst] says what must have become of it.
const First = `
INSERT INTO thread (id, page, title, topics, described, seq, version, comments, at) VALUES ('t', 'https://blog.example/a', 'A', '["Baths", "baths", "Swimming"]', '1', 4, 1, 2, 1);
INSERT INTO person (id, name, headline, avatar, at) VALUES ('ann', 'Ann', '', '', 1), ('bob', 'Bob', '', '', 1);
INSERT INTO comment (id, thread, parent, root, author, name, headline, avatar, body, html, at, state, likes, likes_version, seq) VALUES
	('c1', 't', NULL, NULL, 'ann', 'Ann', '', '', 'one', '<p>one</p>', 1000, 'published', 1, 1, 1),
	('c2', 't', 'c1', 'c1', 'ann', 'Ann', '', '', 'two', '<p>two</p>', 2000, 'published', 0, 0, 2),
	('c3', 't', NULL, NULL, 'bob', '', '', '', '', '', 3000, 'removed', 0, 0, 3);
INSERT INTO event (thread, seq, kind, comment, at) VALUES
	('t', 1, 'comment.added', 'c1', 1000), ('t', 2, 'comment.added', 'c2', 2000), ('t', 3, 'comment.added', 'c3', 3000), ('t', 4, 'comment.removed', 'c3', 4000);
INSERT INTO comment_like (comment, person, at) VALUES ('c1', 'bob', 1);
`

// CheckFirst tests a store that was opened on [First].
func CheckFirst(t *testing.T, s forum.Store) {
	w := &world{T: t, Store: s}
	v := w.view("t", "ann", forum.Query{})
	same(w, "comments", ids(v.Comments), []string{"c1", "c2", "c3"})
	same(w, "thread", []any{v.Thread.Seq, v.Thread.Comments, v.Thread.Locked, v.Comments[0].Likes, v.Comments[0].Pinned}, []any{4, 2, false, 1, false})
	missed := w.catchUp("t", 0, 0)
	if len(missed.Events) != 4 || missed.Events[3].Kind != talk.CommentRemoved || missed.Events[0].Comment.HTML != "<p>one</p>" {
		t.Fatalf("%+v", missed)
	}
	lively, err := w.Lively(w.ctx(), time.UnixMilli(2000), 10)
	if err != nil || len(lively) != 1 {
		t.Fatal(lively, err)
	}
	p, err := w.Topic(w.ctx(), "baths", "", time.UnixMilli(2000), "", 10)
	if err != nil || p.Topic.Name != "Baths" || len(p.Threads) != 1 || p.Threads[0].Heat < 1.99 || p.Threads[0].Heat > 2 {
		t.Fatal(p, err)
	}
	mine, _, err := w.Mine(w.ctx(), "ann", beginning, "", 10)
	if err != nil || len(mine) != 2 || mine[0].Comment.ID != "c2" {
		t.Fatal(mine, err)
	}
	w.owner("olga")
	same(w, "who had spoken is trusted", w.do(w.heldPost(forum.HoldFirst, ann, "t", "c1", "x")).Result.Comment.State, talk.Published)
	same(w, "who has nothing there is not", w.do(w.heldPost(forum.HoldFirst, bob, "t", "c1", "x")).Result.Comment.State, talk.Held)
	w.refused(w.commit(w.restore(bob, "c3"))[0].Err, talk.Gone, "comment")
	x := w.edit(ann, "c1", "changed")
	x.At = time.UnixMilli(1500)
	if out := w.do(x); out.Event.Seq != 6 {
		t.Fatalf("%+v", out.Event)
	}
	w.do(w.delete(ann, "c1"))
	w.do(w.restore(ann, "c1"))
	same(w, "likes", w.view("t", "", forum.Query{}).Comments[0].Likes, 1)
}
