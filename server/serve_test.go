package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"folkmoot/app/talk"
)

// patience is how long a test waits for what must happen, before it fails.
const patience = 30 * time.Second

// A transcript is what a program wrote, and can be waited for.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed at the next write
}

func newTranscript() *transcript { return &transcript{more: make(chan struct{})} }

func (s *transcript) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.more)
	s.more = make(chan struct{})
	return s.text.Write(b)
}

func (s *transcript) read() (string, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String(), s.more
}

// await returns what the pattern's group matched, once it does.
func (s *transcript) await(t *testing.T, pattern string) string {
	t.Helper()
	deadline := time.After(patience)
	for {
		text, more := s.read()
		if m := regexp.MustCompile(pattern).FindStringSubmatch(text); m != nil {
			return m[len(m)-1]
		}
		select {
		case <-more:
		case <-deadline:
			t.Fatalf("no %q in what was written: %s", pattern, text)
		}
	}
}

// A program is the whole of Folkmoot, running on a port of its own.
type program struct {
	t         *testing.T
	url       string
	out, logs *transcript
	stop      context.CancelFunc
	ended     chan error
}

func config(data string) *serve {
	return &serve{Listen: "127.0.0.1:0", Data: data, RateLimits: "on", LogLevel: "info", LogFormat: "text"}
}

func begin(t *testing.T, c *serve) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p := &program{t: t, out: newTranscript(), logs: newTranscript(), stop: cancel, ended: make(chan error, 1)}
	go func() { p.ended <- c.run(ctx, p.out, p.logs) }()
	p.url = p.out.await(t, `(http\S+)/embed\.js`)
	t.Cleanup(func() { p.end() })
	return p
}

// end stops the program and returns what it ended with.
func (p *program) end() error {
	p.t.Helper()
	p.stop()
	select {
	case err := <-p.ended:
		p.ended <- err // for whoever ends it again
		return err
	case <-time.After(patience):
		p.t.Error("the program doesn't stop")
		return nil
	}
}

// ask sends a request, with the cookie if there is one, and returns the answer.
func (p *program) ask(method, path, cookie string, body any, into any) *http.Response {
	p.t.Helper()
	var b io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			p.t.Fatal(err)
		}
		b = bytes.NewReader(text)
	}
	q, err := http.NewRequest(method, p.url+path, b)
	if err != nil {
		p.t.Fatal(err)
	}
	q.Close = true // a connection that idles would be one more to wait for
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Cookie", cookie)
	res, err := http.DefaultClient.Do(q)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			p.t.Fatalf("%s %s: %v: %s", method, path, err, text)
		}
	}
	return res
}

func (p *program) thread() (thread talk.Thread) {
	p.t.Helper()
	p.ask("GET", "/api/v1/threads?page=http://localhost:1313/post", "", nil, &thread)
	return thread
}

func TestServeSaysWhereItIs(t *testing.T) {
	p := begin(t, config(t.TempDir()))
	if !regexp.MustCompile(`^http://localhost:[1-9]\d*$`).MatchString(p.url) {
		t.Errorf("it is at %q", p.url)
	}
	if demo := p.out.await(t, `(http\S+/demo)`); demo != p.url+"/demo" {
		t.Errorf("the demo is at %q", demo)
	}
	p.out.await(t, `--origin`) // how to let others embed
	for _, path := range []string{"/demo", "/healthz", "/readyz", "/embed?page=" + p.url + "/demo"} {
		if res := p.ask("GET", path, "", nil, nil); res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	if err := p.end(); err != nil {
		t.Errorf("a stop that was asked for ended with %v", err)
	}
	if _, err := http.Get(p.url + "/healthz"); err == nil {
		t.Error("it still answers")
	}
}

func TestLimitsThatAreOffAreSaidLoudly(t *testing.T) {
	c := config(t.TempDir())
	c.RateLimits = "off"
	begin(t, c).logs.await(t, `level=WARN.*RATE LIMITS ARE OFF`)
}

func (p *program) dial() *websocket.Conn {
	p.t.Helper()
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(p.url, "http")+"/api/v1/live", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { ws.Close() })
	return ws
}

// Viewers are told when to come back, and what is under way is finished.
func TestServeStopsInOrder(t *testing.T) {
	p := begin(t, config(t.TempDir()))
	thread := p.thread()
	var group sync.WaitGroup
	for range 5 {
		ws := p.dial()
		if err := ws.WriteJSON(talk.Request{Type: talk.TypeJoin, Thread: thread.ID, Epoch: thread.Epoch}); err != nil {
			t.Fatal(err)
		}
		if _, first, err := ws.ReadMessage(); err != nil || !strings.Contains(string(first), talk.TypeJoined) {
			t.Fatalf("%s %v", first, err)
		}
		group.Go(func() {
			for {
				_, _, err := ws.ReadMessage()
				if closed := (*websocket.CloseError)(nil); errors.As(err, &closed) {
					wait, bad := strconv.Atoi(closed.Text)
					if closed.Code != talk.CloseLeaving || bad != nil || time.Duration(wait)*time.Millisecond > leaveWithin {
						t.Errorf("a viewer was told %d %q", closed.Code, closed.Text)
					}
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}

	// A comment of which the first half has arrived.
	body := `{"body":"In the middle of a sen`
	rest := `tence","name":"Ann"}`
	slow, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	fmt.Fprintf(slow, "POST /api/v1/threads/%s/comments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", thread.ID, len(body)+len(rest))
	head := make([]byte, 12)
	if _, err := io.ReadFull(slow, head); err != nil || string(head) != "HTTP/1.1 100" {
		t.Fatalf("%q %v", head, err)
	}
	io.WriteString(slow, body)

	p.stop()
	p.logs.await(t, `stopping`)
	group.Wait()
	io.WriteString(slow, rest)
	answer, err := io.ReadAll(slow)
	if err != nil || !strings.Contains(string(answer), "HTTP/1.1 201") {
		t.Errorf("the comment that was under way got %q %v", answer, err)
	}
	if err := p.end(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

func TestDataAndSessionsSurviveARestart(t *testing.T) {
	data := filepath.Join(t.TempDir(), "new", "data")
	p := begin(t, config(data))
	var first talk.Comment
	thread := p.thread()
	path := "/api/v1/threads/" + thread.ID + "/comments"
	res := p.ask("POST", path, "", map[string]string{"body": "Still here?", "name": "Ann"}, &first)
	if res.StatusCode != http.StatusCreated || len(res.Cookies()) != 1 {
		t.Fatal(res.Status, res.Cookies())
	}
	cookie := res.Cookies()[0].Name + "=" + res.Cookies()[0].Value
	if err := p.end(); err != nil {
		t.Fatal(err)
	}

	p = begin(t, config(data))
	if now := p.thread(); now.ID != thread.ID || now.Epoch != thread.Epoch || now.Comments != 1 {
		t.Errorf("the thread is now %+v", now)
	}
	var second talk.Comment
	res = p.ask("POST", path, cookie, map[string]string{"body": "Still me."}, &second)
	if res.StatusCode != http.StatusCreated || second.Author.ID != first.Author.ID || second.Author.Name != "Ann" {
		t.Errorf("%s: the second comment is by %+v", res.Status, second.Author)
	}
}

// whenWritten is called whenever it is written to.
type whenWritten func()

func (f whenWritten) Write(b []byte) (int, error) {
	f()
	return len(b), nil
}

// What keeps it from starting is told in one line that says what to do.
func TestServeThatCannotStart(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("not a folder"), 0o600); err != nil {
		t.Fatal(err)
	}
	corrupt := t.TempDir()
	if err := os.WriteFile(filepath.Join(corrupt, "folkmoot.db"), bytes.Repeat([]byte("Dear diary. "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	running := t.TempDir()
	begin(t, config(running))

	for _, test := range []struct {
		name  string
		alter func(*serve)
		says  []string
	}{
		{"a busy port", func(c *serve) { c.Listen = busy.Addr().String() }, []string{busy.Addr().String(), "in use", "--listen"}},
		{"no address", func(c *serve) { c.Listen = "nowhere" }, []string{"--listen nowhere"}},
		{"an address of another machine", func(c *serve) { c.Listen = "192.0.2.1:0" }, []string{"--listen 192.0.2.1:0"}},
		{"a file in the folder's place", func(c *serve) { c.Data = file }, []string{file, "--data"}},
		{"a folder in a file", func(c *serve) { c.Data = filepath.Join(file, "data") }, []string{file, "--data"}},
		{"a corrupt database", func(c *serve) { c.Data = corrupt }, []string{corrupt, "restore a backup"}},
		{"another one on the same data", func(c *serve) { c.Data = running }, []string{running, "another Folkmoot", "--data"}},
		{"an origin with a path", func(c *serve) { c.Origin = []string{"https://blog.example/blog"} }, []string{"https://blog.example/blog", "no origin", "without a path"}},
		{"an origin without a scheme", func(c *serve) { c.Origin = []string{"blog.example"} }, []string{`"blog.example"`, "no origin"}},
		{"any origin", func(c *serve) { c.Origin = []string{"*"} }, []string{`"*"`, "no origin"}},
		{"an empty origin", func(c *serve) { c.Origin = []string{""} }, []string{"no origin"}},
		{"a public URL with a path", func(c *serve) { c.PublicURL = "https://talk.example/folkmoot" }, []string{"--public-url", "without a path"}},
		{"a public URL without a scheme", func(c *serve) { c.PublicURL = "talk.example" }, []string{"--public-url", "talk.example"}},
		{"a public URL with a query", func(c *serve) { c.PublicURL = "https://talk.example?" }, []string{"--public-url"}},
		{"a public URL with a fragment", func(c *serve) { c.PublicURL = "https://talk.example#x" }, []string{"--public-url"}},
		{"a public URL with a password", func(c *serve) { c.PublicURL = "https://a:b@talk.example" }, []string{"--public-url"}},
		{"a public URL without a host", func(c *serve) { c.PublicURL = "http://:8080" }, []string{"--public-url"}},
		{"a public URL that would be a policy", func(c *serve) { c.PublicURL = "https://talk.example;*" }, []string{"--public-url"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := config(t.TempDir())
			test.alter(c)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			err := c.run(ctx, whenWritten(cancel), newTranscript()) // if it announces itself, it stops
			if err == nil {
				t.Fatal("it started")
			}
			for _, want := range append(test.says, "") {
				if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("it says %q, which isn't one line with %q", err, want)
				}
			}
		})
	}
}

// However the public URL is written, it is what browsers send as Origin.
func TestPublicURLIsFolded(t *testing.T) {
	for given, want := range map[string]string{
		"https://talk.example": "https://talk.example", "https://talk.example/": "https://talk.example",
		"HTTPS://Talk.Example:443": "https://talk.example", "http://Talk.Example:80/": "http://talk.example",
		"https://talk.example:8443": "https://talk.example:8443", "http://[::1]:8080": "http://[::1]:8080",
	} {
		c := config("")
		c.PublicURL = given
		if got, err := c.public(&net.TCPAddr{}); err != nil || got.String() != want {
			t.Errorf("%q is taken for %v %v, want %s", given, got, err, want)
		}
	}
}
