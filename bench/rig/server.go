// Package rig is what the load generators share: servers as children, what the
// system says of them, plain HTTP, and tables.
package rig

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	startWithin = 15 * time.Second
	stopWithin  = 15 * time.Second
)

// A Server is a running child.
type Server struct {
	Addr string        // host:port on loopback
	Took time.Duration // from before it was started to the first 200 of /healthz
	Log  string        // file that holds what it logged

	cmd   *exec.Cmd
	ended chan struct{}
	err   error // of its end; read after ended
}

// Serve returns the arguments that make a built Folkmoot serve for a
// measurement, on a free port.
func Serve(data string) []string {
	return []string{"serve", "--listen", "127.0.0.1:0", "--data", data, "--rate-limits", "off"}
}

// With runs do with a server of its own, whose data folder, or just its log, is
// a new one under dir. The server must end well and must not have logged an
// error.
func With(ctx context.Context, dir, program string, args func(data string) []string, do func(*Server) error) (err error) {
	data, err := os.MkdirTemp(dir, "server-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	s, err := Start(ctx, filepath.Join(data, "bench.log"), program, args(data)...)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, s.Stop())
		if err != nil && ctx.Err() == nil {
			err = fmt.Errorf("%w\nthe server's log ends with:\n%s", err, tail(s.Log))
		}
	}()
	return do(s)
}

// announced is where a server says that it is: the first address that it
// prints.
var announced = regexp.MustCompile(`http://[^/\s]*:([0-9]+)/`)

// Start starts a server and returns when it is healthy.
func Start(ctx context.Context, log, program string, args ...string) (*Server, error) {
	s := &Server{Log: log, ended: make(chan struct{})}
	logs, err := os.Create(s.Log)
	if err != nil {
		return nil, err
	}
	defer logs.Close()
	s.cmd = exec.Command(program, args...)
	s.cmd.Stderr = logs
	for _, v := range os.Environ() { // flags have twins there
		if !strings.HasPrefix(v, "FOLKMOOT_") {
			s.cmd.Env = append(s.cmd.Env, v)
		}
	}
	// A Ctrl-C is ours to handle; and nobody may outlive us.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	port := make(chan string, 1)
	go s.watch(out, port)
	if err := s.healthy(ctx, began, port); err != nil {
		return nil, errors.Join(fmt.Errorf("the server didn't start: %w\n%s", err, tail(s.Log)), s.Stop())
	}
	return s, nil
}

// watch reads what the server says until it ends.
func (s *Server) watch(out io.Reader, port chan<- string) {
	defer close(s.ended)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if m := announced.FindStringSubmatch(lines.Text()); m != nil {
			select {
			case port <- m[1]:
			default: // said before
			}
		}
	}
	s.err = s.cmd.Wait()
}

func (s *Server) healthy(ctx context.Context, began time.Time, port <-chan string) error {
	select {
	case p := <-port:
		s.Addr = "127.0.0.1:" + p
	case <-s.ended:
		return fmt.Errorf("it ended: %w", s.err)
	case <-time.After(startWithin):
		return fmt.Errorf("it said nothing within %v", startWithin)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	w, err := Dial(s.Addr, startWithin)
	if err != nil {
		return err
	}
	defer w.Close()
	a, err := w.Do(Request("GET", "/healthz", s.Addr, "", nil))
	if err != nil {
		return err
	}
	s.Took = time.Since(began)
	return a.Must(200)
}

// Stop asks the server to end, and makes sure that it did.
func (s *Server) Stop() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case <-s.ended:
	case <-time.After(stopWithin):
		_ = s.cmd.Process.Kill()
		<-s.ended
		return fmt.Errorf("the server didn't stop within %v of SIGTERM", stopWithin)
	}
	if s.err != nil {
		return fmt.Errorf("the server ended badly: %w", s.err)
	}
	logged, err := os.ReadFile(s.Log)
	if err == nil && bytes.Contains(logged, []byte("level=ERROR")) {
		err = errors.New("the server logged errors")
	}
	return err
}

// Memory reads the server's memory in kB: VmRSS, RssAnon, VmHWM …
func (s *Server) Memory(what string) int {
	n, _ := strconv.Atoi(strings.TrimSuffix(field(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid), what), " kB"))
	return n
}

// tick is the unit of processor time under /proc: USER_HZ is 100 on every
// Linux that Go runs on.
const tick = 10 * time.Millisecond

// CPU is the processor time that the server has used.
func (s *Server) CPU() time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	_, after, _ := strings.Cut(string(text), ") ") // the name may hold spaces
	return ticks(strings.Fields(after), 11, 12)    // utime, stime
}

// MachineCPU is the processor time that everybody has used, since the start.
func MachineCPU() time.Duration {
	text, _ := os.ReadFile("/proc/stat")
	first, _, _ := strings.Cut(string(text), "\n")
	return ticks(strings.Fields(first), 1, 2, 3, 6, 7, 8) // user, nice, system, irq, softirq, steal
}

func ticks(fields []string, at ...int) (sum time.Duration) {
	for _, i := range at {
		if i < len(fields) {
			n, _ := strconv.ParseInt(fields[i], 10, 64)
			sum += time.Duration(n) * tick
		}
	}
	return sum
}

// OwnCPU is the processor time that this program has used.
func OwnCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// tail is the end of a file.
func tail(file string) string {
	b, _ := os.ReadFile(file)
	return string(b[max(0, len(b)-2000):])
}
