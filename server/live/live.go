// Package live keeps open pages up to date: sockets, rooms, viewers and
// mailboxes, speaking the live protocol of package talk. It carries out no
// command and remembers nothing itself: what is done goes to the forum, what
// was missed is read from it.
//
// # Goroutines
//
// A connection has one, which reads; a second one writes while something waits
// for the connection. A room has one while there is news. One sweeper pings,
// finds who has gone silent, and compares rooms with the store.
//
// # Locks
//
// Server.mu, room.mu, watches.mu, inbox.mu and crowds.mu are never held together.
// With any of them held, mailbox.mu or news.mu may be taken, and with those
// nothing more. No lock is held while the store, the bus or a socket is waited
// for.
package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

const (
	pingEvery     = 25 * time.Second
	silenceMax    = 40 * time.Second
	compareEvery  = 10 * time.Second
	perAddress    = 500
	storeWait     = 10 * time.Second // for one answer of the store or the bus
	handshakeWait = 10 * time.Second
)

// Config is what a server is made of. Forum to Log must be set.
type Config struct {
	Forum        *forum.Forum
	Bus          forum.Bus
	Identify     func(*http.Request) forum.Who // asked once, at the upgrade
	AllowOrigin  func(*http.Request) bool
	Tongue       func(*http.Request) Tongue // in which refusals are said, asked at the upgrade; nil: in English
	Log          *slog.Logger
	RateLimits   bool          // how many messages a connection may send, and how many connections an address may have
	HidePresence bool          // nobody is told how many are here
	HideTyping   bool          // nor who is writing
	PerAddress   int           // connections of one address; 0: 500, an office's or a school's
	CompareEvery time.Duration // with the store, in case the bus has lost a thread's last update; 0: 10 s, which is for a bus that loses nothing
}

// A Tongue says why something was not done, in a language.
type Tongue interface{ Refusal(*talk.Error) string }

// A Server answers GET /api/v1/live. Make one with [New]; its methods may be
// called by several goroutines.
type Server struct {
	Config
	upgrader websocket.Upgrader
	node     string // a name of this process among the nodes

	ctx       context.Context // of what is asked of store and bus; ended when Shutdown gives up or is through
	cancel    context.CancelFunc
	readers   sync.WaitGroup // one a connection; Add under mu, while not leaving
	others    sync.WaitGroup // the sweeper, rooms' goroutines
	check     chan struct{}  // has room for one
	comparing atomic.Bool    // a comparison with the store is under way

	mu      sync.RWMutex
	leaving bool
	next    int                                  // slot of the next connection
	conns   [pingEvery / beat]map[*conn]struct{} // by the beat at which they are pinged
	rooms   map[string]*room                     // by thread
	from    map[netip.Prefix]int                 // connections by address

	watches watches
	crowds  crowds
}

// New starts a server; it works until Shutdown.
func New(c Config) *Server {
	s := &Server{
		Config: c,
		upgrader: websocket.Upgrader{
			HandshakeTimeout: handshakeWait,
			ReadBufferSize:   256,
			WriteBufferPool:  &sync.Pool{},                             // else each connection keeps 4 KB
			CheckOrigin:      func(*http.Request) bool { return true }, // see dismiss
		},
		node:  forum.NewID(),
		check: make(chan struct{}, 1),
		rooms: map[string]*room{},
		from:  map[netip.Prefix]int{},
	}
	if s.PerAddress == 0 {
		s.PerAddress = perAddress
	}
	if s.CompareEvery == 0 {
		s.CompareEvery = compareEvery
	}
	for i := range s.conns {
		s.conns[i] = map[*conn]struct{}{}
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.others.Go(s.sweep)
	s.others.Go(s.hearCrowds)
	return s
}

// ServeHTTP upgrades to a websocket. It returns at once, so that net/http gives
// back its buffers; the connection lives on.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	leaving := s.leaving
	s.mu.RUnlock()
	if leaving {
		w.Header().Set("Retry-After", "1")
		http.Error(w, "This server is leaving. Please try again in a moment.", http.StatusServiceUnavailable)
		return
	}
	who := s.Identify(r)
	ws, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	c := newConn(s, ws, who)
	if s.Tongue != nil {
		c.tongue = s.Tongue(r)
	}
	welcome, tooMany := s.add(c)
	switch {
	case !welcome:
		ws.Close()
	case !s.AllowOrigin(r):
		refusedOrigin.Inc()
		go c.dismiss(talk.CloseOrigin, "not from this origin")
	case tooMany:
		refusedAddress.Inc()
		go c.dismiss(talk.CloseTooMany, "too many connections from this address")
	default:
		go c.run()
	}
}

// Viewers says how many connections have the thread open, here and at other
// nodes, if anybody here has.
func (s *Server) Viewers(thread string) int {
	s.mu.RLock()
	r := s.rooms[thread]
	s.mu.RUnlock()
	if r == nil {
		return 0
	}
	return int(r.total.Load())
}

// Check compares all rooms with the store soon, rather than at the next
// interval. It is for whoever knows that the bus has lost something.
func (s *Server) Check() {
	select {
	case s.check <- struct{}{}:
	default:
	}
}

// Shutdown asks every viewer to come back, to another node, at a random time
// within the spread, after what they asked for is answered. It waits until all
// are gone; when ctx ends before, it cuts off the rest and returns its error.
func (s *Server) Shutdown(ctx context.Context, spread time.Duration) error {
	s.mu.Lock()
	s.leaving = true
	s.mu.Unlock()
	for _, c := range s.everybody() {
		c.comeBack(randomUpTo(spread))
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		s.readers.Wait()
		s.cancel()
		s.others.Wait()
	}()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
	}
	s.cancel()
	for _, c := range s.everybody() {
		c.ws.Close()
	}
	return fmt.Errorf("live: viewers were cut off: %w", ctx.Err())
}

func randomUpTo(d time.Duration) string {
	if d <= 0 {
		return "0"
	}
	return strconv.FormatInt(rand.N(d).Milliseconds(), 10)
}

// add counts a connection in, unless the server is leaving. tooMany says that
// its address has more than it may.
func (s *Server) add(c *conn) (ok, tooMany bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leaving {
		return false, false
	}
	address := forum.Network(c.who.Address)
	s.from[address]++
	connections.Inc()
	c.slot = s.next
	s.next = (s.next + 1) % len(s.conns)
	s.conns[c.slot][c] = struct{}{}
	s.readers.Add(1)
	return true, s.RateLimits && s.from[address] > s.PerAddress
}

func (s *Server) remove(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns[c.slot], c)
	connections.Dec()
	address := forum.Network(c.who.Address)
	if s.from[address]--; s.from[address] == 0 {
		delete(s.from, address)
	}
}

func (s *Server) everybody() (all []*conn) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, slot := range s.conns {
		for c := range slot {
			all = append(all, c)
		}
	}
	return all
}

// patience is a context for one question to the store or the bus.
func (s *Server) patience() (context.Context, context.CancelFunc) {
	return context.WithTimeout(s.ctx, storeWait)
}

// refusal makes what a person may read of any error.
func (s *Server) refusal(doing string, err error) talk.Error {
	if refused := (*talk.Error)(nil); errors.As(err, &refused) {
		return *refused
	}
	if s.ctx.Err() == nil {
		s.Log.Error("live failed", "doing", doing, "error", err)
	}
	return talk.Error{Code: talk.Unavailable, RetryAfter: 2, Message: "Folkmoot can't do this just now. Please try again in a moment."}
}
