package ui

import (
	"cmp"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
	"folkmoot/app/words"
)

func (s *Screen) inbox() []app.UI {
	in := s.Inbox
	return []app.UI{
		came(s.Words, s.Came),
		app.Header().Class("title").Body(
			app.H1().Text(s.Words.Say("nav.inbox")),
			app.If(in.Unread > 0, func() app.UI {
				return app.Form().Method("post").Action("/do/seen").Body(
					app.Input().Type("hidden").Name("at").Attr("value", attr(s.Now.UTC().Format(time.RFC3339))),
					app.Button().Class("pill").Text(s.Words.Say("inbox.seen")),
				)
			}),
		),
		app.If(len(in.Notices)+len(in.Followed) == 0, func() app.UI { return app.P().Class("nothing").Text(s.Words.Say("inbox.nothing")) }),
		app.Ul().Class("cards").Body(app.Range(in.Notices).Slice(func(i int) app.UI {
			return &Notice{Notice: in.Notices[i], Age: s.Words.Age(in.Notices[i].At, s.Now), Words: s.Words}
		})),
		s.more(in.Next),
		s.section("inbox.followed", in.Followed),
	}
}

// A Notice shows what somebody is told.
type Notice struct {
	app.Compo

	Notice talk.Notice
	Age    string
	Words  *words.Words
}

// CompoID keeps go-app from making one notice of another.
func (n *Notice) CompoID() string { return string(n.Notice.Kind) + n.Notice.Comment.ID }

// Render shows the notice.
func (n *Notice) Render() app.UI {
	o := n.Notice
	class := "card"
	if !o.Seen {
		class += " unseen-yet"
	}
	return app.Li().Class(class).Body(
		app.P().Class("site").Body(
			app.A().Class("within").Attr("href", attr("/t/"+o.Thread.ID+"#comment-"+o.Comment.ID)).Text(n.why()),
			app.Time().Attr("datetime", attr(o.At.UTC().Format(time.RFC3339))).Text(n.Age),
		),
		app.Raw(`<div class="text" dir="auto">`+o.Comment.HTML+`</div>`),
		app.P().Class("soft").Attr("dir", "auto").Text(cmp.Or(o.Thread.Title, o.Thread.Site)),
	)
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
