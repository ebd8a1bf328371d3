package plain

import (
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"

	"folkmoot/app/talk"
	"folkmoot/app/words"
)

// shownDepth is how deep replies nest in an article: the page that they are put
// into may be narrow.
const shownDepth = 8

// Options are how a thread is put into an article.
type Options struct {
	Words  *words.Words // nil: English
	Read   string       // where the rest can be read, and answered; empty: nowhere
	Linked []byte       // JSON-LD to stand beside it, or nil
}

// HTML writes a thread as HTML to stand in its article: without scripts, styles
// and anything but text, links and pictures that comments may have. The page
// around it dresses it by the names of the classes, which docs/embedding.md
// lists. Comments have the ids that their addresses name. Of a thread in which
// nothing was said, it writes nothing.
func HTML(w io.Writer, v talk.View, o Options) error {
	said := o.Words
	shown := cast(tree(v.Comments, shownDepth), said)
	if len(shown) == 0 {
		return nil
	}
	d := data{Lang: said.Language(), Dir: said.Direction(), Count: said.Many("comments.count", v.Thread.Comments), Linked: template.JS(o.Linked), Comments: shown}
	if (v.Next != "" || len(v.Rest) > 0) && o.Read != "" {
		d.Read, d.More = o.Read, said.Say("comments.more")
	}
	return partial.Execute(w, d)
}

type data struct {
	Lang, Dir  string
	Count      string
	Read, More string      // where the rest is, and what is said of it
	Linked     template.JS // JSON, with < as \u003c
	Comments   []comment
}

// A comment is one as it is shown; one without a name was removed.
type comment struct {
	ID, Name, Headline string
	Badges             []string
	At, Date           string        // for programs, and for people
	Text               template.HTML // that the sanitizer has let through, and then [dressless]
	Likes, Removed     string
	Replies            []comment
}

func cast(all []branch, w *words.Words) (out []comment) {
	for _, b := range all {
		c := comment{ID: b.ID, Replies: cast(b.replies, w)}
		if b.State == talk.Removed {
			c.Removed = w.Say("comment.removed")
			out = append(out, c)
			continue
		}
		c.Name, c.Headline = b.Author.Name, b.Author.Headline
		c.At, c.Date = b.At.UTC().Format(time.RFC3339), w.Exact(b.At)
		c.Text = template.HTML(dressless(b.HTML, w))
		c.Badges = badges(&b.Comment, w)
		if b.Likes > 0 {
			c.Likes = w.Many("comment.likes", b.Likes)
		}
		out = append(out, c)
	}
	return out
}

// badges say how a comment's author stands.
func badges(c *talk.Comment, w *words.Words) (all []string) {
	if c.Wrote {
		all = append(all, w.Say("badge.author"))
	}
	if c.Badge != "" {
		all = append(all, w.Say("badge."+string(c.Badge)))
	}
	return all
}

var partial = template.Must(template.New("partial").Parse(`<section class="folkmoot-static" lang="{{.Lang}}" dir="{{.Dir}}">
<h2 class="folkmoot-count">{{.Count}}</h2>
<ol class="folkmoot-comments">
{{- range .Comments}}{{template "comment" .}}{{end}}
</ol>
{{- with .More}}
<p class="folkmoot-more"><a href="{{$.Read}}">{{.}}</a></p>
{{- end}}
{{- with .Linked}}
<script type="application/ld+json">{{.}}</script>
{{- end}}
</section>
{{define "comment"}}
<li>
<article class="folkmoot-comment" id="comment-{{.ID}}">
{{- if .Removed}}
<p class="folkmoot-removed">{{.Removed}}</p>
{{- else}}
<header>
<b class="folkmoot-author" dir="auto">{{.Name}}</b>
{{- range .Badges}} <span class="folkmoot-badge">{{.}}</span>{{end}}
{{- with .Headline}} <span class="folkmoot-headline" dir="auto">{{.}}</span>{{end}} <a class="folkmoot-date" href="#comment-{{.ID}}"><time datetime="{{.At}}">{{.Date}}</time></a>
</header>
<div class="folkmoot-text" dir="auto">{{.Text}}</div>
{{- with .Likes}}
<p class="folkmoot-likes">{{.}}</p>
{{- end}}
{{- end}}
{{- with .Replies}}
<ol class="folkmoot-replies">
{{- range .}}{{template "comment" .}}{{end}}
</ol>
{{- end}}
</article>
</li>
{{- end}}`))

// dressless is a comment's HTML without what only Folkmoot's own pages give a
// meaning to: classes, which may be the article's, too, and tabs of their own.
func dressless(rendered string, w *words.Words) string {
	var b strings.Builder
	rendered = strings.ReplaceAll(rendered, talk.SpoilerLabel, "<summary>"+html.EscapeString(w.Say("comment.spoiler"))+"</summary>")
	z := html.NewTokenizer(strings.NewReader(rendered))
	for {
		if z.Next() == html.ErrorToken {
			return b.String()
		}
		t := z.Token()
		t.Attr = slices.DeleteFunc(t.Attr, func(a html.Attribute) bool { return a.Key == "class" || a.Key == "target" })
		b.WriteString(t.String())
	}
}
