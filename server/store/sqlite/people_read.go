package sqlite

import (
	"context"
	"encoding/json"
	"time"

	"zombiezen.com/go/sqlite"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// selectCard is what [scanCard] reads of thread t, with the part that person ?1
// has in it: f, joined by [partOf].
const (
	selectCard = `SELECT t.id, t.page, t.title, t.topics, t.comments, t.lively, t.locked, t.seq,
		(SELECT coalesce(sum(n), 0) FROM reaction_count WHERE thread = t.id),
		coalesce((SELECT e.at FROM event AS e WHERE e.thread = t.id ORDER BY e.seq DESC LIMIT 1), t.at),
		f.level, f.seen, ` + newInThread + `, t.address `
	newInThread = `CASE WHEN f.level = 'follow' AND t.seq > f.seen THEN (SELECT count(*) FROM (
			SELECT 1 FROM event AS e CROSS JOIN comment AS c ON c.id = e.comment
			WHERE e.thread = t.id AND e.seq > f.seen AND e.kind = 'comment.added' AND c.state = 'published' AND c.author <> ?1 LIMIT 100)) ELSE 0 END `
	partOf = ` LEFT JOIN follow AS f ON f.person = ?1 AND f.kind = 'thread' AND f.target = t.id `
)

// scanCard reads a card, and how lively it is.
func scanCard(row *sqlite.Stmt, now time.Time) (talk.Card, float64, error) {
	lively := row.ColumnFloat(5)
	c := talk.Card{
		ID: row.ColumnText(0), Page: row.ColumnText(1), Title: row.ColumnText(2), Topics: []string{},
		Comments: row.ColumnInt(4), Heat: forum.HeatOf(lively, now), Locked: row.ColumnBool(6), Seq: uint64(row.ColumnInt64(7)),
		Reactions: row.ColumnInt(8), At: moment(row.ColumnInt64(9)),
		Level: talk.Level(row.ColumnText(10)), Seen: uint64(row.ColumnInt64(11)), New: row.ColumnInt(12),
	}
	c.URL = talk.ArticleOf(c.Page, row.ColumnText(13))
	c.Site = talk.SiteOf(c.URL)
	return c, lively, json.Unmarshal([]byte(row.ColumnText(3)), &c.Topics)
}

// readCards reads cards and the place of the last, in their order.
func readCards(c *sqlite.Conn, now time.Time, sql string, args ...any) (cards []talk.Card, last forum.ListPlace, err error) {
	cards = []talk.Card{}
	var bad error
	err = run(c, sql, func(row *sqlite.Stmt) {
		card, lively, err := scanCard(row, now)
		if err != nil {
			bad = err
		}
		cards, last = append(cards, card), forum.LivelyPlace(lively, card.ID)
	}, args...)
	if err == nil {
		err = bad
	}
	return cards, last, err
}

// Lively returns the threads where most happened lately. A warmth is the rounded
// liveliness: those that are as warm as the last of them, or warmer, have the
// liveliest among them.
func (s *Store) Lively(ctx context.Context, now time.Time, limit int, also ...string) (cards []talk.Card, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		least := int64(1)
		err := run(c, `SELECT warmth FROM thread WHERE warmth <> 0 ORDER BY warmth DESC LIMIT 1 OFFSET ?1`, func(row *sqlite.Stmt) { least = row.ColumnInt64(0) }, limit-1)
		if err != nil {
			return err
		}
		cards, _, err = readCards(c, now, selectCard+`FROM thread AS t`+partOf+`WHERE t.warmth <> 0 AND t.warmth >= ?2 ORDER BY t.lively DESC, t.id LIMIT ?3`, "", least, limit)
		if err != nil {
			return err
		}
		more, _, err := readCards(c, now, selectCard+`FROM json_each(?2) AS j CROSS JOIN thread AS t ON t.id = j.value`+partOf, "", jsonOf(also))
		cards = forum.Join(cards, more)
		return err
	})
	return cards, err
}

const (
	followMark = 'F'
	threadMark = 'L'
	mineMark   = 'M'
)

// Follows returns threads that a person follows.
func (s *Store) Follows(ctx context.Context, person string, now time.Time, gone bool, after string, limit int) (cards []talk.Card, next string, err error) {
	place, err := forum.ListPlaceOf(followMark, after)
	if err != nil {
		return nil, "", err
	}
	err = s.read(ctx, func(c *sqlite.Conn) (err error) {
		var last forum.ListPlace
		cards, last, err = readCards(c, now, selectCard+`FROM follow AS f CROSS JOIN thread AS t ON t.id = f.target
			WHERE f.person = ?1 AND f.kind = 'thread' AND f.level = 'follow' AND (NOT ?2 OR t.seq > f.seen) AND (t.lively < ?3 OR t.lively = ?3 AND t.id > ?4)
			ORDER BY t.lively DESC, t.id LIMIT ?5`, person, bit(gone), place.Lively(), place.ID, limit)
		if len(cards) == limit {
			next = last.Cursor(followMark)
		}
		return err
	})
	return cards, next, err
}

// Levels returns a person's part in threads, and in all topics.
func (s *Store) Levels(ctx context.Context, person string, threads ...string) (l forum.Levels, err error) {
	l = forum.Levels{Threads: map[string]forum.Part{}, Topics: map[string]talk.Level{}}
	err = s.read(ctx, func(c *sqlite.Conn) error {
		err := run(c, `SELECT t.id, f.level, f.seen, `+newInThread+`FROM json_each(?2) AS j
			CROSS JOIN follow AS f ON f.person = ?1 AND f.kind = 'thread' AND f.target = j.value CROSS JOIN thread AS t ON t.id = f.target`, func(row *sqlite.Stmt) {
			l.Threads[row.ColumnText(0)] = forum.Part{Level: talk.Level(row.ColumnText(1)), Seen: uint64(row.ColumnInt64(2)), New: row.ColumnInt(3)}
		}, person, jsonOf(threads))
		if err != nil {
			return err
		}
		return run(c, `SELECT target, level FROM follow WHERE person = ?1 AND kind = 'topic'`, func(row *sqlite.Stmt) {
			l.Topics[row.ColumnText(0)] = talk.Level(row.ColumnText(1))
		}, person)
	})
	return l, err
}

// heatOfTopic is a topic's: that of all its threads t, added up.
const heatOfTopic = `coalesce(sum(CASE WHEN t.lively = 0 THEN 0 ELSE pow(2, t.lively - ?1) END), 0)`

// Topics returns the liveliest topics.
func (s *Store) Topics(ctx context.Context, now time.Time, limit int) (topics []talk.Topic, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		return run(c, `SELECT o.key, o.name, count(*), `+heatOfTopic+` AS heat
			FROM topic AS o JOIN thread_topic AS x ON x.topic = o.key JOIN thread AS t ON t.id = x.thread
			GROUP BY o.key ORDER BY heat DESC, o.key LIMIT ?2`, func(row *sqlite.Stmt) {
			topics = append(topics, talk.Topic{Key: row.ColumnText(0), Name: row.ColumnText(1), Threads: row.ColumnInt(2), Heat: row.ColumnFloat(3)})
		}, forum.Now(now), limit)
	})
	return topics, err
}

// Topic returns a topic and its liveliest threads.
func (s *Store) Topic(ctx context.Context, key, person string, now time.Time, after string, limit int) (p talk.TopicPage, err error) {
	place, err := forum.ListPlaceOf(threadMark, after)
	if err != nil {
		return p, err
	}
	err = s.read(ctx, func(c *sqlite.Conn) error {
		err := run(c, `SELECT o.key, o.name, count(t.id), `+heatOfTopic+`, coalesce((SELECT level FROM follow WHERE person = ?3 AND kind = 'topic' AND target = ?2), '')
			FROM topic AS o LEFT JOIN thread_topic AS x ON x.topic = o.key LEFT JOIN thread AS t ON t.id = x.thread
			WHERE o.key = ?2 GROUP BY o.key`, func(row *sqlite.Stmt) {
			p.Topic = talk.Topic{Key: row.ColumnText(0), Name: row.ColumnText(1), Threads: row.ColumnInt(2), Heat: row.ColumnFloat(3), Level: talk.Level(row.ColumnText(4))}
		}, forum.Now(now), key, person)
		if err != nil {
			return err
		}
		if p.Topic.Key == "" {
			return forum.NoTopic()
		}
		var last forum.ListPlace
		p.Threads, last, err = readCards(c, now, selectCard+`FROM thread_topic AS x CROSS JOIN thread AS t ON t.id = x.thread`+partOf+`
			WHERE x.topic = ?2 AND (t.lively < ?3 OR t.lively = ?3 AND t.id > ?4)
			ORDER BY t.lively DESC, t.id LIMIT ?5`, person, key, place.Lively(), place.ID, limit)
		if len(p.Threads) == limit {
			p.Next = last.Cursor(threadMark)
		}
		return err
	})
	return p, err
}

// Mine returns what a person wrote and can see, the newest first.
func (s *Store) Mine(ctx context.Context, person string, now time.Time, after string, limit int) (mine []talk.Mine, next string, err error) {
	place, err := forum.ListPlaceOf(mineMark, after)
	if err != nil {
		return nil, "", err
	}
	mine = []talk.Mine{}
	err = s.read(ctx, func(c *sqlite.Conn) error {
		var found []forum.ListPlace
		err := run(c, `SELECT at, id FROM (
				SELECT * FROM (SELECT at, id FROM comment WHERE author = ?1 AND state = 'published' AND (at, id) < (?2, ?3) ORDER BY at DESC, id DESC LIMIT ?4)
				UNION ALL
				SELECT * FROM (SELECT at, comment AS id FROM hidden WHERE author = ?1 AND state = 'held' AND (at, comment) < (?2, ?3) ORDER BY at DESC, comment DESC LIMIT ?4))
			ORDER BY at DESC, id DESC LIMIT ?4`, func(row *sqlite.Stmt) {
			found = append(found, forum.ListPlace{N: row.ColumnInt64(0), ID: row.ColumnText(1)})
		}, person, place.N, place.ID, limit)
		threads := map[string]talk.Card{}
		for _, p := range found {
			if err != nil {
				return err
			}
			var m talk.Mine
			if m, err = readMineComment(c, person, now, p.ID, threads); err == nil {
				mine = append(mine, m)
			}
		}
		if len(found) == limit {
			next = found[limit-1].Cursor(mineMark)
		}
		return err
	})
	return mine, next, err
}

// readMineComment reads a comment, and its thread if that isn't among those that
// were read already.
func readMineComment(c *sqlite.Conn, person string, now time.Time, id string, threads map[string]talk.Card) (m talk.Mine, err error) {
	r, err := readRecord(c, id, person)
	if err != nil {
		return m, err
	}
	m.Comment = r.ShownTo(person, "")
	if card, ok := threads[r.Thread]; ok {
		m.Thread = card
		return m, nil
	}
	cards, _, err := readCards(c, now, selectCard+`FROM thread AS t`+partOf+`WHERE t.id = ?2`, person, r.Thread)
	if err == nil && len(cards) == 1 {
		m.Thread, threads[r.Thread] = cards[0], cards[0]
	}
	return m, err
}

// Settings returns a person's settings, or the usual ones.
func (s *Store) Settings(ctx context.Context, person string) (settings talk.Settings, err error) {
	settings = talk.DefaultSettings()
	var value string
	err = s.read(ctx, func(c *sqlite.Conn) error {
		return run(c, `SELECT value FROM settings WHERE person = ?1`, func(row *sqlite.Stmt) { value = row.ColumnText(0) }, person)
	})
	if err == nil && value != "" {
		err = json.Unmarshal([]byte(value), &settings)
	}
	return settings, err
}

// SaveSettings replaces a person's settings.
func (s *Store) SaveSettings(ctx context.Context, person string, settings talk.Settings) error {
	value, err := json.Marshal(settings)
	if err != nil {
		return err
	}
	return s.write(ctx, func(c *sqlite.Conn) error {
		return run(c, `INSERT OR REPLACE INTO settings (person, value) VALUES (?1, ?2)`, nil, person, string(value))
	})
}

// saveTopics notes what a thread's page is about, when that is decided.
func saveTopics(c *sqlite.Conn, thread string, names []string) error {
	for _, name := range names {
		key := talk.TopicKey(name)
		if key == "" {
			continue
		}
		if err := run(c, `INSERT INTO topic (key, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING`, nil, key, name); err != nil {
			return err
		}
		if err := run(c, `INSERT INTO thread_topic (topic, thread) VALUES (?1, ?2) ON CONFLICT DO NOTHING`, nil, key, thread); err != nil {
			return err
		}
	}
	return nil
}
