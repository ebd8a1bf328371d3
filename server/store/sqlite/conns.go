package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

const (
	readersMax = 4
	cacheKiB   = 4096            // of each connection; the system's own cache holds the rest
	busy       = 5 * time.Second // somebody's sqlite3 shell may hold the database for a moment
	walMax     = 64 << 20        // bytes that the log's file may keep after a burst
)

// connect opens a connection. Only those that write may change the file.
func connect(file string, flags sqlite.OpenFlags) (*sqlite.Conn, error) {
	c, err := sqlite.OpenConn(file, flags)
	if err != nil {
		return nil, err
	}
	c.SetBusyTimeout(busy)
	pragmas := []string{
		fmt.Sprintf(`cache_size = -%d`, cacheKiB),
		`temp_store = memory`,
		`foreign_keys = on`,
	}
	if flags&sqlite.OpenReadWrite != 0 {
		pragmas = append(pragmas,
			`journal_mode = wal`,
			`synchronous = full`,
			`secure_delete = on`, // what is dropped is overwritten, not only unlinked
			fmt.Sprintf(`journal_size_limit = %d`, walMax),
		)
	}
	for _, p := range pragmas {
		if err := sqlitex.ExecuteTransient(c, `PRAGMA `+p, nil); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return c, nil
}

// write runs do in a transaction of its own and returns once it is on disk. A
// context is heard while others write; what has begun is carried through.
func (s *Store) write(ctx context.Context, do func(*sqlite.Conn) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	var c *sqlite.Conn
	select {
	case c = <-s.writer:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closing:
		return errClosed
	}
	defer func() {
		if !c.AutocommitEnabled() { // some errors have rolled back already
			err = errors.Join(err, run(c, `ROLLBACK`, nil))
		}
		s.writer <- c
	}()
	if err := run(c, `BEGIN IMMEDIATE`, nil); err != nil {
		return err
	}
	if err := do(c); err != nil {
		return err
	}
	return run(c, `COMMIT`, nil)
}

// read runs do in a transaction that sees the database at one moment, and ends
// it when the context does.
func (s *Store) read(ctx context.Context, do func(*sqlite.Conn) error) error {
	c, err := s.readers.take(ctx, s.closing)
	if err != nil {
		return err
	}
	defer s.readers.put(c)
	c.SetInterrupt(ctx.Done())
	if err = run(c, `BEGIN`, nil); err == nil {
		err = do(c)
	}
	c.SetInterrupt(nil) // else the transaction couldn't be ended
	if !c.AutocommitEnabled() {
		err = errors.Join(err, run(c, `ROLLBACK`, nil))
	}
	if sqlite.ErrCode(err) == sqlite.ResultInterrupt {
		return ctx.Err()
	}
	return err
}

// readers are the connections that only read, made when they are needed.
type readers struct {
	file  string
	slots chan struct{} // has one for each that is at work
	mu    sync.Mutex
	idle  []*sqlite.Conn
}

func (r *readers) take(ctx context.Context, closing <-chan struct{}) (*sqlite.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-closing:
		return nil, errClosed
	default:
	}
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-closing:
		return nil, errClosed
	}
	r.mu.Lock()
	if n := len(r.idle); n > 0 {
		c := r.idle[n-1]
		r.idle = r.idle[:n-1]
		r.mu.Unlock()
		return c, nil
	}
	r.mu.Unlock()
	c, err := connect(r.file, sqlite.OpenReadOnly)
	if err != nil {
		<-r.slots
		return nil, err
	}
	return c, nil
}

func (r *readers) put(c *sqlite.Conn) {
	r.mu.Lock()
	r.idle = append(r.idle, c)
	r.mu.Unlock()
	<-r.slots
}

// close waits for those at work; the slots stay taken.
func (r *readers) close() {
	for range readersMax {
		r.slots <- struct{}{}
	}
	for _, c := range r.idle {
		_ = c.Close() // it has nothing to lose
	}
	r.idle = nil
}

// run carries out one statement, and calls each, unless it is nil, with every
// row. Statements are prepared once for each connection.
func run(c *sqlite.Conn, sql string, each func(row *sqlite.Stmt), args ...any) error {
	stmt, err := c.Prepare(sql)
	if err != nil {
		return err
	}
	for i, a := range args {
		switch a := a.(type) {
		case string:
			stmt.BindText(i+1, a)
		case []byte:
			stmt.BindBytes(i+1, a)
		case int:
			stmt.BindInt64(i+1, int64(a))
		case int64:
			stmt.BindInt64(i+1, a)
		case float64:
			stmt.BindFloat(i+1, a)
		case nil:
			stmt.BindNull(i + 1)
		default:
			return fmt.Errorf("can't bind a %T", a)
		}
	}
	for {
		more, err := stmt.Step()
		if err != nil {
			return err
		}
		if !more {
			return stmt.Reset()
		}
		if each != nil {
			each(stmt)
		}
	}
}

func columnBytes(row *sqlite.Stmt, column int) []byte {
	b := make([]byte, row.ColumnLen(column))
	row.ColumnBytes(column, b)
	return b
}
