package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"folkmoot/assets"
	"folkmoot/server/push"
	"folkmoot/server/web"
)

// sender tells devices, unless that is off: then it is nil, which tells nobody.
func (c *serve) sender(ctx context.Context, p *parts, set *assets.Set, public *url.URL, log *slog.Logger) (*push.Sender, error) {
	if c.Push == "off" {
		return nil, nil
	}
	contact := c.PushContact
	if contact == "" && public.Scheme == "https" {
		contact = public.String()
	} else if contact == "" {
		contact = "mailto:admin@" + public.Hostname()
	} else if u, err := url.Parse(contact); err != nil || (u.Scheme != "https" && u.Scheme != "mailto") || strings.ContainsAny(contact, " <>") {
		return nil, fmt.Errorf("--push-contact %q is no address: write it as mailto:admin@blog.example or https://blog.example/contact", contact)
	}
	fresh, err := push.NewSecret()
	if err != nil {
		return nil, err
	}
	secret, err := p.store.Secret(ctx, "push", fresh)
	if err != nil {
		return nil, fmt.Errorf("reading the push key: %w", err)
	}
	keys, err := push.ReadKeys(secret)
	if err != nil {
		return nil, err
	}
	return push.Start(push.Config{
		Store: p.store, Keys: keys, Contact: contact, Words: web.Speak(set), Clock: time.Now, Log: log, Loopback: c.PushLocal,
	}), nil
}
