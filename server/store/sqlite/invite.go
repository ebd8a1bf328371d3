package sqlite

import (
	"context"
	"errors"

	"zombiezen.com/go/sqlite"

	"folkmoot/server/forum"
)

// Invite keeps an invitation until it is redeemed.
func (s *Store) Invite(ctx context.Context, i forum.Invitation) error {
	return s.write(ctx, func(c *sqlite.Conn) error {
		return run(c, `INSERT INTO invitation (hash, kind, by, expires) VALUES (?1, ?2, ?3, ?4)`, nil,
			i.Hash, string(i.Kind), i.By, i.Expires.UnixMilli())
	})
}

// Invite keeps an invitation in the database of a folder, which is made if it
// isn't there, whether a server is using it or not.
func Invite(ctx context.Context, dir string, i forum.Invitation) error {
	s, err := OpenBeside(ctx, dir)
	if errors.Is(err, ErrNone) {
		s, err = Open(ctx, dir)
	}
	if err != nil {
		return err
	}
	return errors.Join(s.Invite(ctx, i), s.Close())
}
