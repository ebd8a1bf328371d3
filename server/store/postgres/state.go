package postgres

import (
	"maps"
	"slices"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// A state is what a batch of writes needs to know of the database. load fills
// it, decide carries the writes out on it, and save writes down what changed.
type state struct {
	threads   map[string]*thread  // those whose rows are locked
	comments  map[string]*comment // of such threads and, as they are known by a repeated ref, of others
	done      map[ref]done
	reactions marks // on threads
	likes     marks // on comments

	parts     map[part]*marked             // what people follow and mute, of those that are needed
	answered  map[string]string            // whose comments those answer that are needed whole
	mentions  map[string][]forum.Mentioned // by comment, of those that are needed whole
	topics    map[string]bool              // that exist, of those that are needed
	credits   map[credit]bool              // of those people; what the batch changes is in credited
	standings map[string]forum.Standing    // of those who write and of authors, unless they are just anybody
	trusted   map[string]int               // how many published comments those had before who want to post, where it matters
	selves    map[string]string            // who those are now who aren't any more who they were

	// What is new, in order.
	events    []event
	people    map[string]signature
	published map[string]int // comments that people have more
	recents   []ref          // of done
	revisions []revision
	forgotten map[string]bool // comments whose revisions go
	flags     map[holder]flagging
	settled   map[string]bool // comments whose flags were dealt with
	restood   map[string]bool // people whose standing changed
	credited  map[credit]bool // credits that were changed
	deeds     []deed
	notices   map[notice]told
	mentioned map[string]bool // comments that mention others than before
	looks     []look
}

func newState() *state {
	return &state{
		threads: map[string]*thread{}, comments: map[string]*comment{}, done: map[ref]done{},
		reactions: newMarks(), likes: newMarks(), people: map[string]signature{},
		standings: map[string]forum.Standing{}, trusted: map[string]int{}, published: map[string]int{},
		forgotten: map[string]bool{}, flags: map[holder]flagging{}, settled: map[string]bool{}, restood: map[string]bool{},
		parts: map[part]*marked{}, topics: map[string]bool{}, selves: map[string]string{}, answered: map[string]string{}, notices: map[notice]told{}, mentions: map[string][]forum.Mentioned{}, mentioned: map[string]bool{}, credits: map[credit]bool{}, credited: map[credit]bool{},
	}
}

type thread struct {
	seq, version uint64
	counts       map[string]int // of reactions by kind, those at 0 too
	more         int            // comments that it has gained
	locked       bool
	into         string // the thread that it was merged into
	lively       float64
	changed      bool // any of these
	recounted    map[string]bool
}

// reactions are the counts above 0, and that of the kind even then.
func (t *thread) reactions(kind string) map[string]int {
	counts := map[string]int{kind: 0}
	for k, n := range t.counts {
		if n > 0 {
			counts[k] = n
		}
	}
	return counts
}

// A comment is one as the database has it. Byline, text, replies and what is out
// of sight are those of whole ones only: the others are answered, liked or not
// to be made again. Its Badge and Liked are left to [state.record].
type comment struct {
	forum.Record
	likers       int // who like it, even while it has no likes that show
	likesVersion uint64
	hidden       bool // the database has it in the table of what is out of sight

	added, liked, changed bool // by this batch
}

// A ref is what a write is recognized by; see scopes.
type ref struct{ scope, ref string }

// A done is what was done under a ref.
type done struct {
	digest  []byte
	kind    talk.Do
	subject string // the thread that was reacted to, else the comment
	person  string // who did it
	at      int64
}

type event struct {
	thread  string
	seq     uint64
	kind    talk.EventKind
	comment string
	at      int64
}

// A credit says that somebody wrote a thread's article, or all of them.
type credit struct{ person, thread string }

type revision struct {
	comment string
	talk.Revision
}

// A flagging is what somebody has against a comment.
type flagging struct {
	reason  talk.Reason
	text    string
	at      int64
	settled bool
}

type deed struct {
	at                            int64
	person                        string
	role                          talk.Role
	kind                          talk.Do
	on                            bool
	thread, comment, subject, why string
}

type signature struct {
	talk.Person
	at int64
}

// Marks are what persons have set: reactions on threads, likes on comments.
type marks struct {
	set     map[holder]map[string]bool // by kind; a like has the kind ""
	changed map[mark]change
}

type holder struct{ subject, person string }

type mark struct {
	holder
	kind string
}

type change struct {
	before bool  // whether it was set in the database
	at     int64 // when it was set last
}

func newMarks() marks {
	return marks{set: map[holder]map[string]bool{}, changed: map[mark]change{}}
}

func (m marks) has(h holder, kind string) bool { return m.set[h][kind] }

// read notes what the database has.
func (m marks) read(h holder, kind string) {
	if m.set[h] == nil {
		m.set[h] = map[string]bool{}
	}
	m.set[h][kind] = true
}

// turn sets or takes back, and reports whether that changed anything.
func (m marks) turn(h holder, kind string, on bool, at time.Time) bool {
	before := m.has(h, kind)
	if before == on {
		return false
	}
	if on {
		m.read(h, kind)
	} else {
		delete(m.set[h], kind)
	}
	k := mark{h, kind}
	if earlier, ok := m.changed[k]; ok {
		before = earlier.before
	}
	m.changed[k] = change{before, at.UnixMilli()}
	return true
}

// kinds are what somebody has set, sorted.
func (m marks) kinds(h holder) []string {
	return append([]string{}, slices.Sorted(maps.Keys(m.set[h]))...)
}
