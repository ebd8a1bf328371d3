package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"folkmoot/app/talk"
	"folkmoot/bench/rig"
)

const reactors = 100 // people who react

var talkKinds = func() (kinds []string) {
	for _, k := range talk.DefaultReactions {
		kinds = append(kinds, k.Kind)
	}
	return kinds
}()

func (b *bench) fewReactions(ctx context.Context, server string) (*measured, error) {
	return b.reactions(ctx, server, 200)
}

func (b *bench) manyReactions(ctx context.Context, server string) (*measured, error) {
	return b.reactions(ctx, server, 2000)
}

// reactions is a storm on one thread: people set and take back all kinds over
// sockets of their own, so that each is a change.
func (b *bench) reactions(ctx context.Context, server string, rate int) (*measured, error) {
	return b.watch(ctx, server, 1, b.sockets, nil, func(t *target, w *watchers, m *measured) error {
		people, err := t.reactors(ctx, reactors)
		if err != nil {
			return err
		}
		defer func() {
			for _, r := range people {
				r.ws.Close()
			}
		}()
		if err := rig.Sleep(ctx, b.settle/2); err != nil {
			return err
		}
		w.reset()
		end := t.begin()
		began := time.Now()
		last, n, err := storm(ctx, people, t.threads[0].ID, rate, time.Duration(b.size(5, 2))*time.Second)
		if err != nil {
			return err
		}
		version := uint64(0)
		for _, r := range people {
			version = max(version, r.version)
		}
		w.until(ctx, arriveWithin, func() bool { return w.allAt(version) })
		m.use = end()
		w.with(func() {
			m.sum = w.sum
			m.reacted = n
			m.healed = w.healed(version, last)
			m.rate = float64(n) / last.Sub(began).Seconds()
			m.perSec = float64(w.sum.bytes) / float64(len(w.all)) / m.use.took.Seconds()
		})
		return t.counted(people)
	})
}

// allAt says whether all who are still there have a tally.
func (w *watchers) allAt(version uint64) bool {
	for _, v := range w.all {
		if !v.closed && v.version < version {
			return false
		}
	}
	return true
}

// healed is from a time to when the last viewer had a tally.
func (w *watchers) healed(version uint64, since time.Time) (d time.Duration) {
	for _, v := range w.all {
		switch {
		case v.closed:
		case v.version != version:
			w.faults.missed++
			w.faults.note("a viewer has the tally of %d instead of %d", v.version, version)
		default:
			d = max(d, time.Duration(v.tallied-since.UnixNano()))
		}
	}
	return d
}

// A reactor is somebody with a socket.
type reactor struct {
	ws      *websocket.Conn
	on      map[string]bool
	at, did int // kinds, reactions
	version uint64
	acked   time.Time
}

func (t *target) reactors(ctx context.Context, n int) (all []*reactor, err error) {
	for i := range n {
		session, err := t.session(t.wire, i)
		if err != nil {
			return all, err
		}
		name, value, _ := strings.Cut(strings.TrimSpace(session), ": ")
		d := websocket.Dialer{HandshakeTimeout: dialWithin, ReadBufferSize: 1024, WriteBufferSize: 1024}
		ws, _, err := d.DialContext(ctx, "ws://"+t.Addr+speechOf(t.name).path(t.threads[0]), http.Header{name: {value}})
		if err != nil {
			return all, err
		}
		all = append(all, &reactor{ws: ws, on: map[string]bool{}, at: i}) // not all the same kind at the same time
	}
	return all, nil
}

// storm has people react at a rate together, each on time and one at a time.
// It returns when the last was acknowledged, and how many there were.
func storm(ctx context.Context, people []*reactor, thread string, rate int, lasts time.Duration) (last time.Time, n int, err error) {
	each := rate * int(lasts/time.Second) / len(people)
	every := lasts / time.Duration(each)
	errs := make([]error, len(people))
	began := time.Now()
	var group sync.WaitGroup
	for i, r := range people {
		offset := every * time.Duration(i) / time.Duration(len(people))
		group.Go(func() {
			for k := 0; k < each && errs[i] == nil; k++ {
				if errs[i] = rig.Sleep(ctx, time.Until(began.Add(offset+time.Duration(k)*every))); errs[i] == nil {
					errs[i] = r.react(thread)
				}
			}
		})
	}
	group.Wait()
	for _, r := range people {
		n += r.did
		if r.acked.After(last) {
			last = r.acked
		}
	}
	return last, n, errors.Join(errs...)
}

// react sets the next kind, or takes it back once all are set, and waits until
// that is done.
func (r *reactor) react(thread string) error {
	kind := talkKinds[r.at%len(talkKinds)]
	on := !r.on[kind]
	r.at++
	ref := fmt.Sprint("react-", r.at)
	err := r.ws.WriteJSON(talk.Request{Type: talk.TypeDo, Ref: ref, Command: &talk.Command{Kind: talk.React, Thread: thread, Reaction: kind, On: on}})
	if err != nil {
		return err
	}
	r.ws.SetReadDeadline(time.Now().Add(arriveWithin))
	for {
		_, data, err := r.ws.ReadMessage()
		if err != nil {
			return err
		}
		if bytes.HasPrefix(data, pingStart) {
			if err := r.ws.WriteJSON(talk.Envelope{Type: talk.TypePong}); err != nil {
				return err
			}
			continue
		}
		r.acked = time.Now()
		var done talk.Done
		if err := json.Unmarshal(data, &done); err != nil || done.Type != talk.TypeDone || done.Ref != ref || contains(done.Mine, kind) != on {
			return fmt.Errorf("a reaction was answered with %s (%w)", data, err)
		}
		r.on[kind], r.version = on, done.Version
		r.did++
		return nil
	}
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

// counted checks that the store counts what people have left standing.
func (t *target) counted(people []*reactor) error {
	now, err := t.open(0)
	if err != nil {
		return err
	}
	for _, kind := range talkKinds {
		want := 0
		for _, r := range people {
			if r.on[kind] {
				want++
			}
		}
		if now.Reactions[kind] != want {
			return fmt.Errorf("%d people have set %s on a thread that counts %d", want, kind, now.Reactions[kind])
		}
	}
	return nil
}
