package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"folkmoot/bench/rig"
)

// A widget is one way to have comments on a page.
type widget struct {
	name   string
	path   string // of the host's page
	look   look
	peer   bool
	visits []*visit
	heavy  []*visit // on the slowest processor
	shared []*visit // there, with frames in the page's own process
}

// On the slowest processor, what blocks the page's main thread is counted. The
// network is fast then: nothing is spread out by waiting for it.
const slowest = 6

// The host's page without any widget.
var bare = &widget{name: "the page alone", path: "/bare", look: look{"no-comment", "no-comment"}}

// A lazy page has its widget so far down that a reader who doesn't scroll never
// comes near it.
const (
	lazyPath       = "/lazy"
	lazyParagraphs = 80
)

// folkmoot publishes the pages that have Folkmoot's widget.
func (b *bench) folkmoot(s *rig.Server) error {
	_, port, _ := strings.Cut(s.Addr, ":")
	home := "http://localhost:" + port
	b.host.publish(bare.path, 1, "")
	b.host.publish("/folkmoot", 1, fmt.Sprintf(`<script async src="%s/embed.js"></script>`, home))
	b.host.publish(lazyPath, lazyParagraphs, fmt.Sprintf(`<script async src="%s/embed.js" data-loading="lazy" data-page-url="%s"></script>`, home, b.host.url("/folkmoot")))
	page := b.host.url("/folkmoot")
	b.host.publish("/room", 1, fmt.Sprintf(`<script async src="%s/embed.js" data-page-url="%s" style="display: block; min-height: 100vh"></script>`, home, page))
	b.host.publish("/frame", 1, fmt.Sprintf(`<folkmoot-thread page-url="%s" style="display: block; min-height: 100vh">
<iframe src="%s/embed?page=%s" title="Conversation" style="width: 100%%; height: 100vh; border: 0"></iframe>
</folkmoot-thread>
<script async src="%s/embed.js"></script>`, page, home, url.QueryEscape(page), home))
	ours := look{"article.comment > .text", ".fm-live article.comment"}
	b.shown = append(b.shown, &widget{name: "Folkmoot", path: "/folkmoot", look: ours},
		&widget{name: "its tag with room", path: "/room", look: ours}, &widget{name: "its frame in the page", path: "/frame", look: ours})
	b.warm = func(ctx context.Context) error { return warm(ctx, s, page) }
	return seed(s, page)
}

// measure visits each page so many times, taking turns.
func (b *bench) measure(ctx context.Context) error {
	chromium, err := openBrowser(ctx, b.dir)
	if err != nil {
		return err
	}
	err = b.rounded(ctx, chromium)
	if err == nil && !b.quick {
		err = b.measureLazy(ctx, chromium)
	}
	if err = errors.Join(err, chromium.close()); err != nil || b.quick {
		return err
	}
	// Phones with little memory give a frame no process of its own.
	chromium, err = openBrowser(ctx, b.dir, "--disable-site-isolation-trials", "--disable-features=IsolateOrigins,site-per-process")
	if err != nil {
		return err
	}
	for range b.rounds {
		for _, w := range append(b.shown, bare) {
			err = b.one(ctx, chromium, w, slowest, &w.shared)
			if err != nil {
				return errors.Join(err, chromium.close())
			}
		}
	}
	return chromium.close()
}

func (b *bench) rounded(ctx context.Context, chromium *browser) error {
	for range b.rounds {
		for _, w := range b.shown {
			if err := b.one(ctx, chromium, w, slowness, &w.visits); err != nil {
				return err
			}
		}
		if b.quick {
			continue
		}
		for _, w := range append(b.shown, bare) {
			if err := b.one(ctx, chromium, w, slowest, &w.heavy); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bench) one(ctx context.Context, chromium *browser, w *widget, cpu float64, into *[]*visit) error {
	until := "live"
	switch {
	case w == bare:
		until = "start"
	case b.quick:
		until = "first"
	}
	if !w.peer && w != bare {
		if err := b.warm(ctx); err != nil {
			return err
		}
	}
	v, err := chromium.visit(ctx, b.host.url(w.path), w.look, cpu, until, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", w.name, err)
	}
	if w != bare {
		fmt.Fprintf(os.Stderr, "%s on a processor %v times slower: first comment after %v, live after %v\n", w.name, cpu,
			v.after(v.first).Round(time.Millisecond), v.after(v.live).Round(time.Millisecond))
	}
	if b.verbose {
		fmt.Fprintln(os.Stderr, v)
	}
	*into = append(*into, v)
	return nil
}

// measureLazy looks whether a widget that is far away leaves the network alone
// until somebody scrolls to it, and comes then.
func (b *bench) measureLazy(ctx context.Context, chromium *browser) error {
	early := 0
	ours := b.shown[0].look
	_, err := chromium.visit(ctx, b.host.url(lazyPath), ours, slowness, "start", func(ctx context.Context, v *visit, session string) error {
		if err := rig.Sleep(ctx, 3*time.Second); err != nil {
			return err
		}
		for _, r := range v.all() {
			if v.foreign(r, b.host.addr) && !strings.HasSuffix(r.url, "/embed.js") {
				early++
			}
		}
		if err := chromium.call(ctx, session, "Runtime.evaluate", map[string]any{"expression": `document.querySelector("footer").scrollIntoView()`}, nil); err != nil {
			return err
		}
		return v.wait(ctx, "first")
	})
	b.early = early
	return err
}
