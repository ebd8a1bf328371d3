// Package redis is the bus of a forum that is several nodes, and the limits
// that they share, on Redis.
//
// Redis carries news and remembers nothing but token buckets. It may vanish at
// any time: listeners of the same node are told directly, without it; [Bus.Err]
// says that it is gone; and once it is back, [Bus.OnGap] says that messages may
// have been lost, so that those who count them look into the store.
//
// A cluster is used with sharded pub/sub. There, threads are spread over a
// fixed number of lines, each in a hash slot of its own: see line.
package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"sync"

	"github.com/VictoriaMetrics/metrics"
	"github.com/redis/go-redis/v9"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// Options are what a bus needs to know.
type Options struct {
	// URL says where Redis is. A special character in the user's name or the
	// password is written as %XX.
	//
	//	redis://user:password@host:6379/0            one server
	//	redis+cluster://user:password@host:6379?addr=host2:6379&addr=host3:6379
	//	redis+sentinel://user:password@host:26379/0?addr=host2:26379&master_name=mymaster
	//	unix://user:password@/run/redis.sock?db=0    one on this machine
	//
	// With rediss instead of redis, connections are TLS; ca_file=/path/ca.pem
	// names a certificate authority that the system doesn't know. The user and
	// the password are those of Redis; those of the sentinels, if they want any,
	// are sentinel_username and sentinel_password. Further parameters are
	// go-redis's, such as dial_timeout=2s.
	//
	// An ACL user needs: ~folkmoot:* &folkmoot:* +@connection +@pubsub +@scripting
	// +get +set +del +time, and on a cluster +command +cluster.
	URL string

	// Key is a secret that all nodes of the site know and nobody else. From it
	// come the names of channels and keys, and the messages' authentication.
	Key []byte

	Log *slog.Logger
}

// A Bus carries updates between the nodes of a site.
type Bus struct {
	log    *slog.Logger
	client redis.UniversalClient
	seal   seal
	me     node
	lines  []*line
	limits *limits
	gaps   gaps

	cancel  context.CancelFunc
	running sync.WaitGroup
	healthy *metrics.Gauge

	dropLogged rarely

	mu   sync.Mutex
	gone bool // as it was logged last
}

var _ forum.Bus = (*Bus)(nil)

// errStarting is what is wrong at first.
var errStarting = errors.New("not connected to Redis yet")

// Open starts a bus. It fails only if the options can't be right: a Redis that
// can't be reached is tried again for ever, and meanwhile Err says so.
func Open(ctx context.Context, o Options) (*Bus, error) {
	if len(o.Key) == 0 {
		return nil, errors.New("the bus needs the site's key")
	}
	client, cluster, err := connect(o.URL)
	if err != nil {
		return nil, err
	}
	redis.SetLogger(driverLog{o.Log})
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	b := &Bus{
		log: o.Log, client: client, seal: newSeal(o.Key), cancel: cancel, gaps: gaps{signal: make(chan struct{}, 1)},
		healthy: metrics.GetOrCreateGauge("folkmoot_bus_healthy", nil), // not in a process that has no such bus
	}
	if _, err := rand.Read(b.me[:]); err != nil {
		cancel()
		return nil, err
	}
	b.healthy.Set(0)
	b.limits = newLimits(client, b.seal.prefix+"limit:", cluster, o.Log)
	tags := []string{""}
	if cluster {
		tags = clusterTags[:]
	}
	for _, tag := range tags {
		b.lines = append(b.lines, newLine(b, tag))
	}
	b.running.Go(func() { b.gaps.tell(ctx) })
	for _, l := range b.lines {
		b.running.Go(func() { l.run(ctx) })
		b.running.Go(func() { l.send(ctx) })
	}
	return b, nil
}

// Publish tells the listeners of this node at once, and those of the other
// nodes through Redis, for which it doesn't wait. It fails once for each time
// that Redis is gone; whoever missed something hears of a gap afterwards.
func (b *Bus) Publish(_ context.Context, u talk.Update) error {
	return b.lineOf(u.Topic()).publish(u)
}

// Subscribe waits until Redis has acknowledged it, but not long: without Redis,
// what other nodes publish will be a gap once it is back.
func (b *Bus) Subscribe(ctx context.Context, topic string, heard func(talk.Update)) (stop func(), err error) {
	return b.lineOf(topic).subscribe(ctx, topic, heard)
}

// OnGap has f called whenever messages may have been lost, by this node or by
// another: then numbers are to be compared with the store. Calls come one after
// the other, some time apart.
func (b *Bus) OnGap(f func()) { b.gaps.add(f) }

// Err is nil while what is published here comes back through Redis, and else
// says why it doesn't.
func (b *Bus) Err() error {
	down, first := 0, error(nil)
	for _, l := range b.lines {
		if err := l.health(); err != nil {
			down++
			if first == nil {
				first = err
			}
		}
	}
	if down > 0 && len(b.lines) > 1 {
		return fmt.Errorf("%d of %d parts of the Redis cluster: %w", down, len(b.lines), first)
	}
	return first
}

// Limits are the site's, held in common by all its nodes.
func (b *Bus) Limits() forum.Limits { return b.limits }

// Close sends what waits, if Redis takes it, and ends everything.
func (b *Bus) Close() error {
	b.cancel()
	b.running.Wait()
	b.healthy.Set(0)
	return b.client.Close()
}

func (b *Bus) lineOf(topic string) *line {
	if len(b.lines) == 1 {
		return b.lines[0]
	}
	h := fnv.New32a()
	h.Write([]byte(topic))
	return b.lines[h.Sum32()%uint32(len(b.lines))]
}

// noteHealth logs when Redis goes and when it is back.
func (b *Bus) noteHealth() {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch err := b.Err(); {
	case err == nil:
		b.healthy.Set(1)
		if b.gone {
			b.gone = false
			b.log.Info("Redis is back; nodes hear of each other at once again")
		}
	case !b.gone && !errors.Is(err, errStarting):
		b.gone = true
		b.healthy.Set(0)
		b.log.Warn("Redis is gone; what other nodes do comes from the store, a little later", "error", err)
	}
}

// driverLog is for what go-redis says about connections on its own: it comes
// in floods while Redis is gone, and Err says the same in one sentence.
type driverLog struct{ log *slog.Logger }

func (d driverLog) Printf(ctx context.Context, format string, args ...any) {
	if d.log.Enabled(ctx, slog.LevelDebug) {
		d.log.DebugContext(ctx, fmt.Sprintf(format, args...))
	}
}
