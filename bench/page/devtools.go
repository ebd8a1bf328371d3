package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
)

// A browser is a Chromium of ours and the connection to its DevTools. The
// protocol is spoken here directly, because a frame in another process must be
// held when it starts until it has its profile: else its first requests would
// come over a fast network.
type browser struct {
	cmd     *exec.Cmd
	profile string
	ended   chan struct{}
	conn    *websocket.Conn

	mu       sync.Mutex
	last     int
	waiting  map[int]chan reply
	sessions map[string]func(method string, params json.RawMessage) // hear a session's events; not to block
	broken   error
}

type reply struct {
	ID        int
	SessionID string
	Method    string
	Params    json.RawMessage
	Result    json.RawMessage
	Error     *struct{ Message string }
}

const browserStart = 30 * time.Second

var listening = regexp.MustCompile(`DevTools listening on (ws://\S+)`)

// openBrowser starts one. Whatever it reaches for beyond this machine gets an
// error at once.
func openBrowser(ctx context.Context, dir string, more ...string) (b *browser, err error) {
	program, err := findChromium()
	if err != nil {
		return nil, err
	}
	b = &browser{ended: make(chan struct{}), waiting: map[int]chan reply{}, sessions: map[string]func(string, json.RawMessage){}}
	if b.profile, err = os.MkdirTemp(dir, "chromium-"); err != nil {
		return nil, err
	}
	args := []string{
		"--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--hide-scrollbars",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions",
		"--disable-dev-shm-usage", "--disable-breakpad", "--disable-quic", "--disable-background-timer-throttling",
		"--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
		"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
		"--remote-debugging-port=0", "--user-data-dir=" + b.profile,
	}
	b.cmd = exec.Command(program, append(append(args, more...), "about:blank")...)
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	says, err := b.cmd.StderrPipe()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(b.profile))
	}
	if err := b.cmd.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(b.profile))
	}
	address := make(chan string, 1)
	go func() {
		defer close(b.ended)
		for lines := bufio.NewScanner(says); lines.Scan(); {
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				address <- m[1]
			}
		}
		_ = b.cmd.Wait() // it is killed in the end
	}()
	select {
	case a := <-address:
		b.conn, _, err = websocket.DefaultDialer.DialContext(ctx, a, nil)
	case <-b.ended:
		err = errors.New("the browser ended at once")
	case <-time.After(browserStart):
		err = fmt.Errorf("the browser said nothing within %v", browserStart)
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	go b.listen()
	return b, nil
}

func findChromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no chromium on the PATH: install it, on Debian with apt-get install chromium")
}

// close ends the browser with all its processes.
func (b *browser) close() error {
	if b.conn != nil {
		_ = b.conn.Close()
	}
	_ = syscall.Kill(-b.cmd.Process.Pid, syscall.SIGKILL) // it may have ended already
	<-b.ended
	return os.RemoveAll(b.profile)
}

func (b *browser) listen() {
	for {
		var r reply
		err := b.conn.ReadJSON(&r)
		b.mu.Lock()
		if err != nil {
			b.broken = fmt.Errorf("the browser is gone: %w", err)
			for _, answer := range b.waiting {
				close(answer)
			}
			clear(b.waiting)
			b.mu.Unlock()
			return
		}
		answer, hear := b.waiting[r.ID], b.sessions[r.SessionID]
		if r.ID > 0 {
			delete(b.waiting, r.ID)
		}
		b.mu.Unlock()
		switch {
		case r.ID > 0 && answer != nil:
			answer <- r
		case r.ID == 0 && hear != nil:
			hear(r.Method, r.Params)
		}
	}
}

// send asks for something in a session, or of the browser, without waiting:
// the answer comes to the channel.
func (b *browser) send(session, method string, params any) (<-chan reply, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken != nil {
		return nil, b.broken
	}
	b.last++
	answer := make(chan reply, 1)
	b.waiting[b.last] = answer
	message := map[string]any{"id": b.last, "method": method, "params": params}
	if session != "" {
		message["sessionId"] = session
	}
	return answer, b.conn.WriteJSON(message)
}

// call asks and waits.
func (b *browser) call(ctx context.Context, session, method string, params, into any) error {
	answer, err := b.send(session, method, params)
	if err != nil {
		return err
	}
	select {
	case r, ok := <-answer:
		switch {
		case !ok:
			return b.broken
		case r.Error != nil:
			return fmt.Errorf("%s: %s", method, r.Error.Message)
		case into != nil:
			return json.Unmarshal(r.Result, into)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", method, context.Cause(ctx))
	}
}

// hear makes a function hear a session's events.
func (b *browser) hear(session string, f func(method string, params json.RawMessage)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sessions[session] = f
}
