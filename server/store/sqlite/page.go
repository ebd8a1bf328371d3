package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"folkmoot/server/forum"
)

// Open returns the thread of a page. Of most pages there is nothing to learn, so
// it looks before it writes.
func (s *Store) Open(ctx context.Context, page forum.Page, at time.Time) (o forum.Opened, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) (err error) {
		o, err = readOpened(c, page.Key)
		return err
	})
	title, address := o.Learns(page, at)
	if err != nil || o.Thread != "" && !title && !address {
		return o, err
	}
	err = s.write(ctx, func(c *sqlite.Conn) (err error) {
		if o, err = readOpened(c, page.Key); err != nil {
			return err
		}
		return learn(c, &o, page, at)
	})
	return o, err
}

// learn writes down what is new of a page, and of a new one that there is one.
func learn(c *sqlite.Conn, o *forum.Opened, page forum.Page, at time.Time) error {
	title, address := o.Learns(page, at)
	if o.Thread == "" {
		o.Thread, o.Page = forum.NewID(), page.Key
		if err := run(c, `INSERT INTO thread (id, page, title, topics, described, at) VALUES (?1, ?2, '', '[]', 0, ?3)`, nil, o.Thread, page.Key, at.UnixMilli()); err != nil {
			return err
		}
		if err := run(c, `INSERT INTO page (key, thread) VALUES (?1, ?2)`, nil, page.Key, o.Thread); err != nil {
			return err
		}
	}
	if title {
		o.Described = true
		if err := run(c, `UPDATE thread SET title = ?2, topics = ?3, described = 1 WHERE id = ?1`, nil, o.Thread, page.Title, jsonOf(page.Topics)); err != nil {
			return err
		}
		if err := saveTopics(c, o.Thread, page.Topics); err != nil {
			return err
		}
	}
	if address {
		o.Address, o.AddressAt = page.Address, at
		return run(c, `UPDATE thread SET address = ?2, address_at = ?3 WHERE id = ?1`, nil, o.Thread, page.Address, at.UnixMilli())
	}
	return nil
}

func readOpened(c *sqlite.Conn, page string) (o forum.Opened, err error) {
	err = run(c, `SELECT t.id, t.page, t.described, t.address, t.address_at FROM page AS p JOIN thread AS t ON t.id = p.thread WHERE p.key = ?1`, func(row *sqlite.Stmt) {
		o = forum.Opened{Thread: row.ColumnText(0), Page: row.ColumnText(1), Described: row.ColumnBool(2), Address: row.ColumnText(3), AddressAt: moment(row.ColumnInt64(4))}
	}, page)
	return o, err
}
