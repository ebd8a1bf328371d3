package postgres

import (
	"errors"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
	"folkmoot/server/testservers"
)

// trouble makes the database do something when somebody named Trouble signs.
func trouble(t *testing.T, url, does string) {
	t.Helper()
	must(t, execute(t.Context(), url,
		`CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN `+does+`; RETURN NEW; END $$`,
		`CREATE TRIGGER trouble BEFORE INSERT ON person FOR EACH ROW WHEN (NEW.name = 'Trouble') EXECUTE FUNCTION trouble()`))
}

// signer gives a comment an author of its own.
func signer(id string, w forum.Write) forum.Write {
	w.Person.ID = id
	return w
}

// Nothing known makes the database refuse one write; if it does, that one fails
// alone nevertheless.
func TestAWriteThatTheDatabaseRefuses(t *testing.T) {
	t.Parallel()
	url := database(t)
	trouble(t, url, `RAISE EXCEPTION 'trouble' USING ERRCODE = 'check_violation'`)
	s := opened(t, url)
	thread := page(t, s, "a")
	lost := signer("lost", words(thread, "Trouble", "lost"))
	repeated := words(thread, "Ann", "two")
	repeated.Ref = "r"
	outcomes := commitAll(t, s, words(thread, "Ann", "one"), lost, repeated, repeated)
	if outcomes[1].Err == nil || outcomes[1].Event != nil || outcomes[0].Event.Seq != 1 || outcomes[2].Event.Seq != 2 || !outcomes[3].Again {
		t.Fatalf("%+v", outcomes)
	}
	v, err := s.View(t.Context(), thread, "", forum.Query{Roots: 10})
	if err != nil || len(v.Comments) != 2 || v.Thread.Comments != 2 || v.Thread.Seq != 2 {
		t.Fatal(v, err)
	}
}

// If the connection is lost when the commit is under way, nobody knows: that is
// an error, and it isn't tried again.
func TestACommitThatIsLost(t *testing.T) {
	t.Parallel()
	url := database(t)
	trouble(t, url, `PERFORM pg_terminate_backend(pg_backend_pid())`)
	s := opened(t, url)
	thread := page(t, s, "a")
	outcomes, err := s.Commit(t.Context(), []forum.Write{words(thread, "Ann", "one"), signer("lost", words(thread, "Trouble", "lost"))})
	if !errors.Is(err, errUnsure) || outcomes != nil {
		t.Fatal(outcomes, err)
	}
	if out := commitAll(t, s, words(thread, "Ann", "two"))[0]; out.Event.Seq != 1 {
		t.Fatalf("%+v", out)
	}
}

func TestTextThatCannotBeKept(t *testing.T) {
	t.Parallel()
	s := opened(t, database(t))
	thread := page(t, s, "a")
	for _, bad := range []string{"a\x00", "\xff"} {
		named := signer("named", words(thread, bad, "x"))
		outcomes := commitAll(t, s, words(thread, "Ann", bad), named, reaction("ann", thread, bad), reaction("ann"+bad, thread, "like"), words(thread, "Ann", "fine"))
		for i, o := range outcomes[:4] {
			if refused := (*talk.Error)(nil); !errors.As(o.Err, &refused) || refused.Code != talk.Invalid {
				t.Errorf("%d: %+v", i, o)
			}
		}
		if outcomes[4].Err != nil {
			t.Fatal(outcomes[4].Err)
		}
	}
	if _, err := s.Open(t.Context(), forum.Page{Key: "\x00"}, time.Now()); err == nil {
		t.Error("a page's key lost a character")
	}
}

// While the server is away everything fails at once; when it is back, the first
// requests work, though all connections have broken.
func TestTheServerRestarts(t *testing.T) {
	t.Parallel()
	own, err := testservers.Postgres(t.Context(), testservers.Dir(t), "fsync=off")
	must(t, err)
	t.Cleanup(func() { own.Stop() })
	s := opened(t, own.URL)
	thread := page(t, s, "a")
	seq := uint64(0)
	for name, end := range map[string]func() error{"stopped": own.Stop, "killed": own.Kill} {
		for _, unnoticed := range []bool{true, false} {
			warm(t, s)
			must(t, end())
			if !unnoticed {
				began := time.Now()
				for s.Ping(t.Context()) == nil && time.Since(began) < pingWithin { // of a killed server, sessions end a moment later
				}
				_, err1 := s.View(t.Context(), thread, "", forum.Query{Roots: 10})
				_, err2 := s.Commit(t.Context(), []forum.Write{words(thread, "Ann", "lost")})
				if err1 == nil || err2 == nil {
					t.Fatal("works without a server:", err1, err2)
				}
				if took := time.Since(began); took > pingWithin {
					t.Errorf("it took %v to see that the server is gone", took)
				}
			}
			must(t, own.Start(t.Context()))
			if !unnoticed {
				must(t, s.Ping(t.Context()))
			}
			if out := commitAll(t, s, words(thread, "Ann", name))[0]; out.Event.Seq != seq+1 {
				t.Fatalf("%+v after %d", out.Event, seq)
			}
			seq++
			if v, err := s.View(t.Context(), thread, "", forum.Query{Roots: 10}); err != nil || v.Thread.Seq != seq {
				t.Fatal(v.Thread, err)
			}
		}
	}
}

// warm makes all connections that a store may have, and leaves them idle.
func warm(t *testing.T, s *Store) {
	t.Helper()
	for range connsMax {
		c, err := s.pool.Acquire(t.Context())
		must(t, err)
		defer c.Release()
	}
}

// The first read after a restart works too, whatever it is.
func TestReadsOutliveTheirConnections(t *testing.T) {
	t.Parallel()
	url := database(t)
	s := opened(t, url)
	thread := page(t, s, "a")
	cut := `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`
	for name, read := range map[string]func() error{
		"View":    func() error { _, err := s.View(t.Context(), thread, "", forum.Query{Roots: 1}); return err },
		"CatchUp": func() error { _, err := s.CatchUp(t.Context(), thread, 0, 0, 1); return err },
		"Heads":   func() error { _, err := s.Heads(t.Context(), thread); return err },
		"Open": func() error {
			_, err := s.Open(t.Context(), forum.Page{Key: "new", Title: "T"}, time.Now())
			return err
		},
		"Secret": func() error { _, err := s.Secret(t.Context(), "x", []byte("x")); return err },
		"Forget": func() error { return s.Forget(t.Context(), time.Now()) },
		"Ping":   func() error { return s.Ping(t.Context()) },
	} {
		warm(t, s)
		number(t, url, cut)
		if err := read(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A server that doesn't answer is noticed by whoever asks whether it is there.
func TestAFrozenServer(t *testing.T) {
	t.Parallel()
	own, err := testservers.Postgres(t.Context(), testservers.Dir(t), "fsync=off")
	must(t, err)
	t.Cleanup(func() { own.Stop() })
	s := opened(t, own.URL)
	pid := number(t, own.URL, `SELECT pid FROM pg_stat_activity WHERE application_name = 'folkmoot'`)
	must(t, syscall.Kill(pid, syscall.SIGSTOP)) // the session that the store has
	began := time.Now()
	if err := s.Ping(t.Context()); err == nil {
		t.Error("a frozen server answers")
	}
	if took := time.Since(began); took > 2*pingWithin {
		t.Errorf("it took %v to see", took)
	}
	must(t, syscall.Kill(pid, syscall.SIGCONT))
	must(t, s.Ping(t.Context()))
}

func TestClosed(t *testing.T) {
	t.Parallel()
	s := opened(t, database(t))
	thread := page(t, s, "a")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				_, err := s.Commit(t.Context(), []forum.Write{words(thread, "Ann", "x")})
				if err == nil {
					_, err = s.View(t.Context(), thread, "", forum.Query{Roots: 10})
				}
				if err != nil {
					if !errors.Is(err, errClosed) {
						t.Error(err)
					}
					return
				}
			}
		})
	}
	must(t, s.Close())
	wg.Wait()
	must(t, s.Close())
	if err := s.Ping(t.Context()); !errors.Is(err, errClosed) || strings.Contains(err.Error(), "pool") {
		t.Fatal(err)
	}
}
