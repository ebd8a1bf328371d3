package push

import (
	"cmp"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"folkmoot/app/talk"
	"folkmoot/app/words"
	"folkmoot/server/forum"
	"folkmoot/server/plain"
)

// A said is what a message says, as the service worker reads it.
type said struct {
	Folkmoot int    `json:"folkmoot"` // the version of this
	Title    string `json:"title"`
	Body     string `json:"body"`
	Path     string `json:"path"`   // where a click leads
	Tag      string `json:"tag"`    // what this replaces
	Unread   int    `json:"unread"` // of the inbox
}

// How much of a title and of a comment is said: more is cut by whoever shows it.
const (
	titleBytes = 200
	bodyBytes  = 480
)

// say puts a message into somebody's words.
func say(m *forum.Message, w *words.Words, unread int) ([]byte, error) {
	name := m.Comment.Author.Name
	text := strings.Join(strings.Fields(plain.Text(m.Comment.HTML)), " ")
	s := said{Folkmoot: 1, Path: "/t/" + m.Thread.ID + "#comment-" + m.Comment.ID, Tag: m.Tag, Unread: unread}
	switch m.Kind {
	case forum.MessageKind(talk.Liked):
		s.Title, s.Body = w.Many("inbox.liked", m.N), text
	case forum.MessageKind(talk.Mention):
		s.Title, s.Body = w.Say("inbox.mention", "name", name), text
	case forum.Followed:
		s.Title, s.Body = cmp.Or(m.Thread.Title, m.Thread.Site), w.Many("push.followed", m.N)
		if m.N == 1 && name != "" {
			s.Body = name + ": " + text
		}
	default:
		s.Title, s.Body = w.Say("inbox.reply", "name", name), text
	}
	s.Title, s.Body = cut(s.Title, titleBytes), cut(s.Body, bodyBytes)
	return json.Marshal(s)
}

// cut shortens to n bytes, with a mark where something is missing.
func cut(s string, n int) string {
	s = strings.ToValidUTF8(s, "")
	if len(s) <= n {
		return s
	}
	for n -= len("…"); n > 0 && !utf8.RuneStart(s[n]); {
		n--
	}
	return strings.TrimSpace(s[:n]) + "…"
}
