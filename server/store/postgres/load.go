package postgres

import (
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
)

// queueLock locks the threads that are named and those of the comments that
// are, all in one order, so that nodes wait for one another but never in a
// circle. What is read after it is as the last holder of the lock has left it.
func (s *state) queueLock(b *pgx.Batch, n needs) {
	if len(n.threads)+len(n.comments) == 0 {
		return
	}
	b.Queue(`SELECT id, seq, version FROM thread
		WHERE id = ANY ($1 || ARRAY(SELECT thread FROM comment WHERE id = ANY ($2::text[])))
		ORDER BY id FOR UPDATE`, keys(n.threads), keys(n.comments)).Query(each(func(row pgx.Rows) error {
		var id string
		t := &thread{counts: map[string]int{}, recounted: map[string]bool{}}
		err := row.Scan(&id, &t.seq, &t.version)
		s.threads[id] = t
		return err
	}))
}

// queueLoad reads what is needed.
func (s *state) queueLoad(b *pgx.Batch, n needs) {
	s.queueCounts(b, n)
	s.queueComments(b, n)
	s.queueDone(b, n)
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
	b.Queue(`SELECT c.id, c.thread, coalesce(c.parent, ''), coalesce(c.root, ''), c.author, c.at, c.edited_at, c.state, c.likes,
			c.name, c.headline, c.avatar, CASE WHEN k.whole THEN c.html ELSE '' END,
			CASE WHEN k.whole THEN (SELECT count(*) FROM comment AS r WHERE r.root = coalesce(c.root, c.id) AND r.parent = c.id) ELSE 0 END
		FROM unnest($1::text[], $2::boolean[]) AS k (id, whole) JOIN comment AS c ON c.id = k.id`, ids, whole).Query(each(func(row pgx.Rows) error {
		c := &comment{}
		err := row.Scan(&c.id, &c.thread, &c.parent, &c.root, &c.author, &c.at, &c.editedAt, &c.state, &c.likes,
			&c.byline.Name, &c.byline.Headline, &c.byline.Avatar, &c.html, &c.replies)
		c.byline.ID = c.author
		s.comments[c.id] = c
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
