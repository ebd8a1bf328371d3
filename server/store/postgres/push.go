package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// dropDevices leaves person @to the latest of their devices.
var dropDevices = `DELETE FROM push_subscription WHERE endpoint IN (
	SELECT endpoint FROM push_subscription WHERE person = @to ORDER BY at DESC, endpoint OFFSET ` + strconv.Itoa(forum.DevicesMax) + `)`

// Subscribe keeps a person's device.
func (s *Store) Subscribe(ctx context.Context, person string, d forum.Device, at time.Time) error {
	args := pgx.NamedArgs{"to": clean(person), "endpoint": clean(d.Endpoint), "host": clean(d.Host), "key": d.Key, "auth": d.Auth, "lang": clean(d.Lang), "at": at.UnixMilli()}
	return s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		return pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
			b := &pgx.Batch{}
			b.Queue(`DELETE FROM push WHERE endpoint = @endpoint AND EXISTS (SELECT 1 FROM push_subscription WHERE endpoint = @endpoint AND person <> @to)`, args)
			b.Queue(`INSERT INTO push_subscription AS s (endpoint, person, host, p256dh, auth, lang, at) VALUES (@endpoint, @to, @host, @key, @auth, @lang, @at)
				ON CONFLICT (endpoint) DO UPDATE SET person = excluded.person, p256dh = excluded.p256dh, auth = excluded.auth, lang = excluded.lang, at = excluded.at,
					answered = CASE WHEN s.p256dh = excluded.p256dh THEN s.answered ELSE 0 END, failures = CASE WHEN s.p256dh = excluded.p256dh THEN s.failures ELSE 0 END`, args)
			b.Queue(dropDevices, args)
			return tx.SendBatch(ctx, b).Close()
		})
	})
}

// Unsubscribe forgets a device, if it is the person's.
func (s *Store) Unsubscribe(ctx context.Context, person, endpoint string) error {
	return s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, `DELETE FROM push_subscription WHERE endpoint = $1 AND person = $2`, clean(endpoint), clean(person))
		return err
	})
}

// QueueNotices makes messages of notices for the devices of people who have any.
// It waits for no row that a commit holds: whoever commits asks again.
func (s *Store) QueueNotices(ctx context.Context, people []string, since, now time.Time) (int, error) {
	return s.queue(ctx, `WITH theirs AS (SELECT DISTINCT person FROM push_subscription WHERE @all OR person = ANY (@people)),
		due AS (SELECT n.person, n.kind, n.comment FROM notice AS n JOIN theirs ON theirs.person = n.person
			WHERE NOT n.seen AND n.at > @since AND n.pushed < n.n AND (n.kind <> 'like' OR n.n >= 2 * n.pushed) FOR UPDATE OF n SKIP LOCKED),
		told AS (UPDATE notice AS n SET pushed = n.n FROM due WHERE n.person = due.person AND n.kind = due.kind AND n.comment = due.comment
			RETURNING n.person, n.kind, n.comment, n.thread)`+makeMessages,
		pgx.NamedArgs{"all": len(people) == 0, "people": storableOf(people), "since": since.UnixMilli()}, now)
}

// QueueFollowed makes messages for those who follow a comment's thread.
func (s *Store) QueueFollowed(ctx context.Context, comment string, now time.Time) (int, error) {
	return s.queue(ctx, `WITH theirs AS (SELECT DISTINCT person FROM push_subscription),
		due AS (SELECT f.person, f.target, c.seq FROM comment AS c JOIN theirs ON theirs.person <> c.author
			JOIN follow AS f ON f.person = theirs.person AND f.kind = 'thread' AND f.target = c.thread
			JOIN settings AS x ON x.person = theirs.person
			WHERE c.id = @comment AND c.state = 'published' AND f.level = 'follow' AND f.seen < c.seq AND f.pushed <= f.seen AND (x.value #>> '{notify,followed}')::boolean
				AND NOT EXISTS (SELECT 1 FROM notice AS n WHERE n.person = theirs.person AND n.comment = c.id AND n.kind IN ('reply', 'mention'))
			FOR UPDATE OF f SKIP LOCKED),
		told AS (UPDATE follow AS f SET pushed = due.seq FROM due WHERE f.person = due.person AND f.kind = 'thread' AND f.target = due.target
			RETURNING f.person, 'followed' AS kind, @comment::text AS comment, f.target AS thread)`+makeMessages,
		pgx.NamedArgs{"comment": clean(comment)}, now)
}

// makeMessages makes messages of told, as forum.TagOf and forum.Gather have it.
const makeMessages = `
	INSERT INTO push (endpoint, tag, kind, comment, at, due)
	SELECT s.endpoint, CASE WHEN told.kind = 'followed' THEN 'thread-' || told.thread ELSE told.kind || '-' || told.comment END, told.kind, told.comment,
		@now, @now + CASE told.kind WHEN 'like' THEN @likes ELSE CASE told.kind WHEN 'followed' THEN @followed ELSE 0::bigint END END
	FROM told JOIN push_subscription AS s ON s.person = told.person ORDER BY 1, 2
	ON CONFLICT (endpoint, tag) DO UPDATE SET comment = excluded.comment, serial = push.serial + 1`

func (s *Store) queue(ctx context.Context, sql string, args pgx.NamedArgs, now time.Time) (queued int, err error) {
	args["now"] = now.UnixMilli()
	args["likes"], args["followed"] = forum.Gather(forum.MessageKind(talk.Liked)).Milliseconds(), forum.Gather(forum.Followed).Milliseconds()
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		tag, err := c.Exec(ctx, sql, args)
		queued = int(tag.RowsAffected())
		return err
	})
	return queued, err
}

// NextMessage returns when a message is due next.
func (s *Store) NextMessage(ctx context.Context) (at time.Time, waits bool, err error) {
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		at, waits = time.Time{}, false
		b := &pgx.Batch{}
		b.Queue(`SELECT due FROM push ORDER BY due LIMIT 1`).Query(each(func(row pgx.Rows) error {
			var due int64
			err := row.Scan(&due)
			at, waits = moment(due), true
			return err
		}))
		return c.SendBatch(ctx, b).Close()
	})
	return at, waits, err
}

// lookedAt bounds how many are looked at for those that are taken.
const lookedAt = 1000

// selectMessage is messages k with their comments c, which may be gone, and what
// is left to tell: of notices n, or of followed threads.
const selectMessage = `SELECT coalesce(c.id, ''), coalesce(c.thread, ''), coalesce(c.parent, ''), coalesce(c.author, ''), coalesce(c.name, ''), coalesce(c.html, ''), coalesce(c.state, 'removed'),
	k.endpoint, k.tag, k.serial, k.kind, k.at, k.tries, s.person, s.host, s.p256dh, s.auth, s.lang, s.failures, greatest(s.at, s.answered),
	x.value, coalesce(t.page, ''), coalesce(t.address, ''), coalesce(t.title, ''),
	coalesce(CASE WHEN k.kind = 'followed' THEN f.level = 'follow' ELSE NOT n.seen AND ` + stillSo + ` END, false),
	coalesce(CASE k.kind WHEN 'like' THEN ` + likesOfOthers + ` WHEN 'followed' THEN (SELECT count(*) FROM (
		SELECT 1 FROM event AS e JOIN comment AS o ON o.id = e.comment
		WHERE e.thread = c.thread AND e.seq > f.seen AND e.kind = 'comment.added' AND o.state = 'published' AND o.author <> s.person LIMIT 100) AS new) ELSE 1 END, 0)
	FROM k JOIN push_subscription AS s ON s.endpoint = k.endpoint
	LEFT JOIN comment AS c ON c.id = k.comment LEFT JOIN thread AS t ON t.id = c.thread
	LEFT JOIN notice AS n ON n.person = s.person AND n.kind = k.kind AND n.comment = k.comment
	LEFT JOIN follow AS f ON f.person = s.person AND f.kind = 'thread' AND f.target = c.thread
	LEFT JOIN settings AS x ON x.person = s.person
	ORDER BY k.was, k.endpoint, k.tag`

// TakeMessages takes messages that are due. Those that another node is taking
// are left to it.
func (s *Store) TakeMessages(ctx context.Context, t forum.Taking) (taken []forum.Message, err error) {
	args := pgx.NamedArgs{"now": t.Now.UnixMilli(), "until": t.Until.UnixMilli(), "limit": t.Limit, "per": t.PerHost, "not": storableOf(t.Not), "proven": t.Proven, "looked": lookedAt}
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		taken = nil
		b := &pgx.Batch{}
		b.Queue(`WITH found AS (SELECT p.endpoint, p.tag, p.due, s.host FROM push AS p JOIN push_subscription AS s ON s.endpoint = p.endpoint
				WHERE p.due <= @now AND (s.answered > 0 AND s.failures = 0) = @proven AND NOT s.host = ANY (@not)
				ORDER BY p.due LIMIT @looked FOR UPDATE OF p SKIP LOCKED),
			nth AS (SELECT *, row_number() OVER (PARTITION BY host ORDER BY due, endpoint, tag) AS nth FROM found),
			few AS (SELECT * FROM nth WHERE nth <= @per ORDER BY due, endpoint, tag LIMIT @limit),
			k AS (UPDATE push AS p SET due = @until, tries = p.tries + 1 FROM few WHERE p.endpoint = few.endpoint AND p.tag = few.tag
				RETURNING p.*, few.due AS was)
			`+selectMessage, args).Query(each(func(row pgx.Rows) error {
			m, err := scanMessage(row)
			taken = append(taken, m)
			return err
		}))
		return c.SendBatch(ctx, b).Close()
	})
	return taken, err
}

func scanMessage(row pgx.Rows) (m forum.Message, err error) {
	var page, address, title, author, name, html string
	var at, answered int64
	var settings []byte
	var still bool
	c := &m.Comment
	err = row.Scan(&c.ID, &c.Thread, &c.Parent, &author, &name, &html, &c.State,
		&m.Endpoint, &m.Tag, &m.Serial, &m.Kind, &at, &m.Tries, &m.Person, &m.Host, &m.Key, &m.Auth, &m.Lang, &m.Failures, &answered,
		&settings, &page, &address, &title, &still, &m.N)
	if c.State != talk.Removed {
		c.Author, c.HTML = talk.Person{ID: author, Name: name}, html
	}
	m.At, m.Answered, m.Thread, m.Seen = moment(at), moment(answered), forum.RefOf(c.Thread, page, address, title), !still || m.N == 0
	m.Settings = talk.DefaultSettings()
	if err == nil && settings != nil {
		err = json.Unmarshal(settings, &m.Settings)
	}
	return m, err
}

// SettleMessages says what has become of messages.
func (s *Store) SettleMessages(ctx context.Context, all []forum.Settled) error {
	all = slices.SortedFunc(slices.Values(all), func(a, b forum.Settled) int { // rows are locked in one order
		return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Tag, b.Tag))
	})
	return s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		return pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
			b := &pgx.Batch{}
			for i := range all {
				queueSettled(b, &all[i])
			}
			return tx.SendBatch(ctx, b).Close()
		})
	})
}

func queueSettled(b *pgx.Batch, m *forum.Settled) {
	args := pgx.NamedArgs{"endpoint": m.Endpoint, "tag": m.Tag, "serial": m.Serial, "key": m.Key, "at": m.When.UnixMilli(), "later": m.Later.UnixMilli(), "failed": m.Failed}
	switch {
	case m.Gone:
		b.Queue(`DELETE FROM push_subscription WHERE endpoint = @endpoint AND p256dh = @key`, args)
		return
	case m.Taken:
		b.Queue(`UPDATE push_subscription SET answered = @at, failures = 0 WHERE endpoint = @endpoint`, args)
	case m.Failed:
		b.Queue(`UPDATE push_subscription SET failures = failures + 1 WHERE endpoint = @endpoint`, args)
	}
	if !m.Later.IsZero() {
		b.Queue(`UPDATE push SET due = @later, tries = CASE WHEN @failed THEN tries ELSE 0 END WHERE endpoint = @endpoint AND tag = @tag`, args)
		return
	}
	b.Queue(`DELETE FROM push WHERE endpoint = @endpoint AND tag = @tag AND serial = @serial`, args)
	b.Queue(`UPDATE push SET at = @at, due = @at, tries = 0 WHERE endpoint = @endpoint AND tag = @tag AND serial <> @serial`, args)
}
