package live

import (
	"context"
	"maps"
	"slices"
	"time"

	"folkmoot/app/talk"
)

const (
	presenceEvery = time.Second
	presenceEach  = time.Millisecond // more, for each viewer: in a crowd, who comes and goes is told less often
	crowdRefresh  = 10 * time.Second // how often a node looks after what nodes know of each other
	crowdAge      = 5 * time.Second  // what others were told then is told again if it is older: so every 15 s at least
	crowdLasts    = 20 * time.Second // a node that has fallen silent for so long is forgotten then: after 30 s at most
	typingNames   = 3                // that viewers are told
)

// A crowd is who has a thread open, here and at other nodes. mu of its room
// guards it.
type crowd struct {
	changed bool              // since viewers were told
	tell    bool              // the other nodes, since they were told
	ask     bool              // the other nodes, with the next that they are told
	told    time.Time         // when the other nodes were
	typing  map[string]typist // by person, at this node
	others  map[string]away   // by node
	pace    pace              // of telling
}

// A typist is somebody who is writing.
type typist struct {
	name  string
	until time.Time
}

// Away is what another node has told.
type away struct {
	viewers int
	typing  []string
	heard   time.Time
}

// hear takes what another node tells, with mu held.
func (r *room) hear(c talk.Crowd, now time.Time) {
	if c.Node == r.s.node {
		return
	}
	w := &r.crowd
	w.tell = w.tell || c.Ask
	old := w.others[c.Node]
	if c.Viewers <= 0 {
		delete(w.others, c.Node)
	} else {
		if w.others == nil {
			w.others = map[string]away{}
		}
		w.others[c.Node] = away{c.Viewers, c.Typing, now}
	}
	w.changed = w.changed || old.viewers != max(c.Viewers, 0) || !slices.Equal(old.typing, c.Typing)
	r.count()
}

// typed notes that somebody here is writing.
func (r *room) typed(person, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := &r.crowd
	if _, known := w.typing[person]; !known {
		w.changed, w.tell = true, true
	}
	if w.typing == nil {
		w.typing = map[string]typist{}
	}
	w.typing[person] = typist{name, time.Now().Add(talk.TypingLasts)}
	r.news.wake(r)
}

// spoke notes that somebody has sent what they were writing, with mu held.
func (r *room) spoke(person string) {
	if _, was := r.crowd.typing[person]; was {
		delete(r.crowd.typing, person)
		r.crowd.changed, r.crowd.tell = true, true
	}
}

// came notes that so many viewers came, or left, with mu held.
func (r *room) came(n int) {
	r.viewing += n
	r.crowd.changed, r.crowd.tell = true, true
	r.count()
}

// count adds up all nodes' viewers, with mu held. Where they are not to be told,
// there are none.
func (r *room) count() {
	if r.s.HidePresence {
		return
	}
	n := r.viewing
	r.here.Store(int64(n))
	for _, o := range r.crowd.others {
		n += o.viewers
	}
	r.total.Store(int64(n))
}

// withOneMore is how many view once one more does.
func (r *room) withOneMore() int {
	if r.s.HidePresence {
		return 0
	}
	return int(r.total.Load()) + 1
}

// refresh forgets nodes that have fallen silent, and sees to it that this one
// is not forgotten.
func (r *room) refresh(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := &r.crowd
	for node, o := range w.others {
		if now.Sub(o.heard) > crowdLasts {
			delete(w.others, node)
			w.changed = true
		}
	}
	r.count()
	w.tell = w.tell || (r.viewing > 0 && now.Sub(w.told) >= crowdAge)
	if w.changed || w.tell {
		r.news.wake(r)
	}
}

// meet tells viewers, and other nodes, who has come and gone, with mu held. It
// returns what is for the other nodes, if anything is due.
func (r *room) meet(now time.Time) *talk.Update {
	w := &r.crowd
	for person, t := range w.typing {
		if !now.Before(t.until) {
			delete(w.typing, person)
			w.changed, w.tell = true, true
		}
	}
	if len(w.typing) > 0 {
		soonest := slices.MinFunc(slices.Collect(maps.Values(w.typing)), func(a, b typist) int { return a.until.Compare(b.until) })
		r.later(soonest.until.Sub(now))
	}
	r.presence.every = presenceEvery + time.Duration(max(0, r.viewing-1000))*presenceEach
	if w.changed && r.presence.ready(now, r.wake) && r.broadcastPresence() {
		r.presence.last = now
	}
	w.pace.every = presenceEvery
	if !w.tell || !w.pace.ready(now, r.wake) {
		return nil
	}
	own := talk.Crowd{Node: r.s.node, Viewers: r.viewing, Typing: r.writing(false), Ask: w.ask}
	w.tell, w.ask, w.told, w.pace.last = false, false, now, now
	return &talk.Update{Thread: r.thread, Epoch: r.epoch, Crowd: &own}
}

// writing returns the first names of those who are writing, here or everywhere,
// with mu held.
func (r *room) writing(everywhere bool) []string {
	var names []string
	for _, t := range r.crowd.typing {
		names = append(names, t.name)
	}
	if everywhere {
		for _, o := range r.crowd.others {
			names = append(names, o.typing...)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return names[:min(len(names), typingNames)]
}

// broadcastPresence tells everybody who doesn't know, with mu held.
func (r *room) broadcastPresence() (sent bool) {
	r.crowd.changed = false
	n, typing := int(r.total.Load()), r.writing(true)
	if !slices.Equal(typing, r.typing) {
		r.typing = typing
		r.typingNews++
	}
	shared := frame(talk.Presence{Type: talk.TypePresence, Thread: r.thread, Viewers: n, Typing: typing})
	for v := range r.viewers {
		if v.live && (v.told != int32(n) || v.toldTyping != r.typingNews) {
			v.told, v.toldTyping, sent = int32(n), r.typingNews, true
			v.conn.putPresence(r.thread, shared)
		}
	}
	return sent
}

// leave tells the other nodes that nobody is here any more.
func (r *room) sayGoodbye() {
	r.mu.Lock()
	epoch, told := r.epoch, !r.crowd.told.IsZero()
	r.mu.Unlock()
	if told {
		r.publish(&talk.Update{Thread: r.thread, Epoch: epoch, Crowd: &talk.Crowd{Node: r.s.node}})
	}
}

// publish tells the other nodes of a crowd. What is lost is told again.
func (r *room) publish(u *talk.Update) {
	ctx, cancel := context.WithTimeout(r.s.ctx, storeWait)
	defer cancel()
	if err := r.s.Bus.Publish(ctx, *u); err != nil && ctx.Err() == nil {
		r.s.Log.Debug("presence was not told to the other nodes", "thread", r.thread, "error", err)
	}
}
