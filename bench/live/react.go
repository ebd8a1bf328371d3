package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
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

// reactions is a storm on one thread.
func (b *bench) reactions(ctx context.Context, server string, rate int) (*measured, error) {
	return b.watch(ctx, server, 1, b.sockets, nil, func(t *target, w *watchers, m *measured) error {
		people, err := t.reactors(ctx, reactors)
		if err != nil {
			return err
		}
		defer leave(people)
		if err := rig.Sleep(ctx, b.settle/2); err != nil {
			return err
		}
		w.reset()
		end := t.begin()
		heal, err := m.storm(ctx, t, people, rate, time.Duration(b.size(5, 2))*time.Second)
		if err != nil {
			return err
		}
		heal(ctx, w)
		m.use = end()
		w.with(func() {
			m.sum = w.sum
			m.perSec = float64(w.sum.bytes) / float64(len(w.all)) / m.use.took.Seconds()
		})
		return t.counted(people)
	})
}

// storm has people react at a rate together, each on time and one at a time.
// What it returns waits until every viewer has the last tally.
func (m *measured) storm(ctx context.Context, t *target, people []*reactor, rate int, lasts time.Duration) (heal func(context.Context, *watchers), err error) {
	each := max(1, int(float64(rate)*lasts.Seconds())/len(people))
	every := lasts / time.Duration(each)
	errs := make([]error, len(people))
	began := time.Now()
	var group sync.WaitGroup
	for i, r := range people {
		offset := every * time.Duration(i) / time.Duration(len(people))
		group.Go(func() {
			for k := 0; k < each && errs[i] == nil; k++ {
				if errs[i] = rig.Sleep(ctx, time.Until(began.Add(offset+time.Duration(k)*every))); errs[i] == nil {
					errs[i] = r.react(t.threads)
				}
			}
		})
	}
	group.Wait()
	var last time.Time
	versions := map[string]uint64{}
	for _, r := range people {
		m.reacted += r.did
		if r.acked.After(last) {
			last = r.acked
		}
		for thread, v := range r.versions {
			versions[thread] = max(versions[thread], v)
		}
	}
	m.rate = float64(m.reacted) / last.Sub(began).Seconds()
	return func(ctx context.Context, w *watchers) {
		w.until(ctx, arriveWithin, func() bool { return w.allAt(versions) })
		w.with(func() { m.healed = w.healed(versions, last) })
	}, errors.Join(errs...)
}

// allAt says whether all who are still there have their thread's tally.
func (w *watchers) allAt(versions map[string]uint64) bool {
	for _, v := range w.all {
		if !v.closed && v.version < versions[v.in.ID] {
			return false
		}
	}
	return true
}

// healed is from a time to when the last viewer had their thread's tally.
func (w *watchers) healed(versions map[string]uint64, since time.Time) (d time.Duration) {
	for _, v := range w.all {
		version, any := versions[v.in.ID]
		switch {
		case v.closed, !any:
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
	ws       *websocket.Conn
	first    int             // the kind that they start with: not all with the same
	on       map[string]bool // by thread and kind
	did      int
	versions map[string]uint64 // of tallies, by thread
	acked    time.Time
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
		all = append(all, &reactor{ws: ws, first: i, on: map[string]bool{}, versions: map[string]uint64{}})
	}
	return all, nil
}

// react sets the next kind, or takes it back once all are set, and waits until
// that is done.
func (r *reactor) react(threads []talkThread) error {
	thread := threads[r.did%len(threads)].ID
	kind := talkKinds[(r.first+r.did/len(threads))%len(talkKinds)]
	key := thread + " " + kind
	on := !r.on[key]
	ref := fmt.Sprint("react-", r.did)
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
		if err := json.Unmarshal(data, &done); err != nil || done.Type != talk.TypeDone || done.Ref != ref || slices.Contains(done.Mine, kind) != on {
			return fmt.Errorf("a reaction was answered with %s (%w)", data, err)
		}
		r.on[key], r.versions[thread] = on, done.Version
		r.did++
		return nil
	}
}

// counted checks that the store counts what people have left standing.
func (t *target) counted(people []*reactor) error {
	for i := range t.threads {
		now, err := t.open(i)
		if err != nil {
			return err
		}
		for _, kind := range talkKinds {
			want := 0
			for _, r := range people {
				if r.on[now.ID+" "+kind] {
					want++
				}
			}
			if now.Reactions[kind] != want {
				return fmt.Errorf("%d people have set %s on a thread that counts %d", want, kind, now.Reactions[kind])
			}
		}
	}
	return nil
}

func leave(people []*reactor) {
	for _, r := range people {
		r.ws.Close()
	}
}
