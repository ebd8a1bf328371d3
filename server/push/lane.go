package push

import (
	"sync"
	"time"
)

// A room is how many messages are sent at once, in all and to one push service.
type room struct{ all, perHost int }

// Devices whose push service took the last message are sent to apart from others:
// of those, some may be addresses that were made up, and hang. They can hold up
// each other, and nobody else.
var (
	proven   = room{32, 16}
	unproven = room{8, 2}
)

// A lane is what is being sent of the ones or the others.
type lane struct {
	room
	mu     sync.Mutex
	active int
	hosts  map[string]*host
}

// A host is a push service.
type host struct {
	active   int
	failures int       // one after the other: no answer, or that it is overloaded
	until    time.Time // it is left alone
}

func newLane(r room) *lane { return &lane{room: r, hosts: map[string]*host{}} }

// How long a push service that fails is left alone: twice as long each time.
const (
	alone    = time.Second
	aloneMax = 5 * time.Minute
	hostLife = 10 * time.Minute // of what is known of one that nothing is sent to
)

// free is how many messages may be taken, how many of each push service, and of
// which none.
func (l *lane) free(now time.Time) (limit, perHost int, not []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	perHost = (l.perHost + 1) / 2
	for name, h := range l.hosts {
		switch {
		case h.active+perHost > l.perHost || h.until.After(now):
			not = append(not, name)
		case h.active == 0 && now.Sub(h.until) > hostLife:
			delete(l.hosts, name)
		}
	}
	return l.all - l.active, perHost, not
}

func (l *lane) begin(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.hosts[name] == nil {
		l.hosts[name] = &host{}
	}
	l.active++
	l.hosts[name].active++
}

func (l *lane) end(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.active--
	l.hosts[name].active--
}

// note notes how a push service does: an answer, or a failure, and when it wants
// to be asked again, if it says so.
func (l *lane) note(name string, answered bool, now, again time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.hosts[name]
	if answered {
		h.failures = 0
		return
	}
	h.failures++
	wait := min(alone<<min(h.failures-1, 10), aloneMax)
	if again.After(now.Add(wait)) {
		wait = min(again.Sub(now), aloneMax)
	}
	h.until = now.Add(wait)
}
