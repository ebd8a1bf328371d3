package ui

import (
	"cmp"
	"net/url"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
	"folkmoot/app/words"
)

// A Composer is a box to write a comment in, or an answer to the one that
// Parent names. Its fields keep what the person typed: after it was shown,
// nothing but the person, or a comment that was sent, changes them. No key goes
// through go-app, whose handlers would render the thread again for each.
type Composer struct {
	app.Compo

	Thread string
	Parent string
	Box    Box
	Self   string // the address of the page that it stands in
	Me     talk.Person
	Words  *words.Words
	Hands  Hands
}

// CompoID keeps go-app from making one box of another.
func (c *Composer) CompoID() string { return c.Parent }

// Render shows the box.
func (c *Composer) Render() app.UI {
	id := BoxID(c.Parent)
	what := either(c.Parent == "", "write.comment", "write.reply")
	label := c.Words.Say(what)
	name, headline := cmp.Or(c.Box.Name, c.Me.Name), cmp.Or(c.Box.Headline, c.Me.Headline)
	return app.Form().Class("composer").Method("post").Action(attr(action(talk.Post, c.Self))).
		Attr("aria-label", attr(label)).
		OnSubmit(func(_ app.Context, e app.Event) {
			e.PreventDefault()
			c.Hands.Post(c.Parent)
		}).
		Body(
			app.Input().Type("hidden").Name("thread").Attr("value", attr(c.Thread)),
			app.If(c.Parent != "", func() app.UI {
				return app.Input().Type("hidden").Name("parent").Attr("value", attr(c.Parent))
			}),
			c.mark("body", app.Textarea().ID(attr(id)).Name("body").Rows(2).Attr("dir", "auto").
				Attr("aria-label", attr(label)).Attr("placeholder", attr(c.Words.Say(what+".hint"))).
				Body(app.Text(keepFirstLine(c.Box.Body)))),
			tools(c.Words),
			app.Div().Class("preview", "text").Attr("role", "region").Aria("label", attr(c.Words.Say("preview"))).Attr("dir", "auto").Hidden(true),
			app.Div().Class("row").Body(
				c.field("name", c.Words.Say("write.name"), "name", name, talk.NameChars),
				c.field("headline", c.Words.Say("write.headline"), "organization-title", headline, talk.HeadlineChars),
				app.Button().Type("submit").Class("send").Text(c.Words.Say(what+".send")),
			),
			app.P().Class("error").ID(attr(id+"-error")).Attr("role", "alert").Text(c.Box.Error),
		)
}

// An Editor is the box in which the author changes a comment.
type Editor struct {
	app.Compo

	Comment string
	Thread  string
	Box     Box
	Self    string // the address of the page that it stands in
	Words   *words.Words
	Hands   Hands
}

// CompoID keeps go-app from making one editor of another.
func (c *Editor) CompoID() string { return c.Comment }

// Render shows the box with the comment's text, as it was written.
func (c *Editor) Render() app.UI {
	id := BoxID(EditID(c.Comment))
	return app.Form().Class("composer").Method("post").Action(attr(action(talk.Edit, c.Self))).Aria("label", attr(c.Words.Say("write.edit"))).
		OnSubmit(func(_ app.Context, e app.Event) {
			e.PreventDefault()
			c.Hands.Save(c.Comment)
		}).
		Body(
			app.Input().Type("hidden").Name("comment").Attr("value", attr(c.Comment)),
			app.Input().Type("hidden").Name("thread").Attr("value", attr(c.Thread)),
			app.Textarea().ID(attr(id)).Name("body").Rows(2).Attr("dir", "auto").Aria("label", attr(c.Words.Say("write.edit"))).
				Body(app.Text(keepFirstLine(c.Box.Body))),
			tools(c.Words),
			app.Div().Class("preview", "text").Attr("role", "region").Aria("label", attr(c.Words.Say("preview"))).Attr("dir", "auto").Hidden(true),
			app.Div().Class("row").Body(
				app.Button().Type("button").Class("quiet").Text(c.Words.Say("write.cancel")).OnClick(func(app.Context, app.Event) { c.Hands.Cancel(c.Comment) }),
				app.Button().Type("submit").Class("send").Text(c.Words.Say("write.save")),
			),
			app.P().Class("error").ID(attr(id+"-error")).Attr("role", "alert").Text(c.Box.Error),
		)
}

// action is where a form with a text is sent. It tells which page it stood in:
// that of a text that was refused has another address.
func action(do talk.Do, self string) string {
	return "/do/" + string(do) + "?at=" + url.QueryEscape(self)
}

// tools are for whoever has a script: write.js does what they say.
func tools(w *words.Words) app.UI {
	link, preview := w.Say("tool.link"), w.Say("preview")
	all := []struct{ name, sign, label string }{
		{"bold", "B", w.Say("tool.bold")}, {"italic", "I", w.Say("tool.italic")}, {"quote", "”", w.Say("tool.quote")},
		{"code", "<>", w.Say("tool.code")}, {"list", "•", w.Say("tool.list")}, {"link", link, link}, {"preview", preview, preview},
	}
	return app.Div().Class("tools").Attr("role", "toolbar").Aria("label", attr(w.Say("tools"))).Body(
		app.Range(all).Slice(func(i int) app.UI {
			t := all[i]
			return app.Button().Type("button").Name(t.name).Attr("aria-label", attr(t.label)).Attr("title", attr(t.label)).Text(t.sign)
		}),
	)
}

func (c *Composer) field(name, label, complete, value string, chars int) app.UI {
	return c.mark(name, app.Input().ID(attr(BoxID(c.Parent)+"-"+name)).Name(name).Type("text").Attr("dir", "auto").
		Attr("value", attr(value)).Attr("maxlength", chars*4).Attr("autocomplete", complete).
		Attr("aria-label", attr(label)).Attr("placeholder", attr(label)))
}

// mark says of the field at fault that it is, and where the reason stands.
func (c *Composer) mark(name string, field interface {
	app.UI
}) app.UI {
	if c.Box.Error == "" || c.Box.Field != name {
		return field
	}
	switch f := field.(type) {
	case app.HTMLTextarea:
		return f.Attr("aria-invalid", flag(true)).Attr("aria-describedby", attr(BoxID(c.Parent)+"-error"))
	case app.HTMLInput:
		return f.Attr("aria-invalid", flag(true)).Attr("aria-describedby", attr(BoxID(c.Parent)+"-error"))
	}
	return field
}

// keepFirstLine saves a line end that HTML would drop at the start of a text
// area.
func keepFirstLine(text string) string {
	if app.IsServer && len(text) > 0 && (text[0] == '\n' || text[0] == '\r') {
		return "\n" + text
	}
	return text
}

// unescape reads a query's value; what can't be read stays as it is.
func unescape(value string) string {
	if v, err := url.QueryUnescape(value); err == nil {
		return v
	}
	return value
}
