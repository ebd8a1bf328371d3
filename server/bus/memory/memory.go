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
	listeners map[string]map[*func(talk.Update)]struct{} // by thread
}

var _ forum.Bus = (*Bus)(nil)

// Publish calls everybody who listens to the thread, one after the other.
func (b *Bus) Publish(_ context.Context, u talk.Update) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for heard := range b.listeners[u.Thread] {
		(*heard)(u)
	}
	return nil
}

// Subscribe adds a listener. stop returns when it is not being called any more.
func (b *Bus) Subscribe(_ context.Context, thread string, heard func(talk.Update)) (stop func(), err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.listeners == nil {
		b.listeners = map[string]map[*func(talk.Update)]struct{}{}
	}
	if b.listeners[thread] == nil {
		b.listeners[thread] = map[*func(talk.Update)]struct{}{}
	}
	b.listeners[thread][&heard] = struct{}{}
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.listeners[thread], &heard)
		if len(b.listeners[thread]) == 0 {
			delete(b.listeners, thread)
		}
	}, nil
}
