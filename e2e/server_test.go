package e2e

import (
	"bufio"
	"bytes"
	"context"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// A server is the real program with its data in a folder of the test's.
type server struct {
	t     *testing.T
	data  string
	flags []string
	host  string // localhost:port, the same for all its lives
	cmd   *exec.Cmd
	log   *safeBuffer
	ended chan struct{} // the present life is over
}

// start runs a server until the test ends. Unless flags say otherwise, rate
// limits are off.
func start(t *testing.T, flags ...string) *server {
	t.Helper()
	s := &server{t: t, data: t.TempDir(), flags: flags, log: &safeBuffer{}}
	if !strings.Contains(strings.Join(flags, " "), "--rate-limits") {
		s.flags = append([]string{"--rate-limits", "off"}, flags...)
	}
	s.launch("127.0.0.1:0")
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("the server's log:\n%s", s.log)
		}
	})
	return s
}

func (s *server) launch(listen string) {
	s.t.Helper()
	s.cmd = exec.Command(binary, append([]string{"serve", "--listen", listen, "--data", s.data}, s.flags...)...)
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	s.cmd.Stderr = s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "the demo article"); ok {
			address = strings.TrimSuffix(strings.TrimSpace(address), "/demo")
			s.host = strings.TrimPrefix(address, "http://")
			break
		}
	}
	if s.host == "" {
		s.t.Fatalf("the server did not start:\n%s", s.log)
	}
	s.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) {
		for lines.Scan() { // so that it never waits for a reader
			continue
		}
		_ = cmd.Wait() // how it ended is what the tests are about
		close(ended)
	}(s.cmd, s.ended)
}

// stop ends the present life with a signal, and waits for that.
func (s *server) stop(signal syscall.Signal) {
	_ = s.cmd.Process.Signal(signal) // it may be over already
	<-s.ended
}

// kill is kill -9.
func (s *server) kill() { s.stop(syscall.SIGKILL) }

// restart begins another life at the same address, on the same data.
func (s *server) restart() {
	s.t.Helper()
	s.launch(strings.Replace(s.host, "localhost", "127.0.0.1", 1))
}

// freeze halts the program where it stands; thaw lets it go on.
func (s *server) freeze() { s.signal(syscall.SIGSTOP) }
func (s *server) thaw()   { s.signal(syscall.SIGCONT) }

func (s *server) signal(signal syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) url(path string) string { return "http://" + s.host + path }

// get reads an address with an ordinary client, for tests of headers.
func (s *server) get(path string) *http.Response {
	s.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.url(path), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// A safeBuffer may be written by a process while the test reads it.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
