package main

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"folkmoot/app/talk"
	"folkmoot/bench/rig"
)

// A target is something that a person can set and take back: a kind of reaction
// to a thread, or a like on a comment.
type target struct {
	thread, kind, comment string
	path                  string // of the API
	mine                  []byte // stands in an answer while it is set
}

func (t target) command(on bool) talk.Command {
	return talk.Command{Kind: talk.React, Thread: t.thread, Reaction: t.kind, On: on}
}

// A toggler sets one target after the other, and once all are set takes them
// back one after the other: each time something changes.
type toggler struct {
	targets []target
	at      int
	on      []bool
}

// newToggler starts each client somewhere else: with a stride without a common
// divisor, neighbours are far apart.
func newToggler(targets []target, client int) *toggler {
	return &toggler{targets: targets, at: client * 37 % len(targets), on: make([]bool, len(targets))}
}

// next is what to do now.
func (t *toggler) next() (target, bool) { return t.targets[t.at], !t.on[t.at] }

// done notes that it was done. The answer must agree: all that is mine stands in
// it after from.
func (t *toggler) done(answer []byte, from string) error {
	target, on := t.next()
	mine := answer[max(0, bytes.Index(answer, []byte(from))):]
	if bytes.Contains(mine, target.mine) != on {
		return fmt.Errorf("%s was set to %v and answered with %s", target.path, on, answer)
	}
	t.on[t.at] = on
	t.at = (t.at + 1) % len(t.targets)
	return nil
}

// standing counts who has left a target set.
func standing(togglers []*toggler, at int) (n int) {
	for _, t := range togglers {
		if t.on[at] {
			n++
		}
	}
	return n
}

// toggle drives clients over HTTP.
func (b *bench) toggle(ctx context.Context, what string, s *rig.Server, people []*client, targets []target) (*load, []*toggler, error) {
	ops, conns, togglers := make([]operation, len(people)), make([]io.Closer, len(people)), make([]*toggler, len(people))
	for i, c := range people {
		togglers[i] = newToggler(targets, i)
		ops[i], conns[i] = c.toggler(s, togglers[i]), c
	}
	l, err := b.drive(ctx, what, s, ops, conns)
	return l, togglers, err
}

func (c *client) toggler(s *rig.Server, t *toggler) operation {
	var req []byte
	return func() (string, error) {
		target, on := t.next()
		method := "DELETE"
		if on {
			method = "PUT"
		}
		req = append(rig.AppendRequest(req[:0], method, target.path, s.Addr, c.cookie), "\r\n"...)
		a, err := c.Do(req)
		if err == nil {
			err = a.Must(200)
		}
		if err != nil {
			return "", fmt.Errorf("%s %s: %w", method, target.path, err)
		}
		return "200", t.done(a.Body, `"mine":`)
	}
}
