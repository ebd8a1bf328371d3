package redis_test

import (
	"strings"
	"testing"

	"folkmoot/server/bus/redis"
	"folkmoot/server/forum"
)

func TestSitesDoNotHearEachOther(t *testing.T) {
	t.Parallel()
	server := start(t)
	one, other, also := connected(t, server.URL, "one"), connected(t, server.URL, "other"), connected(t, server.URL, "other")
	if err := publish(one, "t", 1); err != nil {
		t.Error(err)
	}
	l := listen(t, other, "t")
	for i := range uint64(20) {
		if err := publish(one, "t", i+1); err != nil {
			t.Error(err)
		}
	}
	l.hears(t, also, "t", 100)
	listen(t, connected(t, server.URL, "one"), "t").hears(t, one, "t", 100) // by now all of the first site's are through
	for seq := range l.seqs {
		if seq != 100 {
			t.Errorf("heard entry %d of another site", seq)
		}
	}
	b := forum.Bucket{Key: "a", Rate: 0.001, Burst: 1}
	for _, site := range []*redis.Bus{one, other} {
		if wait, err := redis.Patient(site.Limits()).Take(t.Context(), b); wait != 0 || err != nil {
			t.Errorf("a token of this site: %s, %v", wait, err)
		}
	}
}

// Whoever may publish in Redis can't make a message, nor move one.
func TestForgedMessages(t *testing.T) {
	t.Parallel()
	server := start(t)
	here, there := connected(t, server.URL, "key"), connected(t, server.URL, "key")
	l := listen(t, there, "t")
	elsewhere := listen(t, there, "u")
	raw := client(t, server.URL)
	spy := raw.PSubscribe(t.Context(), "folkmoot:*:thread:*")
	defer spy.Close()
	if _, err := spy.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.hears(t, here, "t", 1)
	real, err := spy.ReceiveMessage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	site := strings.TrimSuffix(real.Channel, "thread:t")
	edit := func(at int, to byte) string {
		m := []byte(real.Payload)
		m[at] = to
		return string(m)
	}
	at := strings.Index(real.Payload, `"seq":1`) + len(`"seq":`)
	for _, tt := range []struct{ what, channel, message, reason string }{
		{"nothing", real.Channel, "", "version"},
		{"text", real.Channel, `{"thread":"t"}`, "version"},
		{"a later version", real.Channel, edit(0, 2), "version"},
		{"half a head", real.Channel, real.Payload[:12], "mac"},
		{"another number", real.Channel, edit(at, '2'), "mac"},
		{"another node's name", real.Channel, edit(20, real.Payload[20]+1), "mac"},
		{"another proof", real.Channel, edit(3, real.Payload[3]+1), "mac"},
		{"longer", real.Channel, real.Payload + " ", "mac"},
		{"on another channel", site + "thread:u", real.Payload, "mac"},
		{"a notice", site + "notice:", real.Payload, "mac"},
		{"too large", real.Channel, "\x01" + strings.Repeat("x", 40<<10), "size"},
	} {
		name := `folkmoot_bus_dropped_total{reason="` + tt.reason + `"}`
		before := counter(name)
		if n, err := raw.Publish(t.Context(), tt.channel, tt.message).Result(); err != nil || n == 0 {
			t.Fatalf("%s reaches nobody: %v", tt.what, err)
		}
		waitFor(t, tt.what+" to be dropped", func() bool { return counter(name) > before })
	}
	l.hears(t, here, "t", 3)
	if len(l.seqs) != 2 || len(elsewhere.seqs) > 0 {
		t.Errorf("heard %v and elsewhere %v", l.seqs, elsewhere.seqs)
	}
	if there.Err() != nil {
		t.Error(there.Err())
	}
}
