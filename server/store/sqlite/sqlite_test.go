package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
	"folkmoot/server/store/storetest"
)

func TestStore(t *testing.T) {
	root := t.TempDir()
	storetest.Run(t, func(t *testing.T) forum.Store {
		return opened(t, filepath.Join(root, t.Name()))
	})
}

func opened(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func page(t testing.TB, s *Store) string {
	t.Helper()
	o, err := s.Open(t.Context(), forum.Page{Key: "https://blog.example/a", Title: "A"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return o.Thread
}

func comment(thread, name, body string) forum.Write {
	return forum.Write{
		Command: talk.Command{Kind: talk.Post, Thread: thread, Body: body},
		Person:  talk.Person{ID: "person", Name: name},
		ID:      forum.NewID(), HTML: body, At: time.Now(),
	}
}

func commit(t *testing.T, s *Store, writes ...forum.Write) []forum.Outcome {
	t.Helper()
	outcomes, err := s.Commit(t.Context(), writes)
	if err != nil {
		t.Fatal(err)
	}
	return outcomes
}

// What was acknowledged is there after kill -9: in the files as they are while
// the store is open, nobody having closed it.
func TestCommittedIsOnDisk(t *testing.T) {
	dir, copied := t.TempDir(), t.TempDir()
	s := opened(t, dir)
	thread := page(t, s)
	for i := range 20 {
		commit(t, s, comment(thread, "Ann", fmt.Sprint(i)))
	}
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(filepath.Join(dir, databaseName+suffix))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(copied, databaseName+suffix), b, 0o600))
	}
	v, err := opened(t, copied).View(t.Context(), thread, "", forum.Query{Roots: 100})
	if err != nil || len(v.Comments) != 20 || v.Thread.Seq != 20 {
		t.Fatal(len(v.Comments), v.Thread, err)
	}
}

func TestWritesAreSynced(t *testing.T) {
	s := opened(t, t.TempDir())
	c := <-s.writer
	defer func() { s.writer <- c }()
	for pragma, want := range map[string]int{"synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "cache_size": -cacheKiB} {
		if n, err := number(c, `PRAGMA `+pragma); err != nil || n != want {
			t.Errorf("%s = %d, %v; want %d", pragma, n, err, want)
		}
	}
}

// What was removed can be restored for 30 days; then it is overwritten.
func TestForgottenTextIsInNoFile(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir)
	thread := page(t, s)
	w := comment(thread, "Ann", strings.Repeat("Evidence ", 5000))
	commit(t, s, w)
	changed := forum.Write{Command: talk.Command{Kind: talk.Edit, Comment: w.ID, Body: "short"}, Person: w.Person, HTML: "short", At: w.At, Rules: forum.Rules{EditWindow: time.Hour}}
	removed := forum.Write{Command: talk.Command{Kind: talk.Delete, Comment: w.ID}, Person: talk.Person{ID: w.Person.ID}, At: w.At}
	for _, out := range commit(t, s, changed, removed) {
		must(t, out.Err)
	}
	must(t, s.Forget(t.Context(), w.At.Add(time.Second)))
	must(t, s.Close())
	files, err := os.ReadDir(dir)
	must(t, err)
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		must(t, err)
		if bytes.Contains(b, []byte("Evidence")) {
			t.Errorf("%s still has it", f.Name())
		}
	}
}

// A full disk fails the commit as a whole, and the next one works when there
// is room again, with the next number.
func TestFullDisk(t *testing.T) {
	s := opened(t, t.TempDir())
	thread := page(t, s)
	commit(t, s, comment(thread, "Ann", "one"))
	c := <-s.writer
	pages, err := number(c, `PRAGMA page_count`)
	must(t, err)
	must(t, sqlitex.ExecuteTransient(c, fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+2), nil))
	s.writer <- c
	outcomes, err := s.Commit(t.Context(), []forum.Write{comment(thread, "Ann", "small"), comment(thread, "Ann", strings.Repeat("large ", 5000))})
	if sqlite.ErrCode(err) != sqlite.ResultFull || outcomes != nil {
		t.Fatal(outcomes, err)
	}
	c = <-s.writer
	must(t, sqlitex.ExecuteTransient(c, `PRAGMA max_page_count = 1000000`, nil))
	s.writer <- c
	if out := commit(t, s, comment(thread, "Ann", "two"))[0]; out.Event.Seq != 2 {
		t.Fatalf("%+v", out)
	}
}

// Nothing known makes a write fail when it has begun to change things; if
// something does, it fails alone nevertheless.
func TestAWriteThatFailsHalfway(t *testing.T) {
	s := opened(t, t.TempDir())
	thread := page(t, s)
	c := <-s.writer
	must(t, sqlitex.ExecuteScript(c, `CREATE TEMP TRIGGER trouble BEFORE INSERT ON person WHEN new.name = 'Trouble'
		BEGIN SELECT RAISE(ABORT, 'trouble'); END`, nil))
	s.writer <- c
	outcomes := commit(t, s, comment(thread, "Ann", "one"), comment(thread, "Trouble", "lost"), comment(thread, "Ann", "two"))
	if outcomes[1].Err == nil || outcomes[1].Event != nil || outcomes[0].Event.Seq != 1 || outcomes[2].Event.Seq != 2 {
		t.Fatalf("%+v", outcomes)
	}
	v, err := s.View(t.Context(), thread, "", forum.Query{Roots: 10})
	if err != nil || len(v.Comments) != 2 || v.Thread.Comments != 2 {
		t.Fatal(v, err)
	}
}

func TestReadersAreFew(t *testing.T) {
	s := opened(t, t.TempDir())
	thread := page(t, s)
	if n := len(s.readers.idle); n != 1 {
		t.Fatalf("one after another needed %d readers", n)
	}
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for range 20 {
				if _, err := s.View(t.Context(), thread, "", forum.Query{Roots: 10}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := len(s.readers.idle); n > readersMax {
		t.Fatalf("%d readers", n)
	}
}

func TestClosed(t *testing.T) {
	s := opened(t, t.TempDir())
	thread := page(t, s)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				_, err := s.Commit(t.Context(), []forum.Write{comment(thread, "Ann", "x")})
				if err == nil {
					_, err = s.View(t.Context(), thread, "", forum.Query{Roots: 10})
				}
				if err != nil && !errors.Is(err, errClosed) {
					t.Error(err)
				}
			}
		})
	}
	must(t, s.Close())
	wg.Wait()
	must(t, s.Close())
	if err := s.Ping(t.Context()); !errors.Is(err, errClosed) {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), []forum.Write{comment(thread, "Ann", "x")}); !errors.Is(err, errClosed) {
		t.Fatal(err)
	}
}
