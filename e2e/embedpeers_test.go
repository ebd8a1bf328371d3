package e2e

import (
	"strings"
	"testing"
)

// Each page is as the other system's documentation has it, with nothing changed
// but the address of its script.
var peerPages = []struct {
	name, page string
	place      string            // where the widget must stand
	want       map[string]string // of the frame's address; page is a path
}{
	{"disqus", `<div id="disqus_thread"></div>
<script>
    var disqus_config = function () {
        this.page.url = location.origin + "/canonical";  // Replace PAGE_URL with your page's canonical URL variable
        this.page.identifier = "article-7"; // Replace PAGE_IDENTIFIER with your page's unique identifier variable
    };
    (function() { // DON'T EDIT BELOW THIS LINE
    var d = document, s = d.createElement('script');
    s.src = 'FOLKMOOT/embed.js';
    s.setAttribute('data-timestamp', +new Date());
    (d.head || d.body).appendChild(s);
    })();
</script>`, "#disqus_thread", map[string]string{"page": "/canonical", "id": "article-7"}},

	{"disqus without a word", `<div id="disqus_thread"></div><script src="FOLKMOOT/embed.js" async></script>`, "#disqus_thread", map[string]string{"page": "/post", "id": ""}},

	{"isso", `<script data-isso="//comments.example.com/" data-isso-lang="fr" data-isso-sorting="upvotes"
        src="FOLKMOOT/embed.js"></script>
<section id="isso-thread" data-title="Foo!" data-isso-id="/path/to/resource"><noscript>Javascript needs to be activated to view comments.</noscript></section>`,
		"#isso-thread", map[string]string{"page": "/path/to/resource", "id": "", "title": "Foo!", "lang": "fr", "sort": "top"}},

	{"remark42", `<script>
  var remark_config = {
    host: 'https://remark42.example.com',
    site_id: 'remark',
    components: ['embed'],
    url: location.origin + '/canonical',
    theme: 'dark',
    locale: 'de',
    page_title: 'A title',
  };
</script>
<script>!function(e,n){for(var o=0;o<e.length;o++){var r=n.createElement("script"),c=".js",d=n.head||n.body;r.async=!0,r.defer=!0,r.src="FOLKMOOT/embed.js",d.appendChild(r)}}(remark_config.components||["embed"],document);</script>
<div id="remark42"></div>`, "#remark42", map[string]string{"page": "/canonical", "theme": "dark", "lang": "de", "title": "A title", "site": ""}},

	{"cusdis", `<div id="cusdis_thread"
  data-host="https://cusdis.com"
  data-app-id="1d1b5d8e"
  data-page-id="page-9"
  data-page-url="/canonical"
  data-page-title="A title"
  data-theme="auto"
></div>
<script async defer src="FOLKMOOT/embed.js"></script>`, "#cusdis_thread", map[string]string{"page": "/canonical", "id": "page-9", "title": "A title", "site": ""}},

	{"commento", `<div id="commento"></div>
<script defer src="FOLKMOOT/embed.js" data-page-id="/canonical" data-css-override="https://example.com/x.css"></script>`, "#commento", map[string]string{"page": "/canonical", "id": ""}},

	{"comentario", `<script defer src="FOLKMOOT/embed.js"></script>
<comentario-comments page-id="/canonical" lang="uk" live-update="false" theme="dark"></comentario-comments>`,
		"comentario-comments", map[string]string{"page": "/canonical", "lang": "uk", "live": "0", "theme": "dark"}},

	{"giscus", `<article>Words</article><p id="before"></p><script src="FOLKMOOT/embed.js"
        data-repo="owner/repo" data-repo-id="R_1" data-category="Announcements" data-category-id="DIC_1"
        data-mapping="specific" data-term="Welcome" data-strict="0" data-reactions-enabled="0" data-emit-metadata="0"
        data-input-position="bottom" data-theme="dark_dimmed" data-lang="en" data-loading="eager"
        crossorigin="anonymous" async>
</script>`, "#before + folkmoot-thread", map[string]string{"page": "/post", "id": "Welcome", "reactions": "0", "input": "bottom", "theme": "dark", "lang": "en"}},

	{"giscus with a place", `<div class="giscus"></div><script src="FOLKMOOT/embed.js" data-repo="owner/repo" data-mapping="pathname" data-theme="preferred_color_scheme" crossorigin="anonymous" async></script>`,
		".giscus", map[string]string{"page": "/post", "id": "", "theme": "auto"}},

	{"utterances", `<p id="before"></p><script src="FOLKMOOT/embed.js" repo="owner/repo" issue-term="pathname" theme="github-dark" crossorigin="anonymous" async></script>`,
		"#before + folkmoot-thread", map[string]string{"page": "/post", "id": "", "theme": "dark"}},

	{"waline", `<div id="waline"></div>
<script src="FOLKMOOT/embed.js"></script>
<script>
  Waline.init({ el: '#waline', serverURL: 'https://waline.example.com', path: '/canonical', lang: 'zh-CN', dark: 'html[data-theme="dark"]', reaction: false });
</script>`, "#waline", map[string]string{"page": "/canonical", "lang": "zh-CN", "reactions": "0", "theme": "light"}},

	{"coral", `<div id="coral_thread"></div>
<script type="text/javascript">
(function() {
    var d = document, s = d.createElement('script');
    s.src = 'FOLKMOOT/embed.js';
    s.async = false;
    s.defer = true;
    s.onload = function() {
        Coral.createStreamEmbed({ id: "coral_thread", autoRender: true, rootURL: 'https://coral.example.com', storyID: 'story-3', storyURL: location.origin + '/canonical' });
    };
    (d.head || d.body).appendChild(s);
})();
</script>`, "#coral_thread", map[string]string{"page": "/canonical", "id": "story-3"}},

	{"hyvor", `<script async src="FOLKMOOT/embed.js" type="module"></script>
<hyvor-talk-comments website-id="5" page-id="page-4" page-language="es" colors="dark"></hyvor-talk-comments>`,
		"hyvor-talk-comments", map[string]string{"page": "/post", "id": "page-4", "lang": "es", "theme": "dark", "site": ""}},
}

func TestMovingInIsChangingOneAddress(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{})
	for _, c := range peerPages {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			h.pages["/post"] = c.page
			bob := meet(t, "bob")
			page := bob.open(h.url + "/post")
			page.see(c.place)
			got := page.frame()
			if !ask[bool](page, `(place) => !!document.querySelector("iframe").closest(place)`, c.place) {
				t.Error("the widget stands elsewhere")
			}
			for name, want := range c.want {
				if name == "page" {
					want = h.url + want
				}
				if got.Get(name) != want {
					t.Errorf("%s is %q, want %q", name, got.Get(name), want)
				}
			}
			bob.widget().see(".reactions, .composer")
		})
	}
}

// What pages call later, they still can.
func TestCallsToOtherSystems(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{
		"/remark": `<script>var remark_config = { site_id: 'remark' };</script><div id="remark42"></div><script async src="FOLKMOOT/embed.js"></script>`,
		"/cusdis": `<div id="cusdis_thread" data-page-id="1"></div><script async src="FOLKMOOT/embed.js"></script>`,
		"/disqus": `<div id="disqus_thread"></div><script async src="FOLKMOOT/embed.js"></script>`,
		"/later":  `<comentario-comments auto-init="false"></comentario-comments><script defer src="FOLKMOOT/embed.js"></script>`,
		"/counts": `<a href="/remark#disqus_thread">x</a><script id="dsq-count-scr" src="FOLKMOOT/embed.js" async></script>`,
		"/ours":   `<div id="disqus_thread"></div><folkmoot-thread page-id="own"></folkmoot-thread><script async src="FOLKMOOT/embed.js"></script>`,
	})
	bob := meet(t, "bob")
	page := bob.open(h.url + "/remark")
	page.frame()
	page.wait("its global is there", `() => !!window.REMARK42`)
	page.run(`() => REMARK42.changeTheme("dark")`)
	page.sameScheme(bob.widget(), "dark")
	page.run(`() => REMARK42.destroy()`)
	page.gone("iframe")

	page = bob.open(h.url + "/cusdis")
	page.frame()
	page.run(`() => { const e = document.querySelector("#cusdis_thread"); e.dataset.pageId = "2"; CUSDIS.renderTo(e) }`)
	page.wait("the other page is shown", `() => new URL(document.querySelector("iframe").src).searchParams.get("id") === "2"`)

	page = bob.open(h.url + "/disqus")
	page.frame()
	page.run(`() => DISQUS.reset({ reload: true, config() { this.page.identifier = "next"; this.page.url = location.origin + "/next" } })`)
	page.wait("the other page is shown", `() => new URL(document.querySelector("iframe").src).searchParams.get("id") === "next"`)

	page = bob.open(h.url + "/later")
	page.wait("its global is there", `() => !!window.comentario`)
	if n := page.count("iframe"); n != 0 {
		t.Error("a widget is shown before it was asked for")
	}
	page.run(`() => comentario.main()`)
	page.frame()

	page = bob.open(h.url + "/counts")
	page.seeText("a", "0 Comments")
	if n := page.count("iframe"); n != 0 {
		t.Error("a script that counts shows a widget")
	}

	page = bob.open(h.url + "/ours")
	if got := page.frame(); got.Get("id") != "own" || page.count("#disqus_thread iframe") != 0 {
		t.Errorf("where our own element is, it shows %v", got)
	}
}
