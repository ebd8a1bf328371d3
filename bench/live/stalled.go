package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"folkmoot/bench/rig"
)

const (
	stalledAmong  = 60
	stalledBytes  = 8000 // of a comment's text
	stalledRate   = 150
	stalledBuffer = 4096 // of the one who doesn't read, so that it shows soon
)

// stalled is a load of large comments to some viewers, without and then with
// one more who has stopped reading.
func (b *bench) stalled(ctx context.Context, server string) (*measured, error) {
	var both [2]*measured
	for i := range both {
		fate := "nobody stalled"
		m, err := b.watch(ctx, server, 1, stalledAmong, nil, func(t *target, w *watchers, m *measured) error {
			if i == 1 {
				fd, err := stall(t)
				if err != nil {
					return err
				}
				defer syscall.Close(fd)
				defer func() { fate = fateOf(fd) }()
				if err := t.sees(ctx, stalledAmong+1); err != nil {
					return err
				}
			}
			return b.pace(ctx, t, w, m, b.size(6, 2)*stalledRate, stalledBytes, time.Second/stalledRate)
		})
		if err != nil {
			return nil, err
		}
		m.stalled = fate
		both[i] = m
	}
	m := both[1]
	for i, one := range both {
		m.healthy[i] = rig.Percentile(one.latency(), 99)
	}
	if !m.faults.any() {
		m.faults = both[0].faults
	}
	return m, nil
}

// stall joins and then never reads again.
func stall(t *target) (fd int, err error) {
	s := speechOf(t.name)
	fd, _, err = open(t.Addr, s.path(t.threads[0]), 0, stalledBuffer, s.hello(t.threads[0]))
	return fd, err
}

// fateOf reads what is left in a socket, and says whether it was ended.
func fateOf(fd int) string {
	wait := syscall.NsecToTimeval(time.Second.Nanoseconds())
	if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &wait); err != nil {
		return err.Error()
	}
	buf := make([]byte, 64<<10)
	for total := 0; ; {
		n, err := syscall.Read(fd, buf)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			return fmt.Sprintf("still there, %s behind", rig.KiB(total))
		case err != nil, n == 0:
			return "cut off"
		}
		total += max(0, n)
	}
}
