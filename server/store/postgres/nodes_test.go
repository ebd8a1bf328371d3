package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

func reaction(person, thread, kind string) forum.Write {
	return forum.Write{
		Command: talk.Command{Kind: talk.React, Thread: thread, Reaction: kind, On: true},
		Person:  talk.Person{ID: person}, At: time.Now(),
	}
}

func commitAll(t *testing.T, s *Store, writes ...forum.Write) []forum.Outcome {
	t.Helper()
	outcomes, err := s.Commit(t.Context(), writes)
	must(t, err)
	return outcomes
}

// holding is a session beside the stores with a transaction left open.
func holding(t *testing.T, url string, statements ...string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	must(t, err)
	t.Cleanup(func() { c.Close(context.Background()) })
	for _, sql := range append([]string{`BEGIN`}, statements...) {
		_, err := c.Exec(t.Context(), sql)
		must(t, err)
	}
	return c
}

// waitUntil waits until a query's number is as wanted.
func waitUntil(t *testing.T, url, sql string, want int) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for number(t, url, sql) != want {
		if time.Now().After(deadline) {
			t.Fatalf("%s: never %d", sql, want)
		}
		<-tick.C
	}
}

const waiting = `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`

// Nodes that write to the same threads wait for one another, number without
// gaps, and carry out each ref once.
func TestNodesShareThreads(t *testing.T) {
	t.Parallel()
	url := database(t)
	nodes := []*Store{opened(t, url), opened(t, url), opened(t, url)}
	threads := []string{page(t, nodes[0], "a"), page(t, nodes[0], "b"), page(t, nodes[0], "c")}
	const rounds, size = 15, 24
	seqs, versions := map[string]bool{}, map[string]bool{}
	took := map[string]int{} // effect, by ref
	var mu sync.Mutex
	var wg sync.WaitGroup
	for n, s := range nodes {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(n), 7))
			for range rounds {
				var batch []forum.Write
				for range size {
					w := reaction(forum.NewID(), threads[random.IntN(3)], "like")
					if random.IntN(2) == 0 {
						w = words(threads[random.IntN(3)], "Ann", "x")
						w.Person.ID = fmt.Sprint("person", random.IntN(4))
					}
					if random.IntN(3) == 0 { // the same ref from several nodes, in any thread
						w = words(threads[random.IntN(3)], "Ann", "x")
						w.Ref, w.Digest = fmt.Sprint("ref", random.IntN(60)), []byte("same")
					}
					batch = append(batch, w)
				}
				outcomes, err := s.Commit(t.Context(), batch)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				for i, o := range outcomes {
					if o.Err != nil {
						t.Error(o.Err)
					}
					if o.Event != nil {
						seqs[fmt.Sprint(o.Thread, o.Event.Seq)] = true
					}
					if o.Tally != nil {
						versions[fmt.Sprint(o.Thread, o.Tally.Version)] = true
					}
					if r := batch[i].Ref; r != "" && !o.Again {
						took[r]++
					}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	var all forum.Head
	for _, thread := range threads {
		v, err := nodes[0].View(t.Context(), thread, "", forum.Query{Roots: 10_000})
		must(t, err)
		if n := len(v.Comments); uint64(n) != v.Thread.Seq || n != v.Thread.Comments || v.Thread.Reactions["like"] != int(v.Thread.Version) {
			t.Errorf("%d comments in %+v", n, v.Thread)
		}
		all.Seq, all.Version = all.Seq+v.Thread.Seq, all.Version+v.Thread.Version
	}
	if int(all.Seq) != len(seqs) || int(all.Version) != len(versions) {
		t.Errorf("the threads stand at %v, but %d entries and %d tallies were told", all, len(seqs), len(versions))
	}
	for ref, n := range took {
		if n != 1 {
			t.Errorf("%s took effect %d times", ref, n)
		}
	}
}

// The same ref at the same time on another node, in another thread: no lock of
// a thread keeps them apart.
func TestRefsMeetBetweenNodes(t *testing.T) {
	t.Parallel()
	url := database(t)
	s := opened(t, url)
	thread := page(t, s, "a")
	mine := words(thread, "Ann", "x")
	mine.Ref, mine.Digest = "r", []byte("digest")
	earlier := words(page(t, s, "b"), "Ann", "x")
	earlier.ID = "first"
	commitAll(t, s, earlier)
	other := holding(t, url, `INSERT INTO done VALUES ('person', 'r', 'digest', 'post', 'first', 'person', 1)`)
	var outcomes []forum.Outcome
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		outcomes, err = s.Commit(t.Context(), []forum.Write{words(thread, "Ann", "before"), mine, words(thread, "Ann", "after")})
	}()
	waitUntil(t, url, waiting, 1)
	_, ended := other.Exec(t.Context(), `COMMIT`)
	must(t, errors.Join(ended))
	<-done
	if err != nil || !outcomes[1].Again || outcomes[1].Result.Comment.ID != "first" {
		t.Fatal(outcomes, err)
	}
	if outcomes[0].Event.Seq != 1 || outcomes[2].Event.Seq != 2 {
		t.Fatalf("%+v", outcomes)
	}
}

// A node that hangs in the middle of a transaction, as one that is stopped
// does, loses its locks before others give up.
func TestAFrozenNodeIsPassed(t *testing.T) {
	t.Parallel()
	url := database(t)
	s := opened(t, url)
	thread := page(t, s, "a")
	_, idle := settings(t, s), sessions["idle_in_transaction_session_timeout"]
	holding(t, url, `SET idle_in_transaction_session_timeout = '100ms'`, `UPDATE thread SET version = version + 100`)
	if out := commitAll(t, s, reaction("ann", thread, "like"))[0]; out.Tally.Version != 1 {
		t.Fatalf("what the frozen node hadn't committed counts: %+v", out.Tally)
	}
	if now := settings(t, s)["idle_in_transaction_session_timeout"]; now != idle {
		t.Errorf("a node's own session may hang for %q", now)
	}
}

// settings are those of a store's session, as the server has them.
func settings(t *testing.T, s *Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	must(t, s.do(t.Context(), func(ctx context.Context, c *pgx.Conn) error {
		for name := range sessions {
			var value string
			if err := c.QueryRow(ctx, `SHOW `+name).Scan(&value); err != nil {
				return err
			}
			all[name] = value
		}
		return nil
	}))
	return all
}

func TestSessionsAreSetUp(t *testing.T) {
	t.Parallel()
	url := database(t)
	name := url[strings.LastIndex(url, "/")+1 : strings.Index(url, "?")]
	must(t, execute(t.Context(), server.URL, `ALTER DATABASE `+name+` SET synchronous_commit = off`, `ALTER DATABASE `+name+` SET default_transaction_isolation = serializable`))
	s := opened(t, url+"&lock_timeout=70ms")
	for name, value := range settings(t, s) {
		want := sessions[name]
		if name == "lock_timeout" {
			want = "70ms"
		}
		if strings.TrimSuffix(value, "s") != strings.TrimSuffix(want, "s") && value != want {
			t.Errorf("%s = %q, want %q", name, value, want)
		}
	}
	must(t, s.do(t.Context(), func(ctx context.Context, c *pgx.Conn) error {
		var value string
		err := c.QueryRow(ctx, `SHOW synchronous_commit`).Scan(&value)
		if value != "on" {
			t.Errorf("a commit doesn't wait for the disk: synchronous_commit = %s", value)
		}
		return err
	}))
	if n := s.pool.Config().MaxConns; n != connsMax {
		t.Errorf("%d connections", n)
	}
}

// Somebody who holds a row for good holds up that thread's writes, each for a
// bounded time, and nothing else.
func TestALockIsNotWaitedForForever(t *testing.T) {
	t.Parallel()
	url := database(t)
	s := opened(t, url+"&lock_timeout=50ms")
	thread, other := page(t, s, "a"), page(t, s, "b")
	holder := holding(t, url, `SELECT * FROM thread WHERE id = '`+thread+`' FOR UPDATE`)
	outcomes, err := s.Commit(t.Context(), []forum.Write{reaction("ann", thread, "like"), reaction("ann", other, "like")})
	if err == nil || faultOf(err) != inTheWay {
		t.Fatal(outcomes, err)
	}
	if _, err := s.View(t.Context(), thread, "", forum.Query{Roots: 1}); err != nil {
		t.Error("reading waits for writing:", err)
	}
	if out := commitAll(t, s, reaction("ann", other, "like"))[0]; out.Err != nil || out.Tally.Version != 1 {
		t.Fatalf("%+v", out)
	}
	_, err = holder.Exec(t.Context(), `ROLLBACK`)
	must(t, err)
	if out := commitAll(t, s, reaction("ann", thread, "like"))[0]; out.Err != nil || out.Tally.Version != 1 {
		t.Fatalf("%+v", out)
	}
}
