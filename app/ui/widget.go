package ui

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/list"
	"folkmoot/app/talk"
	"folkmoot/app/words"
)

// Thread shows a thread: how many are here, the reactions, a box to write, and
// the comments.
func Thread(s *State, h Hands) app.UI {
	s = s.listed()
	return app.Main().Class("fm", "fm-"+statusClass(s.Status)).ID("folkmoot").Body(
		app.If(s.Frame == nil, func() app.UI { return app.H1().Class("unseen").Text(s.Words.Say("conversation")) }),
		head(s, h),
		reactions(s, h),
		who(s, h),
		app.If(s.View.Thread.Locked, func() app.UI { return app.P().Class("locked").Text(s.Words.Say("conversation.closed")) }),
		app.If(!locked(s) && !Last(s), func() app.UI { return composer(s, h) }),
		app.If(len(s.Queue) > 0, func() app.UI { return queue(s, h) }),
		comments(s, h),
		app.If(!locked(s) && Last(s), func() app.UI { return composer(s, h) }),
		replyForm(s.Self),
		likeForm(s.View.Thread.ID),
		elsewhere(s, h),
		app.If(h != nil && !s.View.Role.Keeps(), func() app.UI { return keeper(s.Words, h) }),
	)
}

// locked says whether the reader can't write here.
func locked(s *State) bool { return s.View.Thread.Locked && !s.View.Role.Keeps() }

// Last says whether the box to write in comes after the comments.
func Last(s *State) bool { return parameter(s.Self, "input") == "bottom" }

func composer(s *State, h Hands) app.UI {
	return &Composer{Thread: s.View.Thread.ID, Box: s.Boxes[""], Self: s.Self, Me: s.Me, Words: s.Words, Hands: h}
}

func statusClass(s Status) string {
	return [...]string{Still: "still", Live: "live", Connecting: "connecting"}[s]
}

// head says who is here and how the connection is. Its height is the same
// whatever it says, so nothing moves when it changes.
func head(s *State, h Hands) app.UI {
	here := ""
	if n := s.View.Thread.Viewers; n > 0 {
		here = s.Words.Many("here", n)
	}
	return app.Div().Class("head").Body(
		app.P().Class("here").Body(
			app.Span().Class("pulse").Aria("hidden", attr("true")),
			app.Text(here),
		),
		app.P().Class("status").Attr("role", "status").Body(
			app.If(s.Status == Connecting, func() app.UI { return app.Text(s.Words.Say("connection.lost")) }),
		),
		app.P().Class("typing").Text(writing(s.Words, s.Typing)),
		app.If(s.View.Role.Keeps(), func() app.UI {
			return app.Form().Method("post").Action("/do/lock?on="+strconv.FormatBool(!s.View.Thread.Locked)).
				OnSubmit(func(_ app.Context, e app.Event) {
					e.PreventDefault()
					h.Lock()
				}).
				Body(
					app.Input().Type("hidden").Name("thread").Attr("value", attr(s.View.Thread.ID)),
					app.Button().Class("quiet").Text(s.Words.Say(either(s.View.Thread.Locked, "conversation.open", "conversation.close"))),
				)
		}),
		app.If(s.Thanks != "", func() app.UI { return app.P().Class("thanks").Attr("role", "status").Text(s.Thanks) }),
		app.If(s.Notice != "", func() app.UI {
			return app.P().Class("notice").Attr("role", "alert").Body(
				app.Span().Text(s.Notice),
				app.Button().Type("button").Class("quiet").Text(s.Words.Say("ok")).OnClick(func(app.Context, app.Event) { h.Dismiss() }),
			)
		}),
	)
}

// writing says who is. A server tells three names at most, so three may be more.
func writing(w *words.Words, names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return w.Say("writing.one", "name", names[0])
	case 2:
		return w.Say("writing.two", "name", names[0], "other", names[1])
	default:
		return w.Say("writing.several")
	}
}

// reactions is the bar: one form, each kind a button of it. A kind that is mine
// sends itself to where it is taken back.
func reactions(s *State, h Hands) app.UI {
	t := s.View.Thread
	mine := map[string]bool{}
	for _, k := range t.Mine {
		mine[k] = true
	}
	return app.Form().Class("reactions").Method("post").Action("/do/react").Aria("label", attr(s.Words.Say("reactions"))).Body(
		named(t),
		app.Range(s.Kinds).Slice(func(i int) app.UI {
			k := s.Kinds[i]
			label := labelOf(s.Words, k)
			b := app.Button().Name("reaction").Attr("value", attr(k.Kind)).Class("reaction").
				Attr("aria-pressed", flag(mine[k.Kind])).
				Attr("aria-label", attr(s.Words.Say("reaction.count", "reaction", label, "n", s.Words.Number(t.Reactions[k.Kind])))).
				Attr("title", attr(label)).
				OnClick(func(_ app.Context, e app.Event) {
					e.PreventDefault()
					h.React(k.Kind)
				}, app.EventScope(k.Kind))
			if mine[k.Kind] {
				b = b.Attr("formaction", "/do/react?on=false")
			}
			return b.Body(
				app.Span().Class("emoji").Aria("hidden", attr("true")).Text(k.Emoji),
				count(s.Words, t.Reactions[k.Kind], s.Moved[k.Kind]),
			)
		}),
	)
}

// named is the thread, with those that it has come of: a device may have drafts
// that belong to them.
func named(t talk.Thread) app.UI {
	i := app.Input().Type("hidden").Name("thread").Attr("value", attr(t.ID))
	if len(t.Former) > 0 {
		i = i.Attr("data-former", attr(strings.Join(t.Former, ",")))
	}
	return i
}

// labelOf says what a reaction means. A site's own are in its own words.
func labelOf(w *words.Words, k talk.ReactionKind) string {
	if key := "reaction." + k.Kind; k.Label == words.English().Say(key) {
		return w.Say(key)
	}
	return k.Label
}

// count shows a number that moves a little when it has changed.
func count(w *words.Words, n, moved int) app.UI {
	class := "count"
	if moved > 0 {
		class += " moved-" + strconv.Itoa(moved%2) // another name starts the animation again
	}
	text := ""
	if n > 0 {
		text = w.Number(n)
	}
	return app.Span().Class(class).Text(text)
}

func comments(s *State, h Hands) app.UI {
	shown := branches(s)
	return app.Section().Class("comments").ID("comments").Aria("label", attr(s.Words.Say("comments"))).Body(
		app.Div().Class("bar").Body(
			app.H2().Text(s.Words.Many("comments.count", s.View.Thread.Comments-len(s.Unseen))),
			app.If(s.View.Thread.Comments > 1, func() app.UI { return sorts(s) }),
			app.Span().Class("unseen").Attr("role", "status").Text(announce(s)),
			app.If(len(s.Unseen) > 0, func() app.UI {
				return app.Button().Type("button").Class("new").Text(s.Words.Many("comments.new", len(s.Unseen))).
					OnClick(func(app.Context, app.Event) { h.ShowNew() })
			}),
		),
		app.If(lost(s), func() app.UI {
			return app.P().Class("lost").Attr("role", "status").Text(s.Words.Say("comment.lost"))
		}),
		app.If(s.View.Prev != "" || s.List.Branch != "", func() app.UI {
			first := strings.TrimRight(begin(s.Self, ""), "?&")
			return app.A().Class("start").Attr("href", attr(first+"#comments")).Text(s.Words.Say("comments.start"))
		}),
		app.If(s.View.Prev != "", func() app.UI {
			return app.A().Class("more", "earlier").Attr("href", attr(With(s.Self, "before", s.View.Prev)+"#comments")).Text(s.Words.Say("comments.earlier")).
				OnClick(func(_ app.Context, e app.Event) {
					e.PreventDefault()
					h.Earlier()
				})
		}),
		app.If(len(shown) == 0, func() app.UI {
			return app.P().Class("empty").Text(s.Words.Say("comments.none"))
		}),
		app.Range(shown).Slice(func(i int) app.UI {
			return shown[i].show(s.Words, h)
		}),
		app.If(s.View.Next != "", func() app.UI {
			return app.A().Class("more").Attr("href", attr(With(s.Self, "after", s.View.Next)+"#comments")).Text(s.Words.Say("comments.more")).
				OnClick(func(_ app.Context, e app.Event) {
					e.PreventDefault()
					h.More()
				})
		}),
	)
}

// announce says politely, to those who listen, what the button shows.
func announce(s *State) string {
	if len(s.Unseen) == 0 {
		return ""
	}
	return s.Words.Many("comments.new", len(s.Unseen))
}

// sorts are links to the same page in another order.
func sorts(s *State) app.UI {
	all := []struct {
		sort talk.Sort
		name string
	}{{talk.Oldest, s.Words.Say("order.oldest")}, {talk.Newest, s.Words.Say("order.newest")}, {talk.Top, s.Words.Say("order.top")}}
	return app.Nav().Class("sorts").Aria("label", attr(s.Words.Say("order"))).Body(
		app.Range(all).Slice(func(i int) app.UI {
			o := all[i]
			a := app.A().Attr("href", attr(With(s.Self, "sort", string(o.sort))+"#comments")).Text(o.name)
			if o.sort == s.View.Sort {
				a = a.Aria("current", attr("true"))
			}
			return a
		}),
	)
}

// places are the parameters that say which part of a thread a page shows.
var places = map[string]bool{"after": true, "before": true, "around": true, "rest": true, "reply": true, "who": true}

// With is an address of ours with one parameter of its query set, and back at
// the first page.
func With(self, name, value string) string {
	return begin(self, name) + name + "=" + value
}

// begin is the address of a thread's first page, without a parameter, as one that
// more can be added to.
func begin(self, without string) string {
	path, query, _ := strings.Cut(self, "?")
	out := path + "?"
	for pair := range strings.SplitSeq(query, "&") {
		if key, _, _ := strings.Cut(pair, "="); key != without && !places[key] && pair != "" {
			out += pair + "&"
		}
	}
	return out
}

// sought is the comment that a page was asked for, or empty.
func sought(self string) string { return parameter(self, "around") }

// parameter is a word of an address of ours, or empty.
func parameter(self, name string) string {
	_, query, _ := strings.Cut(self, "?")
	for pair := range strings.SplitSeq(query, "&") {
		if key, value, _ := strings.Cut(pair, "="); key == name {
			return value
		}
	}
	return ""
}

// lost says whether the comment that the page was asked for isn't there.
func lost(s *State) bool {
	id := sought(s.Self)
	return id != "" && s.List.Find(id) == nil
}

// permalink is the address of a comment that people may share: in the article
// where it stands, or on this page if it is Folkmoot's own. Where the page has all
// comments, that is the shortest one; it works without a network, too.
func permalink(s *State, comment string) string {
	switch {
	case s.Waiting[comment] != "":
		return "#comment-" + comment
	case s.Frame == nil:
		return s.View.Thread.Article() + "#comment-" + comment
	case s.View.Prev == "" && s.View.Next == "":
		return "#comment-" + comment
	}
	return With(s.Self, "around", comment) + "#comment-" + comment
}

// replyForm is what the Reply buttons belong to without a script: it asks for
// the same page with a box open.
func replyForm(self string) app.UI {
	path, query, _ := strings.Cut(self, "?")
	fields := []app.UI{}
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name != "" && name != "reply" && name != "who" {
			fields = append(fields, app.Input().Type("hidden").Attr("name", attr(name)).Attr("value", attr(unescape(value))))
		}
	}
	return app.Form().ID("reply").Method("get").Action(path).Hidden(true).Body(fields...)
}

// likeForm is what the Like buttons belong to without a script. The thread is
// the way back, if the browser doesn't tell it.
func likeForm(thread string) app.UI {
	return app.Form().ID("like").Method("post").Action("/do/like").Hidden(true).Body(
		app.Input().Type("hidden").Name("thread").Attr("value", attr(thread)),
	)
}

// A Branch is a comment with what the widget knows of it, and its replies.
type Branch struct {
	Comment talk.Comment
	Key     string // stays while it is shown, whatever becomes of its id
	Level   int    // 1 for a root
	Rest    int    // of what isn't a comment: so many replies are missing after it
	More    string // where they are
	Room    bool   // neither a comment: it stands for those that aren't in the document, see long.js
	Folded  bool   // its replies are
	Aside   bool   // it stands under another than it answers
	Below   int    // how many replies it has, and they
	Age     string
	Link    string // its permalink
	Top     bool   // which leads out of the frame
	Sought  bool   // the page is there for it
	Text    string // of one that is not on disk yet; else empty
	Away    bool   // and can't be sent just now
	To      string // name of whoever is answered
	ToLink  string // and where
	New     bool   // since the last visit
	Menu    bool   // whether there is one: whoever has never said anything gets it from the program
	Opened  bool   // the menu was
	Locked  bool   // no answers
	Undo    bool   // I deleted it just now
	Unedit  bool   // I edited it just now
	Past    []talk.Revision
	Editing bool
	Edit    Box
	Role    talk.Role
	Moved   int
	Open    bool // its reply box
	Box     Box
	Self    string      // the page's address, only where a box is
	Me      talk.Person // only where a box or a menu is
	Replies []Branch
}

// branches makes branches of the parts that are in the document.
func branches(s *State) []Branch {
	parts := s.Parts
	var gather func(level int) []Branch
	gather = func(level int) []Branch {
		var out []Branch
		for len(parts) > 0 && parts[0].Level >= level {
			if parts[0].Room > 0 {
				out = append(out, Branch{Room: true})
			}
			if parts[0].Comment == nil {
				parts = parts[1:]
				continue
			}
			b := s.branch(parts[0])
			parts = parts[1:]
			b.Replies = gather(b.Level + 1)
			out = append(out, b)
		}
		return out
	}
	return gather(1)
}

// IsNew says whether a comment came since the last visit, from somebody else.
func (s *State) IsNew(c *talk.Comment) bool {
	return !s.Visited.IsZero() && c.At.After(s.Visited) && c.Author.ID != s.Me.ID && s.Waiting[c.ID] == ""
}

func (s *State) branch(p list.Part) Branch {
	c := *p.Comment
	if p.Rest > 0 {
		return Branch{Key: "rest-" + c.ID, Comment: talk.Comment{ID: c.ID}, Level: p.Level, Rest: p.Rest, More: With(s.Self, "rest", c.ID) + "#comments"}
	}
	b := Branch{Comment: c, Key: cmp.Or(s.Keys[c.ID], c.ID), Level: p.Level, Aside: p.Aside, Below: p.Below, Folded: p.Folded}
	b.Age, b.Text, b.Moved = s.Words.Age(c.At, s.Now), s.Waiting[c.ID], s.Moved[c.ID]
	if b.To = p.To; p.To != "" {
		b.ToLink = "#comment-" + c.Parent
		if s.List.Find(c.Parent) == nil {
			b.ToLink = With(s.Self, "around", c.Parent) + b.ToLink
		}
	}
	b.Away = b.Text != "" && s.Status == Connecting
	b.New = s.IsNew(&c)
	b.Link, b.Top, b.Sought = permalink(s, c.ID), s.Frame == nil && b.Text == "", c.ID == sought(s.Self)
	b.Box, b.Open = s.Boxes[c.ID]
	b.Edit, b.Editing = s.Boxes[EditID(c.ID)]
	b.Menu, b.Locked, b.Undo = s.Me.ID != "" || s.Status != Still, locked(s), s.Undo[c.ID]
	b.Opened, b.Past = s.Menus[c.ID], s.Past[c.ID]
	_, b.Unedit = s.Before[c.ID]
	if b.Open || b.Editing {
		b.Self = s.Self
	}
	if b.Open || b.Menu {
		b.Me, b.Role = s.Me, s.View.Role
	}
	return b
}

// show shows the branch, or a link to what is missing of one, or room.
func (b *Branch) show(w *words.Words, h Hands) app.UI {
	if b.Room {
		return app.Div().Class("room")
	}
	if b.Rest > 0 {
		return &Rest{Key: b.Key, Comment: b.Comment.ID, Missing: b.Rest, Link: b.More, Words: w, Hands: h}
	}
	return &Comment{Branch: *b, Words: w, Hands: h}
}
