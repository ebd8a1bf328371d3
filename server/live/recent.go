package live

import (
	"maps"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// What a room remembers of its thread, so that most of those who join, and all
// who come back after a short while, are caught up without the store.
const (
	recentEntries = 256
	recentBytes   = 256 << 10
	recentLikes   = 2048
)

// recent is a thread's latest past: all reactions as they are, and what came
// after a point, from which somebody can be caught up. mu of its room guards it.
type recent struct {
	from      forum.Head // entries and likes are complete after this
	entries   []entry
	bytes     int            // of entries
	reactions map[string]int // all of them
	likes     map[string]likes
}

// likes are a comment's, and since which version.
type likes struct {
	n       int
	version uint64
}

// restart remembers nothing but a point, and the reactions there.
func (p *recent) restart(at forum.Head, reactions map[string]int) {
	*p = recent{from: at, reactions: maps.Clone(reactions), likes: map[string]likes{}}
	if p.reactions == nil {
		p.reactions = map[string]int{}
	}
}

func (p *recent) add(e entry) {
	if e.retracts { // what was removed or changed is to be nowhere
		p.entries, p.bytes, p.from.Seq = nil, 0, e.seq
		return
	}
	p.entries = append(p.entries, e)
	p.bytes += len(e.frame)
	drop := 0
	for len(p.entries)-drop > recentEntries || p.bytes > recentBytes {
		p.bytes -= len(p.entries[drop].frame)
		p.from.Seq = p.entries[drop].seq
		drop++
	}
	if drop > 0 {
		p.entries = append(make([]entry, 0, recentEntries), p.entries[drop:]...)
	}
}

func (p *recent) count(t talk.Tally) {
	maps.Copy(p.reactions, t.Reactions)
	for comment, n := range t.Likes {
		p.likes[comment] = likes{n, t.Version}
	}
	if len(p.likes) > recentLikes {
		clear(p.likes)
		p.from.Version = t.Version
	}
}

// since returns what somebody has missed who has the thread up to a point, if
// that is remembered. at is where the room stands.
func (p *recent) since(have, at forum.Head) (joined talk.Joined, missed []entry, ok bool) {
	if have.Seq < p.from.Seq || have.Seq > at.Seq || have.Version < p.from.Version || have.Version > at.Version {
		return talk.Joined{}, nil, false
	}
	for i, e := range p.entries {
		if e.seq > have.Seq {
			missed = p.entries[i:]
			break
		}
	}
	joined = talk.Joined{Seq: at.Seq, Version: at.Version, Reactions: maps.Clone(p.reactions), Likes: map[string]int{}}
	for comment, l := range p.likes {
		if l.version > have.Version {
			joined.Likes[comment] = l.n
		}
	}
	return joined, missed, true
}
