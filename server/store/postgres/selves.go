package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// A became says that some of those who write are somebody else by now, whose
// writes they are to be.
type became struct{ selves map[string]string }

func (became) Error() string { return "some of those who write are somebody else by now" }

// Self returns the person that somebody now is.
func (s *Store) Self(ctx context.Context, person string) (self string, err error) {
	if !storable(person) {
		return person, nil
	}
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		self, err = readSelf(ctx, c, person)
		return err
	})
	return self, err
}

// A querier is a connection, or a transaction on one.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func readSelf(ctx context.Context, q querier, person string) (string, error) {
	self, _, err := readText(ctx, q, `SELECT same_as FROM standing WHERE person = $1 AND same_as <> ''`, person)
	if self == "" {
		self = person
	}
	return self, err
}

// readText reads one text, if there is one.
func readText(ctx context.Context, q querier, sql string, args ...any) (text string, found bool, err error) {
	rows, err := q.Query(ctx, sql, args...)
	if err == nil {
		err = each(func(row pgx.Rows) error {
			found = true
			return row.Scan(&text)
		})(rows)
	}
	if rows != nil {
		rows.Close()
	}
	return text, found, err
}

// Invited returns who made an invitation, if it is good still.
func (s *Store) Invited(ctx context.Context, kind forum.InvitationKind, hash []byte, at time.Time) (by string, err error) {
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) (err error) {
		var found bool
		by, found, err = readText(ctx, c, `SELECT by FROM invitation WHERE hash = $1 AND kind = $2 AND expires > $3`, hash, string(kind), at.UnixMilli())
		if err == nil && !found {
			err = forum.NotInvited(kind)
		}
		return err
	})
	return by, err
}

// Continue uses an invitation, and makes one of who made it and the person.
func (s *Store) Continue(ctx context.Context, hash []byte, person string, rules forum.Rules, at time.Time) (out forum.Continued, err error) {
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		out = forum.Continued{}
		return pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
			by, found, err := readText(ctx, tx, `DELETE FROM invitation WHERE hash = $1 AND kind = $2 AND expires > $3 RETURNING by`,
				hash, string(forum.ByHandover), at.UnixMilli())
			if err == nil && !found {
				err = forum.NotInvited(forum.ByHandover)
			}
			if err != nil {
				return err
			}
			if by, err = readSelf(ctx, tx, by); err != nil {
				return err
			}
			if out.Person, err = readSelf(ctx, tx, clean(person)); err != nil || out.Person == by {
				return err
			}
			if person == "" {
				out.Person = by
				return nil
			}
			out.Before = by
			out.Updates, err = becomeOne(ctx, tx, by, out.Person, rules, at)
			return err
		})
	})
	return out, err
}

// KeyOf returns whose a public key is.
func (s *Store) KeyOf(ctx context.Context, key []byte) (person string, err error) {
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		person, _, err = readText(ctx, c, `SELECT person FROM device_key WHERE key = $1`, key)
		return err
	})
	return person, err
}

// Bind makes a public key a person's, unless it is somebody's.
func (s *Store) Bind(ctx context.Context, key []byte, person string, at time.Time) (whose string, err error) {
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		if _, err := c.Exec(ctx, `INSERT INTO device_key (key, person, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, key, clean(person), at.UnixMilli()); err != nil {
			return err
		}
		whose, _, err = readText(ctx, c, `SELECT person FROM device_key WHERE key = $1`, key)
		return err
	})
	return whose, err
}

// lockTheirs locks the threads in which somebody has anything, in the order in
// which everybody locks threads.
const lockTheirs = `SELECT id FROM thread WHERE id IN (
		SELECT thread FROM reaction WHERE person = $1
		UNION ALL SELECT c.thread FROM comment_like AS l JOIN comment AS c ON c.id = l.comment WHERE l.person = $1
		UNION ALL SELECT thread FROM comment WHERE author = $1 COLLATE "C"
		UNION ALL SELECT thread FROM hidden WHERE author = $1 COLLATE "C"
		UNION ALL SELECT thread FROM notice WHERE person = $1)
	ORDER BY id FOR UPDATE`

// becomeOne makes what one person has another's, and returns what changed of
// threads where both had done the same.
func becomeOne(ctx context.Context, tx pgx.Tx, from, to string, rules forum.Rules, at time.Time) ([]talk.Update, error) {
	if _, err := tx.Exec(ctx, lockTheirs, from); err != nil {
		return nil, err
	}
	var one, other forum.Standing
	b := &pgx.Batch{}
	queueStanding(b, from, &one)
	queueStanding(b, to, &other)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	changed := forum.Merged{}
	b = &pgx.Batch{}
	queueMerged(b, from, to, rules, changed)
	if now := forum.Together(one, other); now != other {
		b.Queue(`INSERT INTO standing (person, role, banned) VALUES ($1, $2, $3) ON CONFLICT (person) DO UPDATE SET role = excluded.role, banned = excluded.banned`,
			to, string(now.Role), now.Banned)
	}
	b.Queue(`UPDATE standing SET same_as = $2 WHERE same_as = $1`, from, to)
	b.Queue(`INSERT INTO standing (person, same_as, same_since) VALUES ($1, $2, $3)
		ON CONFLICT (person) DO UPDATE SET role = '', banned = false, same_as = excluded.same_as, same_since = excluded.same_since`, from, to, at.UnixMilli())
	for _, sql := range becoming {
		b.Queue(sql, pgx.NamedArgs{"from": from, "to": to})
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	b = &pgx.Batch{}
	for thread, tally := range changed {
		b.Queue(`UPDATE thread SET version = version + 1 WHERE id = $1 RETURNING version`, thread).QueryRow(func(row pgx.Row) error { return row.Scan(&tally.Version) })
		for comment := range tally.Likes {
			b.Queue(`UPDATE comment SET likes_version = (SELECT version FROM thread WHERE id = $2) WHERE id = $1`, comment, thread)
		}
	}
	err := tx.SendBatch(ctx, b).Close()
	return changed.Updates(), err
}

// queueMerged takes back, of the reactions and likes of one, those that the
// other has too. Those of a comment that is removed are counted anew when it
// comes back.
func queueMerged(b *pgx.Batch, from, to string, rules forum.Rules, changed forum.Merged) {
	b.Queue(`WITH twice AS (DELETE FROM reaction AS r WHERE r.person = $1
			AND EXISTS (SELECT 1 FROM reaction AS o WHERE o.thread = r.thread AND o.person = $2 AND (o.kind = r.kind OR $3)) RETURNING r.thread, r.kind)
		UPDATE reaction_count AS c SET n = c.n - 1 FROM twice WHERE c.thread = twice.thread AND c.kind = twice.kind RETURNING c.thread, c.kind, c.n`,
		from, to, rules.OneReaction).Query(each(func(row pgx.Rows) error {
		var thread, kind string
		var n int
		err := row.Scan(&thread, &kind, &n)
		changed.React(thread, kind, n)
		return err
	}))
	b.Queue(`WITH twice AS (DELETE FROM comment_like AS l WHERE l.person = $1
			AND EXISTS (SELECT 1 FROM comment_like AS o WHERE o.comment = l.comment AND o.person = $2) RETURNING l.comment)
		UPDATE comment AS c SET likes = c.likes - 1 FROM twice WHERE c.id = twice.comment AND c.state = 'published' RETURNING c.thread, c.id, c.likes`,
		from, to).Query(each(func(row pgx.Rows) error {
		var thread, comment string
		var n int
		err := row.Scan(&thread, &comment, &n)
		changed.Like(thread, comment, n)
		return err
	}))
}

// becoming makes what person @from has that of person @to. Bylines stay as they were
// signed.
var becoming = []string{
	`UPDATE reaction SET person = @to WHERE person = @from`,
	`UPDATE comment_like SET person = @to WHERE person = @from`,
	`UPDATE comment SET author = @to WHERE author = @from COLLATE "C"`,
	`UPDATE hidden SET author = @to, by = CASE WHEN by = @from THEN @to ELSE by END WHERE author = @from COLLATE "C"`,
	`INSERT INTO credit (person, thread) SELECT @to, thread FROM credit WHERE person = @from ON CONFLICT DO NOTHING`,
	`DELETE FROM credit WHERE person = @from`,
	`DELETE FROM flag AS f WHERE person = @from AND EXISTS (SELECT 1 FROM flag AS o WHERE o.comment = f.comment AND o.person = @to)`,
	`UPDATE flag SET person = @to WHERE person = @from`,
	`INSERT INTO mention (comment, person, name) SELECT comment, @to, name FROM mention WHERE person = @from ON CONFLICT DO NOTHING`,
	`DELETE FROM mention WHERE person = @from`,
	`INSERT INTO follow (person, kind, target, level, at, seen) SELECT @to, kind, target, level, at, seen FROM follow WHERE person = @from
		ON CONFLICT (person, kind, target) DO UPDATE SET seen = greatest(follow.seen, excluded.seen),
			level = CASE WHEN 'follow' IN (follow.level, excluded.level) THEN 'follow' ELSE 'mute' END`,
	`DELETE FROM follow WHERE person = @from`,
	`DELETE FROM notice AS n WHERE person = @from AND EXISTS (SELECT 1 FROM notice AS o WHERE o.person = @to AND o.kind = n.kind AND o.comment = n.comment)`,
	`UPDATE notice SET person = @to WHERE person = @from`,
	`DELETE FROM notice WHERE person = @to AND kind <> 'like' AND comment IN (SELECT id FROM comment WHERE author = @to COLLATE "C")`,
	`INSERT INTO settings (person, value) SELECT @to, value FROM settings WHERE person = @from ON CONFLICT DO NOTHING`,
	`DELETE FROM settings WHERE person = @from`,
	`INSERT INTO person (id, name, headline, avatar, at, published) SELECT @to, name, headline, avatar, at, published FROM person WHERE id = @from
		ON CONFLICT (id) DO UPDATE SET published = person.published + excluded.published`,
	`DELETE FROM person WHERE id = @from`,
	`UPDATE done AS d SET scope = @to WHERE scope = @from AND NOT EXISTS (SELECT 1 FROM done AS o WHERE o.scope = @to AND o.ref = d.ref)`,
	`UPDATE done SET person = @to WHERE person = @from AND scope = @to`,
	`UPDATE device_key SET person = @to WHERE person = @from`,
	`UPDATE push_subscription SET person = @to WHERE person = @from`,
	dropDevices,
	`UPDATE invitation SET by = @to WHERE by = @from`,
}

// straggledFor is how long ago somebody may have become another for it to be
// looked whether anything of theirs was left behind.
const straggledFor = 2 * time.Hour

// forgetSelves makes those another's again who became them lately: a commit that
// was under way on another node at that moment may have written as who they were.
func (s *Store) forgetSelves(ctx context.Context, now time.Time) error {
	return s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		var pairs [][2]string
		rows, err := c.Query(ctx, `SELECT person, same_as FROM standing WHERE same_as <> '' AND same_since > $1`, now.Add(-straggledFor).UnixMilli())
		if err == nil {
			err = each(func(row pgx.Rows) error {
				var p [2]string
				err := row.Scan(&p[0], &p[1])
				pairs = append(pairs, p)
				return err
			})(rows)
		}
		for _, p := range pairs {
			if err == nil {
				err = pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
					_, err := becomeOne(ctx, tx, p[0], p[1], forum.Rules{}, now.Add(-straggledFor))
					return err
				})
			}
		}
		return err
	})
}
