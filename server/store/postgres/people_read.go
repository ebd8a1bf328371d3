package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// selectCard is what [scanCard] reads of thread t, with the part that @person
// has in it: f, joined by [joinPart].
const (
	selectCard = `SELECT t.id, t.page, t.title, t.topics, t.comments, t.lively, t.locked, t.seq,
		(SELECT coalesce(sum(n), 0)::bigint FROM reaction_count WHERE thread = t.id),
		coalesce((SELECT e.at FROM event AS e WHERE e.thread = t.id ORDER BY e.seq DESC LIMIT 1), t.at),
		coalesce(f.level, ''), coalesce(f.seen, 0), ` + newInThread + `, t.address `
	newInThread = `CASE WHEN f.level = 'follow' AND t.seq > f.seen THEN (SELECT count(*) FROM (
			SELECT 1 FROM event AS e JOIN comment AS c ON c.id = e.comment
			WHERE e.thread = t.id AND e.seq > f.seen AND e.kind = 'comment.added' AND c.state = 'published' AND c.author <> @person LIMIT 100) AS n) ELSE 0 END `
	joinPart = ` LEFT JOIN follow AS f ON f.person = @person AND f.kind = 'thread' AND f.target = t.id `
)

// Cards are some that are being read, and the place of the last.
type cards struct {
	list []talk.Card
	last forum.ListPlace
}

// queueCards reads cards, in their order.
func queueCards(b *pgx.Batch, now time.Time, found *cards, sql string, args pgx.NamedArgs) {
	*found = cards{list: []talk.Card{}}
	b.Queue(sql, args).Query(each(func(row pgx.Rows) error {
		c := talk.Card{Topics: []string{}}
		var topics, address string
		var lively float64
		var at int64
		err := row.Scan(&c.ID, &c.Page, &c.Title, &topics, &c.Comments, &lively, &c.Locked, &c.Seq, &c.Reactions, &at, &c.Level, &c.Seen, &c.New, &address)
		if err != nil {
			return err
		}
		c.Heat, c.At = forum.HeatOf(lively, now), moment(at)
		c.URL = talk.ArticleOf(c.Page, address)
		c.Site = talk.SiteOf(c.URL)
		err = json.Unmarshal([]byte(topics), &c.Topics)
		found.list, found.last = append(found.list, c), forum.LivelyPlace(lively, c.ID)
		return err
	}))
}

// next is the cursor of those that come after a full page.
func (c *cards) next(mark byte, limit int) string {
	if len(c.list) < limit {
		return ""
	}
	return c.last.Cursor(mark)
}

// Lively returns the threads where most happened lately. A warmth is the rounded
// liveliness: those that are as warm as the last of them, or warmer, have the
// liveliest among them.
func (s *Store) Lively(ctx context.Context, now time.Time, limit int, also ...string) (found []talk.Card, err error) {
	args := pgx.NamedArgs{"person": "", "limit": limit, "also": storableOf(also)}
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		var liveliest, more cards
		b := &pgx.Batch{}
		queueCards(b, now, &liveliest, selectCard+`FROM thread AS t`+joinPart+`WHERE t.warmth <> 0
			AND t.warmth >= coalesce((SELECT warmth FROM thread WHERE warmth <> 0 ORDER BY warmth DESC LIMIT 1 OFFSET @limit - 1), 0)
			ORDER BY t.lively DESC, t.id LIMIT @limit`, args)
		queueCards(b, now, &more, selectCard+`FROM thread AS t`+joinPart+`WHERE t.id = ANY (@also)`, args)
		err := c.SendBatch(ctx, b).Close()
		found = forum.Join(liveliest.list, more.list)
		return err
	})
	return found, err
}

const (
	followMark = 'F'
	threadMark = 'L'
	mineMark   = 'M'
)

// Follows returns threads that a person follows.
func (s *Store) Follows(ctx context.Context, person string, now time.Time, gone bool, after string, limit int) (list []talk.Card, next string, err error) {
	place, err := forum.ListPlaceOf(followMark, after)
	if err != nil {
		return nil, "", err
	}
	args := pgx.NamedArgs{"person": clean(person), "gone": gone, "lively": place.Lively(), "id": place.ID, "limit": limit}
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		var found cards
		b := &pgx.Batch{}
		queueCards(b, now, &found, selectCard+`FROM follow AS f JOIN thread AS t ON t.id = f.target
			WHERE f.person = @person AND f.kind = 'thread' AND f.level = 'follow' AND (NOT @gone OR t.seq > f.seen) AND (t.lively < @lively OR t.lively = @lively AND t.id > @id)
			ORDER BY t.lively DESC, t.id LIMIT @limit`, args)
		err := c.SendBatch(ctx, b).Close()
		list, next = found.list, found.next(followMark, limit)
		return err
	})
	return list, next, err
}

// Levels returns a person's part in threads, and in all topics.
func (s *Store) Levels(ctx context.Context, person string, threads ...string) (l forum.Levels, err error) {
	args := pgx.NamedArgs{"person": clean(person), "threads": storableOf(threads)}
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		l = forum.Levels{Threads: map[string]forum.Part{}, Topics: map[string]talk.Level{}}
		b := &pgx.Batch{}
		if len(threads) > 0 {
			b.Queue(`SELECT t.id, f.level, f.seen, `+newInThread+`FROM follow AS f JOIN thread AS t ON t.id = f.target
				WHERE f.person = @person AND f.kind = 'thread' AND f.target = ANY (@threads)`, args).Query(each(func(row pgx.Rows) error {
				var id string
				var p forum.Part
				err := row.Scan(&id, &p.Level, &p.Seen, &p.New)
				l.Threads[id] = p
				return err
			}))
		}
		b.Queue(`SELECT target, level FROM follow WHERE person = @person AND kind = 'topic'`, args).Query(each(func(row pgx.Rows) error {
			var key string
			var level talk.Level
			err := row.Scan(&key, &level)
			l.Topics[key] = level
			return err
		}))
		return c.SendBatch(ctx, b).Close()
	})
	return l, err
}

// heatOfTopic is a topic's: that of all its threads t, added up. PostgreSQL has
// no numbers that are smaller than 2^-1022.
const heatOfTopic = `coalesce(sum(CASE WHEN t.lively = 0 OR t.lively < @now::double precision - 1000 THEN 0 ELSE power(2, t.lively - @now::double precision) END), 0)`

// Topics returns the liveliest topics.
func (s *Store) Topics(ctx context.Context, now time.Time, limit int) (topics []talk.Topic, err error) {
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		topics = nil
		b := &pgx.Batch{}
		b.Queue(`SELECT o.key, o.name, count(*), `+heatOfTopic+` AS heat
			FROM topic AS o JOIN thread_topic AS x ON x.topic = o.key JOIN thread AS t ON t.id = x.thread
			GROUP BY o.key ORDER BY heat DESC, o.key LIMIT @limit`, pgx.NamedArgs{"now": forum.Now(now), "limit": limit}).Query(each(func(row pgx.Rows) error {
			var t talk.Topic
			err := row.Scan(&t.Key, &t.Name, &t.Threads, &t.Heat)
			topics = append(topics, t)
			return err
		}))
		return c.SendBatch(ctx, b).Close()
	})
	return topics, err
}

// Topic returns a topic and its liveliest threads.
func (s *Store) Topic(ctx context.Context, key, person string, now time.Time, after string, limit int) (p talk.TopicPage, err error) {
	place, err := forum.ListPlaceOf(threadMark, after)
	if err != nil {
		return p, err
	}
	if !storable(key) {
		return p, forum.NoTopic()
	}
	args := pgx.NamedArgs{"key": key, "person": clean(person), "now": forum.Now(now), "lively": place.Lively(), "id": place.ID, "limit": limit}
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		p = talk.TopicPage{}
		var found cards
		b := &pgx.Batch{}
		b.Queue(atOneMoment)
		b.Queue(`SELECT o.key, o.name, count(t.id), `+heatOfTopic+`, coalesce((SELECT level FROM follow WHERE person = @person AND kind = 'topic' AND target = @key), '')
			FROM topic AS o LEFT JOIN thread_topic AS x ON x.topic = o.key LEFT JOIN thread AS t ON t.id = x.thread
			WHERE o.key = @key GROUP BY o.key`, args).Query(each(func(row pgx.Rows) error {
			return row.Scan(&p.Topic.Key, &p.Topic.Name, &p.Topic.Threads, &p.Topic.Heat, &p.Topic.Level)
		}))
		queueCards(b, now, &found, selectCard+`FROM thread_topic AS x JOIN thread AS t ON t.id = x.thread`+joinPart+`
			WHERE x.topic = @key AND (t.lively < @lively OR t.lively = @lively AND t.id > @id)
			ORDER BY t.lively DESC, t.id LIMIT @limit`, args)
		b.Queue(`COMMIT`)
		err := c.SendBatch(ctx, b).Close()
		p.Threads, p.Next = found.list, found.next(threadMark, limit)
		return err
	})
	if err == nil && p.Topic.Key == "" {
		return p, forum.NoTopic()
	}
	return p, err
}

// Mine returns what a person wrote and can see, the newest first.
func (s *Store) Mine(ctx context.Context, person string, now time.Time, after string, limit int) (mine []talk.Mine, next string, err error) {
	place, err := forum.ListPlaceOf(mineMark, after)
	if err != nil {
		return nil, "", err
	}
	person = clean(person)
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		mine, next = []talk.Mine{}, ""
		var found []forum.ListPlace
		var within []string // the thread of each
		b := &pgx.Batch{}
		b.Queue(atOneMoment)
		b.Queue(`(SELECT at, id, thread FROM comment WHERE author = $1 COLLATE "C" AND state = 'published' AND (at, id) < ($2, $3) ORDER BY at DESC, id DESC LIMIT $4)
			UNION ALL
			(SELECT at, comment, thread FROM hidden WHERE author = $1 COLLATE "C" AND state = 'held' AND (at, comment) < ($2, $3) ORDER BY at DESC, comment DESC LIMIT $4)
			ORDER BY at DESC, id DESC LIMIT $4`, person, place.N, place.ID, limit).Query(each(func(row pgx.Rows) error {
			var p forum.ListPlace
			var thread string
			err := row.Scan(&p.N, &p.ID, &thread)
			found, within = append(found, p), append(within, thread)
			return err
		}))
		if err := c.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		records, threads := make([]forum.Record, len(found)), map[string]*cards{}
		b = &pgx.Batch{}
		for i, p := range found {
			queueRecord(b, p.ID, &records[i])
			b.Queue(`SELECT EXISTS (SELECT 1 FROM comment_like WHERE comment = $1 AND person = $2)`, p.ID, person).QueryRow(func(row pgx.Row) error { return row.Scan(&records[i].Liked) })
			if threads[within[i]] == nil {
				threads[within[i]] = &cards{}
				queueCards(b, now, threads[within[i]], selectCard+`FROM thread AS t`+joinPart+`WHERE t.id = @id`, pgx.NamedArgs{"person": person, "id": within[i]})
			}
		}
		b.Queue(`COMMIT`)
		err := c.SendBatch(ctx, b).Close()
		for i := range records {
			m := talk.Mine{Comment: records[i].ShownTo(person, "")}
			if list := threads[within[i]].list; len(list) == 1 {
				m.Thread = list[0]
			}
			mine = append(mine, m)
		}
		if len(found) == limit {
			next = found[limit-1].Cursor(mineMark)
		}
		return err
	})
	return mine, next, err
}

// Settings returns a person's settings, or the usual ones.
func (s *Store) Settings(ctx context.Context, person string) (settings talk.Settings, err error) {
	if !storable(person) {
		return talk.DefaultSettings(), nil
	}
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		settings = talk.DefaultSettings()
		b := &pgx.Batch{}
		b.Queue(`SELECT value FROM settings WHERE person = $1`, person).Query(each(func(row pgx.Rows) error {
			var value []byte
			if err := row.Scan(&value); err != nil {
				return err
			}
			return json.Unmarshal(value, &settings)
		}))
		return c.SendBatch(ctx, b).Close()
	})
	return settings, err
}

// SaveSettings replaces a person's settings.
func (s *Store) SaveSettings(ctx context.Context, person string, settings talk.Settings) error {
	value, err := json.Marshal(settings)
	if err != nil {
		return err
	}
	return s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, `INSERT INTO settings (person, value) VALUES ($1, $2) ON CONFLICT (person) DO UPDATE SET value = excluded.value`, person, value)
		return err
	})
}
