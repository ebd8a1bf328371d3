package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"folkmoot/app/talk"
	"folkmoot/bench/rig"
)

// once sends requests twice at the same time, and counts what became of them.
func (b *bench) once(ctx context.Context) error {
	const requests = 200
	fmt.Fprintln(os.Stderr, "once …")
	t := rig.Table{Title: "Once", Head: []string{"", ""}}
	err := b.with(ctx, func(s *rig.Server) error {
		for _, kind := range []string{"somebody with a session", "somebody without a cookie"} {
			n, again, err := b.twice(ctx, s, page(len(kind)), requests, kind == "somebody with a session")
			if err != nil {
				return err
			}
			t.Add(fmt.Sprintf("%d posts, each sent twice at the same time by %s", requests, kind),
				fmt.Sprintf("**%d comments**, read back; %d answers said 201 and %d said 200, with the same comment", n, requests, again))
		}
		return nil
	})
	if err != nil {
		return err
	}
	t.Print(b.out)
	return nil
}

// twice returns how many comments there are then, and how many answers told of
// an earlier one. Anything but one 201 and one 200 a pair is an error.
func (b *bench) twice(ctx context.Context, s *rig.Server, address string, requests int, session bool) (comments, again int, err error) {
	pair, err := b.meetAll(s, 2)
	if err != nil {
		return 0, 0, err
	}
	defer leave(pair)
	thread, err := pair[0].thread(s, address)
	if err != nil {
		return 0, 0, err
	}
	cookie := ""
	if session {
		cookie = pair[0].cookie
	}
	w, made := rig.NewWriter(3), map[string]bool{}
	for i := range requests {
		if ctx.Err() != nil {
			return 0, 0, context.Cause(ctx)
		}
		key := fmt.Sprintf("Idempotency-Key: twice-%d-%s\r\n", i, w.Word())
		req := rig.Request("POST", "/api/v1/threads/"+thread.ID+"/comments", s.Addr, cookie+key, newDraft(w, "").json())
		var statuses [2]int
		var ids [2]string
		var errs [2]error
		var group sync.WaitGroup
		for j, c := range pair {
			group.Go(func() { statuses[j], ids[j], errs[j] = c.once(req) })
		}
		group.Wait()
		for _, err := range errs {
			if err != nil {
				return 0, 0, err
			}
		}
		if ids[0] != ids[1] || statuses[0]+statuses[1] != 401 {
			return 0, 0, fmt.Errorf("one post was answered %d with %s and %d with %s", statuses[0], ids[0], statuses[1], ids[1])
		}
		made[ids[0]] = true
		again++
	}
	list, err := pair[0].list(s, thread.ID)
	if err != nil {
		return 0, 0, err
	}
	for _, m := range list {
		if !made[m.ID] {
			return 0, 0, fmt.Errorf("comment %s is there, and was never acknowledged", m.ID)
		}
	}
	if len(list) != requests {
		return 0, 0, fmt.Errorf("%d posts made %d comments", requests, len(list))
	}
	return len(list), again, nil
}

func (c *client) once(req []byte) (status int, id string, err error) {
	a, err := c.Do(req)
	if err != nil {
		return 0, "", err
	}
	if a.Status != 200 {
		err = a.Must(201)
	}
	if err != nil {
		return a.Status, "", err
	}
	var m talk.Comment
	err = json.Unmarshal(a.Body, &m)
	return a.Status, m.ID, err
}
