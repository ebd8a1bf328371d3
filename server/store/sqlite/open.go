package sqlite

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitemigration"

	"folkmoot/server/forum"
)

// Why a folder can't be opened. What Open returns says also what to do.
var (
	ErrUnusable = errors.New("can't use the data folder")
	ErrInUse    = errors.New("another Folkmoot is already using this folder")
	ErrCorrupt  = errors.New("the database is damaged or isn't one of Folkmoot's")
	ErrNewer    = errors.New("the database was made by a newer Folkmoot")
)

var errHeld = errors.New("held by another process")

const (
	databaseName = "folkmoot.db"
	lockName     = "folkmoot.lock"

	magic = "SQLite format 3\x00"
	appID = 0x666d6f74 // "fmot", in the file's header

	// checkedWhole is up to which size a database is checked page by page when
	// it is opened; that takes half a second at most. Of a larger one only the
	// header and the schema are.
	checkedWhole = 64 << 20
)

// migrations, in the order of their names, are applied once each. One that was
// released never changes.
//
//go:embed schema/*.sql
var migrations embed.FS

// Open opens the database in a folder, made if it isn't there, and keeps the
// folder to itself until Close. Its errors say in one line what to do.
func Open(ctx context.Context, dir string) (_ *Store, err error) {
	dir, err = filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return nil, unusable(err)
	}
	lock, err := lockFile(filepath.Join(dir, lockName))
	if errors.Is(err, errHeld) {
		return nil, fmt.Errorf("%w: %s (stop the other one, or choose another folder with --data)", ErrInUse, dir)
	}
	if err != nil {
		return nil, unusable(err)
	}
	s := newStore(filepath.Join(dir, databaseName), lock)
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return s, nil
}

// newStore is a store whose connection that writes is still to come; lock is the
// folder's, or nil.
func newStore(file string, lock *os.File) *Store {
	s := &Store{file: file, lock: lock, writer: make(chan *sqlite.Conn, 1), closing: make(chan struct{})}
	s.readers = readers{file: file, slots: make(chan struct{}, readersMax)}
	s.followed, _ = lru.New[followed, struct{}](followsKept) // fails for sizes below 1 only
	s.close = s.closeOnce()
	return s
}

// start opens the connection that writes, on a database that is whole and of
// this program's format.
func (s *Store) start(ctx context.Context) (err error) {
	// Made here, it is readable by nobody else; its companions take after it.
	f, err := os.OpenFile(s.file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return unusable(err)
	}
	stat, err := f.Stat()
	head := make([]byte, len(magic))
	n, _ := f.ReadAt(head, 0) // what can't be read is missed below
	if err = errors.Join(err, f.Close()); err != nil {
		return unusable(err)
	}
	if stat.Size() > 0 && string(head[:n]) != magic { // SQLite would write over a small file
		return s.explain(ErrCorrupt)
	}
	c, err := connect(s.file, sqlite.OpenReadWrite)
	if err != nil {
		return s.explain(err)
	}
	defer func() {
		if err != nil {
			_ = c.Close() // the first error is the one that helps
		}
	}()
	if err := check(c, stat.Size()); err != nil {
		return s.explain(err)
	}
	schema, err := readSchema()
	if err != nil {
		return err
	}
	version, err := number(c, `PRAGMA user_version`)
	if err != nil {
		return s.explain(err)
	}
	if known := len(schema.Migrations); version > known {
		return fmt.Errorf("%w: %s has format %d, this Folkmoot knows up to %d (run the newer version, or restore a backup made before it)", ErrNewer, s.file, version, known)
	}
	if err := sqlitemigration.Migrate(ctx, c, schema); err != nil {
		return s.explain(err)
	}
	epoch, err := decideMeta(c, "epoch", []byte(forum.NewID()))
	if err != nil {
		return s.explain(err)
	}
	s.epoch = string(epoch)
	if s.version, err = number(c, `PRAGMA data_version`); err != nil {
		return s.explain(err)
	}
	s.writer <- c
	return nil
}

// check finds damage before it is built upon. A database without tables is one
// whose making was cut short.
func check(c *sqlite.Conn, size int64) error {
	app, err := number(c, `PRAGMA application_id`)
	if err != nil {
		return err
	}
	tables, err := number(c, `SELECT count(*) FROM sqlite_schema`)
	if err != nil {
		return err
	}
	if app != appID && tables > 0 {
		return fmt.Errorf("%w: its application_id is %#x", ErrCorrupt, app)
	}
	sql, verdict := `PRAGMA quick_check(1)`, ""
	if size > checkedWhole {
		sql = `PRAGMA quick_check(sqlite_schema)`
	}
	err = run(c, sql, func(row *sqlite.Stmt) { verdict = row.ColumnText(0) })
	if err == nil && verdict != "ok" {
		err = fmt.Errorf("%w: %s", ErrCorrupt, strings.Join(strings.Fields(verdict), " "))
	}
	return err
}

func number(c *sqlite.Conn, sql string) (n int, err error) {
	err = run(c, sql, func(row *sqlite.Stmt) { n = row.ColumnInt(0) })
	return n, err
}

func readSchema() (sqlitemigration.Schema, error) {
	schema := sqlitemigration.Schema{AppID: appID}
	entries, err := migrations.ReadDir("schema") // sorted by name
	for _, e := range entries {
		var sql []byte
		if sql, err = migrations.ReadFile("schema/" + e.Name()); err != nil {
			break
		}
		schema.Migrations = append(schema.Migrations, string(sql))
	}
	return schema, err
}

// explain turns what SQLite says of a file into what to do about it.
func (s *Store) explain(err error) error {
	switch code := sqlite.ErrCode(err).ToPrimary(); {
	case errors.Is(err, ErrCorrupt):
	case code == sqlite.ResultCorrupt, code == sqlite.ResultNotADB, code == sqlite.ResultFormat:
		err = fmt.Errorf("%w: %w", ErrCorrupt, err)
	case code == sqlite.ResultCantOpen, code == sqlite.ResultReadOnly, code == sqlite.ResultPerm,
		code == sqlite.ResultFull, code == sqlite.ResultIOErr:
		return unusable(fmt.Errorf("%s: %w", s.file, err))
	default:
		return fmt.Errorf("opening %s: %w", s.file, err)
	}
	return fmt.Errorf("%w (move %s and its -wal away, then restore a backup)", err, s.file)
}

func unusable(err error) error {
	return fmt.Errorf("%w: %w (make it writable and see that the disk has room, or choose another with --data)", ErrUnusable, err)
}
