package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// migrations are applied once each, in the order of their numbers. One that was
// released never changes.
//
//go:embed schema/*.sql
var migrations embed.FS

// A Migration is one step of the schema.
type Migration struct {
	Name    string    // of its file
	Version int64     // its number
	Applied time.Time // zero until it is
}

const (
	migrationTable = "folkmoot_migration"
	migrationLock  = 0x666d6f74 // "fmot": the number of PostgreSQL's advisory lock
)

// migrateWithin is how long others may take to migrate, and lockEvery how often
// it is looked whether they are done: waiting in the server instead would hold
// up the very statements that are waited for (CREATE INDEX CONCURRENTLY).
const (
	migrateWithin = 5 * time.Minute
	lockEvery     = 50 * time.Millisecond
)

// Migrate brings the database at a URL up to date, and returns what it applied.
func Migrate(ctx context.Context, url string) ([]Migration, error) {
	config, err := configure(url)
	if err != nil {
		return nil, err
	}
	return migrate(ctx, config.ConnConfig, slog.New(slog.DiscardHandler))
}

// Status returns all migrations that this program knows, and changes nothing.
func Status(ctx context.Context, url string) ([]Migration, error) {
	config, err := configure(url)
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*config.ConnConfig)
	defer db.Close() //nolint:errcheck // it has nothing to lose
	known, err := status(ctx, db)
	if err != nil {
		return known, explain(config.ConnConfig, err)
	}
	return known, nil
}

// migrate looks first: most starts find nothing to do, and need no lock.
func migrate(ctx context.Context, config *pgx.ConnConfig, log *slog.Logger) (applied []Migration, err error) {
	config = config.Copy()
	config.RuntimeParams["lock_timeout"] = "15s"    // longer than any statement of another node's takes
	config.RuntimeParams["statement_timeout"] = "0" // a large table takes what it takes
	db := stdlib.OpenDB(*config)
	defer db.Close() //nolint:errcheck // it has nothing to lose
	known, err := status(ctx, db)
	if err == nil && slices.ContainsFunc(known, pending) {
		applied, err = migrateLocked(ctx, db, log)
	}
	if err != nil {
		return nil, explain(config, err)
	}
	return applied, nil
}

func pending(m Migration) bool { return m.Applied.IsZero() }

// migrateLocked applies what is pending when it has the lock, if anything is.
func migrateLocked(ctx context.Context, db *sql.DB, log *slog.Logger) (applied []Migration, err error) {
	holder, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer holder.Close() //nolint:errcheck // the lock ends with the session at the latest
	if err := lock(ctx, holder, log); err != nil {
		return nil, err
	}
	defer func() {
		_, unlocking := holder.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, migrationLock)
		err = errors.Join(err, unlocking)
	}()
	files, err := fs.Sub(migrations, "schema")
	if err != nil {
		return nil, err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithTableName(migrationTable), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, err
	}
	results, err := provider.Up(ctx)
	for _, r := range results {
		applied = append(applied, Migration{Name: path.Base(r.Source.Path), Version: r.Source.Version, Applied: time.Now()})
	}
	return applied, err
}

// lock waits until no other node migrates.
func lock(ctx context.Context, holder *sql.Conn, log *slog.Logger) error {
	ctx, cancel := context.WithTimeoutCause(ctx, migrateWithin,
		fmt.Errorf("another node has been migrating the database for %v (see what hangs with: SELECT * FROM pg_stat_activity WHERE application_name = 'folkmoot')", migrateWithin))
	defer cancel()
	tick := time.NewTicker(lockEvery)
	defer tick.Stop()
	for waited := false; ; waited = true {
		var locked bool
		if err := holder.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1)`, migrationLock).Scan(&locked); err != nil {
			return err
		}
		if locked {
			return nil
		}
		if !waited {
			log.Info("waiting for another node that migrates the database")
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// status compares what is embedded with what the database says was applied.
func status(ctx context.Context, db *sql.DB) ([]Migration, error) {
	files, err := fs.Glob(migrations, "schema/*.sql") // sorted by name
	if err != nil {
		return nil, err
	}
	applied, err := appliedVersions(ctx, db)
	if err != nil {
		return nil, err
	}
	var all []Migration
	newest := int64(0)
	for _, f := range files {
		version, err := goose.NumericComponent(f)
		if err != nil {
			return nil, err
		}
		newest = version
		all = append(all, Migration{Name: path.Base(f), Version: version, Applied: applied[version]})
	}
	for version := range applied {
		if version > newest {
			return all, fmt.Errorf("%w: it has format %d, this Folkmoot knows up to %d (run the newer version, or restore a backup made before it)", ErrNewer, version, newest)
		}
	}
	return all, nil
}

func appliedVersions(ctx context.Context, db *sql.DB) (map[int64]time.Time, error) {
	var there bool
	if err := db.QueryRowContext(ctx, `SELECT to_regclass($1) IS NOT NULL`, migrationTable).Scan(&there); err != nil || !there {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, `SELECT version_id, max(tstamp) FROM `+migrationTable+` WHERE is_applied AND version_id > 0 GROUP BY version_id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	applied := map[int64]time.Time{}
	for rows.Next() {
		var version int64
		var at time.Time
		if err := rows.Scan(&version, &at); err != nil {
			return nil, err
		}
		applied[version] = at
	}
	return applied, rows.Err()
}
