package redis

import (
	"context"
	_ "embed"
	"errors"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"folkmoot/server/forum"
)

const (
	limitsPatience = 100 * time.Millisecond // a person waits with it
	limitsRest     = time.Second            // after a failure, before Redis is asked again
)

var errResting = errors.New("Redis didn't answer a moment ago") //nolint:staticcheck // a name

//go:embed take.lua
var takeScript string

//go:embed give.lua
var giveScript string

// limits are token buckets in Redis, counted by its clock. A bucket is one
// number, when it will be full again, and expires then.
//
// One script takes from all buckets or from none. In a cluster, where they are
// on different masters, each is asked by itself, and what was taken is given
// back if another is empty: for that moment a bucket seems to hold one token
// less than it does. A common hash tag would spare that, but put the buckets of
// all people on one master.
type limits struct {
	client   redis.UniversalClient
	prefix   string
	apart    bool          // each bucket by itself
	patience time.Duration // with one answer
	log      *slog.Logger

	take, give *redis.Script
	logged     rarely

	mu    sync.Mutex
	until time.Time // when Redis may be asked again, after a failure
}

var _ forum.Limits = (*limits)(nil)

func newLimits(client redis.UniversalClient, prefix string, apart bool, log *slog.Logger) *limits {
	return &limits{
		client: client, prefix: prefix, apart: apart, patience: limitsPatience, log: log,
		take: redis.NewScript(takeScript), give: redis.NewScript(giveScript),
	}
}

// Take fails at once while Redis is gone, but for one who tries each second.
func (l *limits) Take(ctx context.Context, buckets ...forum.Bucket) (wait time.Duration, err error) {
	if len(buckets) == 0 {
		return 0, nil
	}
	if !l.mayAsk(time.Now()) {
		return 0, errResting
	}
	asking, cancel := context.WithTimeout(ctx, l.patience)
	defer cancel()
	if l.apart && len(buckets) > 1 {
		wait, err = l.takeApart(asking, buckets)
	} else {
		wait, err = l.run(asking, l.take, buckets...)
	}
	if err != nil && ctx.Err() == nil {
		notTaken.Inc()
		l.rest(time.Now())
		if l.logged.due() {
			l.log.Warn("Redis can't be asked for limits; each node counts by itself meanwhile", "error", err)
		}
	}
	return wait, err
}

// mayAsk lets the first one pass when the rest is over, and the others once
// that one was answered.
func (l *limits) mayAsk(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until.IsZero() {
		return true
	}
	if now.Before(l.until) {
		return false
	}
	l.until = now.Add(limitsRest)
	return true
}

func (l *limits) rest(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = now.Add(limitsRest)
}

func (l *limits) answered() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = time.Time{}
}

// takeApart asks for each bucket by itself, all at once.
func (l *limits) takeApart(ctx context.Context, buckets []forum.Bucket) (wait time.Duration, err error) {
	waits, errs := make([]time.Duration, len(buckets)), make([]error, len(buckets))
	l.each(buckets, func(i int) { waits[i], errs[i] = l.run(ctx, l.take, buckets[i]) })
	for i := range buckets {
		wait = max(wait, waits[i])
	}
	err = errors.Join(errs...)
	if wait > 0 || err != nil {
		l.each(buckets, func(i int) {
			if waits[i] <= 0 && errs[i] == nil {
				_, errs[i] = l.run(ctx, l.give, buckets[i])
			}
		})
		err = errors.Join(errs...)
	}
	return wait, err
}

func (l *limits) each(buckets []forum.Bucket, do func(i int)) {
	var all sync.WaitGroup
	for i := range buckets {
		all.Go(func() { do(i) })
	}
	all.Wait()
}

func (l *limits) run(ctx context.Context, script *redis.Script, buckets ...forum.Bucket) (time.Duration, error) {
	keys, args := make([]string, len(buckets)), make([]any, 0, 2*len(buckets))
	for i, b := range buckets {
		keys[i] = l.prefix + b.Key
		every := 1e6 / math.Max(b.Rate, 1e-6)
		args = append(args, every, b.Burst)
	}
	wait, err := script.Run(ctx, l.client, keys, args...).Int64()
	if err != nil {
		return 0, err
	}
	l.answered()
	return time.Duration(wait) * time.Microsecond, nil
}
