package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"

	"folkmoot/app/talk"
	"folkmoot/server/testservers"
)

// Shared are the servers that a test's nodes share.
type shared struct {
	database string // URL
	redis    *testservers.Server
}

func startShared(t *testing.T) shared {
	t.Helper()
	dir := testservers.Dir(t)
	database, err := testservers.Postgres(t.Context(), filepath.Join(dir, "postgres"), "fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { database.Stop() })
	redis, err := testservers.Redis(t.Context(), filepath.Join(dir, "redis"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { redis.Stop() })
	return shared{database.URL, redis}
}

// node starts one more.
func (s shared) node(t *testing.T, alter func(*serve)) *program {
	t.Helper()
	c := config("")
	c.Database, c.Redis = s.database, s.redis.URL
	if alter != nil {
		alter(c)
	}
	return begin(t, c)
}

// get returns a page as somebody without a cookie sees it, or a status of the node's.
func (p *program) get(path string) string {
	p.t.Helper()
	res, err := http.Get(p.url + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

// awaitText waits until a node says something at a path, and returns how long
// that took.
func (p *program) awaitText(path, want string) time.Duration {
	p.t.Helper()
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		text := p.get(path)
		if strings.Contains(text, want) {
			return time.Since(began)
		}
		if time.Since(began) > patience {
			p.t.Fatalf("%s doesn't say %q: %.2000s", path, want, text)
		}
	}
}

// view joins the thread, and returns once that is answered.
func (p *program) view(thread talk.Thread) *websocket.Conn {
	p.t.Helper()
	ws := p.dial()
	if err := ws.WriteJSON(talk.Request{Type: talk.TypeJoin, Thread: thread.ID, Epoch: thread.Epoch}); err != nil {
		p.t.Fatal(err)
	}
	read(p.t, ws, talk.TypeJoined, func(talk.Joined) bool { return true })
	return ws
}

// read reads on until there is such a message of a type, and returns how long that took.
func read[T any](t *testing.T, ws *websocket.Conn, kind string, such func(T) bool) time.Duration {
	t.Helper()
	began := time.Now()
	ws.SetReadDeadline(began.Add(patience))
	for {
		_, text, err := ws.ReadMessage()
		if err != nil {
			t.Fatalf("no such %s: %v", kind, err)
		}
		var e talk.Envelope
		var m T
		if err := json.Unmarshal(text, &e); err != nil {
			t.Fatal(err)
		}
		if e.Type != kind {
			continue
		}
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		if such(m) {
			return time.Since(began)
		}
	}
}

func (p *program) say(thread talk.Thread, body string) {
	p.t.Helper()
	res := p.ask("POST", "/api/v1/threads/"+thread.ID+"/comments", "", map[string]string{"body": body, "name": "Ann"}, nil)
	if res.StatusCode != http.StatusCreated {
		p.t.Fatal(res.Status)
	}
}

// What happens on one node shows on another: to viewers, and to who reads a page.
func TestNodesShowOneThread(t *testing.T) {
	s := startShared(t)
	a, b := s.node(t, nil), s.node(t, nil)
	for _, n := range []*program{a, b} {
		n.awaitText("/readyz", "ready\n")
	}
	thread := a.thread()
	page := "/embed?page=" + thread.Page
	b.awaitText(page, "<html") // and keeps it
	viewer, other := b.view(thread), a.view(thread)
	read(t, viewer, talk.TypePresence, func(p talk.Presence) bool { return p.Viewers == 2 })
	read(t, other, talk.TypePresence, func(p talk.Presence) bool { return p.Viewers == 2 })

	a.say(thread, "Heard on the other node?")
	took := read(t, viewer, talk.TypeEvent, func(e talk.Entry) bool { return strings.Contains(e.Event.Comment.HTML, "Heard on") })
	t.Logf("a viewer at another node saw a comment after %v, a reader after %v more", took, b.awaitText(page, "Heard on"))
}

// Redis may come later than the nodes, and go again: they serve, and say so.
func TestNodesServeWithoutRedis(t *testing.T) {
	s := startShared(t)
	if err := s.redis.Stop(); err != nil {
		t.Fatal(err)
	}
	a, b := s.node(t, nil), s.node(t, nil)
	thread := a.thread()
	viewer := b.view(thread)
	for _, n := range []*program{a, b} {
		n.awaitText("/readyz", "degraded")
	}
	a.say(thread, "Is anybody there?")
	read(t, viewer, talk.TypeEvent, func(e talk.Entry) bool { return strings.Contains(e.Event.Comment.HTML, "Is anybody there?") })

	if err := s.redis.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, n := range []*program{a, b} {
		n.awaitText("/readyz", "ready\n")
	}
	a.say(thread, "There you are.")
	read(t, viewer, talk.TypeEvent, func(e talk.Entry) bool { return strings.Contains(e.Event.Comment.HTML, "There you are.") })
}

// meet asks for a session as if through a proxy, and returns the status.
func (p *program) meet(forwardedFor string) int {
	p.t.Helper()
	q, err := http.NewRequest(http.MethodPost, p.url+"/api/v1/session", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	q.Header.Set("X-Forwarded-For", forwardedFor)
	res, err := http.DefaultClient.Do(q)
	if err != nil {
		p.t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// A flood that alternates between nodes is one flood; and whose it is, only
// trusted proxies may say.
func TestNodesLimitTogether(t *testing.T) {
	s := startShared(t)
	trusting := func(c *serve) { c.Proxies = []string{"127.0.0.0/8", "::1"} }
	a, b, doubting := s.node(t, trusting), s.node(t, trusting), s.node(t, nil)
	for _, n := range []*program{a, b, doubting} {
		n.awaitText("/readyz", "ready\n")
	}
	const burst, perSecond = 120, 2 // of new guests from one address
	flood := func(ask func(i int) int) (passed, most int) {
		began := time.Now()
		for i := range 3 * burst {
			switch status := ask(i); status {
			case http.StatusNoContent:
				passed++
			case http.StatusTooManyRequests:
			default:
				t.Fatalf("status %d", status)
			}
		}
		return passed, burst + int(perSecond*time.Since(began).Seconds()) + 1
	}
	passed, most := flood(func(i int) int { return []*program{a, b}[i%2].meet("203.0.113.7") })
	if passed < burst || passed > most {
		t.Errorf("of a flood over two nodes, %d passed; %d to %d may", passed, burst, most)
	}
	if status := b.meet("203.0.113.8"); status != http.StatusNoContent {
		t.Errorf("somebody else got %d", status)
	}
	passed, most = flood(func(i int) int { return doubting.meet(fmt.Sprint("198.51.100.", i%250)) })
	if passed < burst || passed > most {
		t.Errorf("of a flood that claims to be many, %d passed; %d to %d may", passed, burst, most)
	}
}

// Ten nodes that start at once on an empty database make it ready once.
func TestTenNodesStartAtOnce(t *testing.T) {
	s := startShared(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	nodes := make([]*program, 10)
	for i := range nodes {
		n := &program{t: t, out: newTranscript(), logs: newTranscript()}
		nodes[i] = n
		cmd := exec.CommandContext(ctx, binary, "serve", "--listen=127.0.0.1:0", "--database="+s.database, "--redis="+s.redis.URL)
		cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = cleanEnv(), t.TempDir(), n.out, n.logs
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			cancel()
			cmd.Wait()
		})
	}
	var first talk.Thread
	migrated := 0
	for i, n := range nodes {
		n.url = n.out.await(t, `(http\S+)/embed\.js`)
		thread := n.thread()
		if i == 0 {
			first = thread
		}
		if thread.ID == "" || thread.ID != first.ID || thread.Epoch != first.Epoch {
			t.Errorf("node %d has the thread %+v, node 0 %+v", i, thread, first)
		}
		text, _ := n.logs.read()
		migrated += strings.Count(text, "migrated the database")
		if strings.Contains(text, "level=ERROR") {
			t.Errorf("node %d: %s", i, text)
		}
	}
	steps, err := filepath.Glob("store/postgres/schema/*.sql")
	if err != nil || migrated != len(steps) {
		t.Errorf("%d steps were taken, of %d (%v)", migrated, len(steps), err)
	}
}

// What keeps a node from starting is told in one line, without the password.
func TestNodesThatCannotStart(t *testing.T) {
	s := startShared(t)
	good := "--database=" + s.database
	guarded := guardedPostgres(t)
	for name, test := range map[string]struct {
		args []string
		says []string
	}{
		"Redis without a database":     {[]string{"--redis=redis://:hunter2@127.0.0.1:6379"}, []string{"--redis", "--database", "SQLite"}},
		"another kind of database":     {[]string{"--database=mysql://folkmoot:hunter2@127.0.0.1/x"}, []string{"PostgreSQL", "postgres://"}},
		"a database that is no URL":    {[]string{"--database=postgres://folkmoot:hunter2@@[/x"}, []string{"PostgreSQL", "postgres://"}},
		"a database's wrong parameter": {[]string{good + "&sslmode=hunter2"}, []string{"PostgreSQL"}},
		"a database that isn't there":  {[]string{"--database=postgres://folkmoot:hunter2@127.0.0.1:1/x"}, []string{"can't reach", "127.0.0.1:1"}},
		"a database's wrong password":  {[]string{"--database=" + strings.Replace(guarded, "guard:", "guard:hunter2", 1)}, []string{"password", "guard"}},
		"another kind of bus":          {[]string{good, "--redis=amqp://:hunter2@127.0.0.1"}, []string{"Redis URL", "redis://"}},
		"a Redis that is no URL":       {[]string{good, "--redis=redis://:hunter2@[x"}, []string{"Redis URL", "redis://"}},
		"a Redis' wrong parameter":     {[]string{good, "--redis=redis://:hunter2@127.0.0.1?speed=high"}, []string{"Redis URL", "speed"}},
		"a proxy that is no address":   {[]string{good, "--trusted-proxies=localhost"}, []string{"--trusted-proxies", `"localhost"`, "10.0.0.0/8"}},
		"a network that is too long":   {[]string{good, "--trusted-proxies=10.0.0.0/99"}, []string{"--trusted-proxies", "10.0.0.0/99"}},
		"pictures from anywhere":       {[]string{good, "--images=https:"}, []string{"--images", `"https:"`, "https://blog.example"}},
		"pictures of a folder":         {[]string{good, "--images=https://blog.example/media"}, []string{"--images", "without a path"}},
		"one good proxy and a bad one": {[]string{good, "--trusted-proxies=127.0.0.1,nobody"}, []string{"--trusted-proxies", `"nobody"`}},
	} {
		out, errs, status := run(t, nil, append([]string{"serve", "--listen=127.0.0.1:0"}, test.args...)...)
		last := errs[strings.LastIndexByte(strings.TrimSuffix(errs, "\n"), '\n')+1:]
		if status != 1 || out != "" || !strings.HasPrefix(last, "folkmoot: ") || strings.Count(errs, "folkmoot: ") != 1 {
			t.Errorf("%s: status %d, %q, %q", name, status, out, errs)
		}
		for _, want := range test.says {
			if !strings.Contains(last, want) {
				t.Errorf("%s: nothing of %q in %q", name, want, last)
			}
		}
		if strings.Contains(errs, "hunter2") {
			t.Errorf("%s: the password is told: %q", name, errs)
		}
	}
}

// guardedPostgres is the URL of a database whose user, guard, needs a password.
func guardedPostgres(t *testing.T) string {
	t.Helper()
	dir := testservers.Dir(t)
	rules := filepath.Join(dir, "pg_hba.conf")
	if err := os.WriteFile(rules, []byte("host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	database, err := testservers.Postgres(t.Context(), filepath.Join(dir, "postgres"), "fsync=off", "hba_file="+rules)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { database.Stop() })
	c, err := pgx.Connect(t.Context(), database.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	if _, err := c.Exec(t.Context(), `CREATE ROLE guard LOGIN PASSWORD 'correct horse'`); err != nil {
		t.Fatal(err)
	}
	return strings.Replace(database.URL, "postgres@", "guard:@", 1)
}

// A wrong password of Redis' is told like a Redis that isn't there, and it isn't told.
func TestNodeWithAWrongRedisPassword(t *testing.T) {
	s := startShared(t)
	guarded, err := testservers.Redis(t.Context(), testservers.Dir(t), "--requirepass", "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { guarded.Stop() })
	n := s.node(t, func(c *serve) {
		c.Redis = strings.Replace(guarded.URL, "://", "://:hunter2@", 1)
		c.LogLevel = "debug"
	})
	n.awaitText("/readyz", "WRONGPASS")
	n.say(n.thread(), "It serves all the same.")
	n.logs.await(t, "Redis is gone.*WRONGPASS")
	text, _ := n.logs.read()
	if strings.Contains(text+n.get("/readyz"), "hunter2") {
		t.Errorf("the password is told: %s", text)
	}
}
