package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"text/tabwriter"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
	"folkmoot/server/store/postgres"
	"folkmoot/server/store/sqlite"
)

// pages is the commands about pages and their conversations. They need no server,
// and work beside one.
type pages struct {
	List  pageList  `cmd:"" help:"List the pages that have a conversation."`
	Move  pageMove  `cmd:"" help:"Make a page's conversation that of another page; the old address goes on leading to it."`
	Merge pageMerge `cmd:"" help:"Make two pages' conversations one, that of the second."`
}

// A database is where conversations are kept.
type database struct {
	Data     string `default:"./data" type:"path" help:"Folder that holds the SQLite database, unless --database names another."`
	Database string `placeholder:"URL" help:"PostgreSQL database, as postgres://user:password@host/name."`
}

// with opens the database for as long as do takes.
func (d database) with(do func(ctx context.Context, s forum.Store) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var s forum.Store
	var err error
	if d.Database == "" {
		s, err = sqlite.OpenBeside(ctx, d.Data)
	} else {
		s, err = postgres.Open(ctx, d.Database, slog.New(slog.DiscardHandler))
	}
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, s), s.Close())
}

type pageList struct {
	database
	JSON bool `help:"A JSON object for each, one a line."`
}

// Run lists pages.
func (c *pageList) Run() error {
	return c.with(func(ctx context.Context, s forum.Store) error {
		show, done := inColumns(os.Stdout)
		if c.JSON {
			show, done = json.NewEncoder(os.Stdout).Encode, func() error { return nil }
		}
		const some = 1000
		for after := ""; ; {
			listed, err := s.Pages(ctx, after, some)
			if err != nil {
				return err
			}
			for _, l := range listed {
				after = l.Page
				if err := show(l); err != nil {
					return err
				}
			}
			if len(listed) < some {
				return done()
			}
		}
	})
}

// inColumns shows listings as people read them.
func inColumns(out io.Writer) (show func(any) error, done func() error) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "COMMENTS\tREACTIONS\tPAGE\tTITLE")
	return func(listing any) error {
		l := listing.(forum.Listing)
		_, err := fmt.Fprintf(w, "%d\t%d\t%s\t%s\n", l.Comments, l.Reactions, l.Page, l.Title)
		for _, former := range l.Former {
			fmt.Fprintf(w, "\t\t  was %s\t\n", former)
		}
		return err
	}, w.Flush
}

type twoPages struct {
	database
	Old string `arg:"" help:"Address of the page."`
	New string `arg:"" help:"Address of the other page."`
}

type pageMove struct{ twoPages }

type pageMerge struct{ twoPages }

// Run moves a conversation.
func (c *pageMove) Run() error { return c.run(forum.Store.Move) }

// Run merges two conversations.
func (c *pageMerge) Run() error { return c.run(forum.Store.Merge) }

func (c *twoPages) run(do func(s forum.Store, ctx context.Context, page string, to forum.Page, at time.Time) (forum.Moved, error)) error {
	from, _, err := talk.PageKey(c.Old)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Old, err)
	}
	to, err := forum.PageAt(c.New)
	if err != nil {
		return fmt.Errorf("%s: %w", c.New, err)
	}
	return c.with(func(ctx context.Context, s forum.Store) error {
		m, err := do(s, ctx, from, to, time.Now())
		switch {
		case errors.Is(err, forum.ErrTaken):
			return fmt.Errorf("%w: to make the two one, run folkmoot page merge %s %s", err, c.Old, c.New)
		case errors.Is(err, forum.ErrNoPage):
			return fmt.Errorf("%s: %w (folkmoot page list says where)", c.Old, err)
		case err != nil:
			return err
		}
		_, err = fmt.Printf("%s has the conversation now: %d comments.\n", to.Key, m.Comments)
		return err
	})
}
