package main

import (
	"context"
	"encoding/json"
	"errors"
	"maps"

	"github.com/gorilla/websocket"

	"folkmoot/app/talk"
)

// A conn is one socket, and what its viewer waits for on it.
type conn struct {
	v       *viewer
	ws      *websocket.Conn
	joining bool // asked to join and not answered: what comes is of an earlier join
	joined  bool // ever
}

func (c *conn) join() error {
	c.joining = true
	t := &c.v.t.Thread
	return c.ws.WriteJSON(talk.Request{Type: talk.TypeJoin, Thread: t.ID, Epoch: t.Epoch, Since: c.v.seq, Version: c.v.version})
}

var errNotIn = errors.New("the thread couldn't be joined just now")

// message does what a browser does with one.
func (c *conn) message(ctx context.Context, text []byte) error {
	var m struct {
		talk.Envelope
		Code talk.Code `json:"code"`
	}
	if err := json.Unmarshal(text, &m); err != nil {
		c.v.r.book.wrong("a message that is none: %.200s", text)
		return nil
	}
	if m.Type == talk.TypeResync {
		return c.resync(ctx)
	}
	v := c.v
	v.mu.Lock()
	defer v.mu.Unlock()
	ofThread := m.Type == talk.TypeEvent || m.Type == talk.TypeTally || m.Type == talk.TypePresence
	if ofThread && c.joining {
		return nil
	}
	switch m.Type {
	case talk.TypePing:
		return c.ws.WriteJSON(talk.Request{Type: talk.TypePong})
	case talk.TypeJoined:
		c.joining, c.joined, v.live = false, true, true
		return take(text, v.joined)
	case talk.TypeEvent:
		return take(text, func(e talk.Entry) error { return c.event(e.Event) })
	case talk.TypeTally:
		return take(text, func(t talk.Counts) error {
			v.counted(t.Tally)
			return nil
		})
	case talk.TypePresence:
		return take(text, func(p talk.Presence) error {
			v.crowd = p.Viewers
			return nil
		})
	case talk.TypeRefused:
		if m.Code != talk.Unavailable {
			v.r.book.wrong("a join was refused: %s", text)
		}
		v.r.book.count("joins refused as " + string(m.Code))
		return errNotIn
	}
	return nil
}

func take[T any](text []byte, with func(T) error) error {
	var m T
	if err := json.Unmarshal(text, &m); err != nil {
		return err
	}
	return with(m)
}

// event takes the next entry: on one socket there is no other.
func (c *conn) event(e talk.Event) error {
	v := c.v
	switch {
	case e.Seq > v.seq+1:
		v.r.book.wrong("entry %d came where %d was due", e.Seq, v.seq+1)
		return c.join()
	case e.Seq <= v.seq:
		v.r.book.wrong("entry %d came again, after %d", e.Seq, v.seq)
		return nil
	}
	v.seq = e.Seq
	v.got++
	if err := v.t.saw(v, e); err != nil {
		v.r.book.wrong("%v", err)
	}
	return nil
}

func (v *viewer) joined(j talk.Joined) error {
	v.crowd = j.Viewers
	if j.Epoch != v.t.Epoch {
		v.r.book.wrong("the epoch was %s and is %s", v.t.Epoch, j.Epoch)
	}
	v.counted(talk.Tally{Version: j.Version, Reactions: j.Reactions, Likes: j.Likes})
	return nil
}

// counted takes a tally, unless it has a newer one.
func (v *viewer) counted(t talk.Tally) {
	if t.Version > v.version {
		v.version = t.Version
		maps.Copy(v.reactions, t.Reactions)
		maps.Copy(v.likes, t.Likes)
	}
}

// resync reads the thread anew, because its log can't be caught up with.
func (c *conn) resync(ctx context.Context) error {
	v := c.v
	v.r.book.count("resyncs")
	now, err := v.r.now(ctx, v.r.cluster.URL, v.t)
	if err != nil {
		return err
	}
	likes, err := v.r.likes(ctx, v.r.cluster.URL, v.t)
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if now.Seq < v.seq {
		v.r.book.wrong("a page read anew has %d entries, and %d were there", now.Seq, v.seq)
	}
	v.skipped += now.Seq - v.seq
	v.seq, v.version, v.reactions, v.likes = now.Seq, now.Version, now.Reactions, likes
	return c.join()
}
