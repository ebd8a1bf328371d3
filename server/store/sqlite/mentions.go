package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// Speakers returns who has a published comment in a thread, under each of their
// names there. SQLite takes what it returns beside a max from that row.
func (s *Store) Speakers(ctx context.Context, thread string) (speakers []forum.Speaker, err error) {
	speakers = []forum.Speaker{}
	err = s.read(ctx, func(c *sqlite.Conn) error {
		return run(c, `SELECT c.author, c.name, c.headline, c.avatar, c.id, max(c.seq) AS last
			FROM event AS e CROSS JOIN comment AS c ON c.id = e.comment
			WHERE e.thread = ?1 AND e.kind = 'comment.added' AND c.state = 'published'
			GROUP BY c.author, c.name ORDER BY last DESC`, func(row *sqlite.Stmt) {
			speakers = append(speakers, forum.Speaker{
				Person:  talk.Person{ID: row.ColumnText(0), Name: row.ColumnText(1), Headline: row.ColumnText(2), Avatar: row.ColumnText(3)},
				Comment: row.ColumnText(4),
			})
		}, thread)
	})
	return speakers, err
}

// LastInBranch returns who of these people was last to speak in a branch.
func (s *Store) LastInBranch(ctx context.Context, comment string, people ...string) (person string, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		return run(c, `WITH root AS (SELECT coalesce(root, id) AS id FROM comment WHERE id = ?1)
			SELECT author FROM (
				SELECT c.author, c.seq FROM root CROSS JOIN comment AS c ON c.root = root.id WHERE c.state = 'published'
				UNION ALL
				SELECT c.author, c.seq FROM root CROSS JOIN comment AS c ON c.id = root.id WHERE c.state = 'published')
			WHERE author IN (SELECT value FROM json_each(?2)) ORDER BY seq DESC LIMIT 1`, func(row *sqlite.Stmt) {
			person = row.ColumnText(0)
		}, comment, jsonOf(people))
	})
	return person, err
}

// Mentions returns whom a comment mentions.
func (s *Store) Mentions(ctx context.Context, comment string) (mentions []forum.Mentioned, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) (err error) {
		mentions, err = readMentions(c, comment)
		return err
	})
	return mentions, err
}

func readMentions(c *sqlite.Conn, comment string) (mentions []forum.Mentioned, err error) {
	err = run(c, `SELECT person, name FROM mention WHERE comment = ?1`, func(row *sqlite.Stmt) {
		mentions = append(mentions, forum.Mentioned{Person: row.ColumnText(0), Name: row.ColumnText(1)})
	}, comment)
	return mentions, err
}

// saveMentions writes down whom a comment that was posted mentions.
func saveMentions(t *tx, comment string, mentions []forum.Mentioned) error {
	for _, m := range mentions {
		if _, err := t.change(`INSERT INTO mention (comment, person, name) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING`, comment, m.Person, m.Name); err != nil {
			return err
		}
	}
	return nil
}

// replaceMentions does so for one that was edited, and returns whom it has
// mentioned before.
func replaceMentions(t *tx, comment string, mentions []forum.Mentioned) (before []forum.Mentioned, err error) {
	if before, err = readMentions(t.Conn, comment); err != nil {
		return nil, err
	}
	if len(before) > 0 {
		if _, err := t.change(`DELETE FROM mention WHERE comment = ?1`, comment); err != nil {
			return nil, err
		}
	}
	return before, saveMentions(t, comment, mentions)
}
