package ui

import (
	"cmp"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
	"folkmoot/app/words"
)

// A Continue is the page on which somebody becomes who they are elsewhere: first
// it asks for a code, then whether it is them whom that brings.
type Continue struct {
	Code   string        `json:"code,omitempty"`   // as it was typed
	Error  string        `json:"error,omitempty"`  // why the last try was refused
	Who    *talk.Arrival `json:"who,omitempty"`    // whom the code brings
	Me     talk.Person   `json:"me"`               // who this browser is already
	Drafts int           `json:"drafts,omitempty"` // that come along, as the page's script has counted
}

// DraftsMax bounds how many threads' drafts come along.
const DraftsMax = 20

func (s *Screen) continued() []app.UI {
	if s.Continue.Who == nil {
		return s.askCode()
	}
	return s.askConsent()
}

// askCode asks for the code. While continue.js asks the window that opened this
// one, it says so instead.
func (s *Screen) askCode() []app.UI {
	return []app.UI{
		app.H1().Text(s.Words.Say("continue")),
		app.P().Class("asking", "soft").Attr("role", "status").Text(""),
		app.Div().Class("by-code").Body(
			app.P().Text(s.Words.Say("continue.why", "button", s.Words.Say("continue"))),
			CodeForm(s.Words, s.Self, s.Continue.Code, s.Continue.Error),
		),
	}
}

// CodeForm is where a code is entered. Self is the address that it is sent to.
func CodeForm(w *words.Words, self, code, refusal string) app.UI {
	field := app.Input().ID("code").Name("code").Type("text").Class("code").Attr("value", attr(code)).Attr("maxlength", 40).
		Attr("autocomplete", "one-time-code").Attr("autocapitalize", "characters").Attr("spellcheck", "false").Attr("dir", "ltr").
		Attr("size", 12).Required(true).Attr("aria-describedby", "code-error")
	if refusal != "" {
		field = field.Attr("aria-invalid", flag(true))
	}
	return app.Form().Class("enter").Method("post").Action(attr(self)).Body(
		app.Label().For("code").Text(w.Say("continue.code")),
		app.Div().Class("line").Body(
			field,
			app.Input().Type("hidden").Name("drafts").Attr("value", "0"),
			app.Button().Class("send").Text(w.Say("continue.next")),
		),
		app.P().Class("error").ID("code-error").Attr("role", "alert").Text(refusal),
	)
}

// askConsent says whom the code brings, and with what.
func (s *Screen) askConsent() []app.UI {
	c := s.Continue
	name := cmp.Or(c.Who.Person.Name, s.Words.Say("continue.nameless"))
	who := app.Header().Class("person").Body(
		app.Span().Class("avatar", hue(c.Who.Person.ID)).Aria("hidden", attr("true")).Text(initials(c.Who.Person.Name)),
		app.Div().Body(
			app.H1().Attr("dir", "auto").Text(s.Words.Say(either(c.Who.Same, "continue.same", "continue.as"), "name", name)),
			app.P().Class("soft").Attr("dir", "auto").Text(c.Who.Person.Headline),
		),
	)
	if c.Who.Same { // the browser keeps both places' storage as one
		return []app.UI{who, app.P().Body(app.A().Class("pill").Href("/inbox").Text(s.Words.Say("nav.inbox")))}
	}
	return []app.UI{
		who,
		app.P().Text(s.Words.Say("continue.brings")),
		app.Ul().Class("brings").Body(brings(s.Words, c.Who.Comments, c.Who.Follows, c.Drafts)...),
		app.If(c.Who.Merges, func() app.UI {
			me := cmp.Or(c.Me.Name, s.Words.Say("continue.nameless"))
			return app.P().Class("merges").Text(s.Words.Say("continue.merges", "me", me, "name", name))
		}),
		app.Form().Class("consent").Method("post").Action(attr(s.Self)).Body(
			app.Input().Type("hidden").Name("code").Attr("value", attr(c.Code)),
			app.Input().Type("hidden").Name("drafts").Attr("value", strconv.Itoa(c.Drafts)),
			app.Input().Type("hidden").Name("confirm").Attr("value", flag(true)),
			app.Button().Class("send").Text(s.Words.Say("continue.yes")),
			app.A().Class("quiet").Href("/").Text(s.Words.Say("continue.no")),
		),
		app.P().Class("error").ID("code-error").Attr("role", "alert").Text(c.Error),
	}
}

// brings lists what comes along, if anything does.
func brings(w *words.Words, comments, follows, drafts int) (all []app.UI) {
	orMore := func(text string, n int) string {
		if n >= talk.NewMax {
			return w.Say("count.most", "all", text)
		}
		return text
	}
	if comments > 0 {
		all = append(all, app.Li().Text(orMore(w.Many("comments.count", comments), comments)))
	}
	if follows > 0 {
		all = append(all, app.Li().Text(orMore(w.Say("follows", "all", w.Many("topic.threads", follows)), follows)))
	}
	if drafts > 0 {
		all = append(all, app.Li().Text(w.Many("drafts.count", drafts)))
	}
	if len(all) == 0 {
		all = append(all, app.Li().Text(w.Say("continue.little")))
	}
	return all
}

// A Came tells somebody who has just become who they are elsewhere what is here
// now.
type Came struct {
	Name     string `json:"name"`
	Comments int    `json:"comments"`
	Follows  int    `json:"follows"`
	Drafts   int    `json:"drafts,omitempty"`
}

func came(w *words.Words, c *Came) app.UI {
	return app.If(c != nil, func() app.UI {
		return app.Section().Class("came").Attr("role", "status").Body(
			app.P().Text(w.Say("came", "name", cmp.Or(c.Name, w.Say("continue.nameless")))),
			app.Ul().Class("brings").Body(brings(w, c.Comments, c.Follows, c.Drafts)...),
			app.If(c.Drafts > 0, func() app.UI { return app.P().Class("soft").Text(w.Say("came.drafts")) }),
		)
	})
}

// A Handover is what the widget shows of continuing elsewhere.
type Handover struct {
	Code   string // to be entered there
	Error  string // why there is none
	Copied bool
	Done   bool // somebody has continued
}

// elsewhere offers whoever has said something to go on as themselves in Folkmoot,
// which, in a browser that keeps a frame's storage apart, doesn't know them.
func elsewhere(s *State, h Hands) app.UI {
	return app.If(s.Frame == nil && s.Me.Name != "", func() app.UI {
		return app.Section().Class("elsewhere").Aria("label", attr(s.Words.Say("continue"))).Body(
			app.Form().Method("post").Action("/do/handover").
				OnSubmit(func(_ app.Context, e app.Event) {
					e.PreventDefault()
					h.Continue()
				}).
				Body(
					app.Input().Type("hidden").Name("thread").Attr("value", attr(s.View.Thread.ID)),
					app.Button().Class("quiet").Text(s.Words.Say("continue")),
				),
			app.Div().Attr("role", "status").Body(app.If(s.Handover != nil, func() app.UI { return handover(s, h) })),
		)
	})
}

func handover(s *State, h Hands) app.UI {
	o := s.Handover
	switch {
	case o.Done:
		return app.P().Text(s.Words.Say("handover.done"))
	case o.Error != "":
		return app.P().Class("notice").Text(o.Error)
	case o.Code == "":
		return app.P().Text(s.Words.Say("handover.making"))
	}
	return app.Div().Body(
		app.P().Text(s.Words.Say("handover.how", "me", s.Words.Say("nav.me"))),
		app.P().Class("code-line").Body(
			app.Input().ID("handover-code").Class("code").ReadOnly(true).Attr("value", attr(o.Code)).Attr("size", 9).Attr("dir", "ltr").
				Attr("aria-label", attr(s.Words.Say("continue.code"))),
			app.Button().Type("button").Class("quiet").Text(s.Words.Say(either(o.Copied, "copied", "copy"))).
				OnClick(func(app.Context, app.Event) { h.CopyCode() }),
		),
		app.P().Class("soft").Text(s.Words.Say("handover.once")),
	)
}
