package ui

import (
	"cmp"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
	"folkmoot/app/words"
)

// A Device is what this browser keeps for somebody.
type Device struct {
	Waits     []Wait
	Pages     int // conversations that can be read without a network
	Drafts    int // conversations with one
	Usage     int // bytes; negative if the browser doesn't say
	Persisted bool
	CanAsk    bool // for it to be persisted
	Clearing  bool // it is being asked what to clear
	Notice    string
	Hands     DeviceHands
}

// DeviceHands are told what the person did with what is kept.
type DeviceHands interface {
	TakeBack(ref string) // don't send it; a refused one is let go of
	Copy(ref string)     // its text
	Persist()
	AskClear(on bool)
	Clear(everything bool)
}

// A Wait is something in the outbox.
type Wait struct {
	Ref     string
	Thread  string
	At      time.Time
	Command talk.Command
	Refused *talk.Error // why it was not done
	Tried   bool        // nobody knows whether it arrived
	Copied  bool
}

// waiting is what waits to be sent, and what was refused meanwhile.
func waiting(s *Screen) app.UI {
	d := s.Device
	return app.If(d != nil && len(d.Waits) > 0, func() app.UI {
		return app.Section().Class("list", "waiting").ID("waiting").Body(
			app.H2().Text(s.Words.Many("waiting", len(d.Waits))),
			app.P().Class("soft").Text(s.Words.Say("waiting.why")),
			app.Ul().Class("cards").Body(app.Range(d.Waits).Slice(func(i int) app.UI {
				return &Waiting{Wait: d.Waits[i], Age: s.Words.Age(d.Waits[i].At, s.Now), Words: s.Words, Hands: d.Hands}
			})),
		)
	})
}

// Waiting shows something in the outbox.
type Waiting struct {
	app.Compo

	Wait  Wait
	Age   string
	Words *words.Words
	Hands DeviceHands
}

// CompoID keeps go-app from making one of another.
func (o *Waiting) CompoID() string { return o.Wait.Ref }

// Render shows it.
func (o *Waiting) Render() app.UI {
	w, c := o.Wait, o.Wait.Command
	return app.Li().Class("card", "wait").Body(
		app.P().Class("site").Body(
			app.Span().Body(
				app.Span().Class("kind").Text(kindOf(o.Words, c.Kind)),
				app.Text(" · "),
				app.A().Attr("href", attr("/t/"+w.Thread)).Text(o.Words.Say("conversation")),
			),
			app.Time().Attr("datetime", attr(w.At.UTC().Format(time.RFC3339))).Text(o.Age),
		),
		app.If(c.Body != "", func() app.UI {
			return app.Div().Class("text", "plain").Attr("dir", "auto").Body(app.P().Text(c.Body))
		}),
		app.If(w.Refused != nil, func() app.UI {
			return app.P().Class("why").Attr("role", "alert").Text(o.Words.Say("waiting.refused", "why", o.Words.Refusal(w.Refused)))
		}),
		app.If(w.Refused == nil && w.Tried, func() app.UI { return app.P().Class("soft").Text(o.Words.Say("waiting.tried")) }),
		app.P().Class("does").Body(
			app.If(c.Body != "", func() app.UI {
				return app.Button().Type("button").Class("quiet").Text(o.Words.Say(either(w.Copied, "copied", "copy"))).
					OnClick(func(app.Context, app.Event) { o.Hands.Copy(w.Ref) })
			}),
			app.Button().Type("button").Class("quiet").Text(o.Words.Say(either(w.Refused != nil, "waiting.discard", "comment.takeback"))).
				OnClick(func(app.Context, app.Event) { o.Hands.TakeBack(w.Ref) }),
		),
	)
}

// kindOf says what somebody did.
func kindOf(w *words.Words, do talk.Do) string {
	switch do {
	case talk.Post, talk.Edit, talk.Delete, talk.React, talk.Like:
		return w.Say("waiting." + string(do))
	default:
		return w.Say("waiting.other")
	}
}

// kept says how much is kept, and lets one clear it.
func (d *Device) kept(w *words.Words) app.UI {
	const mega = 1 << 20
	usage := w.Say("device.none")
	switch {
	case d.Usage >= mega:
		usage = w.Say("device.usage", "n", w.Number(d.Usage/mega))
	case d.Usage >= 0:
		usage = w.Say("device.little")
	}
	return app.Div().Body(
		app.P().Class("stored").Body(
			app.Text(usage),
			app.If(d.Pages > 0, func() app.UI {
				return app.Text(" " + w.Say("device.kept", "all", w.Many("topic.threads", d.Pages)))
			}),
		),
		app.If(d.Persisted, func() app.UI { return app.P().Class("soft").Text(w.Say("device.persisted")) }),
		app.If(!d.Persisted && d.CanAsk, func() app.UI {
			return app.P().Class("persist").Body(
				app.Span().Class("soft").Text(w.Say("device.persist.why")+" "),
				app.Button().Type("button").Class("quiet").Text(w.Say("device.persist")).OnClick(func(app.Context, app.Event) { d.Hands.Persist() }),
			)
		}),
		app.If(!d.Clearing, func() app.UI {
			return app.Button().Type("button").ID("clear").Class("pill").Text(w.Say("device.clear")).OnClick(func(app.Context, app.Event) { d.Hands.AskClear(true) })
		}).Else(func() app.UI { return d.clear(w) }),
		app.P().Class("soft").Attr("role", "status").Text(d.Notice),
	)
}

// clear asks what to clear, and says what would be lost.
func (d *Device) clear(w *words.Words) app.UI {
	return app.Section().ID("clearing").Class("clearing").Attr("tabindex", "-1").Aria("label", attr(w.Say("device.clear"))).Body(
		app.P().Text(w.Say("clear.reading.what", "pages", w.Many("topic.threads", d.Pages), "drafts", w.Many("drafts.count", d.Drafts))),
		app.Button().Type("button").Class("pill").Text(w.Say("clear.reading")).OnClick(func(app.Context, app.Event) { d.Hands.Clear(false) }),
		app.P().Text(w.Say("clear.all.what")),
		app.If(len(d.Waits) > 0, func() app.UI {
			return app.Div().Class("lost").Body(
				app.P().Text(w.Say("clear.lost")),
				app.Ul().Body(app.Range(d.Waits).Slice(func(i int) app.UI {
					c := d.Waits[i].Command
					return app.Li().Class("text", "plain").Attr("dir", "auto").Text(cmp.Or(c.Body, kindOf(w, c.Kind)))
				})),
			)
		}),
		app.Button().Type("button").Class("pill", "alarm").Text(w.Say("clear.all")).OnClick(func(app.Context, app.Event) { d.Hands.Clear(true) }),
		app.Button().Type("button").Class("quiet").Text(w.Say("write.cancel")).OnClick(func(app.Context, app.Event) { d.Hands.AskClear(false) }),
	)
}

// DraftOf is the thread's box into which a text goes that was taken back.
func DraftOf(c talk.Command) string {
	if c.Kind == talk.Edit {
		return BoxID(EditID(c.Comment))
	}
	return BoxID(c.Parent)
}
