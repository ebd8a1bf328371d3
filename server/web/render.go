package web

import (
	"bytes"
	"encoding/json"
	"html/template"
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/list"
	"folkmoot/app/talk"
	"folkmoot/app/ui"
	"folkmoot/assets"
)

// shell is the page around the widget. go-app's program takes over the first
// element of the body; the state after it is what it starts from.
var shell = template.Must(template.New("embed").Parse(`<!doctype html>
<html lang="{{.Lang}}" dir="{{.Dir}}"{{with .Look.Class}} class="{{.}}"{{end}}{{with .Look.Theme}} data-theme="{{.}}"{{end}}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="{{or .Look.Theme "light dark"}}">
<meta name="robots" content="{{.Robots}}">
<title>{{.Title}}</title>
<style>{{.Inline.Style}}</style>
{{- if .More}}
<style id="more">{{.Inline.More}}</style>
{{- end}}
<script data-host="{{.Host}}">{{.Inline.Fit}}</script>
<script src="{{.Boot}}" data-host="{{.Host}}" data-comments="{{.Comments}}" data-reactions="{{.Reactions}}"{{with .Wasm}} data-wasm="{{.}}"{{end}} data-exec="{{.Exec}}" data-write="{{.Write}}" data-live="{{.Live}}"{{with .Long}} data-long="{{.}}"{{end}}{{if not .More}} data-more="{{.MoreFile}}"{{end}}{{with .Words}} data-words="{{.}}"{{end}} defer></script>
{{- with .Look.Sheet}}
<link rel="stylesheet" id="theme" href="{{.}}">
{{- end}}
</head>
<body>
{{.Widget}}
<script type="application/json" id="state">{{.State}}</script>
{{- with .Linked}}
<script type="application/ld+json">{{.}}</script>
{{- end}}
{{- if .Dev}}
<script src="/dev.js" defer></script>
{{- end}}
</body>
</html>
`))

type shellData struct {
	Dev                           bool
	Lang, Dir                     string
	Title, Robots, Host           string
	Look                          look
	Comments, Reactions           int
	Boot, Wasm, Exec, Write, Live string
	Long                          string // where long.js is, if it may be needed
	Words                         string // where the language's file is; empty for English
	Inline                        *inline
	More                          bool          // it needs more.css at once
	MoreFile                      string        // where that is, for those that need it later
	Widget                        template.HTML // go-app's rendering, whose attributes went through ui's encoder
	State, Linked                 template.JS   // JSON that can't end its script element; Linked may be empty
}

// render makes the page of a state, with what d says of it already.
func render(set *assets.Set, d shellData, t tongue, s *ui.State) ([]byte, error) {
	s.Words = t.Words
	widget := tidy(app.HTMLString(ui.Thread(s, nil)))
	state, err := stateJSON(withoutTexts(s, widget))
	if err != nil {
		return nil, err
	}
	path := func(name string) string { return set.Named(name).Path }
	d.Lang, d.Dir, d.Words = t.Language(), t.Direction(), t.path
	d.More, d.MoreFile = needsMore(s), path("more.css")
	d.Boot, d.Exec, d.Write, d.Live = path("boot.js"), path("wasm_exec.js"), path("write.js"), path("live.js")
	if long(&s.View) {
		d.Long = path("long.js")
	}
	if d.Look.live { // else the page stays as it is
		d.Wasm = path("app.wasm")
	}
	d.Widget, d.State = template.HTML(widget), template.JS(state)
	_, d.Host, _ = talk.PageKey(queryOf(s.Self).Get("page")) // where it is framed, wherever the page has moved
	d.Comments = s.View.Thread.Comments
	for _, n := range s.View.Thread.Reactions {
		d.Reactions += n
	}
	var b bytes.Buffer
	err = shell.Execute(&b, d)
	return b.Bytes(), err
}

// long says whether so many comments may come onto a page that not all of them can
// be in the document.
func long(v *talk.View) bool {
	return v.Prev != "" || v.Next != "" || len(v.Comments) > list.All/2
}

// needsMore says whether a page needs more.css: for somebody who is known, for
// what was refused, and for a comment with a picture or anything with a class.
func needsMore(s *ui.State) bool {
	if s.Me.ID != "" || s.Who != nil {
		return true
	}
	for _, box := range s.Boxes {
		if box.Error != "" {
			return true
		}
	}
	return slices.ContainsFunc(s.View.Comments, func(c talk.Comment) bool {
		return strings.Count(c.HTML, ` class="`) > strings.Count(c.HTML, talk.MentionLink) || strings.Contains(c.HTML, "<img ")
	})
}

// withoutTexts leaves out of a state what comments say, if that stands in the
// widget: boot.js puts it back.
func withoutTexts(s *ui.State, widget string) *ui.State {
	lean := *s
	lean.View.Comments = slices.Clone(s.View.Comments)
	for i := range lean.View.Comments {
		c := &lean.View.Comments[i]
		if _, editing := s.Boxes[ui.EditID(c.ID)]; editing {
			continue
		}
		if _, after, shown := strings.Cut(widget, `id="comment-`+c.ID+`"`); shown { // in the same order
			c.HTML, widget = "", after
		}
	}
	return &lean
}

// stateJSON writes a state so that nothing in it ends the script element around
// it or opens a comment there. Unlike json's own escaping it leaves the rest of
// the HTML as it stands in the page above, which compresses to almost nothing.
func stateJSON(s any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return "", err
	}
	return strings.NewReplacer("</", `<\/`, "<!--", `<\u0021--`, "<script", `<\u0073cript`, "<SCRIPT", `<\u0053CRIPT`).Replace(b.String()), nil
}
