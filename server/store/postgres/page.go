package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// Open returns the thread of a page. Of most pages there is nothing to learn, so
// it looks before it writes.
func (s *Store) Open(ctx context.Context, page forum.Page, at time.Time) (o forum.Opened, err error) {
	if !storable(page.Key) {
		return o, talk.Refuse(talk.Invalid, "page", "The page's address can't be read.")
	}
	page.Title = clean(page.Title)
	if !storable(page.Address) {
		page.Address = ""
	}
	topics, err := json.Marshal(append([]string{}, page.Topics...))
	if err != nil {
		return o, err
	}
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		b := &pgx.Batch{}
		queueOpened(b, page.Key, &o)
		if err := c.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		title, address := o.Learns(page, at)
		if o.Thread != "" && !title && !address {
			return nil
		}
		b = &pgx.Batch{}
		if o.Thread == "" {
			b.Queue(`INSERT INTO thread (id, page, title, topics, described, at) VALUES ($1, $2, '', '[]', false, $3) ON CONFLICT (page) DO NOTHING`,
				forum.NewID(), page.Key, at.UnixMilli())
			b.Queue(`INSERT INTO page (key, thread) SELECT page, id FROM thread WHERE page = $1 ON CONFLICT DO NOTHING`, page.Key)
		}
		if title {
			b.Queue(`UPDATE thread SET title = $2, topics = $3, described = true WHERE NOT described AND id = (SELECT thread FROM page WHERE key = $1)`,
				page.Key, page.Title, string(topics))
			queueTopics(b, page.Key, topics, page.Topics)
		}
		if address {
			b.Queue(`UPDATE thread SET address = $2, address_at = $3 WHERE page = $1`, page.Key, page.Address, at.UnixMilli())
		}
		queueOpened(b, page.Key, &o)
		return c.SendBatch(ctx, b).Close()
	})
	return o, err
}

func queueOpened(b *pgx.Batch, page string, o *forum.Opened) {
	b.Queue(`SELECT t.id, t.page, t.described, t.address, t.address_at FROM page AS p JOIN thread AS t ON t.id = p.thread WHERE p.key = $1`, page).Query(each(func(row pgx.Rows) error {
		var at int64
		err := row.Scan(&o.Thread, &o.Page, &o.Described, &o.Address, &at)
		o.AddressAt = moment(at)
		return err
	}))
}
