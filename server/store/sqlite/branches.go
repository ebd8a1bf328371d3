package sqlite

import (
	"zombiezen.com/go/sqlite"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// readBranches reads what a page has of the branches under its roots.
func readBranches(c *sqlite.Conn, v *talk.View, q forum.Query, person string, roots []forum.Root) error {
	var whole, parts []string
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
	err := readReplies(c, person, whole, func(root string, reply talk.Comment) {
		branches[root] = append(branches[root], forum.Reply{ID: reply.ID, Parent: reply.Parent})
		replies[reply.ID] = reply
	})
	if err != nil {
		return err
	}
	if err := readOutlines(c, parts, branches); err != nil {
		return err
	}
	portions := map[string]forum.Portion{}
	for root, branch := range branches {
		portions[root] = q.Portion(root, branch)
	}
	if err := readPortions(c, v, person, parts, portions, replies); err != nil {
		return err
	}
	comments := make([]talk.Comment, len(roots))
	for i := range roots {
		comments[i] = roots[i].Comment
	}
	forum.Compose(v, comments, portions, replies)
	return nil
}

// readRest reads what stands in a branch after the comment that the query names.
func readRest(c *sqlite.Conn, v *talk.View, q forum.Query, thread, person string) error {
	root := ""
	err := run(c, `SELECT coalesce(root, id) FROM comment WHERE id = ?1 AND thread = ?2`, func(row *sqlite.Stmt) {
		root = row.ColumnText(0)
	}, q.Rest, thread)
	if err != nil {
		return err
	}
	if root == "" {
		return forum.NoComment()
	}
	branches := map[string][]forum.Reply{}
	if err := readOutlines(c, []string{root}, branches); err != nil {
		return err
	}
	portions := map[string]forum.Portion{root: q.Portion(root, branches[root])}
	replies := map[string]talk.Comment{}
	if err := readPortions(c, v, person, []string{root}, portions, replies); err != nil {
		return err
	}
	forum.Compose(v, nil, portions, replies)
	return nil
}

// readReplies reads all that stands under roots, oldest first.
func readReplies(c *sqlite.Conn, person string, roots []string, each func(root string, reply talk.Comment)) error {
	if len(roots) == 0 {
		return nil
	}
	return run(c, selectComment+`, c.root FROM json_each(?2) AS r CROSS JOIN comment AS c ON c.root = r.value ORDER BY c.root, c.seq`, func(row *sqlite.Stmt) {
		reply, _ := scanComment(row)
		each(row.ColumnText(commentColumns), reply)
	}, person, jsonOf(roots))
}

// readOutlines reads from what the order of branches is known, out of an index.
func readOutlines(c *sqlite.Conn, roots []string, branches map[string][]forum.Reply) error {
	for _, root := range roots {
		err := run(c, `SELECT id, parent FROM comment WHERE root = ?1 ORDER BY seq`, func(row *sqlite.Stmt) {
			branches[root] = append(branches[root], forum.Reply{ID: row.ColumnText(0), Parent: row.ColumnText(1)})
		}, root)
		if err != nil {
			return err
		}
	}
	return nil
}

// readPortions reads the comments of some roots' portions, and who is answered in
// any from elsewhere.
func readPortions(c *sqlite.Conn, v *talk.View, person string, roots []string, portions map[string]forum.Portion, replies map[string]talk.Comment) error {
	var ids, answered []string
	for _, root := range roots {
		ids = append(ids, portions[root].IDs...)
		answered = append(answered, portions[root].Answered...)
	}
	err := run(c, selectComment+` FROM json_each(?2) AS r CROSS JOIN comment AS c ON c.id = r.value`, func(row *sqlite.Stmt) {
		reply, _ := scanComment(row)
		replies[reply.ID] = reply
	}, person, jsonOf(ids))
	if err != nil || len(answered) == 0 {
		return err
	}
	v.Answered = map[string]string{}
	return run(c, `SELECT c.id, c.name FROM json_each(?1) AS r CROSS JOIN comment AS c ON c.id = r.value WHERE c.state = 'published'`, func(row *sqlite.Stmt) {
		v.Answered[row.ColumnText(0)] = row.ColumnText(1)
	}, jsonOf(answered))
}
