package live

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"folkmoot/app/talk"
)

// Where most look on is asked for by whoever shows what is lively. A node knows
// that of the threads that somebody has open there; of the others, the nodes
// tell each other, while one of them asks.
const (
	crowdedMost = 20 // threads that count as crowded
	crowdsTold  = 50 // of which a node tells the others
	askEvery    = 10 * time.Second
	wantedFor   = 20 * time.Second // after it was asked for last, a node goes on asking the others
	askedFor    = 30 * time.Second // for how long a node tells those who asked
	crowdsEvery = 2 * time.Second  // it tells what has changed at most
)

// crowds are where people look on at other nodes.
type crowds struct {
	mu     sync.Mutex
	others map[string]heardCrowds // by node
	wanted time.Time              // when it was asked for here
	asks   time.Time              // when this node asked the others
	asked  time.Time              // when another one did
	told   time.Time              // when this one told
	tells  map[string]int         // what it told
}

type heardCrowds struct {
	viewers map[string]int
	at      time.Time
}

// hearCrowds hears of what other nodes tell, as long as the server runs.
func (s *Server) hearCrowds() {
	ctx, cancel := s.patience()
	stop, err := s.Bus.Subscribe(ctx, talk.CrowdsTopic, s.heardCrowds)
	cancel()
	if err != nil {
		return // the server has ended
	}
	<-s.ctx.Done()
	stop()
}

// heardCrowds is called by the bus.
func (s *Server) heardCrowds(u talk.Update) {
	heard := u.Crowds
	if heard == nil || heard.Node == s.node {
		return
	}
	c := &s.crowds
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if heard.Ask {
		c.asked, c.told = now, time.Time{}
	}
	if c.others == nil {
		c.others = map[string]heardCrowds{}
	}
	c.others[heard.Node] = heardCrowds{heard.Viewers, now}
}

// tellCrowds asks the other nodes, if somebody here wants to know, and tells
// them, if they do.
func (s *Server) tellCrowds(now time.Time) {
	c := &s.crowds
	c.mu.Lock()
	for node, o := range c.others {
		if now.Sub(o.at) > crowdLasts {
			delete(c.others, node)
		}
	}
	ask := now.Sub(c.wanted) < wantedFor && now.Sub(c.asks) >= askEvery
	due := now.Sub(c.asked) < askedFor && now.Sub(c.told) >= crowdsEvery
	old := now.Sub(c.told) >= askEvery
	told := c.tells
	c.mu.Unlock()
	if !ask && !due {
		return
	}
	mine := s.most(crowdsTold, func(r *room) int64 { return r.here.Load() })
	if !ask && !old && maps.Equal(mine, told) {
		return
	}
	c.mu.Lock()
	c.told, c.tells = now, mine
	if ask {
		c.asks = now
	}
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(s.ctx, storeWait)
	defer cancel()
	if err := s.Bus.Publish(ctx, talk.Update{Crowds: &talk.Crowds{Node: s.node, Viewers: mine, Ask: ask}}); err != nil && ctx.Err() == nil {
		s.Log.Debug("the other nodes were not told who looks at what", "error", err)
	}
}

// most are the threads that most have open, by what counts here.
func (s *Server) most(limit int, viewers func(*room) int64) map[string]int {
	all := map[string]int{}
	s.mu.RLock()
	for thread, r := range s.rooms {
		if n := viewers(r); n > 0 {
			all[thread] = int(n)
		}
	}
	s.mu.RUnlock()
	return cutCrowds(all, limit)
}

func cutCrowds(all map[string]int, limit int) map[string]int {
	if len(all) <= limit {
		return all
	}
	threads := slices.SortedFunc(maps.Keys(all), func(a, b string) int { return cmp.Or(cmp.Compare(all[b], all[a]), cmp.Compare(a, b)) })
	for _, thread := range threads[limit:] {
		delete(all, thread)
	}
	return all
}

// Crowded returns how many have the threads open, at all nodes, that most have
// open. What other nodes tell of threads that nobody has open here comes a
// moment after it is asked for first.
func (s *Server) Crowded() map[string]int {
	crowded := s.most(math.MaxInt, func(r *room) int64 { return r.total.Load() })
	here := maps.Clone(crowded)
	c := &s.crowds
	c.mu.Lock()
	c.wanted = time.Now()
	for _, o := range c.others {
		for thread, n := range o.viewers {
			if here[thread] == 0 { // else its room knows
				crowded[thread] += n
			}
		}
	}
	c.mu.Unlock()
	return cutCrowds(crowded, crowdedMost)
}
