package postgres

import (
	"cmp"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"folkmoot/server/forum"
)

// queueSave writes down what changed, each table in one statement and in the
// order of its keys, so that nodes that meet there don't wait in a circle.
func (s *state) queueSave(b *pgx.Batch) {
	s.queueAdded(b)
	s.queueLiked(b)
	s.queueChanged(b)
	s.queueHidden(b)
	s.queueRevisions(b)
	s.queueFlags(b)
	s.queueEvents(b)
	queueChanges(b, s.reactions,
		`DELETE FROM reaction AS m USING unnest($1::text[], $2::text[], $3::text[]) AS k (subject, person, kind)
			WHERE m.thread = k.subject AND m.person = k.person AND m.kind = k.kind`,
		`INSERT INTO reaction (thread, person, kind, at) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])`)
	queueChanges(b, s.likes,
		`DELETE FROM comment_like AS m USING unnest($1::text[], $2::text[], $3::text[]) AS k (subject, person, kind)
			WHERE m.comment = k.subject AND m.person = k.person`,
		`INSERT INTO comment_like (comment, person, at)
			SELECT subject, person, at FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS k (subject, person, kind, at)`)
	s.queueCounted(b)
	s.queuePeople(b)
	s.queueStandings(b)
	s.queueCredits(b)
	s.queueDeeds(b)
	s.queueMarked(b)
	s.queueMentioned(b)
	s.queueNotices(b)
	s.queueDoings(b)
	s.queueThreads(b)
}

// queueAdded adds comments as the batch leaves them: one that it also removes is
// added as a stone.
func (s *state) queueAdded(b *pgx.Batch) {
	var ids, threads, parents, roots, authors, names, headlines, avatars, bodies, htmls, states []string
	var ats, edited, likes, likesVersions, seqs []int64
	var pinned []bool
	for _, e := range s.events { // in the order of their numbers
		c := s.comments[e.comment]
		if c == nil || !c.added || c.Seq != e.seq {
			continue
		}
		by, body, html, state := c.seen()
		ids, threads, parents, roots = append(ids, c.ID), append(threads, c.Thread), append(parents, c.Parent), append(roots, c.Root)
		authors, names, headlines, avatars = append(authors, c.Author), append(names, by.Name), append(headlines, by.Headline), append(avatars, by.Avatar)
		bodies, htmls, states, pinned = append(bodies, body), append(htmls, html), append(states, string(state)), append(pinned, c.Pinned)
		ats, edited, likes = append(ats, milli(c.At)), append(edited, milli(c.EditedAt)), append(likes, int64(c.Likes))
		likesVersions, seqs = append(likesVersions, int64(c.likesVersion)), append(seqs, int64(c.Seq))
	}
	if len(ids) > 0 {
		b.Queue(`INSERT INTO comment (id, thread, parent, root, author, name, headline, avatar, body, html, state, pinned, at, edited_at, likes, likes_version, seq)
			SELECT id, thread, nullif(parent, ''), nullif(root, ''), author, name, headline, avatar, body, html, state, pinned, at, edited_at, likes, likes_version, seq
			FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
				$12::boolean[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[])
				AS a (id, thread, parent, root, author, name, headline, avatar, body, html, state, pinned, at, edited_at, likes, likes_version, seq)`,
			ids, threads, parents, roots, authors, names, headlines, avatars, bodies, htmls, states, pinned, ats, edited, likes, likesVersions, seqs)
	}
}

func (s *state) queueLiked(b *pgx.Batch) {
	var ids []string
	var likes, versions []int64
	for _, id := range slices.Sorted(maps.Keys(s.comments)) {
		if c := s.comments[id]; c.liked && !c.added {
			ids, likes, versions = append(ids, id), append(likes, int64(c.Likes)), append(versions, int64(c.likesVersion))
		}
	}
	if len(ids) > 0 {
		b.Queue(`UPDATE comment AS c SET likes = k.likes, likes_version = k.version
			FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS k (id, likes, version) WHERE c.id = k.id`, ids, likes, versions)
	}
}

func (s *state) queueEvents(b *pgx.Batch) {
	var threads, kinds, comments []string
	var seqs, ats []int64
	for _, e := range s.events {
		threads, kinds, comments = append(threads, e.thread), append(kinds, string(e.kind)), append(comments, e.comment)
		seqs, ats = append(seqs, int64(e.seq)), append(ats, e.at)
	}
	if len(threads) > 0 {
		b.Queue(`INSERT INTO event (thread, seq, kind, comment, at)
			SELECT thread, seq, kind, nullif(comment, ''), at
			FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[]) AS k (thread, seq, kind, comment, at)`, threads, seqs, kinds, comments, ats)
	}
}

// queueChanges takes back what was set before and changed, and sets anew what
// is set now: that may be the same, at another time.
func queueChanges(b *pgx.Batch, m marks, take, set string) {
	var off, on [3][]string
	var ats []int64
	note := func(list *[3][]string, k mark) {
		for i, s := range []string{k.subject, k.person, k.kind} {
			list[i] = append(list[i], s)
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(m.changed), compareMarks) {
		c := m.changed[k]
		if c.before {
			note(&off, k)
		}
		if m.has(k.holder, k.kind) {
			note(&on, k)
			ats = append(ats, c.at)
		}
	}
	if len(off[0]) > 0 {
		b.Queue(take, off[0], off[1], off[2])
	}
	if len(on[0]) > 0 {
		b.Queue(set, on[0], on[1], on[2], ats)
	}
}

func compareMarks(a, b mark) int {
	return cmp.Or(cmp.Compare(a.subject, b.subject), cmp.Compare(a.person, b.person), cmp.Compare(a.kind, b.kind))
}

func (s *state) queueCounted(b *pgx.Batch) {
	var threads, kinds []string
	var counts []int64
	for _, id := range slices.Sorted(maps.Keys(s.threads)) {
		t := s.threads[id]
		for _, kind := range slices.Sorted(maps.Keys(t.recounted)) {
			threads, kinds, counts = append(threads, id), append(kinds, kind), append(counts, int64(t.counts[kind]))
		}
	}
	if len(threads) > 0 {
		b.Queue(`INSERT INTO reaction_count (thread, kind, n) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
			ON CONFLICT (thread, kind) DO UPDATE SET n = excluded.n`, threads, kinds, counts)
	}
}

// queuePeople remembers how people signed last, and how many comments of theirs
// are published: of some, who have signed before, only that.
func (s *state) queuePeople(b *pgx.Batch) {
	var ids, names, headlines, avatars []string
	var ats, published []int64
	all := map[string]bool{}
	for id := range s.people {
		all[id] = true
	}
	for id, more := range s.published {
		if more != 0 {
			all[id] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		p := s.people[id]
		ids, names, headlines, avatars = append(ids, id), append(names, p.Name), append(headlines, p.Headline), append(avatars, p.Avatar)
		ats, published = append(ats, p.at), append(published, int64(s.published[id]))
	}
	if len(ids) > 0 {
		b.Queue(`INSERT INTO person (id, name, headline, avatar, at, published)
			SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
			ON CONFLICT (id) DO UPDATE SET published = person.published + excluded.published, at = greatest(person.at, excluded.at),
				name = CASE WHEN excluded.name = '' THEN person.name ELSE excluded.name END,
				headline = CASE WHEN excluded.name = '' THEN person.headline ELSE excluded.headline END,
				avatar = CASE WHEN excluded.name = '' THEN person.avatar ELSE excluded.avatar END`,
			ids, names, headlines, avatars, ats, published)
	}
}

func (s *state) queueDoings(b *pgx.Batch) {
	var scopes, kinds, subjects, persons []string
	var refs, digests [][]byte
	var ats []int64
	slices.SortFunc(s.recents, func(a, b ref) int { return cmp.Or(cmp.Compare(a.scope, b.scope), cmp.Compare(a.ref, b.ref)) })
	for _, r := range s.recents {
		d := s.done[r]
		scopes, refs, digests = append(scopes, r.scope), append(refs, []byte(r.ref)), append(digests, append([]byte{}, d.digest...))
		kinds, subjects, persons, ats = append(kinds, string(d.kind)), append(subjects, d.subject), append(persons, d.person), append(ats, d.at)
	}
	if len(scopes) > 0 {
		b.Queue(`INSERT INTO done (scope, ref, digest, kind, subject, person, at)
			SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::bigint[])`,
			scopes, refs, digests, kinds, subjects, persons, ats)
	}
}

func (s *state) queueThreads(b *pgx.Batch) {
	var ids []string
	var seqs, versions, more, warmths []int64
	var locked []bool
	var lively []float64
	for _, id := range slices.Sorted(maps.Keys(s.threads)) {
		if t := s.threads[id]; t.changed {
			ids, seqs, versions, more = append(ids, id), append(seqs, int64(t.seq)), append(versions, int64(t.version)), append(more, int64(t.more))
			locked, lively, warmths = append(locked, t.locked), append(lively, t.lively), append(warmths, forum.Warmth(t.lively))
		}
	}
	if len(ids) > 0 {
		b.Queue(`UPDATE thread AS t SET seq = k.seq, version = k.version, comments = t.comments + k.more, locked = k.locked, lively = k.lively, warmth = k.warmth
			FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[], $6::double precision[], $7::bigint[])
				AS k (id, seq, version, more, locked, lively, warmth) WHERE t.id = k.id`,
			ids, seqs, versions, more, locked, lively, warmths)
	}
}
