package ui

import (
	"cmp"
	"net/url"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
	"folkmoot/app/words"
)

// A Screen is a page of Folkmoot's own that lists conversations. Which of its
// parts is there tells which one it is.
type Screen struct {
	Frame *Frame       `json:"frame"`
	Self  string       `json:"self"` // the page's own address, a path and query
	Now   time.Time    `json:"now"`
	Words *words.Words `json:"-"`

	Home   *talk.Home      `json:"home,omitempty"`
	Topics *TopicList      `json:"topics,omitempty"`
	Topic  *talk.TopicPage `json:"topic,omitempty"`
	Inbox  *talk.Inbox     `json:"inbox,omitempty"`
	Me     *Me             `json:"me,omitempty"`

	Continue *Continue `json:"continue,omitempty"`
	Came     *Came     `json:"came,omitempty"` // who has just continued here
	Device   *Device   `json:"-"`              // in the browser: what it keeps
}

// A TopicList is a page of all topics.
type TopicList struct {
	Topics []talk.Topic `json:"topics"`
	Next   string       `json:"next"` // cursor of those that are not here, or empty
}

// ScreenPage shows a screen.
func ScreenPage(s *Screen) app.UI {
	main := app.Main().ID("folkmoot").Class("fm", "screen").Attr("tabindex", "-1")
	switch {
	case s.Home != nil:
		main = main.Body(s.home()...)
	case s.Topics != nil:
		main = main.Body(s.topics()...)
	case s.Topic != nil:
		main = main.Body(s.topic()...)
	case s.Inbox != nil:
		main = main.Body(s.inbox()...)
	case s.Continue != nil:
		main = main.Body(s.continued()...)
	case s.Me != nil:
		main = main.Body(s.me()...)
	}
	return around(s.Frame, s.Words, main)
}

func (s *Screen) home() []app.UI {
	h := s.Home
	return []app.UI{
		app.H1().Class("unseen").Text(s.Words.Say("nav.home")),
		app.If(len(h.Followed)+len(h.Live) == 0, func() app.UI {
			return app.P().Class("nothing").Text(s.Words.Say("home.nothing"))
		}),
		s.section("home.followed", h.Followed),
		s.section("home.live", h.Live),
		app.If(len(h.Topics) > 0, func() app.UI {
			return app.Section().Class("list").Body(
				app.H2().Text(s.Words.Say("nav.topics")),
				app.P().Class("chips").Body(app.Range(h.Topics).Slice(func(i int) app.UI { return topicLink(h.Topics[i]) })),
				app.P().Body(app.A().Href("/topics").Text(s.Words.Say("topics.all"))),
			)
		}),
		install(s.Words),
	}
}

// section is a list of conversations under a heading, or nothing.
func (s *Screen) section(heading string, cards []talk.Card) app.UI {
	return app.If(len(cards) > 0, func() app.UI {
		return app.Section().Class("list").Body(
			app.H2().Text(s.Words.Say(heading)),
			s.cards(cards),
		)
	})
}

func (s *Screen) cards(cards []talk.Card) app.UI {
	return app.Ul().Class("cards").Body(app.Range(cards).Slice(func(i int) app.UI {
		return &Card{Card: cards[i], Age: s.Words.Age(cards[i].At, s.Now), Words: s.Words}
	}))
}

// A Card shows a conversation in a list.
type Card struct {
	app.Compo

	Card  talk.Card
	Age   string
	Words *words.Words
}

// CompoID keeps go-app from making one card of another.
func (c *Card) CompoID() string { return c.Card.ID }

// Render shows the card.
func (c *Card) Render() app.UI {
	t := c.Card
	return app.Li().Class("card").Body(
		app.P().Class("site").Body(
			app.Span().Attr("dir", "auto").Text(t.Site),
			app.Time().Attr("datetime", attr(t.At.UTC().Format(time.RFC3339))).Text(c.Age),
		),
		app.H3().Body(app.A().Attr("href", attr("/t/"+t.ID)).Attr("dir", "auto").Text(cmp.Or(t.Title, t.URL))),
		app.P().Class("counts").Body(
			app.Span().Text(c.Words.Many("comments.count", t.Comments)),
			app.If(t.Reactions > 0, func() app.UI { return app.Span().Text(c.Words.Many("reactions.count", t.Reactions)) }),
			app.If(t.Viewers > 0, func() app.UI {
				return app.Span().Class("here").Body(app.Span().Class("pulse").Aria("hidden", attr("true")), app.Text(c.Words.Many("here", t.Viewers)))
			}),
			app.If(t.New > 0, func() app.UI { return app.Span().Class("mark").Text(fresh(c.Words, t.New)) }),
		),
	)
}

// fresh says how many comments are new, or that they are many.
func fresh(w *words.Words, n int) string {
	if n >= talk.NewMax {
		return w.Say("new.many", "n", w.Number(talk.NewMax))
	}
	return w.Many("new.count", n)
}

func topicLink(t talk.Topic) app.UI {
	return app.A().Class("topic").Attr("href", attr(topicPath(t.Key))).Attr("dir", "auto").Text(t.Name)
}

func topicPath(key string) string { return "/topics/" + url.PathEscape(key) }

func (s *Screen) topics() []app.UI {
	l := s.Topics
	return []app.UI{
		app.H1().Text(s.Words.Say("topics.explore")),
		app.If(len(l.Topics) == 0, func() app.UI { return app.P().Class("nothing").Text(s.Words.Say("topics.nothing")) }),
		app.Ul().Class("entries").Body(app.Range(l.Topics).Slice(func(i int) app.UI {
			t := l.Topics[i]
			return app.Li().Class("entry").Body(
				app.A().Attr("href", attr(topicPath(t.Key))).Attr("dir", "auto").Text(t.Name),
				app.Span().Class("soft").Text(s.Words.Many("topic.threads", t.Threads)),
				followForm(s.Words, "", t.Key, t.Level),
			)
		})),
		s.more(l.Next),
	}
}

func (s *Screen) topic() []app.UI {
	t := s.Topic
	return []app.UI{
		app.Header().Class("title").Body(
			app.H1().Attr("dir", "auto").Text(t.Topic.Name),
			followForm(s.Words, "", t.Topic.Key, t.Topic.Level),
		),
		app.P().Class("soft").Text(s.Words.Many("topic.threads", t.Topic.Threads)),
		s.cards(t.Threads),
		s.more(t.Next),
	}
}

// more leads to what a list has further.
func (s *Screen) more(next string) app.UI {
	return app.If(next != "", func() app.UI {
		return app.A().Class("more").Attr("href", attr(With(s.Self, "after", next))).Text(s.Words.Say("list.more"))
	})
}

// followForm lets somebody follow a conversation or a topic, and mute it.
func followForm(w *words.Words, thread, topic string, level talk.Level) app.UI {
	follows, mutes := level == talk.Follows, level == talk.Mutes
	return app.Form().Class("follow").Method("post").Action("/do/follow").Body(
		app.Input().Type("hidden").Name("thread").Attr("value", attr(thread)),
		app.Input().Type("hidden").Name("topic").Attr("value", attr(topic)),
		app.Button().Name("on").Attr("value", flag(!follows)).Class("pill").Attr("aria-pressed", flag(follows)).
			Text(w.Say(either(follows, "follow.on", "follow"))),
		app.Button().Attr("formaction", "/do/mute").Name("on").Attr("value", flag(!mutes)).Class("quiet").Attr("aria-pressed", flag(mutes)).
			Text(w.Say(either(mutes, "mute.on", "mute"))),
	)
}

// install offers Folkmoot as an app, where the browser does: install.js marks
// the page so.
func install(w *words.Words) app.UI {
	return app.Section().Class("offer").Body(
		app.H2().Text(w.Say("install.title")),
		app.P().Text(w.Say("install.why")),
		app.Button().Type("button").Class("install", "send").Text(w.Say("install")),
		app.P().Class("by-hand").Text(w.Say("install.apple")),
	)
}
