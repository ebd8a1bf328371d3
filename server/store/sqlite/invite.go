package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"zombiezen.com/go/sqlite"

	"folkmoot/server/forum"
)

// Invite keeps an invitation until it is redeemed.
func (s *Store) Invite(ctx context.Context, i forum.Invitation) error {
	return s.write(ctx, func(c *sqlite.Conn) error { return invite(c, i) })
}

func invite(c *sqlite.Conn, i forum.Invitation) error {
	return run(c, `INSERT INTO invitation (hash, kind, by, expires) VALUES (?1, ?2, ?3, ?4)`, nil,
		i.Hash, string(i.Kind), i.By, i.Expires.UnixMilli())
}

// Invite keeps an invitation in the database of a folder, whether a server is
// using it or not. Beside a server it writes through a connection of its own:
// the folder's lock keeps a second server out, while the write-ahead log and
// SQLite's own locks let a second writer in for a moment. The server's next
// commit waits for it, as it would for somebody's sqlite3 shell.
func Invite(ctx context.Context, dir string, i forum.Invitation) error {
	file := filepath.Join(dir, databaseName)
	if isDatabase(file) {
		done, err := inviteBeside(file, i)
		if done || err != nil {
			return err
		}
	}
	s, err := Open(ctx, dir) // makes it, or brings it up to date
	if errors.Is(err, ErrInUse) {
		return fmt.Errorf("%s is in use by a server of another version: restart it with this one, then try again", dir)
	}
	if err != nil {
		return err
	}
	return errors.Join(s.Invite(ctx, i), s.Close())
}

// isDatabase looks before SQLite does, which would write over a small file.
func isDatabase(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, len(magic))
	n, _ := f.ReadAt(head, 0)
	return string(head[:n]) == magic
}

// inviteBeside does so in a database of this program's format, else nothing.
func inviteBeside(file string, i forum.Invitation) (done bool, err error) {
	c, err := connect(file, sqlite.OpenReadWrite)
	if err != nil {
		return false, nil // Open says what is wrong with it
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	schema, err := readSchema()
	if err != nil {
		return false, err
	}
	app, err := number(c, `PRAGMA application_id`)
	if err != nil || app != appID {
		return false, nil //nolint:nilerr // Open says what is wrong with it
	}
	if version, err := number(c, `PRAGMA user_version`); err != nil || version != len(schema.Migrations) {
		return false, nil //nolint:nilerr // as above
	}
	return true, invite(c, i)
}
