package sqlite

import (
	"errors"
	"time"

	"zombiezen.com/go/sqlite"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// react sets or takes back a reaction. What is so already changes nothing.
func react(t *tx, w *forum.Write) (out forum.Outcome, err error) {
	thread, kind := w.Command.Thread, w.Command.Reaction
	head, err := readHead(t.Conn, thread)
	if err == nil {
		err = forum.Facts{Standing: t.standings[w.Person.ID]}.May(w)
	}
	if err != nil {
		return out, err
	}
	changed, err := turn(t, w, kind, w.Command.On)
	if err != nil {
		return out, err
	}
	counted := []string{}
	if changed {
		counted = append(counted, kind)
	}
	if w.Command.On && w.Rules.OneReaction {
		mine, err := readMine(t.Conn, thread, w.Person.ID)
		if err != nil {
			return out, err
		}
		for _, other := range mine {
			if other == kind {
				continue
			}
			if _, err := turn(t, w, other, false); err != nil {
				return out, err
			}
			counted = append(counted, other)
		}
	}
	if len(counted) > 0 {
		out.Thread = thread
		out.Tally = &talk.Tally{Version: head.Version + 1, Reactions: map[string]int{}}
		if err = reheat(t, thread, head, out.Tally.Version, forum.ReactionsHeat(w.Command.On && changed, counted), w.At); err != nil {
			return out, err
		}
	}
	if out.Result, err = reacted(t.Conn, thread, w.Person.ID, kind); err != nil {
		return out, err
	}
	out.Result.Version = head.Version
	if out.Tally != nil {
		out.Result.Version = out.Tally.Version
	}
	for _, k := range counted {
		out.Result.Reactions[k] += 0
		out.Tally.Reactions[k] = out.Result.Reactions[k]
	}
	return out, nil
}

// turn sets or takes back a reaction, and reports whether that changed anything.
func turn(t *tx, w *forum.Write, kind string, on bool) (changed bool, err error) {
	thread, person := w.Command.Thread, w.Person.ID
	var n int
	by := 1
	if on {
		n, err = t.change(`INSERT INTO reaction (thread, person, kind, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING`,
			thread, person, kind, w.At.UnixMilli())
	} else {
		by = -1
		n, err = t.change(`DELETE FROM reaction WHERE thread = ?1 AND person = ?2 AND kind = ?3`, thread, person, kind)
	}
	if err != nil || n == 0 {
		return false, err
	}
	_, err = t.change(`INSERT INTO reaction_count (thread, kind, n) VALUES (?1, ?2, max(?3, 0))
		ON CONFLICT DO UPDATE SET n = n + ?3`, thread, kind, by)
	return true, err
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

// A head is where a thread stands, and whether it takes comments.
type head struct {
	forum.Head
	locked bool
	lively float64
}

// readHead returns where a thread stands. (RETURNING would save a statement,
// but SQLite makes a table for what it returns.)
func readHead(c *sqlite.Conn, thread string) (h head, err error) {
	known := false
	var moved movedError
	err = run(c, `SELECT seq, version, locked, lively, moved FROM thread WHERE id = ?1`, func(row *sqlite.Stmt) {
		known, moved.into = true, row.ColumnText(4)
		h = head{forum.Head{Seq: uint64(row.ColumnInt64(0)), Version: uint64(row.ColumnInt64(1))}, row.ColumnBool(2), row.ColumnFloat(3)}
	}, thread)
	switch {
	case err != nil:
	case !known:
		err = noThread()
	case moved.into != "":
		err = moved
	}
	return h, err
}

func setVersion(t *tx, thread string, version uint64) error {
	_, err := t.change(`UPDATE thread SET version = ?2 WHERE id = ?1`, thread, int64(version))
	return err
}

// reheat sets a thread's version when reactions to it have changed, and how
// lively it is.
func reheat(t *tx, thread string, was head, version uint64, heat float64, at time.Time) error {
	lively := was.lively
	if heat != 0 {
		lively = forum.Livelier(lively, at, heat)
	}
	_, err := t.change(`UPDATE thread SET version = ?2, lively = ?3 WHERE id = ?1`, thread, int64(version), lively)
	if err != nil {
		return err
	}
	return rewarm(t, thread, was.lively, lively)
}

// rewarm keeps what the liveliest threads are found by. It seldom changes, and
// SQLite writes an index anew for whatever a statement may change.
func rewarm(t *tx, thread string, was, lively float64) error {
	if forum.Warmth(was) == forum.Warmth(lively) {
		return nil
	}
	_, err := t.change(`UPDATE thread SET warmth = ?2 WHERE id = ?1`, thread, forum.Warmth(lively))
	return err
}

// post adds a comment to a thread's log.
func post(t *tx, w *forum.Write) (out forum.Outcome, err error) {
	thread := w.Command.Thread
	head, err := readHead(t.Conn, thread)
	if err != nil {
		return out, err
	}
	facts, err := t.may(w, head.locked)
	if err != nil {
		return out, err
	}
	root, answered := "", ""
	if w.Command.Parent != "" {
		if root, answered, err = branch(t.Conn, thread, w.Command.Parent); err != nil {
			return out, err
		}
	}
	r := forum.NewRecord(w, root, facts)
	if r.State == talk.Published {
		r.Seq = head.Seq + 1
	} else if _, err := readRecord(t.Conn, w.ID, ""); err == nil {
		return out, errTaken
	}
	if err := saveRecord(t, &r, &forum.Record{}); err != nil {
		return out, err
	}
	if err := saveMentions(t, r.ID, w.Mentions); err != nil {
		return out, err
	}
	if err := followMine(t, w, max(r.Seq, head.Seq)); err != nil {
		return out, err
	}
	comment := r.ShownTo(w.Person.ID, "")
	out.Result.Comment = &comment
	if r.State != talk.Published {
		return out, nil
	}
	if err := tellAll(t, w, &out, &r, forum.Change{Event: talk.CommentAdded}, answered, w.Mentions); err != nil {
		return out, err
	}
	return out, enter(t, &out, talk.Event{Seq: r.Seq, Kind: talk.CommentAdded, Comment: comment}, thread, head, w.At, 1)
}

var errTaken = errors.New("there is a comment of this id already")

// branch returns the root under which a comment of the thread stands, and whose
// it is, or why it can't be answered.
func branch(c *sqlite.Conn, thread, parent string) (root, author string, err error) {
	var state talk.State
	err = run(c, `SELECT coalesce(root, id), state, author FROM comment WHERE id = ?1 AND thread = ?2`, func(row *sqlite.Stmt) {
		root, state, author = row.ColumnText(0), talk.State(row.ColumnText(1)), row.ColumnText(2)
	}, parent, thread)
	switch {
	case err != nil:
	case root == "":
		err = talk.Refuse(talk.NotFound, "parent", "The comment that you answer isn't part of this conversation.")
	case state == talk.Removed:
		err = talk.Refuse(talk.Gone, "parent", "The comment that you answer has been removed.")
	}
	return root, author, err
}

// enter enters into a thread's log what became of it or of a comment, by which
// it has so many more. An entry carries what is the same for everybody who reads
// it, and no count of replies: their own entries do.
func enter(t *tx, out *forum.Outcome, e talk.Event, thread string, was head, at time.Time, more int) error {
	e.Comment.Liked, e.Comment.Replies = false, 0
	e.At = moment(at.UnixMilli())
	out.Thread, out.Event = thread, &e
	lively := was.lively
	if more != 0 {
		lively = forum.Livelier(lively, e.Comment.At, float64(more)*forum.CommentHeat)
	}
	_, err := t.change(`UPDATE thread SET seq = ?2, comments = comments + ?3, lively = ?4 WHERE id = ?1`, thread, int64(e.Seq), more, lively)
	if err == nil {
		err = rewarm(t, thread, was.lively, lively)
	}
	if err != nil {
		return err
	}
	_, err = t.change(`INSERT INTO event (thread, seq, kind, comment, at) VALUES (?1, ?2, ?3, ?4, ?5)`,
		thread, int64(e.Seq), string(e.Kind), orNull(e.Comment.ID), at.UnixMilli())
	return err
}

// like sets or takes back a like. What is so already changes nothing.
func like(t *tx, w *forum.Write) (out forum.Outcome, err error) {
	id := w.Command.Comment
	var thread, author string
	var state talk.State
	err = run(t.Conn, `SELECT thread, state, author FROM comment WHERE id = ?1`, func(row *sqlite.Stmt) {
		thread, state, author = row.ColumnText(0), talk.State(row.ColumnText(1)), row.ColumnText(2)
	}, id)
	switch {
	case err != nil:
		return out, err
	case thread == "":
		return out, forum.NoComment()
	case state == talk.Removed:
		return out, talk.Refuse(talk.Gone, "comment", "This comment has been removed.")
	}
	if err := (forum.Facts{Standing: t.standings[w.Person.ID]}).May(w); err != nil {
		return out, err
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
	if out.Tally == nil {
		return out, nil
	}
	out.Tally.Likes = map[string]int{id: *out.Result.Likes}
	if w.Command.On && author != w.Person.ID {
		err = tell(t, &out, author, talk.Liked, id, thread, *out.Result.Likes, w.At.UnixMilli())
	}
	return out, err
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
