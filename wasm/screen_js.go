package main

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/ui"
)

// A screen is the root component of a page that lists conversations.
type screen struct {
	app.Compo

	state ui.Screen
	boot  app.Value // boot.js's helpers
}

// Render shows the state.
func (s *screen) Render() app.UI { return ui.ScreenPage(&s.state) }

// OnMount gives back what the reader was doing, in the task that replaced it.
func (s *screen) OnMount(ctx app.Context) {
	s.boot.Call("restore")
	app.Window().Set("onclick", nil) // go-app would make a navigation of every link
	ctx.PreventUpdate()              // it is as it was just mounted
	ctx.Async(func() {
		for range time.Tick(time.Minute) {
			ctx.Dispatch(func(app.Context) { s.state.Now = s.state.Now.Add(time.Minute) })
		}
	})
	s.watchDevice(ctx)
	s.boot.Set("live", true)
}
