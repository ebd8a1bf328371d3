// Package publication asks a publication's own server where a page of its is now.
// It believes nothing else, asks nobody else, and reads little. Which publications
// may be asked is the caller's to know.
package publication

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"

	"folkmoot/app/talk"
)

// What one question may cost. A page says where it is in its head, and a server
// that is asked politely answers soon.
const (
	patience = 10 * time.Second // for all of it
	stepsMax = 5                // requests
	readMax  = 512 << 10        // bytes of a page, uncompressed
)

// An Asker asks over HTTP. Make one with [New]; its methods may be called by
// several goroutines.
type Asker struct {
	client *http.Client
	agent  string
}

// New makes an asker that tells servers who asks.
func New(agent string) *Asker {
	return &Asker{agent: agent, client: &http.Client{
		Timeout:       patience,
		Transport:     &http.Transport{ForceAttemptHTTP2: true, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10}, // without a proxy
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Leads returns the address at which a page says that it is now, or "" if it is
// where it was: by permanent redirects within its own origin, and by the canonical
// link of what stands at their end. The error is why the page couldn't be asked.
func (a *Asker) Leads(ctx context.Context, page string) (string, error) {
	key, home, err := talk.PageKey(page)
	if err != nil {
		return "", err
	}
	at, err := url.Parse(page)
	if err != nil {
		return "", err
	}
	at.Fragment = ""
	for range stepsMax {
		next, end, err := a.ask(ctx, at)
		if err != nil {
			return "", err
		}
		if next != nil {
			at = next
		}
		to, origin, err := talk.PageKey(at.String())
		switch {
		case err != nil:
			return "", err
		case origin != home:
			return "", nil
		case (next == nil || end) && to == key:
			return "", nil
		case next == nil || end:
			return at.String(), nil
		}
	}
	return "", fmt.Errorf("%s leads on and on", page)
}

// ask returns where a page says to look for it, or nil. It is the end if that is
// its canonical link and not a redirect.
func (a *Asker) ask(ctx context.Context, page *url.URL) (next *url.URL, end bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, page.String(), nil)
	if err != nil {
		return nil, false, err
	}
	r.Header.Set("User-Agent", a.agent)
	r.Header.Set("Accept", "text/html, application/xhtml+xml")
	res, err := a.client.Do(r)
	if err != nil {
		return nil, false, err
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusMovedPermanently, http.StatusPermanentRedirect:
		next, err = res.Location()
		return next, false, err
	case http.StatusOK:
	default:
		return nil, false, fmt.Errorf("%s answers %s", page, res.Status)
	}
	kind, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if err != nil || kind != "text/html" && kind != "application/xhtml+xml" {
		return nil, false, fmt.Errorf("%s is no page but %q", page, res.Header.Get("Content-Type"))
	}
	next, err = canonical(io.LimitReader(res.Body, readMax), page)
	return next, true, err
}
