package web

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"

	"folkmoot/assets"
)

// fitScript tells the host's page how tall this one is from the first layout on.
// boot.js does it later, but it comes only after another round trip, and until
// then the frame would show what is reserved for an empty thread.
//
//go:embed fit.js
var fitScript string

// An inline is what stands in the widget's page itself, so that nothing has to
// be fetched before the first comment is on the screen. The policy names it by
// its hash.
type inline struct {
	Style                 template.CSS
	Fit                   template.JS
	styleHash, scriptHash string // as sources of the policy
}

// inlined reads what there is to inline, from the program itself.
func inlined(set *assets.Set) *inline {
	f, _, err := set.Named("style.css").Open("")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	style, err := io.ReadAll(f)
	if err != nil {
		panic(err)
	}
	return &inline{template.CSS(style), template.JS(fitScript), source(string(style)), source(fitScript)}
}

func source(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
