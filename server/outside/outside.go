// Package outside makes requests to addresses that strangers have named. Such a
// request must not reach what only this machine, or its network, can: a client
// of this package connects to public addresses alone, which it looks at when a
// name has been resolved and the connection is about to be made, so that no name
// can change its meaning in between. It follows no redirect, uses no proxy, and
// waits for nobody for long.
package outside

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// ErrNotPublic is why a connection was not made.
var ErrNotPublic = errors.New("not a public address")

// Options are what a client may do. The zero value is what strangers may ask for.
type Options struct {
	Port    uint16        // the only one that is connected to; 0 for 443
	Within  time.Duration // for a request and its answer, from beginning to end
	PerHost int           // connections at once

	// Loopback allows this machine, at any port, and nothing else. It is for tests.
	Loopback bool
}

// NewClient makes a client.
func NewClient(o Options) *http.Client {
	dialer := &net.Dialer{Timeout: o.Within, Control: func(_, address string, _ syscall.RawConn) error { return o.check(address) }}
	return &http.Client{
		Timeout:       o.Within,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    o.Within,
			ResponseHeaderTimeout:  o.Within,
			MaxResponseHeaderBytes: 16 << 10,
			MaxConnsPerHost:        o.PerHost,
			IdleConnTimeout:        time.Minute,
			DisableCompression:     true,
			ForceAttemptHTTP2:      true,
		},
	}
}

// check refuses what a connection is about to be made to, unless it may be.
func (o *Options) check(address string) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrNotPublic, address)
	}
	ip := to.Addr().Unmap()
	port := o.Port
	if port == 0 {
		port = 443
	}
	if o.Loopback && ip.IsLoopback() || to.Port() == port && !o.Loopback && Public(ip) {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrNotPublic, address)
}

// Public reports whether an address is one of the internet's, which anybody can
// reach.
func Public(ip netip.Addr) bool {
	if ip.Zone() != "" {
		return false
	}
	ip = ip.Unmap()
	for _, in := range translated {
		if in.Contains(ip) { // what is meant is an address of IPv4
			bytes := ip.As16()
			return Public(netip.AddrFrom4([4]byte(bytes[12:])))
		}
	}
	for _, in := range reserved {
		if in.Contains(ip) {
			return false
		}
	}
	return ip.Is4() || internet6.Contains(ip)
}

var (
	internet6  = netip.MustParsePrefix("2000::/3") // all that is given out of IPv6
	translated = prefixes("64:ff9b::/96")          // RFC 6052: how a network without IPv4 reaches it

	// What is not the internet's: IANA's registries of special-purpose addresses,
	// https://www.iana.org/assignments/iana-ipv4-special-registry and …-ipv6-….
	reserved = prefixes(
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
		"224.0.0.0/4", "240.0.0.0/4",
		"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
	)
)

func prefixes(all ...string) (list []netip.Prefix) {
	for _, s := range all {
		list = append(list, netip.MustParsePrefix(s))
	}
	return list
}
