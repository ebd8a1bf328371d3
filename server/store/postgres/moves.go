package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// Pages returns threads and their pages.
func (s *Store) Pages(ctx context.Context, after string, limit int) (all []forum.Listing, err error) {
	return s.list(ctx, `WHERE page > $1 AND moved IS NULL ORDER BY page LIMIT $2`, clean(after), limit)
}

// Page returns the thread that a page leads to.
func (s *Store) Page(ctx context.Context, key string) (forum.Listing, error) {
	all, err := s.list(ctx, `WHERE id = (SELECT thread FROM page WHERE key = $1)`, clean(key))
	switch {
	case err != nil:
		return forum.Listing{}, err
	case len(all) == 0:
		return forum.Listing{}, forum.ErrNoPage
	}
	return all[0], nil
}

func (s *Store) list(ctx context.Context, where string, args ...any) (all []forum.Listing, err error) {
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		all = nil
		b := &pgx.Batch{}
		b.Queue(`SELECT id, page, address, title, comments, at, (SELECT coalesce(sum(n), 0)::bigint FROM reaction_count WHERE thread = t.id),
				ARRAY(SELECT key FROM page AS p WHERE p.thread = t.id AND p.key <> t.page ORDER BY key)
			FROM thread AS t `+where, args...).Query(each(func(row pgx.Rows) error {
			var l forum.Listing
			var at int64
			err := row.Scan(&l.Thread, &l.Page, &l.Address, &l.Title, &l.Comments, &at, &l.Reactions, &l.Former)
			l.At = moment(at)
			all = append(all, l)
			return err
		}))
		return c.SendBatch(ctx, b).Close()
	})
	return all, err
}

// Move makes the thread of a page that of another one.
func (s *Store) Move(ctx context.Context, page string, to forum.Page, at time.Time) (forum.Moved, error) {
	return s.rearrange(ctx, func(r *rearranging) error { return r.move(page, to, at) }, page, to)
}

// Merge makes two pages' threads one.
func (s *Store) Merge(ctx context.Context, page string, into forum.Page, at time.Time) (forum.Moved, error) {
	return s.rearrange(ctx, func(r *rearranging) error { return r.merge(page, into, at) }, page, into)
}

// A rearranging is a transaction that moves threads.
type rearranging struct {
	ctx context.Context
	*pgx.Conn
	threads map[string]*thread // those of both pages, locked
	forum.Moved
}

// rearrange carries out a move in a transaction that has locked the threads of
// both pages, as every commit does, so that none is written to meanwhile. It is
// tried again where others are in the way, or have opened the page meanwhile.
func (s *Store) rearrange(ctx context.Context, do func(*rearranging) error, page string, to forum.Page) (forum.Moved, error) {
	if !storable(page) || !storable(to.Key) || !storable(to.Address) {
		return forum.Moved{}, talk.Refuse(talk.Invalid, "page", "The page's address can't be read.")
	}
	for try := 1; ; try++ {
		r := &rearranging{}
		err := s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
			*r = rearranging{ctx: ctx, Conn: c}
			return r.run(do, page, to.Key)
		})
		if fault := faultOf(err); err == nil || try == triesMax || fault != inTheWay && fault != aConflict {
			return r.Moved, err
		}
	}
}

func (r *rearranging) run(do func(*rearranging) error, pages ...string) (err error) {
	if _, err := r.Exec(r.ctx, begin); err != nil {
		return err
	}
	if err = r.lock(pages); err == nil {
		err = do(r)
	}
	if err == nil {
		err = r.look()
	}
	if err != nil {
		if _, ending := r.Exec(r.ctx, `ROLLBACK`); ending != nil {
			return fmt.Errorf("%w: %w", ending, err)
		}
		return err
	}
	_, err = r.Exec(r.ctx, commit)
	return err
}

// lock locks the threads of pages, in the order in which commits do.
func (r *rearranging) lock(pages []string) error {
	r.threads = map[string]*thread{}
	rows, err := r.Query(r.ctx, `SELECT id, seq, version, lively FROM thread WHERE id = ANY (ARRAY(SELECT thread FROM page WHERE key = ANY ($1))) ORDER BY id FOR UPDATE`, pages)
	if err != nil {
		return err
	}
	defer rows.Close()
	return each(func(row pgx.Rows) error {
		var id string
		t := &thread{}
		err := row.Scan(&id, &t.seq, &t.version, &t.lively)
		r.threads[id] = t
		return err
	})(rows)
}

// opened is what is known of a page's thread now, which is locked.
func (r *rearranging) opened(page string) (o forum.Opened, err error) {
	b := &pgx.Batch{}
	queueOpened(b, page, &o)
	if err := r.SendBatch(r.ctx, b).Close(); err != nil {
		return o, err
	}
	if o.Thread != "" && r.threads[o.Thread] == nil {
		return o, errLate
	}
	return o, nil
}

// do carries out statements.
func (r *rearranging) do(all ...statement) error {
	b := &pgx.Batch{}
	for _, x := range all {
		b.Queue(x.sql, x.args...)
	}
	return r.SendBatch(r.ctx, b).Close()
}

type statement struct {
	sql  string
	args []any
}

func (r *rearranging) move(page string, to forum.Page, at time.Time) error {
	from, err := r.opened(page)
	if err != nil {
		return err
	}
	if from.Thread == "" {
		return forum.ErrNoPage
	}
	there, err := r.opened(to.Key)
	if err != nil {
		return err
	}
	r.Thread = from.Thread
	if there.Thread != "" && there.Thread != from.Thread {
		empty := false
		err := r.QueryRow(r.ctx, `SELECT NOT EXISTS (SELECT 1 FROM comment WHERE thread = $1) AND NOT EXISTS (SELECT 1 FROM hidden WHERE thread = $1)
			AND NOT EXISTS (SELECT 1 FROM reaction WHERE thread = $1)`, there.Thread).Scan(&empty)
		if err == nil && !empty {
			err = forum.ErrTaken
		}
		if err == nil {
			err = r.absorb(there.Thread, from.Thread, at)
		}
		if err != nil {
			return err
		}
	}
	if from.Page == to.Key {
		return nil
	}
	told := int64(0)
	if to.Address != "" {
		told = at.UnixMilli()
	}
	return r.do(
		statement{`INSERT INTO page (key, thread) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET thread = excluded.thread`, []any{to.Key, from.Thread}},
		statement{`UPDATE thread SET page = $2, address = $3, address_at = $4 WHERE id = $1`, []any{from.Thread, to.Key, to.Address, told}},
		note(from.Thread, talk.ThreadMoved, at), count(from.Thread),
	)
}

// note enters into a thread's log what became of the thread itself, and count
// counts that.
func note(thread string, kind talk.EventKind, at time.Time) statement {
	return statement{`INSERT INTO event (thread, seq, kind, comment, at) SELECT id, seq + 1, $2, NULL, $3 FROM thread WHERE id = $1`, []any{thread, string(kind), at.UnixMilli()}}
}

func count(thread string) statement {
	return statement{`UPDATE thread SET seq = seq + 1 WHERE id = $1`, []any{thread}}
}

func (r *rearranging) merge(page string, into forum.Page, at time.Time) error {
	from, err := r.opened(page)
	if err != nil {
		return err
	}
	there, err := r.opened(into.Key)
	switch {
	case err != nil:
		return err
	case from.Thread == "":
		return forum.ErrNoPage
	case there.Thread == "" || there.Thread == from.Thread:
		return r.move(page, into, at)
	}
	r.Thread = there.Thread
	return r.absorb(from.Thread, there.Thread, at)
}

// absorb puts all that was said and done in a thread into another one, and leaves
// of it nothing but its log, which ends by telling where it went. That log is
// repeated at the end of the other's, so that numbers go on without a gap;
// comments stand in the order of time. What somebody has seen of it, they have
// seen there.
func (r *rearranging) absorb(from, into string, at time.Time) error {
	r.Gone = from
	was, now := r.threads[from], r.threads[into]
	base, version, lively := int64(now.seq), int64(now.version)+1, forum.Both(was.lively, now.lively)
	last := base + int64(was.seq) + 1 // the entry that tells of the merger
	return r.do(
		// The log and the comments.
		statement{`INSERT INTO event (thread, seq, kind, comment, at) SELECT $2, $3::bigint + seq, kind, comment, at FROM event WHERE thread = $1`, []any{from, into, base}},
		statement{`UPDATE comment SET thread = $2, likes_version = CASE WHEN likes_version > 0 THEN $3::bigint ELSE 0 END WHERE thread = $1`, []any{from, into, version}},
		statement{`UPDATE hidden SET thread = $2 WHERE thread = $1`, []any{from, into}},
		statement{`UPDATE comment AS c SET seq = o.n FROM (SELECT c.id, row_number() OVER (ORDER BY coalesce(e.at, c.at), c.seq, c.id) AS n
			FROM comment AS c LEFT JOIN event AS e ON e.thread = $1 AND e.comment = c.id AND e.kind = 'comment.added' WHERE c.thread = $1) AS o WHERE o.id = c.id`, []any{into}},
		statement{`UPDATE hidden AS h SET seq = c.seq FROM comment AS c WHERE c.id = h.comment AND h.thread = $1 AND h.seq > 0`, []any{into}},
		// Reactions: one for each person and kind.
		statement{`INSERT INTO reaction (thread, person, kind, at) SELECT $2, person, kind, at FROM reaction WHERE thread = $1 ON CONFLICT DO NOTHING`, []any{from, into}},
		statement{`DELETE FROM reaction WHERE thread = $1`, []any{from}},
		statement{`INSERT INTO reaction_count (thread, kind, n) SELECT $2, kind, 0 FROM reaction_count WHERE thread = $1 ON CONFLICT DO NOTHING`, []any{from, into}},
		statement{`DELETE FROM reaction_count WHERE thread = $1`, []any{from}},
		statement{`UPDATE reaction_count AS n SET n = (SELECT count(*) FROM reaction AS r WHERE r.thread = n.thread AND r.kind = n.kind) WHERE thread = $1`, []any{into}},
		// What people follow, and were told. Whoever had seen all goes on so.
		statement{`UPDATE follow SET seen = $3 WHERE kind = 'thread' AND target = $1 AND seen >= $2`, []any{into, base, last}},
		statement{`INSERT INTO follow (person, kind, target, level, at, seen) SELECT person, kind, $2, level, at, CASE WHEN seen >= $4::bigint THEN $5::bigint ELSE $3::bigint + seen END
			FROM follow WHERE kind = 'thread' AND target = $1 ON CONFLICT DO NOTHING`, []any{from, into, base, int64(was.seq), last}},
		statement{`DELETE FROM follow WHERE kind = 'thread' AND target = $1`, []any{from}},
		statement{`UPDATE notice SET thread = $2 WHERE thread = $1`, []any{from, into}},
		// What the pages are about.
		statement{`INSERT INTO thread_topic (topic, thread) SELECT topic, $2 FROM thread_topic WHERE thread = $1 AND (SELECT NOT described FROM thread WHERE id = $2)
			ON CONFLICT DO NOTHING`, []any{from, into}},
		statement{`DELETE FROM thread_topic WHERE thread = $1`, []any{from}},
		statement{`UPDATE thread AS t SET title = f.title, topics = f.topics, described = f.described FROM thread AS f WHERE f.id = $1 AND t.id = $2 AND NOT t.described`, []any{from, into}},
		// Who wrote the articles.
		statement{`INSERT INTO credit (person, thread) SELECT person, $2 FROM credit WHERE thread = $1 ON CONFLICT DO NOTHING`, []any{from, into}},
		statement{`DELETE FROM credit WHERE thread = $1`, []any{from}},
		// What was done under which ref, and to keep order.
		statement{`UPDATE done SET subject = $2 WHERE subject = $1`, []any{from, into}},
		statement{`UPDATE deeds SET thread = $2 WHERE thread = $1`, []any{from, into}},
		// The threads themselves, and their pages.
		statement{`UPDATE thread AS t SET seq = t.seq + $2, version = $3, lively = $4, warmth = $5, comments = t.comments + f.comments FROM thread AS f WHERE t.id = $1 AND f.id = $6`,
			[]any{into, int64(was.seq), version, lively, forum.Warmth(lively), from}},
		statement{`UPDATE thread SET page = id, moved = $2, lively = 0, warmth = 0, comments = 0 WHERE id = $1`, []any{from, into}},
		statement{`UPDATE thread SET moved = $2 WHERE moved = $1`, []any{from, into}},
		statement{`UPDATE page SET thread = $2 WHERE thread = $1`, []any{from, into}},
		note(into, talk.ThreadMerged, at), count(into),
		note(from, talk.ThreadMoved, at), count(from),
	)
}

// look reads what a move has come to.
func (r *rearranging) look() error {
	r.Heads = map[string]forum.Head{}
	rows, err := r.Query(r.ctx, `SELECT id, seq, version, coalesce(moved, ''), comments FROM thread WHERE id = $1 OR id = $2`, r.Thread, r.Gone)
	if err != nil {
		return err
	}
	defer rows.Close()
	return each(func(row pgx.Rows) error {
		var id string
		var h forum.Head
		var comments int
		err := row.Scan(&id, &h.Seq, &h.Version, &h.Into, &comments)
		if r.Heads[id] = h; id == r.Thread {
			r.Comments = comments
		}
		return err
	})(rows)
}

// A movedError is of a thread that was merged into another.
type movedError struct{ into string }

func (e movedError) Error() string { return "the thread was merged into " + e.into }

// A movedTo is of threads that are to be written to, and were merged into others.
type movedTo map[string]string

func (m movedTo) Error() string {
	return fmt.Sprintf("threads were merged into others: %v", map[string]string(m))
}

// redirect makes writes to threads that were merged writes to those that they
// were merged into. What is about a comment finds its thread by itself.
func (m movedTo) redirect(writes []forum.Write) {
	for i := range writes {
		if into := m[writes[i].Command.Thread]; into != "" {
			writes[i].Command.Thread = into
		}
	}
}

// moved are those of the locked threads that were merged into others.
func (s *state) moved() movedTo {
	m := movedTo{}
	for id, t := range s.threads {
		if t.into != "" {
			m[id] = t.into
		}
	}
	return m
}
