package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"folkmoot/server/forum"
	"folkmoot/server/store/storetest"
)

// A database of the first format is brought up to date, with all that it holds.
func TestOpenOfTheFirstFormat(t *testing.T) {
	dir := t.TempDir()
	schema, err := readSchema()
	must(t, err)
	c, err := sqlite.OpenConn(filepath.Join(dir, databaseName), sqlite.OpenReadWrite|sqlite.OpenCreate)
	must(t, err)
	for _, sql := range []string{schema.Migrations[0], storetest.First, fmt.Sprintf(`PRAGMA application_id = %d; PRAGMA user_version = 1;`, appID)} {
		must(t, sqlitex.ExecuteScript(c, sql, nil))
	}
	must(t, c.Close())
	storetest.CheckFirst(t, opened(t, dir))
}

// Whoever keeps order has it written down, in the same transaction.
func TestDeedsAreWrittenDown(t *testing.T) {
	s := opened(t, t.TempDir())
	storetest.Deeds(t, s, func() (deeds []string) {
		must(t, s.read(t.Context(), func(c *sqlite.Conn) error {
			return run(c, `SELECT person || ' ' || role || ' ' || deed || ' ' || is_on || ' ' || thread || ' ' || comment || ' ' || subject || ' ' || why FROM deeds ORDER BY id`, func(row *sqlite.Stmt) {
				deeds = append(deeds, row.ColumnText(0))
			})
		}))
		return deeds
	})
}

// An invitation gets in beside a store that has the folder to itself.
func TestInviteBesideAStore(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir)
	thread := page(t, s)
	for i := range 5 {
		token, invitation := forum.NewLink(time.Unix(1_800_000_000, 0))
		must(t, Invite(t.Context(), dir, invitation))
		commit(t, s, comment(thread, "Ann", fmt.Sprint(i)))
		must(t, s.Redeem(t.Context(), forum.ByLink, invitation.Hash, token, time.Unix(1_800_000_000, 0)))
	}
	must(t, s.Close())
	alter(t, dir, `PRAGMA user_version = 1`)
	lock, err := lockFile(filepath.Join(dir, lockName))
	must(t, err)
	defer lock.Close()
	_, invitation := forum.NewLink(time.Unix(1_800_000_000, 0))
	if err := Invite(t.Context(), dir, invitation); err == nil || errors.Is(err, ErrInUse) {
		t.Errorf("beside a server of another version: %v", err)
	}
}
