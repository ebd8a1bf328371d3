package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"
)

// Watchers hold sockets that watch threads, and check all that comes. One
// goroutine reads them all, by epoll, and takes frames apart by hand: the
// generator shares the machine with what it measures.
type watchers struct {
	speech speech
	epoll  int
	ended  chan struct{}
	stop   context.CancelFunc

	mu      sync.Mutex // guards all below; the reader holds it while it handles what it has read
	all     []*viewer
	byFD    map[int]*viewer
	threads map[string]*watched
	live    int // viewers who were told that they are in
	sum     sums
	faults  faults
	buf     []byte
}

// A viewer is one socket.
type viewer struct {
	fd      int
	in      *watched
	live    bool
	closed  bool
	next    uint64  // the entry that must come next
	version uint64  // of the tally
	counts  *counts // as of it
	tallied int64   // when it came
	rest    []byte  // the beginning of a frame
	parts   []byte  // the beginning of a message that comes in several
}

// Watched is a thread, with what is known of its log.
type watched struct {
	talkThread
	base     uint64              // the log's end before
	expected uint64              // entries since, as far as anybody was told to post
	entries  []*entry            // from base+1
	log      []delivery          // all that came, at all viewers
	tallies  map[uint64]*tallied // by version, as first received
}

// An entry is as it first arrived.
type entry struct {
	raw  []byte
	id   string // of the comment
	html string
	born int64 // when it could first be known, by the clock of who made it
}

// A delivery is when an entry arrived at one viewer, in Unix nanoseconds.
type delivery struct {
	entry int32 // of watched.entries
	at    int64
}

// A tallied is a tally as first received, and what it last made of what: many
// viewers have the same before and after.
type tallied struct {
	raw           []byte
	tally         map[string]int
	before, after *counts
}

// Counts are shared by viewers and never changed.
type counts struct{ reactions map[string]int }

// Sums are counted since the last reset.
type sums struct{ deliveries, tallies, frames, reads, bytes int }

// Faults are what must not happen.
type faults struct {
	missed, repeated, altered, cut int
	first                          string // in words
}

func (f *faults) note(format string, args ...any) {
	if f.first == "" {
		f.first = fmt.Sprintf(format, args...)
	}
}

func (f *faults) any() bool { return f.missed+f.repeated+f.altered+f.cut > 0 || f.first != "" }

func (f *faults) String() string {
	if !f.any() {
		return "none"
	}
	return fmt.Sprintf("%d missed, %d repeated, %d altered, %d cut off: %s", f.missed, f.repeated, f.altered, f.cut, f.first)
}

const readBytes = 1 << 20

func newWatchers(s speech, threads []talkThread) (*watchers, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	w := &watchers{
		speech: s, epoll: epoll, stop: stop, ended: make(chan struct{}),
		byFD: map[int]*viewer{}, threads: map[string]*watched{}, buf: make([]byte, readBytes+frameMax),
	}
	for _, t := range threads {
		w.threads[t.ID] = &watched{talkThread: t, base: t.Seq, tallies: map[uint64]*tallied{}}
	}
	go w.read(ctx)
	return w, nil
}

// dialers open sockets at the same time.
const dialers = 16

// connect opens n more sockets, spread over the threads, and returns when all
// are viewers.
func (w *watchers) connect(ctx context.Context, s *target, n int) error {
	var group sync.WaitGroup
	errs := make([]error, dialers)
	threads := s.threads
	for d := range dialers {
		group.Go(func() {
			for i := d; i < n && errs[d] == nil; i += dialers {
				if errs[d] = context.Cause(ctx); errs[d] == nil {
					errs[d] = w.add(s.Addr, threads[i%len(threads)], i)
				}
			}
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err // the others failed likewise
		}
	}
	if !w.until(ctx, joinWithin, func() bool { return w.live == len(w.all) || w.faults.any() }) {
		return fmt.Errorf("%d of %d are viewers after %v", w.live, n, joinWithin)
	}
	if w.faults.any() {
		return fmt.Errorf("joining: %s", &w.faults)
	}
	return s.sees(ctx, n)
}

const joinWithin = 60 * time.Second

func (w *watchers) add(addr string, t talkThread, n int) error {
	fd, rest, err := open(addr, w.speech.path(t), n, 0, w.speech.hello(t))
	if err == nil {
		err = syscall.SetNonblock(fd, true)
	}
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	v := &viewer{fd: fd, in: w.threads[t.ID], next: t.Seq + 1, version: t.Version, rest: rest, live: w.speech.silent}
	if v.live {
		w.live++
	}
	w.all = append(w.all, v)
	w.byFD[fd] = v
	return syscall.EpollCtl(w.epoll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)})
}

// until waits until something is so, which is asked with mu held.
func (w *watchers) until(ctx context.Context, within time.Duration, so func() bool) bool {
	for began := time.Now(); ; time.Sleep(2 * time.Millisecond) {
		w.mu.Lock()
		is := so()
		w.mu.Unlock()
		if is || time.Since(began) > within || ctx.Err() != nil {
			return is
		}
	}
}

// with does something with mu held.
func (w *watchers) with(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do()
}

// reset begins to count anew.
func (w *watchers) reset() {
	w.with(func() {
		w.sum = sums{}
		for _, t := range w.threads {
			t.log = t.log[:0]
		}
	})
}

// close closes all sockets.
func (w *watchers) close() {
	w.stop()
	<-w.ended
	for _, v := range w.all {
		if !v.closed {
			syscall.Close(v.fd)
		}
	}
	syscall.Close(w.epoll)
}

// read is the reader.
func (w *watchers) read(ctx context.Context) {
	defer close(w.ended)
	events := make([]syscall.EpollEvent, 512)
	for ctx.Err() == nil {
		n, err := syscall.EpollWait(w.epoll, events, 50)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			w.with(func() { w.faults.note("epoll: %v", err) })
			return
		}
		w.mu.Lock()
		for i := range max(0, n) {
			w.receive(w.byFD[int(events[i].Fd)])
		}
		w.mu.Unlock()
	}
}

// receive reads once: epoll says again if there is more.
func (w *watchers) receive(v *viewer) {
	if v.closed {
		return
	}
	kept := copy(w.buf, v.rest)
	n, err := syscall.Read(v.fd, w.buf[kept:kept+readBytes])
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR):
		return
	case err != nil, n == 0:
		w.cut(v, fmt.Sprintf("the connection ended (%v)", err))
		return
	}
	now := time.Now().UnixNano()
	w.sum.reads++
	w.sum.bytes += n
	b := w.buf[:kept+n]
	for !v.closed {
		first, payload, rest, ok, err := cutFrame(b)
		if err != nil {
			w.cut(v, err.Error())
			return
		}
		if !ok {
			break
		}
		b = rest
		w.frame(v, first, payload, now)
	}
	v.rest = append(v.rest[:0], b...)
}

// frame handles one; a message may come in several.
func (w *watchers) frame(v *viewer, first byte, payload []byte, now int64) {
	switch op := first &^ lastBit; op {
	case opText, opMore:
		w.sum.frames++
		switch {
		case first&lastBit == 0:
			v.parts = append(v.parts, payload...)
		case len(v.parts) > 0:
			w.text(v, append(v.parts, payload...), now)
			v.parts = v.parts[:0]
		default:
			w.text(v, payload, now)
		}
	case opPing:
		w.say(v, clientFrame(opPong, payload))
	case opPong:
	case opClose:
		code := 0
		if len(payload) >= 2 {
			code, payload = int(payload[0])<<8|int(payload[1]), payload[2:]
		}
		w.cut(v, fmt.Sprintf("closed with %d %s", code, payload))
	default:
		w.cut(v, fmt.Sprintf("a frame with opcode %d", op))
	}
}

// text handles a text message, which may be several in lines.
func (w *watchers) text(v *viewer, b []byte, now int64) {
	if !w.speech.lines {
		w.message(v, b, now)
		return
	}
	for line := range bytes.SplitSeq(b, []byte("\n")) {
		if len(line) > 0 {
			w.message(v, line, now)
		}
	}
}

// say sends something short.
func (w *watchers) say(v *viewer, frame []byte) {
	if _, err := syscall.Write(v.fd, frame); err != nil {
		w.cut(v, fmt.Sprintf("writing: %v", err))
	}
}

func (w *watchers) cut(v *viewer, why string) {
	if v.closed {
		return
	}
	v.closed = true
	w.faults.cut++
	w.faults.note("%s", why)
	syscall.Close(v.fd) // takes it out of epoll, too
}
