package forum

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"folkmoot/app/talk"
)

// Redirects say where pages have moved, by rules that an operator writes down.
type Redirects struct {
	pages   map[string]Page // by the key of the page that has moved
	folders []folder        // the deepest first
}

// A folder has moved with all pages below it.
type folder struct{ from, to string } // keys

// stepsMax is how many moves are followed, one after the other.
const stepsMax = 20

// ParseRedirects reads rules, one a line: an address, white space, and the
// address that it has moved to. Both may end in /* : then they are folders, and
// what stands below the one stands below the other. A page's own rule goes before
// its folder's, a deeper folder's before a higher one's. Empty lines and those
// that begin with # say nothing.
func ParseRedirects(r io.Reader) (*Redirects, error) {
	moved := &Redirects{pages: map[string]Page{}}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := moved.add(strings.Fields(line)); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(moved.folders, func(a, b folder) int { return len(b.from) - len(a.from) })
	for from := range moved.pages {
		if to, _ := moved.Of(from); to.Key == "" {
			return nil, fmt.Errorf("the rule for %s leads nowhere: following it comes to no end", from)
		}
	}
	return moved, nil
}

func (r *Redirects) add(fields []string) error {
	if len(fields) != 2 {
		return fmt.Errorf("%q is no rule: write an address, a space, and the address that it has moved to", strings.Join(fields, " "))
	}
	from, below := strings.CutSuffix(fields[0], "/*")
	to, toBelow := strings.CutSuffix(fields[1], "/*")
	if below != toBelow || strings.Contains(from+to, "*") {
		return fmt.Errorf("%q is no rule: either both addresses end in /* or none has a *", strings.Join(fields, " "))
	}
	fromKey, _, err := talk.PageKey(from)
	if err != nil {
		return fmt.Errorf("%s: %w", fields[0], err)
	}
	page, err := PageAt(to)
	if err != nil {
		return fmt.Errorf("%s: %w", fields[1], err)
	}
	switch {
	case fromKey == page.Key:
		return fmt.Errorf("%s and %s are the same page", fields[0], fields[1])
	case !below:
		r.pages[fromKey] = page
	case strings.HasPrefix(page.Key+"/", fromKey+"/"):
		return fmt.Errorf("%s stands below %s: what has moved would move again", fields[1], fields[0])
	case strings.ContainsAny(fromKey+page.Key, "?#"):
		return fmt.Errorf("%q: a folder's address has no ? and no #", strings.Join(fields, " "))
	default:
		r.folders = append(r.folders, folder{fromKey, page.Key})
	}
	return nil
}

// Of returns the page that one has moved to, as far as rules lead, and whether it
// has. Nil says that nothing has moved. What comes to no end leads to the zero
// Page.
func (r *Redirects) Of(key string) (to Page, moved bool) {
	if r == nil {
		return Page{}, false
	}
	for range stepsMax {
		next, ok := r.step(key)
		if !ok {
			return to, moved
		}
		to, key, moved = next, next.Key, true
	}
	return Page{}, false
}

func (r *Redirects) step(key string) (Page, bool) {
	if to, ok := r.pages[key]; ok {
		return to, true
	}
	for _, f := range r.folders {
		rest, ok := strings.CutPrefix(key, f.from)
		if !ok || !f.holds(rest) {
			continue
		}
		if to, _, err := talk.PageKey(f.to + rest); err == nil {
			return Page{Key: to}, true
		}
	}
	return Page{}, false
}

// holds says whether what follows a folder's key in a page's stands below the
// folder: the folder's own page does, and a page with an id below a whole site.
func (f folder) holds(rest string) bool {
	switch {
	case rest == "" || rest[0] == '/' || rest[0] == '?':
		return true
	case rest[0] == '#':
		return strings.Count(f.to, "/") == 2 // the other is a site, too
	}
	return false
}

// Redirect replaces the rules, and does what they say: conversations of pages
// that have moved are moved, or merged where there is one already.
func (f *Forum) Redirect(ctx context.Context, rules *Redirects) error {
	f.redirects.Store(rules)
	const some = 1000
	for after := ""; ; {
		listed, err := f.Store.Pages(ctx, after, some)
		if err != nil {
			return err
		}
		for _, l := range listed {
			after = l.Page
			to, moved := rules.Of(l.Page)
			if !moved {
				continue
			}
			m, err := f.move(ctx, "moving a page", f.Store.Merge, l.Page, to)
			if err != nil {
				return fmt.Errorf("moving %s to %s: %w", l.Page, to.Key, err)
			}
			f.Log.InfoContext(ctx, "a page has moved", "from", l.Page, "to", to.Key, "merged", m.Gone != "", "comments", m.Comments)
		}
		if len(listed) < some {
			return nil
		}
	}
}
