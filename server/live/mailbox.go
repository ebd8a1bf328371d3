package live

import (
	"sync"

	"folkmoot/app/talk"
)

// What may wait for one connection. More means that it reads slower than the
// thread moves: it is cut off, and joins again since what it has.
const (
	waitingFrames = 512
	waitingBytes  = 1 << 20
	batchBytes    = 32 << 10 // written at once
)

// A mailbox holds what waits for one connection: log entries and answers in
// order, and of each thread's counts only the newest. Whoever puts something
// in never waits; if told to start, they start the connection's writer.
//
// The bytes of a frame may be shared by many mailboxes: nobody changes them.
type mailbox struct {
	mu       sync.Mutex
	queue    [][]byte
	bytes    int                // in queue
	newest   map[string]*counts // by thread, what comes after queue; nil if empty
	farewell []byte             // the close frame, which comes last
	closed   bool               // takes nothing more
	writing  bool               // a writer runs, or was told to start
	emptier  chan struct{}      // closed at the next take; nil unless somebody waits for room
	idle     chan struct{}      // closed when the writer ends; nil unless somebody waits for that
}

// counts are the newest tally and presence of one thread.
type counts struct {
	tally    talk.Tally
	frame    []byte // of tally; nil if it was merged here, or if there is none
	presence []byte
}

// put adds frames in order, all or none. full means that there is no room.
func (m *mailbox) put(frames ...[]byte) (start, full bool) {
	size := 0
	for _, f := range frames {
		size += len(f)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.closed:
		return false, false
	case len(m.queue) > 0 && (len(m.queue)+len(frames) > waitingFrames || m.bytes+size > waitingBytes):
		return false, true
	}
	m.queue = append(m.queue, frames...)
	m.bytes += size
	return m.start(), false
}

// putTally adds a tally, whose frame is given, to what waits of its thread.
func (m *mailbox) putTally(thread string, t talk.Tally, frame []byte) (start bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	c := m.of(thread)
	if c.tally.Version == 0 {
		c.tally, c.frame = t, frame
	} else {
		c.tally, c.frame = c.tally.Merge(t), nil
	}
	return m.start()
}

// putPresence replaces what waits of its kind.
func (m *mailbox) putPresence(thread string, frame []byte) (start bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.of(thread).presence = frame
	return m.start()
}

// forget drops the counts of a thread that has been left.
func (m *mailbox) forget(thread string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.newest, thread)
}

// close takes nothing more after the farewell (none if nil). drop forgets what
// waits, too. Only the first close counts.
func (m *mailbox) close(farewell []byte, drop bool) (start bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.closed, m.farewell, m.newest = true, farewell, nil
	if drop {
		m.queue, m.bytes = nil, 0
	}
	m.signal()
	return m.start()
}

// fail drops everything, the farewell too: the connection is broken.
func (m *mailbox) fail() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed, m.queue, m.bytes, m.newest, m.farewell = true, nil, 0, nil, nil
	m.signal()
}

// take hands the writer what to write next, or ends it. The slices are the
// caller's to append to.
func (m *mailbox) take() (frames [][]byte, newest map[string]*counts, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, size := 0, 0
	for n < len(m.queue) && (n == 0 || size+len(m.queue[n]) <= batchBytes) {
		size += len(m.queue[n])
		n++
	}
	frames, m.queue, m.bytes = m.queue[:n:n], m.queue[n:], m.bytes-size
	if len(m.queue) == 0 {
		m.queue = nil
		newest, m.newest = m.newest, nil
	}
	m.signal()
	switch {
	case len(frames) > 0 || len(newest) > 0:
		return frames, newest, true
	case m.farewell != nil:
		frames, m.farewell = [][]byte{m.farewell}, nil
		return frames, nil, true
	}
	m.writing = false
	if m.idle != nil {
		close(m.idle)
		m.idle = nil
	}
	return nil, nil, false
}

// waitForRoom returns when the mailbox is half empty, or false when it is
// closed. It is for a connection's own reader, which may wait for itself.
func (m *mailbox) waitForRoom() bool {
	for {
		m.mu.Lock()
		if m.closed || (len(m.queue) < waitingFrames/2 && m.bytes < waitingBytes/2) {
			defer m.mu.Unlock()
			return !m.closed
		}
		if m.emptier == nil {
			m.emptier = make(chan struct{})
		}
		emptier := m.emptier
		m.mu.Unlock()
		<-emptier
	}
}

// waitForWriter returns when no writer runs. Only after close, and once.
func (m *mailbox) waitForWriter() {
	m.mu.Lock()
	if !m.writing {
		m.mu.Unlock()
		return
	}
	idle := make(chan struct{})
	m.idle = idle
	m.mu.Unlock()
	<-idle
}

func (m *mailbox) isClosed() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.closed
}

// of returns the counts of a thread, with mu held.
func (m *mailbox) of(thread string) *counts {
	if m.newest == nil {
		m.newest = map[string]*counts{}
	}
	c := m.newest[thread]
	if c == nil {
		c = &counts{}
		m.newest[thread] = c
	}
	return c
}

// start says, with mu held, whether the caller must start the writer.
func (m *mailbox) start() bool {
	if m.writing || (len(m.queue) == 0 && m.newest == nil && m.farewell == nil) {
		return false
	}
	m.writing = true
	return true
}

// signal wakes whoever waits for room, with mu held.
func (m *mailbox) signal() {
	if m.emptier != nil {
		close(m.emptier)
		m.emptier = nil
	}
}
