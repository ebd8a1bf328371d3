package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"folkmoot/app/talk"
	"folkmoot/bench/rig"
)

// eventPause is between two posts of the delay's measurement: as many a second
// as a socket may send, and none waits for another.
const eventPause = 20 * time.Millisecond

// An arrival is a log entry and when it came.
type arrival struct {
	talk.Entry
	at  time.Time
	err error
}

// eventDelay measures from a post on one socket to its event on another.
func (b *bench) eventDelay(ctx context.Context) error {
	posts := b.some(300)
	if err := b.untilQuiet(ctx); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "event …")
	var events, dones []time.Duration
	err := b.with(ctx, func(s *rig.Server) (err error) {
		events, dones, err = b.postAndWatch(ctx, s, posts)
		return err
	})
	if err != nil {
		return err
	}
	t := rig.Table{Title: "From one socket to another", Head: []string{"from a post", "p50", "p99"}}
	t.Add("to its `done` at the same socket", rig.MS(rig.Percentile(dones, 50)), rig.MS(rig.Percentile(dones, 99)))
	t.Add("to its `event` at another socket", "**"+rig.MS(rig.Percentile(events, 50))+"**", rig.MS(rig.Percentile(events, 99)))
	t.Note("%d posts, one after the other, on disk before either is sent. Both ends are in one process on this machine: no network, no browser.", posts)
	t.Print(b.out)
	return nil
}

func (b *bench) postAndWatch(ctx context.Context, s *rig.Server, posts int) (events, dones []time.Duration, err error) {
	people, err := b.meetAll(s, 2)
	if err != nil {
		return nil, nil, err
	}
	defer leave(people)
	thread, err := people[0].thread(s, page("event"))
	if err != nil {
		return nil, nil, err
	}
	poster, err := b.connect(ctx, s, people[0])
	if err != nil {
		return nil, nil, err
	}
	defer poster.Close()
	watcher, err := b.connect(ctx, s, people[1])
	if err != nil {
		return nil, nil, err
	}
	defer watcher.Close()
	if err := watcher.join(thread); err != nil {
		return nil, nil, err
	}
	arrivals := make(chan arrival, 1)
	go watcher.watch(arrivals)
	w := rig.NewWriter(11)
	for i := range posts {
		if err := rig.Sleep(ctx, eventPause); err != nil {
			return nil, nil, err
		}
		event, done, err := poster.post(w, thread, i, arrivals)
		if err != nil {
			return nil, nil, err
		}
		events, dones = append(events, event), append(dones, done)
	}
	return events, dones, nil
}

// join makes the socket a viewer.
func (k *socket) join(t talk.Thread) error {
	err := k.WriteJSON(talk.Request{Type: talk.TypeJoin, Thread: t.ID, Epoch: t.Epoch, Since: t.Seq, Version: t.Version})
	if err != nil {
		return err
	}
	data, err := k.next()
	var e talk.Envelope
	if err == nil {
		err = json.Unmarshal(data, &e)
	}
	if err == nil && e.Type != talk.TypeJoined {
		err = fmt.Errorf("a join was answered with %s", data)
	}
	return err
}

// watch tells of events until the socket is closed.
func (k *socket) watch(arrivals chan<- arrival) {
	defer close(arrivals)
	for {
		data, err := k.next()
		a := arrival{at: time.Now(), err: err}
		if err == nil {
			a.err = json.Unmarshal(data, &a.Entry)
		}
		if a.err == nil && a.Type != talk.TypeEvent {
			continue // presence
		}
		arrivals <- a
		if a.err != nil {
			return
		}
	}
}

// post posts and waits for both answers, which must tell of the same comment.
func (k *socket) post(w *rig.Writer, t talk.Thread, i int, arrivals <-chan arrival) (event, done time.Duration, err error) {
	d := newDraft(w, "")
	began := time.Now()
	data, err := k.do(fmt.Sprintf("post-%d", i), talk.Command{Kind: talk.Post, Thread: t.ID, Body: d.Body, Name: d.Name, Headline: d.Headline})
	done = time.Since(began)
	if err != nil {
		return 0, 0, err
	}
	var answer talk.Done
	if err := json.Unmarshal(data, &answer); err != nil {
		return 0, 0, err
	}
	select {
	case a := <-arrivals:
		switch {
		case a.err != nil:
			return 0, 0, a.err
		case answer.Comment == nil || a.Event.Comment.ID != answer.Comment.ID || a.Event.Seq != t.Seq+uint64(i)+1:
			return 0, 0, fmt.Errorf("post %d made %s, and its event was %+v", i+1, data, a.Event)
		}
		return a.at.Sub(began), done, nil
	case <-time.After(5 * time.Second):
		return 0, 0, fmt.Errorf("the event of post %d didn't come within 5 s", i+1)
	}
}
