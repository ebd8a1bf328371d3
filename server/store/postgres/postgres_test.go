package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
	"folkmoot/server/store/storetest"
	"folkmoot/server/testservers"
)

// server is the PostgreSQL of all tests but those that stop theirs. It needn't
// survive the machine, so it doesn't wait for the disk.
var server *testservers.Server

var cluster string // its files

const template = "migrated"

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx := context.Background()
	dir := &folder{}
	defer func() { dir.remove() }()
	var err error
	home := testservers.Dir(dir)
	cluster = filepath.Join(home, "cluster")
	server, err = testservers.Postgres(ctx, home, "fsync=off", "max_connections=200")
	if err == nil {
		defer server.Stop()
		err = execute(ctx, server.URL, `CREATE DATABASE `+template)
	}
	if err == nil {
		_, err = Migrate(ctx, in(server.URL, template))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// A folder is what testservers.Dir needs, where there is no test yet.
type folder struct{ remove func() }

func (*folder) Helper()             {}
func (*folder) Fatal(args ...any)   { panic(fmt.Sprint(args...)) }
func (f *folder) Cleanup(do func()) { f.remove = do }

func execute(ctx context.Context, url string, statements ...string) error {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	for _, sql := range statements {
		if _, err := c.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// in is the URL of another database of the same server, with more parameters.
func in(base, database string, parameters ...string) string {
	u, _ := url.Parse(base)
	u.Path = database
	u.RawQuery = strings.Join(append([]string{u.RawQuery}, parameters...), "&")
	return u.String()
}

var databases struct {
	sync.Mutex
	of   map[string]string // by test
	made int
}

// database makes the database of a test, once, with its schema.
func database(t testing.TB) string {
	t.Helper()
	databases.Lock()
	name, there := databases.of[t.Name()]
	databases.Unlock()
	if there {
		return in(server.URL, name)
	}
	url := made(t, ` TEMPLATE `+template)
	name = url[strings.LastIndex(url, "/")+1 : strings.Index(url, "?")]
	databases.Lock()
	defer databases.Unlock()
	if databases.of == nil {
		databases.of = map[string]string{}
	}
	databases.of[t.Name()] = name
	t.Cleanup(func() {
		databases.Lock()
		defer databases.Unlock()
		delete(databases.of, t.Name())
	})
	return url
}

// made makes a database for the life of a test.
func made(t testing.TB, like string) string {
	t.Helper()
	databases.Lock()
	databases.made++
	name := fmt.Sprint("test", databases.made)
	databases.Unlock()
	must(t, execute(t.Context(), server.URL, `CREATE DATABASE `+name+like))
	t.Cleanup(func() {
		must(t, execute(context.Background(), server.URL, `DROP DATABASE `+name+` WITH (FORCE)`))
	})
	return in(server.URL, name)
}

func opened(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func page(t testing.TB, s *Store, key string) string {
	t.Helper()
	o, err := s.Open(t.Context(), forum.Page{Key: "https://blog.example/" + key, Title: "A"}, time.Now())
	must(t, err)
	return o.Thread
}

func words(thread, name, body string) forum.Write {
	return forum.Write{
		Command: talk.Command{Kind: talk.Post, Thread: thread, Body: body},
		Person:  talk.Person{ID: "person", Name: name},
		ID:      forum.NewID(), HTML: body, At: time.Now(),
	}
}

// Schemas are made several times as fast as databases, and are as empty.
func TestStore(t *testing.T) {
	url := database(t)
	schemas := map[string]string{} // by test
	storetest.Run(t, func(t *testing.T) forum.Store {
		name, there := schemas[t.Name()]
		if !there {
			name = fmt.Sprint("schema", len(schemas))
			must(t, execute(t.Context(), url, `CREATE SCHEMA `+name))
			schemas[t.Name()] = name
		}
		return opened(t, url+"&search_path="+name)
	})
}
