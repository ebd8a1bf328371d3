package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// atOneMoment begins a transaction whose reads see the database at one moment.
const atOneMoment = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`

// selectComment is what [scanComment] reads of comment c, as @person sees it.
const selectComment = `SELECT c.id, c.thread, coalesce(c.parent, ''), c.author, c.name, c.headline, c.avatar, c.html,
	c.at, c.edited_at, c.state, c.likes, c.seq,
	@person <> '' AND EXISTS (SELECT 1 FROM comment_like AS l WHERE l.comment = c.id AND l.person = @person), c.pinned, ` + wrote + ` `

// scanComment reads what selectComment selects, and then more.
func scanComment(row pgx.Rows, more ...any) (talk.Comment, forum.Place, error) {
	var c talk.Comment
	var by talk.Person
	var html string
	var at, editedAt int64
	var liked, wrote bool
	var p forum.Place
	err := row.Scan(append([]any{
		&c.ID, &c.Thread, &c.Parent, &by.ID, &by.Name, &by.Headline, &by.Avatar, &html,
		&at, &editedAt, &c.State, &p.Likes, &p.Seq, &liked, &c.Pinned, &wrote,
	}, more...)...)
	c.At, c.EditedAt = moment(at), moment(editedAt)
	if c.State != talk.Removed {
		c.Author, c.HTML, c.Likes, c.Liked, c.Wrote = by, html, int(p.Likes), liked, wrote
	}
	return c, p, err
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

// each makes a callback that is called with every row of a result.
func each(scan func(row pgx.Rows) error) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			if err := scan(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	}
}

// View reads a page of a thread, all of it at one moment: first which roots it
// has, then what stands under them. It takes a round trip more for the page around
// a comment, and for parts of long branches.
func (s *Store) View(ctx context.Context, thread, person string, q forum.Query) (v talk.View, err error) {
	cut, err := q.Cut()
	if err != nil {
		return talk.View{}, err
	}
	if !storable(thread) {
		return talk.View{}, noThread()
	}
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		for v.Thread.ID = thread; ; {
			asked := v.Thread.ID
			v, err = s.view(ctx, c, cut, q, pgx.NamedArgs{"thread": asked, "person": clean(person)})
			if moved := (movedError{}); errors.As(err, &moved) {
				v.Thread.ID = moved.into
				continue
			}
			return err
		}
	})
	if err != nil {
		return talk.View{}, err
	}
	return v, nil
}

func (s *Store) view(ctx context.Context, c *pgx.Conn, cut forum.Cut, q forum.Query, args pgx.NamedArgs) (talk.View, error) {
	v := talk.View{Sort: cut.Sort}
	b := &pgx.Batch{}
	b.Queue(atOneMoment)
	found := q.Around == ""
	if !found && storable(q.Around) {
		args["around"] = q.Around
		queueAround(b, &cut, &found, args)
		if err := c.SendBatch(ctx, b).Close(); err != nil {
			return v, err
		}
		b = &pgx.Batch{}
	}
	into := s.queueThread(b, &v.Thread, args)
	badges := queueBadges(b)
	var pinned, before, after []forum.Root
	var held []forum.Record
	var rest string // the root of what is continued
	args["likes"], args["seq"], args["before"], args["after"] = cut.Likes, cut.Seq, cut.Before, cut.After
	order := orders[cut.Sort]
	switch {
	case q.Rest != "" && storable(q.Rest):
		args["rest"] = q.Rest
		b.Queue(`SELECT coalesce(root, id) FROM comment WHERE id = @rest AND thread = @thread`, args).Query(each(func(row pgx.Rows) error {
			return row.Scan(&rest)
		}))
	case q.Rest == "":
		if cut.Pinned {
			queueRoots(b, &pinned, ` FROM comment AS c WHERE c.thread = @thread AND c.pinned ORDER BY c.seq`, args)
		}
		if cut.Before > 0 {
			queueRoots(b, &before, order.before, args)
		}
		if cut.After > 0 {
			queueRoots(b, &after, order.after, args)
		}
	}
	if args["person"] != "" {
		queueHeld(b, &v.Role, &held, args)
	}
	if err := c.SendBatch(ctx, b).Close(); err != nil {
		return v, err
	}
	var page []forum.Root
	page, v.Prev, v.Next = cut.Page(pinned, before, after)
	if q.Rest != "" {
		v.Prev, v.Next = "", ""
	}
	if err := readBranches(ctx, c, &v, q, page, rest, args); err != nil {
		return v, err
	}
	switch {
	case v.Thread.ID == "":
		return v, noThread()
	case *into != "":
		return v, movedError{*into}
	case !found, q.Rest != "" && rest == "":
		return v, forum.NoComment()
	}
	forum.Badge(v.Comments, badges)
	return forum.ShowHeld(v, held, q.Rest == "" && cut.Begins(v.Prev)), nil
}

// queueAround moves a cut to the root under which the comment @around stands
// that the @person may know of. Pinned roots, and those that were never
// published, stand on the first page.
func queueAround(b *pgx.Batch, cut *forum.Cut, found *bool, args pgx.NamedArgs) {
	b.Queue(`SELECT coalesce(r.likes, 0), coalesce(r.seq, 0), coalesce(r.pinned, true) FROM (
			SELECT coalesce(root, id) AS root FROM comment WHERE id = @around AND thread = @thread
			UNION ALL
			SELECT coalesce(root, comment) FROM hidden WHERE comment = @around AND thread = @thread AND seq = 0 AND state = 'held'
				AND (author = @person OR EXISTS (SELECT 1 FROM standing WHERE person = @person AND role <> '' AND NOT banned))
		) AS b LEFT JOIN comment AS r ON r.id = b.root`, args).Query(each(func(row pgx.Rows) error {
		var at forum.Place
		var first bool
		if err := row.Scan(&at.Likes, &at.Seq, &first); err != nil {
			return err
		}
		*found = true
		if !first {
			cut.Around(at)
		}
		return nil
	}))
}

// queueRoots reads roots, with their places and how many replies stand under them.
func queueRoots(b *pgx.Batch, roots *[]forum.Root, where string, args pgx.NamedArgs) {
	b.Queue(selectComment+`, (SELECT count(*) FROM comment AS r WHERE r.root = c.id)`+where, args).Query(each(func(row pgx.Rows) error {
		var below int
		c, at, err := scanComment(row, &below)
		*roots = append(*roots, forum.Root{Comment: c, Place: at, Below: below})
		return err
	}))
}

// queueBadges reads the roles of all who keep order: few.
func queueBadges(b *pgx.Batch) map[string]talk.Role {
	badges := map[string]talk.Role{}
	b.Queue(`SELECT person, role FROM standing WHERE role <> '' AND NOT banned`).Query(each(func(row pgx.Rows) error {
		var person string
		var role talk.Role
		err := row.Scan(&person, &role)
		badges[person] = role
		return err
	}))
	return badges
}

// queueThread reads the @thread as the @person sees it, and which one it was
// merged into.
func (s *Store) queueThread(b *pgx.Batch, t *talk.Thread, args pgx.NamedArgs) (into *string) {
	into = new(string)
	*t = talk.Thread{Epoch: s.epoch, Topics: []string{}, Mine: []string{}, Reactions: map[string]int{}}
	b.Queue(`SELECT id, page, title, topics, seq, version, comments, locked, address, at, coalesce(moved, ''),
		ARRAY(SELECT id FROM thread AS f WHERE f.moved = t.id ORDER BY id) FROM thread AS t WHERE id = @thread`, args).Query(each(func(row pgx.Rows) error {
		var topics string
		var at int64
		if err := row.Scan(&t.ID, &t.Page, &t.Title, &topics, &t.Seq, &t.Version, &t.Comments, &t.Locked, &t.Address, &at, into, &t.Former); err != nil {
			return err
		}
		t.At = moment(at)
		return json.Unmarshal([]byte(topics), &t.Topics)
	}))
	queueReactions(b, t.Reactions, held, args)
	if args["person"] != "" {
		b.Queue(`SELECT kind FROM reaction WHERE thread = @thread AND person = @person ORDER BY kind`, args).Query(each(func(row pgx.Rows) error {
			var kind string
			err := row.Scan(&kind)
			t.Mine = append(t.Mine, kind)
			return err
		}))
		b.Queue(`SELECT level, seen FROM follow WHERE person = @person AND kind = 'thread' AND target = @thread`, args).Query(each(func(row pgx.Rows) error {
			return row.Scan(&t.Level, &t.Seen)
		}))
	}
	return into
}

// Which reactions are counted: those that somebody has, or also, as 0, those
// that all have taken back.
const (
	held     = `n > 0`
	everHeld = `true`
)

// queueReactions reads the counts of the @thread.
func queueReactions(b *pgx.Batch, counts map[string]int, which string, args pgx.NamedArgs) {
	b.Queue(`SELECT kind, n FROM reaction_count WHERE thread = @thread AND `+which, args).Query(each(func(row pgx.Rows) error {
		var kind string
		var n int
		err := row.Scan(&kind, &n)
		counts[kind] = n
		return err
	}))
}

// CatchUp reads what somebody has missed, all of it at one moment, in one round
// trip.
func (s *Store) CatchUp(ctx context.Context, thread string, since, version uint64, limit int) (missed forum.CatchUp, err error) {
	if !storable(thread) {
		return forum.CatchUp{}, noThread()
	}
	args := pgx.NamedArgs{"thread": thread, "person": "", "since": signed(since), "version": signed(version), "limit": max(limit, 0)}
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		missed = forum.CatchUp{Reactions: map[string]int{}, Likes: map[string]int{}}
		known := false
		b := &pgx.Batch{}
		b.Queue(atOneMoment)
		b.Queue(`SELECT seq, version FROM thread WHERE id = @thread`, args).Query(each(func(row pgx.Rows) error {
			known = true
			return row.Scan(&missed.Seq, &missed.Version)
		}))
		queueReactions(b, missed.Reactions, everHeld, args)
		b.Queue(`SELECT id, likes FROM comment WHERE thread = @thread AND likes_version > @version AND likes_version > 0`, args).Query(each(func(row pgx.Rows) error {
			var id string
			var likes int
			err := row.Scan(&id, &likes)
			missed.Likes[id] = likes
			return err
		}))
		queueEntries(b, &missed.Events, args)
		b.Queue(`COMMIT`)
		if err := c.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		if !known {
			return noThread()
		}
		return nil
	})
	if err != nil {
		return forum.CatchUp{}, err
	}
	return missed, nil
}

// queueEntries reads the @thread's log: the entries of comments, and those of the
// thread itself or of a kind that this program doesn't know, which count too.
func queueEntries(b *pgx.Batch, entries *[]talk.Event, args pgx.NamedArgs) {
	*entries = nil
	badges := queueBadges(b)
	b.Queue(selectComment+`, e.seq, e.kind, e.at
		FROM event AS e JOIN comment AS c ON c.id = e.comment
		WHERE e.thread = @thread AND e.seq > @since ORDER BY e.seq LIMIT @limit`, args).Query(each(func(row pgx.Rows) (err error) {
		var e talk.Event
		var at int64
		e.Comment, _, err = scanComment(row, &e.Seq, &e.Kind, &at)
		e.At, e.Comment.Badge = moment(at), badges[e.Comment.Author.ID]
		*entries = append(*entries, e)
		return err
	}))
	b.Queue(`SELECT e.seq, e.kind, e.at, t.locked, i.page, i.address, coalesce(t.moved, '')
		FROM event AS e JOIN thread AS t ON t.id = e.thread JOIN thread AS i ON i.id = coalesce(t.moved, t.id)
		WHERE e.thread = @thread AND e.seq > @since AND e.comment IS NULL ORDER BY e.seq LIMIT @limit`, args).Query(func(rows pgx.Rows) error {
		err := each(func(row pgx.Rows) error {
			var e talk.Event
			var at int64
			now := talk.ThreadNow{ID: args["thread"].(string)}
			err := row.Scan(&e.Seq, &e.Kind, &at, &now.Locked, &now.Page, &now.Address, &now.Into)
			e.At, e.Thread = moment(at), forum.TellThread(e.Kind, now)
			*entries = append(*entries, e)
			return err
		})(rows)
		slices.SortFunc(*entries, func(a, b talk.Event) int { return cmp.Compare(a.Seq, b.Seq) })
		*entries = (*entries)[:min(len(*entries), args["limit"].(int))]
		return err
	})
}

// signed is a number as PostgreSQL can hold it; one from the future stays so.
func signed(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

// Heads returns where the threads stand that exist.
func (s *Store) Heads(ctx context.Context, threads ...string) (heads map[string]forum.Head, err error) {
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		heads = make(map[string]forum.Head, len(threads))
		b := &pgx.Batch{}
		b.Queue(`SELECT id, seq, version, coalesce(moved, '') FROM thread WHERE id = ANY ($1)`, storableOf(threads)).Query(each(func(row pgx.Rows) error {
			var id string
			var h forum.Head
			err := row.Scan(&id, &h.Seq, &h.Version, &h.Into)
			heads[id] = h
			return err
		}))
		return c.SendBatch(ctx, b).Close()
	})
	return heads, err
}

// Person returns a person as they last signed.
func (s *Store) Person(ctx context.Context, id string) (p talk.Person, err error) {
	unsigned := talk.Refuse(talk.NotFound, "", "Nobody of this id has signed here yet.")
	if !storable(id) {
		return p, unsigned
	}
	err = s.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		p = talk.Person{}
		b := &pgx.Batch{}
		b.Queue(`SELECT id, name, headline, avatar FROM person WHERE id = $1`, id).Query(each(func(row pgx.Rows) error {
			return row.Scan(&p.ID, &p.Name, &p.Headline, &p.Avatar)
		}))
		return c.SendBatch(ctx, b).Close()
	})
	if err == nil && p.ID == "" {
		err = unsigned
	}
	return p, err
}
