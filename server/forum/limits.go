package forum

import (
	"context"
	"math"
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"folkmoot/app/talk"
)

// A deed is what is limited: by person, and by address, because guests cost
// nothing to make.
type deed string

const (
	posting    deed = "post"  // and editing and flagging
	keeping    deed = "keep"  // order: what those do who clean up, and deleting and restoring
	reacting   deed = "react" // and liking
	marking    deed = "mark"  // what one follows, mutes and has seen, and one's settings
	meeting    deed = "meet"  // making a guest
	opening    deed = "open"  // making a thread
	previewing deed = "preview"
	searching  deed = "search" // for people in a thread, and who has reacted
	handing    deed = "hand"   // making codes to continue elsewhere
	sending    deed = "send"   // an outbox, or a proof of who one is; what is in it counts besides
	guessing   deed = "guess"  // redeeming an invitation
)

// pace is a token bucket's: so many a second in the long run, so many at once.
type pace struct {
	rate  float64
	burst int
}

// The paces. Somebody who types fast posts every ten seconds; a school or an
// office behind one address is some hundred people.
var (
	byPerson = map[deed]pace{
		posting:  {0.5, 20},
		keeping:  {5, 60},
		reacting: {5, 60},
		marking:  {2, 60},
		handing:  {0.05, 10},
	}
	byAddress = map[deed]pace{
		posting:    {2, 60},
		keeping:    {20, 240},
		reacting:   {50, 600},
		marking:    {50, 600},
		meeting:    {2, 120},
		opening:    {2, 240},
		handing:    {1, 60},
		sending:    {5, 120},
		previewing: {5, 60},
		searching:  {10, 100},
		guessing:   {0.1, 10}, // of a code with 40 bits that is good for ten minutes
	}
)

func deedOf(kind talk.Do) deed {
	switch kind {
	case talk.React, talk.Like:
		return reacting
	case talk.Delete, talk.Restore, talk.Pin, talk.Hold, talk.Lock, talk.Ban, talk.Appoint, talk.Credit:
		return keeping
	case talk.Follow, talk.Mute, talk.Seen:
		return marking
	case talk.Post, talk.Edit, talk.Flag:
	}
	return posting
}

// bucketsOf are the ones that a deed takes a token from.
func bucketsOf(who Who, d deed) []Bucket {
	p := byAddress[d]
	all := []Bucket{{Key: string(d) + ":" + Network(who.Address).String(), Rate: p.rate, Burst: p.burst}}
	if p, ok := byPerson[d]; ok {
		all = append(all, Bucket{Key: string(d) + ":" + who.Person, Rate: p.rate, Burst: p.burst})
	}
	return all
}

// allow refuses what somebody does too much of, with the seconds to wait. When
// the limits can't be asked, this process counts by itself.
func (f *Forum) allow(ctx context.Context, who Who, deeds ...deed) error {
	if !f.RateLimits {
		return nil
	}
	var buckets []Bucket
	for _, d := range deeds {
		buckets = append(buckets, bucketsOf(who, d)...)
	}
	wait, err := f.Limits.Take(ctx, buckets...)
	if err != nil {
		wait, _ = f.ownLimits.Take(ctx, buckets...) // never fails
	}
	if wait <= 0 {
		return nil
	}
	refused.Inc()
	return &talk.Error{
		Code: talk.RateLimited, RetryAfter: int(math.Ceil(wait.Seconds())),
		Message: "That was a lot in a short time. Please wait a moment, then try again.",
	}
}

// Network is whose address it is: an IPv6 customer has a /64 at least.
func Network(a netip.Addr) netip.Prefix {
	a = a.Unmap()
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // the zero address is one network of its own
	return p
}

// OwnLimits are the limits of one process. They remember the buckets of those
// who were busy lately; whoever is forgotten starts with full ones.
type OwnLimits struct {
	clock   func() time.Time
	buckets *lru.Cache[string, *rate.Limiter] // by key
}

var _ Limits = (*OwnLimits)(nil)

// NewOwnLimits starts with all buckets full.
func NewOwnLimits(clock func() time.Time) *OwnLimits {
	buckets, _ := lru.New[string, *rate.Limiter](50_000) // fails for sizes below 1 only
	return &OwnLimits{clock: clock, buckets: buckets}
}

// Take takes a token from each bucket or from none. It never fails.
func (l *OwnLimits) Take(_ context.Context, buckets ...Bucket) (wait time.Duration, err error) {
	now := l.clock()
	taken := make([]*rate.Reservation, 0, len(buckets))
	for _, b := range buckets {
		r := l.bucket(b).ReserveN(now, 1)
		taken = append(taken, r)
		wait = max(wait, r.DelayFrom(now))
	}
	if wait > 0 {
		for _, r := range taken {
			r.CancelAt(now)
		}
	}
	return wait, nil
}

func (l *OwnLimits) bucket(b Bucket) *rate.Limiter {
	if known, ok := l.buckets.Get(b.Key); ok {
		return known
	}
	fresh := rate.NewLimiter(rate.Limit(b.Rate), b.Burst)
	if known, had, _ := l.buckets.PeekOrAdd(b.Key, fresh); had {
		return known
	}
	return fresh
}
