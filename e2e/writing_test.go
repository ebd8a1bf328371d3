package e2e

import "testing"

// Marks, keys and pasting help to write, before and after the takeover.
func TestWritingHelpers(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	bob := meet(t, "bob")
	v := bob.open(s.embedOf(page))
	v.live()
	choose := func(from, to int) {
		v.run(`(from, to) => { const box = document.querySelector("#box"); box.focus(); box.setSelectionRange(from, to); }`, from, to)
	}
	holds := func(want string) {
		t.Helper()
		v.wait("the box holds "+want, `(want) => document.querySelector("#box").value === want`, want)
	}
	v.write("#box", "one two")
	choose(4, 7)
	v.click(`.tools [name="bold"]`)
	holds("one **two**")
	choose(0, 3)
	v.click(`.tools [name="quote"]`)
	holds("> one **two**")
	v.run(`() => document.execCommand("undo")`)
	holds("one **two**")
	choose(0, 3)
	v.click(`.tools [name="link"]`)
	holds("[one](https://) **two**")

	v.rewrite("#box", "")
	v.run(`() => {
		const data = new DataTransfer();
		data.setData("text/html", '<meta charset="utf-8"><h2>Minutes</h2><p>We <b>drew</b> <a href="https://example.org/lots">lots</a>.</p><ul><li>Ann</li><li><i>Bob</i></li></ul><script>alert(1)</script><pre>a\n  b</pre>');
		data.setData("text/plain", "plain");
		document.querySelector("#box").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
	}`)
	holds("**Minutes**\n\nWe **drew** [lots](https://example.org/lots).\n\n- Ann\n- _Bob_\n\n```\na\n  b\n```")
	// What Google Docs and Word put there, whose styles and handlers the page's policy would report.
	v.rewrite("#box", "")
	v.run(`() => {
		const data = new DataTransfer();
		data.setData("text/html", '<meta charset="utf-8"><style>p { margin: 0 }</style><b style="font-weight:normal;" id="docs-internal-guid-1"><p dir="ltr" style="line-height:1.38;"><span style="font-size:11pt">Plain, </span><b style="font-weight: 700">bold</b>, ' +
			'<a href="HTTPS://example.org/?a=1&b=2" style="color:red" onclick="alert(1)">a link</a>, <a href="/elsewhere">none</a>, <a href=\'javascript:alert(1)\'>nor this</a>.</p></b><p style=\'mso-x:"y"\'>And style="x" stays.</p><img src="https://evil.example/x.png" onerror=alert(1)><base href="//evil.example">');
		data.setData("text/plain", "plain");
		document.querySelector("#box").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
	}`)
	holds("Plain, **bold**, [a link](https://example.org/?a=1&b=2), none, nor this.\n\nAnd style=\"x\" stays.")
	if n := v.count("article.comment"); n != 0 {
		t.Errorf("%d comments", n)
	}
}
