package redis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// patience is how long anything between us and Redis may take, unless the URL
// says otherwise: to be back within two seconds, one must give up in one.
const patience = time.Second

// errURL says nothing of what is in the URL: a password is.
var errURL = errors.New("the Redis URL can't be understood: it looks like redis://user:password@host:6379, " +
	"redis+cluster://… or redis+sentinel://…, with special characters of the password written as %XX")

// connect makes a client of what the URL names, without reaching for it. The
// URL's text is in no error.
func connect(raw string) (client redis.UniversalClient, cluster bool, err error) {
	u, err := url.Parse(raw)
	if err != nil || u.User == nil && strings.Contains(raw, "@") { // a password cut in two would show up as a path or an option
		return nil, false, errURL
	}
	take := func(name string) string {
		q := u.Query()
		defer func() { q.Del(name); u.RawQuery = q.Encode() }()
		return q.Get(name)
	}
	roots, err := authority(take("ca_file"))
	if err != nil {
		return nil, false, err
	}
	var kind string
	u.Scheme, kind, _ = strings.Cut(u.Scheme, "+")
	switch {
	case kind == "" && (u.Scheme == "redis" || u.Scheme == "rediss" || u.Scheme == "unix"):
		client, err = single(u, roots)
	case kind == "cluster" && (u.Scheme == "redis" || u.Scheme == "rediss"):
		client, err = many(u, roots)
	case kind == "sentinel" && (u.Scheme == "redis" || u.Scheme == "rediss"):
		client, err = guarded(u, roots, take("sentinel_username"), take("sentinel_password"))
	default:
		err = errURL
	}
	return client, kind == "cluster", err
}

// single is a client of one server.
func single(u *url.URL, roots *x509.CertPool) (redis.UniversalClient, error) {
	o, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, explain(err)
	}
	o.Protocol, o.ContextTimeoutEnabled, o.DialerRetries, o.DisableIdentity = plain, true, 1, true
	o.MaxRetries = -1 // a message goes out at most once; who asks for tokens knows what to do instead
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = given(o.DialTimeout), given(o.ReadTimeout), given(o.WriteTimeout)
	o.Dialer = dialer(o.DialTimeout, trusting(o.TLSConfig, roots))
	return redis.NewClient(o), nil
}

// many is a client of a cluster.
func many(u *url.URL, roots *x509.CertPool) (redis.UniversalClient, error) {
	o, err := redis.ParseClusterURL(u.String())
	if err != nil {
		return nil, explain(err)
	}
	o.Protocol, o.ContextTimeoutEnabled, o.DialerRetries, o.DisableIdentity = plain, true, 1, true
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = given(o.DialTimeout), given(o.ReadTimeout), given(o.WriteTimeout)
	o.Dialer = dialer(o.DialTimeout, trusting(o.TLSConfig, roots))
	return redis.NewClusterClient(o), nil
}

// guarded is a client of whichever server the sentinels say is the master.
func guarded(u *url.URL, roots *x509.CertPool, sentinelUser, sentinelPassword string) (redis.UniversalClient, error) {
	user := u.User.Username()
	password, _ := u.User.Password()
	u.User = nil // which go-redis takes for the sentinels'
	o, err := redis.ParseFailoverURL(u.String())
	if err != nil {
		return nil, explain(err)
	}
	if o.MasterName == "" {
		o.MasterName = "mymaster" // as in every example of Sentinel's
	}
	o.Username, o.Password, o.SentinelUsername, o.SentinelPassword = user, password, sentinelUser, sentinelPassword
	o.Protocol, o.ContextTimeoutEnabled, o.DialerRetries, o.DisableIdentity, o.MaxRetries = plain, true, 1, true, -1
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = given(o.DialTimeout), given(o.ReadTimeout), given(o.WriteTimeout)
	o.Dialer = dialer(o.DialTimeout, trusting(o.TLSConfig, roots))
	return redis.NewFailoverClient(o), nil
}

// plain is the protocol's version 2: what 3 adds we don't use, and go-redis
// has lost pub/sub messages looking for it (issues 3839 and 3935).
const plain = 2

// given is a timeout, if the URL has it.
func given(d time.Duration) time.Duration {
	if d == 0 {
		return patience
	}
	return d
}

func explain(err error) error {
	return fmt.Errorf("the Redis URL: %s", strings.TrimPrefix(err.Error(), "redis: "))
}

// authority reads the certificates of those who vouch for Redis.
func authority(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the Redis URL's ca_file: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("the Redis URL's ca_file: there is no certificate in %s", file)
	}
	return roots, nil
}

func trusting(c *tls.Config, roots *x509.CertPool) *tls.Config {
	if c != nil {
		c.RootCAs, c.MinVersion = roots, tls.VersionTLS12
	}
	return c
}

// settled marks the context of one who has a connection and wants no other.
type settled struct{}

var errBroken = errors.New("the connection to Redis broke")

// dialer refuses a context that is settled: a subscriber's go-redis connects
// again behind its back, subscribing to everything in one command, and doesn't
// say so. A line does it itself, in portions, and tells that there was a gap.
func dialer(timeout time.Duration, secure *tls.Config) func(context.Context, string, string) (net.Conn, error) {
	dial := redis.NewDialer(&redis.Options{DialTimeout: timeout, TLSConfig: secure})
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if ctx.Value(settled{}) != nil {
			return nil, errBroken
		}
		return dial(ctx, network, addr)
	}
}
