package ui

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
)

// A choice is a button of a comment's menu: a form's without a script.
type choice struct {
	do     talk.Do
	reason talk.Reason // of a flag
	on     bool        // which way, of what can be done and undone
	words  string      // their key
}

// choices are what a person may do with a comment besides answering it.
func (b Branch) choices() (all []choice) {
	m := b.Comment
	add := func(do talk.Do, on bool, words string) { all = append(all, choice{do: do, on: on, words: words}) }
	mine := m.Author.ID == b.Me.ID
	if mine && m.State != talk.Removed {
		add(talk.Edit, true, "menu.edit")
		add(talk.Delete, true, "menu.delete")
	}
	if b.Role.Keeps() {
		if m.Parent == "" && m.State == talk.Published {
			add(talk.Pin, !m.Pinned, either(m.Pinned, "menu.unpin", "menu.pin"))
		}
		switch m.State {
		case talk.Held:
			add(talk.Hold, false, "menu.publish")
		case talk.Published:
			add(talk.Hold, true, "menu.hold")
		}
		if !mine && m.State != talk.Removed {
			add(talk.Delete, true, "menu.remove")
			add(talk.Ban, true, "menu.ban")
		}
		if b.Role == talk.Owner && m.State == talk.Published {
			if !mine && m.Badge != talk.Owner {
				add(talk.Appoint, m.Badge == "", either(m.Badge == "", "menu.appoint", "menu.dismiss"))
			}
			add(talk.Credit, !m.Wrote, either(m.Wrote, "menu.uncredit", "menu.credit"))
		}
		return all
	}
	if !mine {
		for _, r := range talk.Reasons {
			all = append(all, choice{talk.Flag, r, true, reasonKey(r)})
		}
	}
	return all
}

// reasonKey is the key of the words for why somebody flags.
func reasonKey(r talk.Reason) string { return "reason." + string(r) }

func either(first bool, yes, no string) string {
	if first {
		return yes
	}
	return no
}

// menu holds what is seldom done. The browser opens and shuts it; the program
// fills it then.
func (c *Comment) menu() app.UI {
	m, all := c.Branch.Comment, c.Branch.choices()
	label := c.Words.Say("menu")
	if len(all) > 0 && all[0].do == talk.Flag {
		label = c.Words.Say("menu.report")
	}
	return app.Details().Class("menu").Body(
		app.Summary().Class("quiet").Aria("label", attr(label)).Attr("title", attr(label)).Text("⋯").
			OnClick(func(app.Context, app.Event) { c.Hands.Menu(m.ID) }),
		app.If(c.Hands == nil || c.Branch.Opened, func() app.UI { return c.choices(all) }),
	)
}

// choices are the buttons of the menu.
func (c *Comment) choices(all []choice) app.UI {
	m := c.Branch.Comment
	return app.Form().Method("post").Action("/do/"+string(talk.Flag)).Body(
		app.Input().Type("hidden").Name("comment").Attr("value", attr(m.ID)),
		app.Input().Type("hidden").Name("thread").Attr("value", attr(m.Thread)),
		app.If(len(all) > 0 && all[0].do == talk.Flag, func() app.UI { return app.Span().Class("ask").Text(c.Words.Say("menu.report.as")) }),
		app.Range(all).Slice(func(i int) app.UI {
			o := all[i]
			return app.Button().Class("quiet").Name("reason").Attr("value", attr(string(o.reason))).
				Attr("formaction", attr("/do/"+string(o.do)+"?on="+strconv.FormatBool(o.on))).
				OnClick(func(_ app.Context, e app.Event) {
					e.PreventDefault()
					c.Hands.Choose(o.do, m.ID, o.reason)
				}, app.EventScope(string(o.do), string(o.reason))).
				Text(c.Words.Say(o.words))
		}),
		app.If(c.Hands != nil && !m.EditedAt.IsZero() && (m.Author.ID == c.Branch.Me.ID || c.Branch.Role.Keeps()), func() app.UI {
			return app.Button().Type("button").Class("quiet").Name("past").Aria("expanded", flag(len(c.Branch.Past) > 0)).
				OnClick(func(app.Context, app.Event) { c.Hands.Past(m.ID) }).
				Text(c.Words.Say("comment.past"))
		}),
	)
}
