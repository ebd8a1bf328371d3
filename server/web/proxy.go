package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// behind makes a request's RemoteAddr that of whom the trusted proxies served.
// Each proxy adds to X-Forwarded-For whom it heard: from the right, the first
// who is not one of ours is the last whom somebody we trust has seen.
//
// The header of a trusted request is taken away, so that who finds one later
// knows that it is not to be believed.
func behind(proxies []netip.Prefix, next http.Handler) http.Handler {
	trusted := func(a netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := address(r).Unmap()
		if !trusted(from) {
			next.ServeHTTP(w, r)
			return
		}
		chain := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for _, hop := range slices.Backward(chain) {
			a, ok := hopAddress(hop)
			if !ok {
				break // nobody we trust wrote what is left of this
			}
			if from = a; !trusted(a) {
				break
			}
		}
		r.Header.Del("X-Forwarded-For")
		r.RemoteAddr = netip.AddrPortFrom(from, 0).String()
		next.ServeHTTP(w, r)
	})
}

// hopAddress reads one address of X-Forwarded-For. Some proxies add a port.
func hopAddress(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return a.Unmap(), true
	}
	p, err := netip.ParseAddrPort(s)
	return p.Addr().Unmap(), err == nil
}

// fromNearby says whether a request comes from this machine or a private
// network, and not through a proxy that we don't trust.
func fromNearby(r *http.Request) bool {
	a := address(r).Unmap()
	return (a.IsLoopback() || a.IsPrivate()) && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}
