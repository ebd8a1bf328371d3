// Package postgres remembers in a PostgreSQL database: the store that any number
// of Folkmoot's nodes share. It keeps the contract of forum.Store, and knows
// forum, talk and its driver, but nothing of HTTP or of who may do what.
//
// A batch of writes is one transaction of two round trips, however many writes
// it has: it locks the rows of its threads and reads what the writes need to
// know; decides each in memory, in order; and writes all that changed. A read is
// one round trip. Nothing waits for a node that hangs longer than the timeouts
// in connect.go say.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"folkmoot/server/forum"
)

// A Store is a forum.Store in a PostgreSQL database. Make one with [Open].
type Store struct {
	pool    *pgxpool.Pool
	log     *slog.Logger
	epoch   string
	closing chan struct{} // closed first by Close
	close   func()
}

var _ forum.Store = (*Store)(nil)

var errClosed = errors.New("the database is closed")

// Open connects to the database at a URL such as
// postgres://folkmoot:secret@db.example:5432/folkmoot and brings its schema up
// to date; of many nodes that open an old one at the same time, one does. Its
// errors say in one line what to do, and never the password.
func Open(ctx context.Context, url string, log *slog.Logger) (*Store, error) {
	config, err := configure(url)
	if err != nil {
		return nil, err
	}
	applied, err := migrate(ctx, config.ConnConfig, log)
	if err != nil {
		return nil, err
	}
	for _, m := range applied {
		log.Info("migrated the database", "migration", m.Name)
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, explain(config.ConnConfig, err)
	}
	s := &Store{pool: pool, log: log, closing: make(chan struct{})}
	s.close = sync.OnceFunc(func() {
		close(s.closing)
		pool.Close()
	})
	epoch, err := s.decideMeta(ctx, "epoch", []byte(forum.NewID()))
	if err != nil {
		s.close()
		return nil, explain(config.ConnConfig, err)
	}
	s.epoch = string(epoch)
	return s, nil
}

// Epoch returns the database's random id.
func (s *Store) Epoch() string { return s.epoch }

// Close waits for what is under way. Closing again does nothing.
func (s *Store) Close() error {
	s.close()
	return nil
}

// pingWithin is how soon whoever asks whether the database can be read knows.
const pingWithin = 2 * time.Second

// Ping reports whether the database can be read.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingWithin)
	defer cancel()
	return s.do(ctx, func(_ context.Context, c *pgx.Conn) error { // with the context that hears the caller
		_, err := c.Exec(ctx, `SELECT value FROM meta WHERE key = 'epoch'`)
		return err
	})
}

// Secret returns the secret of a name, which the first call decides.
func (s *Store) Secret(ctx context.Context, name string, first []byte) ([]byte, error) {
	return s.decideMeta(ctx, "secret/"+name, first)
}

// decideMeta sets a value unless it has one, and returns which it has.
func (s *Store) decideMeta(ctx context.Context, key string, first []byte) (value []byte, err error) {
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		b := &pgx.Batch{}
		b.Queue(`INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING`, key, first)
		b.Queue(`SELECT value FROM meta WHERE key = $1`, key).QueryRow(func(row pgx.Row) error { return row.Scan(&value) })
		return c.SendBatch(ctx, b).Close()
	})
	return value, err
}

// forgetAtOnce bounds a statement of Forget, so that commits don't wait for it
// longer than for one another.
const forgetAtOnce = 1000

// Forget drops what recognizes refs that were used before the time, what was
// removed before it, and invitations, a few at a time. Nodes that do so at the
// same time share the work.
func (s *Store) Forget(ctx context.Context, before time.Time) error {
	for _, sql := range []string{
		`DELETE FROM invitation WHERE ctid = ANY (ARRAY(SELECT ctid FROM invitation WHERE expires < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))`,
		`WITH gone AS (DELETE FROM hidden WHERE ctid = ANY (ARRAY(
				SELECT ctid FROM hidden WHERE state = 'removed' AND since < $1 ORDER BY since LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING comment),
			theirs AS (DELETE FROM mention WHERE comment IN (SELECT comment FROM gone))
			SELECT comment FROM gone`,
		`DELETE FROM done WHERE ctid = ANY (ARRAY(
			SELECT ctid FROM done WHERE at < $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED))`,
	} {
		if err := s.forget(ctx, sql, before); err != nil {
			return err
		}
	}
	return s.forgetSelves(ctx, time.Now())
}

func (s *Store) forget(ctx context.Context, sql string, before time.Time) error {
	for {
		var dropped int64
		err := s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
			tag, err := c.Exec(ctx, sql, before.UnixMilli(), forgetAtOnce)
			dropped = tag.RowsAffected()
			return err
		})
		if err != nil || dropped < forgetAtOnce {
			return err
		}
	}
}

// workWithin is how long the database may take for anything, waiting for others
// included, before it counts as gone. A server that is there ends a statement
// sooner.
const workWithin = 10 * time.Second

// do does what may be done twice: a read, or a change that makes no difference
// when it is made again. A connection may have broken while it was idle, as all
// do when the server restarts, so that the first try finds out and the second
// is on a new one. The caller's context is heard until do has a connection; what
// has begun is carried through, because to break it off costs a connection.
func (s *Store) do(ctx context.Context, work func(context.Context, *pgx.Conn) error) error {
	broken, err := s.try(ctx, work)
	if broken && ctx.Err() == nil {
		s.pool.Reset() // the other idle ones are probably broken, too
		_, err = s.try(ctx, work)
	}
	return err
}

// try tries once, and tells whether the connection has broken meanwhile.
func (s *Store) try(ctx context.Context, work func(context.Context, *pgx.Conn) error) (broken bool, err error) {
	within, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), workWithin, errors.New("the database takes too long to answer"))
	defer cancel()
	c, err := s.acquire(ctx, within)
	if err != nil {
		return false, err
	}
	defer c.Release()
	err = work(within, c.Conn())
	if err != nil && within.Err() != nil {
		s.pool.Reset() // nobody should find out again, on another connection
		return false, fmt.Errorf("%w: %w", context.Cause(within), err)
	}
	return err != nil && c.Conn().IsClosed(), err
}

// acquire waits for a connection until the caller gives up, or within says so.
func (s *Store) acquire(ctx, within context.Context) (*pgxpool.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	waiting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(within, func() { cancel(context.Cause(within)) })
	defer stop()
	c, err := s.pool.Acquire(waiting)
	if err == nil {
		return c, nil
	}
	select {
	case <-s.closing:
		return nil, errClosed
	default:
	}
	if ctx.Err() == nil && within.Err() != nil {
		return nil, context.Cause(within)
	}
	return nil, err
}
