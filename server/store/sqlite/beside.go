package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"zombiezen.com/go/sqlite"
)

// ErrNone is of a folder that has no database.
var ErrNone = errors.New("there is no database")

// OpenBeside opens the database of a folder whether a server is using it or not,
// and makes none. Beside a server it reads and writes through connections of its
// own: the folder's lock keeps a second server out, while the write-ahead log and
// SQLite's own locks let a second writer in for a moment. The server's next
// commit waits for it, as it would for somebody's sqlite3 shell, and it finds out
// by [Store.Touched].
func OpenBeside(ctx context.Context, dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, unusable(err)
	}
	file := filepath.Join(dir, databaseName)
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w in %s (name the folder that the server keeps its data in with --data)", ErrNone, dir)
	}
	s, err := beside(file)
	if s != nil || err != nil {
		return s, err
	}
	s, err = Open(ctx, dir) // brings it up to date, or says what is wrong with it
	if errors.Is(err, ErrInUse) {
		return nil, fmt.Errorf("%s is in use by a server of another version: restart it with this one, then try again", dir)
	}
	return s, err
}

// beside opens a database of this program's format, or nothing.
func beside(file string) (_ *Store, err error) {
	if !isDatabase(file) {
		return nil, nil
	}
	c, err := connect(file, sqlite.OpenReadWrite)
	if err != nil {
		return nil, nil //nolint:nilerr // Open says what is wrong with it
	}
	s := newStore(file, nil)
	ours, err := s.isOurs(c)
	if !ours || err != nil {
		return nil, errors.Join(err, c.Close())
	}
	s.writer <- c
	return s, nil
}

// isOurs reads the epoch of a database of this program's format.
func (s *Store) isOurs(c *sqlite.Conn) (bool, error) {
	schema, err := readSchema()
	if err != nil {
		return false, err
	}
	app, err := number(c, `PRAGMA application_id`)
	if err != nil || app != appID {
		return false, nil //nolint:nilerr // Open says what is wrong with it
	}
	version, err := number(c, `PRAGMA user_version`)
	if err != nil || version != len(schema.Migrations) {
		return false, nil //nolint:nilerr // as above
	}
	epoch, found, err := readMeta(c, "epoch")
	s.epoch = string(epoch)
	return found, err
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

// Touched reports whether another program has written to the database since it
// was asked last, or since it was opened. (PRAGMA data_version changes on a
// connection when another one has written, and this is the one that writes.)
func (s *Store) Touched(ctx context.Context) (touched bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	var c *sqlite.Conn
	select {
	case c = <-s.writer:
	case <-ctx.Done():
		return false, ctx.Err()
	case <-s.closing:
		return false, errClosed
	}
	defer func() { s.writer <- c }()
	version, err := number(c, `PRAGMA data_version`)
	if err != nil {
		return false, err
	}
	touched = s.version != 0 && version != s.version
	s.version = version
	return touched, nil
}
