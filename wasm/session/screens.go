package session

import (
	"slices"
	"time"

	"folkmoot/app/talk"
	"folkmoot/app/ui"
)

// What a page that lists conversations makes of what it hears. Nothing that the
// reader may be about to press is moved: free says whether the list may move.
// If it may not, what is on the screen changes in its place, and the rest waits
// until [ShowLater].

// Lively takes where something happens, as everybody sees it. What is said of
// the reader's part in a conversation stays as it was.
func Lively(s *ui.Screen, cards []talk.Card, free bool) {
	now := make([]talk.Card, 0, len(cards))
	for _, c := range cards {
		if i := slices.IndexFunc(s.Home.Live, func(old talk.Card) bool { return old.ID == c.ID }); i >= 0 {
			old := s.Home.Live[i]
			c.Level, c.New, c.Seen = old.Level, old.New, old.Seen
		}
		now = append(now, c)
	}
	take(s, now, free)
	for i := range s.Home.Followed {
		f := &s.Home.Followed[i]
		for _, c := range now {
			if c.ID == f.ID {
				f.Viewers, f.Comments, f.Reactions, f.At = c.Viewers, c.Comments, c.Reactions, c.At
			}
		}
	}
}

// Homed takes the reader's own home.
func Homed(s *ui.Screen, h talk.Home, free bool) {
	live := h.Live
	h.Live = s.Home.Live
	*s.Home = h
	take(s, live, free)
}

func take(s *ui.Screen, now []talk.Card, free bool) {
	same := slices.EqualFunc(s.Home.Live, now, func(a, b talk.Card) bool { return a.ID == b.ID })
	if free || same || len(s.Home.Live) == 0 {
		s.Home.Live, s.Later = now, nil
		return
	}
	s.Later = now
	for i, old := range s.Home.Live {
		for _, c := range now {
			if c.ID == old.ID {
				s.Home.Live[i] = c
			}
		}
	}
}

// Strange says whether there is a conversation among the cards of which it isn't
// known what the reader's part in it is, or one that they follow in which there
// is something new. hidden are those of which it is known that they don't want
// to see them.
func Strange(s *ui.Screen, cards []talk.Card, hidden map[string]bool) bool {
	return slices.ContainsFunc(cards, func(c talk.Card) bool {
		for _, known := range [][]talk.Card{s.Later, s.Home.Live, s.Home.Followed} {
			for _, old := range known {
				if old.ID == c.ID {
					return old.Level == talk.Follows && old.Seq < c.Seq
				}
			}
		}
		return !hidden[c.ID]
	})
}

// Told takes the first page of the reader's inbox.
func Told(s *ui.Screen, now talk.Inbox, free bool) {
	in := s.Inbox
	in.Unread = now.Unread
	oldest := time.Time{}
	if len(now.Notices) > 0 && now.Next != "" {
		oldest = now.Notices[len(now.Notices)-1].At
	}
	s.Fresh = nil
	for _, n := range now.Notices {
		switch i := find(in.Notices, n); {
		case i < 0:
			s.Fresh = append(s.Fresh, n)
		case n.At.After(in.Notices[i].At): // liked again: it comes to the top
			s.Fresh = append(s.Fresh, n)
			in.Notices[i] = n
		default:
			in.Notices[i] = n
		}
	}
	if free || len(in.Notices) == 0 {
		in.Notices = slices.DeleteFunc(in.Notices, func(n talk.Notice) bool { // taken back, or removed
			return find(now.Notices, n) < 0 && n.At.After(oldest)
		})
		in.Followed = now.Followed
		ShowLater(s)
	} else {
		refollow(in, now.Followed)
	}
	if len(in.Notices) == len(now.Notices) {
		in.Next = now.Next
	}
}

// refollow changes what is new where the reader follows in its place, and adds
// what isn't there yet.
func refollow(in *talk.Inbox, now []talk.Card) {
	for _, c := range now {
		i := slices.IndexFunc(in.Followed, func(old talk.Card) bool { return old.ID == c.ID })
		if i < 0 {
			in.Followed = append(in.Followed, c)
		} else {
			in.Followed[i] = c
		}
	}
}

func find(all []talk.Notice, n talk.Notice) int {
	return slices.IndexFunc(all, func(o talk.Notice) bool { return ui.NoticeID(o) == ui.NoticeID(n) })
}

// ShowLater shows what waits.
func ShowLater(s *ui.Screen) {
	if s.Later != nil {
		s.Home.Live, s.Later = s.Later, nil
	}
	if len(s.Fresh) == 0 {
		return
	}
	in := s.Inbox
	before := len(in.Notices)
	in.Notices = slices.DeleteFunc(in.Notices, func(n talk.Notice) bool { return find(s.Fresh, n) >= 0 })
	in.Notices = append(slices.Clone(s.Fresh), in.Notices...)
	s.Fresh = nil
	s.First += len(in.Notices) - before // the other sheets stay what they are
	if before == 0 {
		s.First = 0
	}
}

// SeenAll notes that all that is shown is seen, and returns until when that is:
// zero if nothing is shown.
func SeenAll(s *ui.Screen) (until time.Time) {
	for i := range s.Inbox.Notices {
		n := &s.Inbox.Notices[i]
		n.Seen = true
		if n.At.After(until) {
			until = n.At
		}
	}
	s.Inbox.Unread = 0
	for _, n := range s.Fresh {
		if !n.Seen {
			s.Inbox.Unread++
		}
	}
	return until
}

// SawOf notes that the reader opens what they were told of a comment.
func SawOf(s *ui.Screen, comment string) {
	for i := range s.Inbox.Notices {
		n := &s.Inbox.Notices[i]
		if n.Comment.ID == comment && !n.Seen {
			n.Seen = true
			s.Inbox.Unread = max(0, s.Inbox.Unread-1)
		}
	}
}

// Furthered appends the next page of a screen's list, from a page of the
// server's, and says how long the list is now.
func Furthered(s *ui.Screen, next *ui.Screen) {
	switch {
	case s.Topics != nil && next.Topics != nil:
		s.Topics.Next = next.Topics.Next
		s.Topics.Topics = extend(s.Topics.Topics, next.Topics.Topics, func(t talk.Topic) string { return t.Key })
	case s.Topic != nil && next.Topic != nil:
		s.Topic.Next = next.Topic.Next
		s.Topic.Threads = extend(s.Topic.Threads, next.Topic.Threads, func(c talk.Card) string { return c.ID })
	case s.Inbox != nil && next.Inbox != nil:
		s.Inbox.Next = next.Inbox.Next
		s.Inbox.Notices = extend(s.Inbox.Notices, next.Inbox.Notices, ui.NoticeID)
	}
}

// extend appends what isn't there: an item that has moved between two pages
// comes twice.
func extend[T any](all, next []T, key func(T) string) []T {
	there := make(map[string]bool, len(all))
	for _, x := range all {
		there[key(x)] = true
	}
	for _, x := range next {
		if !there[key(x)] {
			all = append(all, x)
		}
	}
	return all
}

// Next is the cursor of what a screen's list has further, and how many items are
// here.
func Next(s *ui.Screen) (next string, items int) {
	switch {
	case s.Topics != nil:
		return s.Topics.Next, len(s.Topics.Topics)
	case s.Topic != nil:
		return s.Topic.Next, len(s.Topic.Threads)
	case s.Inbox != nil:
		return s.Inbox.Next, len(s.Inbox.Notices)
	}
	return "", 0
}

// Window chooses which sheets of a list are in the document: those within a
// margin of the screen, and the one that has the focus. tops and bottoms are
// where the sheets are now, in pixels below the top of the screen, which is so
// high. It says whether anything changed.
func Window(s *ui.Screen, tops, bottoms []float64, screen float64, focused int) (changed bool) {
	margin := 1.5 * screen
	for len(s.Rooms) < len(tops) {
		s.Rooms = append(s.Rooms, 0)
	}
	s.Rooms = s.Rooms[:len(tops)]
	for i := range tops {
		room := 0.0
		if len(tops) > 3 && i != focused && (bottoms[i] < -margin || tops[i] > screen+margin) {
			if room = s.Rooms[i]; room == 0 {
				room = bottoms[i] - tops[i]
			}
		}
		changed = changed || room != s.Rooms[i]
		s.Rooms[i] = room
	}
	return changed
}
