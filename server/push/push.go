// Package push tells people's devices of what concerns them, through the push
// services of their browsers (RFC 8030). It is told whose inbox may have changed,
// makes messages of that in the store, and sends those that are due: what waits
// is in the store, so that a restart loses none of it, and several nodes share
// the sending. Nothing that it does holds up a write, and no push service that
// hangs holds up another.
package push

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"folkmoot/app/talk"
	"folkmoot/app/words"
	"folkmoot/server/forum"
	"folkmoot/server/outside"
)

// Config is what a sender is made of; all but Loopback must be set.
type Config struct {
	Store    forum.Store
	Keys     *Keys
	Contact  string // an address of the operator, https: or mailto:, which push services are told
	Words    func(lang string) *words.Words
	Clock    func() time.Time
	Log      *slog.Logger
	Loopback bool // push services are on this machine, and nowhere else: for tests
}

// A Sender sends. Make one with [Start]. The nil Sender tells nobody.
type Sender struct {
	Config
	client  *http.Client
	proofs  proofs
	waiting waiting
	freed   chan struct{} // has one when there may be room for more
	ended   chan ended
	lanes   [2]*lane // of devices whose push service took the last message, and of others
	sends   sync.WaitGroup
	abort   context.CancelFunc // of what is being sent
	stop    context.CancelFunc
	done    chan struct{}
}

// How messages are paced.
const (
	round      = 250 * time.Millisecond // what is told within is looked up together
	lookEvery  = 15 * time.Second       // for what other nodes left
	blocked    = time.Second            // what is due, but may not be sent yet, is looked at again
	sweepEvery = 5 * time.Minute        // for notices that nobody was told of, because a node fell over
	sweepBack  = time.Hour
	answerIn   = 10 * time.Second // of a push service
	lease      = 2 * time.Minute  // within which a message is settled, or somebody else's to send
	leaveIn    = 3 * time.Second
)

// Start starts to send. It works until Close.
func Start(c Config) *Sender {
	ctx, stop := context.WithCancel(context.Background())
	sending, abort := context.WithCancel(context.Background())
	s := &Sender{
		Config: c, client: outside.NewClient(outside.Options{Within: answerIn, PerHost: proven.perHost, Loopback: c.Loopback}),
		proofs:  proofs{keys: c.Keys, contact: c.Contact, made: map[string]proof{}},
		waiting: waiting{people: map[string]bool{}, comments: map[string][]talk.Comment{}, kick: make(chan struct{}, 1)},
		freed:   make(chan struct{}, 1), ended: make(chan ended, 256),
		lanes: [2]*lane{newLane(proven), newLane(unproven)}, abort: abort, stop: stop, done: make(chan struct{}),
	}
	settled := make(chan struct{})
	go func() {
		defer close(settled)
		s.settle()
	}()
	go func() {
		defer close(s.done)
		s.run(ctx, sending)
		s.sends.Wait()
		close(s.ended)
		<-settled
	}()
	return s
}

// Key is by which push services know the site, for browsers; empty for nobody.
func (s *Sender) Key() string {
	if s == nil {
		return ""
	}
	return s.Keys.Public()
}

// Close lets what is being sent end, for a moment; what is left is sent when
// there is a sender again.
func (s *Sender) Close() {
	if s == nil {
		return
	}
	s.stop()
	late := time.AfterFunc(leaveIn, s.abort)
	<-s.done
	late.Stop()
	s.abort()
	s.client.CloseIdleConnections()
}

// Tell says whose inbox may have changed, and which comments were published. It
// doesn't wait; if a great many wait already, some are told later.
func (s *Sender) Tell(people []string, published []talk.Comment) {
	if s != nil {
		s.waiting.add(people, published)
	}
}

// waitingMax bounds who and what waits to be looked up.
const waitingMax = 20_000

// waiting is who is to be looked up.
type waiting struct {
	kick     chan struct{} // has one when somebody waits
	mu       sync.Mutex
	people   map[string]bool
	comments map[string][]talk.Comment // by thread: the first of two people, so that there is one that isn't a follower's own
}

func (w *waiting) add(people []string, published []talk.Comment) {
	w.mu.Lock()
	for _, p := range people {
		if len(w.people) < waitingMax {
			w.people[p] = true
		} else {
			untold.Inc()
		}
	}
	for _, c := range published {
		first := w.comments[c.Thread]
		switch {
		case len(first) == 2, len(first) == 1 && first[0].Author.ID == c.Author.ID:
		case len(w.comments) < waitingMax:
			w.comments[c.Thread] = append(first, c)
		default:
			untold.Inc()
		}
	}
	w.mu.Unlock()
	signal(w.kick)
}

func (w *waiting) take() (people []string, published []talk.Comment) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for p := range w.people {
		people = append(people, p)
	}
	for _, first := range w.comments {
		published = append(published, first...)
	}
	clear(w.people)
	clear(w.comments)
	return people, published
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run looks up who is to be told, and sends what is due.
func (s *Sender) run(ctx, sending context.Context) {
	swept := time.Time{}
	for ctx.Err() == nil {
		if time.Since(swept) > sweepEvery {
			s.queue(ctx, nil)
			swept = time.Now()
		}
		busy := s.look()
		next := s.dispatch(ctx, sending)
		if busy {
			pause(ctx, round)
			continue
		}
		timer := time.NewTimer(next)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-s.waiting.kick:
		case <-s.freed:
		}
		timer.Stop()
	}
	s.look() // so that what was told is not lost
}

// look makes messages for those who wait, if anybody does. It is carried through
// when the sender ends: nobody else knows who waited.
func (s *Sender) look() bool {
	ctx, cancel := context.WithTimeout(context.Background(), answerIn)
	defer cancel()
	people, published := s.waiting.take()
	if len(people) > 0 {
		s.queue(ctx, people)
	}
	for _, c := range published {
		if _, err := s.Store.QueueFollowed(ctx, c.ID, s.Clock()); err != nil {
			s.failed(ctx, "looking for followers to tell", err)
		}
	}
	return len(people)+len(published) > 0
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// queue makes messages of what these people, or all, were not told of yet.
func (s *Sender) queue(ctx context.Context, people []string) {
	now := s.Clock()
	if _, err := s.Store.QueueNotices(ctx, people, now.Add(-sweepBack), now); err != nil {
		s.failed(ctx, "looking for people to tell", err)
	}
}

func (s *Sender) failed(ctx context.Context, doing string, err error) {
	if ctx.Err() == nil {
		storeErrors.Inc()
		s.Log.Error("push: the store failed", "doing", doing, "error", err)
	}
}

// dispatch sends what is due and may be sent now, and returns when to look again.
func (s *Sender) dispatch(ctx, sending context.Context) time.Duration {
	now := s.Clock()
	at, waits, err := s.Store.NextMessage(ctx)
	switch {
	case err != nil:
		s.failed(ctx, "looking for what is due", err)
		return lookEvery
	case !waits:
		return lookEvery
	case at.After(now):
		return min(lookEvery, at.Sub(now))
	}
	found := 0
	for i, l := range s.lanes {
		limit, perHost, not := l.free(now)
		if limit == 0 {
			continue
		}
		all, err := s.Store.TakeMessages(ctx, forum.Taking{Now: now, Until: now.Add(lease), Limit: limit, PerHost: perHost, Not: not, Proven: i == 0})
		if err != nil {
			s.failed(ctx, "taking what is due", err)
			return lookEvery
		}
		found += len(all)
		for _, m := range all {
			l.begin(m.Host)
			s.sends.Add(1)
			go func() {
				defer s.sends.Done()
				s.attempt(sending, l, &m)
			}()
		}
	}
	if found == 0 {
		return blocked
	}
	return 0
}

// An ended message was sent, or not; left says that it is to stay where it is.
type ended struct {
	forum.Settled
	lane *lane
	left bool
}

// settle writes down what has become of messages, together what ends together.
func (s *Sender) settle() {
	for first := range s.ended {
		all := []ended{first}
		for more := true; more && len(all) < cap(s.ended); {
			select {
			case next, ok := <-s.ended:
				if more = ok; ok {
					all = append(all, next)
				}
			default:
				more = false
			}
		}
		var settled []forum.Settled
		for _, e := range all {
			if !e.left {
				settled = append(settled, e.Settled)
			}
		}
		if len(settled) > 0 {
			ctx, cancel := context.WithTimeout(context.Background(), answerIn)
			if err := s.Store.SettleMessages(ctx, settled); err != nil {
				s.failed(ctx, "settling messages", err) // they are sent again
			}
			cancel()
		}
		for _, e := range all {
			e.lane.end(e.Host)
		}
		signal(s.freed)
	}
}
