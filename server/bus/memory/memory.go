// Package memory is the bus of a forum that is one process: between nodes it
// carries nothing, because there are none.
package memory

import (
	"context"
	"sync"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// A Bus hands each update to whoever listens in this process. The zero Bus is
// ready.
type Bus struct {
	mu        sync.RWMutex
	listeners map[string]map[*func(talk.Update)]struct{} // by topic
}

var _ forum.Bus = (*Bus)(nil)

// Publish calls everybody who listens to the topic, one after the other.
func (b *Bus) Publish(_ context.Context, u talk.Update) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for heard := range b.listeners[u.Topic()] {
		(*heard)(u)
	}
	return nil
}

// Subscribe adds a listener. stop returns when it is not being called any more.
func (b *Bus) Subscribe(_ context.Context, topic string, heard func(talk.Update)) (stop func(), err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.listeners == nil {
		b.listeners = map[string]map[*func(talk.Update)]struct{}{}
	}
	if b.listeners[topic] == nil {
		b.listeners[topic] = map[*func(talk.Update)]struct{}{}
	}
	b.listeners[topic][&heard] = struct{}{}
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.listeners[topic], &heard)
		if len(b.listeners[topic]) == 0 {
			delete(b.listeners, topic)
		}
	}, nil
}
