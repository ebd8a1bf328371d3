package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// muted is whether person ?1 wants to hear nothing of thread ?4: it is muted, or
// a topic of it, and they don't follow it.
const muted = `coalesce((SELECT level FROM follow WHERE person = ?1 AND kind = 'thread' AND target = ?4),
	(SELECT f.level FROM thread_topic AS x CROSS JOIN follow AS f ON f.person = ?1 AND f.kind = 'topic' AND f.target = x.topic
		WHERE x.thread = ?4 AND f.level = 'mute' LIMIT 1), '') = 'mute'`

// tell tells a person of a comment, once: of likes, when they are more than they
// were told of.
func tell(t *tx, out *forum.Outcome, person string, kind talk.NoticeKind, comment, thread string, n int, at int64) error {
	changed, err := t.change(`INSERT INTO notice (person, kind, comment, thread, n, at) SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT `+muted+`
		ON CONFLICT DO UPDATE SET n = excluded.n, at = excluded.at, seen = 0 WHERE excluded.n > n`, person, string(kind), comment, thread, n, at)
	if changed > 0 {
		out.Told = append(out.Told, person)
	}
	return err
}

// tellAll tells everybody whom it concerns of a comment that was changed so.
func tellAll(t *tx, w *forum.Write, out *forum.Outcome, r *forum.Record, change forum.Change, answered string, mentions []forum.Mentioned) error {
	for _, o := range r.Concerns(answered, mentions) {
		if !o.Hears(change) {
			continue
		}
		if err := tell(t, out, o.Person, o.Kind, r.ID, r.Thread, 1, w.At.UnixMilli()); err != nil {
			return err
		}
	}
	return nil
}

// answeredBy is whose comment a comment answers.
func answeredBy(c *sqlite.Conn, parent string) (author string, err error) {
	if parent == "" {
		return "", nil
	}
	err = run(c, `SELECT author FROM comment WHERE id = ?1`, func(row *sqlite.Stmt) { author = row.ColumnText(0) }, parent)
	return author, err
}

// concern tells those whose inbox has changed because a comment comes into sight
// or goes, or mentions others than before.
func concern(t *tx, w *forum.Write, out *forum.Outcome, r *forum.Record, change forum.Change, before []forum.Mentioned) error {
	if change.More == 0 && change.Event != talk.CommentEdited {
		return nil
	}
	answered, err := answeredBy(t.Conn, r.Parent)
	if err != nil {
		return err
	}
	mentions, err := readMentions(t.Conn, r.ID)
	if err != nil {
		return err
	}
	out.Told = append(out.Told, r.Moved(change, answered, before, mentions)...)
	return tellAll(t, w, out, r, change, answered, mentions)
}

// see marks what somebody was told as seen.
func see(t *tx, w *forum.Write, out *forum.Outcome) (err error) {
	var n int
	switch c := &w.Command; {
	case c.Thread != "":
		n, err = t.change(`UPDATE notice INDEXED BY notice_unseen SET seen = 1 WHERE person = ?1 AND thread = ?2 AND seen = 0
			AND (SELECT seq FROM comment WHERE id = notice.comment) <= ?3`, w.Person.ID, c.Thread, signed(c.Seq))
	case c.Comment != "":
		n, err = t.change(`UPDATE notice INDEXED BY notice_unseen SET seen = 1 WHERE person = ?1 AND comment = ?2 AND seen = 0`, w.Person.ID, c.Comment)
	default:
		n, err = t.change(`UPDATE notice INDEXED BY notice_unseen SET seen = 1 WHERE person = ?1 AND at <= ?2 AND seen = 0`, w.Person.ID, c.At.UnixMilli())
	}
	if n > 0 {
		out.Told = append(out.Told, w.Person.ID)
	}
	return err
}

// hush marks as seen what somebody was told of a thread that they mute.
func hush(t *tx, w *forum.Write, out *forum.Outcome) error {
	if w.Command.Thread == "" {
		return nil
	}
	n, err := t.change(`UPDATE notice INDEXED BY notice_unseen SET seen = 1 WHERE person = ?1 AND thread = ?2 AND seen = 0`, w.Person.ID, w.Command.Thread)
	if n > 0 {
		out.Told = append(out.Told, w.Person.ID)
	}
	return err
}

// stillSo is what of notices n can be seen, of comments c: likes of others than
// the person themselves, and mentions that are still there.
const stillSo = `c.state = 'published' AND CASE n.kind WHEN 'like' THEN ` + likesOfOthers + ` > 0
	WHEN 'mention' THEN EXISTS (SELECT 1 FROM mention AS m WHERE m.comment = n.comment AND m.person = n.person) ELSE 1 END`

const likesOfOthers = `c.likes - EXISTS (SELECT 1 FROM comment_like AS l WHERE l.comment = c.id AND l.person = n.person)`

const noticeMark = 'N'

// Inbox returns what a person was told, the newest first.
func (s *Store) Inbox(ctx context.Context, person, after string, limit int) (notices []talk.Notice, next string, err error) {
	place, err := forum.ListPlaceOf(noticeMark, after)
	if err != nil {
		return nil, "", err
	}
	notices = []talk.Notice{}
	err = s.read(ctx, func(c *sqlite.Conn) error {
		badges, err := readBadges(c)
		if err != nil {
			return err
		}
		return run(c, selectComment+`, n.kind, n.at, n.seen, `+likesOfOthers+`, t.page, t.address, t.title
			FROM notice AS n CROSS JOIN comment AS c ON c.id = n.comment CROSS JOIN thread AS t ON t.id = n.thread
			WHERE n.person = ?1 AND (n.at, n.comment || ' ' || n.kind) < (?2, ?3) AND `+stillSo+`
			ORDER BY n.at DESC, n.comment || ' ' || n.kind DESC LIMIT ?4`, func(row *sqlite.Stmt) {
			var o talk.Notice
			o.Comment, _ = scanComment(row)
			o.Comment.Badge = badges[o.Comment.Author.ID]
			o.Kind, o.At, o.Seen = talk.NoticeKind(row.ColumnText(commentColumns)), moment(row.ColumnInt64(commentColumns+1)), row.ColumnBool(commentColumns+2)
			if o.Kind == talk.Liked {
				o.N = row.ColumnInt(commentColumns + 3)
			}
			o.Thread = forum.RefOf(o.Comment.Thread, row.ColumnText(commentColumns+4), row.ColumnText(commentColumns+5), row.ColumnText(commentColumns+6))
			if notices = append(notices, o); len(notices) == limit {
				next = forum.NoticePlace(&o).Cursor(noticeMark)
			}
		}, person, place.N, place.ID, limit)
	})
	return notices, next, err
}

// Unread counts what people have not seen of their inboxes.
func (s *Store) Unread(ctx context.Context, people ...string) (map[string]int, error) {
	unread := make(map[string]int, len(people))
	err := s.read(ctx, func(c *sqlite.Conn) error {
		return run(c, `SELECT j.value, (SELECT count(*) FROM (SELECT 1 FROM notice AS n CROSS JOIN comment AS c ON c.id = n.comment
				WHERE n.person = j.value AND n.seen = 0 AND `+stillSo+` LIMIT ?2))
			FROM json_each(?1) AS j`, func(row *sqlite.Stmt) {
			if n := row.ColumnInt(1); n > 0 {
				unread[row.ColumnText(0)] = n
			}
		}, jsonOf(people), talk.UnreadMax)
	})
	return unread, err
}
