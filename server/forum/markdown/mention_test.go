package markdown_test

import (
	"slices"
	"strings"
	"testing"

	"folkmoot/server/forum/markdown"
)

// names are some, each of a person whose last comment has this id.
func names(list ...string) markdown.Names {
	all := markdown.Names{}
	for _, name := range list {
		all[markdown.Fold(name)] = "c" + name[:1]
	}
	return all
}

func to(comment, words string) string {
	return `<a class="mention" href="#comment-` + comment + `">` + words + "</a>"
}

func TestMentions(t *testing.T) {
	people := names("Ann", "Ann Lee", "Bo", "Zoë", "x *y* z", "snake_case_name")
	people[markdown.Fold("محمد")] = "m"
	people[markdown.Fold("田中")] = "t"
	people[markdown.Fold("Łukasz <b>")] = "l"
	people[markdown.Fold("👩‍👩‍👧")] = "e"
	for _, tt := range []struct {
		name, body, want string
		mentioned        []string
	}{
		{"one", "Yes, @Ann.", "<p>Yes, " + to("cA", "@Ann") + ".</p>", []string{"ann"}},
		{"the longest name", "@Ann Lee said", "<p>" + to("cA", "@Ann Lee") + " said</p>", []string{"ann lee"}},
		{"a name that goes on otherwise", "@Ann Leeds", "<p>" + to("cA", "@Ann") + " Leeds</p>", []string{"ann"}},
		{"small letters", "@ann lee @BO", "<p>" + to("cA", "@ann lee") + " " + to("cB", "@BO") + "</p>", []string{"ann lee", "bo"}},
		{"accents in two characters", "@Zoe\u0308!", "<p>" + to("cZ", "@Zoe\u0308") + "!</p>", []string{"zoë"}},
		{"an accent more", "@Bo\u0308", "<p>@Bo\u0308</p>", nil},
		{"no-break space", "@Ann\u00a0Lee", "<p>" + to("cA", "@Ann\u00a0Lee") + "</p>", []string{"ann lee"}},
		{"each once", "@Bo @Bo @bo", "<p>" + to("cB", "@Bo") + " " + to("cB", "@Bo") + " " + to("cB", "@bo") + "</p>", []string{"bo"}},
		{"possessive", "@Ann's (@Bo) **@Bo** @Bo, @Bo: @Bo? @Bo—@Bo", "<p>" + to("cA", "@Ann") + "&#39;s (" + to("cB", "@Bo") + ") <strong>" + to("cB", "@Bo") + "</strong> " +
			to("cB", "@Bo") + ", " + to("cB", "@Bo") + ": " + to("cB", "@Bo") + "? " + to("cB", "@Bo") + "—" + to("cB", "@Bo") + "</p>", []string{"ann", "bo"}},
		{"right to left", "شكرا @محمد، نعم", "<p>شكرا " + to("m", "@محمد") + "، نعم</p>", []string{"محمد"}},
		{"not a longer word", "@محمدي", "<p>@محمدي</p>", nil},
		{"without spaces", "そうです@田中さん", "<p>そうです" + to("t", "@田中") + "さん</p>", []string{"田中"}},
		{"emoji", "@👩‍👩‍👧! @👩‍👩‍👧‍👦", "<p>" + to("e", "@👩‍👩‍👧") + "! @👩‍👩‍👧‍👦</p>", []string{"👩‍👩‍👧"}},
		{"signs of Markdown", "@x *y* z and @snake_case_name*s*", "<p>" + to("cx", "@x *y* z") + " and " + to("cs", "@snake_case_name") + "<em>s</em></p>", []string{"x *y* z", "snake_case_name"}},
		{"signs of HTML", "@łukasz <B> !", "<p>" + to("l", "@łukasz &lt;B&gt;") + " !</p>", []string{"łukasz <b>"}},
		{"over a line's end", "@Ann\nLee", "<p>" + to("cA", "@Ann") + "<br>\nLee</p>", []string{"ann"}},
		{"an address", "x@Ann _@Ann @@Ann /@Ann @Ann@b.example @ann.example @Ann-Marie @Ann_1", "<p>x@Ann _@Ann @@Ann /@Ann @Ann@b.example @ann.example @Ann-Marie @Ann_1</p>", nil},
		{"mail", "bo@Bo.example", `<p><a href="mailto:bo@Bo.example"` + link + "bo@Bo.example</a></p>", nil},
		{"a stranger", "@Cy @ @Anna Bo", "<p>@Cy @ @Anna Bo</p>", nil},
		{"escaped", `\@Ann`, "<p>@Ann</p>", nil},
		{"code", "`@Ann`\n\n    @Ann", "<p><code>@Ann</code></p>\n<pre><code>@Ann\n</code></pre>", nil},
		{"quoted", "> @Ann\n\n@Bo", "<blockquote>\n<p>@Ann</p>\n</blockquote>\n<p>" + to("cB", "@Bo") + "</p>", []string{"bo"}},
		{"in a link", "[@Ann](https://b.example) ![@Bo](https://c.example)", `<p><a href="https://b.example"` + link + `@Ann</a> <a href="https://c.example"` + link + "@Bo</a></p>", nil},
		{"in a spoiler", "||@Ann||", "<div>" + hidden + to("cA", "@Ann") + "</details></div>", []string{"ann"}},
		{"in a list and a heading", "# @Ann\n\n- @Bo", "<p><strong>" + to("cA", "@Ann") + "</strong></p>\n<ul>\n<li>" + to("cB", "@Bo") + "</li>\n</ul>", []string{"ann", "bo"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, mentioned := none.RenderFor(tt.body, people)
			if got != tt.want || !slices.Equal(mentioned, tt.mentioned) {
				t.Errorf("got\n%s %q\nwant\n%s %q", got, mentioned, tt.want, tt.mentioned)
			}
			checkHTML(t, tt.body, got)
		})
	}
	if got := render("@Ann"); got != "<p>@Ann</p>" {
		t.Errorf("where nobody is: %s", got)
	}
}

// Nobody gets a link of their own into a comment that leads within the page.
func TestNoLinkWithin(t *testing.T) {
	for _, body := range []string{"[a](#comment-abc)", "[a](/do/like)", "[a](//evil.example)", "[a]( javascript:alert(1))", "[a](#comment-abc \"x\")", "[a]\n\n[a]: #comment-abc", "[a](?x)", "[a](x:y)"} {
		if got := render(body); strings.Contains(got, "href") {
			t.Errorf("%s: %s", body, got)
		}
	}
}

func BenchmarkMentions(b *testing.B) {
	people := names("Ann", "Ann Lee", strings.Repeat("@ ", 400))
	body := strings.Repeat("@ ", 5000)
	for b.Loop() {
		none.RenderFor(body, people)
	}
}
