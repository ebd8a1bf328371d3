package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// Reacted returns who has reacted to a thread.
func (s *Store) Reacted(ctx context.Context, thread, person string) (r talk.Reacted, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		if _, err := readHead(c, thread); err != nil {
			return err
		}
		counts, err := readReactions(c, thread, held)
		if err != nil {
			return err
		}
		mine, err := readMine(c, thread, person)
		if err != nil {
			return err
		}
		r = forum.NewReacted(counts, mine)
		err = run(c, `SELECT value ->> 'named' FROM settings WHERE person = ?1`, func(row *sqlite.Stmt) { r.Named = row.ColumnBool(0) }, person)
		if err != nil {
			return err
		}
		return run(c, `SELECT kind, name FROM (
				SELECT r.kind, p.name, r.at, r.person, row_number() OVER (PARTITION BY r.kind ORDER BY r.at DESC, r.person) AS n
				FROM reaction AS r CROSS JOIN settings AS s ON s.person = r.person CROSS JOIN person AS p ON p.id = r.person
				WHERE r.thread = ?1 AND r.person <> ?2 AND s.value ->> 'named')
			WHERE n <= ?3 ORDER BY kind, n`, func(row *sqlite.Stmt) {
			forum.AddName(&r, row.ColumnText(0), row.ColumnText(1))
		}, thread, person, talk.NamesMax)
	})
	return r, err
}
