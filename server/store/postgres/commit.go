package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"folkmoot/server/forum"
)

// triesMax is how often a batch is tried that others are in the way of.
const triesMax = 3

// errUnsure is of a commit that may or may not have taken effect: the connection
// was lost when it was under way. The writes' refs tell, when they come again.
var errUnsure = errors.New("it isn't known whether the commit took effect")

// Commit carries out the writes in one transaction. The caller is heard while
// it waits for a connection; what has begun is carried through.
func (s *Store) Commit(ctx context.Context, writes []forum.Write) ([]forum.Outcome, error) {
	if len(writes) == 0 {
		return nil, ctx.Err()
	}
	within, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), workWithin, errors.New("the database takes too long to commit"))
	defer cancel()
	apart, met := false, false
	writes = slices.Clone(writes) // some may have to go to another thread
	for try := 1; ; try++ {
		outcomes, err := s.tryCommit(ctx, within, writes, apart)
		if err == nil {
			return outcomes, nil
		}
		if now, ok := errors.AsType[became](err); ok && try < triesMax {
			writes = forum.AsSelves(writes, now.selves)
			continue
		}
		if moved, ok := errors.AsType[movedTo](err); ok {
			moved.redirect(writes)
		}
		if try == triesMax || errors.Is(err, errUnsure) || ctx.Err() != nil || within.Err() != nil {
			return nil, err
		}
		switch faultOf(err) {
		case aConflict: // the same ref, on another node: its writes are there now
			apart, met = met, true
		case ofOneWrite:
			if apart {
				return nil, err
			}
			apart = true
		case inTheWay, elsewhere:
		case broken:
			s.pool.Reset()
		default:
			return nil, err
		}
		s.log.Debug("commit is tried again", "try", try, "apart", apart, "error", err)
	}
}

// tryCommit tries once, on a connection of its own.
func (s *Store) tryCommit(ctx, within context.Context, writes []forum.Write, apart bool) (outcomes []forum.Outcome, err error) {
	pooled, err := s.acquire(ctx, within)
	if err != nil {
		return nil, err
	}
	defer pooled.Release() // which closes it, if it is still in a transaction
	c := pooled.Conn()
	if apart {
		outcomes, err = carryOutApart(within, c, writes)
	} else {
		outcomes, err = carryOut(within, c, begin, commit, writes)
	}
	if err == nil {
		return outcomes, nil
	}
	if within.Err() != nil {
		s.pool.Reset() // nobody should find out again, on another connection
		err = fmt.Errorf("%w: %w", context.Cause(within), err)
	}
	if c.IsClosed() {
		return nil, fmt.Errorf("%w: %w", errBroken, err)
	}
	if _, ending := c.Exec(within, `ROLLBACK`); ending != nil {
		err = errors.Join(err, ending)
	}
	return nil, err
}

// The level is that of statements which see a lock's last holder's work.
const (
	begin  = `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE`
	commit = `COMMIT`
)

// carryOut carries out writes in two round trips, or three if refs are repeated,
// between the statements that it begins and ends with.
func carryOut(ctx context.Context, c *pgx.Conn, begin, end string, writes []forum.Write) ([]forum.Outcome, error) {
	s := newState()
	b := &pgx.Batch{}
	b.Queue(begin)
	n := needsOf(writes)
	s.queueLock(b, n)
	s.queueLoad(b, n)
	if err := c.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(writes, func(w forum.Write) bool { return s.selves[w.Person.ID] != "" }) {
		return nil, became{s.selves}
	}
	if moved := s.moved(); len(moved) > 0 {
		return nil, moved
	}
	if len(s.done) > 0 {
		b = &pgx.Batch{}
		s.queueLoad(b, s.repeated())
		if err := c.SendBatch(ctx, b).Close(); err != nil {
			return nil, err
		}
	}
	outcomes := s.decide(writes)
	b = &pgx.Batch{}
	s.queueSave(b)
	b.Queue(end)
	if err := c.SendBatch(ctx, b).Close(); err != nil {
		if said := (*pgconn.PgError)(nil); !errors.As(err, &said) || said.SeverityUnlocalized != "ERROR" {
			err = fmt.Errorf("%w: %w", errUnsure, err)
		}
		return nil, err
	}
	return outcomes, nil
}

// carryOutApart carries out each write so that it can fail alone. It takes
// several round trips a write, and is for batches with one that the database
// refuses for a reason that nobody foresaw.
func carryOutApart(ctx context.Context, c *pgx.Conn, writes []forum.Write) ([]forum.Outcome, error) {
	b := &pgx.Batch{}
	b.Queue(begin)
	newState().queueLock(b, needsOf(writes)) // all at once, in their order
	if err := c.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	var outcomes []forum.Outcome
	for i := range writes {
		one, err := carryOut(ctx, c, `SAVEPOINT apart`, `RELEASE apart`, writes[i:i+1])
		if faultOf(err) == ofOneWrite {
			one = []forum.Outcome{{Err: err}}
			_, err = c.Exec(ctx, `ROLLBACK TO apart`)
		}
		if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, one...)
	}
	if _, err := c.Exec(ctx, commit); err != nil {
		return nil, fmt.Errorf("%w: %w", errUnsure, err)
	}
	return outcomes, nil
}
