package ui

import (
	"cmp"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
	"folkmoot/app/words"
)

// Me is what a person sees of themselves.
type Me struct {
	Person   talk.Person   `json:"person"`
	Settings talk.Settings `json:"settings"`
	Mine     []talk.Mine   `json:"mine"`           // what they said, the newest first
	Next     string        `json:"next"`           // cursor of what is not here, or empty
	Said     string        `json:"said,omitempty"` // what a form of this page has done: "saved"
}

func (s *Screen) me() []app.UI {
	m := s.Me
	said := app.Section().Class("list").Body(
		app.H2().Text(s.Words.Say("me.said")),
		app.If(len(m.Mine) == 0, func() app.UI { return app.P().Class("nothing").Text(s.Words.Say("me.silent")) }),
		app.Ul().Class("cards").Body(app.Range(m.Mine).Slice(func(i int) app.UI { return s.mine(m.Mine[i]) })),
		s.more(nil, m.Next),
	)
	if parameter(s.Self, "after") != "" { // more of what they said, and nothing else
		return []app.UI{
			app.P().Body(app.A().Href("/me").Text(s.Words.Say("nav.me"))),
			app.H1().Class("unseen").Attr("dir", "auto").Text(cmp.Or(m.Person.Name, s.Words.Say("me.nobody"))),
			said,
		}
	}
	return []app.UI{
		app.Header().Class("person").Body(
			app.If(m.Person.Name != "", func() app.UI {
				return app.Span().Class("avatar", hue(m.Person.ID)).Aria("hidden", attr("true")).Text(initials(m.Person.Name))
			}),
			app.Div().Body(
				app.H1().Attr("dir", "auto").Text(cmp.Or(m.Person.Name, s.Words.Say("me.nobody"))),
				app.P().Class("soft").Attr("dir", "auto").Text(cmp.Or(m.Person.Headline, either(m.Person.Name == "", s.Words.Say("me.unknown"), ""))),
			),
		),
		waiting(s),
		install(s.Words),
		said,
		app.Section().Class("list").ID("continue").Body(
			app.H2().Text(s.Words.Say("continue.from")),
			app.P().Class("soft").Text(s.Words.Say("continue.why", "button", s.Words.Say("continue"))),
			CodeForm(s.Words, "/continue", "", ""),
		),
		s.settings(),
		pushed(s.Words),
		app.Section().Class("list", "device").ID("device").Body(
			app.H2().Text(s.Words.Say("device")),
			app.P().Class("soft").Text(s.Words.Say("device.why")),
			app.If(s.Device != nil, func() app.UI { return s.Device.kept(s.Words) }),
		),
	}
}

// mine is a comment of one's own, where it stands.
func (s *Screen) mine(m talk.Mine) app.UI {
	c := m.Comment
	return app.Li().Class("card").Body(
		app.P().Class("site").Body(
			app.A().Class("within").Attr("href", attr("/t/"+m.Thread.ID+"#comment-"+c.ID)).Attr("dir", "auto").Text(cmp.Or(m.Thread.Title, m.Thread.Site)),
			app.Time().Attr("datetime", attr(c.At.UTC().Format(time.RFC3339))).Text(s.Words.Age(c.At, s.Now)),
		),
		app.If(c.State == talk.Removed, func() app.UI { return app.P().Class("stone").Text(s.Words.Say("comment.removed")) }).
			Else(func() app.UI {
				return app.Raw(`<div class="text" dir="auto">` + elsewhereOf(c.HTML, c.Thread) + `</div>`)
			}),
		app.P().Class("counts").Body(
			app.If(c.State == talk.Held, func() app.UI { return app.Span().Class("mark").Text(s.Words.Say("comment.held")) }),
			app.If(c.Likes > 0, func() app.UI { return app.Span().Text(s.Words.Many("likes.count", c.Likes)) }),
			app.If(c.Replies > 0, func() app.UI { return app.Span().Text(s.Words.Many("comment.replies", c.Replies)) }),
		),
	)
}

func (s *Screen) settings() app.UI {
	set := s.Me.Settings
	box := func(name string, on bool) app.UI {
		in := app.Input().Type("checkbox").Name(name)
		if on {
			in = in.Checked(true)
		}
		return app.Label().Class("choice").Body(in, app.Span().Text(s.Words.Say("settings."+name)))
	}
	at := func(name, value string) app.UI {
		return app.Label().Body(app.Span().Text(s.Words.Say("settings."+name)), app.Input().Type("time").Name(name).Attr("value", attr(value)))
	}
	return app.Form().ID("settings").Class("list", "settings").Method("post").Action("/do/settings").Body(
		app.H2().Text(s.Words.Say("settings")),
		app.FieldSet().Body(
			app.Legend().Text(s.Words.Say("settings.notify")),
			box("reply", set.Notify.Reply), box("mention", set.Notify.Mention), box("like", set.Notify.Like), box("followed", set.Notify.Followed),
		),
		app.FieldSet().Body(
			app.Legend().Text(s.Words.Say("settings.quiet")),
			app.Div().Class("hours").Body(
				at("from", set.Quiet.From), at("to", set.Quiet.To),
				app.Label().Body(app.Span().Text(s.Words.Say("settings.zone")),
					app.Input().Type("text").Name("zone").Attr("value", attr(set.Quiet.Zone)).Attr("placeholder", "Europe/London").Attr("autocomplete", "off").Attr("spellcheck", "false")),
			),
		),
		box("follow", set.Follow), box("named", set.Named),
		app.Button().Class("send").Text(s.Words.Say("settings.save")),
		app.If(s.Me.Said == "saved", func() app.UI {
			return app.P().Class("thanks").Attr("role", "status").Text(s.Words.Say("settings.saved"))
		}),
	)
}

// pushed is whether this device is told of what was chosen: push.js marks the page
// by what is so, and hears the buttons.
func pushed(w *words.Words) app.UI {
	return app.Section().Class("list", "push").ID("push").Body(
		app.H2().Text(w.Say("push")),
		app.P().Class("soft").Text(w.Say("push.why")),
		app.Div().Attr("role", "status").Attr("tabindex", "-1").Body(
			app.P().Class("when-on").Text(w.Say("push.is")),
			app.P().Class("when-denied").Text(w.Say("push.denied")),
			app.P().Class("when-failed").Text(w.Say("push.failed")),
			app.P().Class("when-none").Text(w.Say("push.none")),
		),
		app.Button().Type("button").Class("pill", "on").Text(w.Say("push.on")),
		app.Button().Type("button").Class("pill", "off").Text(w.Say("push.off")),
	)
}
