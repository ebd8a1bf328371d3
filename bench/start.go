package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"folkmoot/bench/rig"
)

// wasmSize tells what a browser downloads.
func (b *bench) wasmSize(context.Context) error {
	t := rig.Table{Title: "The browser program", Head: []string{"app.wasm", "bytes", "MB"}}
	for _, f := range []struct{ name, file string }{
		{"as built", "build/app.wasm"}, {"gzip", "assets/dist/app.wasm.gz"}, {"brotli (what browsers get)", "assets/dist/app.wasm.br"},
	} {
		info, err := os.Stat(filepath.Join(b.root, f.file))
		if err != nil {
			return fmt.Errorf("make build first: %w", err)
		}
		t.Add(f.name, rig.Count(int(info.Size())), fmt.Sprintf("%.2f", float64(info.Size())/1e6))
	}
	t.Print(b.out)
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
	memory := rig.Table{Title: "Start and idle memory", Head: []string{"resident memory", "VmRSS", "RssAnon", "RssFile"}}
	for i := range starts {
		if err := b.startTwice(ctx, &first, &later, &memory, i == starts-1); err != nil {
			return err
		}
	}
	memory.Note("From the start of the process to the first 200 of `/healthz`, median of %d: **%s** with a data folder that is there, "+
		"**%s** with one that has to be made.", starts, rig.MS(rig.Percentile(later, 50)), rig.MS(rig.Percentile(first, 50)))
	memory.Note("VmRSS counts the pages of the program's file that were read (RssFile; the system can drop those), RssAnon what is its own.")
	memory.Print(b.out)
	return nil
}

func (b *bench) startTwice(ctx context.Context, first, later *[]time.Duration, memory *rig.Table, last bool) error {
	data, err := os.MkdirTemp(b.dir, "start-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	for _, times := range []*[]time.Duration{first, later} {
		s, err := rig.Start(ctx, filepath.Join(data, "bench.log"), b.server, rig.Serve(data)...)
		if err != nil {
			return err
		}
		*times = append(*times, s.Took)
		if last && times == later {
			look(s, memory, "after start")
			err = rig.Sleep(ctx, idleTime)
			look(s, memory, fmt.Sprintf("after %v of idling", idleTime))
		}
		if err = errors.Join(err, s.Stop()); err != nil {
			return err
		}
	}
	return nil
}

func look(s *rig.Server, t *rig.Table, when string) {
	t.Add(when, rig.MiB(s.Memory("VmRSS")), rig.MiB(s.Memory("RssAnon")), rig.MiB(s.Memory("RssFile")))
}
