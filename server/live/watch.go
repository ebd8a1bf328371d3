package live

import (
	"slices"
	"sync"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

const (
	inboxEvery   = time.Second      // an inbox is read at most, however much happens in it
	inboxesEvery = 30 * time.Second // all are compared with the store, in case the bus has lost something
	homeEvery    = 2 * time.Second
)

// A watch is what a connection watches besides threads. It is its reader's own.
type watch struct {
	inbox *inbox // nil for somebody who isn't anybody yet
	home  bool
}

// watches are all that somebody here watches. An inbox is watched by all of a
// person's connections together.
type watches struct {
	mu      sync.Mutex
	inboxes map[string]*inbox  // by person
	home    map[*conn]struct{} // who watches what is lively
	telling bool               // the goroutine that tells them runs
	lively  []byte             // the frame that they were told last
}

// An inbox is one that somebody here watches. Its goroutine runs while there is
// news.
type inbox struct {
	s      *Server
	person string
	users  int           // guarded by watches.mu
	opened chan struct{} // closed by the first user, when it hears of the inbox
	stop   func()        // ends the subscription; written before opened is closed
	closed chan struct{} // when nobody watches any more

	mu      sync.Mutex
	poked   bool // there may be news
	working bool // the goroutine runs
	known   bool // unread and newest are
	unread  int
	newest  []toldOf       // what they were told last
	conns   map[*conn]bool // and whether they know
}

// A toldOf is what tells a notice from others.
type toldOf struct {
	kind    talk.NoticeKind
	comment string
	at      time.Time
}

// startWatch makes a connection hear of its person's inbox, and of what is
// lively if it asks for that.
func (c *conn) startWatch(q talk.Request) {
	if c.who.Person == "" && !q.Home {
		refused := talk.Refuse(talk.NoSession, "", "Folkmoot doesn't know this browser yet. Please try again.")
		c.put(frame(talk.Refused{Type: talk.TypeRefused, Ref: q.Ref, Error: *refused}))
		return
	}
	if c.watch == nil {
		c.watch = &watch{}
	}
	if c.watch.inbox == nil && c.who.Person != "" {
		c.watch.inbox = c.s.enterInbox(c.s.selfOf(c.who.Person))
	}
	if c.watch.inbox != nil {
		c.watch.inbox.add(c)
	}
	c.watchHome(q.Home)
}

// unwatch undoes a watch, if there is one.
func (c *conn) unwatch() {
	if c.watch == nil {
		return
	}
	c.watchHome(false)
	if in := c.watch.inbox; in != nil {
		in.remove(c)
		c.s.exitInbox(in)
	}
	c.watch = nil
}

// selfOf is who somebody is now, if that can be read. Who becomes somebody else
// later hears of what they are told when inboxes are compared.
func (s *Server) selfOf(person string) string {
	ctx, cancel := s.patience()
	defer cancel()
	self, err := s.Forum.Self(ctx, person)
	if err != nil {
		return person
	}
	return self
}

// enterInbox returns a person's inbox, which stays until exitInbox. Whoever is
// first makes it hear of what happens.
func (s *Server) enterInbox(person string) *inbox {
	w := &s.watches
	w.mu.Lock()
	in := w.inboxes[person]
	first := in == nil
	if first {
		if w.inboxes == nil {
			w.inboxes = map[string]*inbox{}
		}
		in = &inbox{s: s, person: person, opened: make(chan struct{}), closed: make(chan struct{}), conns: map[*conn]bool{}}
		w.inboxes[person] = in
	}
	in.users++
	w.mu.Unlock()
	if first {
		ctx, cancel := s.patience()
		defer cancel()
		stop, err := s.Bus.Subscribe(ctx, talk.PersonTopic(person), func(talk.Update) { in.poke() })
		if err != nil { // it is compared with the store now and then all the same
			stop = func() {}
		}
		in.stop = stop
		close(in.opened)
	}
	<-in.opened
	return in
}

// exitInbox closes an inbox when nobody watches it any more.
func (s *Server) exitInbox(in *inbox) {
	s.watches.mu.Lock()
	in.users--
	last := in.users == 0
	if last {
		delete(s.watches.inboxes, in.person)
	}
	s.watches.mu.Unlock()
	if last {
		in.stop()
		close(in.closed)
	}
}

// add tells a connection what is known, or will tell it soon.
func (in *inbox) add(c *conn) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.conns[c] = in.known
	if in.known {
		c.put(frame(talk.News{Type: talk.TypeNotice, Unread: in.unread}))
	} else {
		in.pokeLocked()
	}
}

func (in *inbox) remove(c *conn) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.conns, c)
}

// poke is called when there may be news: by the bus, for one, so it doesn't
// block.
func (in *inbox) poke() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.pokeLocked()
}

func (in *inbox) pokeLocked() {
	in.poked = true
	if !in.working && len(in.conns) > 0 {
		in.working = true
		in.s.others.Go(in.work)
	}
}

// work reads an inbox and tells those who watch it, as long as it is poked.
func (in *inbox) work() {
	for in.next() {
		ctx, cancel := in.s.patience()
		unread, newest, err := in.s.Forum.News(ctx, in.person)
		cancel()
		if err == nil { // else it is logged, and there is a next time
			in.tell(unread, newest)
		}
		rest := time.NewTimer(inboxEvery)
		select {
		case <-rest.C:
		case <-in.closed:
		case <-in.s.ctx.Done():
		}
		rest.Stop()
	}
}

func (in *inbox) next() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.working = in.poked && len(in.conns) > 0
	in.poked = false
	return in.working
}

// tell tells what has changed, and those who know nothing yet how it is.
func (in *inbox) tell(unread int, newest []talk.Notice) {
	in.mu.Lock()
	defer in.mu.Unlock()
	before := in.newest
	in.newest = nil
	for _, n := range newest {
		in.newest = append(in.newest, toldOf{n.Kind, n.Comment.ID, n.At})
	}
	newest = slices.DeleteFunc(newest, func(n talk.Notice) bool {
		return !in.known || n.Seen || slices.Contains(before, toldOf{n.Kind, n.Comment.ID, n.At}) || len(before) > 0 && n.At.Before(before[0].at)
	})
	changed := unread != in.unread || len(newest) > 0
	in.known, in.unread = true, unread
	news := frame(talk.News{Type: talk.TypeNotice, Unread: unread, Notices: newest})
	for c, knows := range in.conns {
		if changed || !knows {
			in.conns[c] = true
			c.put(news)
		}
	}
}

// compareInboxes finds the inboxes that have missed something.
func (s *Server) compareInboxes() {
	s.watches.mu.Lock()
	people := make([]string, 0, len(s.watches.inboxes))
	inboxes := make([]*inbox, 0, len(s.watches.inboxes))
	for person, in := range s.watches.inboxes {
		people, inboxes = append(people, person), append(inboxes, in)
	}
	s.watches.mu.Unlock()
	if len(people) == 0 {
		return
	}
	s.others.Go(func() {
		ctx, cancel := s.patience()
		defer cancel()
		unread, err := s.Forum.Unread(ctx, people...)
		if err != nil {
			return // logged by the forum; there is a next time
		}
		for _, in := range inboxes {
			in.compare(unread[in.person])
		}
	})
}

func (in *inbox) compare(unread int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.known && in.unread != unread {
		in.pokeLocked()
	}
}

// watchHome makes a connection hear of what is lively, or not.
func (c *conn) watchHome(on bool) {
	if c.watch.home == on {
		return
	}
	c.watch.home = on
	w := &c.s.watches
	w.mu.Lock()
	defer w.mu.Unlock()
	if !on {
		delete(w.home, c)
		return
	}
	if w.home == nil {
		w.home = map[*conn]struct{}{}
	}
	w.home[c] = struct{}{}
	if w.telling && w.lively != nil {
		c.put(w.lively)
	}
	if !w.telling {
		w.telling, w.lively = true, nil
		c.s.others.Go(c.s.tellHome)
	}
}

// tellHome tells those who watch where something happens, as long as anybody
// does.
func (s *Server) tellHome() {
	tick := time.NewTicker(homeEvery)
	defer tick.Stop()
	var told []happening
	for {
		ctx, cancel := s.patience()
		cards, err := s.Forum.LiveNow(ctx, s.Crowded())
		cancel()
		cards = cards[:min(len(cards), forum.LiveCards)]
		if now := happenings(cards); err == nil && (told == nil || !slices.Equal(now, told)) {
			told = now
			s.broadcastHome(frame(talk.Lively{Type: talk.TypeLively, Threads: cards}))
		}
		select {
		case <-tick.C:
		case <-s.ctx.Done():
			return
		}
		if s.nobodyIsHome() {
			return
		}
	}
}

func (s *Server) broadcastHome(lively []byte) {
	s.watches.mu.Lock()
	defer s.watches.mu.Unlock()
	s.watches.lively = lively
	for c := range s.watches.home {
		c.put(lively)
	}
}

func (s *Server) nobodyIsHome() bool {
	s.watches.mu.Lock()
	defer s.watches.mu.Unlock()
	s.watches.telling = len(s.watches.home) > 0
	return !s.watches.telling
}

// A happening is what of a card makes it worth telling again: its heat falls all
// the time.
type happening struct {
	thread, title                string
	seq                          uint64
	comments, reactions, viewers int
}

func happenings(cards []talk.Card) []happening {
	all := make([]happening, len(cards))
	for i, c := range cards {
		all[i] = happening{c.ID, c.Title, c.Seq, c.Comments, c.Reactions, c.Viewers}
	}
	return all
}
