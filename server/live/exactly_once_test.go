package live

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// Whatever the bus does, and whenever viewers come and go, each of them gets
// each log entry once and in order, and ends with the counts of the store.
func TestExactlyOnce(t *testing.T) {
	rounds := 30
	if testing.Short() {
		rounds = 5
	}
	for range rounds {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, "t")
			w.store.jitter = 4 * time.Millisecond
			w.bus.set(0.2, 0.2, 0.3)
			var speakers, viewers sync.WaitGroup
			enough := make(chan struct{})
			states := make([]*state, 8)
			for i := range states {
				states[i] = &state{t: t, w: w, name: fmt.Sprint("viewer ", i)}
				viewers.Go(func() {
					time.Sleep(rand.N(300 * time.Millisecond))
					states[i].view(enough)
				})
			}
			var comments sync.Map
			for i := range 4 {
				speakers.Go(func() {
					for range 40 {
						time.Sleep(rand.N(12 * time.Millisecond))
						switch rand.N(4) {
						case 0:
							comments.Store(i, w.post("t", "Hello").ID)
						case 1:
							if id, ok := comments.Load(rand.N(4)); ok {
								w.do("liker", "", talk.Command{Kind: talk.Like, Comment: id.(string), On: true})
							}
						default:
							w.react("t", talk.DefaultReactions[rand.N(len(talk.DefaultReactions))].Kind)
						}
					}
				})
			}
			speakers.Wait()
			time.Sleep(2 * compareEvery) // and nobody says anything that would show what is missing
			close(enough)
			viewers.Wait()
			for _, s := range states {
				w.store.check(t, s.name, "t", s.at, s.reactions, s.likes)
			}
			w.bus.mu.Lock()
			defer w.bus.mu.Unlock()
			if w.bus.lost == 0 {
				t.Error("the bus lost nothing: this tests nothing")
			}
		})
		if t.Failed() {
			return
		}
	}
}

// A state is what a browser knows of a thread, kept as the protocol says.
type state struct {
	t    *testing.T
	w    *world
	name string

	at        forum.Head
	reactions map[string]int
	likes     map[string]int
	joining   bool
}

// view joins, and now and then leaves, comes back, or loses its connection.
func (s *state) view(enough <-chan struct{}) {
	s.reactions, s.likes = map[string]int{}, map[string]int{}
	c := s.w.connect()
	s.join(c)
	for {
		var data []byte
		select {
		case data = <-c.got:
		case <-enough:
			for len(c.got) > 0 {
				s.apply(c, <-c.got)
			}
			return
		}
		s.apply(c, data)
		if s.joining {
			continue
		}
		switch rand.N(20) {
		case 0:
			c.send(talk.Request{Type: talk.TypeLeave, Thread: "t"})
			s.join(c)
		case 1:
			s.join(c)
		case 2:
			c.ws.Close()
			c = s.w.connect()
			s.join(c)
		}
	}
}

func (s *state) join(c *client) {
	s.joining = true
	c.send(talk.Request{Type: talk.TypeJoin, Thread: "t", Epoch: "life1", Since: s.at.Seq, Version: s.at.Version})
}

func (s *state) apply(c *client, data []byte) {
	var m struct {
		Type      string
		Event     talk.Event
		Version   uint64
		Reactions map[string]int
		Likes     map[string]int
	}
	if err := json.Unmarshal(data, &m); err != nil {
		s.t.Errorf("%v in %s", err, data)
		return
	}
	switch {
	case m.Type == talk.TypePing:
		c.send(talk.Envelope{Type: talk.TypePong})
	case m.Type == talk.TypePresence:
	case m.Type == talk.TypeJoined:
		s.joining = false
		s.at.Version, s.reactions = m.Version, m.Reactions
		maps.Copy(s.likes, m.Likes)
	case s.joining: // still of the membership before
	case m.Type == talk.TypeEvent:
		if m.Event.Seq != s.at.Seq+1 {
			s.t.Errorf("%s got entry %d after %d", s.name, m.Event.Seq, s.at.Seq)
		}
		s.at.Seq = m.Event.Seq
	case m.Type == talk.TypeTally:
		if m.Version <= s.at.Version {
			s.t.Errorf("%s got tally %d after %d", s.name, m.Version, s.at.Version)
			return
		}
		s.at.Version = m.Version
		maps.Copy(s.reactions, m.Reactions)
		maps.Copy(s.likes, m.Likes)
	default:
		s.t.Errorf("%s got %s", s.name, data)
	}
}
