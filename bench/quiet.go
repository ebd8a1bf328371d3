package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

const (
	quietCores = 0.15 // that others may use: the disk's work is always done by the kernel's own threads
	quietWait  = 5 * time.Minute
	quietTries = 5
)

// untilQuiet waits, if it was asked for, until nobody else uses the machine.
func (b *bench) untilQuiet(ctx context.Context) error {
	const look = 500 * time.Millisecond
	for began := time.Now(); b.quiet && time.Since(began) < quietWait; {
		before := machineCPU() - ownCPU()
		if err := sleep(ctx, look); err != nil {
			return err
		}
		if (machineCPU() - ownCPU() - before).Seconds() < quietCores*look.Seconds() {
			return nil
		}
	}
	return nil
}

// quietly measures, and if it was asked for again while others disturb it. The
// last try counts; the table tells.
func (b *bench) quietly(ctx context.Context, measure func() (*load, error)) (l *load, err error) {
	for try := 1; ; try++ {
		if err := b.untilQuiet(ctx); err != nil {
			return nil, err
		}
		if l, err = measure(); err != nil || !b.quiet || l.cores(l.others) <= quietCores || try == quietTries {
			return l, err
		}
		fmt.Fprintf(os.Stderr, "  others used %.2f cores: once more\n", l.cores(l.others))
	}
}

// addLoad adds a row, and says so if the machine wasn't quiet.
func (t *table) addLoad(first string, l *load) {
	t.add(append([]string{first}, l.cells()...)...)
	if others := l.cores(l.others); others > quietCores {
		t.note("**%s: other programs used %.2f cores meanwhile. Not to be quoted.**", first, others)
	}
}
