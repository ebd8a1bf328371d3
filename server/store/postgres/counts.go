package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"folkmoot/server/forum"
)

// Counts returns what index pages show of the pages that have a thread.
func (s *Store) Counts(ctx context.Context, pages ...string) (counts map[string]forum.Counts, err error) {
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		counts = make(map[string]forum.Counts, len(pages))
		b := &pgx.Batch{}
		b.Queue(`SELECT p.key, t.comments, (SELECT coalesce(sum(n), 0)::bigint FROM reaction_count WHERE thread = t.id)
			FROM page AS p JOIN thread AS t ON t.id = p.thread WHERE p.key = ANY ($1)`, storableOf(pages)).Query(each(func(row pgx.Rows) error {
			var page string
			var n forum.Counts
			err := row.Scan(&page, &n.Comments, &n.Reactions)
			counts[page] = n
			return err
		}))
		return c.SendBatch(ctx, b).Close()
	})
	return counts, err
}
