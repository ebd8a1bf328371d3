package postgres

import (
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// badge is how the author of c stands, as everybody may know it.
const badge = `coalesce((SELECT s.role FROM standing AS s WHERE s.person = c.author AND NOT s.banned), '')`

// wrote is whether the author of c wrote the article.
const wrote = `EXISTS (SELECT 1 FROM credit AS k WHERE k.person = c.author AND k.thread IN ('', c.thread))`

// selectHidden is what [scanHidden] reads of c.
const selectHidden = `SELECT c.comment, c.thread, coalesce(c.parent, ''), coalesce(c.root, ''), c.author, c.name, c.headline, c.avatar, c.body, c.html,
	c.at, c.edited_at, c.state, c.seq, c.was_held, c.by, c.since, ` + badge + `, ` + wrote + ` FROM hidden AS c`

func scanHidden(row pgx.Rows) (r forum.Record, err error) {
	var at, editedAt, since int64
	by := &r.Comment.Author
	err = row.Scan(&r.ID, &r.Thread, &r.Parent, &r.Root, &r.Author, &by.Name, &by.Headline, &by.Avatar, &r.Body, &r.HTML,
		&at, &editedAt, &r.State, &r.Seq, &r.WasHeld, &r.By, &since, &r.Badge, &r.Wrote)
	by.ID, r.Kept = r.Author, true
	r.At, r.EditedAt, r.Since = moment(at), moment(editedAt), moment(since)
	return r, err
}

// queueRecord reads all that is kept of a comment, but for its likes.
func queueRecord(b *pgx.Batch, comment string, r *forum.Record) {
	b.Queue(`SELECT c.id, c.thread, coalesce(c.parent, ''), coalesce(c.root, ''), c.author, c.name, c.headline, c.avatar, c.body, c.html,
			c.at, c.edited_at, c.state, c.seq, c.likes, c.pinned, `+badge+`, `+wrote+`,
			(SELECT count(*) FROM comment AS r WHERE r.root = coalesce(c.root, c.id) AND r.parent = c.id)
		FROM comment AS c WHERE c.id = $1`, comment).Query(each(func(row pgx.Rows) error {
		var at, editedAt int64
		by := &r.Comment.Author
		err := row.Scan(&r.ID, &r.Thread, &r.Parent, &r.Root, &r.Author, &by.Name, &by.Headline, &by.Avatar, &r.Body, &r.HTML,
			&at, &editedAt, &r.State, &r.Seq, &r.Likes, &r.Pinned, &r.Badge, &r.Wrote, &r.Replies)
		by.ID = r.Author
		r.At, r.EditedAt = moment(at), moment(editedAt)
		return err
	}))
	b.Queue(selectHidden+` WHERE c.comment = $1`, comment).Query(each(func(row pgx.Rows) error {
		hidden, err := scanHidden(row)
		hidden.Replies = r.Replies
		*r = hidden
		return err
	}))
}

// Standing returns how a person stands in the site.
func (s *Store) Standing(ctx context.Context, person string) (standing forum.Standing, err error) {
	if !storable(person) {
		return standing, nil
	}
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		standing = forum.Standing{}
		b := &pgx.Batch{}
		queueStanding(b, person, &standing)
		return c.SendBatch(ctx, b).Close()
	})
	return standing, err
}

func queueStanding(b *pgx.Batch, person string, standing *forum.Standing) {
	b.Queue(`SELECT role, banned FROM standing WHERE person = $1`, person).Query(each(func(row pgx.Rows) error {
		return row.Scan(&standing.Role, &standing.Banned)
	}))
}

// Record returns all that is kept of a comment.
func (s *Store) Record(ctx context.Context, comment string) (r forum.Record, err error) {
	if !storable(comment) {
		return r, forum.NoComment()
	}
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		r = forum.Record{}
		b := &pgx.Batch{}
		b.Queue(atOneMoment)
		queueRecord(b, comment, &r)
		b.Queue(`COMMIT`)
		return c.SendBatch(ctx, b).Close()
	})
	if err == nil && r.ID == "" {
		err = forum.NoComment()
	}
	return r, err
}

// Revisions returns what a comment said before, oldest first.
func (s *Store) Revisions(ctx context.Context, comment string) (all []talk.Revision, err error) {
	if !storable(comment) {
		return nil, nil
	}
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		all = nil
		b := &pgx.Batch{}
		b.Queue(`SELECT body, at FROM revision WHERE comment = $1 ORDER BY id`, comment).Query(each(func(row pgx.Rows) error {
			var v talk.Revision
			var at int64
			err := row.Scan(&v.Body, &at)
			v.At = moment(at)
			all = append(all, v)
			return err
		}))
		return c.SendBatch(ctx, b).Close()
	})
	return all, err
}

// heldMax bounds what is read of a thread's held comments.
const heldMax = 200

// queueHeld reads the @person's role, and what is held in the @thread and may be
// seen by them.
func queueHeld(b *pgx.Batch, role *talk.Role, held *[]forum.Record, args pgx.NamedArgs) {
	const mayKeep = `EXISTS (SELECT 1 FROM standing WHERE person = @person AND role <> '' AND NOT banned)`
	b.Queue(`SELECT role FROM standing WHERE person = @person AND NOT banned`, args).Query(each(func(row pgx.Rows) error {
		return row.Scan(role)
	}))
	args["most"] = heldMax
	b.Queue(selectHidden+` WHERE c.thread = @thread AND c.state = 'held' AND (c.author = @person OR `+mayKeep+`) ORDER BY c.at LIMIT @most`, args).Query(each(func(row pgx.Rows) error {
		r, err := scanHidden(row)
		*held = append(*held, r)
		return err
	}))
}

// Queue returns what waits for those who keep order, newest first.
func (s *Store) Queue(ctx context.Context, after string, limit int) (cases []talk.Case, next string, err error) {
	place := queuePlace{math.MaxInt64, ""}
	if after != "" {
		if place, err = readQueuePlace(after); err != nil {
			return nil, "", err
		}
	}
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		cases, next = []talk.Case{}, ""
		var found []queuePlace
		b := &pgx.Batch{}
		b.Queue(atOneMoment)
		b.Queue(`SELECT at, comment FROM (
				SELECT since AS at, comment FROM hidden WHERE state = 'held'
				UNION ALL
				SELECT max(f.at), f.comment FROM flag AS f
				WHERE NOT f.settled AND NOT EXISTS (SELECT 1 FROM hidden AS h WHERE h.comment = f.comment) GROUP BY f.comment) AS q
			WHERE (at, comment) < ($1, $2) ORDER BY at DESC, comment DESC LIMIT $3`, place.at, place.comment, limit+1).Query(each(func(row pgx.Rows) error {
			var p queuePlace
			err := row.Scan(&p.at, &p.comment)
			found = append(found, p)
			return err
		}))
		if err := c.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		if len(found) > limit {
			found = found[:limit]
			next = found[limit-1].cursor()
		}
		cases = make([]talk.Case, len(found))
		records := make([]forum.Record, len(found))
		b = &pgx.Batch{}
		for i, p := range found {
			cases[i] = talk.Case{At: moment(p.at), Counts: map[talk.Reason]int{}, Flags: []talk.Flagging{}}
			queueRecord(b, p.comment, &records[i])
			queueCase(b, p.comment, &cases[i])
		}
		b.Queue(`COMMIT`)
		err := c.SendBatch(ctx, b).Close()
		for i := range cases {
			cases[i].Comment = records[i].ShownTo("", talk.Owner)
		}
		return err
	})
	return cases, next, err
}

func queueCase(b *pgx.Batch, comment string, found *talk.Case) {
	b.Queue(`SELECT page, title, address FROM thread WHERE id IN (SELECT thread FROM comment WHERE id = $1 UNION ALL SELECT thread FROM hidden WHERE comment = $1)`, comment).Query(each(func(row pgx.Rows) error {
		return row.Scan(&found.Page, &found.Title, &found.Address)
	}))
	b.Queue(`SELECT f.reason, f.text, f.at, f.person, coalesce(p.name, ''), coalesce(p.headline, ''), coalesce(p.avatar, '')
		FROM flag AS f LEFT JOIN person AS p ON p.id = f.person
		WHERE f.comment = $1 AND NOT f.settled ORDER BY f.at, f.person`, comment).Query(each(func(row pgx.Rows) error {
		var f talk.Flagging
		var at int64
		err := row.Scan(&f.Reason, &f.Text, &at, &f.Person.ID, &f.Person.Name, &f.Person.Headline, &f.Person.Avatar)
		f.At = moment(at)
		found.Counts[f.Reason]++
		found.Flags = append(found.Flags, f)
		return err
	}))
}

// A queuePlace is where a case stands in the queue.
type queuePlace struct {
	at      int64
	comment string
}

func (p queuePlace) cursor() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%s", p.at, p.comment))
}

func readQueuePlace(cursor string) (p queuePlace, err error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		_, err = fmt.Sscanf(string(text), "%d.%s", &p.at, &p.comment)
	}
	if err != nil || p.cursor() != cursor || !storable(p.comment) {
		return p, talk.Refuse(talk.Invalid, "after", "This list can't be continued from there. Please read it from its beginning.")
	}
	return p, nil
}

// Invite keeps an invitation until it is redeemed.
func (s *Store) Invite(ctx context.Context, i forum.Invitation) error {
	return s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, `INSERT INTO invitation (hash, kind, by, expires) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			i.Hash, string(i.Kind), i.By, i.Expires.UnixMilli())
		return err
	})
}

// Redeem gives a person what an invitation is for, once. All of it is one
// statement: where nothing is deleted, nothing is inserted.
func (s *Store) Redeem(ctx context.Context, kind forum.InvitationKind, hash []byte, person string, at time.Time) error {
	var redeemed int64
	err := s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		tag, err := c.Exec(ctx, `WITH used AS (DELETE FROM invitation WHERE hash = $1 AND kind = $2 AND expires > $3 RETURNING 1),
				owner AS (INSERT INTO standing (person, role) SELECT $4, 'owner' FROM used
					ON CONFLICT (person) DO UPDATE SET role = 'owner', banned = false)
			INSERT INTO deeds (at, person, role, deed, is_on, thread, comment, subject, why)
			SELECT $3, $4, 'owner', $5, true, '', '', $4, '' FROM used`, hash, string(kind), at.UnixMilli(), person, string(forum.Owned))
		redeemed = tag.RowsAffected()
		return err
	})
	if err == nil && redeemed == 0 {
		err = forum.NotInvited(kind)
	}
	return err
}

func milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
