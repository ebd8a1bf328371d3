package testservers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"
)

// A Cluster is PostgreSQL, Redis and several nodes of Folkmoot, behind a small
// reverse proxy that asks them in turn.
type Cluster struct {
	URL      string // of the proxy
	Postgres *Server
	Redis    *Server
	Nodes    []*Server

	proxy *proxy
}

// StartCluster starts nodes of a program in dir. The proxy listens on the
// address, "127.0.0.1:0" for any port. Further arguments are for the nodes.
func StartCluster(ctx context.Context, dir, program, listen string, nodes int, args ...string) (c *Cluster, err error) {
	c = &Cluster{}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Stop())
		}
	}()
	if c.Postgres, err = Postgres(ctx, filepath.Join(dir, "postgres")); err != nil {
		return c, err
	}
	if c.Redis, err = Redis(ctx, filepath.Join(dir, "redis")); err != nil {
		return c, err
	}
	if c.proxy, err = startProxy(ctx, listen); err != nil {
		return c, err
	}
	c.URL = "http://localhost:" + strconv.Itoa(c.proxy.port)
	for i := range nodes {
		n, err := node(ctx, dir, program, i+1, append([]string{
			"--database", c.Postgres.URL, "--redis", c.Redis.URL, "--public-url", c.URL, "--trusted-proxies", "127.0.0.1"}, args...))
		if n != nil {
			c.Nodes = append(c.Nodes, n)
		}
		if err != nil {
			return c, err
		}
		c.proxy.add(n)
	}
	return c, nil
}

// Stop ends everything, in good order.
func (c *Cluster) Stop() error {
	var errs []error
	for _, n := range c.Nodes {
		_ = n.Thaw() // a frozen one can't stop; one that doesn't run need not
		errs = append(errs, n.Stop())
	}
	if c.proxy != nil {
		errs = append(errs, c.proxy.stop())
	}
	for _, s := range []*Server{c.Redis, c.Postgres} {
		if s != nil {
			_ = s.Thaw()
			errs = append(errs, s.Stop())
		}
	}
	return errors.Join(errs...)
}

func node(ctx context.Context, dir, program string, number int, args []string) (*Server, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprint("node ", number)
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	all := append([]string{"serve", "--listen", address}, args...)
	s := &Server{
		URL: "http://" + address, name: name, port: port, log: filepath.Join(dir, fmt.Sprintf("node%d.log", number)),
		build: func() *exec.Cmd { return exec.Command(program, all...) },
	}
	s.ready = func(ctx context.Context) error { return healthy(ctx, s) }
	return s, s.Start(ctx)
}

// healthy is nil if a node answers within a moment.
func healthy(ctx context.Context, s *Server) error {
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/healthz", nil)
	if err != nil {
		return err
	}
	q.Close = true
	res, err := http.DefaultClient.Do(q)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", s.name, res.Status)
	}
	return nil
}

// ServedBy is the header in which the proxy says which node has answered: its URL.
const ServedBy = "Served-By"

// A proxy passes each request on to the next node that is well.
type proxy struct {
	port   int
	server http.Server
	cancel context.CancelFunc
	ctx    context.Context
	nodes  atomic.Pointer[[]*target]
	turn   atomic.Uint32
}

type target struct {
	url  *url.URL
	well atomic.Bool
}

const lookEvery = 250 * time.Millisecond // at whether a node is well

func startProxy(ctx context.Context, listen string) (*proxy, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return nil, err
	}
	p := &proxy{port: l.Addr().(*net.TCPAddr).Port}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.nodes.Store(&[]*target{})
	quiet := log.New(io.Discard, "", 0) // nodes are killed on purpose
	p.server.ErrorLog = quiet
	p.server.ReadHeaderTimeout = 10 * time.Second
	p.server.Handler = &httputil.ReverseProxy{
		ErrorLog: quiet,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
			r.SetXForwarded()
			r.Out.Host = r.In.Host
			if t := p.next(); t != nil {
				r.Out.URL.Scheme, r.Out.URL.Host = t.url.Scheme, t.url.Host
			}
		},
		ModifyResponse: func(r *http.Response) error {
			r.Header.Set(ServedBy, "http://"+r.Request.URL.Host)
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "no node answers", http.StatusBadGateway)
		},
	}
	go func() { _ = p.server.Serve(l) }() // until stop
	return p, nil
}

func (p *proxy) stop() error {
	p.cancel()
	return p.server.Close()
}

// add passes requests on to one more node, and looks after it.
func (p *proxy) add(s *Server) {
	u, _ := url.Parse(s.URL) // ours
	t := &target{url: u}
	t.well.Store(true)
	all := append([]*target{}, *p.nodes.Load()...)
	all = append(all, t)
	p.nodes.Store(&all)
	go func() {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				t.well.Store(healthy(p.ctx, s) == nil)
			case <-p.ctx.Done():
				return
			}
		}
	}()
}

func (p *proxy) next() *target {
	all := *p.nodes.Load()
	for range all {
		if t := all[int(p.turn.Add(1))%len(all)]; t.well.Load() {
			return t
		}
	}
	return nil
}
