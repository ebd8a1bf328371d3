package sqlite

import (
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"time"

	"zombiezen.com/go/sqlite"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// carry carries out an edit, a removal, a restoration, a pin or a hold.
func carry(t *tx, w *forum.Write) (out forum.Outcome, err error) {
	r, err := readRecord(t.Conn, w.Command.Comment, w.Person.ID)
	if err != nil {
		return out, err
	}
	head, err := readHead(t.Conn, r.Thread)
	if err != nil {
		return out, err
	}
	facts, err := t.facts(w, head.locked)
	if err != nil {
		return out, err
	}
	before := r
	change, err := r.Carry(w, facts)
	if err != nil {
		return out, err
	}
	if change.Event == talk.CommentAdded {
		r.Seq = head.Seq + 1
	}
	if change.Event == talk.CommentRestored {
		if err := relike(t, &r, w.Person.ID, head.Version, &out); err != nil {
			return out, err
		}
	}
	if change.Any {
		if err := saveRecord(t, &r, &before); err != nil {
			return out, err
		}
	}
	var mentioned []forum.Mentioned
	if change.Revision != nil {
		if mentioned, err = replaceMentions(t, r.ID, w.Mentions); err != nil {
			return out, err
		}
	}
	if change.Event != "" {
		if err := enter(t, &out, talk.Event{Seq: head.Seq + 1, Kind: change.Event, Comment: r.Shown()}, r.Thread, head, w.At, change.More); err != nil {
			return out, err
		}
	}
	if err := conclude(t, w, &r, change); err != nil {
		return out, err
	}
	if err := concern(t, w, &out, &r, change, mentioned); err != nil {
		return out, err
	}
	shown := r.ShownTo(w.Person.ID, facts.Effective())
	out.Result.Comment = &shown
	return out, nil
}

// conclude does what else comes of a change.
func conclude(t *tx, w *forum.Write, r *forum.Record, change forum.Change) (err error) {
	if change.More != 0 {
		_, err = t.change(`UPDATE person SET published = published + ?2 WHERE id = ?1`, r.Author, change.More)
	}
	if v := change.Revision; v != nil && err == nil {
		_, err = t.change(`INSERT INTO revision (comment, body, at) VALUES (?1, ?2, ?3)`, r.ID, v.Body, v.At.UnixMilli())
	}
	if change.Forget && err == nil {
		_, err = t.change(`DELETE FROM revision WHERE comment = ?1`, r.ID)
	}
	if change.Settled && err == nil {
		_, err = t.change(`UPDATE flag SET settled = 1 WHERE comment = ?1 AND settled = 0`, r.ID)
	}
	if change.Deed && err == nil {
		err = record(t, w, r.Thread, r.ID, r.Author)
	}
	return err
}

// relike counts anew who likes a comment that comes back: a removed one has no
// likes that show, but they are not forgotten.
func relike(t *tx, r *forum.Record, person string, version uint64, out *forum.Outcome) error {
	err := run(t.Conn, `SELECT count(*), coalesce(sum(person = ?2), 0) FROM comment_like WHERE comment = ?1`, func(row *sqlite.Stmt) {
		r.Likes, r.Liked = row.ColumnInt(0), row.ColumnBool(1)
	}, r.ID, person)
	if err != nil || r.Likes == 0 {
		return err
	}
	out.Tally = &talk.Tally{Version: version + 1, Likes: map[string]int{r.ID: r.Likes}}
	if err := setVersion(t, r.Thread, out.Tally.Version); err != nil {
		return err
	}
	_, err = t.change(`UPDATE comment SET likes_version = ?2 WHERE id = ?1`, r.ID, int64(out.Tally.Version))
	return err
}

// record writes down what was done to keep order.
func record(t *tx, w *forum.Write, thread, comment, subject string) error {
	_, err := t.change(`INSERT INTO deeds (at, person, role, deed, is_on, thread, comment, subject, why) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
		w.At.UnixMilli(), w.Person.ID, string(t.standings[w.Person.ID].Effective()), string(w.Command.Kind), bit(w.Command.On), thread, comment, subject, w.Command.Text)
	return err
}

// flag notes what somebody has against a comment, in place of what they had.
func flag(t *tx, w *forum.Write) (out forum.Outcome, err error) {
	r, err := readRecord(t.Conn, w.Command.Comment, "")
	if err != nil {
		return out, err
	}
	facts, err := t.facts(w, false) // to flag is no comment
	if err == nil {
		err = r.MayFlag(w, facts)
	}
	if err != nil {
		return out, err
	}
	_, err = t.change(`INSERT OR REPLACE INTO flag (comment, person, reason, text, at) VALUES (?1, ?2, ?3, ?4, ?5)`,
		r.ID, w.Person.ID, string(w.Command.Reason), w.Command.Text, w.At.UnixMilli())
	out.Result.Flagged = yes(true)
	return out, err
}

// lock closes a thread to more comments, or opens it again.
func lock(t *tx, w *forum.Write) (out forum.Outcome, err error) {
	thread := w.Command.Thread
	head, err := readHead(t.Conn, thread)
	if err != nil {
		return out, err
	}
	facts, err := t.may(w, head.locked)
	if err != nil {
		return out, err
	}
	out.Result.Locked = yes(w.Command.On)
	if facts.Locked == w.Command.On {
		return out, nil
	}
	if _, err = t.change(`UPDATE thread SET locked = ?2 WHERE id = ?1`, thread, bit(w.Command.On)); err != nil {
		return out, err
	}
	e := talk.Event{Seq: head.Seq + 1, Kind: talk.ThreadLocked, Thread: &talk.ThreadNow{ID: thread, Locked: w.Command.On}}
	if err = enter(t, &out, e, thread, head, w.At, 0); err != nil {
		return out, err
	}
	return out, record(t, w, thread, "", "")
}

// stand changes how the author of a comment stands: ban and appoint.
func stand(t *tx, w *forum.Write) (out forum.Outcome, err error) {
	facts, err := t.may(w, false)
	if err != nil {
		return out, err
	}
	r, err := readRecord(t.Conn, w.Command.Comment, "")
	if err != nil {
		return out, err
	}
	was, err := readStanding(t.Conn, r.Author)
	if err != nil {
		return out, err
	}
	now, result, err := facts.Stand(w, r.Author, was)
	if err != nil {
		return out, err
	}
	out.Result = result
	if now == was {
		return out, nil
	}
	if err := saveStanding(t, r.Author, now); err != nil {
		return out, err
	}
	return out, record(t, w, r.Thread, r.ID, r.Author)
}

// credit notes that the author of a comment wrote the article, or didn't.
func credit(t *tx, w *forum.Write) (out forum.Outcome, err error) {
	if _, err := t.may(w, false); err != nil {
		return out, err
	}
	r, err := readRecord(t.Conn, w.Command.Comment, "")
	if err != nil {
		return out, err
	}
	sql := `DELETE FROM credit WHERE person = ?1 AND thread = ?2`
	if w.Command.On {
		sql = `INSERT INTO credit (person, thread) VALUES (?1, ?2) ON CONFLICT DO NOTHING`
	}
	n, err := t.change(sql, r.Author, r.Credited(w))
	if err == nil && n > 0 {
		err = record(t, w, r.Credited(w), r.ID, r.Author)
	}
	if err == nil {
		r, err = readRecord(t.Conn, r.ID, "")
		out.Result.Wrote = yes(r.Wrote)
	}
	return out, err
}

func saveStanding(t *tx, person string, now forum.Standing) error {
	_, err := t.change(`INSERT INTO standing (person, role, banned) VALUES (?1, ?2, ?3)
		ON CONFLICT DO UPDATE SET role = excluded.role, banned = excluded.banned`, person, string(now.Role), bit(now.Banned))
	if t.standings != nil {
		t.standings[person] = now
	}
	return err
}

func yes(b bool) *bool { return &b }

// may asks forum whether a write to a thread may be, and returns what it was
// told.
func (t *tx) may(w *forum.Write, locked bool) (forum.Facts, error) {
	f, err := t.facts(w, locked)
	if err == nil {
		err = f.May(w)
	}
	return f, err
}

// facts are what forum wants to know of a write to a thread.
func (t *tx) facts(w *forum.Write, locked bool) (f forum.Facts, err error) {
	f.Standing, f.Locked = t.standings[w.Person.ID], locked
	if w.Command.Kind == talk.Post {
		err = run(t.Conn, `SELECT 1 FROM credit WHERE person = ?1 AND thread IN ('', ?2) LIMIT 1`, func(*sqlite.Stmt) { f.Wrote = true }, w.Person.ID, w.Command.Thread)
	}
	if err == nil && w.Command.Kind == talk.Post && w.Rules.Hold == forum.HoldFirst {
		err = run(t.Conn, `SELECT published > 0 FROM person WHERE id = ?1`, func(row *sqlite.Stmt) { f.Trusted = row.ColumnBool(0) }, w.Person.ID)
	}
	return f, err
}

// readStandings returns how those stand who write: most are just anybody, and
// not in it. Whoever has become somebody else since their session began is in
// selves.
func readStandings(c *sqlite.Conn, writes []forum.Write) (all map[string]forum.Standing, selves map[string]string, err error) {
	people := make([]string, len(writes))
	for i := range writes {
		people[i] = writes[i].Person.ID
	}
	all = map[string]forum.Standing{}
	err = run(c, `SELECT s.person, s.role, s.banned, s.same_as, n.role, n.banned
		FROM json_each(?1) AS j CROSS JOIN standing AS s ON s.person = j.value LEFT JOIN standing AS n ON n.person = s.same_as`, func(row *sqlite.Stmt) {
		if self := row.ColumnText(3); self != "" {
			if selves == nil {
				selves = map[string]string{}
			}
			selves[row.ColumnText(0)] = self
			all[self] = forum.Standing{Role: talk.Role(row.ColumnText(4)), Banned: row.ColumnBool(5)}
			return
		}
		all[row.ColumnText(0)] = forum.Standing{Role: talk.Role(row.ColumnText(1)), Banned: row.ColumnBool(2)}
	}, jsonOf(people))
	return all, selves, err
}

func readStanding(c *sqlite.Conn, person string) (s forum.Standing, err error) {
	err = run(c, `SELECT role, banned FROM standing WHERE person = ?1`, func(row *sqlite.Stmt) {
		s = forum.Standing{Role: talk.Role(row.ColumnText(0)), Banned: row.ColumnBool(1)}
	}, person)
	return s, err
}

// Standing returns how a person stands in the site.
func (s *Store) Standing(ctx context.Context, person string) (standing forum.Standing, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) (err error) {
		standing, err = readStanding(c, person)
		return err
	})
	return standing, err
}

// Record returns all that is kept of a comment.
func (s *Store) Record(ctx context.Context, comment string) (r forum.Record, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) (err error) {
		r, err = readRecord(c, comment, "")
		return err
	})
	return r, err
}

// Revisions returns what a comment said before, oldest first.
func (s *Store) Revisions(ctx context.Context, comment string) (all []talk.Revision, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		return run(c, `SELECT body, at FROM revision WHERE comment = ?1 ORDER BY id`, func(row *sqlite.Stmt) {
			all = append(all, talk.Revision{Body: row.ColumnText(0), At: moment(row.ColumnInt64(1))})
		}, comment)
	})
	return all, err
}

// readBadges returns the roles of all who keep order: few.
func readBadges(c *sqlite.Conn) (map[string]talk.Role, error) {
	badges := map[string]talk.Role{}
	err := run(c, `SELECT person, role FROM standing WHERE role <> '' AND NOT banned`, func(row *sqlite.Stmt) {
		badges[row.ColumnText(0)] = talk.Role(row.ColumnText(1))
	})
	return badges, err
}

// heldMax bounds what is read of a thread's held comments.
const heldMax = 200

// readHeld returns what is held in a thread and may be seen by a person.
func readHeld(c *sqlite.Conn, thread, person string, role talk.Role) (held []forum.Record, err error) {
	err = run(c, selectHidden+` WHERE c.thread = ?1 AND c.state = 'held' AND (c.author = ?2 OR ?3) ORDER BY c.at LIMIT ?4`, func(row *sqlite.Stmt) {
		held = append(held, scanHidden(row))
	}, thread, person, bit(role.Keeps()), heldMax)
	return held, err
}

// Queue returns what waits for those who keep order, newest first.
func (s *Store) Queue(ctx context.Context, after string, limit int) (cases []talk.Case, next string, err error) {
	place := queuePlace{math.MaxInt64, ""}
	if after != "" {
		if place, err = readQueuePlace(after); err != nil {
			return nil, "", err
		}
	}
	err = s.read(ctx, func(c *sqlite.Conn) error {
		var found []queuePlace
		err := run(c, `SELECT at, comment FROM (
				SELECT since AS at, comment FROM hidden WHERE state = 'held'
				UNION ALL
				SELECT max(f.at), f.comment FROM flag AS f
				WHERE f.settled = 0 AND NOT EXISTS (SELECT 1 FROM hidden AS h WHERE h.comment = f.comment) GROUP BY f.comment)
			WHERE (at, comment) < (?1, ?2) ORDER BY at DESC, comment DESC LIMIT ?3`, func(row *sqlite.Stmt) {
			found = append(found, queuePlace{row.ColumnInt64(0), row.ColumnText(1)})
		}, place.at, place.comment, limit+1)
		if err != nil {
			return err
		}
		if len(found) > limit {
			found = found[:limit]
			next = found[limit-1].cursor()
		}
		cases = make([]talk.Case, len(found))
		for i, p := range found {
			if cases[i], err = readCase(c, p); err != nil {
				return err
			}
		}
		return nil
	})
	return cases, next, err
}

// A queuePlace is where a case stands in the queue.
type queuePlace struct {
	at      int64
	comment string
}

func (p queuePlace) cursor() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%s", p.at, p.comment))
}

func readQueuePlace(cursor string) (p queuePlace, err error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		_, err = fmt.Sscanf(string(text), "%d.%s", &p.at, &p.comment)
	}
	if err != nil || p.cursor() != cursor {
		return p, talk.Refuse(talk.Invalid, "after", "This list can't be continued from there. Please read it from its beginning.")
	}
	return p, nil
}

func readCase(c *sqlite.Conn, p queuePlace) (talk.Case, error) {
	r, err := readRecord(c, p.comment, "")
	if err != nil {
		return talk.Case{}, err
	}
	found := talk.Case{Comment: r.ShownTo("", talk.Owner), At: moment(p.at), Counts: map[talk.Reason]int{}, Flags: []talk.Flagging{}}
	err = run(c, `SELECT page, title, address FROM thread WHERE id = ?1`, func(row *sqlite.Stmt) {
		found.Page, found.Title, found.Address = row.ColumnText(0), row.ColumnText(1), row.ColumnText(2)
	}, r.Thread)
	if err != nil {
		return found, err
	}
	err = run(c, `SELECT f.reason, f.text, f.at, f.person, p.name, p.headline, p.avatar FROM flag AS f LEFT JOIN person AS p ON p.id = f.person
		WHERE f.comment = ?1 AND f.settled = 0 ORDER BY f.at, f.person`, func(row *sqlite.Stmt) {
		f := talk.Flagging{Reason: talk.Reason(row.ColumnText(0)), Text: row.ColumnText(1), At: moment(row.ColumnInt64(2)),
			Person: talk.Person{ID: row.ColumnText(3), Name: row.ColumnText(4), Headline: row.ColumnText(5), Avatar: row.ColumnText(6)}}
		found.Counts[f.Reason]++
		found.Flags = append(found.Flags, f)
	}, p.comment)
	return found, err
}

// Redeem gives a person what an invitation is for, once.
func (s *Store) Redeem(ctx context.Context, kind forum.InvitationKind, hash []byte, person string, at time.Time) error {
	return s.write(ctx, func(c *sqlite.Conn) error {
		t := &tx{Conn: c}
		n, err := t.change(`DELETE FROM invitation WHERE hash = ?1 AND kind = ?2 AND expires > ?3`, hash, string(kind), at.UnixMilli())
		if err != nil {
			return err
		}
		if n == 0 {
			return forum.NotInvited(kind)
		}
		now, err := readStanding(c, person)
		if err != nil {
			return err
		}
		now.Role, now.Banned = talk.Owner, false
		if err := saveStanding(t, person, now); err != nil {
			return err
		}
		w := &forum.Write{Command: talk.Command{Kind: forum.Owned, On: true}, Person: talk.Person{ID: person}, At: at}
		t.standings = map[string]forum.Standing{person: now}
		return record(t, w, "", "", person)
	})
}

func milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
