package sqlite

import (
	"time"

	"zombiezen.com/go/sqlite"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// react sets or takes back a reaction. What is so already changes nothing.
func react(c *sqlite.Conn, w *forum.Write) (out forum.Outcome, err error) {
	thread, kind := w.Command.Thread, w.Command.Reaction
	known := false
	err = run(c, `SELECT 1 FROM thread WHERE id = ?1`, func(*sqlite.Stmt) { known = true }, thread)
	if err != nil {
		return out, err
	}
	if !known {
		return out, noThread()
	}
	by := 1
	if w.Command.On {
		err = run(c, `INSERT INTO reaction (thread, person, kind, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING`, nil,
			thread, w.Person.ID, kind, w.At.UnixMilli())
	} else {
		by = -1
		err = run(c, `DELETE FROM reaction WHERE thread = ?1 AND person = ?2 AND kind = ?3`, nil, thread, w.Person.ID, kind)
	}
	if err != nil {
		return out, err
	}
	if c.Changes() > 0 {
		err = run(c, `INSERT INTO reaction_count (thread, kind, n) VALUES (?1, ?2, max(?3, 0))
			ON CONFLICT DO UPDATE SET n = n + ?3`, nil, thread, kind, by)
		if err != nil {
			return out, err
		}
		out.Thread = thread
		out.Tally = &talk.Tally{}
		if out.Tally.Version, err = nextVersion(c, thread); err != nil {
			return out, err
		}
	}
	if out.Result, err = reacted(c, thread, w.Person.ID, kind); err != nil {
		return out, err
	}
	if out.Tally != nil {
		out.Tally.Reactions = map[string]int{kind: out.Result.Reactions[kind]}
	}
	return out, nil
}

// reacted is the answer to a react: all counts above 0, and the kind's own.
func reacted(c *sqlite.Conn, thread, person, kind string) (r talk.Result, err error) {
	if r.Reactions, err = readReactions(c, thread); err != nil {
		return r, err
	}
	r.Reactions[kind] += 0
	r.Mine, err = readMine(c, thread, person)
	return r, err
}

func nextVersion(c *sqlite.Conn, thread string) (version uint64, err error) {
	err = run(c, `UPDATE thread SET version = version + 1 WHERE id = ?1 RETURNING version`, func(row *sqlite.Stmt) {
		version = uint64(row.ColumnInt64(0))
	}, thread)
	return version, err
}

// post adds a comment to a thread's log.
func post(c *sqlite.Conn, w *forum.Write) (out forum.Outcome, err error) {
	thread := w.Command.Thread
	var parent, root any // null
	if w.Command.Parent != "" {
		parent = w.Command.Parent
		if root, err = branch(c, thread, w.Command.Parent); err != nil {
			return out, err
		}
	}
	seq, err := nextSeq(c, thread, 1)
	if err != nil {
		return out, err
	}
	p, at := w.Person, w.At.UnixMilli()
	err = run(c, `INSERT INTO comment (id, thread, parent, root, author, name, headline, avatar, body, html, at, state, seq)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'published', ?12)`, nil,
		w.ID, thread, parent, root, p.ID, p.Name, p.Headline, p.Avatar, w.Command.Body, w.HTML, at, int64(seq))
	if err != nil {
		return out, err
	}
	comment := talk.Comment{
		ID: w.ID, Thread: thread, Parent: w.Command.Parent,
		Author: p, HTML: w.HTML, At: moment(at), State: talk.Published,
	}
	out.Result.Comment = &comment
	return out, logEvent(c, &out, seq, talk.CommentAdded, comment, w.At)
}

// branch returns the root of what a comment of the thread stands under, or why
// it can't be answered.
func branch(c *sqlite.Conn, thread, parent string) (root string, err error) {
	var in string
	var state talk.State
	var known bool
	err = run(c, `SELECT t.id, coalesce(c.root, c.id), c.state FROM thread AS t LEFT JOIN comment AS c ON c.id = ?2 AND c.thread = t.id
		WHERE t.id = ?1`, func(row *sqlite.Stmt) {
		known = true
		in, root, state = row.ColumnText(0), row.ColumnText(1), talk.State(row.ColumnText(2))
	}, thread, parent)
	switch {
	case err != nil:
	case !known:
		err = noThread()
	case in != thread || root == "":
		err = talk.Refuse(talk.NotFound, "parent", "The comment that you answer isn't part of this conversation.")
	case state == talk.Removed:
		err = talk.Refuse(talk.Gone, "parent", "The comment that you answer has been removed.")
	}
	return root, err
}

// nextSeq takes the next number of a thread's log, and counts so many comments
// more.
func nextSeq(c *sqlite.Conn, thread string, more int) (seq uint64, err error) {
	err = run(c, `UPDATE thread SET seq = seq + 1, comments = comments + ?2 WHERE id = ?1 RETURNING seq`, func(row *sqlite.Stmt) {
		seq = uint64(row.ColumnInt64(0))
	}, thread, more)
	if err == nil && seq == 0 {
		err = noThread()
	}
	return seq, err
}

// logEvent enters what became of a comment. An entry carries what is the same
// for everybody who reads it, and no count of replies: their own entries do.
func logEvent(c *sqlite.Conn, out *forum.Outcome, seq uint64, kind talk.EventKind, comment talk.Comment, at time.Time) error {
	comment.Liked, comment.Replies = false, 0
	out.Thread = comment.Thread
	out.Event = &talk.Event{Seq: seq, Kind: kind, At: moment(at.UnixMilli()), Comment: comment}
	return run(c, `INSERT INTO event (thread, seq, kind, comment, at) VALUES (?1, ?2, ?3, ?4, ?5)`, nil,
		comment.Thread, int64(seq), string(kind), comment.ID, at.UnixMilli())
}

// like sets or takes back a like. What is so already changes nothing.
func like(c *sqlite.Conn, w *forum.Write) (out forum.Outcome, err error) {
	id := w.Command.Comment
	var thread string
	var state talk.State
	err = run(c, `SELECT thread, state FROM comment WHERE id = ?1`, func(row *sqlite.Stmt) {
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
	by := 1
	if w.Command.On {
		err = run(c, `INSERT INTO comment_like (comment, person, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING`, nil,
			id, w.Person.ID, w.At.UnixMilli())
	} else {
		by = -1
		err = run(c, `DELETE FROM comment_like WHERE comment = ?1 AND person = ?2`, nil, id, w.Person.ID)
	}
	if err != nil {
		return out, err
	}
	if c.Changes() > 0 {
		out.Thread = thread
		out.Tally = &talk.Tally{}
		if out.Tally.Version, err = nextVersion(c, thread); err != nil {
			return out, err
		}
		err = run(c, `UPDATE comment SET likes = likes + ?2, likes_version = ?3 WHERE id = ?1`, nil, id, by, int64(out.Tally.Version))
		if err != nil {
			return out, err
		}
	}
	if out.Result, err = liked(c, id, w.Person.ID); err != nil {
		return out, err
	}
	if out.Tally != nil {
		out.Tally.Likes = map[string]int{id: *out.Result.Likes}
	}
	return out, nil
}

// liked is the answer to a like.
func liked(c *sqlite.Conn, comment, person string) (r talk.Result, err error) {
	likes := 0
	r.Likes = &likes
	err = run(c, `SELECT likes, state <> 'removed' AND EXISTS (SELECT 1 FROM comment_like WHERE comment = ?1 AND person = ?2)
		FROM comment WHERE id = ?1`, func(row *sqlite.Stmt) {
		likes, r.Liked = row.ColumnInt(0), row.ColumnBool(1)
	}, comment, person)
	return r, err
}

// remove takes a comment away: its text and byline are blanked in their only
// place. Who liked it stays known, in case it is restored.
func remove(c *sqlite.Conn, w *forum.Write) (out forum.Outcome, err error) {
	comment, author, err := readComment(c, w.Command.Comment, w.Person.ID)
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
	fewer := 0
	if comment.State == talk.Published {
		fewer = -1
	}
	seq, err := nextSeq(c, comment.Thread, fewer)
	if err != nil {
		return out, err
	}
	err = run(c, `UPDATE comment SET state = 'removed', name = '', headline = '', avatar = '', body = '', html = '', likes = 0 WHERE id = ?1`,
		nil, comment.ID)
	if err != nil {
		return out, err
	}
	comment.State, comment.Author, comment.HTML, comment.Likes, comment.Liked = talk.Removed, talk.Person{}, "", 0, false
	return out, logEvent(c, &out, seq, talk.CommentRemoved, *comment, w.At)
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
