package e2e

import (
	"io"
	"net"
	"sync"
	"testing"
)

// A line is one person's connection to the server, which can be cut while
// everybody else's stays.
type line struct {
	host  string // where the person finds the server
	mu    sync.Mutex
	conns map[net.Conn]struct{}
	down  bool
}

// lay lays a line to a server until the test ends.
func lay(t *testing.T, s *server) *line {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String()) // the kernel wrote it
	n := &line{host: "localhost:" + port, conns: map[net.Conn]struct{}{}}
	t.Cleanup(func() {
		l.Close()
		n.cut()
	})
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go n.join(near, s.host)
		}
	}()
	return n
}

func (n *line) join(near net.Conn, to string) {
	far, err := net.Dial("tcp", to)
	if err != nil || !n.keep(near, far) {
		near.Close()
		if far != nil {
			far.Close()
		}
		return
	}
	go func() {
		_, _ = io.Copy(far, near) // ends when either side does
		n.drop(near, far)
	}()
	_, _ = io.Copy(near, far)
	n.drop(near, far)
}

func (n *line) keep(conns ...net.Conn) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.down {
		return false
	}
	for _, c := range conns {
		n.conns[c] = struct{}{}
	}
	return true
}

func (n *line) drop(conns ...net.Conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range conns {
		delete(n.conns, c)
		c.Close()
	}
}

// cut ends all that goes over the line, and lets nothing new through.
func (n *line) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down = true
	for c := range n.conns {
		c.Close()
	}
}

// mend lets connections through again.
func (n *line) mend() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down = false
}
