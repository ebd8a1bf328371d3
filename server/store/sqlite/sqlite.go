// Package sqlite remembers in one SQLite file: the store of a Folkmoot that
// runs as a single program. It keeps the contract of forum.Store, and knows
// forum, talk and its driver, but nothing of HTTP or of who may do what.
//
// One connection writes, up to four read, and the write-ahead log lets them do
// so at the same time. A commit is on disk when it returns (synchronous=FULL).
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"folkmoot/server/forum"
)

// A Store is a forum.Store in a folder of its own. Make one with [Open].
type Store struct {
	file     string
	lock     *os.File // held for the store's life, so that nobody else opens the folder; nil beside a server
	epoch    string
	writer   chan *sqlite.Conn // holds the connection that writes, while nobody does
	readers  readers
	followed *lru.Cache[followed, struct{}] // rows that are known to be there
	closing  chan struct{}                  // closed first by Close
	version  int                            // of the data, as the connection that writes saw it last; whoever has that may look
	close    func() error
}

var _ forum.Store = (*Store)(nil)

var errClosed = errors.New("the database is closed")

// Epoch returns the database's random id.
func (s *Store) Epoch() string { return s.epoch }

// Ping reports whether the database can be read.
func (s *Store) Ping(ctx context.Context) error {
	return s.read(ctx, func(c *sqlite.Conn) error {
		return run(c, `SELECT value FROM meta WHERE key = 'epoch'`, nil)
	})
}

// Secret returns the secret of a name, which the first call decides.
func (s *Store) Secret(ctx context.Context, name string, first []byte) ([]byte, error) {
	key := "secret/" + name
	var secret []byte
	var found bool
	err := s.read(ctx, func(c *sqlite.Conn) (err error) {
		secret, found, err = readMeta(c, key)
		return err
	})
	if err != nil || found {
		return secret, err
	}
	err = s.write(ctx, func(c *sqlite.Conn) (err error) {
		secret, err = decideMeta(c, key, first)
		return err
	})
	return secret, err
}

// forgetAtOnce bounds a transaction of Forget, so that commits don't wait for
// it longer than for one another.
const forgetAtOnce = 500

// Forget drops what recognizes refs that were used before the time, what was
// removed before it, and invitations. It drops a few at a time.
func (s *Store) Forget(ctx context.Context, before time.Time) error {
	err := s.write(ctx, func(c *sqlite.Conn) error {
		return run(c, `DELETE FROM invitation WHERE expires < ?1`, nil, before.UnixMilli())
	})
	if err != nil {
		return err
	}
	if err := s.forgetRemoved(ctx, before); err != nil {
		return err
	}
	return s.forgetRefs(ctx, before)
}

// forgetRemoved drops what comments said that were removed before the time.
func (s *Store) forgetRemoved(ctx context.Context, before time.Time) error {
	for n := forgetAtOnce; n == forgetAtOnce; {
		err := s.write(ctx, func(c *sqlite.Conn) error {
			const some = ` WHERE comment IN (SELECT comment FROM hidden WHERE state = 'removed' AND since < ?1 ORDER BY since, comment LIMIT ?2)`
			if err := run(c, `DELETE FROM mention`+some, nil, before.UnixMilli(), forgetAtOnce); err != nil {
				return err
			}
			err := run(c, `DELETE FROM hidden`+some, nil, before.UnixMilli(), forgetAtOnce)
			n = c.Changes()
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetRefs looks through all refs, beside the writing.
func (s *Store) forgetRefs(ctx context.Context, before time.Time) error {
	for last := int64(0); ; {
		var old []int64
		err := s.read(ctx, func(c *sqlite.Conn) error {
			return run(c, `SELECT id FROM done WHERE id > ?1 AND at < ?2 ORDER BY id LIMIT ?3`, func(row *sqlite.Stmt) {
				last = row.ColumnInt64(0)
				old = append(old, last)
			}, last, before.UnixMilli(), forgetAtOnce)
		})
		if err != nil || len(old) == 0 {
			return err
		}
		err = s.write(ctx, func(c *sqlite.Conn) error {
			return run(c, `DELETE FROM done WHERE id IN (SELECT value FROM json_each(?1))`, nil, jsonOf(old))
		})
		if err != nil {
			return err
		}
	}
}

// Close waits for what is under way, moves the write-ahead log into the
// database and lets go of the folder. Closing again does nothing.
func (s *Store) Close() error { return s.close() }

func (s *Store) closeOnce() func() error {
	return sync.OnceValue(func() error {
		close(s.closing)
		c := <-s.writer
		s.readers.close()
		if s.lock == nil {
			return c.Close()
		}
		err := sqlitex.ExecuteTransient(c, `PRAGMA wal_checkpoint(TRUNCATE)`, nil)
		err = errors.Join(err, c.Close(), s.lock.Close())
		if err != nil {
			return fmt.Errorf("closing %s: %w", s.file, err)
		}
		return nil
	})
}

func readMeta(c *sqlite.Conn, key string) (value []byte, found bool, err error) {
	err = run(c, `SELECT value FROM meta WHERE key = ?1`, func(row *sqlite.Stmt) {
		value, found = columnBytes(row, 0), true
	}, key)
	return value, found, err
}

// decideMeta sets a value unless it has one, and returns which it has.
func decideMeta(c *sqlite.Conn, key string, first []byte) ([]byte, error) {
	if err := run(c, `INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING`, nil, key, first); err != nil {
		return nil, err
	}
	value, _, err := readMeta(c, key)
	return value, err
}
