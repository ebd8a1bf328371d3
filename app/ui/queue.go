package ui

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
	"folkmoot/app/words"
)

// queue is what waits for those who keep order, of all conversations.
func queue(s *State, h Hands) app.UI {
	return app.Details().Class("queue").Body(
		app.Summary().Text(s.Words.Many("queue", len(s.Queue))),
		app.Range(s.Queue).Slice(func(i int) app.UI {
			return &Case{Case: s.Queue[i], Age: s.Words.Age(s.Queue[i].At, s.Now), Words: s.Words, Hands: h}
		}),
	)
}

// A Case shows a comment that was flagged or is held, and what can be done.
type Case struct {
	app.Compo

	Case  talk.Case
	Age   string
	Words *words.Words
	Hands Hands
}

// CompoID keeps go-app from making one case of another.
func (c *Case) CompoID() string { return c.Case.Comment.ID }

// Render shows the case.
func (c *Case) Render() app.UI {
	m := c.Case.Comment
	settle := func(do talk.Do, on bool, key string) app.UI {
		return app.Button().Type("button").Class("quiet").Text(c.Words.Say(key)).
			OnClick(func(app.Context, app.Event) { c.Hands.Settle(do, m.ID, on) }, app.EventScope(string(do), strconv.FormatBool(on)))
	}
	return app.Section().Class("case").Aria("label", attr(c.Words.Say("queue.comment", "name", m.Author.Name))).Body(
		app.P().Class("why").Body(
			app.Span().Class("name").Attr("dir", "auto").Text(m.Author.Name),
			app.Text(" · "+c.Age+" · "+why(c.Words, c.Case)+" · "),
			app.A().Attr("href", attr(c.Case.Article()+"#comment-"+m.ID)).Attr("target", "_top").Attr("dir", "auto").Text(either(c.Case.Title != "", c.Case.Title, c.Case.Article())),
		),
		prose(c.Words, talk.Elsewhere(m.HTML, c.Case.Article())),
		app.Div().Class("deeds").Body(
			settle(talk.Hold, false, either(m.State == talk.Held, "menu.publish", "queue.fine")), // settles its flags
			app.If(m.State != talk.Held, func() app.UI { return settle(talk.Hold, true, "menu.hold") }),
			settle(talk.Delete, true, "menu.remove"),
			settle(talk.Ban, true, "menu.ban"),
		),
	)
}

// why says what brought a comment here: "held · 2 × Spam".
func why(w *words.Words, c talk.Case) string {
	var all []string
	if c.Comment.State == talk.Held {
		all = append(all, w.Say("queue.held"))
	}
	for _, r := range talk.Reasons {
		if n := c.Counts[r]; n > 0 {
			all = append(all, w.Say("queue.flags", "n", w.Number(n), "reason", w.Say(reasonKey(r))))
		}
	}
	return strings.Join(all, " · ")
}

// keeper is where somebody who was given a code says so.
func keeper(w *words.Words, h Hands) app.UI {
	return app.Details().Class("keeper").Body(
		app.Summary().Text(w.Say("keeper")),
		app.Form().OnSubmit(func(_ app.Context, e app.Event) {
			e.PreventDefault()
			h.Keep()
		}).Body(
			app.Input().ID("keeper-code").Name("code").Type("text").Attr("autocomplete", "one-time-code").
				Attr("aria-label", attr(w.Say("keeper.code"))).Attr("placeholder", attr(w.Say("keeper.code"))),
			app.Button().Type("submit").Class("quiet").Text(w.Say("ok")),
		),
	)
}
