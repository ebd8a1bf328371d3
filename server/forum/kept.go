package forum

import (
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Kept is an answer of the store that is the same for everybody, and may be a
// little old. Of many who ask at once, one asks the store.
type kept[T any] struct {
	life time.Duration
	ask  singleflight.Group
	mu   sync.Mutex
	v    T
	at   time.Time // zero: there is none yet
}

// get returns it, and when it was read; if it can't be read anew, as it was.
func (k *kept[T]) get(now time.Time, load func() (T, error)) (v T, at time.Time, err error) {
	k.mu.Lock()
	v, at = k.v, k.at
	k.mu.Unlock()
	if !at.IsZero() && now.Sub(at) < k.life {
		return v, at, nil
	}
	_, err, _ = k.ask.Do("", func() (any, error) {
		fresh, err := load()
		if err == nil {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.v, k.at = fresh, now
		}
		return nil, err
	})
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.at.IsZero() {
		err = nil
	}
	return k.v, k.at, err
}
