package forum

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"folkmoot/app/talk"
)

// batchMax bounds a commit, so that the first of a batch doesn't wait long for
// the last: at some 20 µs a write, a batch takes about 10 ms.
const batchMax = 512

// gatherMax bounds how long a batch waits to become as large as the last one:
// half of what the last commit took, and no more than this. Measured at 16
// clients that answer at once, it makes some 10 % more commits a second, with a
// sixth less work.
const gatherMax = 500 * time.Microsecond

// A committer groups writes: while one commit is on its way to the disk, the
// next gathers, so that a lone write waits for nobody and a thousand share one
// fsync. Commits are published in their order, by one goroutine.
type committer struct {
	store   Store
	every   time.Duration // between commits of nothing but reactions and likes
	reacted time.Time     // when the last of those began
	log     *slog.Logger
	learn   func(thread string, h Head)
	tell    func(people []string, published []talk.Comment) // may be nil
	refuse  func(error) error                               // logs what failed, and makes a refusal of it
	mu      sync.RWMutex                                    // held to read while asking, to write while closing
	closed  bool
	queue   chan asked
	publish chan []talk.Update
	done    chan struct{} // closed when both goroutines have ended
}

type asked struct {
	write  Write
	answer chan<- answered // has room for one
}

type answered struct {
	Outcome
	err error // of the whole commit
}

func startCommitter(store Store, bus Bus, every time.Duration, log *slog.Logger, learn func(string, Head), tell func(people []string, published []talk.Comment), refuse func(error) error) *committer {
	c := &committer{
		store: store, every: every, log: log, learn: learn, tell: tell, refuse: refuse,
		queue:   make(chan asked, batchMax),
		publish: make(chan []talk.Update, 64), // a bus that is slower than the disk slows commits down in the end
		done:    make(chan struct{}),
	}
	go c.commit()
	go func() {
		defer close(c.done)
		for updates := range c.publish {
			for _, u := range updates {
				if err := bus.Publish(context.Background(), u); err != nil {
					busErrors.Inc()
					log.Warn("bus failed; numbers will repair it", "thread", u.Thread, "error", err)
				}
			}
		}
	}()
	return c
}

// do commits one write with whatever else waits.
func (c *committer) do(ctx context.Context, w Write) (Outcome, error) {
	answer := make(chan answered, 1)
	if err := c.ask(ctx, asked{w, answer}); err != nil {
		return Outcome{}, err
	}
	select {
	case a := <-answer:
		return a.Outcome, a.err
	case <-ctx.Done():
		return Outcome{}, ctx.Err() // it may be committed all the same; its ref tells
	}
}

func (c *committer) ask(ctx context.Context, a asked) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed {
		return &talk.Error{Code: talk.Unavailable, Message: "This server is stopping. Please try again in a moment.", RetryAfter: 1}
	}
	select {
	case c.queue <- a:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *committer) close() {
	c.mu.Lock()
	c.closed = true
	close(c.queue)
	c.mu.Unlock()
	<-c.done
}

func (c *committer) commit() {
	defer close(c.publish)
	batch := make([]asked, 0, batchMax)
	toStore := make([]Write, 0, batchMax)
	var took time.Duration
	for first := range c.queue {
		batch = c.hold(c.gather(append(batch[:0], first), len(batch), min(took/2, gatherMax)))
		toStore = toStore[:0]
		for _, a := range batch {
			toStore = append(toStore, a.write)
		}
		began := time.Now()
		outcomes, err := c.store.Commit(context.Background(), toStore)
		took = time.Since(began)
		batches.Inc()
		writes.Add(len(batch))
		commitTime.Update(took.Seconds())
		if err != nil {
			err = c.refuse(err) // once, not for each of them
			for _, a := range batch {
				a.answer <- answered{err: err}
			}
			continue
		}
		updates := c.updates(outcomes)
		c.news(outcomes)
		for i, a := range batch {
			a.answer <- answered{Outcome: outcomes[i]}
		}
		if len(updates) > 0 {
			c.publish <- updates
		}
	}
}

// gather adds what waits to a batch. While it is smaller than the last one, it
// waits a moment for more: those who were answered just now are about to ask
// again, and one commit for all of them costs less than two. A lone writer, who
// is alone again, waits for nobody.
func (c *committer) gather(batch []asked, last int, wait time.Duration) []asked {
	var patience <-chan time.Time // nil until it is needed, and then for the whole batch
	for len(batch) < batchMax {
		select {
		case next, ok := <-c.queue:
			if !ok {
				return batch
			}
			batch = append(batch, next)
			continue
		default:
		}
		if len(batch) >= last {
			return batch
		}
		if patience == nil {
			patience = time.After(wait)
		}
		select {
		case next, ok := <-c.queue:
			if !ok {
				return batch
			}
			batch = append(batch, next)
		case <-patience:
			return batch
		}
	}
	return batch
}

// hold keeps reactions and likes that come in a storm, so that many of them cost
// the store one transaction and their thread's row one lock. The first ones,
// after a pause, wait for nobody; and a comment takes along what waits.
func (c *committer) hold(batch []asked) []asked {
	if c.every <= 0 || slices.ContainsFunc(batch, isUrgent) {
		return batch
	}
	now := time.Now()
	wait := c.every - now.Sub(c.reacted)
	if wait <= 0 {
		c.reacted = now
		return batch
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for len(batch) < batchMax {
		select {
		case next, ok := <-c.queue:
			if !ok {
				return batch
			}
			if batch = append(batch, next); isUrgent(next) {
				return batch
			}
		case c.reacted = <-timer.C:
			return batch
		}
	}
	return batch
}

func isUrgent(a asked) bool {
	d := deedOf(a.write.Command.Kind)
	return d != reacting && d != marking
}

// news tells whose inbox may have changed, and what was published.
func (c *committer) news(outcomes []Outcome) {
	var people []string
	var published []talk.Comment
	for _, o := range outcomes {
		people = append(people, o.Told...)
		if o.Err == nil && !o.Again && o.Event != nil && o.Event.Kind == talk.CommentAdded {
			published = append(published, o.Event.Comment)
		}
	}
	if c.tell != nil && len(people)+len(published) > 0 {
		c.tell(people, published)
	}
}

// updates joins what a commit changed into one update a thread, in the order in
// which threads first changed.
func (c *committer) updates(outcomes []Outcome) []talk.Update {
	var updates []talk.Update
	at := map[string]int{}
	told := map[string]bool{}
	for _, o := range outcomes {
		for _, person := range o.Told {
			if !told[person] {
				told[person] = true
				updates = append(updates, talk.Update{Person: person})
			}
		}
		if o.Err != nil || o.Again || (o.Event == nil && o.Tally == nil) {
			continue
		}
		i, ok := at[o.Thread]
		if !ok {
			i = len(updates)
			at[o.Thread] = i
			updates = append(updates, talk.Update{Thread: o.Thread, Epoch: c.store.Epoch()})
		}
		u := &updates[i]
		var h Head
		if o.Event != nil {
			u.Events = append(u.Events, *o.Event)
			h.Seq = o.Event.Seq
		}
		if o.Tally != nil {
			if u.Tally != nil {
				*u.Tally = u.Tally.Merge(*o.Tally)
			} else {
				u.Tally, u.Since = o.Tally, o.Tally.Version-1
			}
			h.Version = o.Tally.Version
		}
		c.learn(o.Thread, h)
	}
	return updates
}
