package rig

import (
	"bytes"
	"fmt"
	"net"
	"strconv"
	"time"
)

// A Wire is one keep-alive HTTP/1.1 connection, with as little around it as
// can be: the generator shares its cores with the server, and net/http's client
// would cost more than the server does. It knows what Folkmoot answers: headers
// in canonical form, and a Content-Length.
type Wire struct {
	net.Conn
	buf []byte
}

// Dial connects. Whatever is asked must be answered within the time.
func Dial(addr string, within time.Duration) (*Wire, error) {
	c, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return nil, err
	}
	return &Wire{c, make([]byte, 16<<10)}, c.SetDeadline(time.Now().Add(within))
}

// An Answer is what came back. Its bytes hold until the Wire is used again.
type Answer struct {
	Status       int
	Header, Body []byte
}

// Do sends a request and reads its answer.
func (w *Wire) Do(req []byte) (a Answer, err error) {
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
	a.Header, a.Body = w.buf[:end], w.buf[end:end+size]
	return a, nil
}

// room makes the buffer at least so long.
func (w *Wire) room(size int) {
	if size > len(w.buf) {
		w.buf = append(w.buf, make([]byte, size)...)
	}
}

// parse reads the status and how long the body is.
func (a *Answer) parse(header []byte) (size int, err error) {
	if len(header) < 12 || !bytes.HasPrefix(header, []byte("HTTP/1.1 ")) {
		return 0, fmt.Errorf("this is no answer: %q", header)
	}
	if a.Status, err = strconv.Atoi(string(header[9:12])); err != nil {
		return 0, fmt.Errorf("this is no answer: %q", header)
	}
	if a.Status == 204 || a.Status == 304 {
		return 0, nil
	}
	a.Header = header
	if size, err = strconv.Atoi(string(a.Value("Content-Length"))); err != nil || size < 0 || size > 64<<20 {
		return 0, fmt.Errorf("an answer without a length: %q", header)
	}
	return size, nil
}

// Value is a header's, or nil.
func (a *Answer) Value(name string) []byte {
	at := bytes.Index(a.Header, []byte("\r\n"+name+": "))
	if at < 0 {
		return nil
	}
	v := a.Header[at+len(name)+4:]
	return v[:bytes.IndexByte(v, '\r')]
}

// Must refuses any other status, with what the server said.
func (a *Answer) Must(status int) error {
	if a.Status == status {
		return nil
	}
	return fmt.Errorf("answered %d instead of %d: %s", a.Status, status, a.Body[:min(len(a.Body), 1000)])
}

// Request writes one. Headers is more of them, each line ended.
func Request(method, path, host, headers string, body []byte) []byte {
	r := AppendRequest(nil, method, path, host, headers)
	if body != nil {
		r = fmt.Appendf(r, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	return append(append(r, "\r\n"...), body...)
}

// AppendRequest writes all but the empty line.
func AppendRequest(r []byte, method, path, host, headers string) []byte {
	r = append(append(append(append(r, method...), ' '), path...), " HTTP/1.1\r\nHost: "...)
	return append(append(append(r, host...), "\r\n"...), headers...)
}
