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
	outcomes := make([]forum.Outcome, len(writes))
	err := s.write(ctx, func(c *sqlite.Conn) (err error) {
		for i := range writes {
			if outcomes[i], err = apart(c, &writes[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}

// apart carries out a write so that it can fail alone. Its error is one that
// the whole transaction can't survive.
func apart(c *sqlite.Conn, w *forum.Write) (forum.Outcome, error) {
	if err := run(c, `SAVEPOINT apart`, nil); err != nil {
		return forum.Outcome{}, err
	}
	out, err := once(c, w)
	if err != nil {
		if !alone(err) {
			return forum.Outcome{}, err
		}
		out = forum.Outcome{Err: err}
		if err := run(c, `ROLLBACK TO apart`, nil); err != nil {
			return forum.Outcome{}, err
		}
	}
	return out, run(c, `RELEASE apart`, nil)
}

// alone tells errors that are a write's own from those of the disk.
func alone(err error) bool {
	refused := (*talk.Error)(nil)
	code := sqlite.ErrCode(err).ToPrimary()
	return errors.As(err, &refused) || code == sqlite.ResultConstraint || code == sqlite.ResultTooBig
}

// once carries out a write, unless one with its ref was.
func once(c *sqlite.Conn, w *forum.Write) (out forum.Outcome, err error) {
	if w.Ref != "" {
		out, err = again(c, w)
		if err != nil || out.Again {
			return out, err
		}
	}
	subject := w.Command.Comment
	switch w.Command.Kind {
	case talk.React:
		subject = w.Command.Thread
		out, err = react(c, w)
	case talk.Post:
		subject = w.ID
		out, err = post(c, w)
	case talk.Like:
		out, err = like(c, w)
	case talk.Delete:
		out, err = remove(c, w)
	default:
		err = talk.Refuse(talk.Malformed, "kind", "Folkmoot knows no command %q.", w.Command.Kind)
	}
	if err != nil {
		return out, err
	}
	if w.Person.Name != "" {
		if err := sign(c, w); err != nil {
			return out, err
		}
	}
	for _, scope := range scopes(w) {
		err := run(c, `INSERT INTO done (scope, ref, digest, kind, subject, person, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`, nil,
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
		out.Result, err = reacted(c, subject, person, w.Command.Reaction)
	case talk.Like:
		out.Result, err = liked(c, subject, person)
	default:
		out.Result.Comment, _, err = readComment(c, subject, person)
	}
	return out, err
}

// sign remembers how a person signed last.
func sign(c *sqlite.Conn, w *forum.Write) error {
	p := &w.Person
	return run(c, `INSERT INTO person (id, name, headline, avatar, at) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, headline = excluded.headline, avatar = excluded.avatar, at = excluded.at`, nil,
		p.ID, p.Name, p.Headline, p.Avatar, w.At.UnixMilli())
}
