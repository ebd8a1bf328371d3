package web

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"folkmoot/server/forum"
)

// pageLife bounds how old the ages on a cached page may be.
const pageLife = time.Minute

// A pageCache holds what readers without a session see, compressed, for as long
// as the thread stands where it stood.
type pageCache struct {
	pages *lru.Cache[pageKey, *page]
}

// A pageKey is all that an anonymous reader's page depends on, but the time.
type pageKey struct {
	thread string
	head   forum.Head
	self   string // sort, cursor, box and the like
}

// A page is rendered once and compressed once for each encoding, when first
// asked for.
type page struct {
	once sync.Once
	made time.Time
	tag  string
	raw  []byte
	err  error

	mu     sync.Mutex // held while compressing
	packed map[string][]byte
}

func newPageCache() *pageCache {
	pages, _ := lru.New[pageKey, *page](2000) // fails for sizes below 1 only
	return &pageCache{pages}
}

// get returns the page of a key, rendered by whoever asks first while others
// wait. A page that could not be rendered is not kept.
func (c *pageCache) get(key pageKey, now time.Time, render func() ([]byte, string, error)) (*page, error) {
	p, ok := c.pages.Get(key)
	if !ok || now.Sub(p.made) > pageLife {
		p = &page{made: now, packed: map[string][]byte{}}
		c.pages.Add(key, p) // two at once both render; the later stays
	}
	p.once.Do(func() { p.raw, p.tag, p.err = render() })
	if p.err != nil {
		c.pages.Remove(key)
	}
	return p, p.err
}

// body returns the page in an encoding.
func (p *page) body(encoding string) ([]byte, error) {
	if encoding == "" {
		return p.raw, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if b, ok := p.packed[encoding]; ok {
		return b, nil
	}
	b, err := compress(p.raw, encoding)
	if err == nil {
		p.packed[encoding] = b
	}
	return b, err
}
