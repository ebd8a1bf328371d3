package ui

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
)

// Thread shows a thread: how many are here, the reactions, a box to write, and
// the comments.
func Thread(s *State, h Hands) app.UI {
	return app.Main().Class("fm", "fm-"+statusClass(s.Status)).ID("folkmoot").Body(
		app.H1().Class("unseen").Text("Conversation"),
		head(s, h),
		reactions(s, h),
		app.If(s.View.Thread.Locked, func() app.UI { return app.P().Class("locked").Text("This conversation is closed.") }),
		app.If(!locked(s), func() app.UI {
			return &Composer{Thread: s.View.Thread.ID, Box: s.Boxes[""], Me: s.Me, Hands: h}
		}),
		app.If(len(s.Queue) > 0, func() app.UI { return queue(s, h) }),
		comments(s, h),
		replyForm(s.Self),
		app.If(h != nil && !s.View.Role.Keeps(), func() app.UI { return keeper(h) }),
	)
}

// locked says whether the reader can't write here.
func locked(s *State) bool { return s.View.Thread.Locked && !s.View.Role.Keeps() }

func statusClass(s Status) string {
	return [...]string{Still: "still", Live: "live", Connecting: "connecting"}[s]
}

// head says who is here and how the connection is. Its height is the same
// whatever it says, so nothing moves when it changes.
func head(s *State, h Hands) app.UI {
	here := ""
	if n := s.View.Thread.Viewers; n > 0 {
		here = strconv.Itoa(n) + " here now"
	}
	return app.Div().Class("head").Body(
		app.P().Class("here").Body(
			app.Span().Class("pulse").Aria("hidden", attr("true")),
			app.Text(here),
		),
		app.P().Class("status").Attr("role", "status").Body(
			app.If(s.Status == Connecting, func() app.UI { return app.Text("Connection lost. Reconnecting…") }),
		),
		app.P().Class("typing").Text(writing(s.Typing)),
		app.If(s.View.Role.Keeps(), func() app.UI {
			return app.Form().Method("post").Action("/do/lock?on="+strconv.FormatBool(!s.View.Thread.Locked)).
				OnSubmit(func(_ app.Context, e app.Event) {
					e.PreventDefault()
					h.Lock()
				}).
				Body(
					app.Input().Type("hidden").Name("thread").Attr("value", attr(s.View.Thread.ID)),
					app.Button().Class("quiet").Text(either(s.View.Thread.Locked, "Open the conversation", "Close the conversation")),
				)
		}),
		app.If(s.Thanks != "", func() app.UI { return app.P().Class("thanks").Attr("role", "status").Text(s.Thanks) }),
		app.If(s.Notice != "", func() app.UI {
			return app.P().Class("notice").Attr("role", "alert").Body(
				app.Span().Text(s.Notice),
				app.Button().Type("button").Class("quiet").Text("OK").OnClick(func(app.Context, app.Event) { h.Dismiss() }),
			)
		}),
	)
}

// writing says who is. A server tells three names at most, so three may be more.
func writing(names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0] + " is writing…"
	case 2:
		return names[0] + " and " + names[1] + " are writing…"
	default:
		return "Several people are writing…"
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
	return app.Form().Class("reactions").Method("post").Action("/do/react").Aria("label", "Reactions to this article").Body(
		app.Input().Type("hidden").Name("thread").Attr("value", attr(t.ID)),
		app.Range(s.Kinds).Slice(func(i int) app.UI {
			k := s.Kinds[i]
			b := app.Button().Name("reaction").Attr("value", attr(k.Kind)).Class("reaction").
				Attr("aria-pressed", flag(mine[k.Kind])).
				Attr("aria-label", attr(k.Label+", "+strconv.Itoa(t.Reactions[k.Kind]))).
				Attr("title", attr(k.Label)).
				OnClick(func(_ app.Context, e app.Event) {
					e.PreventDefault()
					h.React(k.Kind)
				}, app.EventScope(k.Kind))
			if mine[k.Kind] {
				b = b.Attr("formaction", "/do/react?on=false")
			}
			return b.Body(
				app.Span().Class("emoji").Aria("hidden", attr("true")).Text(k.Emoji),
				count(t.Reactions[k.Kind], s.Moved[k.Kind]),
			)
		}),
	)
}

// count shows a number that moves a little when it has changed.
func count(n, moved int) app.UI {
	class := "count"
	if moved > 0 {
		class += " moved-" + strconv.Itoa(moved%2) // another name starts the animation again
	}
	text := ""
	if n > 0 {
		text = strconv.Itoa(n)
	}
	return app.Span().Class(class).Text(text)
}

func comments(s *State, h Hands) app.UI {
	shown := branches(s)
	return app.Section().Class("comments").ID("comments").Aria("label", "Comments").Body(
		app.Div().Class("bar").Body(
			app.H2().Text(many(s.View.Thread.Comments-len(s.Unseen), "comment")),
			app.If(s.View.Thread.Comments > 1, func() app.UI { return sorts(s) }),
			app.Span().Class("unseen").Attr("role", "status").Text(announce(len(s.Unseen))),
			app.If(len(s.Unseen) > 0, func() app.UI {
				return app.Button().Type("button").Class("new").Text(many(len(s.Unseen), "new comment")).
					OnClick(func(app.Context, app.Event) { h.ShowNew() })
			}),
		),
		app.If(len(shown) == 0, func() app.UI {
			return app.P().Class("empty").Text("Nobody has spoken yet. What do you make of it?")
		}),
		app.Range(shown).Slice(func(i int) app.UI {
			return &Comment{Branch: shown[i], Level: 1, Hands: h}
		}),
		app.If(s.View.Next != "", func() app.UI {
			return app.A().Class("more").Attr("href", attr(s.Self+"&after="+s.View.Next+"#comments")).Text("More comments").
				OnClick(func(_ app.Context, e app.Event) {
					e.PreventDefault()
					h.More()
				})
		}),
	)
}

// announce says politely, to those who listen, what the button shows.
func announce(unseen int) string {
	if unseen == 0 {
		return ""
	}
	return many(unseen, "new comment")
}

// sorts are links to the same page in another order.
func sorts(s *State) app.UI {
	all := []struct {
		sort talk.Sort
		name string
	}{{talk.Oldest, "Oldest"}, {talk.Newest, "Newest"}, {talk.Top, "Top"}}
	return app.Nav().Class("sorts").Aria("label", "Order of comments").Body(
		app.Range(all).Slice(func(i int) app.UI {
			o := all[i]
			a := app.A().Attr("href", attr(with(s.Self, "sort", string(o.sort))+"#comments")).Text(o.name)
			if o.sort == s.View.Sort {
				a = a.Aria("current", attr("true"))
			}
			return a
		}),
	)
}

// with is an address of ours with one parameter of its query set, and back at
// the first page.
func with(self, name, value string) string {
	path, query, _ := strings.Cut(self, "?")
	out := path + "?"
	for pair := range strings.SplitSeq(query, "&") {
		if key, _, _ := strings.Cut(pair, "="); key != name && key != "after" && key != "reply" && pair != "" {
			out += pair + "&"
		}
	}
	return out + name + "=" + value
}

// replyForm is what the Reply buttons belong to without a script: it asks for
// the same page with a box open.
func replyForm(self string) app.UI {
	_, query, _ := strings.Cut(self, "?")
	fields := []app.UI{}
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name != "" && name != "reply" {
			fields = append(fields, app.Input().Type("hidden").Attr("name", attr(name)).Attr("value", attr(unescape(value))))
		}
	}
	return app.Form().ID("reply").Method("get").Action("/embed").Hidden(true).Body(fields...)
}

// A Branch is a comment with what the widget knows of it, and its replies.
type Branch struct {
	Comment talk.Comment
	Key     string // stays while it is shown, whatever becomes of its id
	Age     string
	Text    string // of one that is not on disk yet; else empty
	To      string // name of whoever is answered
	New     bool   // since the last visit
	Menu    bool   // whether there is one: whoever has never said anything gets it from the program
	Locked  bool   // no answers
	Undo    bool   // I deleted it just now
	Editing bool
	Edit    Box
	Role    talk.Role
	Moved   int
	Open    bool // its reply box
	Box     Box
	Me      talk.Person // only where a box or a menu is
	Replies []Branch
}

// size is how many comments it has.
func (b Branch) size() int {
	n := 1
	for _, r := range b.Replies {
		n += r.size()
	}
	return n
}

// branches makes a tree of the view's flat list, without what waits unseen and
// without removed comments that nobody answered or is about to answer: a box
// must not vanish under somebody's hands.
func branches(s *State) []Branch {
	at := 0
	var gather func(parent, name string) []Branch
	gather = func(parent, name string) []Branch {
		var out []Branch
		for at < len(s.View.Comments) && s.View.Comments[at].Parent == parent {
			c := s.View.Comments[at]
			at++
			b := Branch{Comment: c, Key: cmp.Or(s.Keys[c.ID], c.ID), Age: talk.Age(c.At, s.Now), Text: s.Waiting[c.ID], To: name, Moved: s.Moved[c.ID]}
			b.New = !s.Visited.IsZero() && c.At.After(s.Visited) && c.Author.ID != s.Me.ID && b.Text == ""
			b.Box, b.Open = s.Boxes[c.ID]
			b.Edit, b.Editing = s.Boxes[EditID(c.ID)]
			b.Menu, b.Locked, b.Undo = s.Me.ID != "" || s.Status != Still, locked(s), s.Undo[c.ID]
			if b.Open || b.Menu {
				b.Me, b.Role = s.Me, s.View.Role
			}
			b.Replies = gather(c.ID, c.Author.Name)
			if s.Unseen[c.ID] || (c.State == talk.Removed && len(b.Replies) == 0 && !b.Open && !b.Undo) {
				continue
			}
			out = append(out, b)
		}
		return out
	}
	return gather("", "")
}

// many counts things in words: "1 comment", "12 comments".
func many(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	if stem, found := strings.CutSuffix(thing, "y"); found {
		thing = stem + "ie"
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

// exact is a time in words, for a title and for screen readers.
func exact(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }
