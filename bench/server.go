package main

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

// A server is a running child.
type server struct {
	cmd   *exec.Cmd
	addr  string        // host:port on loopback
	took  time.Duration // from before it was started to the first 200 of /healthz
	log   string        // file that holds what it logged
	ended chan struct{}
	err   error // of its end; read after ended
}

// with runs do with a server of its own, on an empty data folder. The server
// must end well and must not have logged an error.
func (b *bench) with(ctx context.Context, do func(*server) error) (err error) {
	data, err := os.MkdirTemp(b.dir, "server-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	s, err := b.start(ctx, data)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, s.stop())
		if err != nil && ctx.Err() == nil {
			err = fmt.Errorf("%w\nthe server's log ends with:\n%s", err, tail(s.log))
		}
	}()
	return do(s)
}

// announced is where the server says that it is.
var announced = regexp.MustCompile(`http://[^/\s]*:([0-9]+)/demo`)

// start starts a server and returns when it is healthy.
func (b *bench) start(ctx context.Context, data string) (*server, error) {
	s := &server{log: filepath.Join(data, "bench.log"), ended: make(chan struct{})}
	logs, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	defer logs.Close()
	s.cmd = exec.Command(b.server, "serve", "--listen", "127.0.0.1:0", "--data", data, "--rate-limits", "off")
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
		return nil, errors.Join(fmt.Errorf("the server didn't start: %w\n%s", err, tail(s.log)), s.stop())
	}
	return s, nil
}

// watch reads what the server says until it ends.
func (s *server) watch(out io.Reader, port chan<- string) {
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

func (s *server) healthy(ctx context.Context, began time.Time, port <-chan string) error {
	select {
	case p := <-port:
		s.addr = "127.0.0.1:" + p
	case <-s.ended:
		return fmt.Errorf("it ended: %w", s.err)
	case <-time.After(startWithin):
		return fmt.Errorf("it said nothing within %v", startWithin)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	w, err := dial(s.addr, startWithin)
	if err != nil {
		return err
	}
	defer w.Close()
	a, err := w.do(request("GET", "/healthz", s.addr, "", nil))
	if err != nil {
		return err
	}
	s.took = time.Since(began)
	return a.must(200)
}

// stop asks the server to end, and makes sure that it did.
func (s *server) stop() error {
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
	logged, err := os.ReadFile(s.log)
	if err == nil && bytes.Contains(logged, []byte("level=ERROR")) {
		err = errors.New("the server logged errors")
	}
	return err
}

// memory reads the server's memory in kB: VmRSS, RssAnon, VmHWM …
func (s *server) memory(what string) int {
	n, _ := strconv.Atoi(strings.TrimSuffix(field(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid), what), " kB"))
	return n
}

// tick is the unit of processor time under /proc: USER_HZ is 100 on every
// Linux that Go runs on.
const tick = 10 * time.Millisecond

// cpu is the processor time that the server has used.
func (s *server) cpu() time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	_, after, _ := strings.Cut(string(text), ") ") // the name may hold spaces
	return ticks(strings.Fields(after), 11, 12)    // utime, stime
}

// machineCPU is the processor time that everybody has used, since the start.
func machineCPU() time.Duration {
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

// ownCPU is the processor time that this program has used.
func ownCPU() time.Duration {
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
