package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// empty makes a database without tables.
func empty(t *testing.T) string {
	t.Helper()
	return made(t, "")
}

func TestTenNodesStartAtOnce(t *testing.T) {
	t.Parallel()
	url := empty(t)
	epochs := make([]string, 10)
	secrets := make([]string, 10)
	var wg sync.WaitGroup
	for i := range epochs {
		wg.Go(func() {
			s, err := Open(t.Context(), url, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			secret, err := s.Secret(t.Context(), "session", fmt.Append(nil, i))
			if err != nil {
				t.Error(err)
			}
			epochs[i], secrets[i] = s.Epoch(), string(secret)
		})
	}
	wg.Wait()
	for i := range epochs {
		if epochs[i] != epochs[0] || epochs[i] == "" || secrets[i] != secrets[0] {
			t.Fatalf("nodes disagree: %q, %q", epochs, secrets)
		}
	}
	if n := number(t, url, `SELECT count(*) FROM `+migrationTable+` WHERE version_id = 1`); n != 1 {
		t.Errorf("migrated %d times", n)
	}
	if n := number(t, url, `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`); n != 0 {
		t.Errorf("%d locks are left", n)
	}
}

func TestMigrateSaysWhatItDoes(t *testing.T) {
	t.Parallel()
	url := empty(t)
	names, err := migrations.ReadDir("schema")
	must(t, err)
	for i, want := range []int{len(names), 0} {
		all, err := Status(t.Context(), url)
		if err != nil || len(all) != len(names) || all[0].Name != "0001_conversations.sql" || all[0].Applied.IsZero() != (i == 0) {
			t.Fatal(all, err)
		}
		applied, err := Migrate(t.Context(), url)
		if err != nil || len(applied) != want {
			t.Fatal(applied, err)
		}
	}
	if n := number(t, url, `SELECT count(*) FROM pg_class WHERE relname = 'goose_db_version'`); n != 0 {
		t.Error("the table of another program's migrations was made")
	}
}

func TestOpenWaitsForWhoMigrates(t *testing.T) {
	t.Parallel()
	url := empty(t)
	other, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer other.Close(context.Background())
	_, err = other.Exec(t.Context(), `SELECT pg_advisory_lock($1)`, migrationLock)
	must(t, err)
	logged := make(chan string, 10)
	done := make(chan error, 1)
	go func() {
		s, err := Open(t.Context(), url, slog.New(slog.NewTextHandler(lines(logged), nil)))
		if err == nil {
			err = s.Close()
		}
		done <- err
	}()
	if line := <-logged; !strings.Contains(line, "waiting for another node") {
		t.Error(line)
	}
	other.Close(t.Context())
	must(t, <-done)
}

type lines chan string

func (l lines) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	hba := filepath.Join(cluster, "pg_hba.conf")
	rules, err := os.ReadFile(hba)
	must(t, err)
	must(t, os.WriteFile(hba, append([]byte("host all asked 127.0.0.1/32 scram-sha-256\n"), rules...), 0o600))
	must(t, execute(t.Context(), server.URL, `SELECT pg_reload_conf()`,
		`CREATE ROLE asked LOGIN PASSWORD 'hunter2'`, `CREATE ROLE guest LOGIN`, `CREATE ROLE crowded LOGIN CONNECTION LIMIT 0`))
	t.Cleanup(func() { must(t, execute(context.Background(), server.URL, `DROP ROLE asked, guest, crowded`)) })
	as := func(user, url string) string { return strings.Replace(url, "postgres@", user+"@", 1) }
	newer, foreign, migrated := empty(t), empty(t), empty(t)
	_, err = Migrate(t.Context(), newer)
	must(t, err)
	must(t, execute(t.Context(), newer, `INSERT INTO `+migrationTable+` (version_id, is_applied) VALUES (99, true)`))
	must(t, execute(t.Context(), foreign, `CREATE TABLE comment (id int)`))
	_, err = Migrate(t.Context(), migrated)
	must(t, err)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer silent.Close()

	for name, test := range map[string]struct {
		url  string
		want error
	}{
		"nothing":                  {"", ErrURL},
		"another database's":       {"mysql://root:hunter2@localhost/x", ErrURL},
		"a slash in the password":  {"postgres://asked:hun/ter2@localhost/x", ErrURL},
		"no port":                  {"postgres://asked:hunter2@localhost:port/x", ErrURL},
		"a bad parameter":          {"postgres://asked:hunter2@localhost/x?sslmode=hunter2", ErrURL},
		"a bad number":             {"postgres://asked:hunter2@localhost/x?pool_max_conns=many", ErrURL},
		"a missing certificate":    {"postgres://asked:hunter2@localhost/x?sslrootcert=/nowhere", ErrURL},
		"nobody there":             {"postgres://asked:hunter2@127.0.0.1:1/x", ErrUnreachable},
		"no such host":             {"postgres://asked:hunter2@db.invalid/x", ErrUnreachable},
		"somebody who is silent":   {"postgres://asked:hunter2@" + silent.Addr().String() + "/x?connect_timeout=1", ErrUnreachable},
		"encryption that isn't":    {strings.Replace(as("asked:hunter2", server.URL), "disable", "require", 1), ErrUnreachable},
		"a wrong password":         {as("asked:hunter3", server.URL), ErrRefused},
		"no password":              {as("asked", server.URL), ErrRefused},
		"no such user":             {as("nobody:hunter2", server.URL), ErrRefused},
		"no such database":         {in(as("asked:hunter2", server.URL), "absent"), ErrMissing},
		"may not make tables":      {as("guest:hunter2", empty(t)), ErrForbidden},
		"may not read them":        {as("guest:hunter2", migrated), ErrForbidden},
		"too many connections":     {as("crowded:hunter2", server.URL), ErrUnreachable},
		"a newer one":              {newer, ErrNewer},
		"another program's tables": {foreign, ErrForeign},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(t.Context(), test.url, slog.New(slog.DiscardHandler))
			if err == nil {
				s.Close()
			}
			if !errors.Is(err, test.want) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if said := err.Error(); strings.Contains(said, "\n") || !strings.HasSuffix(said, ")") || strings.Contains(said, "hunter") || strings.Contains(said, "ter2") {
				t.Errorf("not one line that says what to do, without the password: %s", said)
			}
		})
	}
}

// number is what a query says, asked beside any store.
func number(t *testing.T, url, sql string) (n int) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer c.Close(context.Background())
	must(t, c.QueryRow(t.Context(), sql).Scan(&n))
	return n
}
