package web

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// pageLife bounds how old the ages on a cached page may be.
const pageLife = time.Minute

// staleLife is how long a page that can't be made anew is shown as it is.
const staleLife = 2 * time.Second

// Bounds of what the pages in memory may come to: anybody can ask for any
// number of addresses, and a page of many comments is a megabyte.
const (
	cachePages = 10_000
	cacheBytes = 32 << 20
)

// squeezeShare is the part of one processor that squeezing pages may take: one of
// a hundred comments takes a third of a second.
const squeezeShare = 10

// A pageCache holds what readers without a session see, compressed, for as long
// as the thread stands where it stood.
type pageCache struct {
	mu    sync.Mutex
	pages *simplelru.LRU[pageKey, *page]
	bytes int // of the pages, as far as they were made

	squeezing atomic.Bool // a page, or resting from it
}

// A pageKey is all that an anonymous reader's page depends on, but the time and
// where the thread stands.
type pageKey struct {
	thread string
	self   string // sort, cursor, box and the like
}

// A page is rendered once and compressed once for each encoding, when first
// asked for. What is asked for again is compressed as well as can be, meanwhile.
type page struct {
	cache *pageCache
	key   pageKey
	head  forum.Head
	made  time.Time

	// Guarded by cache.mu.
	bytes int
	done  bool      // was made, and is kept
	older *page     // what it took the place of, until it was made
	until time.Time // shown as it is until then, because no newer one can be made
	once  sync.Once
	tag   string
	raw   []byte
	err   error

	mu       sync.Mutex // held while compressing for somebody who waits
	packed   map[string][]byte
	squeezed bool // or being so
}

func newPageCache() *pageCache {
	c := &pageCache{}
	c.pages, _ = simplelru.NewLRU(cachePages, func(_ pageKey, p *page) { c.bytes -= p.bytes }) // fails for sizes below 1 only
	return c
}

// get returns the page of a key as of head or later, rendered by whoever asks
// first while others wait. A page that could not be rendered is not kept: then
// the one before it is shown as long as it can't.
func (c *pageCache) get(key pageKey, head forum.Head, now time.Time, render func() ([]byte, string, error)) (*page, error) {
	p := c.find(key, head, now)
	p.once.Do(func() {
		p.raw, p.tag, p.err = render()
		c.weigh(p, len(p.raw))
	})
	if p.err == nil {
		return p, nil
	}
	if refused := (*talk.Error)(nil); errors.As(p.err, &refused) && refused.Code == talk.Unavailable {
		if older := c.last(p, now); older != nil {
			return older, nil
		}
	}
	return p, p.err
}

// last returns the page that p, which could not be made, took the place of, and
// puts it back for a while: not every reader should wait for a store that is gone.
func (c *pageCache) last(p *page, now time.Time) *page {
	c.mu.Lock()
	defer c.mu.Unlock()
	older := p.older
	if older == nil {
		return nil
	}
	if _, taken := c.pages.Peek(p.key); !taken {
		older.until = now.Add(staleLife)
		c.pages.Add(p.key, older)
		c.bytes += older.bytes
	}
	return older
}

// stale returns the page of a key, however old, or nil.
func (c *pageCache) stale(key pageKey) *page {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.pages.Get(key)
	if ok && !p.done {
		p = p.older
	}
	return p
}

func (c *pageCache) find(key pageKey, head forum.Head, now time.Time) *page {
	c.mu.Lock()
	defer c.mu.Unlock()
	old, ok := c.pages.Get(key)
	if ok && (old.head.Seq >= head.Seq && old.head.Version >= head.Version && now.Sub(old.made) <= pageLife || now.Before(old.until)) {
		return old
	}
	if ok && !old.done {
		old = old.older
	}
	c.pages.Remove(key)
	p := &page{cache: c, key: key, head: head, made: now, older: old, packed: map[string][]byte{}}
	c.pages.Add(key, p)
	return p
}

// weigh counts n more bytes of a page, and lets go of it if it failed, or of
// those that were not asked for the longest.
func (c *pageCache) weigh(p *page, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if kept, ok := c.pages.Peek(p.key); !ok || kept != p {
		return // another took its place meanwhile
	}
	p.bytes += n
	c.bytes += n
	if p.err != nil {
		c.pages.Remove(p.key)
	} else {
		p.done, p.older = true, nil
	}
	for c.bytes > cacheBytes {
		c.pages.RemoveOldest()
	}
}

// body returns the page in an encoding.
func (p *page) body(encoding string) ([]byte, error) {
	if encoding == "" {
		return p.raw, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if b, ok := p.packed[encoding]; ok {
		if encoding == "br" && !p.squeezed {
			p.squeezed = p.cache.squeeze(p)
		}
		return b, nil
	}
	b, err := compress(p.raw, encoding)
	if err == nil {
		p.packed[encoding] = b
		p.cache.weigh(p, len(b))
	}
	return b, err
}

// squeeze compresses a page as well as can be, on a goroutine of its own, unless
// that is being done to another or was just now: it says whether it will.
func (c *pageCache) squeeze(p *page) bool {
	if !c.squeezing.CompareAndSwap(false, true) {
		return false
	}
	go func() {
		began := time.Now()
		b, err := squeeze(p.raw)
		if err == nil {
			p.mu.Lock()
			more := len(b) - len(p.packed["br"])
			p.packed["br"] = b
			p.mu.Unlock()
			c.weigh(p, more)
		}
		time.AfterFunc(time.Since(began)*(squeezeShare-1), func() { c.squeezing.Store(false) })
	}()
	return true
}
