package markdown_test

import (
	"testing"

	"folkmoot/server/forum/markdown"
)

// render renders where no pictures are shown.
func render(body string) string { return none.Render(body) }

var none = markdown.New()

const link = ` rel="nofollow ugc noopener" target="_blank">`

// How a spoiler begins, in a line and of blocks.
const (
	hidden       = `<details class="spoiler"><summary>Spoiler</summary>`
	hiddenBlocks = `<details class="spoiler wide"><summary>Spoiler</summary>` + "\n"
)

func TestRender(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"text", "Hello", "<p>Hello</p>"},
		{"emphasis", "*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>"},
		{"line ends are kept", "a\nb\n\nc", "<p>a<br>\nb</p>\n<p>c</p>"},
		{"list", "- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"},
		{"numbered from three", "3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>"},
		{"rule", "---", "<hr>"},
		{"nested quotes", "> a\n>> b", "<blockquote>\n<p>a</p>\n<blockquote>\n<p>b</p>\n</blockquote>\n</blockquote>"},
		{"code", "```go\na < b && c()\n```", "<pre><code>a &lt; b &amp;&amp; <span class=\"f\">c</span>()\n</code></pre>"},
		{"indented code", "    <b>", "<pre><code>&lt;b&gt;\n</code></pre>"},
		{"table", "|a|b|c|\n|:-|-|-:|\n|1|2|3|", "<table>\n<thead>\n<tr>\n<th align=\"left\">a</th>\n<th>b</th>\n<th align=\"right\">c</th>\n</tr>\n</thead>\n" +
			"<tbody>\n<tr>\n<td align=\"left\">1</td>\n<td>2</td>\n<td align=\"right\">3</td>\n</tr>\n</tbody>\n</table>"},
		{"table after a line", "text\n|a|\n|-|\n|1|", "<p>text</p>\n<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>\n</table>"},

		{"spoiler", "It was ||Bob *the* builder||.", "<div>It was " + hidden + "Bob <em>the</em> builder</details>.</div>"},
		{"spoiler as on Reddit", ">!Bob!< did it, not >!Ann!<.", "<div>" + hidden + "Bob</details> did it, not " + hidden + "Ann</details>.</div>"},
		{"spoiler of blocks", ">! a\n>!\n> - b\n\nc", hiddenBlocks + "<p>a</p>\n<ul>\n<li>b</li>\n</ul>\n</details>\n<p>c</p>"},
		{"spoiler of blocks as on Reddit", ">!a\nb!<", hiddenBlocks + "<p>a<br>\nb</p>\n</details>"},
		{"spoiler in a quote", "> >! a\n> > b", "<blockquote>\n" + hiddenBlocks + "<p>a<br>\nb</p>\n</details>\n</blockquote>"},
		{"spoiler after a quote", "> a\n>! b", "<blockquote>\n<p>a</p>\n</blockquote>\n" + hiddenBlocks + "<p>b</p>\n</details>"},
		{"spoiler in a list", "- ||a||", "<ul>\n<li>" + hidden + "a</details></li>\n</ul>"},
		{"spoiler in a heading", "# ||a||", "<div><strong>" + hidden + "a</details></strong></div>"},
		{"spoiler in a link", "[a ||b||](https://b.example)", "<div>" + hidden + `<a href="https://b.example"` + link + "a b</a></details></div>"},
		{"link in a spoiler", "||[a](https://b.example)||", "<div>" + hidden + `<a href="https://b.example"` + link + "a</a></details></div>"},
		{"spoiler in a spoiler", "||a >!b!< c||", "<div>" + hidden + "a b c</details></div>"},
		{"or is no spoiler", "a||b||c, a || b || c, |||d|||, ||||", "<p>a||b||c, a || b || c, |||d|||, ||||</p>"},
		{"a spoiler that doesn't end", "||a >!b c!<d", "<div>||a " + hidden + "b c</details>d</div>"},

		{"emoji", ":smile: :+1::tada: (:100:) :de:", "<p>😄 👍🎉 (💯) 🇩🇪</p>"},
		{"emoji between letters", "\u597d:smile:\u597d", "<p>\u597d😄\u597d</p>"},
		{"no emoji", "16:100:3 a:smile: :smile:s :nope: :: : \\:smile: :SMILE: `:smile:`", "<p>16:100:3 a:smile: :smile:s :nope: :: : :smile: :SMILE: <code>:smile:</code></p>"},

		{"colored code", "```GO title=x\nif a < 1 { // b\n```", `<pre><code><span class="k">if</span> a &lt; <span class="n">1</span> { <span class="c">// b</span>` + "\n</code></pre>"},
		{"code of an unknown language", "```nope\nif 1\n```", "<pre><code>if 1\n</code></pre>"},

		{"headings are bold lines", "# A *b*\n\nC\n=\n\n###### D", "<p><strong>A <em>b</em></strong></p>\n<p><strong>C</strong></p>\n<p><strong>D</strong></p>"},
		{"heading in a quote", "> ## A", "<blockquote>\n<p><strong>A</strong></p>\n</blockquote>"},

		{"link", "[a](https://b.example/?c=1&d=2 \"title\")", `<p><a href="https://b.example/?c=1&amp;d=2"` + link + "a</a></p>"},
		{"reference", "[a]\n\n[a]: http://b.example", `<p><a href="http://b.example"` + link + "a</a></p>"},
		{"autolink", "<https://b.example>", `<p><a href="https://b.example"` + link + "https://b.example</a></p>"},
		{"mail", "<ann@b.example>", `<p><a href="mailto:ann@b.example"` + link + "ann@b.example</a></p>"},
		{"bare address", "see https://b.example/c, or www.b.example.", `<p>see <a href="https://b.example/c"` + link + `https://b.example/c</a>, or <a href="http://www.b.example"` + link + "www.b.example</a>.</p>"},
		{"bare addresses of all scripts", "https://m\u00fcller.example/\u00e4. https://b.example/\u3002", `<p><a href="https://m%C3%BCller.example/%C3%A4"` + link + "https://m\u00fcller.example/\u00e4</a>. " + `<a href="https://b.example/"` + link + "https://b.example/</a>\u3002</p>"},
		{"bare addresses end with the sentence", "(https://b.example/c_(d)), HTTP://b.example:80/?c=1&d=2! *https://b.example/*", `<p>(<a href="https://b.example/c_(d)"` + link + "https://b.example/c_(d)</a>), " +
			`<a href="http://b.example:80/?c=1&amp;d=2"` + link + "HTTP://b.example:80/?c=1&amp;d=2</a>! <em>" + `<a href="https://b.example/"` + link + "https://b.example/</a></em></p>"},
		{"bare address in a spoiler", "||https://b.example/c||", "<div>" + hidden + `<a href="https://b.example/c"` + link + "https://b.example/c</a></details></div>"},
		{"bare address with a name in it", "https://bank.example@evil.example/", `<p><a href="https://bank.example"` + link + "https://bank.example</a>@evil.example/</p>"},
		{"bare mail", "ann.b+c@d.example, a@b, a@b.1", `<p><a href="mailto:ann.b+c@d.example"` + link + "ann.b+c@d.example</a>, a@b, a@b.1</p>"},
		{"no bare address", "http://localhost:8080 https://1.2.3.4 ftp://b.example xhttps://b.example", "<p>http://localhost:8080 https://1.2.3.4 ftp://b.example xhttps://b.example</p>"},
		{"link in a heading", "# [a](https://b.example)", `<p><strong><a href="https://b.example"` + link + "a</a></strong></p>"},

		{"picture", "![a cat](https://b.example/c.png)", `<p><a href="https://b.example/c.png"` + link + "a cat</a></p>"},
		{"picture without a description", "![](https://b.example/c.png?a=1&b=2)", `<p><a href="https://b.example/c.png?a=1&amp;b=2"` + link + "https://b.example/c.png?a=1&amp;b=2</a></p>"},
		{"picture that is a link", "[![a](https://b.example/c.png)](https://d.example)", `<p><a href="https://d.example"` + link + "a</a></p>"},
		{"link in a description", "![a [b](https://b.example) c](https://d.example)", `<p><a href="https://d.example"` + link + "a b c</a></p>"},
		{"picture in a description", "![a ![b](https://b.example) *c*](https://d.example)", `<p><a href="https://d.example"` + link + "a b <em>c</em></a></p>"},
		{"autolink in a description", "![<https://b.example>](https://d.example) [e](https://e.example)", `<p><a href="https://d.example"` + link + `https://b.example</a> <a href="https://e.example"` + link + "e</a></p>"},
		{"picture in a heading", "# ![a](https://b.example/c.png)", `<p><strong><a href="https://b.example/c.png"` + link + "a</a></strong></p>"},

		{"markup is text", "<div>a</div>", "<p>&lt;div&gt;a&lt;/div&gt;</p>"},
		{"markup in a line", "a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>"},
		{"comment", "<!-- a -->", "<p>&lt;!-- a --&gt;</p>"},
		{"entities", "&lt;b&gt; &amp; &copy; &#60;i&#62;", "<p>&lt;b&gt; &amp; \u00a9 &lt;i&gt;</p>"},
		{"entity in markup", "<b>&lt;</b>", "<p>&lt;b&gt;&lt;&lt;/b&gt;</p>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := render(tt.body)
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			checkHTML(t, tt.body, got)
		})
	}
}

// Pictures of an origin that is named are shown; all others are links.
func TestPictures(t *testing.T) {
	m := markdown.New("https://blog.example", "http://localhost:1313")
	const lazy = ` loading="lazy" decoding="async" referrerpolicy="no-referrer">`
	tests := []struct{ name, body, want string }{
		{"shown", "![a *cat*](https://blog.example/c.png \"title\")", `<p><a href="https://blog.example/c.png"` + link + `<img src="https://blog.example/c.png" alt="a cat"` + lazy + "</a></p>"},
		{"without a description", "![](http://localhost:1313/d/c.webp?w=3)", `<p><a href="http://localhost:1313/d/c.webp?w=3"` + link + `<img src="http://localhost:1313/d/c.webp?w=3" alt="c.webp"` + lazy + "</a></p>"},
		{"that is a link", "[![a](https://blog.example/c.GIF)](https://d.example)", `<p><a href="https://d.example"` + link + `<img src="https://blog.example/c.GIF" alt="a"` + lazy + "</a></p>"},
		{"by a reference", "![a]\n\n[a]: https://blog.example/c.jpg", `<p><a href="https://blog.example/c.jpg"` + link + `<img src="https://blog.example/c.jpg" alt="a"` + lazy + "</a></p>"},
		{"another's", "![a](https://evil.example/c.png)", `<p><a href="https://evil.example/c.png"` + link + "a</a></p>"},
		{"another scheme's", "![a](http://blog.example/c.png)", `<p><a href="http://blog.example/c.png"` + link + "a</a></p>"},
		{"another port's", "![a](https://blog.example:8443/c.png)", `<p><a href="https://blog.example:8443/c.png"` + link + "a</a></p>"},
		{"with a name in it", "![a](https://blog.example@evil.example/c.png)", `<p><a href="https://blog.example@evil.example/c.png"` + link + "a</a></p>"},
		{"a longer host's", "![a](https://blog.example.evil.example/c.png)", `<p><a href="https://blog.example.evil.example/c.png"` + link + "a</a></p>"},
		{"nobody's", "![a](//blog.example/c.png)", `<p><a` + link + "a</a></p>"},
		{"no picture by its name", "![a](https://blog.example/logout?c.png)", `<p><a href="https://blog.example/logout?c.png"` + link + "a</a></p>"},
		{"one that may hold a script", "![a](https://blog.example/c.svg)", `<p><a href="https://blog.example/c.svg"` + link + "a</a></p>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := m.Render(tt.body)
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			checkHTML(t, tt.body, got)
		})
	}
	if markdown.Unseen(m.Render("![](https://blog.example/c.png)")) {
		t.Error("a picture is not seen")
	}
}

// A comment must have something to see besides the word that hides it.
func TestUnseen(t *testing.T) {
	for body, want := range map[string]bool{"a": false, "": true, "&nbsp;": true, "---": false, "||a||": false, "||&nbsp;||": true, ">!": true, ">! a": false, "[](https://b.example)": true, "**&nbsp;**": true} {
		if got := markdown.Unseen(render(body)); got != want {
			t.Errorf("%q is unseen: %v", body, got)
		}
	}
}
