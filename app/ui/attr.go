package ui

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// attr prepares a value for an attribute. Every attribute whose value is not a
// constant goes through it: on the server, go-app (v10.1.11, node.go) writes
// values with strconv.Quote, which is not HTML's way, so whatever Quote would
// touch and HTML would read otherwise is written as a character reference
// before. In the browser, where setAttribute needs none of it, it does nothing.
func attr(value string) string {
	if !app.IsServer {
		return value
	}
	if value == "true" { // go-app would leave the value out
		return "&#116;rue"
	}
	if plain(value) {
		return value
	}
	var b strings.Builder
	for _, r := range value { // invalid UTF-8 comes as U+FFFD
		switch {
		case r == '"' || r == '\\' || r == '<' || r == '>' || r == '&' || r == '\'' || r == '`':
			fmt.Fprintf(&b, "&#%d;", r)
		case r == 0:
			b.WriteRune('\uFFFD') // HTML knows no reference to it
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "&#%d;", r)
		}
	}
	return b.String()
}

// plain says whether Quote and HTML agree on a value: most are ids and numbers.
func plain(value string) bool {
	for i := range len(value) {
		switch c := value[i]; {
		case c < ' ' || c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&', c == '\'', c == '`':
			return false
		}
	}
	return true
}

// flag is attr for attributes that say true or false in words.
func flag(on bool) string { return attr(strconv.FormatBool(on)) }
