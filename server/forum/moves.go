package forum

import (
	"context"
	"errors"
	"time"

	"folkmoot/app/talk"
)

// Find returns the thread that an id leads to, another one if it was merged into
// that, and where it stands; see [Forum.Head].
func (f *Forum) Find(ctx context.Context, thread string) (string, Head, error) {
	h, err := f.Head(ctx, thread)
	if err == nil && h.Into != "" {
		thread = h.Into
		h, err = f.Head(ctx, thread)
	}
	return thread, h, err
}

// PageAt is the page at an address, which who says it is to be believed.
func PageAt(address string) (Page, error) {
	key, _, err := talk.PageKey(address)
	if err != nil {
		return Page{}, err
	}
	p := Page{Key: key, Address: talk.PageAddress(address)}
	if p.Address == key {
		p.Address = ""
	}
	return p, nil
}

// Move makes the conversation of a page that of another, as [Store] says. Whoever
// has it open hears of it.
func (f *Forum) Move(ctx context.Context, page, to string) (Moved, error) {
	return f.moveAt(ctx, "moving a page", f.Store.Move, page, to)
}

// Merge makes the conversations of two pages one, that of the second.
func (f *Forum) Merge(ctx context.Context, page, into string) (Moved, error) {
	return f.moveAt(ctx, "merging pages", f.Store.Merge, page, into)
}

// A mover is the store's Move or Merge.
type mover func(ctx context.Context, page string, to Page, at time.Time) (Moved, error)

func (f *Forum) moveAt(ctx context.Context, doing string, in mover, page, to string) (Moved, error) {
	key, _, err := talk.PageKey(page)
	if err != nil {
		return Moved{}, err
	}
	there, err := PageAt(to)
	if err != nil {
		return Moved{}, err
	}
	return f.move(ctx, doing, in, key, there)
}

func (f *Forum) move(ctx context.Context, doing string, in mover, key string, to Page) (Moved, error) {
	m, err := in(ctx, key, to, f.Clock())
	if errors.Is(err, ErrNoPage) || errors.Is(err, ErrTaken) {
		return Moved{}, err
	} else if err != nil {
		return Moved{}, f.unavailable(ctx, doing, err)
	}
	f.pages.Remove(key)
	f.pages.Remove(to.Key)
	for thread, h := range m.Heads {
		f.learn(thread, h)
		if err := f.Bus.Publish(ctx, talk.Update{Thread: thread, Epoch: f.Store.Epoch(), Seq: h.Seq}); err != nil {
			busErrors.Inc()
			f.Log.WarnContext(ctx, "bus failed; numbers will repair it", "thread", thread, "error", err)
		}
	}
	return m, nil
}

// Refresh forgets what this process remembers of where pages and threads stand,
// because another one has written to the store.
func (f *Forum) Refresh() {
	f.headsMu.Lock()
	defer f.headsMu.Unlock()
	f.heads.Purge()
	f.pages.Purge()
}
