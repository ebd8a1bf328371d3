package ui

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/words"
)

// who tells how many reactions there are, and, if somebody asks, whose: without a
// script by the same page with its panel open. Its room is there before.
func who(s *State, h Hands) app.UI {
	total := 0
	for _, n := range s.View.Thread.Reactions {
		total += n
	}
	return app.Div().Class("who").Body(
		app.If(total > 0, func() app.UI {
			b := app.Button().Attr("form", "reply").Attr("aria-expanded", flag(s.Who != nil)).
				OnClick(func(_ app.Context, e app.Event) {
					e.PreventDefault()
					h.Who()
				}).
				Text(s.Words.Many("reactions.count", total))
			if s.Who == nil {
				b = b.Name("who").Value("1")
			}
			return b
		}),
		app.If(s.Who != nil, func() app.UI { return reacted(s, h) }),
	)
}

// reacted is the panel: for each kind, the names of those who show theirs and how
// many others there are. Counts are those of the moment.
func reacted(s *State, h Hands) app.UI {
	t := s.View.Thread
	mine := map[string]bool{}
	for _, kind := range t.Mine {
		mine[kind] = true
	}
	names := map[string][]string{}
	for _, k := range s.Who.Kinds {
		names[k.Kind] = k.Names
	}
	var lines []app.UI
	for _, k := range s.Kinds {
		if n := t.Reactions[k.Kind]; n > 0 {
			lines = append(lines, app.Li().Body(
				app.Span().Class("emoji").Attr("role", "img").Aria("label", attr(labelOf(s.Words, k))).Text(k.Emoji),
				app.Span().Text(people(s.Words, n, mine[k.Kind], names[k.Kind])),
			))
		}
	}
	return app.Section().Class("reacted").Aria("label", attr(s.Words.Say("who"))).Body(
		app.Ul().Body(lines...),
		app.If(len(t.Mine) > 0, func() app.UI { return showName(s, h) }),
	)
}

// namesShown is how many names a line has at most; the rest are others.
const namesShown = 12

// people says who so many are, of whom some names are known: "You, Maren and 12
// others".
func people(w *words.Words, total int, mine bool, names []string) string {
	var list []string
	if mine {
		list = append(list, w.Say("who.you"))
	}
	for _, name := range names {
		if len(list) < min(total, namesShown) {
			list = append(list, name)
		}
	}
	if len(list) == 0 {
		return w.Many("who.people", total)
	}
	if others := total - len(list); others > 0 {
		list = append(list, w.Many("who.others", others))
	}
	all := w.Isolate(list[0])
	for i, next := range list[1:] {
		all = w.Say(either(i == len(list)-2, "list.and", "list.comma"), "all", all, "next", next)
	}
	return all
}

// showName is the switch by which the reader's own name is shown.
func showName(s *State, h Hands) app.UI {
	on := s.Who.Named
	return app.Form().Method("post").Action("/do/named?on="+strconv.FormatBool(!on)).
		OnSubmit(func(_ app.Context, e app.Event) {
			e.PreventDefault()
			h.ShowName(!s.Who.Named)
		}).
		Body(
			app.Input().Type("hidden").Name("thread").Attr("value", attr(s.View.Thread.ID)),
			app.Button().Class("switch").Attr("role", "switch").Attr("aria-checked", flag(on)).Aria("describedby", attr("who-named")).
				Body(app.Span(), app.Text(s.Words.Say("who.show"))),
			app.P().ID("who-named").Text(s.Words.Say(either(s.Me.Name == "", "who.nameless", "who.show.what"))),
		)
}
