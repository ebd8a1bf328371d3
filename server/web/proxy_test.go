package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestWhomAProxyServed(t *testing.T) {
	ours := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	tests := []struct {
		name, peer, header, want string
	}{
		{"no proxy", "192.0.2.1:99", "", "192.0.2.1"},
		{"somebody who says that they are one", "192.0.2.1:99", "203.0.113.5", "192.0.2.1"},
		{"our proxy", "127.0.0.1:99", "203.0.113.5", "203.0.113.5"},
		{"somebody forged what they sent to our proxy", "127.0.0.1:99", "1.1.1.1, 203.0.113.5", "203.0.113.5"},
		{"two of our proxies", "127.0.0.1:99", "203.0.113.5, 10.2.3.4", "203.0.113.5"},
		{"all are ours", "127.0.0.1:99", "10.9.9.9, 10.2.3.4", "10.9.9.9"},
		{"our proxy says nothing", "127.0.0.1:99", "", "127.0.0.1"},
		{"what isn't an address", "127.0.0.1:99", "203.0.113.5, unknown, 10.2.3.4", "10.2.3.4"},
		{"with a port", "127.0.0.1:99", "203.0.113.5:4711", "203.0.113.5"},
		{"IPv6", "[2001:db8::1]:99", "2001:db9::7", "2001:db9::7"},
		{"IPv6 in brackets, with a port", "[2001:db8::1]:99", "[2001:db9::7]:1", "2001:db9::7"},
		{"IPv4 in IPv6", "[::ffff:127.0.0.1]:99", "::ffff:203.0.113.5", "203.0.113.5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got netip.Addr
			var left string
			h := behind(ours, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				got, left = address(r), r.Header.Get("X-Forwarded-For")
			}))
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = tt.peer
			if tt.header != "" {
				r.Header.Set("X-Forwarded-For", tt.header)
			}
			h.ServeHTTP(httptest.NewRecorder(), r)
			if got.Unmap() != netip.MustParseAddr(tt.want) {
				t.Errorf("from %v, want %s", got, tt.want)
			}
			if believed := !strings.HasPrefix(tt.peer, "192."); believed && left != "" {
				t.Errorf("left %q for others to misread", left)
			}
		})
	}
	several := httptest.NewRequest(http.MethodGet, "/", nil)
	several.RemoteAddr = "127.0.0.1:99"
	several.Header["X-Forwarded-For"] = []string{"1.1.1.1", "203.0.113.5"}
	behind(ours, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if a := address(r); a != netip.MustParseAddr("203.0.113.5") {
			t.Errorf("from %v, of several headers", a)
		}
	})).ServeHTTP(httptest.NewRecorder(), several)
}

func TestWhoIsNearby(t *testing.T) {
	for _, tt := range []struct {
		peer, header string
		want         bool
	}{
		{"127.0.0.1:9", "", true},
		{"[::1]:9", "", true},
		{"10.1.2.3:9", "", true},
		{"192.0.2.1:9", "", false},
		{"127.0.0.1:9", "203.0.113.5", false}, // a proxy on this machine that we were not told of
	} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.RemoteAddr = tt.peer
		if tt.header != "" {
			r.Header.Set("X-Forwarded-For", tt.header)
		}
		if got := fromNearby(r); got != tt.want {
			t.Errorf("%s through %q: %v", tt.peer, tt.header, got)
		}
	}
}
