package ui

import (
	"html"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/list"
	"folkmoot/app/talk"
	"folkmoot/app/words"
)

// A Comment shows a branch: the comment, its reply box if it is open, and its
// replies.
type Comment struct {
	app.Compo

	Branch Branch
	Words  *words.Words
	Hands  Hands
}

// CompoID keeps go-app from making one comment of another.
func (c *Comment) CompoID() string { return c.Branch.Key }

// Render shows the branch.
func (c *Comment) Render() app.UI {
	b, m := c.Branch, c.Branch.Comment
	class := "comment"
	if b.Text != "" {
		class += " waiting"
	}
	if b.New {
		class += " new-to-me"
	}
	if b.Sought {
		class += " sought"
	}
	if b.Aside {
		class += " aside"
	}
	return app.Article().ID(attr("comment-"+m.ID)).Class(class).Attr("tabindex", "-1").Body(
		app.If(m.State != talk.Removed, func() app.UI { return c.head() }).
			Else(func() app.UI { return c.stone() }),
		app.If(m.State != talk.Removed && !b.Editing, func() app.UI { return c.text() }),
		app.If(b.Editing, func() app.UI {
			return &Editor{Comment: m.ID, Thread: m.Thread, Box: b.Edit, Self: b.Self, Words: c.Words, Hands: c.Hands}
		}),
		app.If(m.State != talk.Removed && !b.Editing && len(b.Past) > 0, func() app.UI { return c.past() }),
		app.If(m.State != talk.Removed && !b.Editing, func() app.UI { return c.deeds() }),
		app.If(b.Open, func() app.UI {
			return &Composer{Thread: m.Thread, Parent: m.ID, Box: b.Box, Self: b.Self, Me: b.Me, Words: c.Words, Hands: c.Hands}
		}),
		app.If(b.Below > 0 && b.Level < list.Levels, func() app.UI { return c.replies() }),
	)
}

// replies can be folded away by the browser itself, with or without a script.
// Deeper ones than are indented stand at the last level (a phone, see style.css,
// has one less), and say whom they answer.
func (c *Comment) replies() app.UI {
	b := c.Branch
	return app.Details().Class("replies", "level-"+strconv.Itoa(b.Level)).Open(!b.Folded).Body(
		app.Summary().Text(c.Words.Many("comment.replies", b.Below)),
		app.Range(b.Replies).Slice(func(i int) app.UI {
			return b.Replies[i].show(c.Words, c.Hands)
		}),
	)
}

// A Rest leads to replies that are missing after a comment.
type Rest struct {
	app.Compo

	Key     string
	Comment string
	Missing int
	Link    string
	Words   *words.Words
	Hands   Hands
}

// CompoID keeps go-app from making one of another.
func (r *Rest) CompoID() string { return r.Key }

// Render shows the link.
func (r *Rest) Render() app.UI {
	return app.P().ID(attr(r.Key)).Class("rest").Body(
		app.A().Class("quiet").Attr("href", attr(r.Link)).Text(r.Words.Many("comments.rest", r.Missing)).
			OnClick(func(_ app.Context, e app.Event) {
				e.PreventDefault()
				r.Hands.Rest(r.Comment)
			}),
	)
}

// stone stands where a comment was. Its author may think better of it.
func (c *Comment) stone() app.UI {
	id := c.Branch.Comment.ID
	if !c.Branch.Undo {
		return app.P().Class("stone").Text(c.Words.Say("comment.removed"))
	}
	return app.P().Class("stone").Body(
		app.Text(c.Words.Say("comment.deleted")+" "),
		app.Button().Type("button").Class("quiet").Text(c.Words.Say("comment.undo")).OnClick(func(app.Context, app.Event) { c.Hands.Restore(id) }),
	)
}

func (c *Comment) head() app.UI {
	m := c.Branch.Comment
	return app.Header().Body(
		app.Span().Class("avatar", hue(m.Author.ID)).Aria("hidden", attr("true")).Text(initials(m.Author.Name)),
		app.Span().Class("name").Body(
			app.Bdi().Text(m.Author.Name),
			app.If(m.Wrote, func() app.UI { return app.Span().Class("badge", "wrote").Text(c.Words.Say("badge.author")) }),
			app.If(m.Badge != "", func() app.UI { return app.Span().Class("badge").Text(c.Words.Say("badge." + string(m.Badge))) }),
		),
		app.If((c.Branch.Level >= list.Levels || c.Branch.Aside) && c.Branch.To != "", func() app.UI {
			return app.A().Class("to").Attr("href", attr(c.Branch.ToLink)).Text(c.Words.Say("comment.to", "name", c.Branch.To))
		}),
		app.If(m.Author.Headline != "", func() app.UI {
			return app.Span().Class("headline").Attr("dir", "auto").Text(m.Author.Headline)
		}),
		c.age(),
	)
}

// age is how old it is, and leads to it.
func (c *Comment) age() app.UI {
	m := c.Branch.Comment
	a := app.A().Class("age").Attr("href", attr(c.Branch.Link))
	if c.Branch.Top {
		a = a.Target("_top")
	}
	return a.Body(
		app.Time().Attr("datetime", attr(m.At.UTC().Format(time.RFC3339))).
			Attr("title", attr(c.Words.Exact(m.At))).Attr("aria-label", attr(c.Words.Exact(m.At))).Text(c.Branch.Age),
		app.If(!m.EditedAt.IsZero(), func() app.UI {
			return app.Span().Class("edited").Attr("title", attr(c.Words.Exact(m.EditedAt))).Text(c.Words.Say("comment.edited"))
		}),
		app.If(m.Pinned, func() app.UI { return app.Span().Class("mark").Text(c.Words.Say("comment.pinned")) }),
		app.If(m.State == talk.Held, func() app.UI { return app.Span().Class("mark").Text(c.Words.Say("comment.held")) }),
		app.If(c.Branch.New, func() app.UI { return app.Span().Class("mark").Text(c.Words.Say("comment.new")) }),
	)
}

func (c *Comment) text() app.UI {
	if c.Branch.Text != "" {
		return app.Div().Class("text", "plain").Attr("dir", "auto").Body(app.P().Text(c.Branch.Text))
	}
	return prose(c.Words, c.Branch.Comment.HTML)
}

// prose is a comment's text, in the reader's words.
func prose(w *words.Words, rendered string) app.UI {
	return app.Raw(`<div class="text" dir="auto">` + InWords(w, rendered) + `</div>`)
}

// InWords is a comment's HTML with the reader's word on what is hidden in it.
func InWords(w *words.Words, rendered string) string {
	if !strings.Contains(rendered, talk.SpoilerLabel) {
		return rendered
	}
	return strings.ReplaceAll(rendered, talk.SpoilerLabel, "<summary>"+html.EscapeString(w.Say("comment.spoiler"))+"</summary>")
}

func (c *Comment) deeds() app.UI {
	m := c.Branch.Comment
	if c.Branch.Text != "" {
		return app.P().Class("deeds", "sending").Body(
			app.Span().Text(c.Words.Say(either(c.Branch.Away, "comment.waiting", "comment.sending"))),
			app.If(c.Branch.Away, func() app.UI {
				return app.Button().Type("button").Class("quiet").Text(c.Words.Say("comment.takeback")).
					OnClick(func(app.Context, app.Event) { c.Hands.TakeBack(m.ID) })
			}),
		)
	}
	if m.State == talk.Held {
		return app.Div().Class("deeds").Body(c.menu())
	}
	return app.Div().Class("deeds").Body(
		c.like(),
		app.If(!c.Branch.Locked, func() app.UI { return c.reply() }),
		app.If(c.Branch.Unedit, func() app.UI {
			return app.Button().Type("button").Class("quiet").Name("unedit").Text(c.Words.Say("comment.unedit")).
				OnClick(func(app.Context, app.Event) { c.Hands.Unedit(m.ID) })
		}),
		app.If(c.Branch.Menu, func() app.UI { return c.menu() }),
	)
}

// past is what the comment said earlier, as it was written.
func (c *Comment) past() app.UI {
	all := c.Branch.Past
	return app.Ol().Class("past").Aria("label", attr(c.Words.Say("comment.past"))).Body(
		app.Range(all).Slice(func(i int) app.UI {
			return app.Li().Body(
				app.Time().Attr("datetime", attr(all[i].At.UTC().Format(time.RFC3339))).Text(c.Words.Exact(all[i].At)),
				app.P().Class("text", "plain").Attr("dir", "auto").Text(all[i].Body),
			)
		}),
	)
}

// like belongs to a form that all have together: without a script the button
// says which comment, and sends itself to where a like is taken back.
func (c *Comment) like() app.UI {
	m := c.Branch.Comment
	b := app.Button().Attr("form", "like").Name("comment").Attr("value", attr(m.ID)).Class("quiet", "like").Attr("aria-pressed", flag(m.Liked)).
		OnClick(func(_ app.Context, e app.Event) {
			e.PreventDefault()
			c.Hands.Like(m.ID)
		})
	if m.Liked {
		b = b.Attr("formaction", "/do/like?on=false")
	}
	return b.Body(
		app.Span().Text(c.Words.Say("comment.like")),
		count(c.Words, m.Likes, c.Branch.Moved),
	)
}

func (c *Comment) reply() app.UI {
	m := c.Branch.Comment
	return app.Button().Attr("form", "reply").Name("reply").Attr("value", attr(m.ID)).Class("quiet").
		Attr("formaction", attr("#comment-"+m.ID)).Attr("aria-expanded", flag(c.Branch.Open)).
		OnClick(func(_ app.Context, e app.Event) {
			e.PreventDefault()
			c.Hands.Reply(m.ID)
		}).
		Text(c.Words.Say("comment.reply"))
}

// initials are the first letters of a name's first and last word. Arabic ones
// would join to a syllable: there it is one.
func initials(name string) string {
	letters := ""
	words := strings.Fields(name)
	for i, w := range words {
		if i > 0 && (i < len(words)-1 || strings.IndexFunc(letters, isArabic) >= 0) {
			continue
		}
		for _, r := range w {
			if unicode.IsLetter(r) || unicode.IsNumber(r) {
				letters += string(unicode.ToUpper(r))
				break
			}
		}
	}
	return letters
}

func isArabic(r rune) bool { return unicode.Is(unicode.Arabic, r) }

// hue is the class of one of eight colours, always the same for a person.
func hue(person string) string {
	sum := 0
	for _, r := range person {
		sum = sum*31 + int(r)
	}
	return "hue-" + strconv.Itoa(sum&7)
}
