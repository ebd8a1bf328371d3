package redis_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	driver "github.com/redis/go-redis/v9"

	"folkmoot/app/talk"
	"folkmoot/server/bus/bustest"
	"folkmoot/server/bus/redis"
	"folkmoot/server/forum"
)

// works tries what a bus does with a server: news, and limits.
func works(t *testing.T, url string) {
	t.Helper()
	here, there := connected(t, url, "key"), connected(t, url, "key")
	listen(t, there, "t").hears(t, here, "t", 1)
	if wait, err := here.Limits().Take(t.Context(), forum.Bucket{Key: "a", Rate: 1, Burst: 5}, forum.Bucket{Key: "b", Rate: 1, Burst: 5}); wait != 0 || err != nil {
		t.Errorf("the limits say %s, %v", wait, err)
	}
}

func TestPassword(t *testing.T) {
	t.Parallel()
	server := start(t, "--requirepass", "s/cr@t")
	works(t, strings.Replace(server.URL, "//", "//:s%2Fcr%40t@", 1))
	wrong := open(t, strings.Replace(server.URL, "//", "//:hush-hush@", 1), "key")
	waitFor(t, "the wrong password to be refused", func() bool { return wrong.Err() != nil && strings.Contains(wrong.Err().Error(), "WRONGPASS") })
	if strings.Contains(wrong.Err().Error(), "hush-hush") {
		t.Errorf("the password is in %q", wrong.Err())
	}
}

// The user has the rights that the documentation of Options.URL names.
func TestUser(t *testing.T) {
	t.Parallel()
	server := start(t, append([]string{"--user", "folkmoot", "on", ">secret"}, strings.Fields("~folkmoot:* &folkmoot:* +@connection +@pubsub +@scripting +get +set +del +time")...)...)
	works(t, strings.Replace(server.URL, "//", "//folkmoot:secret@", 1))
}

func TestTLS(t *testing.T) {
	t.Parallel()
	dir, port := t.TempDir(), strconv.Itoa(freePort(t))
	cert, key := certificate(t, dir)
	start(t, "--tls-port", port, "--tls-cert-file", cert, "--tls-key-file", key, "--tls-auth-clients", "no")
	works(t, "rediss://127.0.0.1:"+port+"?ca_file="+url.QueryEscape(cert))
	unknown := open(t, "rediss://127.0.0.1:"+port, "key")
	waitFor(t, "a certificate of nobody's to be refused", func() bool { return unknown.Err() != nil && strings.Contains(unknown.Err().Error(), "x509") })
}

func certificate(t *testing.T, dir string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// cluster starts three masters that share the slots.
func cluster(t *testing.T) (busURL string, masters []*driver.Client) {
	t.Helper()
	args := []string{"--cluster", "create"}
	busURL = "redis+cluster://"
	for range 3 {
		s := start(t, "--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(freePort(t)), "--cluster-node-timeout", "2000")
		addr := strings.TrimPrefix(s.URL, "redis://")
		args = append(args, addr)
		if len(masters) == 0 {
			busURL += addr + "?max_redirects=3"
		} else {
			busURL += "&addr=" + addr
		}
		masters = append(masters, client(t, s.URL))
	}
	out, err := exec.CommandContext(t.Context(), "redis-cli", append(args, "--cluster-yes")...).CombinedOutput()
	if err != nil {
		t.Fatalf("making a cluster: %v: %s", err, out)
	}
	return busURL, masters
}

func TestCluster(t *testing.T) {
	t.Parallel()
	url, masters := cluster(t)
	t.Run("bus", func(t *testing.T) {
		bustest.Run(t, func(t *testing.T) bustest.Nodes {
			return bustest.Nodes{Here: connected(t, url, t.Name()), There: connected(t, url, t.Name())}
		})
	})
	t.Run("limits", func(t *testing.T) { limits(t, url) })
	t.Run("sharded", func(t *testing.T) {
		here, there := connected(t, url, "key"), connected(t, url, "key")
		for i := range uint64(50) {
			thread := fmt.Sprint("thread", i)
			listen(t, there, thread).hears(t, here, thread, i)
		}
		for i, m := range masters {
			sharded, err := m.PubSubShardChannels(t.Context(), "folkmoot:*:thread:*").Result()
			if err != nil || len(sharded) == 0 {
				t.Errorf("master %d has %d channels: %v", i, len(sharded), err)
			}
			if plain := m.PubSubChannels(t.Context(), "*").Val(); len(plain) > 0 {
				t.Errorf("channels are not sharded: %q", plain)
			}
			if info := m.Info(t.Context(), "errorstats").Val(); strings.Contains(info, "MOVED") {
				t.Errorf("master %d was asked for what others have: %s", i, info)
			}
			info := m.Info(t.Context(), "commandstats").Val()
			if !strings.Contains(info, "cmdstat_spublish:") || strings.Contains(info, "cmdstat_publish:") {
				t.Errorf("master %d was not published to with SPUBLISH", i)
			}
			clients := m.ClientList(t.Context()).Val()
			if n := strings.Count(clients, " ssub=") - strings.Count(clients, " ssub=0"); n > 2*6 {
				t.Errorf("master %d has %d subscribers' connections of two nodes", i, n)
			}
		}
	})
	t.Run("a slot moves", func(t *testing.T) { slotMoves(t, url, masters) })
}

// slotMoves moves the slot of a thread to another master.
func slotMoves(t *testing.T, url string, masters []*driver.Client) {
	here, there := connected(t, url, "key"), connected(t, url, "key")
	s := speak(here, "moving")
	defer s.stop()
	theirs := read(t, there, "moving", s)
	waitFor(t, "news", func() bool { return theirs.heard(s.stored.Load()) })
	var from, to *driver.Client
	var slot int64
	for _, m := range masters {
		channels := m.PubSubShardChannels(t.Context(), "folkmoot:*:thread:moving").Val()
		if len(channels) == 0 {
			to = m
			continue
		}
		from, slot = m, m.ClusterKeySlot(t.Context(), channels[0]).Val()
	}
	if from == nil {
		t.Fatal("no master has the thread's channel")
	}
	target := to.Do(t.Context(), "cluster", "myid").Val()
	for _, m := range append([]*driver.Client{to, from}, masters...) { // the new owner first
		if err := m.Do(t.Context(), "cluster", "setslot", slot, "node", target).Err(); err != nil {
			t.Fatal(err)
		}
	}
	within(t, 5*time.Second, "a gap to be told", func() bool { return theirs.gaps.Load() > 0 })
	waitFor(t, "the nodes to be well", func() bool { return here.Err() == nil && there.Err() == nil })
	waitFor(t, "news", func() bool { return theirs.heard(s.stored.Load()) })
	last := s.stored.Load()
	waitFor(t, "what was lost to be looked for", func() bool { return theirs.missing(last) == 0 })
	if len(to.PubSubShardChannels(t.Context(), "folkmoot:*:thread:moving").Val()) != 1 {
		t.Error("the thread's channel isn't where its slot is")
	}
}

func TestSentinel(t *testing.T) {
	t.Parallel()
	master := start(t, "--requirepass", "secret")
	host, port, _ := net.SplitHostPort(strings.TrimPrefix(master.URL, "redis://"))
	file := filepath.Join(t.TempDir(), "sentinel.conf")
	config := fmt.Sprintf("sentinel monitor mymaster %s %s 1\nsentinel auth-pass mymaster secret\nprotected-mode no\n", host, port)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	sentinelPort := strconv.Itoa(freePort(t))
	cmd := exec.CommandContext(t.Context(), "redis-server", file, "--sentinel", "--port", sentinelPort, "--bind", "127.0.0.1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	works(t, "redis+sentinel://:secret@127.0.0.1:"+sentinelPort+"?master_name=mymaster")
}

func TestURLs(t *testing.T) {
	for _, url := range []string{
		"", "localhost:6379", "http://localhost", "redis+ring://localhost", "redis+cluster+x://h", "redis://:hush/hush@host:6379", "redis://:12/hush@host:6379",
		"redis://:12?hush@host", "redis://:hu%zzsh@host", "redis://user:hush@host:port", "redis://user:hush@host/x", "redis://user:hush@host?unknown=1",
		"rediss://user:hush@host?ca_file=/nowhere", "redis+sentinel://user:hush@host/x", "redis+cluster://user:hush@host?addr=x",
	} {
		b, err := redis.Open(t.Context(), redis.Options{URL: url, Key: []byte("key"), Log: slog.New(slog.DiscardHandler)})
		if err == nil {
			b.Close()
			t.Errorf("%q is taken for a URL", url)
			continue
		}
		if strings.Contains(err.Error(), "hush") {
			t.Errorf("the password is in %q", err)
		}
	}
	if _, err := redis.Open(t.Context(), redis.Options{URL: "redis://localhost", Log: slog.New(slog.DiscardHandler)}); err == nil {
		t.Error("a bus without a key opens")
	}
}

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
		if wait, err := site.Limits().Take(t.Context(), b); wait != 0 || err != nil {
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
	elsewhere := listen(t, there, "elsewhere")
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
		{"on another channel", site + "thread:elsewhere", real.Payload, "mac"},
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

// BenchmarkBus measures messages from one node to another: how many a second,
// and how long a lone one takes.
func BenchmarkBus(b *testing.B) {
	server := start(b)
	here, there := connected(b, server.URL, "key"), connected(b, server.URL, "key")
	heard := make(chan struct{}, 1<<20)
	if _, err := there.Subscribe(b.Context(), "t", func(talk.Update) { heard <- struct{}{} }); err != nil {
		b.Fatal(err)
	}
	const window = 1000 // fewer than an outbox holds
	for _, inFlight := range []int{1, window} {
		b.Run(fmt.Sprintf("%d under way", inFlight), func(b *testing.B) {
			sent, got := 0, 0
			for b.Loop() {
				for ; sent < got+inFlight; sent++ {
					if err := publish(here, "t", uint64(sent)); err != nil {
						b.Fatal(err)
					}
				}
				<-heard
				got++
			}
			for ; got < sent; got++ {
				<-heard
			}
		})
	}
}
