// Package testservers starts real PostgreSQL and Redis servers on loopback, with
// folders of their own, for tests and for make cluster. They can be stopped,
// killed, frozen and started again where they were, and end with this process
// at the latest.
package testservers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// startWithin is how long a server may take until it answers.
const startWithin = 30 * time.Second

// A Server is a server program that listens on a port of 127.0.0.1.
type Server struct {
	URL string // where clients reach it

	name  string
	port  int
	log   string                      // file that its output goes to
	build func() *exec.Cmd            // a new process, every time it is started
	ready func(context.Context) error // nil once it answers

	mu     sync.Mutex
	cmd    *exec.Cmd     // nil while it is stopped
	ended  chan struct{} // closed when cmd has ended
	killed bool          // rather than stopped, the last time
}

// Start starts the server, again where it was, and returns when it answers.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil {
		return fmt.Errorf("%s runs already", s.name)
	}
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if err := s.launch(); err != nil {
			return err
		}
		err := s.await(ctx, tick.C)
		if err == nil {
			return nil
		}
		if !errors.Is(err, errEnded) || !s.killed {
			return fmt.Errorf("%s doesn't start: %w (see %s)", s.name, err, s.log)
		}
		<-tick.C // PostgreSQL, while what it had started before it was killed is still ending
	}
}

var errEnded = errors.New("it ended at once")

func (s *Server) launch() error {
	out, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd, ended := s.build(), make(chan struct{})
	cmd.Stdout, cmd.Stderr = out, out
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true // a Ctrl-C is ours to handle
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", s.name, err)
	}
	go func() {
		defer close(ended)
		_ = cmd.Wait() // its log says why
	}()
	s.cmd, s.ended = cmd, ended
	return nil
}

// await returns when the server answers.
func (s *Server) await(ctx context.Context, tick <-chan time.Time) error {
	for {
		err := s.ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-tick:
		case <-s.ended:
			s.cmd = nil
			return errEnded
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		}
	}
}

// Stop ends the server in good order; stopping again does nothing.
func (s *Server) Stop() error { return s.end(syscall.SIGINT) } // PostgreSQL: fast, without waiting for clients

// Kill ends the server as a crash would.
func (s *Server) Kill() error { return s.end(syscall.SIGKILL) }

// Freeze stops the server's process without ending it, until Thaw.
func (s *Server) Freeze() error { return s.signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (s *Server) Thaw() error { return s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return fmt.Errorf("%s doesn't run", s.name)
	}
	return s.cmd.Process.Signal(sig)
}

func (s *Server) end(sig syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return nil
	}
	s.killed = sig == syscall.SIGKILL
	if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-s.ended:
	case <-time.After(startWithin):
		_ = s.cmd.Process.Kill()
		<-s.ended
		s.cmd = nil
		return fmt.Errorf("%s had to be killed", s.name)
	}
	s.cmd = nil
	return nil
}

// Redis starts a Redis server with its files in dir, which is made if need be,
// and more of its command line, such as "--requirepass", "secret".
func Redis(ctx context.Context, dir string, args ...string) (*Server, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	all := append([]string{"--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--save", "", "--appendonly", "no", "--dir", dir}, args...)
	s := &Server{
		name: "Redis", port: port, log: filepath.Join(dir, "redis.log"), URL: fmt.Sprintf("redis://127.0.0.1:%d", port),
		build: func() *exec.Cmd { return exec.Command("redis-server", all...) },
	}
	s.ready = s.connects
	return s, s.Start(ctx)
}

// connects is nil once the port is open.
func (s *Server) connects(ctx context.Context) error {
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)))
	if err == nil {
		c.Close()
	}
	return err
}

// freePort is a port that nobody listens on now.
func freePort(ctx context.Context) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Dir makes a folder for a server of a test. That of the testing package can't
// be entered by another user, as which PostgreSQL runs.
func Dir(t interface {
	Helper()
	Fatal(args ...any)
	Cleanup(func())
}) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "folkmoot-*")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
