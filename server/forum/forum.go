// Package forum is what Folkmoot does: the use cases, and who may. Form posts,
// JSON calls and socket messages all become one talk.Command and pass through
// [Forum.Do]; permission, limits and validation live here, once. It knows no
// HTTP, no SQL and no sockets: it declares the Store and the Bus that it needs.
package forum

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"folkmoot/app/talk"
	"folkmoot/server/forum/markdown"
)

// CatchUpMax is how many log entries somebody may have missed and still be told
// one by one; with more, reading the page again is cheaper for both sides.
const CatchUpMax = 500

// refsKept is how long a repeated ref is recognized: an outbox that waited
// longer for a network would be refused as too old by its own browser.
const refsKept = 30 * 24 * time.Hour

// Config is what a forum is made of. Store to Log must be set.
type Config struct {
	Store      Store
	Bus        Bus
	Origins    Origins
	Reactions  []talk.ReactionKind
	Rules      Rules
	Clock      func() time.Time
	Log        *slog.Logger
	RateLimits bool
	Limits     Limits             // of all nodes together; nil where there is one
	Markdown   *markdown.Markdown // nil: one that shows no pictures

	// Tell is told after each commit whose inbox may have changed, and which comments
	// were published. It must not wait. Nil: nobody is.
	Tell func(people []string, published []talk.Comment)

	// Where other nodes write, too: how long this one believes where a thread
	// stands (0: for ever), and how long a storm of reactions gathers for one
	// commit.
	HeadLife  time.Duration
	Gathering time.Duration
}

// A Forum carries out what people want done. Make one with [New]; its methods
// may be called by several goroutines.
type Forum struct {
	Config
	commits   *committer
	ownLimits *OwnLimits
	pages     *lru.Cache[string, Opened] // by page key
	heads     *lru.Cache[string, known]  // by thread; written by commits, after they are on disk
	reads     singleflight.Group         // of heads, and of who speaks
	spoken    *lru.Cache[string, spoken] // by thread
	selves    *lru.Cache[string, isNow]  // who people are now
	lively    kept[[]talk.Card]          // where something happens
	topics    kept[[]talk.Topic]         // the liveliest first
	headsMu   sync.Mutex                 // held to write heads: a late read must not replace a newer commit
	redirects atomic.Pointer[Redirects]  // nil: nothing has moved
	hints     chan string                // keys of pages that may have moved
}

// Who asks, and from where.
type Who struct {
	Person  string // empty: nobody yet
	Fresh   bool   // made for this very request, so unknown to their browser
	Address netip.Addr
}

// New starts a forum; it works until Close.
func New(c Config) *Forum {
	f := &Forum{Config: c, ownLimits: NewOwnLimits(c.Clock), hints: make(chan string, hintsWaiting)}
	if f.Limits == nil {
		f.Limits = f.ownLimits
	}
	if f.Markdown == nil {
		f.Markdown = markdown.New()
	}
	f.pages, _ = lru.New[string, Opened](100_000) // fails for sizes below 1 only
	f.selves, _ = lru.New[string, isNow](100_000)
	f.lively.life, f.topics.life = livelyLife, topicsLife
	f.heads, _ = lru.New[string, known](100_000)
	f.spoken, _ = lru.New[string, spoken](speakersKept)
	f.commits = startCommitter(c.Store, c.Bus, c.Gathering, c.Log, f.learn, c.Tell, func(err error) error {
		return f.unavailable(context.Background(), "committing", err)
	})
	return f
}

// Close waits until what was asked for is committed and published. What is
// asked for afterwards is refused.
func (f *Forum) Close() { f.commits.close() }

// Open returns the thread of the page at an address, made when it is first
// asked for, and the page's origin. Only a call that describes, because it came
// from a page of an allowed origin, decides title, topics and address; it has a
// title.
func (f *Forum) Open(ctx context.Context, who Who, address, title string, topics []string) (thread, origin string, err error) {
	key, origin, err := talk.PageKey(address)
	if err != nil {
		return "", "", err
	}
	if !f.Origins.Allow(origin) {
		return "", origin, talk.Refuse(talk.Forbidden, "page", "Folkmoot may not be embedded on %s. Its operator can allow it: folkmoot serve --origin %s", origin, origin)
	}
	page := Page{Key: key, Title: cut(title, talk.TitleBytes), Topics: cleanTopics(topics)}
	if page.Title != "" {
		page.Address = talk.PageAddress(address)
	}
	if page.Address == key {
		page.Address = ""
	}
	if to, moved := f.redirects.Load().Of(key); moved {
		page.Key, page.Address = to.Key, to.Address
	}
	if known, ok := f.pages.Get(page.Key); ok {
		if title, address := known.Learns(page, f.Clock()); !title && !address {
			return known.Thread, origin, nil
		}
	}
	if err := f.allow(ctx, who, opening); err != nil {
		return "", origin, err
	}
	opened, err := f.Store.Open(ctx, page, f.Clock())
	if err != nil {
		return "", origin, f.unavailable(ctx, "opening a thread", err)
	}
	f.pages.Add(page.Key, opened)
	return opened.Thread, origin, nil
}

// View reads part of a thread as who sees it, or of the one that it was merged
// into. Viewers is left to whoever knows.
func (f *Forum) View(ctx context.Context, who Who, thread string, q Query) (talk.View, error) {
	who, err := f.selfOf(ctx, who)
	if err != nil {
		return talk.View{}, err
	}
	v, err := f.Store.View(ctx, thread, who.Person, q)
	if err != nil {
		return talk.View{}, f.unavailable(ctx, "reading a thread", err)
	}
	f.learn(v.Thread.ID, Head{Seq: v.Thread.Seq, Version: v.Thread.Version})
	return v, nil
}

// known is where a thread stood, and when.
type known struct {
	Head
	at time.Time
}

// Head tells where a thread stands, from memory where it can: it is never older
// than the last commit of this node, nor than HeadLife, unless the store can't
// be read.
func (f *Forum) Head(ctx context.Context, thread string) (Head, error) {
	h, ok := f.heads.Get(thread)
	if ok && (f.HeadLife == 0 || f.Clock().Sub(h.at) < f.HeadLife) {
		return h.Head, nil
	}
	read, err, _ := f.reads.Do(thread, func() (any, error) {
		heads, err := f.Heads(context.WithoutCancel(ctx), thread) // others wait for it, too
		if err != nil {
			return Head{}, err
		}
		now, found := heads[thread]
		if !found {
			return Head{}, talk.Refuse(talk.NotFound, "thread", "There is no such conversation.")
		}
		f.learn(thread, now)
		return now, nil
	})
	if err != nil && ok && isUnavailable(err) {
		f.learn(thread, h.Head) // so that not every reader asks
		return h.Head, nil
	}
	if err != nil {
		return Head{}, err
	}
	return read.(Head), nil
}

func isUnavailable(err error) bool {
	refused := (*talk.Error)(nil)
	return errors.As(err, &refused) && refused.Code == talk.Unavailable
}

// Heads reads where threads stand from the store.
func (f *Forum) Heads(ctx context.Context, threads ...string) (map[string]Head, error) {
	heads, err := f.Store.Heads(ctx, threads...)
	return heads, f.unavailable(ctx, "reading where threads stand", err)
}

// ErrResync means that a log can't be caught up with: the number is from the
// future, from another life of the database, or too long ago.
var ErrResync = errors.New("the page must be read again")

// CatchUp reads what somebody has missed who has the log up to since and the
// tally at version, of an epoch. It is [ErrResync] if they must read it anew.
func (f *Forum) CatchUp(ctx context.Context, thread, epoch string, since, version uint64) (CatchUp, error) {
	c, err := f.Store.CatchUp(ctx, thread, since, version, CatchUpMax+1)
	switch {
	case err != nil:
		return CatchUp{}, f.unavailable(ctx, "catching up", err)
	case epoch != f.Store.Epoch(), since > c.Seq, version > c.Version, len(c.Events) > CatchUpMax:
		return CatchUp{Head: c.Head}, ErrResync
	}
	h := c.Head
	if n := len(c.Events); n > 0 && c.Events[n-1].Thread != nil {
		h.Into = c.Events[n-1].Thread.Into
	}
	f.learn(thread, h) // pages that are asked for because of it must not be older
	return c, nil
}

// Person returns who asks as they last signed; nobody, if they never did.
func (f *Forum) Person(ctx context.Context, id string) (talk.Person, error) {
	id, err := f.Self(ctx, id)
	if err != nil {
		return talk.Person{}, err
	}
	p, err := f.Store.Person(ctx, id)
	if refused := (*talk.Error)(nil); errors.As(err, &refused) && refused.Code == talk.NotFound {
		return talk.Person{ID: id}, nil
	}
	return p, f.unavailable(ctx, "reading a person", err)
}

// AllowSession says whether an address may be given one more guest.
func (f *Forum) AllowSession(ctx context.Context, who Who) error { return f.allow(ctx, who, meeting) }

// Done is the answer to a command that is on disk.
type Done struct {
	talk.Result
	Again bool // it had been done before, under the same ref
}

// Do carries out a command, once for each person and ref, and returns when it
// is on disk. What can't be done is a [*talk.Error].
func (f *Forum) Do(ctx context.Context, who Who, ref string, c talk.Command) (Done, error) {
	if who.Person == "" {
		return Done{}, talk.Refuse(talk.NoSession, "", "Folkmoot doesn't know this browser yet. Please try again.")
	}
	deeds := []deed{deedOf(c.Kind)}
	if who.Fresh {
		deeds = append(deeds, meeting)
	}
	if err := f.allow(ctx, who, deeds...); err != nil { // first, because all that follows costs something
		return Done{}, err
	}
	w, err := f.prepare(ctx, who, ref, c)
	if err != nil {
		return Done{}, err
	}
	out, err := f.commits.do(ctx, w)
	if err == nil {
		err = f.unavailable(ctx, "carrying out a command", out.Err)
	}
	if err != nil {
		return Done{}, err
	}
	return Done{out.Result, out.Again}, nil
}

// unavailable keeps a refusal, and turns anything else into one that a person
// may read, while the log gets what happened.
func (f *Forum) unavailable(ctx context.Context, doing string, err error) error {
	refused := (*talk.Error)(nil)
	switch {
	case err == nil, errors.As(err, &refused), ctx.Err() != nil:
		return err
	}
	storeErrors.Inc()
	f.Log.ErrorContext(ctx, "store failed", "doing", doing, "error", err)
	return &talk.Error{Code: talk.Unavailable, Message: "Folkmoot can't reach its memory just now. Please try again in a moment.", RetryAfter: 2}
}

// learn notes where a commit or a read found a thread. A read may be late: a
// commit has passed it.
func (f *Forum) learn(thread string, h Head) {
	f.headsMu.Lock()
	defer f.headsMu.Unlock()
	if old, ok := f.heads.Peek(thread); ok {
		h = Head{max(old.Seq, h.Seq), max(old.Version, h.Version), cmp.Or(h.Into, old.Into)}
	}
	f.heads.Add(thread, known{h, f.Clock()})
}

// NewID makes an id: 80 random bits as 16 characters of a-z and 2-7.
func NewID() string {
	var b [10]byte
	rand.Read(b[:])
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}

// cut shortens to at most n bytes, at a character's end.
func cut(s string, n int) string {
	s = strings.ToValidUTF8(strings.Join(strings.Fields(s), " "), "")
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}

func cleanTopics(topics []string) []string {
	clean := []string{}
	for _, t := range topics {
		if t = cut(t, talk.TopicBytes); talk.TopicKey(t) != "" && len(clean) < talk.Topics && !slices.Contains(clean, t) {
			clean = append(clean, t)
		}
	}
	return clean
}

// Forget lets go of what is only kept for a while: what recognizes repeated refs,
// once nobody can mean them any more, and what removed comments said, once they
// can't be restored.
func (f *Forum) Forget(ctx context.Context) error {
	return f.Store.Forget(ctx, f.Clock().Add(-max(refsKept, RestoreWindow)))
}
