package web

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"

	"folkmoot/assets"
)

// fitScript tells the host's page how tall this one is from the first layout on,
// and keeps what that page says. boot.js does it later, but it comes only after
// another round trip, and until then the frame would show what is reserved for an
// empty thread.
//
//go:embed fit.js
var fitScript string

// An inline is what stands in the widget's page itself, so that nothing has to
// be fetched before the first comment is on the screen. The policy names it by
// its hash.
type inline struct {
	Style, More     template.CSS // more.css is only where it is needed at once
	Fit             template.JS
	styles, scripts string // as sources of the policy
}

// inlined reads what there is to inline, from the program itself.
func inlined(set *assets.Set) *inline {
	read := func(name string) string {
		f, _, err := set.Named(name).Open("")
		if err != nil {
			panic(err)
		}
		defer f.Close()
		text, err := io.ReadAll(f)
		if err != nil {
			panic(err)
		}
		return string(text)
	}
	style, more := read("style.css"), read("more.css")
	return &inline{template.CSS(style), template.CSS(more), template.JS(fitScript), source(style) + " " + source(more), source(fitScript)}
}

func source(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
