package forum

import (
	"fmt"
	"net/url"
	"strings"

	"folkmoot/app/talk"
)

// Origins are the places that may embed: a publication's own. Nobody else can
// read its threads in a frame, or write to them.
type Origins struct {
	named    map[string]bool
	loopback bool
}

// ParseOrigins reads origins such as https://blog.example or
// http://localhost:1313. With none, pages on this machine may embed, on any
// port: what somebody needs who tries Folkmoot out. own, where Folkmoot itself
// is reached, always may.
func ParseOrigins(own string, origins []string) (Origins, error) {
	o := Origins{named: map[string]bool{}, loopback: len(origins) == 0}
	if _, origin, err := talk.PageKey(own); err == nil {
		o.named[origin] = true
	}
	for _, s := range origins {
		origin, err := ParseOrigin(s)
		if err != nil {
			return Origins{}, err
		}
		o.named[origin] = true
	}
	return o, nil
}

// Named reports whether the operator has named an origin.
func (o Origins) Named(origin string) bool { return o.named[origin] }

// ParseOrigin reads one, and folds it as browsers and keys have it.
func ParseOrigin(s string) (string, error) {
	u, err := url.Parse(strings.TrimRight(s, "/"))
	_, origin, bad := talk.PageKey(s)
	if err != nil || bad != nil || u.Path != "" || strings.ContainsAny(s, "?#") {
		return "", fmt.Errorf("%q is no origin: write it as https://blog.example, without a path", s)
	}
	return origin, nil
}

// Allow says whether pages of the origin may embed.
func (o Origins) Allow(origin string) bool {
	if o.named[origin] {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && o.loopback && (u.Scheme == "http" || u.Scheme == "https") && IsLoopback(u.Hostname())
}

// IsLoopback says whether a host is this machine under a name that browsers
// trust to be so.
func IsLoopback(host string) bool {
	return host == "localhost" || host == "127.0.0.1" || host == "::1" || strings.HasSuffix(host, ".localhost")
}
