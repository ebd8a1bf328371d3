package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"folkmoot/server/forum"
)

// Speakers returns who has a published comment in a thread, under each of their
// names there.
func (s *Store) Speakers(ctx context.Context, thread string) (speakers []forum.Speaker, err error) {
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		speakers = []forum.Speaker{}
		b := &pgx.Batch{}
		b.Queue(`SELECT author, name, headline, avatar, id FROM (
				SELECT DISTINCT ON (c.author, c.name) c.author, c.name, c.headline, c.avatar, c.id, c.seq
				FROM event AS e JOIN comment AS c ON c.id = e.comment
				WHERE e.thread = $1 AND e.kind = 'comment.added' AND c.state = 'published'
				ORDER BY c.author, c.name, c.seq DESC) AS k ORDER BY seq DESC`, clean(thread)).Query(each(func(row pgx.Rows) error {
			var o forum.Speaker
			err := row.Scan(&o.ID, &o.Name, &o.Headline, &o.Avatar, &o.Comment)
			speakers = append(speakers, o)
			return err
		}))
		return c.SendBatch(ctx, b).Close()
	})
	return speakers, err
}

// LastInBranch returns who of these people was last to speak in a branch.
func (s *Store) LastInBranch(ctx context.Context, comment string, people ...string) (person string, err error) {
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		person = ""
		b := &pgx.Batch{}
		b.Queue(`WITH root AS (SELECT coalesce(root, id) AS id FROM comment WHERE id = $1)
			SELECT author FROM (
				SELECT c.author, c.seq, c.state FROM root JOIN comment AS c ON c.root = root.id
				UNION ALL
				SELECT c.author, c.seq, c.state FROM root JOIN comment AS c ON c.id = root.id) AS k
			WHERE state = 'published' AND author = ANY ($2) ORDER BY seq DESC LIMIT 1`, clean(comment), storableOf(people)).Query(each(func(row pgx.Rows) error {
			return row.Scan(&person)
		}))
		return c.SendBatch(ctx, b).Close()
	})
	return person, err
}

// Mentions returns whom a comment mentions.
func (s *Store) Mentions(ctx context.Context, comment string) (mentions []forum.Mentioned, err error) {
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		mentions = nil
		b := &pgx.Batch{}
		b.Queue(`SELECT person, name FROM mention WHERE comment = $1 ORDER BY person, name`, clean(comment)).Query(each(func(row pgx.Rows) error {
			var m forum.Mentioned
			err := row.Scan(&m.Person, &m.Name)
			mentions = append(mentions, m)
			return err
		}))
		return c.SendBatch(ctx, b).Close()
	})
	return mentions, err
}

// queueMentions reads whom those mention that are needed whole.
func (s *state) queueMentions(b *pgx.Batch, n needs) {
	if len(n.whole()) == 0 {
		return
	}
	b.Queue(`SELECT comment, person, name FROM mention WHERE comment = ANY ($1) ORDER BY comment, person, name`, n.whole()).Query(each(func(row pgx.Rows) error {
		var comment string
		var m forum.Mentioned
		err := row.Scan(&comment, &m.Person, &m.Name)
		if !slices.Contains(s.mentions[comment], m) { // a repeated ref may ask again
			s.mentions[comment] = append(s.mentions[comment], m)
		}
		return err
	}))
}

// mention notes whom a comment mentions now.
func (s *state) mention(comment string, people []forum.Mentioned) {
	if len(people)+len(s.mentions[comment]) > 0 {
		s.mentions[comment] = people
		s.mentioned[comment] = true
	}
}

// queueMentioned writes down whom comments mention that mention others than before.
func (s *state) queueMentioned(b *pgx.Batch) {
	if len(s.mentioned) == 0 {
		return
	}
	b.Queue(`DELETE FROM mention WHERE comment = ANY ($1)`, keys(s.mentioned))
	var comments, people, names []string
	for _, id := range keys(s.mentioned) {
		for _, m := range s.mentions[id] {
			comments, people, names = append(comments, id), append(people, m.Person), append(names, m.Name)
		}
	}
	if len(comments) > 0 {
		b.Queue(`INSERT INTO mention (comment, person, name) SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING`, comments, people, names)
	}
}
