package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// Reacted returns who has reacted to a thread.
func (s *Store) Reacted(ctx context.Context, thread, person string) (r talk.Reacted, err error) {
	if !storable(thread) {
		return r, noThread()
	}
	args := pgx.NamedArgs{"thread": thread, "person": clean(person), "most": talk.NamesMax}
	found := false
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		counts, mine, named := map[string]int{}, []string{}, false
		found = false
		b := &pgx.Batch{}
		b.Queue(atOneMoment)
		b.Queue(`SELECT 1 FROM thread WHERE id = @thread`, args).Query(each(func(pgx.Rows) error { found = true; return nil }))
		b.Queue(`SELECT kind, n FROM reaction_count WHERE thread = @thread AND n > 0`, args).Query(each(func(row pgx.Rows) error {
			var kind string
			var n int
			err := row.Scan(&kind, &n)
			counts[kind] = n
			return err
		}))
		b.Queue(`SELECT kind FROM reaction WHERE thread = @thread AND person = @person`, args).Query(each(func(row pgx.Rows) error {
			var kind string
			err := row.Scan(&kind)
			mine = append(mine, kind)
			return err
		}))
		b.Queue(`SELECT coalesce((value ->> 'named')::boolean, false) FROM settings WHERE person = @person`, args).Query(each(func(row pgx.Rows) error {
			return row.Scan(&named)
		}))
		var names [][2]string // with their kinds
		b.Queue(`SELECT kind, name FROM (
				SELECT r.kind, p.name, row_number() OVER (PARTITION BY r.kind ORDER BY r.at DESC, r.person) AS n
				FROM reaction AS r JOIN settings AS s ON s.person = r.person JOIN person AS p ON p.id = r.person
				WHERE r.thread = @thread AND r.person <> @person AND (s.value ->> 'named')::boolean) AS k
			WHERE n <= @most ORDER BY kind, n`, args).Query(each(func(row pgx.Rows) error {
			var name [2]string
			err := row.Scan(&name[0], &name[1])
			names = append(names, name)
			return err
		}))
		b.Queue(`COMMIT`)
		err := c.SendBatch(ctx, b).Close()
		r = forum.NewReacted(counts, mine)
		r.Named = named
		for _, n := range names {
			forum.AddName(&r, n[0], n[1])
		}
		return err
	})
	if err == nil && !found {
		err = noThread()
	}
	return r, err
}
