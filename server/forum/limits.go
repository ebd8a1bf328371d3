package forum

import (
	"math"
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"folkmoot/app/talk"
)

// A deed is what is limited: by person, and by address, because guests cost
// nothing to make.
type deed int

const (
	posting  deed = iota // and deleting
	reacting             // and liking
	meeting              // making a guest
	opening              // making a thread
)

// pace is a token bucket: so many a second in the long run, so many at once.
type pace struct {
	rate  rate.Limit
	burst int
}

// The paces. Somebody who types fast posts every ten seconds; a school or an
// office behind one address is some hundred people.
var (
	byPerson = map[deed]pace{
		posting:  {0.5, 20},
		reacting: {5, 60},
	}
	byAddress = map[deed]pace{
		posting:  {2, 60},
		reacting: {50, 600},
		meeting:  {2, 120},
		opening:  {2, 240},
	}
)

func deedOf(kind talk.Do) deed {
	if kind == talk.React || kind == talk.Like {
		return reacting
	}
	return posting
}

type bucketKey struct {
	deed    deed
	person  string
	address netip.Prefix
}

// A limiter remembers the buckets of those who were busy lately; whoever is
// forgotten starts with a full one.
type limiter struct {
	on      bool
	clock   func() time.Time
	buckets *lru.Cache[bucketKey, *rate.Limiter]
}

func newLimiter(on bool, clock func() time.Time) *limiter {
	buckets, _ := lru.New[bucketKey, *rate.Limiter](50_000) // fails for sizes below 1 only
	return &limiter{on: on, clock: clock, buckets: buckets}
}

// allow takes a token of the person's and of the address's, or refuses with
// the seconds to wait.
func (l *limiter) allow(who Who, d deed) error {
	if !l.on {
		return nil
	}
	now := l.clock()
	if p, ok := byPerson[d]; ok {
		if err := l.take(bucketKey{deed: d, person: who.Person}, p, now); err != nil {
			return err
		}
	}
	return l.take(bucketKey{deed: d, address: network(who.Address)}, byAddress[d], now)
}

func (l *limiter) take(k bucketKey, p pace, now time.Time) error {
	b, ok := l.buckets.Get(k)
	if !ok {
		b = rate.NewLimiter(p.rate, p.burst)
		if old, had, _ := l.buckets.PeekOrAdd(k, b); had {
			b = old
		}
	}
	r := b.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	r.CancelAt(now)
	seconds := int(math.Ceil(wait.Seconds()))
	return &talk.Error{Code: talk.RateLimited, RetryAfter: seconds, Message: "That was a lot in a short time. Please wait a moment, then try again."}
}

// network is whose address it is: an IPv6 customer has a /64 at least.
func network(a netip.Addr) netip.Prefix {
	a = a.Unmap()
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // the zero address is one network of its own
	return p
}
