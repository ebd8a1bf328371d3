package postgres

import (
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"folkmoot/server/forum"
)

// queueLock locks the threads that are named and those of the comments that
// are, all in one order, so that nodes wait for one another but never in a
// circle. What is read after it is as the last holder of the lock has left it.
func (s *state) queueLock(b *pgx.Batch, n needs) {
	if len(n.threads)+len(n.comments) == 0 {
		return
	}
	b.Queue(`SELECT id, seq, version, locked, lively, coalesce(moved, '') FROM thread
		WHERE id = ANY ($1 || ARRAY(SELECT thread FROM comment WHERE id = ANY ($2::text[])) || ARRAY(SELECT thread FROM hidden WHERE comment = ANY ($3::text[])))
		ORDER BY id FOR UPDATE`, keys(n.threads), keys(n.comments), n.whole()).Query(each(func(row pgx.Rows) error {
		var id string
		t := &thread{counts: map[string]int{}, recounted: map[string]bool{}}
		err := row.Scan(&id, &t.seq, &t.version, &t.locked, &t.lively, &t.into)
		s.threads[id] = t
		return err
	}))
}

// queueLoad reads what is needed.
func (s *state) queueLoad(b *pgx.Batch, n needs) {
	s.queueCounts(b, n)
	s.queueComments(b, n)
	s.queueOutOfSight(b, n)
	s.queueAnswered(b, n)
	s.queueMentions(b, n)
	s.queueStanding(b, n)
	s.queueDone(b, n)
	s.queueParts(b, n)
	queueMarks(b, s.reactions, n.reactions, `SELECT m.thread, m.person, m.kind
		FROM unnest($1::text[], $2::text[]) AS k (subject, person) JOIN reaction AS m ON m.thread = k.subject AND m.person = k.person`)
	queueMarks(b, s.likes, n.likes, `SELECT m.comment, m.person, ''
		FROM unnest($1::text[], $2::text[]) AS k (subject, person) JOIN comment_like AS m ON m.comment = k.subject AND m.person = k.person`)
}

func (s *state) queueCounts(b *pgx.Batch, n needs) {
	var counted []string
	for id, counts := range n.threads {
		if counts {
			counted = append(counted, id)
		}
	}
	if len(counted) == 0 {
		return
	}
	b.Queue(`SELECT thread, kind, n FROM reaction_count WHERE thread = ANY ($1)`, counted).Query(each(func(row pgx.Rows) error {
		var id, kind string
		var count int
		err := row.Scan(&id, &kind, &count)
		if t := s.threads[id]; t != nil {
			t.counts[kind] = count
		}
		return err
	}))
}

// queueComments reads texts and counts replies only where the whole is needed:
// a storm of likes needs neither.
func (s *state) queueComments(b *pgx.Batch, n needs) {
	if len(n.comments) == 0 {
		return
	}
	ids := keys(n.comments)
	whole := make([]bool, len(ids))
	for i, id := range ids {
		whole[i] = n.comments[id]
	}
	b.Queue(`SELECT c.id, c.thread, coalesce(c.parent, ''), coalesce(c.root, ''), c.author, c.at, c.edited_at, c.state, c.likes, c.seq, c.pinned,
			c.name, c.headline, c.avatar, CASE WHEN k.whole THEN c.body ELSE '' END, CASE WHEN k.whole THEN c.html ELSE '' END,
			CASE WHEN k.whole THEN (SELECT count(*) FROM comment AS r WHERE r.root = coalesce(c.root, c.id) AND r.parent = c.id) ELSE 0 END,
			CASE WHEN k.whole AND c.state <> 'published' THEN (SELECT count(*) FROM comment_like AS l WHERE l.comment = c.id) ELSE c.likes END
		FROM unnest($1::text[], $2::boolean[]) AS k (id, whole) JOIN comment AS c ON c.id = k.id`, ids, whole).Query(each(func(row pgx.Rows) error {
		c := &comment{}
		var at, editedAt int64
		by := &c.Comment.Author
		err := row.Scan(&c.ID, &c.Thread, &c.Parent, &c.Root, &c.Author, &at, &editedAt, &c.State, &c.Likes, &c.Seq, &c.Pinned,
			&by.Name, &by.Headline, &by.Avatar, &c.Body, &c.HTML, &c.Replies, &c.likers)
		by.ID, c.At, c.EditedAt = c.Author, moment(at), moment(editedAt)
		s.comments[c.ID] = c
		return err
	}))
}

// queueOutOfSight reads what is held or removed, of those that are needed whole.
func (s *state) queueOutOfSight(b *pgx.Batch, n needs) {
	if len(n.whole()) == 0 {
		return
	}
	b.Queue(selectHidden+` WHERE c.comment = ANY ($1)`, n.whole()).Query(each(func(row pgx.Rows) error {
		r, err := scanHidden(row)
		c := &comment{Record: r, hidden: true}
		if stone := s.comments[r.ID]; stone != nil {
			c.Replies, c.likers = stone.Replies, stone.likers
		}
		s.comments[r.ID] = c
		return err
	}))
}

// queueStanding reads how those stand who write and whose comments are needed
// whole, and how many comments of theirs are published.
func (s *state) queueStanding(b *pgx.Batch, n needs) {
	if len(n.people) == 0 {
		return
	}
	b.Queue(`SELECT person, role, banned, same_as FROM standing WHERE person = ANY ($1)
		OR person IN (SELECT author FROM comment WHERE id = ANY ($2) UNION ALL SELECT author FROM hidden WHERE comment = ANY ($2))`,
		keys(n.people), n.whole()).Query(each(func(row pgx.Rows) error {
		var person, self string
		var st forum.Standing
		err := row.Scan(&person, &st.Role, &st.Banned, &self)
		s.standings[person] = st
		if self != "" {
			s.selves[person] = self
		}
		return err
	}))
	b.Queue(`SELECT person, thread FROM credit WHERE person = ANY ($1)
		OR person IN (SELECT author FROM comment WHERE id = ANY ($2) UNION ALL SELECT author FROM hidden WHERE comment = ANY ($2))`,
		keys(n.people), n.whole()).Query(each(func(row pgx.Rows) error {
		var k credit
		err := row.Scan(&k.person, &k.thread)
		s.credits[k] = true
		return err
	}))
	if len(n.trust) == 0 {
		return
	}
	b.Queue(`SELECT id, published FROM person WHERE id = ANY ($1)`, keys(n.trust)).Query(each(func(row pgx.Rows) error {
		var person string
		var published int
		err := row.Scan(&person, &published)
		s.trusted[person] = published
		return err
	}))
}

func (s *state) queueDone(b *pgx.Batch, n needs) {
	if len(n.refs) == 0 {
		return
	}
	var scopes []string
	var refs [][]byte
	for r := range n.refs {
		scopes, refs = append(scopes, r.scope), append(refs, []byte(r.ref))
	}
	b.Queue(`SELECT d.scope, d.ref, d.digest, d.kind, d.subject, d.person
		FROM unnest($1::text[], $2::bytea[]) AS k (scope, ref) JOIN done AS d ON d.scope = k.scope AND d.ref = k.ref`, scopes, refs).Query(each(func(row pgx.Rows) error {
		var scope string
		var by []byte
		var d done
		err := row.Scan(&scope, &by, &d.digest, &d.kind, &d.subject, &d.person)
		s.done[ref{scope, string(by)}] = d
		return err
	}))
}

func queueMarks(b *pgx.Batch, m marks, holders map[holder]bool, sql string) {
	if len(holders) == 0 {
		return
	}
	var subjects, persons []string
	for h := range holders {
		subjects, persons = append(subjects, h.subject), append(persons, h.person)
	}
	b.Queue(sql, subjects, persons).Query(each(func(row pgx.Rows) error {
		var h holder
		var kind string
		err := row.Scan(&h.subject, &h.person, &kind)
		m.read(h, kind)
		return err
	}))
}

// keys are never nil, which would be NULL.
func keys(m map[string]bool) []string { return append([]string{}, slices.Sorted(maps.Keys(m))...) }
