package rig

import (
	"context"
	"time"
)

const (
	quietCores = 0.15 // that others may use: the disk's work is always done by the kernel's own threads
	quietWait  = 5 * time.Minute
)

// QuietTries is how often something is measured that others disturb.
const QuietTries = 5

// Quiet says whether so many cores, used by others, don't matter.
func Quiet(cores float64) bool { return cores <= quietCores }

// UntilQuiet waits until nobody else uses the machine, but not for ever.
func UntilQuiet(ctx context.Context) error {
	const look = 500 * time.Millisecond
	for began := time.Now(); time.Since(began) < quietWait; {
		before := MachineCPU() - OwnCPU()
		if err := Sleep(ctx, look); err != nil {
			return err
		}
		if Quiet((MachineCPU() - OwnCPU() - before).Seconds() / look.Seconds()) {
			return nil
		}
	}
	return nil
}

// Sleep waits, or says why not.
func Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
