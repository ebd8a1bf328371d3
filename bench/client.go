package main

import (
	"bytes"
	"fmt"
	"net"
	"strconv"
	"time"
)

// A wire is one keep-alive HTTP/1.1 connection, with as little around it as
// can be: the generator shares its cores with the server, and net/http's client
// would cost more than the server does. It knows what Folkmoot answers: headers
// in canonical form, and a Content-Length.
type wire struct {
	net.Conn
	buf []byte
}

// dial connects. Whatever is asked must be answered within the time.
func dial(addr string, within time.Duration) (*wire, error) {
	c, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return nil, err
	}
	return &wire{c, make([]byte, 16<<10)}, c.SetDeadline(time.Now().Add(within))
}

// An answer's bytes hold until the wire is used again.
type answer struct {
	status       int
	header, body []byte
}

// do sends a request and reads its answer.
func (w *wire) do(req []byte) (a answer, err error) {
	if _, err := w.Write(req); err != nil {
		return a, err
	}
	n, end := 0, 0
	for end == 0 {
		w.room(n + 1)
		m, err := w.Read(w.buf[n:])
		if err != nil {
			return a, err
		}
		from := max(0, n-3)
		n += m
		if i := bytes.Index(w.buf[from:n], []byte("\r\n\r\n")); i >= 0 {
			end = from + i + 4
		}
	}
	size, err := a.parse(w.buf[:end])
	if err != nil {
		return a, err
	}
	w.room(end + size)
	for n < end+size {
		m, err := w.Read(w.buf[n : end+size])
		if err != nil {
			return a, err
		}
		n += m
	}
	if n > end+size {
		return a, fmt.Errorf("%d bytes came after the answer", n-end-size)
	}
	a.header, a.body = w.buf[:end], w.buf[end:end+size]
	return a, nil
}

// room makes the buffer at least so long.
func (w *wire) room(size int) {
	if size > len(w.buf) {
		w.buf = append(w.buf, make([]byte, size)...)
	}
}

// parse reads the status and how long the body is.
func (a *answer) parse(header []byte) (size int, err error) {
	if len(header) < 12 || !bytes.HasPrefix(header, []byte("HTTP/1.1 ")) {
		return 0, fmt.Errorf("this is no answer: %q", header)
	}
	if a.status, err = strconv.Atoi(string(header[9:12])); err != nil {
		return 0, fmt.Errorf("this is no answer: %q", header)
	}
	if a.status == 204 || a.status == 304 {
		return 0, nil
	}
	a.header = header
	if size, err = strconv.Atoi(string(a.value("Content-Length"))); err != nil || size < 0 || size > 64<<20 {
		return 0, fmt.Errorf("an answer without a length: %q", header)
	}
	return size, nil
}

// value is a header's, or nil.
func (a *answer) value(name string) []byte {
	at := bytes.Index(a.header, []byte("\r\n"+name+": "))
	if at < 0 {
		return nil
	}
	v := a.header[at+len(name)+4:]
	return v[:bytes.IndexByte(v, '\r')]
}

// must refuses any other status, with what the server said.
func (a *answer) must(status int) error {
	if a.status == status {
		return nil
	}
	return fmt.Errorf("answered %d instead of %d: %s", a.status, status, a.body[:min(len(a.body), 1000)])
}

// request writes one. Headers is more of them, each line ended.
func request(method, path, host, headers string, body []byte) []byte {
	r := appendRequest(nil, method, path, host, headers)
	if body != nil {
		r = fmt.Appendf(r, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	return append(append(r, "\r\n"...), body...)
}

// appendRequest writes all but the empty line.
func appendRequest(r []byte, method, path, host, headers string) []byte {
	r = append(append(append(append(r, method...), ' '), path...), " HTTP/1.1\r\nHost: "...)
	return append(append(append(r, host...), "\r\n"...), headers...)
}
