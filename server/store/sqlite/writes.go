package sqlite

import (
	"time"

	"zombiezen.com/go/sqlite"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// react sets or takes back a reaction. What is so already changes nothing.
func react(t *tx, w *forum.Write) (out forum.Outcome, err error) {
	thread, kind := w.Command.Thread, w.Command.Reaction
	head, err := readHead(t.Conn, thread)
	if err != nil {
		return out, err
	}
	var n int
	by := 1
	if w.Command.On {
		n, err = t.change(`INSERT INTO reaction (thread, person, kind, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING`,
			thread, w.Person.ID, kind, w.At.UnixMilli())
	} else {
		by = -1
		n, err = t.change(`DELETE FROM reaction WHERE thread = ?1 AND person = ?2 AND kind = ?3`, thread, w.Person.ID, kind)
	}
	if err != nil {
		return out, err
	}
	if n > 0 {
		_, err = t.change(`INSERT INTO reaction_count (thread, kind, n) VALUES (?1, ?2, max(?3, 0))
			ON CONFLICT DO UPDATE SET n = n + ?3`, thread, kind, by)
		if err != nil {
			return out, err
		}
		out.Thread = thread
		out.Tally = &talk.Tally{Version: head.Version + 1}
		if err = setVersion(t, thread, out.Tally.Version); err != nil {
			return out, err
		}
	}
	if out.Result, err = reacted(t.Conn, thread, w.Person.ID, kind); err != nil {
		return out, err
	}
	out.Result.Version = head.Version
	if out.Tally != nil {
		out.Result.Version = out.Tally.Version
		out.Tally.Reactions = map[string]int{kind: out.Result.Reactions[kind]}
	}
	return out, nil
}

// reacted is the answer to a react but for its version: all counts above 0, and
// the kind's own.
func reacted(c *sqlite.Conn, thread, person, kind string) (r talk.Result, err error) {
	if r.Reactions, err = readReactions(c, thread, held); err != nil {
		return r, err
	}
	r.Reactions[kind] += 0
	r.Mine, err = readMine(c, thread, person)
	return r, err
}

// readHead returns where a thread stands. (RETURNING would save a statement,
// but SQLite makes a table for what it returns.)
func readHead(c *sqlite.Conn, thread string) (h forum.Head, err error) {
	known := false
	err = run(c, `SELECT seq, version FROM thread WHERE id = ?1`, func(row *sqlite.Stmt) {
		known = true
		h = forum.Head{Seq: uint64(row.ColumnInt64(0)), Version: uint64(row.ColumnInt64(1))}
	}, thread)
	if err == nil && !known {
		err = noThread()
	}
	return h, err
}

func setVersion(t *tx, thread string, version uint64) error {
	_, err := t.change(`UPDATE thread SET version = ?2 WHERE id = ?1`, thread, int64(version))
	return err
}

// post adds a comment to a thread's log.
func post(t *tx, w *forum.Write) (out forum.Outcome, err error) {
	thread := w.Command.Thread
	head, err := readHead(t.Conn, thread)
	if err != nil {
		return out, err
	}
	var parent, root any // null
	if w.Command.Parent != "" {
		parent = w.Command.Parent
		if root, err = branch(t.Conn, thread, w.Command.Parent); err != nil {
			return out, err
		}
	}
	p, at, seq := w.Person, w.At.UnixMilli(), head.Seq+1
	_, err = t.change(`INSERT INTO comment (id, thread, parent, root, author, name, headline, avatar, body, html, at, state, seq)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'published', ?12)`,
		w.ID, thread, parent, root, p.ID, p.Name, p.Headline, p.Avatar, w.Command.Body, w.HTML, at, int64(seq))
	if err != nil {
		return out, err
	}
	comment := talk.Comment{
		ID: w.ID, Thread: thread, Parent: w.Command.Parent,
		Author: p, HTML: w.HTML, At: moment(at), State: talk.Published,
	}
	out.Result.Comment = &comment
	return out, enter(t, &out, talk.Event{Seq: seq, Kind: talk.CommentAdded, Comment: comment}, w.At, 1)
}

// branch returns the root under which a comment of the thread stands, or why it
// can't be answered.
func branch(c *sqlite.Conn, thread, parent string) (root string, err error) {
	var state talk.State
	err = run(c, `SELECT coalesce(root, id), state FROM comment WHERE id = ?1 AND thread = ?2`, func(row *sqlite.Stmt) {
		root, state = row.ColumnText(0), talk.State(row.ColumnText(1))
	}, parent, thread)
	switch {
	case err != nil:
	case root == "":
		err = talk.Refuse(talk.NotFound, "parent", "The comment that you answer isn't part of this conversation.")
	case state == talk.Removed:
		err = talk.Refuse(talk.Gone, "parent", "The comment that you answer has been removed.")
	}
	return root, err
}

// enter enters into its thread's log what became of a comment, by which the
// thread has so many more. An entry carries what is the same for everybody who
// reads it, and no count of replies: their own entries do.
func enter(t *tx, out *forum.Outcome, e talk.Event, at time.Time, more int) error {
	e.Comment.Liked, e.Comment.Replies = false, 0
	e.At = moment(at.UnixMilli())
	out.Thread, out.Event = e.Comment.Thread, &e
	_, err := t.change(`UPDATE thread SET seq = ?2, comments = comments + ?3 WHERE id = ?1`, e.Comment.Thread, int64(e.Seq), more)
	if err != nil {
		return err
	}
	_, err = t.change(`INSERT INTO event (thread, seq, kind, comment, at) VALUES (?1, ?2, ?3, ?4, ?5)`,
		e.Comment.Thread, int64(e.Seq), string(e.Kind), e.Comment.ID, at.UnixMilli())
	return err
}

// like sets or takes back a like. What is so already changes nothing.
func like(t *tx, w *forum.Write) (out forum.Outcome, err error) {
	id := w.Command.Comment
	var thread string
	var state talk.State
	err = run(t.Conn, `SELECT thread, state FROM comment WHERE id = ?1`, func(row *sqlite.Stmt) {
		thread, state = row.ColumnText(0), talk.State(row.ColumnText(1))
	}, id)
	switch {
	case err != nil:
		return out, err
	case thread == "":
		return out, noComment()
	case state == talk.Removed:
		return out, talk.Refuse(talk.Gone, "comment", "This comment has been removed.")
	}
	var n int
	by := 1
	if w.Command.On {
		n, err = t.change(`INSERT INTO comment_like (comment, person, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING`,
			id, w.Person.ID, w.At.UnixMilli())
	} else {
		by = -1
		n, err = t.change(`DELETE FROM comment_like WHERE comment = ?1 AND person = ?2`, id, w.Person.ID)
	}
	if err != nil {
		return out, err
	}
	if n > 0 {
		head, err := readHead(t.Conn, thread)
		if err != nil {
			return out, err
		}
		out.Thread = thread
		out.Tally = &talk.Tally{Version: head.Version + 1}
		if err := setVersion(t, thread, out.Tally.Version); err != nil {
			return out, err
		}
		_, err = t.change(`UPDATE comment SET likes = likes + ?2, likes_version = ?3 WHERE id = ?1`, id, by, int64(out.Tally.Version))
		if err != nil {
			return out, err
		}
	}
	if out.Result, err = liked(t.Conn, id, w.Person.ID); err != nil {
		return out, err
	}
	if out.Tally != nil {
		out.Tally.Likes = map[string]int{id: *out.Result.Likes}
	}
	return out, nil
}

// liked is the answer to a like.
func liked(c *sqlite.Conn, comment, person string) (r talk.Result, err error) {
	likes, liked := 0, false
	r.Likes, r.Liked = &likes, &liked
	err = run(c, `SELECT c.likes, c.state <> 'removed' AND EXISTS (SELECT 1 FROM comment_like WHERE comment = ?1 AND person = ?2), t.version
		FROM comment AS c JOIN thread AS t ON t.id = c.thread WHERE c.id = ?1`, func(row *sqlite.Stmt) {
		likes, liked, r.Version = row.ColumnInt(0), row.ColumnBool(1), uint64(row.ColumnInt64(2))
	}, comment, person)
	return r, err
}

// remove takes a comment away: its text and byline are blanked in their only
// place. Who liked it stays known, in case it is restored.
func remove(t *tx, w *forum.Write) (out forum.Outcome, err error) {
	comment, author, err := readComment(t.Conn, w.Command.Comment, w.Person.ID)
	switch {
	case err != nil:
		return out, err
	case comment == nil:
		return out, noComment()
	case author != w.Person.ID:
		return out, talk.Refuse(talk.Forbidden, "comment", "Only its author can delete this comment.")
	}
	out.Result.Comment = comment
	if comment.State == talk.Removed {
		return out, nil
	}
	head, err := readHead(t.Conn, comment.Thread)
	if err != nil {
		return out, err
	}
	fewer := 0
	if comment.State == talk.Published {
		fewer = -1
	}
	_, err = t.change(`UPDATE comment SET state = 'removed', name = '', headline = '', avatar = '', body = '', html = '', likes = 0 WHERE id = ?1`,
		comment.ID)
	if err != nil {
		return out, err
	}
	comment.State, comment.Author, comment.HTML, comment.Likes, comment.Liked = talk.Removed, talk.Person{}, "", 0, false
	return out, enter(t, &out, talk.Event{Seq: head.Seq + 1, Kind: talk.CommentRemoved, Comment: *comment}, w.At, fewer)
}

func noComment() error {
	return talk.Refuse(talk.NotFound, "comment", "There is no such comment.")
}

// readComment returns a comment as a person sees it, and whose it is even if
// that isn't shown any more. It is nil if there is none.
func readComment(c *sqlite.Conn, id, person string) (comment *talk.Comment, author string, err error) {
	err = run(c, selectComment+`, (SELECT count(*) FROM comment AS r WHERE r.root = coalesce(c.root, c.id) AND r.parent = c.id)
		FROM comment AS c WHERE c.id = ?2`, func(row *sqlite.Stmt) {
		read, _ := scanComment(row)
		read.Replies = row.ColumnInt(commentColumns)
		comment, author = &read, row.ColumnText(3)
	}, person, id)
	return comment, author, err
}
