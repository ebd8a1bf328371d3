package ui

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// SheetItems is how many items of a long list make a sheet: as many as the
// server gives at once.
const SheetItems = 50

// long is a list that may become long. It stands in sheets, and only those near
// the screen are in the document: the browser's program says which, in
// [Screen.Rooms]. What comes in at the top belongs to the first sheet, so that
// all others stay what they are.
func (s *Screen) long(class string, n int, item func(i int) app.UI) app.UI {
	return app.Div().Class("long").Body(app.Range(make([]struct{}, s.Sheets(n))).Slice(func(p int) app.UI {
		from, to := s.Sheet(p, n)
		sheet := &Sheet{Number: p, Class: class}
		if p < len(s.Rooms) && s.Rooms[p] > 0 {
			sheet.Room = s.Rooms[p]
			return sheet
		}
		for i := from; i < to; i++ {
			sheet.Items = append(sheet.Items, item(i))
		}
		return sheet
	}))
}

// Sheets is how many sheets a list of n items has.
func (s *Screen) Sheets(n int) int {
	if n == 0 {
		return 0
	}
	return max(1, (n-s.First+SheetItems-1)/SheetItems)
}

// Sheet is which items are on a sheet of a list of n: from the one, and before
// the other.
func (s *Screen) Sheet(p, n int) (from, to int) {
	if p > 0 {
		from = s.First + p*SheetItems
	}
	return min(from, n), min(s.First+(p+1)*SheetItems, n)
}

// A Sheet is a part of a long list, or the room that it takes.
type Sheet struct {
	app.Compo

	Number int
	Class  string
	Items  []app.UI
	Room   float64 // pixels
}

// CompoID keeps go-app from making one sheet of another.
func (t *Sheet) CompoID() string { return "sheet" + strconv.Itoa(t.Number) }

// Render shows the sheet. Room is a picture's height: a style's would need the
// page's policy to allow styles in attributes.
func (t *Sheet) Render() app.UI {
	if t.Room > 0 {
		return app.Div().Class("sheet", "room").Body(app.Raw(`<svg width="1" height="` + strconv.FormatFloat(t.Room, 'f', 3, 64) + `" aria-hidden="true"></svg>`))
	}
	return app.Div().Class("sheet").Body(app.Ul().Class(t.Class).Body(t.Items...))
}

// more leads to what a list has further, which hands can put there, too.
func (s *Screen) more(h ScreenHands, next string) app.UI {
	return app.If(next != "", func() app.UI {
		return app.Div().Class("further").Body(
			app.If(s.Loading, func() app.UI {
				return app.Div().Class("skeletons").Aria("hidden", attr("true")).Body(app.Raw(skeleton), app.Raw(skeleton), app.Raw(skeleton))
			}),
			app.A().Class("more").Attr("href", attr(With(s.Self, "after", next))).Text(s.Words.Say(either(s.Loading, "list.loading", "list.more"))).
				OnClick(func(_ app.Context, e app.Event) {
					if h != nil {
						e.PreventDefault()
						h.More()
					}
				}),
		)
	})
}

// skeleton stands for an item that is on its way.
const skeleton = `<div class="skeleton"><i></i><i></i><i></i></div>`
