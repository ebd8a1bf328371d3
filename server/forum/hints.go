package forum

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"folkmoot/app/talk"
)

const (
	hintsWaiting = 64               // at most; others come again with the next reader
	askedAgain   = 10 * time.Minute // after which a page may be asked again where it is
)

// An Asker asks a publication where a page of its is now: "" if where it was.
type Asker interface {
	Leads(ctx context.Context, page string) (string, error)
}

// Hint tells that the page at an address gives another address as its own. It is
// hearsay: anybody may say so. If something was said on the page, its publication
// is asked itself, by who runs [Forum.Follow]. Hint doesn't wait.
func (f *Forum) Hint(address, page string) {
	was, from, err := talk.PageKey(address)
	if err != nil || !f.Origins.Named(from) {
		return
	}
	if is, to, err := talk.PageKey(page); err != nil || is == was || to != from {
		return
	}
	select {
	case f.hints <- was:
	default:
	}
}

// Follow moves conversations to where the publications of their pages say that
// these are now, whenever there is a hint, until ctx is done. Only to a page on
// which nothing was said: to make two conversations one is for people to decide.
func (f *Forum) Follow(ctx context.Context, ask Asker) {
	asked, _ := lru.New[string, time.Time](10_000) // fails for sizes below 1 only
	for {
		select {
		case <-ctx.Done():
			return
		case key := <-f.hints:
			if err := f.follow(ctx, ask, asked, key); err != nil && ctx.Err() == nil {
				f.Log.WarnContext(ctx, "where a page has moved can't be followed", "page", key, "error", err)
			}
		}
	}
}

func (f *Forum) follow(ctx context.Context, ask Asker, asked *lru.Cache[string, time.Time], key string) error {
	l, err := f.Store.Page(ctx, key)
	if errors.Is(err, ErrNoPage) || err == nil && (l.Page != key || l.Comments+l.Reactions == 0) {
		return nil // nothing was said there, or it has moved already
	} else if err != nil {
		return err
	}
	if at, ok := asked.Get(l.Page); ok && f.Clock().Sub(at) < askedAgain {
		return nil
	}
	asked.Add(l.Page, f.Clock())
	page := l.Address
	if page == "" {
		page = l.Page
	}
	to, err := ask.Leads(ctx, page)
	if err != nil || to == "" {
		return err
	}
	if at, err := url.Parse(to); err != nil || strings.Trim(at.Path, "/") == "" {
		return err // what sites do with pages that are gone, too
	}
	m, err := f.Move(ctx, l.Page, to)
	if errors.Is(err, ErrTaken) {
		f.Log.WarnContext(ctx, "a page says that it is another now, where something was said already: folkmoot page merge makes the two one", "from", l.Page, "to", to)
		return nil
	} else if err != nil {
		return err
	}
	f.Log.InfoContext(ctx, "a page has moved: it says so itself", "from", l.Page, "to", to, "comments", m.Comments)
	return nil
}
