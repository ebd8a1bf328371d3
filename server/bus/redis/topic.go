package redis

import (
	"context"
	"sync"
	"time"

	"folkmoot/app/talk"
)

const (
	// ackPatience is how long Subscribe waits for Redis. A viewer waits with it.
	ackPatience = 200 * time.Millisecond

	// deserts is how long a channel stays subscribed without listeners: whoever
	// flips through pages comes back to some.
	deserts = time.Second
)

// A topic is a thread, mostly, that somebody at this node listens to, or did until a
// moment ago. mu of its line guards it.
type topic struct {
	listeners map[*func(talk.Update)]struct{}
	acked     bool          // Redis has acknowledged the subscription
	ready     chan struct{} // closed when it has
	hasty     bool          // somebody listens who didn't wait for that
	since     time.Time     // when the last listener left
}

func (l *line) subscribe(ctx context.Context, name string, heard func(talk.Update)) (stop func(), err error) {
	channel := l.channel("thread", name)
	l.mu.Lock()
	t := l.topics[channel]
	if t == nil {
		t = &topic{listeners: map[*func(talk.Update)]struct{}{}, ready: make(chan struct{})}
		l.topics[channel] = t
		l.wanted = append(l.wanted, channel)
		nudge(l.wake)
	}
	t.listeners[&heard] = struct{}{}
	ready, gone := t.ready, l.err != nil && l.again
	l.mu.Unlock()
	stop = sync.OnceFunc(func() { l.unsubscribe(channel, t, &heard) })
	if !gone {
		patience := time.NewTimer(ackPatience)
		defer patience.Stop()
		select {
		case <-ready:
			return stop, nil
		case <-ctx.Done():
			stop()
			return nil, ctx.Err()
		case <-patience.C:
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	t.hasty = t.hasty || !t.acked
	return stop, nil
}

func (l *line) unsubscribe(channel string, t *topic, heard *func(talk.Update)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(t.listeners, heard)
	if len(t.listeners) == 0 {
		t.since = time.Now()
		l.deserted[channel] = t
	}
}

// tell calls the listeners of this node.
func (l *line) tell(channel string, u talk.Update) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if t := l.topics[channel]; t != nil {
		for heard := range t.listeners {
			(*heard)(u)
		}
	}
}

// renew returns all channels that a new connection must subscribe to.
func (l *line) renew() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wanted = nil
	clear(l.deserted)
	channels := make([]string, 0, len(l.topics)+1)
	for channel, t := range l.topics {
		if len(t.listeners) == 0 {
			delete(l.topics, channel)
			continue
		}
		if t.acked {
			t.acked, t.ready = false, make(chan struct{})
		}
		channels = append(channels, channel)
	}
	return channels
}

// fresh returns the channels that are to be subscribed to since the last time.
func (l *line) fresh() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	channels := l.wanted
	l.wanted = nil
	return channels
}

// acknowledged is called when Redis says that it sends what is published on
// the channel from now on.
func (l *line) acknowledged(channel string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil { // it may take longer to subscribe to everything than silence may
		l.heardAt.Store(time.Now().UnixNano())
	}
	t := l.topics[channel]
	if t == nil || t.acked {
		return
	}
	t.acked = true
	close(t.ready)
	if t.hasty {
		t.hasty = false
		nudge(l.bus.gaps.signal)
	}
}

// desert forgets the topics that nobody has listened to for a while, and
// returns their channels. One that Redis has not acknowledged yet stays, so
// that the acknowledgement isn't taken for that of a later subscription.
func (l *line) desert(now time.Time) (channels []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for channel, t := range l.deserted {
		switch {
		case len(t.listeners) > 0:
			delete(l.deserted, channel)
		case t.acked && now.Sub(t.since) >= deserts:
			delete(l.deserted, channel)
			delete(l.topics, channel)
			channels = append(channels, channel)
		}
	}
	return channels
}

// listens says whether Redis should be sending what is published on the channel.
func (l *line) listens(channel string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	t := l.topics[channel]
	return channel == l.probes || channel == l.notices || t != nil && t.acked
}
