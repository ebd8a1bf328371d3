package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

func TestOpenMakesAPrivateFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	opened(t, dir)
	for _, want := range []struct {
		name string
		mode os.FileMode
	}{{"", 0o700}, {databaseName, 0o600}, {databaseName + "-wal", 0o600}, {lockName, 0o600}} {
		info, err := os.Stat(filepath.Join(dir, want.name))
		if err != nil || info.Mode().Perm() != want.mode {
			t.Errorf("%q: %v, %v", want.name, info.Mode(), err)
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	for _, test := range []struct {
		name string
		want error
		harm func(t *testing.T, dir string)
	}{
		{"a file in the folder's place", ErrUnusable, func(t *testing.T, dir string) {
			must(t, os.RemoveAll(dir))
			write(t, dir, "not a folder")
		}},
		{"a folder in the lock's place", ErrUnusable, func(t *testing.T, dir string) {
			must(t, os.Remove(filepath.Join(dir, lockName)))
			must(t, os.Mkdir(filepath.Join(dir, lockName), 0o700))
		}},
		{"a folder in the database's place", ErrUnusable, func(t *testing.T, dir string) {
			must(t, os.Remove(filepath.Join(dir, databaseName)))
			must(t, os.Mkdir(filepath.Join(dir, databaseName), 0o700))
		}},
		{"a folder that can't be written", ErrUnusable, func(t *testing.T, dir string) {
			must(t, os.RemoveAll(dir)) // root may write to any folder but those of the kernel
			must(t, os.Symlink("/proc", dir))
		}},
		{"no database", ErrCorrupt, func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, databaseName), strings.Repeat("Dear diary, ", 1000))
		}},
		{"a few bytes", ErrCorrupt, func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, databaseName), "x")
		}},
		{"half of it", ErrCorrupt, func(t *testing.T, dir string) {
			file := filepath.Join(dir, databaseName)
			info, err := os.Stat(file)
			must(t, err)
			must(t, os.Truncate(file, info.Size()/2))
		}},
		{"a page that was overwritten", ErrCorrupt, func(t *testing.T, dir string) {
			overwrite(t, filepath.Join(dir, databaseName), 4096*3)
		}},
		{"a schema that was overwritten", ErrCorrupt, func(t *testing.T, dir string) {
			overwrite(t, filepath.Join(dir, databaseName), 100)
		}},
		{"another program's", ErrCorrupt, func(t *testing.T, dir string) {
			alter(t, dir, `PRAGMA application_id = 1`)
		}},
		{"a newer format", ErrNewer, func(t *testing.T, dir string) {
			alter(t, dir, `PRAGMA user_version = 99`)
		}},
		{"in use", ErrInUse, func(t *testing.T, dir string) {
			opened(t, dir)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			must(t, opened(t, dir).Close())
			test.harm(t, dir)
			s, err := Open(t.Context(), dir)
			if err == nil {
				s.Close()
			}
			for _, kind := range []error{ErrUnusable, ErrInUse, ErrCorrupt, ErrNewer} {
				if is, want := errors.Is(err, kind), errors.Is(test.want, kind); is != want {
					t.Errorf("got %v, want %v", err, test.want)
				}
			}
			if err != nil && (strings.Contains(err.Error(), "\n") || !strings.HasSuffix(err.Error(), ")") || !strings.Contains(err.Error(), dir)) {
				t.Errorf("not one line that says what to do, and where: %v", err)
			}
		})
	}
}

func TestOpenLetsGoOfWhatItCannotUse(t *testing.T) {
	dir := t.TempDir()
	must(t, opened(t, dir).Close())
	alter(t, dir, `PRAGMA user_version = 99`)
	if _, err := Open(t.Context(), dir); !errors.Is(err, ErrNewer) {
		t.Fatal(err)
	}
	schema, err := readSchema()
	must(t, err)
	alter(t, dir, fmt.Sprintf(`PRAGMA user_version = %d`, len(schema.Migrations)))
	s := opened(t, dir)
	if _, err := Open(t.Context(), dir); !errors.Is(err, ErrInUse) {
		t.Fatal(err)
	}
	must(t, s.Close())
	opened(t, dir)
}

// A first start that was cut short leaves a database without tables.
func TestOpenTakesUpWhatWasCutShort(t *testing.T) {
	for _, sql := range [][]string{{}, {`PRAGMA journal_mode = wal`}, {`PRAGMA journal_mode = wal`, fmt.Sprintf(`PRAGMA application_id = %d`, appID)}} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, databaseName), "")
		alter(t, dir, sql...)
		page(t, opened(t, dir))
	}
}

func TestCheckOfALargeFile(t *testing.T) {
	s := opened(t, t.TempDir())
	c := <-s.writer
	defer func() { s.writer <- c }()
	must(t, check(c, checkedWhole+1))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	must(t, os.WriteFile(file, []byte(content), 0o600))
}

func overwrite(t *testing.T, file string, at int64) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	must(t, err)
	_, err = f.WriteAt([]byte(strings.Repeat("\xaa", 2000)), at)
	must(t, errors.Join(err, f.Close()))
}

// alter changes a database as somebody with a SQLite shell might.
func alter(t *testing.T, dir string, sql ...string) {
	t.Helper()
	c, err := sqlite.OpenConn(filepath.Join(dir, databaseName), sqlite.OpenReadWrite)
	must(t, err)
	for _, one := range sql {
		err = errors.Join(err, sqlitex.ExecuteTransient(c, one, nil))
	}
	must(t, errors.Join(err, c.Close()))
}
