package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"folkmoot/server/forum"
	"folkmoot/server/store/postgres"
	"folkmoot/server/store/sqlite"
)

// ownerLink is the command that prints a link which makes a browser the
// owner's. It needs no server, and works beside one.
type ownerLink struct {
	Data      string `default:"./data" type:"path" help:"Folder that holds the SQLite database, unless --database names another."`
	Database  string `placeholder:"URL" help:"PostgreSQL database, as postgres://user:password@host/name."`
	PublicURL string `name:"public-url" default:"http://localhost:8080" placeholder:"URL" help:"Where browsers reach the server."`
}

// Run prints the link.
func (c *ownerLink) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return c.run(ctx, os.Stdout)
}

func (c *ownerLink) run(ctx context.Context, out io.Writer) error {
	public, err := parsePublic(c.PublicURL)
	if err != nil {
		return err
	}
	token, invitation := forum.NewLink(time.Now())
	if c.Database == "" {
		err = sqlite.Invite(ctx, c.Data, invitation)
	} else {
		err = inviteInto(ctx, c.Database, invitation)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s/owner?token=%s\nOpen it within a day, in the browser that is to be the owner's. It works once.\n", public, token)
	return err
}

func inviteInto(ctx context.Context, database string, i forum.Invitation) error {
	s, err := postgres.Open(ctx, database, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return errors.Join(s.Invite(ctx, i), s.Close())
}
