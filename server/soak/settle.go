package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"

	"folkmoot/app/talk"
)

// A truth is what the store says of a thread in the end.
type truth struct {
	talk.Thread
	comments []talk.Comment
	likes    map[string]int // but for those that are 0
}

// settle waits until everybody knows what the store knows, and then looks
// whether that is what was acknowledged, once and in order.
func (r *run) settle(ctx context.Context) {
	r.book.enter("quiet", nil)
	r.say("all is quiet; now everybody must know the same")
	truths := map[*thread]truth{}
	for _, t := range r.threads {
		w, err := r.agreed(ctx, t)
		if err != nil {
			r.book.wrong("%s: %v", t.Page, err)
			return
		}
		truths[t] = w
	}
	r.expect(ctx, "after all is quiet, every viewer knows everything", 0, func() error {
		for i, v := range r.viewers {
			if err := v.knows(truths[v.t]); err != nil {
				return fmt.Errorf("viewer %d %w", i, err)
			}
		}
		return nil
	})
	for _, t := range r.threads {
		r.compare(ctx, t, truths[t])
	}
	if _, err := await(ctx, soon, r.crowdsAreRight); err != nil {
		r.book.wrong("how many are there: %v", err)
	}
}

// agreed reads the truth from every node. It must be the same.
func (r *run) agreed(ctx context.Context, t *thread) (first truth, err error) {
	for i, n := range r.cluster.Nodes {
		one, err := r.truth(ctx, n.URL, t)
		switch {
		case err != nil:
			return first, fmt.Errorf("reading it at %s: %w", n.URL, err)
		case i == 0:
			first = one
		case one.Seq != first.Seq || one.Version != first.Version || !maps.Equal(one.Reactions, first.Reactions) || !maps.Equal(one.likes, first.likes):
			return first, fmt.Errorf("nodes differ: %+v and %+v", first.Thread, one.Thread)
		}
	}
	return first, nil
}

func (r *run) truth(ctx context.Context, node string, t *thread) (w truth, err error) {
	if w.Thread, err = r.now(ctx, node, t); err == nil {
		w.comments, err = r.comments(ctx, node, t)
	}
	w.likes = map[string]int{}
	for _, c := range w.comments {
		w.likes[c.ID] = c.Likes
	}
	nonZero(w.likes)
	nonZero(w.Reactions)
	return w, err
}

func nonZero(counts map[string]int) {
	maps.DeleteFunc(counts, func(_ string, n int) bool { return n == 0 })
}

// knows wants the viewer to be live and to have the whole log and the newest
// tally.
func (v *viewer) knows(w truth) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	reactions, likes := maps.Clone(v.reactions), maps.Clone(v.likes)
	nonZero(reactions)
	nonZero(likes)
	switch {
	case !v.live:
		return errors.New("isn't live")
	case v.seq != w.Seq || v.got+v.skipped != w.Seq:
		return fmt.Errorf("stands at entry %d of %d, and had %d", v.seq, w.Seq, v.got+v.skipped)
	case !maps.Equal(reactions, w.Reactions):
		return fmt.Errorf("sees the reactions %v, the store has %v", reactions, w.Reactions)
	case !maps.Equal(likes, w.likes):
		return fmt.Errorf("sees the likes %v, the store has %v", likes, w.likes)
	}
	return nil
}

// compare wants what was acknowledged to be in the store once, and what is in
// the store to be what viewers have seen.
func (r *run) compare(ctx context.Context, t *thread, w truth) {
	t.mu.Lock()
	defer t.mu.Unlock()
	times, byRef := map[string]int{}, map[string]int{}
	for _, c := range w.comments {
		times[c.ID]++
		byRef[refOf(c)]++
		if t.refs[refOf(c)] != c.ID {
			r.book.wrong("comment %s is in the store and was acknowledged as %q", c.ID, t.refs[refOf(c)])
		}
	}
	for ref, id := range t.refs {
		if times[id] != 1 || byRef[ref] != 1 {
			r.book.wrong("comment %s was acknowledged and is in the store %d times, its ref %d times", id, times[id], byRef[ref])
		}
	}
	for i, e := range t.entries {
		if times[e.comment] != 1 {
			r.book.wrong("viewers saw comment %s as entry %d, and the store has it %d times", e.comment, i+1, times[e.comment])
		}
		times[e.comment]++ // a second entry of the same is one too many
	}
	if n := uint64(len(w.comments)); n != w.Seq || n != uint64(w.Comments) {
		r.book.wrong("%s has %d comments, counts %d, and its log ends at %d", t.Page, n, w.Comments, w.Seq)
	}
	r.compareLog(ctx, t, w.Seq)
}

// compareLog compares the log's end, as far as it can be asked for.
func (r *run) compareLog(ctx context.Context, t *thread, end uint64) {
	const most = 400
	var log struct {
		Events []talk.Event `json:"events"`
	}
	since := end - min(end, most)
	address := fmt.Sprintf("%s/api/v1/threads/%s/events?since=%d", r.cluster.URL, t.ID, since)
	if _, err := r.ask(ctx, http.MethodGet, address, question{}, &log); err != nil {
		r.book.wrong("reading the log of %s: %v", t.Page, err)
		return
	}
	for i, e := range log.Events {
		if n := since + uint64(i) + 1; e.Seq != n || n > uint64(len(t.entries)) || t.entries[n-1].comment != e.Comment.ID {
			r.book.wrong("entry %d of the store's log is number %d, comment %s, which isn't what viewers saw", n, e.Seq, e.Comment.ID)
		}
	}
	if since+uint64(len(log.Events)) != end {
		r.book.wrong("of the log of %s, %d entries came after %d, and it ends at %d", t.Page, len(log.Events), since, end)
	}
}

// crowdsAreRight wants every viewer to know how many they are, at all nodes.
func (r *run) crowdsAreRight() error {
	there := map[*thread]int{}
	for _, v := range r.viewers {
		there[v.t]++
	}
	for i, v := range r.viewers {
		v.mu.Lock()
		crowd := v.crowd
		v.mu.Unlock()
		if crowd != there[v.t] {
			return fmt.Errorf("viewer %d was told that there are %d, of %d", i, crowd, there[v.t])
		}
	}
	return nil
}
