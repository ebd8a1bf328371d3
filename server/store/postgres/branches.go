package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// readBranches reads what a page has of the branches under its roots, or what it
// has of the one that it continues, whose root is rest; and ends the transaction.
func readBranches(ctx context.Context, c *pgx.Conn, v *talk.View, q forum.Query, roots []forum.Root, rest string, args pgx.NamedArgs) error {
	whole, parts := []string{}, []string{}
	if rest != "" {
		parts = append(parts, rest)
	}
	for i := range roots {
		switch r := &roots[i]; {
		case r.Below == 0:
		case q.Replies > 0 && r.Below > q.Replies:
			parts = append(parts, r.ID)
		default:
			whole = append(whole, r.ID)
		}
	}
	branches := map[string][]forum.Reply{}
	replies := map[string]talk.Comment{}
	b := &pgx.Batch{}
	if len(whole) > 0 {
		args["whole"] = whole
		b.Queue(selectComment+`, c.root FROM comment AS c WHERE c.root = ANY (@whole) ORDER BY c.seq`, args).Query(each(func(row pgx.Rows) error {
			var root string
			reply, _, err := scanComment(row, &root)
			branches[root] = append(branches[root], forum.Reply{ID: reply.ID, Parent: reply.Parent})
			replies[reply.ID] = reply
			return err
		}))
	}
	if len(parts) > 0 { // from what their order is known, out of an index
		b.Queue(`SELECT root, id, parent FROM comment WHERE root = ANY ($1) ORDER BY seq`, parts).Query(each(func(row pgx.Rows) error {
			var root string
			var r forum.Reply
			err := row.Scan(&root, &r.ID, &r.Parent)
			branches[root] = append(branches[root], r)
			return err
		}))
	}
	if b.Len() > 0 {
		if err := c.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		b = &pgx.Batch{}
	}
	portions := map[string]forum.Portion{}
	ids, answered := []string{}, []string{}
	for root, branch := range branches {
		p := q.Portion(root, branch)
		portions[root], answered = p, append(answered, p.Answered...)
	}
	for _, root := range parts {
		ids = append(ids, portions[root].IDs...)
	}
	if len(ids) > 0 {
		args["ids"] = ids
		b.Queue(selectComment+` FROM comment AS c WHERE c.id = ANY (@ids)`, args).Query(each(func(row pgx.Rows) error {
			reply, _, err := scanComment(row)
			replies[reply.ID] = reply
			return err
		}))
	}
	if len(answered) > 0 {
		v.Answered = map[string]string{}
		b.Queue(`SELECT id, name FROM comment WHERE id = ANY ($1) AND state = 'published'`, answered).Query(each(func(row pgx.Rows) error {
			var id, name string
			err := row.Scan(&id, &name)
			v.Answered[id] = name
			return err
		}))
	}
	b.Queue(`COMMIT`)
	if err := c.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	comments := make([]talk.Comment, len(roots))
	for i := range roots {
		comments[i] = roots[i].Comment
	}
	forum.Compose(v, comments, portions, replies)
	return nil
}
