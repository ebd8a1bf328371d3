package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// connsMax is how many connections a node has at most: one commits, the others
// read. A server has a hundred by default, for all nodes.
const connsMax = 8

// How long an attempt to reach a server may take, and the question whether an
// idle connection still works.
const (
	connectWithin = 5 * time.Second
	answerWithin  = time.Second
)

// sessions is how the server treats each session; the URL may say otherwise, as
// in ?lock_timeout=5s.
var sessions = map[string]string{
	"application_name": "folkmoot",

	// A node that hangs in the middle of a transaction loses the rows that it
	// holds before the others give up waiting for them.
	"idle_in_transaction_session_timeout": "2s",
	"lock_timeout":                        "3s",
	"statement_timeout":                   "8s",

	// A machine that vanished is noticed, and its session ended.
	"tcp_keepalives_idle":     "10",
	"tcp_keepalives_interval": "5",
	"tcp_keepalives_count":    "3",
	"tcp_user_timeout":        "10000", // ms

	// Rows are numbered under a lock, which each statement must see released.
	"default_transaction_isolation": "read committed",

	// Statements are planned when they run: a plan made for an empty table would
	// be kept while it fills. They are too short to be worth compiling.
	"plan_cache_mode": "force_custom_plan",
	"jit":             "off",
}

// configure reads a URL. What is wrong with it is said without quoting it, for
// it has a password.
func configure(raw string) (*pgxpool.Config, error) {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") || u.Opaque != "" {
		return nil, fmt.Errorf("%w (write it as postgres://user:password@host:5432/database, with %%40 for an @ in the password, %%2F for a / and %%25 for a %%)", ErrURL)
	}
	config, err := pgxpool.ParseConfig(raw)
	if err != nil {
		why := "see its parameters"
		if cause := errors.Unwrap(err); cause != nil {
			why = cause.Error()
		}
		if password, ok := u.User.Password(); ok && password != "" {
			why = strings.ReplaceAll(why, password, "…")
		}
		return nil, fmt.Errorf("%w: %s (see https://www.postgresql.org/docs/current/libpq-connect.html for what may stand there)", ErrURL, oneLine(why))
	}
	c := config.ConnConfig
	for name, value := range sessions {
		if _, said := c.RuntimeParams[name]; !said {
			c.RuntimeParams[name] = value
		}
	}
	if !u.Query().Has("pool_max_conns") {
		config.MaxConns = connsMax
	}
	c.ConnectTimeout = cmp.Or(c.ConnectTimeout, connectWithin)
	c.DialFunc = (&net.Dialer{Timeout: c.ConnectTimeout, KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3,
	}}).DialContext
	config.PingTimeout = answerWithin
	config.AfterConnect = durable
	return config, nil
}

// durable makes a commit wait for the disk even where the server is set up not
// to: what is acknowledged must be there after a crash.
func durable(ctx context.Context, c *pgx.Conn) error {
	_, err := c.Exec(ctx, `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`)
	return err
}

// Why a database can't be used. What Open returns says also what to do.
var (
	ErrURL         = errors.New("this isn't the URL of a PostgreSQL database")
	ErrUnreachable = errors.New("can't reach the PostgreSQL server")
	ErrRefused     = errors.New("the PostgreSQL server refuses the user or password")
	ErrMissing     = errors.New("there is no such PostgreSQL database")
	ErrForbidden   = errors.New("the user may not do what Folkmoot needs")
	ErrForeign     = errors.New("the database has tables that aren't Folkmoot's")
	ErrNewer       = errors.New("the database was made by a newer Folkmoot")
)

// explain turns what PostgreSQL says into what to do about it, on one line.
func explain(c *pgx.ConnConfig, err error) error {
	where := fmt.Sprintf("%s/%s", net.JoinHostPort(c.Host, fmt.Sprint(c.Port)), c.Database)
	var said *pgconn.PgError
	if !errors.As(err, &said) {
		if connecting := (*pgconn.ConnectError)(nil); errors.As(err, &connecting) {
			return fmt.Errorf("%w at %s: %s (start it, or correct the address)", ErrUnreachable, where, oneLine(reason(connecting)))
		}
		return err
	}
	switch said.Code {
	case "28000", "28P01": // invalid_authorization_specification, invalid_password
		return fmt.Errorf("%w: %s as %s: %s (correct them in the URL, or let the user in)", ErrRefused, where, c.User, oneLine(said.Message))
	case "3D000": // invalid_catalog_name
		return fmt.Errorf("%w: %s (make it with: createdb -O %s %s)", ErrMissing, where, c.User, c.Database)
	case "42501": // insufficient_privilege
		return fmt.Errorf("%w: %s as %s: %s (let the user own the database: ALTER DATABASE %s OWNER TO %s)", ErrForbidden, where, c.User, oneLine(said.Message), c.Database, c.User)
	case "42P07", "42703", "42P01": // duplicate_table, undefined_column, undefined_table
		return fmt.Errorf("%w: %s: %s (give Folkmoot a database of its own)", ErrForeign, where, oneLine(said.Message))
	case "53300", "57P03": // too_many_connections, cannot_connect_now
		return fmt.Errorf("%w at %s: %s (try again in a moment)", ErrUnreachable, where, oneLine(said.Message))
	}
	return fmt.Errorf("PostgreSQL at %s: %s (SQLSTATE %s)", where, oneLine(said.Message), said.Code)
}

// reason is the last cause of a failed connection: those before it say the same
// in more words.
func reason(err error) string {
	for {
		switch deeper := err.(type) { //nolint:errorlint // it walks the chain itself
		case interface{ Unwrap() error }:
			if next := deeper.Unwrap(); next != nil {
				err = next
				continue
			}
		case interface{ Unwrap() []error }:
			if all := deeper.Unwrap(); len(all) > 0 {
				err = all[len(all)-1]
				continue
			}
		}
		return err.Error()
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
