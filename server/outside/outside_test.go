package outside_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"folkmoot/server/outside"
)

func TestPublic(t *testing.T) {
	tests := []struct {
		addresses string
		public    bool
	}{
		{"8.8.8.8 1.1.1.1 172.15.0.1 172.32.0.1 192.169.0.1 100.63.0.1 100.128.0.1 223.255.255.1 2606:4700::1111 2a00:1450::1 2001:4860:4860::8888", true},
		{"127.0.0.1 127.255.0.9 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 192.0.2.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 255.255.255.255", false},
		{":: ::1 fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 fec0::1 ff02::1 100::1 2001:db8::1 2002:7f00:1:: 2001::1 3fff::1", false},
		{"::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b:1::8.8.8.8", false},
		{"::ffff:8.8.8.8 64:ff9b::8.8.8.8", true},
	}
	for _, tt := range tests {
		for _, a := range strings.Fields(tt.addresses) {
			if got := outside.Public(netip.MustParseAddr(a)); got != tt.public {
				t.Errorf("%s is public: %v, want %v", a, got, tt.public)
			}
		}
	}
}

// A server on this machine stands for whatever is nobody's business. It is asked
// under names and forms of its address.
func TestNobodyReachesThisMachine(t *testing.T) {
	asked := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.Host }))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	client := outside.NewClient(outside.Options{Within: 10 * time.Second, Port: uint16(server.Listener.Addr().(*net.TCPAddr).Port)})
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::1]", "0.0.0.0", "[::]", "127.1.2.3"} {
		res, err := client.Get("http://" + host + ":" + port + "/")
		if err == nil {
			res.Body.Close()
		}
		if !errors.Is(err, outside.ErrNotPublic) {
			t.Errorf("%s: %v", host, err)
		}
	}
	select {
	case host := <-asked:
		t.Errorf("%s was reached", host)
	default:
	}
}

// Nothing but the port that is meant, whatever the address.
func TestOnlyItsPort(t *testing.T) {
	client := outside.NewClient(outside.Options{Within: 10 * time.Second})
	for _, address := range []string{"http://8.8.8.8/", "https://8.8.8.8:8443/", "https://1.1.1.1:22/"} {
		res, err := client.Get(address)
		if err == nil {
			res.Body.Close()
		}
		if !errors.Is(err, outside.ErrNotPublic) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// For tests, this machine may be reached, and nothing else; nobody is sent on.
func TestLoopbackForTests(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/further", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	client := outside.NewClient(outside.Options{Within: 10 * time.Second, Loopback: true})
	res, err := client.Post(server.URL, "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	res.Body.Close()
	if res.StatusCode != http.StatusTemporaryRedirect || res.Request.URL.Path != "" {
		t.Errorf("it was sent on: %s at %s", res.Status, res.Request.URL)
	}
	if res, err := client.Get("https://8.8.8.8/"); !errors.Is(err, outside.ErrNotPublic) {
		if err == nil {
			res.Body.Close()
		}
		t.Errorf("something else was reached: %v", err)
	}
}
