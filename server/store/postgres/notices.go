package postgres

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// A notice is told to a person of a comment, once.
type notice struct {
	person  string
	kind    talk.NoticeKind
	comment string
}

type told struct {
	thread string
	n      int
	at     int64
	seen   bool // by a later write of the batch
}

// A look is what somebody has seen of what they were told: of a thread up to a
// number, of a comment, or up to a time.
type look struct {
	person, thread, comment string
	seq                     uint64
	at                      int64
}

// covers reports whether a notice was seen by a look, if its comment has this
// number.
func (l *look) covers(n notice, t told, seq uint64) bool {
	switch {
	case n.person != l.person:
		return false
	case l.thread != "":
		return t.thread == l.thread && seq <= l.seq
	case l.comment != "":
		return n.comment == l.comment
	}
	return t.at <= l.at
}

// tell tells a person of a comment, once: of likes, when they are more than they
// were told of.
func (s *state) tell(out *forum.Outcome, n notice, thread string, count int, at int64) {
	if before, ok := s.notices[n]; !ok || count > before.n {
		s.notices[n] = told{thread, count, at, false}
		out.Told = append(out.Told, n.person)
	}
}

// tellAll tells everybody whom it concerns of a comment that was changed so.
func (s *state) tellAll(w *forum.Write, out *forum.Outcome, c *comment, change forum.Change) {
	for _, o := range c.Concerns(s.answeredBy(c), s.mentions[c.ID]) {
		if o.Hears(change) {
			s.tell(out, notice{o.Person, o.Kind, c.ID}, c.Thread, 1, w.At.UnixMilli())
		}
	}
}

// answeredBy is whose comment a comment answers.
func (s *state) answeredBy(c *comment) string {
	if parent := s.comments[c.Parent]; parent != nil {
		return parent.Author
	}
	return s.answered[c.ID]
}

// concern tells those whose inbox has changed because a comment comes into sight
// or goes, or mentions others than before.
func (s *state) concern(w *forum.Write, out *forum.Outcome, c *comment, change forum.Change, before []forum.Mentioned) {
	if change.More == 0 && change.Event != talk.CommentEdited {
		return
	}
	out.Told = append(out.Told, c.Moved(change, s.answeredBy(c), before, s.mentions[c.ID])...)
	s.tellAll(w, out, c, change)
}

// see notes what somebody has seen of what they were told.
func (s *state) see(w *forum.Write, out *forum.Outcome) {
	c := &w.Command
	if !storable(c.Comment) {
		return // of nothing that is there
	}
	s.look(look{w.Person.ID, c.Thread, c.Comment, c.Seq, c.At.UnixMilli()}, out)
}

func (s *state) look(l look, out *forum.Outcome) {
	s.looks = append(s.looks, l)
	for n, t := range s.notices {
		seq := uint64(0) // of one that isn't known
		if c := s.comments[n.comment]; c != nil {
			seq = c.Seq
		}
		if l.covers(n, t, seq) {
			t.seen = true
			s.notices[n] = t
		}
	}
	out.Told = append(out.Told, l.person)
}

// queueAnswered reads whose comments those answer that are needed whole.
func (s *state) queueAnswered(b *pgx.Batch, n needs) {
	if len(n.whole()) == 0 {
		return
	}
	b.Queue(`SELECT k.id, c.author
		FROM (SELECT id, parent FROM comment WHERE id = ANY ($1) UNION ALL SELECT comment, parent FROM hidden WHERE comment = ANY ($1)) AS k
		JOIN comment AS c ON c.id = k.parent`, n.whole()).Query(each(func(row pgx.Rows) error {
		var id, author string
		err := row.Scan(&id, &author)
		s.answered[id] = author
		return err
	}))
}

// muted is whether person k.person wants to hear nothing of thread k.thread: it
// is muted, or a topic of it, and they don't follow it.
const muted = `coalesce((SELECT level FROM follow WHERE person = k.person AND kind = 'thread' AND target = k.thread),
	(SELECT f.level FROM thread_topic AS x JOIN follow AS f ON f.person = k.person AND f.kind = 'topic' AND f.target = x.topic
		WHERE x.thread = k.thread AND f.level = 'mute' LIMIT 1), '') = 'mute'`

// queueNotices writes down what people have seen, and then what they are told:
// of that, they have seen what comes before in the batch.
func (s *state) queueNotices(b *pgx.Batch) {
	var persons, threads, comments []string
	var seqs, ats []int64
	for _, l := range s.looks {
		persons, threads, comments = append(persons, l.person), append(threads, l.thread), append(comments, l.comment)
		seqs, ats = append(seqs, signed(l.seq)), append(ats, l.at)
	}
	if len(persons) > 0 {
		b.Queue(`UPDATE notice AS n SET seen = true
			FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]) AS k (person, thread, comment, seq, at)
			WHERE n.person = k.person AND NOT n.seen AND CASE WHEN k.thread <> '' THEN n.thread = k.thread AND (SELECT seq FROM comment WHERE id = n.comment) <= k.seq
				WHEN k.comment <> '' THEN n.comment = k.comment ELSE n.at <= k.at END`, persons, threads, comments, seqs, ats)
	}
	persons, threads, comments, ats = nil, nil, nil, nil
	var kinds []string
	var counts []int64
	var seen []bool
	for _, n := range slices.SortedFunc(maps.Keys(s.notices), func(a, b notice) int {
		return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.kind, b.kind), cmp.Compare(a.comment, b.comment))
	}) {
		t := s.notices[n]
		persons, kinds, comments, threads = append(persons, n.person), append(kinds, string(n.kind)), append(comments, n.comment), append(threads, t.thread)
		counts, ats, seen = append(counts, int64(t.n)), append(ats, t.at), append(seen, t.seen)
	}
	if len(persons) > 0 {
		b.Queue(`INSERT INTO notice (person, kind, comment, thread, n, at, seen)
			SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::boolean[]) AS k (person, kind, comment, thread, n, at, seen)
			WHERE NOT `+muted+` ORDER BY person, kind, comment
			ON CONFLICT (person, kind, comment) DO UPDATE SET n = excluded.n, at = excluded.at, seen = excluded.seen WHERE excluded.n > notice.n`,
			persons, kinds, comments, threads, counts, ats, seen)
	}
}

// likesOfOthers are those of comment c, but for the own one of who is told by
// notice n; stillSo is what of notices can be seen: mentions that are still there.
const (
	likesOfOthers = `c.likes - (EXISTS (SELECT 1 FROM comment_like AS l WHERE l.comment = c.id AND l.person = n.person))::int`
	stillSo       = `c.state = 'published' AND CASE n.kind WHEN 'like' THEN ` + likesOfOthers + ` > 0
		WHEN 'mention' THEN EXISTS (SELECT 1 FROM mention AS m WHERE m.comment = n.comment AND m.person = n.person) ELSE true END`
)

const noticeMark = 'N'

// Inbox returns what a person was told, the newest first.
func (s *Store) Inbox(ctx context.Context, person, after string, limit int) (notices []talk.Notice, next string, err error) {
	place, err := forum.ListPlaceOf(noticeMark, after)
	if err != nil {
		return nil, "", err
	}
	args := pgx.NamedArgs{"person": clean(person), "at": place.N, "id": place.ID, "limit": limit}
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		notices, next = []talk.Notice{}, ""
		b := &pgx.Batch{}
		badges := queueBadges(b)
		b.Queue(selectComment+`, n.kind, n.at, n.seen, `+likesOfOthers+`, t.page, t.address, t.title
			FROM notice AS n JOIN comment AS c ON c.id = n.comment JOIN thread AS t ON t.id = n.thread
			WHERE n.person = @person AND n.at <= @at AND (n.at, n.comment || ' ' || n.kind) < (@at, @id) AND `+stillSo+`
			ORDER BY n.at DESC, n.comment || ' ' || n.kind DESC LIMIT @limit`, args).Query(each(func(row pgx.Rows) (err error) {
			var o talk.Notice
			var at int64
			var page, address, title string
			o.Comment, _, err = scanComment(row, &o.Kind, &at, &o.Seen, &o.N, &page, &address, &title)
			o.Comment.Badge, o.At, o.Thread = badges[o.Comment.Author.ID], moment(at), forum.RefOf(o.Comment.Thread, page, address, title)
			if o.Kind != talk.Liked {
				o.N = 0
			}
			notices = append(notices, o)
			return err
		}))
		err := c.SendBatch(ctx, b).Close()
		if len(notices) == limit {
			next = forum.NoticePlace(&notices[limit-1]).Cursor(noticeMark)
		}
		return err
	})
	return notices, next, err
}

// Unread counts what people have not seen of their inboxes.
func (s *Store) Unread(ctx context.Context, people ...string) (unread map[string]int, err error) {
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		unread = make(map[string]int, len(people))
		b := &pgx.Batch{}
		b.Queue(`SELECT k.person, u.n FROM unnest($1::text[]) AS k (person), LATERAL (SELECT count(*) AS n FROM (
				SELECT 1 FROM notice AS n JOIN comment AS c ON c.id = n.comment
				WHERE n.person = k.person AND NOT n.seen AND `+stillSo+` LIMIT $2) AS found) AS u WHERE u.n > 0`, storableOf(people), talk.UnreadMax).Query(each(func(row pgx.Rows) error {
			var person string
			var n int
			err := row.Scan(&person, &n)
			unread[person] = n
			return err
		}))
		return c.SendBatch(ctx, b).Close()
	})
	return unread, err
}
