package sqlite

import (
	"context"
	"encoding/json"
	"time"

	"zombiezen.com/go/sqlite"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// Subscribe keeps a person's device.
func (s *Store) Subscribe(ctx context.Context, person string, d forum.Device, at time.Time) error {
	return s.write(ctx, func(c *sqlite.Conn) error {
		err := run(c, `DELETE FROM push WHERE endpoint = ?1 AND EXISTS (SELECT 1 FROM push_subscription WHERE endpoint = ?1 AND person <> ?2)`, nil, d.Endpoint, person)
		if err != nil {
			return err
		}
		err = run(c, `INSERT INTO push_subscription (endpoint, person, host, p256dh, auth, lang, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
			ON CONFLICT DO UPDATE SET person = excluded.person, p256dh = excluded.p256dh, auth = excluded.auth, lang = excluded.lang, at = excluded.at,
				answered = iif(p256dh = excluded.p256dh, answered, 0), failures = iif(p256dh = excluded.p256dh, failures, 0)`, nil,
			d.Endpoint, person, d.Host, d.Key, d.Auth, d.Lang, at.UnixMilli())
		if err != nil {
			return err
		}
		return dropDevices(c, person)
	})
}

// dropDevices leaves a person the latest of their devices.
func dropDevices(c *sqlite.Conn, person string) error {
	return run(c, `DELETE FROM push_subscription WHERE person = ?1 AND endpoint IN (
		SELECT endpoint FROM push_subscription WHERE person = ?1 ORDER BY at DESC, endpoint LIMIT -1 OFFSET ?2)`, nil, person, forum.DevicesMax)
}

// Unsubscribe forgets a device, if it is the person's.
func (s *Store) Unsubscribe(ctx context.Context, person, endpoint string) error {
	return s.write(ctx, func(c *sqlite.Conn) error {
		return run(c, `DELETE FROM push_subscription WHERE endpoint = ?1 AND person = ?2`, nil, endpoint, person)
	})
}

// queuedAtOnce bounds a transaction of QueueNotices by people, so that commits don't wait
// for it longer than for one another.
const queuedAtOnce = 500

// QueueNotices makes messages of notices for the devices of people who have any.
func (s *Store) QueueNotices(ctx context.Context, people []string, since, now time.Time) (queued int, err error) {
	reached, err := s.reached(ctx, people)
	for err == nil && len(reached) > 0 {
		some := reached[:min(len(reached), queuedAtOnce)]
		reached = reached[len(some):]
		err = s.write(ctx, func(c *sqlite.Conn) error {
			var told []toTell
			err := run(c, `UPDATE notice INDEXED BY notice_unseen SET pushed = n
				WHERE person IN (SELECT value FROM json_each(?1)) AND seen = 0 AND at > ?2 AND pushed < n AND (kind <> 'like' OR n >= 2 * pushed)
				RETURNING person, kind, comment, thread`, func(row *sqlite.Stmt) {
				told = append(told, toTell{row.ColumnText(0), forum.MessageKind(row.ColumnText(1)), row.ColumnText(2), row.ColumnText(3)})
			}, jsonOf(some), since.UnixMilli())
			if err != nil {
				return err
			}
			n, err := queue(c, told, now)
			queued += n
			return err
		})
	}
	return queued, err
}

// reached are those of these people, or of all, who have a device.
func (s *Store) reached(ctx context.Context, people []string) (reached []string, err error) {
	sql, args := `SELECT DISTINCT value FROM json_each(?1) WHERE EXISTS (SELECT 1 FROM push_subscription WHERE person = value)`, []any{jsonOf(people)}
	if len(people) == 0 {
		sql, args = `SELECT DISTINCT person FROM push_subscription`, nil
	}
	err = s.read(ctx, func(c *sqlite.Conn) error {
		return run(c, sql, func(row *sqlite.Stmt) { reached = append(reached, row.ColumnText(0)) }, args...)
	})
	return reached, err
}

// A toTell is what a person's devices are to be told.
type toTell struct {
	person  string
	kind    forum.MessageKind
	comment string
	thread  string
}

// queue makes messages for each of the devices.
func queue(c *sqlite.Conn, all []toTell, now time.Time) (queued int, err error) {
	for _, t := range all {
		err := run(c, `INSERT INTO push (endpoint, tag, kind, comment, at, due) SELECT endpoint, ?2, ?3, ?4, ?5, ?6 FROM push_subscription WHERE person = ?1
			ON CONFLICT DO UPDATE SET comment = excluded.comment, serial = serial + 1`, nil,
			t.person, forum.TagOf(t.kind, t.comment, t.thread), string(t.kind), t.comment, now.UnixMilli(), now.Add(forum.Gather(t.kind)).UnixMilli())
		if err != nil {
			return queued, err
		}
		queued += c.Changes()
	}
	return queued, nil
}

// QueueFollowed makes messages for those who follow a comment's thread.
func (s *Store) QueueFollowed(ctx context.Context, comment string, now time.Time) (queued int, err error) {
	const followers = `SELECT DISTINCT s.person FROM comment AS c CROSS JOIN push_subscription AS s
		CROSS JOIN follow AS f ON f.person = s.person AND f.kind = 'thread' AND f.target = c.thread
		CROSS JOIN settings AS x ON x.person = s.person
		WHERE c.id = ?1 AND c.state = 'published' AND f.level = 'follow' AND f.seen < c.seq AND f.pushed <= f.seen AND s.person <> c.author
			AND x.value ->> '$.notify.followed' AND NOT EXISTS (SELECT 1 FROM notice AS n WHERE n.person = s.person AND n.comment = c.id AND n.kind IN ('reply', 'mention'))`
	var people []string
	err = s.read(ctx, func(c *sqlite.Conn) error {
		return run(c, followers, func(row *sqlite.Stmt) { people = append(people, row.ColumnText(0)) }, comment)
	})
	for err == nil && len(people) > 0 {
		some := people[:min(len(people), queuedAtOnce)]
		people = people[len(some):]
		err = s.write(ctx, func(c *sqlite.Conn) error {
			var told []toTell
			err := run(c, `UPDATE follow SET pushed = c.seq FROM comment AS c
				WHERE c.id = ?1 AND follow.person IN (SELECT value FROM json_each(?2)) AND follow.kind = 'thread' AND follow.target = c.thread
					AND follow.level = 'follow' AND follow.seen < c.seq AND follow.pushed <= follow.seen
				RETURNING follow.person, follow.target`, func(row *sqlite.Stmt) {
				told = append(told, toTell{row.ColumnText(0), forum.Followed, comment, row.ColumnText(1)})
			}, comment, jsonOf(some))
			if err != nil {
				return err
			}
			n, err := queue(c, told, now)
			queued += n
			return err
		})
	}
	return queued, err
}

// NextMessage returns when a message is due next.
func (s *Store) NextMessage(ctx context.Context) (at time.Time, waits bool, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		return run(c, `SELECT due FROM push ORDER BY due LIMIT 1`, func(row *sqlite.Stmt) { at, waits = moment(row.ColumnInt64(0)), true })
	})
	return at, waits, err
}

// TakeMessages takes messages that are due.
func (s *Store) TakeMessages(ctx context.Context, t forum.Taking) (taken []forum.Message, err error) {
	err = s.write(ctx, func(c *sqlite.Conn) error {
		type key struct{ endpoint, tag string }
		var keys []key
		err := run(c, `SELECT endpoint, tag FROM (
				SELECT p.endpoint, p.tag, p.due, row_number() OVER (PARTITION BY s.host ORDER BY p.due, p.endpoint, p.tag) AS nth
				FROM push AS p CROSS JOIN push_subscription AS s ON s.endpoint = p.endpoint
				WHERE p.due <= ?1 AND (s.answered > 0 AND s.failures = 0) = ?2 AND s.host NOT IN (SELECT value FROM json_each(?3)))
			WHERE nth <= ?4 ORDER BY due, endpoint, tag LIMIT ?5`, func(row *sqlite.Stmt) {
			keys = append(keys, key{row.ColumnText(0), row.ColumnText(1)})
		}, t.Now.UnixMilli(), bit(t.Proven), jsonOf(t.Not), t.PerHost, t.Limit)
		if err != nil {
			return err
		}
		for _, k := range keys {
			if err := run(c, `UPDATE push SET due = ?3, tries = tries + 1 WHERE endpoint = ?1 AND tag = ?2`, nil, k.endpoint, k.tag, t.Until.UnixMilli()); err != nil {
				return err
			}
			m, err := readMessage(c, k.endpoint, k.tag)
			if err != nil {
				return err
			}
			taken = append(taken, m)
		}
		return nil
	})
	return taken, err
}

// selectMessage is a message p with its comment c, which may be gone, and what is
// left to tell: of a notice n, or of a followed thread.
const selectMessage = selectComment + `, p.tag, p.serial, p.kind, p.at, p.tries, s.person, s.host, s.p256dh, s.auth, s.lang, s.failures, max(s.at, s.answered),
	x.value, coalesce(t.page, ''), coalesce(t.address, ''), coalesce(t.title, ''),
	CASE WHEN p.kind = 'followed' THEN f.level = 'follow' ELSE n.seen = 0 AND ` + stillSo + ` END,
	CASE p.kind WHEN 'like' THEN ` + likesOfOthers + ` WHEN 'followed' THEN (SELECT count(*) FROM (
		SELECT 1 FROM event AS e CROSS JOIN comment AS o ON o.id = e.comment
		WHERE e.thread = c.thread AND e.seq > f.seen AND e.kind = 'comment.added' AND o.state = 'published' AND o.author <> s.person LIMIT 100)) ELSE 1 END
	FROM push AS p CROSS JOIN push_subscription AS s ON s.endpoint = p.endpoint
	LEFT JOIN comment AS c ON c.id = p.comment LEFT JOIN thread AS t ON t.id = c.thread
	LEFT JOIN notice AS n ON n.person = s.person AND n.kind = p.kind AND n.comment = p.comment
	LEFT JOIN follow AS f ON f.person = s.person AND f.kind = 'thread' AND f.target = c.thread
	LEFT JOIN settings AS x ON x.person = s.person
	WHERE p.endpoint = ?2 AND p.tag = ?3`

func readMessage(c *sqlite.Conn, endpoint, tag string) (m forum.Message, err error) {
	m.Endpoint, m.Settings = endpoint, talk.DefaultSettings()
	var settings string
	err = run(c, selectMessage, func(row *sqlite.Stmt) {
		const n = commentColumns
		m.Comment, _ = scanComment(row)
		m.Tag, m.Serial, m.Kind = row.ColumnText(n), row.ColumnInt64(n+1), forum.MessageKind(row.ColumnText(n+2))
		m.At, m.Tries = moment(row.ColumnInt64(n+3)), row.ColumnInt(n+4)
		m.Person, m.Host, m.Key, m.Auth, m.Lang = row.ColumnText(n+5), row.ColumnText(n+6), columnBytes(row, n+7), columnBytes(row, n+8), row.ColumnText(n+9)
		m.Failures, m.Answered = row.ColumnInt(n+10), moment(row.ColumnInt64(n+11))
		settings = row.ColumnText(n + 12)
		m.Thread = forum.RefOf(m.Comment.Thread, row.ColumnText(n+13), row.ColumnText(n+14), row.ColumnText(n+15))
		m.N = row.ColumnInt(n + 17)
		m.Seen = !row.ColumnBool(n+16) || m.N == 0
	}, "", endpoint, tag)
	if err == nil && settings != "" {
		err = json.Unmarshal([]byte(settings), &m.Settings)
	}
	return m, err
}

// SettleMessages says what has become of messages.
func (s *Store) SettleMessages(ctx context.Context, all []forum.Settled) error {
	return s.write(ctx, func(c *sqlite.Conn) error {
		for i := range all {
			if err := settleMessage(c, &all[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func settleMessage(c *sqlite.Conn, m *forum.Settled) (err error) {
	switch {
	case m.Gone:
		return run(c, `DELETE FROM push_subscription WHERE endpoint = ?1 AND p256dh = ?2`, nil, m.Endpoint, m.Key)
	case m.Taken:
		err = run(c, `UPDATE push_subscription SET answered = ?2, failures = 0 WHERE endpoint = ?1`, nil, m.Endpoint, m.When.UnixMilli())
	case m.Failed:
		err = run(c, `UPDATE push_subscription SET failures = failures + 1 WHERE endpoint = ?1`, nil, m.Endpoint)
	}
	if err != nil {
		return err
	}
	if !m.Later.IsZero() {
		return run(c, `UPDATE push SET due = ?3, tries = iif(?4, tries, 0) WHERE endpoint = ?1 AND tag = ?2`, nil, m.Endpoint, m.Tag, m.Later.UnixMilli(), bit(m.Failed))
	}
	if err := run(c, `DELETE FROM push WHERE endpoint = ?1 AND tag = ?2 AND serial = ?3`, nil, m.Endpoint, m.Tag, m.Serial); err != nil {
		return err
	}
	return run(c, `UPDATE push SET at = ?3, due = ?3, tries = 0 WHERE endpoint = ?1 AND tag = ?2 AND serial <> ?4`, nil, m.Endpoint, m.Tag, m.When.UnixMilli(), m.Serial)
}
