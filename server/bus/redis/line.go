package redis

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"folkmoot/app/talk"
)

const (
	probeEvery = 500 * time.Millisecond
	silenceMax = 2 * time.Second // without a probe that comes back, Redis is gone
	retryFirst = 50 * time.Millisecond
	retryMax   = 700 * time.Millisecond // well within the two seconds in which all must be normal
	portion    = 500                    // channels a command: 100,000 at once would hold up everybody else
)

// clusterTags are the hash tags of the lines to a cluster: each is near the
// middle of another sixteenth of the slots, so that masters that share the
// slots evenly share the lines evenly. All nodes of a site must have the same.
var clusterTags = [...]string{
	"{18}:", "{3}:", "{65}:", "{140}:", "{19}:", "{2}:", "{64}:", "{141}:",
	"{106}:", "{1}:", "{67}:", "{49}:", "{107}:", "{0}:", "{66}:", "{48}:",
}

// A line is one connection that subscribes and one goroutine that publishes,
// for all threads; or, in a cluster, for those whose channels have its hash
// tag. Those are in one slot, so that one command can subscribe to many, a
// thread's messages can't overtake each other, and a probe in that slot speaks
// for all of them. Where the slot is, go-redis finds out whenever the line is
// made anew: it breaks when the slot moves. Sixteen lines to a cluster, however
// many masters and threads it has, are few enough connections, and one master
// that is gone takes along only its own.
type line struct {
	bus     *Bus
	sharded bool
	tag     string
	probes  string // the channel of this node's own probes
	notices string // the channel on which nodes say that they have lost something
	out     outbox
	wake    chan struct{} // there are channels to subscribe to; has room for one

	probed  atomic.Uint64 // the number of the last probe
	heardAt atomic.Int64  // when Redis last showed that it is there, in Unix nanoseconds

	mu       sync.RWMutex // held to read while listeners are called, so that stop waits for them
	err      error
	again    bool              // an earlier connection broke
	echoed   uint64            // the number of the last probe that came back
	topics   map[string]*topic // by channel
	wanted   []string          // channels of new topics
	deserted map[string]*topic // by channel: those that nobody may listen to any more
}

func newLine(b *Bus, tag string) *line {
	l := &line{
		bus: b, tag: tag, sharded: tag != "", err: errStarting,
		out: outbox{wake: make(chan struct{}, 1)}, wake: make(chan struct{}, 1),
		topics: map[string]*topic{}, deserted: map[string]*topic{},
	}
	l.probes, l.notices = l.channel("probe", hex.EncodeToString(b.me[:])), l.channel("notice", "")
	return l
}

func (l *line) channel(kind, name string) string {
	return l.bus.seal.prefix + l.tag + kind + ":" + name
}

func (l *line) health() error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.err
}

// run keeps the line connected until ctx ends.
func (l *line) run(ctx context.Context) {
	wait := retryFirst
	for {
		err := l.connected(ctx)
		if ctx.Err() != nil {
			return
		}
		if worked := l.broke(err); worked {
			wait = retryFirst
		}
		if c, ok := l.bus.client.(*redis.ClusterClient); ok {
			c.ReloadState(ctx) // the slot may have moved
		}
		pause(ctx, jittered(wait))
		wait = min(2*wait, retryMax)
	}
}

// broke notes why the connection ended, and says whether it had worked.
func (l *line) broke(err error) (worked bool) {
	reconnects.Inc()
	l.mu.Lock()
	worked = l.err == nil
	l.again, l.err = true, err
	l.mu.Unlock()
	l.bus.noteHealth()
	return worked
}

// connected is the life of a connection. It ends when ctx does, or with what
// is wrong, in words.
func (l *line) connected(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var ps *redis.PubSub
	if l.sharded {
		ps = l.bus.client.SSubscribe(ctx)
	} else {
		ps = l.bus.client.Subscribe(ctx)
	}
	dialing, stop := context.WithTimeout(ctx, 2*patience) // to find the server, and to be let in
	err := l.ask(dialing, ps, l.notices)
	stop()
	ctx = context.WithValue(ctx, settled{}, true)
	ended := make(chan error, 1)
	if err == nil {
		go func() { ended <- l.receive(ctx, ps) }()
		err = l.attend(ctx, ps, ended)
	} else {
		ended <- nil
	}
	_ = ps.Close() // ends receive; that it broke is known
	if received := <-ended; received != nil && errors.Is(err, errBroken) {
		err = received // writing failed because of it
	}
	return inWords(err)
}

// inWords says what an operator can look into.
func inWords(err error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("Redis has closed the connection") //nolint:staticcheck // a name
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("Redis doesn't answer: %w", err) //nolint:staticcheck // a name
	}
	return fmt.Errorf("Redis can't be used: %w", err) //nolint:staticcheck // a name
}

// attend subscribes and probes.
func (l *line) attend(ctx context.Context, ps *redis.PubSub, ended chan error) error {
	l.heardAt.Store(time.Now().UnixNano())
	// The probe's channel comes last: once a probe has come back, all are subscribed.
	for some := range slices.Chunk(append(l.renew(), l.probes), portion) {
		if err := l.ask(ctx, ps, some...); err != nil {
			return err
		}
	}
	l.probe()
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			ended <- nil
			return err
		case <-l.wake:
			for some := range slices.Chunk(l.fresh(), portion) {
				err = errors.Join(err, l.ask(ctx, ps, some...))
			}
		case now := <-tick.C:
			if silent := now.Sub(time.Unix(0, l.heardAt.Load())); silent > silenceMax {
				return fmt.Errorf("nothing that was published has come back for %s", silent.Round(100*time.Millisecond))
			}
			l.probe()
			for some := range slices.Chunk(l.desert(now), portion) {
				err = errors.Join(err, l.leave(ctx, ps, some...))
			}
		}
		if err != nil {
			return err
		}
	}
}

func (l *line) ask(ctx context.Context, ps *redis.PubSub, channels ...string) error {
	if l.sharded {
		return ps.SSubscribe(ctx, channels...)
	}
	return ps.Subscribe(ctx, channels...)
}

func (l *line) leave(ctx context.Context, ps *redis.PubSub, channels ...string) error {
	if l.sharded {
		return ps.SUnsubscribe(ctx, channels...)
	}
	return ps.Unsubscribe(ctx, channels...)
}

// receive hears what Redis says, until the connection breaks. Nothing in it
// waits: while it did, Redis would keep what comes, and in the end hang up.
func (l *line) receive(ctx context.Context, ps *redis.PubSub) error {
	for {
		m, err := ps.Receive(ctx)
		if err != nil {
			return err
		}
		switch m := m.(type) {
		case *redis.Message:
			l.heard(m.Channel, m.Payload)
		case *redis.Subscription:
			switch m.Kind {
			case "subscribe", "ssubscribe":
				l.acknowledged(m.Channel)
			case "sunsubscribe":
				if l.listens(m.Channel) {
					return errors.New("the cluster has moved a slot")
				}
			}
		}
	}
}

func (l *line) heard(channel, message string) {
	mine := isFrom(message, l.bus.me)
	if mine && channel != l.probes && channel != l.notices {
		return // its listeners were told when it was published
	}
	_, body, why := l.bus.seal.open(channel, message)
	switch {
	case why != "":
		l.bus.drop(why, channel)
		return
	case channel == l.probes && len(body) == 8:
		l.echo(binary.BigEndian.Uint64(body))
		return
	case channel == l.notices:
		nudge(l.bus.gaps.signal)
		return
	}
	received.Inc()
	var u talk.Update
	switch {
	case json.Unmarshal(body, &u) != nil:
		l.bus.drop(malformed, channel)
	case l.channel("thread", u.Topic()) != channel:
		l.bus.drop(wrongThread, channel)
	default:
		l.tell(channel, u)
	}
}

// probe publishes what must come back.
func (l *line) probe() {
	body := binary.BigEndian.AppendUint64(nil, l.probed.Add(1))
	l.out.putProbe(outgoing{channel: l.probes, message: l.bus.seal.message(l.probes, l.bus.me, body)})
}

// echo is called when a probe has come back. Then all is well, and whatever
// was missed before can be looked for.
func (l *line) echo(number uint64) {
	l.mu.Lock()
	if number <= l.echoed {
		l.mu.Unlock()
		return // said again by somebody else
	}
	l.echoed = number
	was, again := l.err, l.again
	l.err = nil
	l.mu.Unlock()
	l.heardAt.Store(time.Now().UnixNano())
	l.out.recover()
	if was == nil {
		return
	}
	l.bus.noteHealth()
	if again {
		nudge(l.bus.gaps.signal)
	}
}
