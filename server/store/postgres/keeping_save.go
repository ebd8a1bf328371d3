package postgres

import (
	"cmp"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"folkmoot/app/talk"
)

// seen is what of a comment its row in the table that readers' queries read has.
func (c *comment) seen() (by talk.Person, body, html string, state talk.State) {
	if c.State == talk.Published {
		return c.Comment.Author, c.Body, c.HTML, talk.Published
	}
	return talk.Person{}, "", "", talk.Removed
}

// queueChanged writes comments down that were changed, removed, held, restored
// or pinned.
func (s *state) queueChanged(b *pgx.Batch) {
	var ids, names, headlines, avatars, bodies, htmls, states []string
	var edited, likes []int64
	var pinned []bool
	for _, id := range slices.Sorted(maps.Keys(s.comments)) {
		c := s.comments[id]
		if !c.changed || c.added || c.Seq == 0 {
			continue
		}
		by, body, html, state := c.seen()
		ids, names, headlines, avatars = append(ids, id), append(names, by.Name), append(headlines, by.Headline), append(avatars, by.Avatar)
		bodies, htmls, states = append(bodies, body), append(htmls, html), append(states, string(state))
		edited, likes, pinned = append(edited, milli(c.EditedAt)), append(likes, int64(c.Likes)), append(pinned, c.Pinned)
	}
	if len(ids) > 0 {
		b.Queue(`UPDATE comment AS c SET name = k.name, headline = k.headline, avatar = k.avatar, body = k.body, html = k.html,
				state = k.state, edited_at = k.edited_at, likes = k.likes, pinned = k.pinned
			FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::boolean[])
				AS k (id, name, headline, avatar, body, html, state, edited_at, likes, pinned) WHERE c.id = k.id`,
			ids, names, headlines, avatars, bodies, htmls, states, edited, likes, pinned)
	}
}

// queueHidden keeps whole what is out of sight now, and lets go of what isn't
// any more.
func (s *state) queueHidden(b *pgx.Batch) {
	var back, ids, threads, parents, roots, authors, names, headlines, avatars, bodies, htmls, states, bys []string
	var ats, edited, seqs, since []int64
	var wasHeld []bool
	for _, id := range slices.Sorted(maps.Keys(s.comments)) {
		c := s.comments[id]
		if c.State == talk.Published {
			if c.changed && c.hidden {
				back = append(back, id)
			}
			continue
		}
		if !c.changed {
			continue
		}
		by := c.Comment.Author
		ids, threads, parents, roots = append(ids, id), append(threads, c.Thread), append(parents, c.Parent), append(roots, c.Root)
		authors, names, headlines, avatars = append(authors, c.Author), append(names, by.Name), append(headlines, by.Headline), append(avatars, by.Avatar)
		bodies, htmls, states, bys = append(bodies, c.Body), append(htmls, c.HTML), append(states, string(c.State)), append(bys, c.By)
		ats, edited, seqs, since = append(ats, milli(c.At)), append(edited, milli(c.EditedAt)), append(seqs, int64(c.Seq)), append(since, milli(c.Since))
		wasHeld = append(wasHeld, c.WasHeld)
	}
	if len(back) > 0 {
		b.Queue(`DELETE FROM hidden WHERE comment = ANY ($1)`, back)
	}
	if len(ids) > 0 {
		b.Queue(`INSERT INTO hidden (comment, thread, parent, root, author, name, headline, avatar, body, html, state, by, at, edited_at, seq, since, was_held)
			SELECT comment, thread, nullif(parent, ''), nullif(root, ''), author, name, headline, avatar, body, html, state, by, at, edited_at, seq, since, was_held
			FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
				$13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::boolean[])
				AS k (comment, thread, parent, root, author, name, headline, avatar, body, html, state, by, at, edited_at, seq, since, was_held)
			ON CONFLICT (comment) DO UPDATE SET body = excluded.body, html = excluded.html, edited_at = excluded.edited_at,
				state = excluded.state, by = excluded.by, since = excluded.since, was_held = excluded.was_held`,
			ids, threads, parents, roots, authors, names, headlines, avatars, bodies, htmls, states, bys, ats, edited, seqs, since, wasHeld)
	}
}

func (s *state) queueRevisions(b *pgx.Batch) {
	if len(s.forgotten) > 0 {
		b.Queue(`DELETE FROM revision WHERE comment = ANY ($1)`, keys(s.forgotten))
	}
	var comments, bodies []string
	var ats []int64
	for _, v := range s.revisions {
		comments, bodies, ats = append(comments, v.comment), append(bodies, v.Body), append(ats, v.At.UnixMilli())
	}
	if len(comments) > 0 {
		b.Queue(`INSERT INTO revision (comment, body, at) SELECT comment, body, at
			FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS k (comment, body, at, n) ORDER BY n`, comments, bodies, ats)
	}
}

// queueFlags settles what the database has first: this batch's own know
// themselves whether they were dealt with.
func (s *state) queueFlags(b *pgx.Batch) {
	if len(s.settled) > 0 {
		b.Queue(`UPDATE flag SET settled = true WHERE comment = ANY ($1) AND NOT settled`, keys(s.settled))
	}
	var comments, persons, reasons, texts []string
	var ats []int64
	var settled []bool
	for _, k := range slices.SortedFunc(maps.Keys(s.flags), func(a, b holder) int {
		return cmp.Or(cmp.Compare(a.subject, b.subject), cmp.Compare(a.person, b.person))
	}) {
		f := s.flags[k]
		comments, persons, reasons, texts = append(comments, k.subject), append(persons, k.person), append(reasons, string(f.reason)), append(texts, f.text)
		ats, settled = append(ats, f.at), append(settled, f.settled)
	}
	if len(comments) > 0 {
		b.Queue(`INSERT INTO flag (comment, person, reason, text, at, settled)
			SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::boolean[])
			ON CONFLICT (comment, person) DO UPDATE SET reason = excluded.reason, text = excluded.text, at = excluded.at, settled = excluded.settled`,
			comments, persons, reasons, texts, ats, settled)
	}
}

func (s *state) queueStandings(b *pgx.Batch) {
	var persons, roles []string
	var banned []bool
	for _, p := range keys(s.restood) {
		now := s.standings[p]
		persons, roles, banned = append(persons, p), append(roles, string(now.Role)), append(banned, now.Banned)
	}
	if len(persons) > 0 {
		b.Queue(`INSERT INTO standing (person, role, banned) SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[])
			ON CONFLICT (person) DO UPDATE SET role = excluded.role, banned = excluded.banned`, persons, roles, banned)
	}
}

func (s *state) queueCredits(b *pgx.Batch) {
	var on, off [2][]string
	for _, k := range slices.SortedFunc(maps.Keys(s.credited), func(a, b credit) int {
		return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.thread, b.thread))
	}) {
		list := &off
		if s.credits[k] {
			list = &on
		}
		list[0], list[1] = append(list[0], k.person), append(list[1], k.thread)
	}
	if len(off[0]) > 0 {
		b.Queue(`DELETE FROM credit AS c USING unnest($1::text[], $2::text[]) AS k (person, thread) WHERE c.person = k.person AND c.thread = k.thread`, off[0], off[1])
	}
	if len(on[0]) > 0 {
		b.Queue(`INSERT INTO credit (person, thread) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING`, on[0], on[1])
	}
}

func (s *state) queueDeeds(b *pgx.Batch) {
	var persons, roles, kinds, threads, comments, subjects, whys []string
	var ats []int64
	var on []bool
	for _, d := range s.deeds {
		persons, roles, kinds = append(persons, d.person), append(roles, string(d.role)), append(kinds, string(d.kind))
		threads, comments, subjects, whys = append(threads, d.thread), append(comments, d.comment), append(subjects, d.subject), append(whys, d.why)
		ats, on = append(ats, d.at), append(on, d.on)
	}
	if len(ats) > 0 {
		b.Queue(`INSERT INTO deeds (at, person, role, deed, is_on, thread, comment, subject, why)
			SELECT at, person, role, deed, is_on, thread, comment, subject, why
			FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::text[], $8::text[], $9::text[])
				WITH ORDINALITY AS k (at, person, role, deed, is_on, thread, comment, subject, why, n) ORDER BY n`,
			ats, persons, roles, kinds, on, threads, comments, subjects, whys)
	}
}
