package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// Pages returns threads and their pages.
func (s *Store) Pages(ctx context.Context, after string, limit int) (all []forum.Listing, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		all, err = list(c, `WHERE page > ?1 AND moved IS NULL ORDER BY page LIMIT ?2`, after, limit)
		return err
	})
	return all, err
}

// Page returns the thread that a page leads to.
func (s *Store) Page(ctx context.Context, key string) (l forum.Listing, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		all, err := list(c, `WHERE id = (SELECT thread FROM page WHERE key = ?1)`, key)
		switch {
		case err != nil:
			return err
		case len(all) == 0:
			return forum.ErrNoPage
		}
		l = all[0]
		return nil
	})
	return l, err
}

func list(c *sqlite.Conn, where string, args ...any) (all []forum.Listing, err error) {
	err = run(c, `SELECT id, page, address, title, comments, at, (SELECT coalesce(sum(n), 0) FROM reaction_count WHERE thread = t.id)
		FROM thread AS t `+where, func(row *sqlite.Stmt) {
		all = append(all, forum.Listing{
			Thread: row.ColumnText(0), Page: row.ColumnText(1), Address: row.ColumnText(2), Title: row.ColumnText(3),
			Comments: row.ColumnInt(4), At: moment(row.ColumnInt64(5)), Reactions: row.ColumnInt(6),
		})
	}, args...)
	for i := range all {
		if err != nil {
			return nil, err
		}
		l := &all[i]
		err = run(c, `SELECT key FROM page WHERE thread = ?1 AND key <> ?2 ORDER BY key`, func(row *sqlite.Stmt) {
			l.Former = append(l.Former, row.ColumnText(0))
		}, l.Thread, l.Page)
	}
	return all, err
}

// Move makes the thread of a page that of another one.
func (s *Store) Move(ctx context.Context, page string, to forum.Page, at time.Time) (m forum.Moved, err error) {
	err = s.write(ctx, func(c *sqlite.Conn) (err error) {
		m, err = move(&tx{Conn: c}, page, to, at)
		return err
	})
	return m, err
}

func move(t *tx, page string, to forum.Page, at time.Time) (m forum.Moved, err error) {
	from, err := readOpened(t.Conn, page)
	if err != nil {
		return m, err
	}
	if from.Thread == "" {
		return m, forum.ErrNoPage
	}
	there, err := readOpened(t.Conn, to.Key)
	if err != nil {
		return m, err
	}
	m.Thread = from.Thread
	if there.Thread != "" && there.Thread != from.Thread {
		empty, err := isEmpty(t.Conn, there.Thread)
		if err == nil && !empty {
			err = forum.ErrTaken
		}
		if err != nil {
			return m, err
		}
		m.Gone = there.Thread
		if err := absorb(t, there.Thread, from.Thread, at); err != nil {
			return m, err
		}
	}
	if from.Page != to.Key {
		if err := settle(t, from.Thread, to, at); err != nil {
			return m, err
		}
	}
	return m, moved(t.Conn, &m)
}

// moved reads what a move has come to.
func moved(c *sqlite.Conn, m *forum.Moved) (err error) {
	if m.Heads, err = readHeads(c, m.Thread, m.Gone); err != nil {
		return err
	}
	return run(c, `SELECT comments FROM thread WHERE id = ?1`, func(row *sqlite.Stmt) { m.Comments = row.ColumnInt(0) }, m.Thread)
}

// isEmpty says whether nobody has said or done anything in a thread.
func isEmpty(c *sqlite.Conn, thread string) (empty bool, err error) {
	err = run(c, `SELECT NOT EXISTS (SELECT 1 FROM comment WHERE thread = ?1) AND NOT EXISTS (SELECT 1 FROM hidden WHERE thread = ?1)
		AND NOT EXISTS (SELECT 1 FROM reaction WHERE thread = ?1)`, func(row *sqlite.Stmt) { empty = row.ColumnBool(0) }, thread)
	return empty, err
}

// settle makes a page that of a thread, beside those that it had.
func settle(t *tx, thread string, to forum.Page, at time.Time) error {
	told := int64(0)
	if to.Address != "" {
		told = at.UnixMilli()
	}
	for _, x := range []struct {
		sql  string
		args []any
	}{
		{`INSERT INTO page (key, thread) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET thread = excluded.thread`, []any{to.Key, thread}},
		{`UPDATE thread SET page = ?2, address = ?3, address_at = ?4 WHERE id = ?1`, []any{thread, to.Key, to.Address, told}},
	} {
		if _, err := t.change(x.sql, x.args...); err != nil {
			return err
		}
	}
	return note(t, thread, talk.ThreadMoved, at)
}

// note enters into a thread's log what became of the thread itself.
func note(t *tx, thread string, kind talk.EventKind, at time.Time) error {
	head, err := readHead(t.Conn, thread)
	if err != nil {
		return err
	}
	var out forum.Outcome
	return enter(t, &out, talk.Event{Seq: head.Seq + 1, Kind: kind}, thread, head, at, 0)
}

// Merge makes two pages' threads one.
func (s *Store) Merge(ctx context.Context, page string, into forum.Page, at time.Time) (m forum.Moved, err error) {
	err = s.write(ctx, func(c *sqlite.Conn) error {
		t := &tx{Conn: c}
		from, err := readOpened(c, page)
		if err != nil {
			return err
		}
		there, err := readOpened(c, into.Key)
		switch {
		case err != nil:
			return err
		case from.Thread == "":
			return forum.ErrNoPage
		case there.Thread == "" || there.Thread == from.Thread:
			m, err = move(t, page, into, at)
			return err
		}
		m = forum.Moved{Thread: there.Thread, Gone: from.Thread}
		if err := absorb(t, from.Thread, there.Thread, at); err != nil {
			return err
		}
		return moved(c, &m)
	})
	return m, err
}

// absorb puts all that was said and done in a thread into another one, and leaves
// of it nothing but its log, which ends by telling where it went. That log is
// repeated at the end of the other's, so that numbers go on without a gap;
// comments stand in the order of time. What somebody has seen of it, they have
// seen there.
func absorb(t *tx, from, into string, at time.Time) error {
	was, err := readHead(t.Conn, from)
	if err != nil {
		return err
	}
	now, err := readHead(t.Conn, into)
	if err != nil {
		return err
	}
	base, version, lively := int64(now.Seq), int64(now.Version)+1, forum.Both(was.lively, now.lively)
	last := base + int64(was.Seq) + 1 // the entry that tells of the merger
	for _, x := range []struct {
		sql  string
		args []any
	}{
		// The log and the comments.
		{`INSERT INTO event (thread, seq, kind, comment, at) SELECT ?2, ?3 + seq, kind, comment, at FROM event WHERE thread = ?1`, []any{from, into, base}},
		{`UPDATE comment SET thread = ?2, likes_version = CASE WHEN likes_version > 0 THEN ?3 ELSE 0 END WHERE thread = ?1`, []any{from, into, version}},
		{`UPDATE hidden SET thread = ?2 WHERE thread = ?1`, []any{from, into}},
		{`UPDATE comment SET seq = o.n FROM (SELECT c.id, row_number() OVER (ORDER BY coalesce(e.at, c.at), c.seq, c.id) AS n
			FROM comment AS c LEFT JOIN event AS e ON e.thread = ?1 AND e.comment = c.id AND e.kind = 'comment.added' WHERE c.thread = ?1) AS o WHERE o.id = comment.id`, []any{into}},
		{`UPDATE hidden SET seq = (SELECT seq FROM comment WHERE id = hidden.comment) WHERE thread = ?1 AND seq > 0`, []any{into}},
		// Reactions: one for each person and kind.
		{`INSERT INTO reaction (thread, person, kind, at) SELECT ?2, person, kind, at FROM reaction WHERE thread = ?1 ON CONFLICT DO NOTHING`, []any{from, into}},
		{`DELETE FROM reaction WHERE thread = ?1`, []any{from}},
		{`INSERT INTO reaction_count (thread, kind, n) SELECT ?2, kind, 0 FROM reaction_count WHERE thread = ?1 ON CONFLICT DO NOTHING`, []any{from, into}},
		{`DELETE FROM reaction_count WHERE thread = ?1`, []any{from}},
		{`UPDATE reaction_count SET n = (SELECT count(*) FROM reaction AS r WHERE r.thread = ?1 AND r.kind = reaction_count.kind) WHERE thread = ?1`, []any{into}},
		// What people follow, and were told. Whoever had seen all goes on so.
		{`UPDATE follow SET seen = ?3 WHERE kind = 'thread' AND target = ?1 AND seen >= ?2`, []any{into, base, last}},
		{`INSERT INTO follow (person, kind, target, level, at, seen) SELECT person, kind, ?2, level, at, CASE WHEN seen >= ?4 THEN ?5 ELSE ?3 + seen END
			FROM follow WHERE kind = 'thread' AND target = ?1 ON CONFLICT DO NOTHING`, []any{from, into, base, int64(was.Seq), last}},
		{`DELETE FROM follow WHERE kind = 'thread' AND target = ?1`, []any{from}},
		{`UPDATE notice SET thread = ?2 WHERE thread = ?1`, []any{from, into}},
		// What the pages are about.
		{`INSERT INTO thread_topic (topic, thread) SELECT topic, ?2 FROM thread_topic WHERE thread = ?1 AND (SELECT NOT described FROM thread WHERE id = ?2)
			ON CONFLICT DO NOTHING`, []any{from, into}},
		{`DELETE FROM thread_topic WHERE thread = ?1`, []any{from}},
		{`UPDATE thread SET (title, topics, described) = (SELECT title, topics, described FROM thread WHERE id = ?1) WHERE id = ?2 AND NOT described`, []any{from, into}},
		// Who wrote the articles.
		{`INSERT INTO credit (person, thread) SELECT person, ?2 FROM credit WHERE thread = ?1 ON CONFLICT DO NOTHING`, []any{from, into}},
		{`DELETE FROM credit WHERE thread = ?1`, []any{from}},
		// What was done under which ref, and to keep order.
		{`UPDATE done SET subject = ?2 WHERE subject = ?1`, []any{from, into}},
		{`UPDATE deeds SET thread = ?2 WHERE thread = ?1`, []any{from, into}},
		// The threads themselves, and their pages.
		{`UPDATE thread SET seq = seq + ?2, version = ?3, lively = ?4, warmth = ?5, comments = comments + (SELECT comments FROM thread WHERE id = ?6) WHERE id = ?1`,
			[]any{into, int64(was.Seq), version, lively, forum.Warmth(lively), from}},
		{`UPDATE thread SET page = id, moved = ?2, lively = 0, warmth = 0, comments = 0 WHERE id = ?1`, []any{from, into}},
		{`UPDATE thread SET moved = ?2 WHERE moved = ?1`, []any{from, into}},
		{`UPDATE page SET thread = ?2 WHERE thread = ?1`, []any{from, into}},
	} {
		if _, err := t.change(x.sql, x.args...); err != nil {
			return err
		}
	}
	if err := note(t, into, talk.ThreadMerged, at); err != nil {
		return err
	}
	return enterLast(t, from, int64(was.Seq)+1, at)
}

// enterLast ends the log of a thread that is no more.
func enterLast(t *tx, thread string, seq int64, at time.Time) error {
	if _, err := t.change(`UPDATE thread SET seq = ?2 WHERE id = ?1`, thread, seq); err != nil {
		return err
	}
	_, err := t.change(`INSERT INTO event (thread, seq, kind, comment, at) VALUES (?1, ?2, ?3, NULL, ?4)`, thread, seq, string(talk.ThreadMoved), at.UnixMilli())
	return err
}

// A movedError is of what is to be done to a thread that was merged into another.
type movedError struct{ into string }

func (e movedError) Error() string { return "the thread was merged into " + e.into }

// follow carries out a write to a thread that was merged into another.
func follow(t *tx, w *forum.Write, to movedError) (forum.Outcome, error) {
	there := *w
	there.Command.Thread = to.into
	return once(t, &there)
}
