package sqlite

import (
	lru "github.com/hashicorp/golang-lru/v2"
	"zombiezen.com/go/sqlite"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// forOneself carries out what somebody does for themselves: follow, mute, see.
func forOneself(t *tx, w *forum.Write) (out forum.Outcome, err error) {
	if w.Command.Kind == talk.Seen && w.Command.Thread == "" {
		err = see(t, w, &out)
		return out, err
	}
	seq := uint64(0)
	if thread := w.Command.Thread; thread != "" {
		head, err := readHead(t.Conn, thread)
		if err != nil {
			return out, err
		}
		seq = head.Seq
	} else if err := isTopic(t.Conn, w.Command.Topic); err != nil {
		return out, err
	}
	kind, target := forum.TargetOf(&w.Command)
	switch {
	case w.Command.Kind == talk.Seen:
		_, err = t.change(`UPDATE follow SET seen = max(seen, ?4) WHERE person = ?1 AND kind = ?2 AND target = ?3 AND level = 'follow'`,
			w.Person.ID, kind, target, int64(min(w.Command.Seq, seq)))
		if err == nil {
			err = see(t, w, &out)
		}
	case w.Command.On:
		_, err = t.change(`INSERT INTO follow (person, kind, target, level, at, seen) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
			ON CONFLICT DO UPDATE SET level = excluded.level, at = excluded.at, seen = CASE WHEN level = 'follow' THEN seen ELSE excluded.seen END
			WHERE level <> excluded.level`,
			w.Person.ID, kind, target, string(forum.LevelOf(w.Command.Kind)), w.At.UnixMilli(), int64(seq))
		if err == nil && w.Command.Kind == talk.Mute {
			err = hush(t, w, &out)
		}
	default:
		t.follows.changed[followed{w.Person.ID, target}] = false
		_, err = t.change(`DELETE FROM follow WHERE person = ?1 AND kind = ?2 AND target = ?3 AND level = ?4`,
			w.Person.ID, kind, target, string(forum.LevelOf(w.Command.Kind)))
	}
	if err == nil {
		out.Result, err = marked(t.Conn, w, w.Person.ID)
	}
	return out, err
}

func isTopic(c *sqlite.Conn, key string) error {
	found := false
	err := run(c, `SELECT 1 FROM topic WHERE key = ?1`, func(*sqlite.Stmt) { found = true }, key)
	if err == nil && !found {
		err = forum.NoTopic()
	}
	return err
}

// marked is the answer to what somebody does for themselves.
func marked(c *sqlite.Conn, w *forum.Write, person string) (talk.Result, error) {
	kind, target := forum.TargetOf(&w.Command)
	var level talk.Level
	var seen uint64
	err := run(c, `SELECT level, seen FROM follow WHERE person = ?1 AND kind = ?2 AND target = ?3`, func(row *sqlite.Stmt) {
		level, seen = talk.Level(row.ColumnText(0)), uint64(row.ColumnInt64(1))
	}, person, kind, target)
	return forum.Marked(w, level, seen), err
}

// followMine makes whoever comments follow the thread, unless they have said
// otherwise.
func followMine(t *tx, w *forum.Write, seq uint64) error {
	mine := followed{w.Person.ID, w.Command.Thread}
	if t.follows.have(mine) {
		return nil
	}
	n, err := t.change(`INSERT INTO follow (person, kind, target, level, at, seen)
		SELECT ?1, 'thread', ?2, 'follow', ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM settings WHERE person = ?1 AND value ->> 'follow' = 0)
		ON CONFLICT DO NOTHING`, w.Person.ID, w.Command.Thread, w.At.UnixMilli(), int64(seq))
	if n > 0 {
		t.follows.changed[mine] = true
	}
	return err
}

// A followed is a thread that somebody has chosen something of.
type followed struct{ person, thread string }

// followsKept is how many of those are remembered whose row is known to be there.
const followsKept = 20_000

// Follows are the rows that are known to be there, so that whoever comments
// again costs no look: what was known before a commit, and what it changes.
type follows struct {
	known   *lru.Cache[followed, struct{}]
	changed map[followed]bool
}

func (f *follows) have(one followed) bool {
	if there, changed := f.changed[one]; changed {
		return there
	}
	return f.known.Contains(one)
}

// keep is called when what has changed is on disk. What was added may not be, if
// some of it was rolled back.
func (f *follows) keep(added bool) {
	for one, there := range f.changed {
		switch {
		case there && added:
			f.known.Add(one, struct{}{})
		case !there:
			f.known.Remove(one)
		}
	}
}
