package postgres

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// A part is somebody's in a thread or a topic.
type part struct{ person, kind, target string }

func partOf(w *forum.Write, person string) part {
	kind, target := forum.TargetOf(&w.Command)
	return part{person, kind, target}
}

func (n needs) addPart(p part) {
	if storable(p.person) && storable(p.target) {
		n.parts[p] = true
	}
}

// Marked is what somebody has chosen of a thread or a topic; without a level,
// nothing.
type marked struct {
	level   talk.Level
	at      int64
	seen    uint64
	follows bool // by commenting
	changed bool
}

// partOf is the part that who writes has in what they write to.
func (s *state) partOf(w *forum.Write) *marked {
	p := partOf(w, w.Person.ID)
	if s.parts[p] == nil {
		s.parts[p] = &marked{follows: true}
	}
	return s.parts[p]
}

// queueParts reads what people follow and mute, and whether topics exist.
func (s *state) queueParts(b *pgx.Batch, n needs) {
	if len(n.parts) == 0 {
		return
	}
	var persons, kinds, targets, topics []string
	for p := range n.parts {
		persons, kinds, targets = append(persons, p.person), append(kinds, p.kind), append(targets, p.target)
		if p.kind == "topic" {
			topics = append(topics, p.target)
		}
	}
	b.Queue(`SELECT k.person, k.kind, k.target, coalesce(f.level, ''), coalesce(f.at, 0), coalesce(f.seen, 0), coalesce((s.value ->> 'follow')::boolean, true)
		FROM unnest($1::text[], $2::text[], $3::text[]) AS k (person, kind, target)
		LEFT JOIN follow AS f ON f.person = k.person AND f.kind = k.kind AND f.target = k.target
		LEFT JOIN settings AS s ON s.person = k.person`, persons, kinds, targets).Query(each(func(row pgx.Rows) error {
		var p part
		m := &marked{}
		err := row.Scan(&p.person, &p.kind, &p.target, &m.level, &m.at, &m.seen, &m.follows)
		s.parts[p] = m
		return err
	}))
	if len(topics) == 0 {
		return
	}
	b.Queue(`SELECT key FROM topic WHERE key = ANY ($1)`, topics).Query(each(func(row pgx.Rows) error {
		var key string
		err := row.Scan(&key)
		s.topics[key] = true
		return err
	}))
}

// forOneself carries out what somebody does for themselves: follow, mute, see.
func (s *state) forOneself(w *forum.Write) (out forum.Outcome, err error) {
	if w.Command.Kind == talk.Seen && w.Command.Thread == "" {
		s.see(w, &out)
		return out, nil
	}
	seq := uint64(0)
	if w.Command.Topic == "" {
		t := s.threads[w.Command.Thread]
		if t == nil {
			return out, noThread()
		}
		seq = t.seq
	} else if !s.topics[w.Command.Topic] {
		return out, forum.NoTopic()
	}
	kind, _ := forum.TargetOf(&w.Command)
	m, level := s.partOf(w), forum.LevelOf(w.Command.Kind)
	switch {
	case w.Command.Kind == talk.Seen:
		s.see(w, &out)
		if seen := min(w.Command.Seq, seq); m.level == talk.Follows && seen > m.seen {
			m.seen, m.changed = seen, true
		}
	case w.Command.On && m.level != level:
		if m.level != talk.Follows {
			m.seen = seq
		}
		m.level, m.at, m.changed = level, w.At.UnixMilli(), true
		if w.Command.Kind == talk.Mute && kind == "thread" {
			s.look(look{w.Person.ID, w.Command.Thread, "", math.MaxInt64, 0}, &out)
		}
	case !w.Command.On && m.level == level:
		*m = marked{follows: m.follows, changed: true}
	}
	out.Result = s.marked(w, w.Person.ID)
	return out, nil
}

// marked is the answer to what somebody does for themselves.
func (s *state) marked(w *forum.Write, person string) talk.Result {
	if m := s.parts[partOf(w, person)]; m != nil {
		return forum.Marked(w, m.level, m.seen)
	}
	return forum.Marked(w, "", 0)
}

// followMine makes whoever comments follow the thread, unless they have said
// otherwise.
func (s *state) followMine(w *forum.Write, seq uint64) {
	if m := s.partOf(w); m.level == "" && m.follows {
		m.level, m.at, m.seen, m.changed = talk.Follows, w.At.UnixMilli(), seq, true
	}
}

// queueMarked writes down what people follow, mute and have seen.
func (s *state) queueMarked(b *pgx.Batch) {
	var gone, set [3][]string
	var levels []string
	var ats, seen []int64
	for _, p := range slices.SortedFunc(maps.Keys(s.parts), func(a, b part) int {
		return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.kind, b.kind), cmp.Compare(a.target, b.target))
	}) {
		m, list := s.parts[p], &gone
		if !m.changed {
			continue
		}
		if m.level != "" {
			list = &set
			levels, ats, seen = append(levels, string(m.level)), append(ats, m.at), append(seen, int64(m.seen))
		}
		for i, v := range []string{p.person, p.kind, p.target} {
			list[i] = append(list[i], v)
		}
	}
	if len(gone[0]) > 0 {
		b.Queue(`DELETE FROM follow AS f USING unnest($1::text[], $2::text[], $3::text[]) AS k (person, kind, target)
			WHERE f.person = k.person AND f.kind = k.kind AND f.target = k.target`, gone[0], gone[1], gone[2])
	}
	if len(levels) > 0 {
		b.Queue(`INSERT INTO follow (person, kind, target, level, at, seen)
			SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
			ON CONFLICT (person, kind, target) DO UPDATE SET level = excluded.level, at = excluded.at, seen = excluded.seen`,
			set[0], set[1], set[2], levels, ats, seen)
	}
}

// queueTopics notes what a page's thread is about, if its topics are these.
func queueTopics(b *pgx.Batch, page string, list []byte, names []string) {
	var keys, written []string
	for _, name := range names {
		if key := talk.TopicKey(name); key != "" {
			keys, written = append(keys, key), append(written, name)
		}
	}
	if len(keys) == 0 {
		return
	}
	b.Queue(`INSERT INTO topic (key, name) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING`, keys, written)
	b.Queue(`INSERT INTO thread_topic (topic, thread) SELECT k.key, t.id FROM unnest($1::text[]) AS k (key), page AS p JOIN thread AS t ON t.id = p.thread
		WHERE p.key = $2 AND t.topics = $3 ON CONFLICT DO NOTHING`, keys, page, string(list))
}
