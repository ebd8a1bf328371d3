package redis

import (
	"context"
	"errors"
	"sync"

	"folkmoot/app/talk"
)

const (
	outboxMax   = 8192    // messages that wait for Redis
	outboxBytes = 8 << 20 // and their size
	batchMax    = 256     // messages that go together: fifty cost Redis 2.3 µs each, one alone 68
	batchBytes  = 1 << 20
)

var errUnsent = errors.New("what was published didn't reach Redis; other nodes will be told to look into the store")

// An outgoing message is on its way to Redis.
type outgoing struct {
	channel string
	message []byte
	update  bool // rather than one of the bus's own
}

// An outbox holds what waits for Redis, in order.
type outbox struct {
	wake chan struct{} // has room for one

	mu      sync.Mutex
	waiting []outgoing
	bytes   int
	failing bool // Redis doesn't take anything; until a probe has come back, what is published is lost
	lost    bool // something was lost, and the other nodes don't know yet
	told    bool // so was the publisher, of this outage
}

// publish tells this node's listeners, and puts the update into the outbox.
func (l *line) publish(u talk.Update) error {
	channel := l.channel("thread", u.Topic())
	l.tell(channel, u)
	if l.out.refuses() {
		return l.out.lose()
	}
	parts, err := bodies(u)
	if err != nil {
		return err
	}
	messages := make([]outgoing, 0, 1)
	for _, body := range parts {
		messages = append(messages, outgoing{channel, l.bus.seal.message(channel, l.bus.me, body), true})
	}
	return l.out.put(messages)
}

func (o *outbox) refuses() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.failing
}

// lose notes that something is not sent, and says so once an outage.
func (o *outbox) lose() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.loseLocked()
}

func (o *outbox) loseLocked() error {
	unsent.Inc()
	o.lost = true
	if o.told {
		return nil
	}
	o.told = true
	return errUnsent
}

// put adds messages that belong together.
func (o *outbox) put(messages []outgoing) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failing || len(o.waiting) >= outboxMax || o.bytes >= outboxBytes {
		return o.loseLocked()
	}
	for _, m := range messages {
		o.waiting = append(o.waiting, m)
		o.bytes += len(m.message)
	}
	nudge(o.wake)
	return nil
}

// putProbe adds one that is sent even while nothing else is.
func (o *outbox) putProbe(m outgoing) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting = append(o.waiting, m)
	o.bytes += len(m.message)
	nudge(o.wake)
}

// take returns what is to be sent next, or nothing. Once Redis has taken all
// that waited, the others are told that something was lost before.
func (o *outbox) take(notice func() outgoing) (batch []outgoing) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) == 0 && o.lost && !o.failing {
		o.lost, o.told = false, false
		return []outgoing{notice()}
	}
	n, bytes := 0, 0
	for n < min(len(o.waiting), batchMax) && bytes < batchBytes {
		bytes += len(o.waiting[n].message)
		n++
	}
	batch, o.waiting = o.waiting[:n:n], o.waiting[n:]
	o.bytes -= bytes
	return batch
}

// fail gives up what waits: it would come late, and out of step with what the
// others read from the store.
func (o *outbox) fail(batch []outgoing) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failing, o.lost = true, true
	for _, m := range append(batch, o.waiting...) {
		if m.update {
			unsent.Inc()
		}
	}
	o.waiting, o.bytes = nil, 0
}

// recover is called when a probe has come back.
func (o *outbox) recover() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failing {
		o.failing = false
		nudge(o.wake)
	}
}

// send publishes what is in the outbox, until ctx ends and it is empty. It
// alone does, one batch after the other: from a pool of connections, a thread's
// messages would overtake each other.
func (l *line) send(ctx context.Context) {
	for ended := false; !ended; {
		select {
		case <-ctx.Done():
			ended = true
		case <-l.out.wake:
		}
		for batch := l.out.take(l.notice); len(batch) > 0; batch = l.out.take(l.notice) {
			l.sendBatch(batch)
		}
	}
}

// notice is what tells the other nodes, and this one, to look into the store.
func (l *line) notice() outgoing {
	return outgoing{channel: l.notices, message: l.bus.seal.message(l.notices, l.bus.me, nil)}
}

func (l *line) sendBatch(batch []outgoing) {
	ctx, cancel := context.WithTimeout(context.Background(), patience) // a bus that is closed sends its last, too
	defer cancel()
	pipe := l.bus.client.Pipeline()
	updates := 0
	for _, m := range batch {
		if l.sharded {
			pipe.SPublish(ctx, m.channel, m.message)
		} else {
			pipe.Publish(ctx, m.channel, m.message)
		}
		if m.update {
			updates++
		}
	}
	if _, err := pipe.Exec(ctx); err != nil {
		l.out.fail(batch)
		return
	}
	published.Add(updates)
}
