package e2e

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// A peer is a page of another comment system's, as that system's documentation or
// a theme has it, with nothing changed but where its script comes from; and what
// its page does later, by that system's calls.
type peer struct {
	name, page string
	place      string            // where the widget must stand
	want       map[string]string // of the frame's address; page is a path
	then       []later
}

// What a page does later, and what its frame's address must say then. No want
// means that no widget must be there.
type later struct {
	do   string
	want map[string]string
}

// Other addresses of ours are theirs: there, a page changes the host alone.
var peers = []peer{
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
</script>
<noscript>Please enable JavaScript to view the <a href="https://disqus.com/?ref_noscript">comments powered by Disqus.</a></noscript>`,
		"#disqus_thread", map[string]string{"page": "/canonical", "id": "article-7"}, []later{
			{`() => DISQUS.reset({ reload: true, config() { this.page.identifier = "next"; this.page.url = location.origin + "/next"; this.language = "de" } })`,
				map[string]string{"page": "/next", "id": "next", "lang": "de"}},
		}},
	{"disqus without a word", `<div id="disqus_thread"></div><script src="FOLKMOOT/embed.js" async></script>`, "#disqus_thread", map[string]string{"page": "/post", "id": ""}, nil},
	{"disqus of WordPress", `<div id="disqus_thread"></div><script>
var embedVars = {"disqusConfig":{"integration":"wordpress 3.1.2 6.8","language":"pt_BR"},"disqusIdentifier":"17 https://blog.example/?p=17","disqusShortname":"x","disqusTitle":"Hello world","disqusUrl":"https://blog.example/hello/","postId":"17"};
var disqus_url = embedVars.disqusUrl, disqus_identifier = embedVars.disqusIdentifier, disqus_container_id = 'disqus_thread', disqus_shortname = embedVars.disqusShortname, disqus_title = embedVars.disqusTitle;
var disqus_config_custom = window.disqus_config;
var disqus_config = function () {
  var c = embedVars.disqusConfig;
  this.page.integration = c.integration; this.page.remote_auth_s3 = c.remote_auth_s3; this.sso = c.sso; this.language = c.language;
  if (disqus_config_custom) disqus_config_custom.call(this);
};
(function() {
  if (!document.getElementById(disqus_container_id)) return;
  var dsq = document.createElement('script'); dsq.type = 'text/javascript'; dsq.async = true; dsq.src = 'FOLKMOOT/embed.js';
  (document.getElementsByTagName('head')[0] || document.getElementsByTagName('body')[0]).appendChild(dsq);
})();
</script>`, "#disqus_thread", map[string]string{"page": "/post", "id": "17 https://blog.example/?p=17", "title": "Hello world", "lang": "pt-BR"}, nil},
	{"disqus of React", `<main></main><script>
const insert = () => { const s = document.createElement("script"); s.async = true; s.src = "FOLKMOOT/embed.js"; s.id = "dsq-embed-scr"; document.body.appendChild(s); };
const configOf = (identifier) => function () { this.page.identifier = identifier; this.page.title = "Of " + identifier; for (const name of ["preInit", "onReady", "onNewComment"]) this.callbacks[name] = [undefined]; };
const show = (identifier) => {
  document.querySelector("main").innerHTML = '<div id="disqus_thread" class="x"></div>';
  if (window.DISQUS && document.getElementById("dsq-embed-scr")) DISQUS.reset({ reload: true, config: configOf(identifier) });
  else { window.disqus_config = configOf(identifier); insert(); }
};
const clean = () => {
  document.getElementById("dsq-embed-scr").remove();
  if (window.DISQUS) DISQUS.reset({});
  try { delete window.DISQUS } catch { window.DISQUS = undefined }
  const e = document.getElementById("disqus_thread");
  while (e.hasChildNodes()) e.removeChild(e.firstChild);
};
show("one");
</script>`, "#disqus_thread", map[string]string{"id": "one", "title": "Of one"}, []later{
		{`() => show("two")`, map[string]string{"id": "two", "title": "Of two"}},
		{`() => clean()`, nil},
		{`() => show("three")`, map[string]string{"id": "three"}},
	}},

	{"isso", `<script data-isso="//comments.example.com/" data-isso-lang="fr" data-isso-sorting="upvotes"
        src="FOLKMOOT/js/embed.min.js"></script>
<section id="isso-thread" data-title="Foo!" data-isso-id="/path/to/resource"><noscript>Javascript needs to be activated to view comments.</noscript></section>`,
		"#isso-thread", map[string]string{"page": "/path/to/resource", "id": "", "title": "Foo!", "lang": "fr", "sort": "top"}, []later{
			{`() => { document.querySelector("#isso-thread").outerHTML = '<section id="isso-thread" data-isso-id="/next"></section>'; Isso.init(); Isso.fetchComments() }`, map[string]string{"page": "/next"}},
		}},

	{"remark42", `<script>
  var remark_config = {
    host: 'FOLKMOOT', site_id: 'remark', components: ['embed', 'counter'],
    url: location.origin + '/canonical', theme: 'dark', locale: 'bp', page_title: 'A title',
  };
</script>
<div id="remark42">Comments loading...</div>
<script>!function(e,n){for(var o=0;o<e.length;o++){var r=n.createElement("script"),d=n.head||n.body;r.type="module",r.async=!0,r.defer=!0,r.src=remark_config.host+"/web/"+e[o]+".mjs",d.appendChild(r)}}(remark_config.components||["embed"],document);</script>
<script>window.ready = 0; addEventListener("REMARK42::ready", () => { ready++ })</script>`,
		"#remark42", map[string]string{"page": "/canonical", "theme": "dark", "lang": "pt-BR", "title": "A title", "site": ""}, []later{
			{`() => { if (!ready) throw Error("not said to be ready"); REMARK42.changeTheme("light") }`, map[string]string{"page": "/canonical"}},
			{`() => REMARK42.destroy()`, nil},
			{`() => { remark_config.url = location.origin + "/next"; REMARK42.createInstance(remark_config) }`, map[string]string{"page": "/next"}},
		}},
	{"remark42 of older pages", `<div id="remark42"></div><script>var remark_config = { host: 'FOLKMOOT', site_id: 'remark', theme: document.documentElement.dataset.scheme };
!function(e,n){for(var o=0;o<e.length;o++){var r=n.createElement("script"),c=".js",d=n.head||n.body;r.async=!0,r.defer=!0,r.src=remark_config.host+"/web/"+e[o]+c,d.appendChild(r)}}(remark_config.components||["embed"],document);</script>`,
		"#remark42", map[string]string{"page": "/post"}, nil},

	{"cusdis", `<div id="cusdis_thread"
  data-host="https://cusdis.com"
  data-app-id="1d1b5d8e"
  data-page-id="page-9"
  data-page-url="/canonical"
  data-page-title="A title"
  data-theme="auto"
></div>
<script async defer src="FOLKMOOT/js/cusdis.es.js"></script>`, "#cusdis_thread", map[string]string{"page": "/canonical", "id": "page-9", "title": "A title", "theme": "auto", "site": ""}, []later{
		{`() => { const e = document.querySelector("#cusdis_thread"); e.dataset.pageId = "10"; CUSDIS.renderTo(e) }`, map[string]string{"id": "10"}},
		{`() => { CUSDIS.setTheme("dark"); window.CUSDIS.initial() }`, map[string]string{"id": "10"}},
	}},

	{"commento", `<div id="commento"></div>
<script defer src="FOLKMOOT/js/commento.js" data-page-id="/canonical" data-css-override="https://example.com/x.css"></script>`, "#commento", map[string]string{"page": "/canonical", "id": ""}, []later{
		{`() => commento.reInit({ pageId: "/next" })`, map[string]string{"page": "/next"}},
	}},
	{"commento elsewhere, later", `<script async src="FOLKMOOT/js/commento.js" data-id-root="comments" data-auto-init="false"></script><div id="comments"></div>`, "", nil, []later{
		{`async () => { while (!window.commento?.main) await new Promise(requestAnimationFrame); commento.main() }`, map[string]string{"page": "/post"}},
	}},

	{"comentario", `<script defer src="FOLKMOOT/comentario.js"></script>
<comentario-comments page-id="/canonical" lang="uk" live-update="false" theme="dark"></comentario-comments>`,
		"comentario-comments", map[string]string{"page": "/canonical", "lang": "uk", "live": "0", "theme": "dark"}, []later{
			{`() => { document.querySelector("comentario-comments").outerHTML = '<comentario-comments page-id="/next"></comentario-comments>' }`, map[string]string{"page": "/next", "live": ""}},
		}},
	{"comentario, later", `<comentario-comments auto-init="false"></comentario-comments><script defer src="FOLKMOOT/comentario.js"></script>`, "", nil, []later{
		{`async () => { await customElements.whenDefined("comentario-comments"); document.querySelector("comentario-comments").main() }`, map[string]string{"page": "/post"}},
	}},

	{"giscus", `<article>Words</article><p id="before"></p><script src="FOLKMOOT/client.js"
        data-repo="owner/repo" data-repo-id="R_1" data-category="Announcements" data-category-id="DIC_1"
        data-mapping="specific" data-term="Welcome" data-strict="0" data-reactions-enabled="0" data-emit-metadata="0"
        data-input-position="bottom" data-theme="dark_dimmed" data-lang="en" data-loading="eager"
        crossorigin="anonymous" async>
</script>`, "#before + folkmoot-thread", map[string]string{"page": "/post", "id": "Welcome", "reactions": "0", "input": "bottom", "theme": "dark", "lang": "en"}, []later{
		{`() => document.querySelector("iframe.giscus-frame").contentWindow.postMessage({ giscus: { setConfig: { term: "Next", reactionsEnabled: true, inputPosition: "top" } } }, "https://giscus.app")`,
			map[string]string{"id": "Next", "reactions": "1", "input": "top"}},
	}},
	{"giscus with a place", `<div class="giscus"></div><script src="FOLKMOOT/client.js" data-repo="owner/repo" data-mapping="pathname" data-theme="preferred_color_scheme" crossorigin="anonymous" async></script>`,
		".giscus", map[string]string{"page": "/post", "id": "", "theme": "auto"}, nil},
	// As Hugo's theme Stack has it: it says the theme again at every message that it hears.
	{"giscus of a theme", `<script>window.said = 0</script><script src="FOLKMOOT/client.js" data-repo="o/r" data-mapping="title" data-reactions-enabled="1" data-emit-metadata="0" data-theme="light" crossorigin="anonymous" async></script>
<script>
function setGiscusTheme(theme) {
  let giscus = document.querySelector('iframe.giscus-frame');
  if (giscus && ++said < 500) giscus.contentWindow.postMessage({ giscus: { setConfig: { theme: theme } } }, "https://giscus.app");
}
(function () {
  const head = document.getElementsByTagName("html")[0];
  addEventListener('message', handler); window.addEventListener('onColorSchemeChange', handler);
  function handler() { setGiscusTheme(head.getAttribute("data-scheme") == "dark" ? 'dark_dimmed' : 'light'); }
}());
</script>`, "folkmoot-thread", map[string]string{"page": "/post", "id": "A page", "theme": "light"}, []later{
		{`async () => {
			document.documentElement.dataset.scheme = "dark"; dispatchEvent(new Event("onColorSchemeChange"));
			while (getComputedStyle(document.querySelector("iframe")).colorScheme !== "dark") await new Promise(requestAnimationFrame);
			if (said > 100) throw Error("page and widget talk without end: " + said);
		}`, map[string]string{"id": "A page"}},
	}},
	// As Hexo's theme Butterfly has it.
	{"giscus, put there late", `<div id="giscus-wrap"></div><script>
const load = () => {
  const config = { src: 'FOLKMOOT/client.js', 'data-repo': 'o/r', 'data-mapping': 'pathname', 'data-theme': 'dark', 'data-reactions-enabled': '1', crossorigin: 'anonymous', async: true };
  let ele = document.createElement('script');
  for (let key in config) ele.setAttribute(key, config[key]);
  document.getElementById('giscus-wrap').insertAdjacentElement('afterbegin', ele);
};
new IntersectionObserver((e, o) => { if (e[0].isIntersecting) { o.disconnect(); load() } }).observe(document.getElementById('giscus-wrap').parentNode);
</script>`, "#giscus-wrap", map[string]string{"page": "/post", "theme": "dark"}, nil},
	// As Docusaurus and others have it, by @giscus/react.
	{"giscus as an element", `<div id="app"></div><script type="module" src="FOLKMOOT/embed.mjs"></script><script>
addEventListener("load", () => { document.querySelector("#app").innerHTML = '<giscus-widget id="comments" repo="o/r" repoid="R" category="General" categoryid="C" mapping="specific" term="Welcome" reactionsenabled="0" emitmetadata="0" inputposition="top" theme="noborder_dark" lang="zh-CN" loading="lazy"></giscus-widget>' });
</script>`, "giscus-widget", map[string]string{"id": "Welcome", "reactions": "0", "input": "top", "theme": "dark", "lang": "zh-CN"}, []later{
		{`() => document.querySelector("giscus-widget").setAttribute("term", "Next")`, map[string]string{"id": "Next"}},
	}},

	{"utterances", `<p id="before"></p><script src="FOLKMOOT/client.js" repo="owner/repo" issue-term="pathname" label="x" theme="github-dark" crossorigin="anonymous" async></script>`,
		"#before + folkmoot-thread", map[string]string{"page": "/post", "id": "", "theme": "dark"}, []later{
			{`async () => {
				document.querySelector(".utterances-frame").contentWindow.postMessage({ type: "set-theme", theme: "github-light" }, "https://utteranc.es");
				while (getComputedStyle(document.querySelector("iframe")).colorScheme !== "light") await new Promise(requestAnimationFrame);
			}`, map[string]string{"page": "/post"}},
		}},

	{"waline", `<div id="waline"></div>
<script src="FOLKMOOT/waline.umd.js"></script>
<script>
  window.waline = Waline.init({ el: '#waline', serverURL: 'https://waline.example.com', path: '/canonical', lang: 'zh-CN', dark: 'html[data-night="1"]', reaction: false });
</script>`, "#waline", map[string]string{"page": "/canonical", "lang": "zh-CN", "reactions": "0", "theme": "light"}, []later{
		{`async () => {
			document.documentElement.dataset.night = "1";
			while (getComputedStyle(document.querySelector("iframe")).colorScheme !== "dark") await new Promise(requestAnimationFrame);
			waline.update({ path: "/next", lang: "fr" });
		}`, map[string]string{"page": "/next", "lang": "fr"}},
		{`() => { history.pushState({}, "", "/post?2"); waline.update() }`, map[string]string{"page": "/post?2"}},
		{`() => waline.destroy()`, nil},
		{`() => { window.waline = Waline.init({ el: document.querySelector("#waline"), serverURL: "https://waline.example.com" }) }`, map[string]string{"page": "/post?2"}},
	}},
	{"waline as a module", `<div id="waline"></div>
<script type="module">
  import { init } from 'FOLKMOOT/waline.js';
  window.waline = init({ el: '#waline', serverURL: 'https://waline.example.com', path: location.pathname });
</script>`, "#waline", map[string]string{"page": "/post"}, []later{{`() => waline.destroy()`, nil}}},
	// As Butterfly has it.
	{"waline, imported late", `<button>Comments</button><div id="waline-wrap"></div><script>
document.querySelector("button").onclick = () => import('FOLKMOOT/embed.mjs').then(({ init }) => { window.waline = init({ el: '#waline-wrap', serverURL: 'https://w.example', pageview: false, dark: 'html[data-theme="dark"]', path: window.location.pathname, comment: false }) });
</script>`, "", nil, []later{
		{`() => document.querySelector("button").click()`, map[string]string{"page": "/post", "theme": "light"}},
		{`() => waline.destroy()`, nil},
	}},
	// As Stack has it.
	{"waline made new", `<script src='FOLKMOOT/embed.js'></script><div id="waline" class="waline-container"></div><script>
new Waline({ el: '#waline', serverURL: 'https://w.example', lang: '', visitor: 'true', avatar: 'mp', emoji: [''], dark: 'body[data-scheme="dark"]', requiredMeta: [''], locale: { admin: 'Admin' } });
</script>`, "#waline", map[string]string{"page": "/post", "lang": "en"}, nil},

	{"artalk", `<link href="data:text/css,x" rel="stylesheet"><script src="FOLKMOOT/dist/Artalk.js"></script><div id="Comments"></div>
<script>
  window.heard = [];
  window.artalk = Artalk.init({ el: '#Comments', pageKey: '/canonical', pageTitle: 'A title', server: 'https://artalk.example', site: 'A blog', darkMode: true, locale: 'fr' });
  artalk.on('list-loaded', () => heard.push('list-loaded'));
</script>`, "#Comments", map[string]string{"page": "/canonical", "title": "A title", "theme": "dark", "lang": "fr"}, []later{
		{`async () => { while (!heard.length) await new Promise(requestAnimationFrame); artalk.setDarkMode(false); artalk.reload() }`, map[string]string{"page": "/canonical"}},
		{`() => { artalk.update({ pageKey: "key-2", pageTitle: "Another" }); artalk.reload() }`, map[string]string{"page": "/post", "id": "key-2", "title": "Another"}},
		{`() => artalk.destroy()`, nil},
	}},
	{"artalk in the head, asked late", `<html><head><title>A page</title><script defer src="FOLKMOOT/Artalk.js"></script></head><body><div id="artalk-wrap"></div></body></html>`, "", nil, []later{
		{`() => { Artalk.init({ el: '#artalk-wrap', server: 'https://a.example', site: 'x', pageKey: location.pathname }) }`, map[string]string{"page": "/post"}},
	}},

	{"twikoo", `<div id="tcomment"></div><span id="count"></span>
<script src="FOLKMOOT/twikoo.all.min.js"></script>
<script>
twikoo.init({ envId: 'x', el: '#tcomment', lang: 'ja', path: location.pathname, onCommentLoaded: function () { window.loaded = true } });
twikoo.getCommentsCount({ envId: 'x', urls: ['/post'], includeReply: true }).then((res) => { document.querySelector("#count").innerText = res[0].count });
</script>`, "#tcomment", map[string]string{"page": "/post", "lang": "ja"}, []later{
		{`async () => { while (!window.loaded || !document.querySelector("#count").textContent) await new Promise(requestAnimationFrame) }`, map[string]string{"page": "/post"}},
	}},

	{"coral", `<div id="coral_thread"></div>
<script type="text/javascript">
(function() {
    var d = document, s = d.createElement('script');
    var URL = 'FOLKMOOT';
    s.src = URL + '/assets/js/embed.js';
    s.async = false;
    s.defer = true;
    s.onload = function() {
        window.coral = Coral.createStreamEmbed({ id: "coral_thread", autoRender: true, rootURL: URL, storyID: 'story-3', storyURL: location.origin + '/canonical', events: function (events) { events.on("ready", function () { window.loaded = true }) } });
    };
    (d.head || d.body).appendChild(s);
})();
</script>`, "#coral_thread", map[string]string{"page": "/canonical", "id": "story-3"}, []later{{`() => coral.remove()`, nil}}},
	{"coral on demand", `<div id="coral_thread"></div><script src="FOLKMOOT/assets/js/embed.js"></script><script>window.coral = Coral.createStreamEmbed({ id: "coral_thread", rootURL: 'https://coral.example', autoRender: false })</script>`,
		"", nil, []later{{`() => coral.render()`, map[string]string{"page": "/post"}}}},

	{"hyvor", `<script async src="FOLKMOOT/embed/embed.js" type="module"></script>
<hyvor-talk-comments website-id="5" page-id="page-4" page-language="es" colors="dark"></hyvor-talk-comments>`,
		"hyvor-talk-comments", map[string]string{"page": "/post", "id": "page-4", "lang": "es", "theme": "dark", "site": ""}, []later{
			{`() => { const e = document.querySelector("hyvor-talk-comments"); e.setAttribute("page-id", "page-5"); e.load() }`, map[string]string{"id": "page-5"}},
		}},
	{"hyvor on demand", `<hyvor-talk-comments website-id="5" page-id="" loading="manual"></hyvor-talk-comments><script async src="FOLKMOOT/embed/embed.js" type="module"></script>`,
		"", nil, []later{{`async () => { await customElements.whenDefined("hyvor-talk-comments"); document.querySelector("hyvor-talk-comments").load() }`, map[string]string{"page": "/post"}}}},

	{"discourse", `<div id='discourse-comments'></div>
<script type="text/javascript">
  DiscourseEmbed = { discourseUrl: 'FOLKMOOT/', discourseEmbedUrl: location.origin + '/canonical' };
  (function() {
    var d = document.createElement('script'); d.type = 'text/javascript'; d.async = true;
    d.src = DiscourseEmbed.discourseUrl + 'javascripts/embed.js';
    (document.getElementsByTagName('head')[0] || document.getElementsByTagName('body')[0]).appendChild(d);
  })();
</script>`, "#discourse-comments", map[string]string{"page": "/canonical"}, nil},

	// A place that a page puts there later, the script in the head from the start.
	{"a place that comes later", `<html><head><title>A page</title><script defer src="FOLKMOOT/embed.js"></script></head><body><main></main></body></html>`, "", nil, []later{
		{`() => { document.querySelector("main").innerHTML = '<div id="disqus_thread"></div>' }`, map[string]string{"page": "/post"}},
		{`() => { history.pushState({}, "", "/two"); document.querySelector("main").innerHTML = '<h1>Two</h1><div id="disqus_thread"></div>' }`, map[string]string{"page": "/two"}},
		{`() => { document.querySelector("main").innerHTML = '' }`, nil},
	}},
}

func TestMovingInIsChangingOneAddress(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{})
	bob := meet(t, "bob")
	bob.expect("folkmoot could not start: TypeError: Failed to fetch", "closed before the connection is established") // the next page comes while the program does
	for _, c := range peers {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			bob := bob.in(t)
			h.pages["/post"] = c.page
			page := bob.open(h.url + "/post")
			shows := func(want map[string]string) {
				t.Helper()
				if want == nil {
					page.gone("iframe")
					return
				}
				for _, name := range slices.Sorted(maps.Keys(want)) {
					value := want[name]
					if name == "page" {
						value = h.url + value
					}
					page.wait(name+" of the one frame is "+value, `(name, value) => {
						const all = document.querySelectorAll("iframe");
						return all.length === 1 && (new URL(all[0].src || location).searchParams.get(name) ?? "") === value;
					}`, name, value)
				}
			}
			if c.want != nil {
				shows(c.want)
				if !ask[bool](page, `(place) => !!document.querySelector("iframe").closest(place)`, c.place) {
					t.Error("the widget stands elsewhere")
				}
				bob.widget().see(".reactions, .composer")
			}
			for _, l := range c.then {
				page.run(l.do)
				shows(l.want)
			}
		})
	}
}

// What a page says for itself counts more than a place of another system's, and a
// script that counts shows nothing.
func TestPlacesThatAreNotMeant(t *testing.T) {
	s := start(t)
	h := hosting(t, s, map[string]string{
		"/counts": `<a href="/remark#disqus_thread">x</a><script id="dsq-count-scr" src="FOLKMOOT/embed.js" async></script>`,
		"/ours":   `<div id="disqus_thread"></div><folkmoot-thread page-id="own"></folkmoot-thread><script async src="FOLKMOOT/embed.js"></script>`,
	})
	bob := meet(t, "bob")
	page := bob.open(h.url + "/counts")
	page.seeText("a", "0 Comments")
	if n := page.count("iframe"); n != 0 {
		t.Error("a script that counts shows a widget")
	}
	page = bob.open(h.url + "/ours")
	if got := page.frame(); got.Get("id") != "own" || page.count("#disqus_thread iframe") != 0 {
		t.Errorf("where our own element is, it shows %v", got)
	}
}
