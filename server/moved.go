package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"folkmoot/server/forum"
)

// lookEvery is how soon it is noticed that the file of --moved has changed, and
// that another program has written to the database.
const lookEvery = time.Second

// readMoved reads the file of --moved.
func readMoved(file string) (*forum.Redirects, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("--moved: %w", err)
	}
	defer f.Close()
	rules, err := forum.ParseRedirects(f)
	if err != nil {
		return nil, fmt.Errorf("--moved %s: %w", file, err)
	}
	return rules, nil
}

// watchMoved does what the rules of a file say, now, when the process is told to
// (SIGHUP), and when the file has changed. A file that can't be read leaves things
// as they are.
func watchMoved(ctx context.Context, f *forum.Forum, file string, rules *forum.Redirects, log *slog.Logger) {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGHUP)
	defer signal.Stop(told)
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for seen := stamp(file); ; {
		if rules != nil {
			if err := f.Redirect(ctx, rules); err != nil && ctx.Err() == nil {
				log.ErrorContext(ctx, "moving pages failed", "file", file, "error", err)
			}
		}
		rules = nil
		select {
		case <-ctx.Done():
			return
		case <-told:
		case <-look.C:
			if stamp(file) == seen {
				continue
			}
		}
		seen = stamp(file)
		var err error
		if rules, err = readMoved(file); err != nil {
			log.ErrorContext(ctx, "the old rules go on", "error", err)
			continue
		}
		log.InfoContext(ctx, "read where pages have moved", "file", file)
	}
}

// stamp changes when a file does.
func stamp(file string) string {
	s, err := os.Stat(file)
	if err != nil {
		return ""
	}
	return fmt.Sprint(s.ModTime().UnixNano(), " ", s.Size())
}

// watchTouched forgets what this process remembers once another program has
// written to its database, and looks what has changed.
func watchTouched(ctx context.Context, touched func(context.Context) (bool, error), then func(), log *slog.Logger) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		switch changed, err := touched(ctx); {
		case err != nil && ctx.Err() == nil:
			log.WarnContext(ctx, "can't see whether somebody else writes to the database", "error", err)
		case changed:
			then()
		}
	}
}
