package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"folkmoot/server/forum"
)

// Counts returns what index pages show of the pages that have a thread.
func (s *Store) Counts(ctx context.Context, pages ...string) (map[string]forum.Counts, error) {
	counts := make(map[string]forum.Counts, len(pages))
	err := s.read(ctx, func(c *sqlite.Conn) error {
		return run(c, `SELECT j.value, t.comments, (SELECT coalesce(sum(n), 0) FROM reaction_count WHERE thread = t.id)
			FROM json_each(?1) AS j CROSS JOIN page AS p ON p.key = j.value JOIN thread AS t ON t.id = p.thread`, func(row *sqlite.Stmt) {
			counts[row.ColumnText(0)] = forum.Counts{Comments: row.ColumnInt(1), Reactions: row.ColumnInt(2)}
		}, jsonOf(pages))
	})
	return counts, err
}
