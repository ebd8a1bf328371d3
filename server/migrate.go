package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"folkmoot/server/store/postgres"
)

// migrate is the commands for whoever wants to change a database before the
// servers do; else they do so when they start.
type migrate struct {
	Status migrateStatus `cmd:"" help:"Say which steps of the database's format are applied, and change nothing."`
	Up     migrateUp     `cmd:"" help:"Bring the database's format up to date, as serve does when it starts."`
}

type migrateStatus struct{ migrateFlags }

type migrateUp struct{ migrateFlags }

type migrateFlags struct {
	Database string `placeholder:"URL" help:"The PostgreSQL database, as postgres://user:password@host:5432/name."`
}

// Run prints one line for each step.
func (c *migrateStatus) Run() error { return c.run(status) }

// Run prints one line for each step that it takes.
func (c *migrateUp) Run() error { return c.run(up) }

func (c *migrateFlags) run(do func(ctx context.Context, out io.Writer, url string) error) error {
	if c.Database == "" {
		return errors.New("say which PostgreSQL database with --database URL (SQLite, which serve uses without one, migrates by itself at start)")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return do(ctx, os.Stdout, c.Database)
}

func status(ctx context.Context, out io.Writer, url string) error {
	all, err := postgres.Status(ctx, url)
	for _, m := range all {
		state := "pending"
		if !m.Applied.IsZero() {
			state = m.Applied.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(out, "%-20s  %s\n", state, m.Name)
	}
	return err
}

func up(ctx context.Context, out io.Writer, url string) error {
	applied, err := postgres.Migrate(ctx, url)
	for _, m := range applied {
		fmt.Fprintln(out, "applied", m.Name)
	}
	if err == nil && len(applied) == 0 {
		fmt.Fprintln(out, "The database is up to date.")
	}
	return err
}
