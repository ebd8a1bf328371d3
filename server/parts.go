package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"folkmoot/server/bus/memory"
	"folkmoot/server/bus/redis"
	"folkmoot/server/forum"
	"folkmoot/server/store/postgres"
	"folkmoot/server/store/sqlite"
)

// Where other nodes write to the same database.
const (
	headLife     = time.Second           // how old what a node knows of a thread may be when it serves a page
	gathering    = 50 * time.Millisecond // a storm of reactions takes so long for each commit
	compareEvery = time.Second           // rooms with the store: what the bus lost shows within two
)

// parts are what the flags choose between: where things are remembered, and
// how nodes hear of each other.
type parts struct {
	store  forum.Store
	bus    forum.Bus
	limits forum.Limits // nil: each process counts for itself
	key    []byte       // sessions are signed with it
	busErr func() error // nil where there is no other node
	onGap  func(func()) // is told what to call when the bus may have lost something
	close  func() error

	touched func(context.Context) (bool, error) // whether another program wrote to the store; nil where nodes look anyway

	headLife, gathering, compareEvery time.Duration
}

func (c *serve) parts(ctx context.Context, log *slog.Logger) (p *parts, err error) {
	if c.Redis != "" && c.Database == "" {
		return nil, errors.New("--redis is for several nodes, which must share a database: name it with --database postgres://…, or leave --redis out (one SQLite file is one node's)")
	}
	p = &parts{bus: &memory.Bus{}, onGap: func(func()) {}}
	if c.Database == "" {
		var s *sqlite.Store
		if s, err = sqlite.Open(ctx, c.Data); err == nil {
			p.store, p.touched = s, s.Touched
		}
	} else {
		p.store, err = postgres.Open(ctx, c.Database, log)
		p.headLife, p.gathering, p.compareEvery = headLife, gathering, compareEvery
	}
	if err != nil {
		return nil, err
	}
	p.close = p.store.Close
	if p.key, err = secret(ctx, p.store, "session"); err == nil && c.Redis != "" {
		err = p.join(ctx, c.Redis, log)
	}
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// join connects the node with the others.
func (p *parts) join(ctx context.Context, url string, log *slog.Logger) error {
	key, err := secret(ctx, p.store, "bus")
	if err != nil {
		return err
	}
	bus, err := redis.Open(ctx, redis.Options{URL: url, Key: key, Log: log})
	if err != nil {
		return err
	}
	p.bus, p.limits, p.busErr, p.onGap = bus, bus.Limits(), bus.Err, bus.OnGap
	closeStore := p.close
	p.close = func() error { return errors.Join(bus.Close(), closeStore()) }
	return nil
}

// secret reads a secret of the database's, which all its nodes share.
func secret(ctx context.Context, store forum.Store, name string) ([]byte, error) {
	fresh := make([]byte, 32)
	rand.Read(fresh)
	key, err := store.Secret(ctx, name, fresh)
	if err != nil {
		return nil, fmt.Errorf("reading the %s key: %w", name, err)
	}
	return key, nil
}
