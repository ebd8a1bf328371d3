package forum_test

import (
	"fmt"
	"testing"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

func TestFloodFromOneAddress(t *testing.T) {
	w := newWorld(t, limited)
	defer w.Close()
	refused := 0
	for i := range 2000 { // each by a guest of its own, since guests cost nothing
		_, err := w.Do(t.Context(), from(fmt.Sprint("p", i), "192.0.2.1"), "", post("t", "buy"))
		if err != nil {
			r := wantCode(t, err, talk.RateLimited)
			if refused++; r.RetryAfter < 1 || r.RetryAfter > 60 {
				t.Fatalf("asked to wait %d s", r.RetryAfter)
			}
		}
		w.clock.move(time.Minute / 2000)
	}
	if refused < 1500 {
		t.Errorf("only %d of 2,000 comments a minute were refused", refused)
	}
	_, err := w.Do(t.Context(), from("q", "192.0.2.2"), "", post("t", "hi"))
	wantCode(t, err, "") // a neighbour isn't theirs
}

func TestFloodByOnePerson(t *testing.T) {
	w := newWorld(t, limited)
	defer w.Close()
	var last error
	for i := range 30 { // from a new address each time
		_, last = w.Do(t.Context(), from("ann", fmt.Sprintf("192.0.2.%d", i)), "", post("t", "buy"))
	}
	r := wantCode(t, last, talk.RateLimited)
	w.clock.move(time.Duration(r.RetryAfter) * time.Second)
	_, err := w.Do(t.Context(), ann, "", post("t", "hi"))
	wantCode(t, err, "") // what was promised

	_, err = w.Do(t.Context(), ann, "", talk.Command{Kind: talk.React, Thread: "t", Reaction: "like", On: true})
	wantCode(t, err, "") // reactions have a pace of their own
}

func TestBusyTalkerIsNeverLimited(t *testing.T) {
	w := newWorld(t, limited)
	defer w.Close()
	for i := range 200 { // every 3 s for ten minutes
		if _, err := w.Do(t.Context(), ann, "", post("t", "hi")); err != nil {
			t.Fatalf("comment %d: %v", i, err)
		}
		w.clock.move(3 * time.Second)
	}
}

func TestWhoseAddress(t *testing.T) {
	tests := []struct {
		name, first, second string
		same                bool
	}{
		{"one /64", "2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
		{"two /64", "2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"one IPv4", "192.0.2.1", "192.0.2.1", true},
		{"neighbours", "192.0.2.1", "192.0.2.2", false},
		{"IPv4 in IPv6", "192.0.2.1", "::ffff:192.0.2.1", true},
		{"IPv4 in IPv6 neighbours", "::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
		{"with a zone", "fe80::1%eth0", "fe80::2%eth1", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, limited)
			defer w.Close()
			for i := range 1000 {
				if w.AllowSession(t.Context(), from("", tt.first)) != nil {
					break
				} else if i == 999 {
					t.Fatal("1,000 guests were made at once")
				}
			}
			if got := w.AllowSession(t.Context(), from("", tt.second)) != nil; got != tt.same {
				t.Errorf("limited together: %v, want %v", got, tt.same)
			}
			if err := w.AllowSession(t.Context(), forum.Who{}); err != nil { // an unknown address is one of its own
				t.Error(err)
			}
		})
	}
}

func TestOpeningIsLimited(t *testing.T) {
	w := newWorld(t, limited)
	defer w.Close()
	var last error
	for i := range 1000 {
		_, _, last = w.Open(t.Context(), ann, fmt.Sprintf("http://localhost/%d", i), "x", nil)
	}
	wantCode(t, last, talk.RateLimited)
	_, _, err := w.Open(t.Context(), ann, "http://localhost/0", "x", nil)
	wantCode(t, err, "") // a page that is known costs nothing
}

func TestLimitsOff(t *testing.T) {
	w := newWorld(t)
	defer w.Close()
	for range 500 {
		if _, err := w.Do(t.Context(), ann, "", post("t", "hi")); err != nil {
			t.Fatal(err)
		}
		if err := w.AllowSession(t.Context(), ann); err != nil {
			t.Fatal(err)
		}
	}
}
