package redis_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	driver "github.com/redis/go-redis/v9"

	"folkmoot/server/bus/bustest"
	"folkmoot/server/bus/redis"
	"folkmoot/server/forum"
	"folkmoot/server/testservers"
)

// works tries what a bus does with a server: news, and limits.
func works(t *testing.T, url string) {
	t.Helper()
	here, there := connected(t, url, "key"), connected(t, url, "key")
	listen(t, there, "t").hears(t, here, "t", 1)
	if wait, err := redis.Patient(here.Limits()).Take(t.Context(), forum.Bucket{Key: "a", Rate: 1, Burst: 5}, forum.Bucket{Key: "b", Rate: 1, Burst: 5}); wait != 0 || err != nil {
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
func cluster(t *testing.T) (busURL string, servers []*testservers.Server, masters []*driver.Client) {
	t.Helper()
	args := []string{"--cluster", "create"}
	busURL = "redis+cluster://"
	for range 3 {
		s := start(t, "--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(freePort(t)), "--cluster-node-timeout", "1000")
		addr := strings.TrimPrefix(s.URL, "redis://")
		args = append(args, addr)
		if len(masters) == 0 {
			busURL += addr + "?max_redirects=3"
		} else {
			busURL += "&addr=" + addr
		}
		servers, masters = append(servers, s), append(masters, client(t, s.URL))
	}
	out, err := exec.CommandContext(t.Context(), "redis-cli", append(args, "--cluster-yes")...).CombinedOutput()
	if err != nil {
		t.Fatalf("making a cluster: %v: %s", err, out)
	}
	return busURL, servers, masters
}

func TestCluster(t *testing.T) {
	t.Parallel()
	url, servers, masters := cluster(t)
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
	t.Run("a master restarts", func(t *testing.T) { masterRestarts(t, url, servers[1]) })
	t.Run("a master fails", func(t *testing.T) { masterFails(t, url, servers[2], masters[2]) })
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
	within(t, 1500*time.Millisecond, "a gap to be told, sooner than by silence", func() bool { return theirs.gaps.Load() > 0 })
	waitFor(t, "the nodes to be well", func() bool { return here.Err() == nil && there.Err() == nil })
	waitFor(t, "news", func() bool { return theirs.heard(s.stored.Load()) })
	last := s.stored.Load()
	waitFor(t, "what was lost to be looked for", func() bool { return theirs.missing(last) == 0 })
	if len(to.PubSubShardChannels(t.Context(), "folkmoot:*:thread:moving").Val()) != 1 {
		t.Error("the thread's channel isn't where its slot is")
	}
}

// masterFails kills a master that has a replica, which the cluster promotes.
func masterFails(t *testing.T, url string, server *testservers.Server, master *driver.Client) {
	replica := start(t, "--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(freePort(t)), "--cluster-node-timeout", "1000", "--repl-diskless-sync-delay", "0")
	id := master.Do(t.Context(), "cluster", "myid").Val().(string)
	address := func(s *testservers.Server) string { return strings.TrimPrefix(s.URL, "redis://") }
	out, err := exec.CommandContext(t.Context(), "redis-cli", "--cluster", "add-node", address(replica), address(server), "--cluster-slave", "--cluster-master-id", id).CombinedOutput()
	if err != nil {
		t.Fatalf("adding a replica: %v: %s", err, out)
	}
	raw := client(t, replica.URL)
	waitFor(t, "the replica to follow", func() bool {
		return strings.Contains(raw.Info(t.Context(), "replication").Val(), "master_link_status:up")
	})
	here, there := connected(t, url, "key"), connected(t, url, "key")
	var gaps atomic.Int64
	there.OnGap(func() { gaps.Add(1) })
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the nodes to see it", func() bool { return here.Err() != nil && there.Err() != nil })
	within(t, 2*patience, "the replica to be followed instead", func() bool { return here.Err() == nil && there.Err() == nil && gaps.Load() > 0 })
	for i := range 30 {
		thread := fmt.Sprint("thread", i)
		listen(t, there, thread).hears(t, here, thread, 1)
	}
}

// masterRestarts takes a third of the threads away, and gives them back.
func masterRestarts(t *testing.T, url string, server *testservers.Server) {
	here, there := connected(t, url, "key"), connected(t, url, "key")
	threads := make([]string, 30)
	for i := range threads {
		threads[i] = fmt.Sprint("thread", i)
		listen(t, there, threads[i]).hears(t, here, threads[i], 1)
	}
	var gaps atomic.Int64
	there.OnGap(func() { gaps.Add(1) })
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the nodes to see it", func() bool { return here.Err() != nil && there.Err() != nil })
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the nodes to be well", func() bool { return here.Err() == nil && there.Err() == nil && gaps.Load() > 0 })
	for _, thread := range threads {
		listen(t, there, thread).hears(t, here, thread, 2)
	}
}

func TestSentinel(t *testing.T) {
	t.Parallel()
	auth := []string{"--requirepass", "secret", "--masterauth", "secret", "--repl-diskless-sync-delay", "0"}
	first := start(t, auth...)
	address := func(s *testservers.Server) (host, port string) {
		host, port, _ = net.SplitHostPort(strings.TrimPrefix(s.URL, "redis://"))
		return host, port
	}
	host, port := address(first)
	second := start(t, append(auth, "--replicaof", host, port)...)
	replica := client(t, strings.Replace(second.URL, "//", "//:secret@", 1))
	waitFor(t, "the replica to follow", func() bool {
		return strings.Contains(replica.Info(t.Context(), "replication").Val(), "master_link_status:up")
	})

	config := fmt.Sprintf("sentinel monitor main %s %s 1\nsentinel auth-pass main secret\nsentinel down-after-milliseconds main 500\n", host, port)
	file, sentinelPort := filepath.Join(t.TempDir(), "sentinel.conf"), strconv.Itoa(freePort(t))
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "redis-server", file, "--sentinel", "--port", sentinelPort, "--bind", "127.0.0.1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	url := "redis+sentinel://:secret@127.0.0.1:" + sentinelPort + "?master_name=main"
	works(t, url)

	sentinel := client(t, "redis://127.0.0.1:"+sentinelPort)
	waitFor(t, "the sentinel to know the replica", func() bool {
		known, err := sentinel.Do(t.Context(), "sentinel", "replicas", "main").Slice()
		return err == nil && len(known) == 1
	})
	here, there := connected(t, url, "key"), connected(t, url, "key")
	s := speak(here, "t")
	defer s.stop()
	theirs := read(t, there, "t", s)
	waitFor(t, "news", func() bool { return theirs.heard(s.stored.Load()) })
	if err := first.Kill(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the nodes to see it", func() bool { return here.Err() != nil && there.Err() != nil })
	within(t, 2*patience, "the replica to be followed instead", func() bool { return here.Err() == nil && there.Err() == nil })
	waitFor(t, "news", func() bool { return theirs.heard(s.stored.Load()) })
	last := s.stored.Load()
	waitFor(t, "what was lost to be looked for", func() bool { return theirs.missing(last) == 0 })
}
