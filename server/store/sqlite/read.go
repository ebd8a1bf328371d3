package sqlite

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// selectComment is what [scanComment] reads of comment c, as person ?1 sees it.
const selectComment = `SELECT c.id, c.thread, c.parent, c.author, c.name, c.headline, c.avatar, c.html,
	c.at, c.edited_at, c.state, c.likes, c.seq,
	?1 <> '' AND EXISTS (SELECT 1 FROM comment_like AS l WHERE l.comment = c.id AND l.person = ?1), c.pinned, ` + wrote + ` `

const commentColumns = 16 // of selectComment

func scanComment(row *sqlite.Stmt) (talk.Comment, forum.Place) {
	c := talk.Comment{
		ID:       row.ColumnText(0),
		Thread:   row.ColumnText(1),
		Parent:   row.ColumnText(2),
		At:       moment(row.ColumnInt64(8)),
		EditedAt: moment(row.ColumnInt64(9)),
		State:    talk.State(row.ColumnText(10)),
	}
	if c.State != talk.Removed {
		c.Author = talk.Person{ID: row.ColumnText(3), Name: row.ColumnText(4), Headline: row.ColumnText(5), Avatar: row.ColumnText(6)}
		c.HTML = row.ColumnText(7)
		c.Likes = row.ColumnInt(11)
		c.Liked = row.ColumnBool(13)
		c.Pinned = row.ColumnBool(14)
		c.Wrote = row.ColumnBool(15)
	}
	return c, forum.Place{Likes: row.ColumnInt64(11), Seq: row.ColumnInt64(12)}
}

// moment reads a time; 0 is none.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func noThread() error {
	return talk.Refuse(talk.NotFound, "thread", "There is no such conversation.")
}

// View reads a page of a thread, all of it at one moment.
func (s *Store) View(ctx context.Context, thread, person string, q forum.Query) (talk.View, error) {
	cut, err := q.Cut()
	if err != nil {
		return talk.View{}, err
	}
	v := talk.View{Sort: cut.Sort}
	err = s.read(ctx, func(c *sqlite.Conn) (err error) {
		if v.Thread, err = s.readThread(c, thread, person); err != nil {
			return err
		}
		thread := v.Thread.ID // another, if it was merged into that
		if q.Around != "" {
			if err := goAround(c, &cut, thread, q.Around, person); err != nil {
				return err
			}
		}
		if q.Rest != "" {
			err = readRest(c, &v, q, thread, person)
		} else {
			var roots []forum.Root
			if roots, v.Prev, v.Next, err = readRoots(c, cut, thread, person); err == nil {
				err = readBranches(c, &v, q, person, roots)
			}
		}
		if err != nil {
			return err
		}
		badges, err := readBadges(c)
		if err != nil {
			return err
		}
		forum.Badge(v.Comments, badges)
		if person == "" {
			return nil
		}
		standing, err := readStanding(c, person)
		if err != nil {
			return err
		}
		v.Role = standing.Effective()
		held, err := readHeld(c, thread, person, v.Role)
		v = forum.ShowHeld(v, held, q.Rest == "" && cut.Begins(v.Prev))
		return err
	})
	if err != nil {
		return talk.View{}, err
	}
	return v, nil
}

// goAround moves a cut to the root under which a comment stands that the person
// may know of. Pinned roots, and those that were never published, stand on the
// first page.
func goAround(c *sqlite.Conn, cut *forum.Cut, thread, comment, person string) error {
	found := false
	err := run(c, `SELECT r.likes, r.seq, coalesce(r.pinned, 1) FROM (
			SELECT coalesce(root, id) AS root FROM comment WHERE id = ?2 AND thread = ?1
			UNION ALL
			SELECT coalesce(root, comment) FROM hidden WHERE comment = ?2 AND thread = ?1 AND seq = 0 AND state = 'held'
				AND (author = ?3 OR EXISTS (SELECT 1 FROM standing WHERE person = ?3 AND role <> '' AND NOT banned))
		) AS b LEFT JOIN comment AS r ON r.id = b.root`, func(row *sqlite.Stmt) {
		found = true
		if !row.ColumnBool(2) {
			cut.Around(forum.Place{Likes: row.ColumnInt64(0), Seq: row.ColumnInt64(1)})
		}
	}, thread, comment, person)
	if err == nil && !found {
		err = forum.NoComment()
	}
	return err
}

// readRoots returns a page's roots, and the cursors of the pages beside it.
func readRoots(c *sqlite.Conn, cut forum.Cut, thread, person string) (page []forum.Root, prev, next string, err error) {
	var pinned, before, after []forum.Root
	read := func(roots *[]forum.Root, sql string, args ...any) {
		if err == nil {
			err = run(c, selectComment+`, (SELECT count(*) FROM comment AS r WHERE r.root = c.id)`+sql, func(row *sqlite.Stmt) {
				root, at := scanComment(row)
				*roots = append(*roots, forum.Root{Comment: root, Place: at, Below: row.ColumnInt(commentColumns)})
			}, append([]any{person, thread}, args...)...)
		}
	}
	if cut.Pinned {
		read(&pinned, ` FROM comment AS c WHERE c.thread = ?2 AND c.pinned <> 0 ORDER BY c.seq`)
	}
	order := orders[cut.Sort]
	if cut.Before > 0 {
		read(&before, order.before, cut.Likes, cut.Seq, cut.Before)
	}
	if cut.After > 0 {
		read(&after, order.after, cut.Likes, cut.Seq, cut.After)
	}
	page, prev, next = cut.Page(pinned, before, after)
	return page, prev, next, err
}

// readThread reads a thread as a person sees it, or the one that it was merged into.
func (s *Store) readThread(c *sqlite.Conn, thread, person string) (talk.Thread, error) {
	t := talk.Thread{Epoch: s.epoch, Topics: []string{}, Mine: []string{}}
	var topics string
	err := run(c, `SELECT id, page, title, topics, seq, version, comments, locked, address, at, (SELECT group_concat(id) FROM thread AS f WHERE f.moved = t.id)
		FROM thread AS t WHERE id = (SELECT coalesce(moved, id) FROM thread WHERE id = ?1)`, func(row *sqlite.Stmt) {
		t.ID, t.Page, t.Title, topics = row.ColumnText(0), row.ColumnText(1), row.ColumnText(2), row.ColumnText(3)
		t.Seq, t.Version, t.Comments = uint64(row.ColumnInt64(4)), uint64(row.ColumnInt64(5)), row.ColumnInt(6)
		t.Locked, t.Address, t.At = row.ColumnBool(7), row.ColumnText(8), moment(row.ColumnInt64(9))
		if former := row.ColumnText(10); former != "" {
			t.Former = slices.Sorted(strings.SplitSeq(former, ","))
		}
	}, thread)
	if err != nil {
		return t, err
	}
	if t.ID == "" {
		return t, noThread()
	}
	thread = t.ID
	if err := json.Unmarshal([]byte(topics), &t.Topics); err != nil {
		return t, err
	}
	if t.Reactions, err = readReactions(c, thread, held); err != nil {
		return t, err
	}
	if person != "" {
		if t.Mine, err = readMine(c, thread, person); err != nil {
			return t, err
		}
		err = run(c, `SELECT level, seen FROM follow WHERE person = ?1 AND kind = 'thread' AND target = ?2`, func(row *sqlite.Stmt) {
			t.Level, t.Seen = talk.Level(row.ColumnText(0)), uint64(row.ColumnInt64(1))
		}, person, thread)
	}
	return t, err
}

// Which reactions are counted: those that somebody has, or also, as 0, those
// that all have taken back.
const (
	held     = 1
	everHeld = 0
)

func readReactions(c *sqlite.Conn, thread string, least int) (map[string]int, error) {
	counts := map[string]int{}
	err := run(c, `SELECT kind, n FROM reaction_count WHERE thread = ?1 AND n >= ?2`, func(row *sqlite.Stmt) {
		counts[row.ColumnText(0)] = row.ColumnInt(1)
	}, thread, least)
	return counts, err
}

// readMine returns a person's reactions, sorted.
func readMine(c *sqlite.Conn, thread, person string) ([]string, error) {
	mine := []string{}
	err := run(c, `SELECT kind FROM reaction WHERE thread = ?1 AND person = ?2 ORDER BY kind`, func(row *sqlite.Stmt) {
		mine = append(mine, row.ColumnText(0))
	}, thread, person)
	return mine, err
}

func jsonOf[T string | int64](list []T) string {
	if list == nil {
		return "[]"
	}
	b, _ := json.Marshal(list) // can't fail
	return string(b)
}

// CatchUp reads what somebody has missed, all of it at one moment.
func (s *Store) CatchUp(ctx context.Context, thread string, since, version uint64, limit int) (forum.CatchUp, error) {
	missed := forum.CatchUp{Likes: map[string]int{}}
	err := s.read(ctx, func(c *sqlite.Conn) (err error) {
		heads, err := readHeads(c, thread)
		if err != nil {
			return err
		}
		var known bool
		if missed.Head, known = heads[thread]; !known {
			return noThread()
		}
		missed.Into = ""
		if missed.Reactions, err = readReactions(c, thread, everHeld); err != nil {
			return err
		}
		err = run(c, `SELECT id, likes FROM comment WHERE thread = ?1 AND likes_version > ?2 AND likes_version > 0`, func(row *sqlite.Stmt) {
			missed.Likes[row.ColumnText(0)] = row.ColumnInt(1)
		}, thread, signed(version))
		if err != nil {
			return err
		}
		badges, err := readBadges(c)
		if err != nil {
			return err
		}
		// An entry without a comment, or of a kind that this program doesn't know,
		// counts all the same.
		now, err := readNow(c, thread)
		if err != nil {
			return err
		}
		return run(c, selectComment+`, e.seq, e.kind, e.at
			FROM event AS e LEFT JOIN comment AS c ON c.id = e.comment
			WHERE e.thread = ?2 AND e.seq > ?3 ORDER BY e.seq LIMIT ?4`, func(row *sqlite.Stmt) {
			e := talk.Event{
				Seq:  uint64(row.ColumnInt64(commentColumns)),
				Kind: talk.EventKind(row.ColumnText(commentColumns + 1)),
				At:   moment(row.ColumnInt64(commentColumns + 2)),
			}
			if row.ColumnType(0) != sqlite.TypeNull {
				e.Comment, _ = scanComment(row)
				e.Comment.Badge = badges[e.Comment.Author.ID]
			} else {
				e.Thread = forum.TellThread(e.Kind, now)
			}
			missed.Events = append(missed.Events, e)
		}, "", thread, signed(since), max(limit, 0))
	})
	if err != nil {
		return forum.CatchUp{}, err
	}
	return missed, nil
}

// readNow reads what entries of a thread itself tell of it.
func readNow(c *sqlite.Conn, thread string) (now talk.ThreadNow, err error) {
	now.ID = thread
	err = run(c, `SELECT t.locked, i.page, i.address, t.moved FROM thread AS t JOIN thread AS i ON i.id = coalesce(t.moved, t.id) WHERE t.id = ?1`, func(row *sqlite.Stmt) {
		now.Locked, now.Page, now.Address, now.Into = row.ColumnBool(0), row.ColumnText(1), row.ColumnText(2), row.ColumnText(3)
	}, thread)
	return now, err
}

// signed is a number as SQLite can hold it; one from the future stays so.
func signed(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

// Heads returns where the threads stand that exist.
func (s *Store) Heads(ctx context.Context, threads ...string) (heads map[string]forum.Head, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) (err error) {
		heads, err = readHeads(c, threads...)
		return err
	})
	return heads, err
}

func readHeads(c *sqlite.Conn, threads ...string) (map[string]forum.Head, error) {
	heads := make(map[string]forum.Head, len(threads))
	err := run(c, `SELECT t.id, t.seq, t.version, t.moved FROM json_each(?1) AS j CROSS JOIN thread AS t ON t.id = j.value`, func(row *sqlite.Stmt) {
		heads[row.ColumnText(0)] = forum.Head{Seq: uint64(row.ColumnInt64(1)), Version: uint64(row.ColumnInt64(2)), Into: row.ColumnText(3)}
	}, jsonOf(threads))
	return heads, err
}

// Person returns a person as they last signed.
func (s *Store) Person(ctx context.Context, id string) (talk.Person, error) {
	var p talk.Person
	err := s.read(ctx, func(c *sqlite.Conn) error {
		return run(c, `SELECT id, name, headline, avatar FROM person WHERE id = ?1`, func(row *sqlite.Stmt) {
			p = talk.Person{ID: row.ColumnText(0), Name: row.ColumnText(1), Headline: row.ColumnText(2), Avatar: row.ColumnText(3)}
		}, id)
	})
	if err == nil && p.ID == "" {
		err = talk.Refuse(talk.NotFound, "", "Nobody of this id has signed here yet.")
	}
	return p, err
}
