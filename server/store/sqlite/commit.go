package sqlite

import (
	"bytes"
	"context"
	"errors"

	"zombiezen.com/go/sqlite"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// Commit carries out the writes in one transaction: one fsync for all of them.
func (s *Store) Commit(ctx context.Context, writes []forum.Write) ([]forum.Outcome, error) {
	if len(writes) == 0 {
		return nil, ctx.Err()
	}
	outcomes, err := s.commit(ctx, writes, false)
	if errors.Is(err, errHalfway) {
		outcomes, err = s.commit(ctx, writes, true)
	}
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}

// errHalfway is of a write that failed when it had changed something already.
var errHalfway = errors.New("a write failed halfway")

// commit carries out the writes in one transaction. A write is refused before
// it changes anything, so that it needs no way back; should one fail later, all
// are begun anew with savepoints, which cost several times as much as the rest.
func (s *Store) commit(ctx context.Context, writes []forum.Write, savepoints bool) ([]forum.Outcome, error) {
	outcomes := make([]forum.Outcome, len(writes))
	follows := &follows{s.followed, map[followed]bool{}}
	err := s.write(ctx, func(c *sqlite.Conn) error {
		standings, selves, err := readStandings(c, writes)
		if err != nil {
			return err
		}
		writes = forum.AsSelves(writes, selves)
		for i := range writes {
			t := &tx{Conn: c, standings: standings, follows: follows}
			if savepoints {
				outcomes[i], err = apart(t, &writes[i])
			} else if outcomes[i], err = once(t, &writes[i]); alone(err) {
				if t.changed {
					return errHalfway
				}
				outcomes[i], err = forum.Outcome{Err: err}, nil
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		follows.keep(!savepoints)
	}
	return outcomes, err
}

// A tx is the transaction as one write sees it.
type tx struct {
	*sqlite.Conn
	changed   bool                      // by this write
	standings map[string]forum.Standing // of those who write, unless they are just anybody
	follows   *follows
}

// change carries out a statement that may change rows, and returns how many.
func (t *tx) change(sql string, args ...any) (int, error) {
	if err := run(t.Conn, sql, nil, args...); err != nil {
		return 0, err
	}
	n := t.Changes()
	t.changed = t.changed || n > 0
	return n, nil
}

// apart carries out a write so that it can fail alone. Its error is one that
// the whole transaction can't survive.
func apart(t *tx, w *forum.Write) (forum.Outcome, error) {
	if err := run(t.Conn, `SAVEPOINT apart`, nil); err != nil {
		return forum.Outcome{}, err
	}
	out, err := once(t, w)
	if err != nil {
		if !alone(err) {
			return forum.Outcome{}, err
		}
		out = forum.Outcome{Err: err}
		if err := run(t.Conn, `ROLLBACK TO apart`, nil); err != nil {
			return forum.Outcome{}, err
		}
	}
	return out, run(t.Conn, `RELEASE apart`, nil)
}

// alone tells errors that are a write's own from those of the disk.
func alone(err error) bool {
	refused := (*talk.Error)(nil)
	code := sqlite.ErrCode(err).ToPrimary()
	return errors.As(err, &refused) || errors.Is(err, errTaken) || code == sqlite.ResultConstraint || code == sqlite.ResultTooBig
}

// once carries out a write, unless one with its ref was.
func once(t *tx, w *forum.Write) (out forum.Outcome, err error) {
	if w.Ref != "" {
		out, err = again(t.Conn, w)
		if err != nil || out.Again {
			return out, err
		}
	}
	subject := w.Command.Comment
	switch w.Command.Kind {
	case talk.React:
		subject = w.Command.Thread
		out, err = react(t, w)
	case talk.Post:
		subject = w.ID
		out, err = post(t, w)
	case talk.Like:
		out, err = like(t, w)
	case talk.Edit, talk.Delete, talk.Restore, talk.Pin, talk.Hold:
		out, err = carry(t, w)
	case talk.Flag:
		out, err = flag(t, w)
	case talk.Lock:
		subject = w.Command.Thread
		out, err = lock(t, w)
	case talk.Ban, talk.Appoint:
		out, err = stand(t, w)
	case talk.Credit:
		out, err = credit(t, w)
	case talk.Follow, talk.Mute, talk.Seen:
		subject = w.Command.Thread
		out, err = forOneself(t, w)
	default:
		err = talk.Refuse(talk.Malformed, "kind", "Folkmoot knows no command %q.", w.Command.Kind)
	}
	if moved := (movedError{}); errors.As(err, &moved) {
		return follow(t, w, moved)
	}
	if err != nil {
		return out, err
	}
	if w.Person.Name != "" {
		if err := sign(t, w, out.Event != nil); err != nil {
			return out, err
		}
	}
	for _, scope := range scopes(w) {
		_, err := t.change(`INSERT INTO done (scope, ref, digest, kind, subject, person, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
			scope, w.Ref, w.Digest, string(w.Command.Kind), subject, w.Person.ID, w.At.UnixMilli())
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// scopes are whose refs a write's is looked for among, and recorded with: its
// person's and, if nobody else can know them yet, everybody's of that kind.
func scopes(w *forum.Write) []string {
	switch {
	case w.Ref == "":
		return nil
	case w.Fresh && w.Person.ID != "":
		return []string{w.Person.ID, ""}
	default:
		return []string{w.Person.ID}
	}
}

// again returns the outcome, as it now is, of an earlier write with the ref. It
// is the earlier person's: of somebody Fresh, the asker may be the same under
// another id.
func again(c *sqlite.Conn, w *forum.Write) (out forum.Outcome, err error) {
	var subject, person string
	var found, same bool
	for _, scope := range scopes(w) {
		err := run(c, `SELECT digest, kind, subject, person FROM done WHERE scope = ?1 AND ref = ?2`, func(row *sqlite.Stmt) {
			found = true
			same = bytes.Equal(columnBytes(row, 0), w.Digest) && row.ColumnText(1) == string(w.Command.Kind)
			subject, person = row.ColumnText(2), row.ColumnText(3)
		}, scope, w.Ref)
		if err != nil {
			return out, err
		}
		if found {
			break
		}
	}
	if !found {
		return out, nil
	}
	if !same {
		return out, talk.Refuse(talk.Conflict, "", "This was already sent with another content. Please send it once more, as something new.")
	}
	out.Again = true
	switch w.Command.Kind {
	case talk.React:
		if out.Result, err = reacted(c, subject, person, w.Command.Reaction); err != nil {
			return out, err
		}
		head, err := readHead(c, subject)
		out.Result.Version = head.Version
		return out, err
	case talk.Like:
		out.Result, err = liked(c, subject, person)
	case talk.Flag:
		out.Result.Flagged = yes(true)
	case talk.Follow, talk.Mute, talk.Seen:
		out.Result, err = marked(c, w, person)
	case talk.Lock:
		err = run(c, `SELECT locked FROM thread WHERE id = ?1`, func(row *sqlite.Stmt) { out.Result.Locked = yes(row.ColumnBool(0)) }, subject)
	default:
		err = againOn(c, w.Command.Kind, subject, person, &out.Result)
	}
	return out, err
}

// againOn answers what was done to a comment before.
func againOn(c *sqlite.Conn, kind talk.Do, comment, person string, answer *talk.Result) error {
	r, err := readRecord(c, comment, person)
	if err != nil {
		return err
	}
	if kind == talk.Ban || kind == talk.Appoint {
		author, err := readStanding(c, r.Author)
		*answer = author.Answer(kind)
		return err
	}
	if kind == talk.Credit {
		*answer = talk.Result{Wrote: &r.Wrote}
		return nil
	}
	standing, err := readStanding(c, person)
	shown := r.ShownTo(person, standing.Effective())
	answer.Comment = &shown
	return err
}

// sign remembers how a person signed last, and that they have published one more.
func sign(t *tx, w *forum.Write, published bool) error {
	p := &w.Person
	_, err := t.change(`INSERT INTO person (id, name, headline, avatar, at, published) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, headline = excluded.headline, avatar = excluded.avatar, at = excluded.at,
			published = published + excluded.published`,
		p.ID, p.Name, p.Headline, p.Avatar, w.At.UnixMilli(), bit(published))
	return err
}
