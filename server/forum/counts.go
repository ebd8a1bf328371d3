package forum

import (
	"context"

	"folkmoot/app/talk"
)

// CountsMax is how many pages may be asked for at once.
const CountsMax = 100

// Counts tells how much was said of each of the pages, in their order. A page
// that nobody has opened, or that may not embed, or isn't one, has none: one
// odd link must not take an index page's other numbers away.
func (f *Forum) Counts(ctx context.Context, pages []string) ([]Counts, error) {
	if len(pages) == 0 || len(pages) > CountsMax {
		return nil, talk.Refuse(talk.Invalid, "page", "Ask for 1 to %d pages at once.", CountsMax)
	}
	keys, asked := make([]string, len(pages)), []string{}
	for i, page := range pages {
		if key, origin, err := talk.PageKey(page); err == nil && f.Origins.Allow(origin) {
			if to, moved := f.redirects.Load().Of(key); moved {
				key = to.Key
			}
			keys[i], asked = key, append(asked, key)
		}
	}
	found, err := f.Store.Counts(ctx, asked...)
	if err != nil {
		return nil, f.unavailable(ctx, "counting", err)
	}
	counts := make([]Counts, len(pages))
	for i, key := range keys {
		counts[i] = found[key]
	}
	return counts, nil
}
