package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// wasmSize tells what a browser downloads.
func (b *bench) wasmSize(context.Context) error {
	t := table{title: "The browser program", head: []string{"app.wasm", "bytes", "MB"}}
	for _, f := range []struct{ name, file string }{
		{"as built", "build/app.wasm"}, {"gzip", "assets/dist/app.wasm.gz"}, {"brotli (what browsers get)", "assets/dist/app.wasm.br"},
	} {
		info, err := os.Stat(filepath.Join(b.root, f.file))
		if err != nil {
			return fmt.Errorf("make build first: %w", err)
		}
		t.add(f.name, count(int(info.Size())), fmt.Sprintf("%.2f", float64(info.Size())/1e6))
	}
	t.print(b.out)
	return nil
}

const (
	starts   = 5
	idleTime = 5 * time.Second // the same in a quick run: it is the fact
)

// startAndIdle starts a server a few times on a folder that it makes, and as
// often on one that has its database.
func (b *bench) startAndIdle(ctx context.Context) error {
	if err := b.untilQuiet(ctx); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "start …")
	var first, later []time.Duration
	memory := table{title: "Start and idle memory", head: []string{"resident memory", "VmRSS", "RssAnon", "RssFile"}}
	for i := range starts {
		if err := b.startTwice(ctx, &first, &later, &memory, i == starts-1); err != nil {
			return err
		}
	}
	memory.note("From the start of the process to the first 200 of `/healthz`, median of %d: **%s** with a data folder that is there, "+
		"**%s** with one that has to be made.", starts, ms(percentile(later, 50)), ms(percentile(first, 50)))
	memory.note("VmRSS counts the pages of the program's file that were read (RssFile; the system can drop those), RssAnon what is its own.")
	memory.print(b.out)
	return nil
}

func (b *bench) startTwice(ctx context.Context, first, later *[]time.Duration, memory *table, look bool) error {
	data, err := os.MkdirTemp(b.dir, "start-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	for _, times := range []*[]time.Duration{first, later} {
		s, err := b.start(ctx, data)
		if err != nil {
			return err
		}
		*times = append(*times, s.took)
		if look && times == later {
			s.look(memory, "after start")
			err = sleep(ctx, idleTime)
			s.look(memory, fmt.Sprintf("after %v of idling", idleTime))
		}
		if err = errors.Join(err, s.stop()); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) look(t *table, when string) {
	t.add(when, mib(s.memory("VmRSS")), mib(s.memory("RssAnon")), mib(s.memory("RssFile")))
}
