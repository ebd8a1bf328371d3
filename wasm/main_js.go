// Command wasm is the browser's side of Folkmoot: it takes over the page that
// the server rendered, holds the socket, and shows what happens. boot.js starts
// it once the page is readable and idle.
package main

import (
	"encoding/json"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/ui"
	"folkmoot/app/words"
)

func main() {
	boot := app.Window().Get("folkmoot")
	// Starting takes long on a slow phone, and the host's page may have to wait
	// meanwhile. So it is done in several tasks.
	await(boot.Call("breathe"))
	w := words.English()
	if file := boot.Get("words").String(); file != "" {
		var err error
		if w, err = words.Read([]byte(file)); err != nil {
			app.Log("folkmoot: the page's language can't be read:", err)
			return // the page goes on working without us
		}
	}
	root, err := rootOf(boot.Call("state").String(), w, boot)
	if err != nil {
		app.Log("folkmoot: the page's state can't be read:", err)
		return
	}
	app.Route(app.Window().URL().Path, func() app.Composer { // the page that we are in
		boot.Call("capture")
		return root()
	})
	await(boot.Call("settled"))
	// From here to the widget's OnMount is one task of the browser's: no key can
	// come between reading what the reader has typed and giving it back.
	app.RunWhenOnBrowser()
}

// rootOf reads what the page was rendered from: a screen, if its frame says
// which, else a conversation. It returns what makes its component.
func rootOf(text string, w *words.Words, boot app.Value) (func() app.Composer, error) {
	var of struct {
		Frame ui.Frame `json:"frame"`
	}
	if err := json.Unmarshal([]byte(text), &of); err != nil {
		return nil, err
	}
	if of.Frame.Screen != "" {
		s := newScreen(boot)
		err := json.Unmarshal([]byte(text), &s.state)
		s.state.Words = w
		return func() app.Composer { return s }, err
	}
	var s ui.State
	err := json.Unmarshal([]byte(text), &s)
	s.Words = w
	return func() app.Composer { return newWidget(s, boot) }, err
}

// await waits for a promise, and returns what it was resolved with, or false if
// it was rejected.
func await(promise app.Value) (app.Value, bool) {
	type outcome struct {
		value app.Value
		ok    bool
	}
	c := make(chan outcome, 1)
	settle := func(ok bool) app.Func {
		return app.FuncOf(func(_ app.Value, args []app.Value) any {
			o := outcome{ok: ok}
			if len(args) > 0 {
				o.value = args[0]
			}
			c <- o
			return nil
		})
	}
	resolved, rejected := settle(true), settle(false)
	defer resolved.Release()
	defer rejected.Release()
	promise.Call("then", resolved, rejected)
	o := <-c
	return o.value, o.ok
}
