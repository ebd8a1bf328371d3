package ui

import (
	"cmp"
	"math"
	"net/url"
	"strconv"
	"strings"
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

	// In the browser:
	Status  Status        `json:"-"`
	Offline time.Time     `json:"-"` // the page is of then, because there is no network; else zero
	Notice  string        `json:"-"` // what went wrong
	Later   []talk.Card   `json:"-"` // what is lively, in an order that would move what the reader is about to press
	Fresh   []talk.Notice `json:"-"` // likewise, what they were told since
	First   int           `json:"-"` // items of the list's first sheet beyond [SheetItems]
	Rooms   []float64     `json:"-"` // how high its sheets are that aren't in the document; 0: it is
	Loading bool          `json:"-"` // the next page of the list is on its way
}

// A TopicList is a page of all topics.
type TopicList struct {
	Topics []talk.Topic `json:"topics"`
	Next   string       `json:"next"` // cursor of those that are not here, or empty
}

// ScreenHands are told what the person did on a screen, see [Hands].
type ScreenHands interface {
	Mark(do talk.Do, topic string) // follow or mute the topic, or don't any more
	SeeAll()                       // all that one was told is seen
	Renew()                        // show what waits
	More()                         // show the next page of the list
	Dismiss()                      // the notice was read
}

// ScreenPage shows a screen. Without hands, what can be done is done by forms
// and links.
func ScreenPage(s *Screen, h ScreenHands) app.UI {
	name, content := "", []app.UI{}
	switch {
	case s.Home != nil:
		name, content = "home", s.home(h)
	case s.Topics != nil:
		name, content = "topics", s.topics(h)
	case s.Topic != nil:
		name, content = "topic", s.topic(h)
	case s.Inbox != nil:
		name, content = "inbox", s.inbox(h)
	case s.Continue != nil:
		content = s.continued()
	case s.Me != nil:
		name, content = "me", s.me()
	}
	return around(s.Frame, s.Words, app.Main().ID("folkmoot").Class("fm", "screen", "at-"+name, "fm-"+statusClass(s.Status)).Attr("tabindex", "-1").
		Body(append([]app.UI{s.state(h)}, content...)...))
}

// state says how the page stands to its server, if that isn't as it should be.
func (s *Screen) state(h ScreenHands) app.UI {
	said := ""
	switch {
	case !s.Offline.IsZero():
		said = s.Words.Say("offline.since", "at", s.Words.Exact(s.Offline))
	case s.Status == Connecting:
		said = s.Words.Say("connection.lost")
	}
	return app.Div().Class("state").Body(
		app.P().Attr("role", "status").Text(said),
		app.If(s.Notice != "", func() app.UI {
			return app.P().Class("notice").Attr("role", "alert").Body(
				app.Span().Text(s.Notice),
				app.Button().Type("button").Class("quiet").Text(s.Words.Say("ok")).OnClick(func(app.Context, app.Event) { h.Dismiss() }),
			)
		}),
	)
}

func (s *Screen) home(hands ScreenHands) []app.UI {
	h := s.Home
	return []app.UI{
		app.H1().Class("masthead").Body(app.Raw(brand), app.Span().Text("Folkmoot")),
		app.If(len(h.Followed)+len(h.Live) == 0, func() app.UI { return s.nothing("home.nothing", "", "") }),
		app.Section().Class("list", "lively").Body(
			app.If(len(h.Live) > 0, func() app.UI {
				return app.Div().Class("bar").Body(
					app.H2().Text(s.Words.Say("home.live")),
					s.later(hands, len(s.Later) > 0, s.Words.Say("home.later")),
				)
			}),
			s.cards(h.Live),
		),
		app.Div().Class("margin").Body(
			s.followed("home.followed", h.Followed),
			app.If(len(h.Topics) > 0, func() app.UI {
				return app.Section().Class("list").Body(
					app.H2().Text(s.Words.Say("nav.topics")),
					app.P().Class("chips").Body(app.Range(h.Topics).Slice(func(i int) app.UI { return topicLink(h.Topics[i]) })),
					app.P().Body(app.A().Class("onward").Href("/topics").Text(s.Words.Say("topics.all"))),
				)
			}),
			install(s.Words),
		),
	}
}

// later offers to show what waits, and says so to those who listen. It takes no
// room of its own, so that nothing moves when it comes.
func (s *Screen) later(h ScreenHands, waits bool, text string) app.UI {
	return app.Div().Class("later").Attr("role", "status").Body(
		app.If(waits, func() app.UI {
			return app.Button().Type("button").Class("new").Text(text).OnClick(func(app.Context, app.Event) { h.Renew() })
		}),
	)
}

// nothing says that there is nothing, and what to do about it.
func (s *Screen) nothing(text, link, to string) app.UI {
	return app.Div().Class("nothing").Body(
		app.Raw(brand),
		app.P().Text(s.Words.Say(text)),
		app.If(link != "", func() app.UI { return app.A().Class("pill").Href(to).Text(s.Words.Say(link)) }),
	)
}

// followed is a short list of conversations with what is new in them.
func (s *Screen) followed(heading string, cards []talk.Card) app.UI {
	return app.If(len(cards) > 0, func() app.UI {
		return app.Section().Class("list", "followed").Body(
			app.H2().Text(s.Words.Say(heading)),
			app.Ul().Class("short").Body(app.Range(cards).Slice(func(i int) app.UI {
				t := cards[i]
				return app.Li().Class("line").Body(
					app.A().Class("goes").Attr("href", attr("/t/"+t.ID)).Body(
						app.Span().Class("called").Attr("dir", "auto").Text(cmp.Or(t.Title, t.URL)),
						app.Span().Class("site").Attr("dir", "auto").Text(t.Site),
					),
					app.If(t.New > 0, func() app.UI { return app.Span().Class("mark").Text(fresh(s.Words, t.New)) }),
				)
			})),
		)
	})
}

func (s *Screen) cards(cards []talk.Card) app.UI {
	return app.Ul().Class("cards").Body(app.Range(cards).Slice(func(i int) app.UI { return s.card(cards[i]) }))
}

func (s *Screen) card(c talk.Card) app.UI {
	return &Card{Card: c, Age: s.Words.Age(c.At, s.Now), Words: s.Words}
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
	class := "card"
	if t.Viewers > 0 {
		class += " peopled"
	}
	return app.Li().Class(class).Body(
		ring(t.Viewers, t.Heat),
		app.P().Class("site").Body(
			app.Span().Attr("dir", "auto").Text(t.Site),
			app.Time().Attr("datetime", attr(t.At.UTC().Format(time.RFC3339))).Text(c.Age),
		),
		app.H3().Body(app.A().Class("goes").Attr("href", attr("/t/"+t.ID)).Attr("dir", "auto").Text(cmp.Or(t.Title, t.URL))),
		app.P().Class("counts").Body(
			app.If(t.Viewers > 0, func() app.UI { return app.Span().Class("here").Text(c.Words.Many("here", t.Viewers)) }),
			app.Span().Text(c.Words.Many("comments.count", t.Comments)),
			app.If(t.Reactions > 0, func() app.UI { return app.Span().Text(c.Words.Many("reactions.count", t.Reactions)) }),
			app.If(t.New > 0, func() app.UI { return app.Span().Class("mark").Text(fresh(c.Words, t.New)) }),
			app.If(t.Level == talk.Mutes, func() app.UI { return app.Span().Class("mark").Text(c.Words.Say("mute.on")) }),
		),
	)
}

// seats are the ring's places, on a grid of 512: those next to the speaker's
// feet are taken first.
var seats = [...]string{
	`cx="310" cy="404.5"`, `cx="202" cy="404.5"`, `cx="392.8" cy="335"`, `cx="119.2" cy="335"`,
	`cx="411.6" cy="228.6"`, `cx="100.4" cy="228.6"`, `cx="357.6" cy="135"`, `cx="154.4" cy="135"`,
}

// ring shows how lively a conversation is, as Folkmoot's sign: its seats are taken
// by who looks on and by what was said lately. It says nothing that words don't.
func ring(viewers int, heat float64) app.UI {
	taken := Taken(viewers, heat)
	var b strings.Builder
	b.WriteString(`<svg class="moot" viewBox="56 92 400 356" aria-hidden="true">`)
	for i, seat := range seats {
		class := ""
		switch {
		case i < min(viewers, len(seats)):
			class = ` class="here"`
		case i < taken:
			class = ` class="said"`
		}
		b.WriteString(`<circle ` + seat + ` r="37"` + class + `/>`)
	}
	b.WriteString(speaker + `</svg>`)
	return app.Raw(b.String())
}

// Taken is how many of the ring's eight seats are: by as many as look on, and
// more with what was said lately, each seat standing for twice as much.
func Taken(viewers int, heat float64) int {
	return min(len(seats), max(0, viewers)+int(math.Round(math.Log2(1+max(0, heat)))))
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

func (s *Screen) topics(h ScreenHands) []app.UI {
	l := s.Topics
	return []app.UI{
		app.H1().Text(s.Words.Say("topics.explore")),
		app.If(len(l.Topics) == 0, func() app.UI { return s.nothing("topics.nothing", "inbox.lively", "/") }),
		s.long("entries", len(l.Topics), func(i int) app.UI { return s.topicEntry(h, l.Topics[i]) }),
		s.more(h, l.Next),
	}
}

func (s *Screen) topicEntry(h ScreenHands, t talk.Topic) app.UI {
	mark := func(do talk.Do) { h.Mark(do, t.Key) }
	return app.Li().Class("entry").Body(
		ring(0, t.Heat),
		app.A().Class("goes").Attr("href", attr(topicPath(t.Key))).Attr("dir", "auto").Text(t.Name),
		app.Span().Class("soft").Text(s.Words.Many("topic.threads", t.Threads)+" · "+s.Words.Say("heat."+strconv.Itoa(heatOf(t.Heat)))),
		markForm(s.Words, mark, "", t.Key, t.Level),
	)
}

// heatOf is 0, 1 or 2: quiet, lively, very lively.
func heatOf(heat float64) int {
	switch {
	case heat < 1:
		return 0
	case heat < 16:
		return 1
	}
	return 2
}

func (s *Screen) topic(h ScreenHands) []app.UI {
	t := s.Topic
	mark := func(do talk.Do) { h.Mark(do, s.Topic.Topic.Key) }
	return []app.UI{
		app.Header().Class("title").Body(
			app.P().Class("up").Body(app.A().Href("/topics").Text(s.Words.Say("nav.topics"))),
			app.H1().Attr("dir", "auto").Text(t.Topic.Name),
			app.P().Class("soft").Text(s.Words.Many("topic.threads", t.Topic.Threads)+" · "+s.Words.Say("heat."+strconv.Itoa(heatOf(t.Topic.Heat)))),
			app.Div().Class("marks").Body(markForm(s.Words, mark, "", t.Topic.Key, t.Topic.Level)),
			app.If(t.Topic.Level == talk.Mutes, func() app.UI { return app.P().Class("muted").Text(s.Words.Say("mute.topic")) }),
		),
		app.H2().Class("unseen").Text(s.Words.Many("topic.threads", t.Topic.Threads)),
		s.long("cards", len(t.Threads), func(i int) app.UI { return s.card(t.Threads[i]) }),
		s.more(h, t.Next),
	}
}

// markForm lets somebody follow a conversation or a topic, and mute it.
func markForm(w *words.Words, mark func(talk.Do), thread, topic string, level talk.Level) app.UI {
	follows, mutes := level == talk.Follows, level == talk.Mutes
	press := func(do talk.Do) app.EventHandler {
		return func(_ app.Context, e app.Event) {
			e.PreventDefault()
			mark(do)
		}
	}
	return app.Form().Class("follow").Method("post").Action("/do/follow").Body(
		app.Input().Type("hidden").Name("thread").Attr("value", attr(thread)),
		app.Input().Type("hidden").Name("topic").Attr("value", attr(topic)),
		app.Button().Name("on").Attr("value", flag(!follows)).Class("pill", "follows").Attr("aria-pressed", flag(follows)).
			Text(w.Say(either(follows, "follow.on", "follow"))).OnClick(press(talk.Follow), app.EventScope(thread, topic)),
		app.Button().Attr("formaction", "/do/mute").Name("on").Attr("value", flag(!mutes)).Class("quiet", "mutes").Attr("aria-pressed", flag(mutes)).
			Text(w.Say(either(mutes, "mute.on", "mute"))).OnClick(press(talk.Mute), app.EventScope(thread, topic)),
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
