package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"

	"folkmoot/app/talk"
	"folkmoot/bench/rig"
)

// comments measures posts to one thread, and reads back that what was
// acknowledged is there: no more, no less.
func (b *bench) comments(ctx context.Context) error {
	t := loadTable("Comments posted and acknowledged, over HTTP, to one thread", "clients")
	err := b.each(ctx, t, "comments", httpClients, func(s *rig.Server, n int) (*load, error) {
		people, err := b.meetAll(s, n)
		if err != nil {
			return nil, err
		}
		defer leave(people)
		thread, err := people[0].thread(s, page("posts"))
		if err != nil {
			return nil, err
		}
		drafts := make([][]byte, 512)
		w := rig.NewWriter(7)
		for i := range drafts {
			drafts[i] = newDraft(w, "").json()
		}
		ops, conns, posted := make([]operation, n), make([]io.Closer, n), make([]int, n)
		for i, c := range people {
			ops[i], conns[i] = c.poster(s, thread.ID, drafts[i%len(drafts):], &posted[i]), c
		}
		l, err := b.drive(ctx, row("comments", n), s, ops, conns)
		if err != nil {
			return nil, err
		}
		want := 0
		for _, n := range posted {
			want += n
		}
		thread, err = people[0].thread(s, page("posts"))
		if err != nil {
			return nil, err
		}
		if thread.Comments != want || thread.Seq != uint64(want) {
			return nil, fmt.Errorf("%d comments were acknowledged; the thread has %d, and %d log entries", want, thread.Comments, thread.Seq)
		}
		return l, nil
	})
	if err != nil {
		return err
	}
	t.Note("Each client has a session of its own; each post an Idempotency-Key, and some 200 characters. Afterwards the thread had as many comments, and log entries, as were acknowledged.")
	t.Print(b.out)
	return nil
}

// each measures a row for each number of clients, with a server of its own.
func (b *bench) each(ctx context.Context, t *rig.Table, what string, clients []int, measure func(*rig.Server, int) (*load, error)) error {
	for _, n := range clients {
		if !b.wants(row(what, n)) {
			continue
		}
		l, err := b.quietly(ctx, func() (l *load, err error) {
			err = b.with(ctx, func(s *rig.Server) error {
				l, err = measure(s, n)
				return err
			})
			return l, err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", row(what, n), err)
		}
		addLoad(t, rig.Count(n), l)
	}
	return nil
}

// poster posts drafts, each as something new.
func (c *client) poster(s *rig.Server, thread string, drafts [][]byte, posted *int) operation {
	var req []byte
	return func() (string, error) {
		body := drafts[*posted%len(drafts)]
		req = rig.AppendRequest(req[:0], "POST", "/api/v1/threads/"+thread+"/comments", s.Addr, c.cookie)
		req = strconv.AppendInt(append(req, "Idempotency-Key: key-"...), int64(*posted), 10)
		req = strconv.AppendInt(append(req, "\r\nContent-Type: application/json\r\nContent-Length: "...), int64(len(body)), 10)
		req = append(append(req, "\r\n\r\n"...), body...)
		a, err := c.Do(req)
		if err == nil {
			err = a.Must(201)
		}
		if err == nil && !bytes.HasPrefix(a.Body, []byte(`{"id":"`)) {
			err = fmt.Errorf("a post was answered with %s", a.Body)
		}
		*posted++
		return "201", err
	}
}

// reactionThreads are as many as reactions go to.
const reactionThreads = 100

// reactionTargets are all kinds of reactions to all threads.
func (c *client) reactionTargets(s *rig.Server) (all []target, err error) {
	for _, k := range talk.DefaultReactions { // kinds outside: neighbours in the list are different threads
		for i := range reactionThreads {
			t, err := c.thread(s, page(i))
			if err != nil {
				return nil, err
			}
			all = append(all, target{
				thread: t.ID, kind: k.Kind,
				path: "/api/v1/threads/" + t.ID + "/reactions/" + k.Kind, mine: []byte(`"` + k.Kind + `"`),
			})
		}
	}
	return all, nil
}

// reactions measures reactions to 100 threads, each a change, and reads the
// counts back.
func (b *bench) reactions(ctx context.Context) error {
	t := loadTable(fmt.Sprintf("Reactions set and taken back, over HTTP, on %d threads", reactionThreads), "clients")
	err := b.each(ctx, t, "reactions", httpClients, func(s *rig.Server, n int) (*load, error) {
		people, err := b.meetAll(s, n)
		if err != nil {
			return nil, err
		}
		defer leave(people)
		targets, err := people[0].reactionTargets(s)
		if err != nil {
			return nil, err
		}
		l, togglers, err := b.toggle(ctx, row("reactions", n), s, people, targets)
		if err != nil {
			return nil, err
		}
		return l, people[0].reactionsAre(s, targets, togglers)
	})
	if err != nil {
		return err
	}
	t.Note("All kinds; each one changes a count, and the answer says so. Afterwards every count was what the clients had left standing.")
	t.Print(b.out)
	return nil
}

// reactionsAre checks the counts against what each client has set.
func (c *client) reactionsAre(s *rig.Server, targets []target, togglers []*toggler) error {
	for i := range reactionThreads {
		t, err := c.thread(s, page(i))
		if err != nil {
			return err
		}
		for at, target := range targets {
			if want := standing(togglers, at); target.thread == t.ID && t.Reactions[target.kind] != want {
				return fmt.Errorf("%d people have set %s on a thread that counts %d", want, target.kind, t.Reactions[target.kind])
			}
		}
	}
	return nil
}

// likes measures likes on the comments of one thread, and reads the counts back.
func (b *bench) likes(ctx context.Context) error {
	const liked = 600
	t := loadTable(fmt.Sprintf("Likes set and taken back, over HTTP, on %d comments of one thread", liked), "clients")
	err := b.each(ctx, t, "likes", httpClients, func(s *rig.Server, n int) (*load, error) {
		thread, err := b.seed(s, page("likes"), liked/2, true)
		if err != nil {
			return nil, err
		}
		people, err := b.meetAll(s, n)
		if err != nil {
			return nil, err
		}
		defer leave(people)
		list, err := people[0].list(s, thread.ID)
		if err != nil {
			return nil, err
		}
		var targets []target
		for _, m := range list {
			targets = append(targets, target{comment: m.ID, path: "/api/v1/comments/" + m.ID + "/like", mine: []byte(`"liked":true`)})
		}
		l, togglers, err := b.toggle(ctx, row("likes", n), s, people, targets)
		if err != nil {
			return nil, err
		}
		if list, err = people[0].list(s, thread.ID); err != nil {
			return nil, err
		}
		for at, m := range list {
			if want := standing(togglers, at); m.ID != targets[at].comment || m.Likes != want {
				return nil, fmt.Errorf("%d people like comment %s, which counts %d", want, m.ID, m.Likes)
			}
		}
		return l, nil
	})
	if err != nil {
		return err
	}
	t.Note("Each one changes a count, and the answer says so. Afterwards every count was what the clients had left standing.")
	t.Print(b.out)
	return nil
}
