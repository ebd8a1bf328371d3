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
	var s ui.State
	text := app.Window().GetElementByID("state").Get("textContent").String()
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		app.Log("folkmoot: the page's state can't be read:", err)
		return // the page goes on working without us
	}
	if file := boot.Get("words").String(); file != "" {
		w, err := words.Read([]byte(file))
		if err != nil {
			app.Log("folkmoot: the page's language can't be read:", err)
			return
		}
		s.Words = w
	}
	conversation := func() app.Composer {
		boot.Call("capture")
		return newWidget(s, boot)
	}
	app.Route(app.Window().URL().Path, conversation) // the page that we are in
	await(boot.Call("settled"))
	// From here to the widget's OnMount is one task of the browser's: no key can
	// come between reading what the reader has typed and giving it back.
	app.RunWhenOnBrowser()
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
