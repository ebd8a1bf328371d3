package sqlite

import (
	"zombiezen.com/go/sqlite"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// badge is how the author of c stands, as everybody may know it.
const badge = `coalesce((SELECT s.role FROM standing AS s WHERE s.person = c.author AND NOT s.banned), '')`

// wrote is whether the author of c wrote the article.
const wrote = `EXISTS (SELECT 1 FROM credit AS k WHERE k.person = c.author AND k.thread IN ('', c.thread))`

// selectShown and selectHidden are what is read of a record, from the one table
// or the other: first what both have, which [scanRecord] reads, then more.
const (
	selectShown = `SELECT c.id, c.thread, c.parent, c.root, c.author, c.name, c.headline, c.avatar, c.body, c.html,
		c.at, c.edited_at, c.state, c.seq, ` + badge + `, ` + wrote + `, c.likes, c.pinned,
		(SELECT count(*) FROM comment AS r WHERE r.root = coalesce(c.root, c.id) AND r.parent = c.id)
		FROM comment AS c`
	selectHidden = `SELECT c.comment, c.thread, c.parent, c.root, c.author, c.name, c.headline, c.avatar, c.body, c.html,
		c.at, c.edited_at, c.state, c.seq, ` + badge + `, ` + wrote + `, c.was_held, c.by, c.since
		FROM hidden AS c`
	recordColumns = 16 // that both have
)

// scanRecord reads what both have.
func scanRecord(row *sqlite.Stmt) forum.Record {
	author := row.ColumnText(4)
	return forum.Record{
		Comment: talk.Comment{
			ID: row.ColumnText(0), Thread: row.ColumnText(1), Parent: row.ColumnText(2),
			Author: talk.Person{ID: author, Name: row.ColumnText(5), Headline: row.ColumnText(6), Avatar: row.ColumnText(7)},
			HTML:   row.ColumnText(9), At: moment(row.ColumnInt64(10)), EditedAt: moment(row.ColumnInt64(11)),
			State: talk.State(row.ColumnText(12)), Badge: talk.Role(row.ColumnText(14)), Wrote: row.ColumnBool(15),
		},
		Root: row.ColumnText(3), Author: author, Body: row.ColumnText(8), Seq: uint64(row.ColumnInt64(13)),
	}
}

func scanHidden(row *sqlite.Stmt) forum.Record {
	r := scanRecord(row)
	r.Kept, r.WasHeld, r.By, r.Since = true, row.ColumnBool(recordColumns), row.ColumnText(recordColumns+1), moment(row.ColumnInt64(recordColumns+2))
	return r
}

// readRecord returns all that is kept of a comment.
func readRecord(c *sqlite.Conn, id, person string) (r forum.Record, err error) {
	err = run(c, selectShown+` WHERE c.id = ?1`, func(row *sqlite.Stmt) {
		r = scanRecord(row)
		r.Likes, r.Pinned, r.Replies = row.ColumnInt(recordColumns), row.ColumnBool(recordColumns+1), row.ColumnInt(recordColumns+2)
	}, id)
	if err == nil && r.State != talk.Published {
		replies := r.Replies
		err = run(c, selectHidden+` WHERE c.comment = ?1`, func(row *sqlite.Stmt) {
			r = scanHidden(row)
			r.Replies = replies
		}, id)
	}
	if err == nil && r.ID == "" {
		err = forum.NoComment()
	}
	if err == nil && person != "" && r.State == talk.Published {
		err = run(c, `SELECT 1 FROM comment_like WHERE comment = ?1 AND person = ?2`, func(*sqlite.Stmt) { r.Liked = true }, id, person)
	}
	return r, err
}

// saveRecord writes a comment down as it now is. before is how it was.
func saveRecord(t *tx, r, before *forum.Record) error {
	at, editedAt := r.At.UnixMilli(), milli(r.EditedAt)
	p, body, html, state := r.Comment.Author, r.Body, r.HTML, string(talk.Published)
	if r.State != talk.Published {
		p, body, html, state = talk.Person{}, "", "", string(talk.Removed)
	}
	var err error
	switch {
	case r.Seq == 0: // has never been seen
	case before.Seq == 0:
		_, err = t.change(`INSERT INTO comment (id, thread, parent, root, author, name, headline, avatar, body, html, at, edited_at, state, seq)
			VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)`,
			r.ID, r.Thread, orNull(r.Parent), orNull(r.Root), r.Author, p.Name, p.Headline, p.Avatar, body, html, at, editedAt, state, int64(r.Seq))
	default:
		_, err = t.change(`UPDATE comment SET name = ?2, headline = ?3, avatar = ?4, body = ?5, html = ?6, edited_at = ?7, state = ?8, likes = ?9, pinned = ?10 WHERE id = ?1`,
			r.ID, p.Name, p.Headline, p.Avatar, body, html, editedAt, state, r.Likes, bit(r.Pinned))
	}
	if err != nil {
		return err
	}
	if r.State == talk.Published {
		if before.State != talk.Published {
			_, err = t.change(`DELETE FROM hidden WHERE comment = ?1`, r.ID)
		}
		return err
	}
	p = r.Comment.Author
	_, err = t.change(`INSERT OR REPLACE INTO hidden (comment, thread, parent, root, author, name, headline, avatar, body, html, at, edited_at, seq, state, was_held, by, since)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)`,
		r.ID, r.Thread, orNull(r.Parent), orNull(r.Root), r.Author, p.Name, p.Headline, p.Avatar, r.Body, r.HTML, at, editedAt, int64(r.Seq),
		string(r.State), bit(r.WasHeld), r.By, milli(r.Since))
	return err
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
