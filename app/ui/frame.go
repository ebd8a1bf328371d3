package ui

import (
	"cmp"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
	"folkmoot/app/words"
)

// A Frame is what stands around a page of Folkmoot's own. The widget, which
// stands in somebody else's page, has none.
type Frame struct {
	Screen string `json:"screen"`           // that is shown, one of [Screens] or empty
	Unread int    `json:"unread,omitempty"` // in the inbox
	Waits  int    `json:"-"`                // in the outbox
	Known  bool   `json:"known,omitempty"`  // whoever asks is somebody
}

// Screens are those that the navigation leads to, and their addresses.
var Screens = []struct{ Name, Path string }{{"home", "/"}, {"topics", "/topics"}, {"inbox", "/inbox"}, {"me", "/me"}}

// icons are drawn for their screens, on a grid of 24.
var icons = map[string]string{
	"home":   `<path d="M4 11.2 12 4.5l8 6.7V19a1 1 0 0 1-1 1h-4.4v-5.2H9.4V20H5a1 1 0 0 1-1-1z"/>`,
	"topics": `<circle cx="7" cy="7" r="2.6"/><circle cx="17" cy="7" r="2.6"/><circle cx="7" cy="17" r="2.6"/><path d="M13.6 14.6h6.8v2.9a2 2 0 0 1-2 2h-2l-2.2 1.9v-1.9a2 2 0 0 1-.6-1.4z"/>`,
	"inbox":  `<path d="M4 13.5 6.4 6a1.6 1.6 0 0 1 1.5-1.1h8.2A1.6 1.6 0 0 1 17.6 6L20 13.5V18a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 18z"/><path d="M4.2 13.6h4.3c.4 1.7 1.6 2.6 3.5 2.6s3.1-.9 3.5-2.6h4.3"/>`,
	"me":     `<circle cx="12" cy="8.4" r="3.7"/><path d="M4.9 19.6c.9-3.6 3.5-5.4 7.1-5.4s6.2 1.8 7.1 5.4"/>`,
	"keys":   `<rect x="3" y="6.5" width="18" height="11" rx="2"/><path d="M7 10h.01M10.3 10h.01M13.7 10h.01M17 10h.01M8.5 14h7"/>`,
	"like":   `<path d="M12 19.5S4.5 15 4.5 9.6A4.1 4.1 0 0 1 12 7.4a4.1 4.1 0 0 1 7.5 2.2c0 5.4-7.5 9.9-7.5 9.9z"/>`,
}

func icon(name string) app.UI {
	return app.Raw(`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">` + icons[name] + `</svg>`)
}

// around puts a page's content into the frame.
func around(f *Frame, w *words.Words, content ...app.UI) app.UI {
	return app.Div().Class("app").Body(
		app.A().Class("skip").Href("#folkmoot").Text(w.Say("nav.skip")),
		app.Nav().Class("nav").Aria("label", attr(w.Say("nav"))).Body(
			app.A().Class("brand").Href("/").Aria("label", attr("Folkmoot")).Body(app.Raw(brand), app.Span().Aria("hidden", attr("true")).Text("Folkmoot")),
			app.Range(Screens).Slice(func(i int) app.UI {
				s := Screens[i]
				a := app.A().Href(s.Path).Class("to-"+s.Name).Body(
					icon(s.Name),
					app.Span().Text(w.Say("nav."+s.Name)),
					app.If(s.Name == "inbox" && f.Unread > 0, func() app.UI {
						return app.Span().Class("unread").Aria("label", attr(w.Many("nav.unread", f.Unread))).Attr("role", "img").Text(atMost(w, f.Unread, 99))
					}),
					app.If(s.Name == "me" && f.Waits > 0, func() app.UI {
						return app.Span().Class("unread", "waits").Aria("label", attr(w.Many("waiting", f.Waits))).Attr("role", "img").Text(atMost(w, f.Waits, 99))
					}),
				)
				if s.Name == f.Screen {
					a = a.Aria("current", attr("page"))
				}
				return a
			}),
			app.Button().Type("button").Class("to-keys").Attr("title", attr(w.Say("keys"))).Body(icon("keys"), app.Span().Text(w.Say("keys"))),
		),
		app.Div().Class("page").Body(content...),
	)
}

// brand is the ring of those who meet, and the one who speaks.
const brand = `<svg viewBox="0 0 512 512" aria-hidden="true"><g class="ring"><circle cx="357.6" cy="135" r="37"/><circle cx="411.6" cy="228.6" r="37"/><circle cx="392.8" cy="335" r="37"/><circle cx="310" cy="404.5" r="37"/><circle cx="202" cy="404.5" r="37"/><circle cx="119.2" cy="335" r="37"/><circle cx="100.4" cy="228.6" r="37"/><circle cx="154.4" cy="135" r="37"/></g>` + speaker + `</svg>`

// speaker stands in the middle.
const speaker = `<path d="M256 176.2a70.3 70.3 0 1 1-23.9 136.4q-21.1 7-43.6 7 9.8-16.9 7-36.6a70.3 70.3 0 0 1 60.5-106.8z"/>`

func atMost(w *words.Words, n, most int) string {
	if n > most {
		return w.Number(most) + "+"
	}
	return w.Number(n)
}

// Unread is how a page's title begins while something in the inbox is unread.
func Unread(w *words.Words, n int) string {
	if n == 0 {
		return ""
	}
	return "(" + atMost(w, n, 99) + ") "
}

// Page shows a conversation as the page that it is: the widget in somebody
// else's, or one of Folkmoot's own.
func Page(s *State, h Hands) app.UI {
	if s.Frame == nil {
		return Thread(s, h)
	}
	return around(s.Frame, s.Words, articleHead(s, h), Thread(s, h))
}

// articleHead says what the conversation is about, and lets one follow it.
func articleHead(s *State, h Hands) app.UI {
	t := s.View.Thread
	mark := func(do talk.Do) { h.Mark(do) }
	return app.Header().Class("article").Body(
		app.P().Class("site").Attr("dir", "auto").Text(talk.SiteOf(t.Article())),
		app.H1().Attr("dir", "auto").Text(cmp.Or(t.Title, t.Article())),
		app.P().Class("about").Body(
			app.A().Attr("href", attr(t.Article())).Text(s.Words.Say("thread.article")),
			app.Range(t.Topics).Slice(func(i int) app.UI {
				return topicLink(talk.Topic{Key: talk.TopicKey(t.Topics[i]), Name: t.Topics[i]})
			}),
		),
		app.Div().Class("marks").Body(
			markForm(s.Words, mark, t.ID, "", t.Level),
			app.Button().Type("button").Class("quiet", "share").Text(s.Words.Say("share")),
			app.P().Class("shared", "soft").Attr("role", "status"),
		),
		app.If(t.Level == talk.Mutes, func() app.UI { return app.P().Class("muted").Text(s.Words.Say("mute.thread")) }),
	)
}
