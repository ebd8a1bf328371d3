package ui

import (
	"cmp"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
	"folkmoot/app/words"
)

func (s *Screen) inbox(h ScreenHands) []app.UI {
	in := s.Inbox
	return []app.UI{
		came(s.Words, s.Came),
		app.Header().Class("title", "bar").Body(
			app.H1().Text(s.Words.Say("nav.inbox")),
			s.later(h, len(s.Fresh) > 0, s.Words.Many("inbox.later", len(s.Fresh))),
			app.If(in.Unread > 0, func() app.UI {
				return app.Form().Class("see-all").Method("post").Action("/do/seen").
					OnSubmit(func(_ app.Context, e app.Event) {
						e.PreventDefault()
						h.SeeAll()
					}).
					Body(
						app.Input().Type("hidden").Name("at").Attr("value", attr(s.Now.UTC().Format(time.RFC3339))),
						app.Button().Class("pill").Text(s.Words.Say("inbox.seen")),
					)
			}),
		),
		app.If(len(in.Notices)+len(in.Followed) == 0, func() app.UI { return s.nothing("inbox.nothing", "inbox.lively", "/") }),
		app.Div().Class("margin").Body(s.followed("inbox.followed", in.Followed)),
		app.Section().Class("told").Aria("label", attr(s.Words.Say("nav.inbox"))).Body(
			s.long("notices", len(in.Notices), func(i int) app.UI {
				return &Notice{Notice: in.Notices[i], Age: s.Words.Age(in.Notices[i].At, s.Now), Words: s.Words}
			}),
			s.more(h, in.Next),
		),
	}
}

// A Notice shows what somebody is told.
type Notice struct {
	app.Compo

	Notice talk.Notice
	Age    string
	Words  *words.Words
}

// NoticeID tells a notice from others, of other comments or kinds.
func NoticeID(n talk.Notice) string { return string(n.Kind) + n.Comment.ID }

// CompoID keeps go-app from making one notice of another.
func (n *Notice) CompoID() string { return NoticeID(n.Notice) }

// Render shows the notice.
func (n *Notice) Render() app.UI {
	o := n.Notice
	class := "told-of"
	if !o.Seen {
		class += " unseen-yet"
	}
	return app.Li().Class(class).Body(
		n.face(),
		app.P().Class("site").Body(
			app.A().Class("within", "goes").Attr("href", attr("/t/"+o.Thread.ID+"#comment-"+o.Comment.ID)).Attr("data-tells", attr(o.Comment.ID)).Text(n.why()),
			app.If(!o.Seen, func() app.UI { return app.Span().Class("unseen").Text(n.Words.Say("inbox.unread")) }),
			app.Time().Attr("datetime", attr(o.At.UTC().Format(time.RFC3339))).Text(n.Age),
		),
		app.Raw(`<div class="text" dir="auto">`+elsewhereOf(o.Comment.HTML, o.Thread.ID)+`</div>`),
		app.P().Class("where", "soft").Body(app.Span().Attr("dir", "auto").Text(cmp.Or(o.Thread.Title, o.Thread.Site))),
	)
}

// elsewhereOf is a comment's HTML where its conversation isn't: links to comments
// lead there.
func elsewhereOf(rendered, thread string) string {
	return strings.ReplaceAll(rendered, `href="#comment-`, `href="/t/`+thread+`#comment-`)
}

// face is who it is about, or, of several, what they did.
func (n *Notice) face() app.UI {
	o := n.Notice
	if o.Kind == talk.Liked {
		return app.Span().Class("face").Body(icon("like"))
	}
	return app.Span().Class("avatar", hue(o.Comment.Author.ID)).Aria("hidden", attr("true")).Text(initials(o.Comment.Author.Name))
}

// why says what the notice is about.
func (n *Notice) why() string {
	name := n.Notice.Comment.Author.Name
	switch n.Notice.Kind {
	case talk.Liked:
		return n.Words.Many("inbox.liked", n.Notice.N)
	case talk.Mention:
		return n.Words.Say("inbox.mention", "name", name)
	case talk.Reply:
	}
	return n.Words.Say("inbox.reply", "name", name)
}
