package sqlite

import (
	"context"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// Self returns the person that somebody now is.
func (s *Store) Self(ctx context.Context, person string) (self string, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) (err error) {
		self, err = readSelf(c, person)
		return err
	})
	return self, err
}

func readSelf(c *sqlite.Conn, person string) (self string, err error) {
	self = person
	err = run(c, `SELECT same_as FROM standing WHERE person = ?1 AND same_as <> ''`, func(row *sqlite.Stmt) { self = row.ColumnText(0) }, person)
	return self, err
}

// Invited returns who made an invitation, if it is good still.
func (s *Store) Invited(ctx context.Context, kind forum.InvitationKind, hash []byte, at time.Time) (by string, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) (err error) {
		by, err = readInvited(c, kind, hash, at)
		return err
	})
	return by, err
}

func readInvited(c *sqlite.Conn, kind forum.InvitationKind, hash []byte, at time.Time) (by string, err error) {
	found := false
	err = run(c, `SELECT by FROM invitation WHERE hash = ?1 AND kind = ?2 AND expires > ?3`, func(row *sqlite.Stmt) {
		by, found = row.ColumnText(0), true
	}, hash, string(kind), at.UnixMilli())
	if err == nil && !found {
		err = forum.NotInvited(kind)
	}
	return by, err
}

// Continue uses an invitation, and makes one of who made it and the person.
func (s *Store) Continue(ctx context.Context, hash []byte, person string, rules forum.Rules, at time.Time) (out forum.Continued, err error) {
	err = s.write(ctx, func(c *sqlite.Conn) error {
		by, err := readInvited(c, forum.ByHandover, hash, at)
		if err != nil {
			return err
		}
		if err := run(c, `DELETE FROM invitation WHERE hash = ?1`, nil, hash); err != nil {
			return err
		}
		if by, err = readSelf(c, by); err != nil {
			return err
		}
		if out.Person, err = readSelf(c, person); err != nil || out.Person == by {
			return err
		}
		if person == "" {
			out.Person = by
			return nil
		}
		out.Before = by
		out.Updates, err = becomeOne(c, by, out.Person, rules)
		return err
	})
	if err == nil && out.Before != "" {
		s.followed.Purge()
	}
	return out, err
}

// KeyOf returns whose a public key is.
func (s *Store) KeyOf(ctx context.Context, key []byte) (person string, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) (err error) {
		person, err = readKey(c, key)
		return err
	})
	return person, err
}

func readKey(c *sqlite.Conn, key []byte) (person string, err error) {
	err = run(c, `SELECT person FROM device_key WHERE key = ?1`, func(row *sqlite.Stmt) { person = row.ColumnText(0) }, key)
	return person, err
}

// Bind makes a public key a person's, unless it is somebody's.
func (s *Store) Bind(ctx context.Context, key []byte, person string, at time.Time) (whose string, err error) {
	err = s.write(ctx, func(c *sqlite.Conn) error {
		err := run(c, `INSERT INTO device_key (key, person, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING`, nil, key, person, at.UnixMilli())
		if err == nil {
			whose, err = readKey(c, key)
		}
		return err
	})
	return whose, err
}

// becomeOne makes what one person has another's, and returns what changed of
// threads where both had done the same.
func becomeOne(c *sqlite.Conn, from, to string, rules forum.Rules) ([]talk.Update, error) {
	changed := forum.Merged{}
	if err := mergeReactions(c, from, to, rules, changed); err != nil {
		return nil, err
	}
	if err := mergeLikes(c, from, to, changed); err != nil {
		return nil, err
	}
	for thread, tally := range changed {
		err := run(c, `SELECT version FROM thread WHERE id = ?1`, func(row *sqlite.Stmt) { tally.Version = uint64(row.ColumnInt64(0)) + 1 }, thread)
		if err == nil {
			err = run(c, `UPDATE thread SET version = ?2 WHERE id = ?1`, nil, thread, int64(tally.Version))
		}
		for comment := range tally.Likes {
			if err == nil {
				err = run(c, `UPDATE comment SET likes_version = ?2 WHERE id = ?1`, nil, comment, int64(tally.Version))
			}
		}
		if err != nil {
			return nil, err
		}
	}
	standing, err := readStanding(c, from)
	if err != nil {
		return nil, err
	}
	other, err := readStanding(c, to)
	if err != nil {
		return nil, err
	}
	if now := forum.Together(standing, other); now != other {
		if err := saveStanding(&tx{Conn: c}, to, now); err != nil {
			return nil, err
		}
	}
	for _, sql := range becoming {
		args := []any{from, to}
		if !strings.Contains(sql, "?2") {
			args = args[:1]
		}
		if err := run(c, sql, nil, args...); err != nil {
			return nil, err
		}
	}
	return changed.Updates(), dropDevices(c, to)
}

// becoming makes what person ?1 has that of person ?2. Bylines stay as they were
// signed.
var becoming = []string{
	`UPDATE standing SET same_as = ?2 WHERE same_as = ?1`,
	`INSERT INTO standing (person, same_as) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET role = '', banned = 0, same_as = excluded.same_as`,
	`UPDATE comment SET author = ?2 WHERE author = ?1`,
	`UPDATE hidden SET author = ?2 WHERE author = ?1`,
	`UPDATE hidden SET by = ?2 WHERE by = ?1 AND author = ?2`, // what they took back themselves
	`UPDATE OR IGNORE credit SET person = ?2 WHERE person = ?1`,
	`DELETE FROM credit WHERE person = ?1`,
	`UPDATE OR IGNORE flag SET person = ?2 WHERE person = ?1`,
	`DELETE FROM flag WHERE person = ?1`,
	`UPDATE OR IGNORE mention SET person = ?2 WHERE person = ?1`,
	`DELETE FROM mention WHERE person = ?1`,
	`INSERT INTO follow (person, kind, target, level, at, seen) SELECT ?2, kind, target, level, at, seen FROM follow WHERE person = ?1
		ON CONFLICT DO UPDATE SET level = CASE WHEN 'follow' IN (level, excluded.level) THEN 'follow' ELSE 'mute' END, seen = max(seen, excluded.seen)`,
	`DELETE FROM follow WHERE person = ?1`,
	`UPDATE OR IGNORE notice SET person = ?2 WHERE person = ?1`,
	`DELETE FROM notice WHERE person = ?1`,
	`DELETE FROM notice WHERE person = ?2 AND kind <> 'like' AND comment IN (SELECT id FROM comment WHERE author = ?2)`,
	`UPDATE OR IGNORE settings SET person = ?2 WHERE person = ?1`,
	`DELETE FROM settings WHERE person = ?1`,
	`UPDATE person SET published = published + coalesce((SELECT published FROM person WHERE id = ?1), 0) WHERE id = ?2`,
	`UPDATE OR IGNORE person SET id = ?2 WHERE id = ?1`,
	`DELETE FROM person WHERE id = ?1`,
	`UPDATE OR IGNORE done SET scope = ?2 WHERE scope = ?1`,
	`UPDATE done SET person = ?2 WHERE person = ?1 AND scope = ?2`,
	`UPDATE device_key SET person = ?2 WHERE person = ?1`,
	`UPDATE push_subscription SET person = ?2 WHERE person = ?1`,
	`UPDATE invitation SET by = ?2 WHERE by = ?1`,
}

// mergeReactions makes reactions another's, once each.
func mergeReactions(c *sqlite.Conn, from, to string, rules forum.Rules, changed forum.Merged) error {
	type reaction struct{ thread, kind string }
	var twice []reaction
	err := run(c, `SELECT thread, kind FROM reaction AS r WHERE person = ?1
			AND EXISTS (SELECT 1 FROM reaction AS o WHERE o.thread = r.thread AND o.person = ?2 AND (o.kind = r.kind OR ?3))`, func(row *sqlite.Stmt) {
		twice = append(twice, reaction{row.ColumnText(0), row.ColumnText(1)})
	}, from, to, bit(rules.OneReaction))
	for _, r := range twice {
		if err == nil {
			err = run(c, `DELETE FROM reaction WHERE thread = ?1 AND person = ?2 AND kind = ?3`, nil, r.thread, from, r.kind)
		}
		if err == nil {
			err = run(c, `UPDATE reaction_count SET n = n - 1 WHERE thread = ?1 AND kind = ?2`, nil, r.thread, r.kind)
		}
		if err == nil {
			err = run(c, `SELECT n FROM reaction_count WHERE thread = ?1 AND kind = ?2`, func(row *sqlite.Stmt) { changed.React(r.thread, r.kind, row.ColumnInt(0)) }, r.thread, r.kind)
		}
	}
	if err != nil {
		return err
	}
	return run(c, `UPDATE reaction SET person = ?2 WHERE person = ?1`, nil, from, to)
}

// mergeLikes makes likes another's, once each. Those of a comment that is
// removed are counted anew when it comes back.
func mergeLikes(c *sqlite.Conn, from, to string, changed forum.Merged) error {
	var twice []string
	err := run(c, `SELECT comment FROM comment_like AS l WHERE person = ?1
			AND EXISTS (SELECT 1 FROM comment_like AS o WHERE o.comment = l.comment AND o.person = ?2)`, func(row *sqlite.Stmt) {
		twice = append(twice, row.ColumnText(0))
	}, from, to)
	for _, comment := range twice {
		if err == nil {
			err = run(c, `DELETE FROM comment_like WHERE comment = ?1 AND person = ?2`, nil, comment, from)
		}
		if err == nil {
			err = run(c, `UPDATE comment SET likes = likes - 1 WHERE id = ?1 AND state = 'published'`, nil, comment)
		}
		if err == nil {
			err = run(c, `SELECT thread, likes FROM comment WHERE id = ?1 AND state = 'published'`, func(row *sqlite.Stmt) {
				changed.Like(row.ColumnText(0), comment, row.ColumnInt(1))
			}, comment)
		}
	}
	if err != nil {
		return err
	}
	return run(c, `UPDATE comment_like SET person = ?2 WHERE person = ?1`, nil, from, to)
}
