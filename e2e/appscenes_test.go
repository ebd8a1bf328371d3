package e2e

import (
	"fmt"
	"image/png"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A town is a server with what people talk about on several sites, and Maren,
// who takes part.
type town struct {
	*server
	maren   *caller
	baths   string // the thread that she follows, and is answered in
	visible string // a comment of hers
}

// blogs are the sites that a town's people talk on.
var blogs = []string{"https://ansterby.example", "https://the-long-distance-post.example", "https://a.example"}

// found makes a town.
func found(t *testing.T) *town {
	t.Helper()
	flags := []string{"--rate-limits", "off"}
	for _, b := range blogs {
		flags = append(flags, "--origin", b)
	}
	return &town{server: start(t, flags...)}
}

// publish makes the conversation of an article, and returns its thread.
func (w *town) publish(page, title, topics string) string {
	w.t.Helper()
	w.get("/embed?" + url.Values{"page": {page}, "title": {title}, "topics": {topics}}.Encode())
	return w.caller("").thread(page).ID
}

// fill lets people talk.
func (w *town) fill() {
	w.t.Helper()
	w.baths = w.publish(blogs[0]+"/baths", "Thirty-six seats at the deep end", "Public baths, Sortition, Community ownership")
	hall := w.publish(blogs[0]+"/hall", "Who locks up the village hall?", "Community ownership, Volunteers")
	long := w.publish(blogs[1]+"/trains", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft and other things that the night train to Vienna taught me about patience, bureaucracy and the kindness of strangers", "Night trains, Vienna, A very long topic that an editor has thought about for too long")
	arabic := w.publish(blogs[1]+"/qurtuba", "الحمّامات العامة في قرطبة: تاريخ طويل", "Public baths, قرطبة")
	short := w.publish(blogs[2]+"/no", "No.", "Sortition")
	w.publish(blogs[2]+"/silent", "What nobody has said anything about yet", "Volunteers")

	w.maren = w.caller("Maren Holt")
	w.maren.call(http.MethodPost, "threads/"+w.baths+"/comments", map[string]string{"name": "Maren Holt", "headline": "Pharmacist, Leeds", "body": "What struck me is the part about the boiler. We had **the same fight** over our village hall, and nobody wrote it down."}, nil)
	mine := w.maren.comments(w.baths)[0]
	w.visible = mine.ID
	tom, ines, ali := w.caller("Tom Okafor"), w.caller("Inês Ferreira"), w.caller("محمد الأندلسي")
	tom.post(w.baths, mine.ID, "Nobody ever writes it down. That is how the next committee makes the same mistake.")
	ines.post(w.baths, "", "Sortition worked for us, too: thirty seats, eleven of them people who had never spoken at a meeting.")
	for _, c := range []*caller{tom, ines, ali} {
		c.like(mine.ID)
		c.react(w.baths, "heart")
	}
	other := w.maren.post(hall, "", "Whoever has the key, locks up. That was the whole constitution of ours for eleven years, and it worked until the key was lost.")
	ines.post(hall, other.ID, "And who looked for it?\n\n- the treasurer\n- the treasurer's brother\n- in the end, a dog")
	ali.post(arabic, "", "كان في قرطبة ثلاثمئة حمّام، وكان الدخول إليها مجانًا للفقراء.")
	w.maren.post(arabic, "", "Three hundred?")
	ali.post(arabic, "", "@Maren Holt نعم، ثلاثمئة. وفي بعض المصادر ستمئة.")
	tom.post(short, "", "Yes.")
	for i := range 12 {
		w.caller(fmt.Sprintf("Passenger %d", i+1)).post(long, "", fmt.Sprintf("The compartment at coach %d, which says a little more than it should.", 20+i))
	}
	w.maren.call(http.MethodPut, "topics/"+url.PathEscape("sortition")+"/follow", nil, nil)
	w.maren.call(http.MethodPut, "topics/"+url.PathEscape("vienna")+"/mute", nil, nil)
}

// be makes a browser somebody's who has used the API.
func (p *person) be(c *caller) {
	p.t.Helper()
	var handed struct {
		Code string `json:"code"`
	}
	c.call(http.MethodPost, "handover", nil, &handed)
	v := p.open(c.server.url("/offline")) // a page of the server's that needs nothing
	if status := ask[int](v, `async (code) => (await fetch("/api/v1/continue", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ code, confirm: true }) })).status`, handed.Code); status != http.StatusNoContent {
		p.t.Fatalf("%s can't continue as %s: %d", p.name, c.name, status)
	}
}

// An appScene is a screen to look at, as Maren sees it or, alone, as somebody
// who is nobody yet.
type appScene struct {
	name  string
	path  func(w *town) string
	empty bool // nothing was said in the town
	alone bool
	lang  string
	then  func(v *view)
}

func at(path string) func(*town) string { return func(*town) string { return path } }

var appScenes = []appScene{
	{name: "home", path: at("/")},
	{name: "home-alone", path: at("/"), alone: true},
	{name: "home-empty", path: at("/"), empty: true, alone: true},
	{name: "home-arabic", path: at("/"), lang: "ar"},
	{name: "topics", path: at("/topics")},
	{name: "topics-empty", path: at("/topics"), empty: true, alone: true},
	{name: "topic", path: at("/topics/public%20baths")},
	{name: "topic-muted", path: at("/topics/vienna")},
	{name: "inbox", path: at("/inbox")},
	{name: "inbox-empty", path: at("/inbox"), empty: true, alone: true},
	{name: "inbox-arabic", path: at("/inbox"), lang: "ar"},
	{name: "me", path: at("/me")},
	{name: "me-nobody", path: at("/me"), alone: true},
	{name: "thread", path: func(w *town) string { return "/t/" + w.baths }},
	{name: "thread-arabic", path: func(w *town) string { return "/t/" + w.baths }, lang: "ar"},
}

var appWidths = []int64{360, 768, 1440}

// TestAppScreenshots looks at every screen on a phone, a tablet and a desktop,
// light and dark: nothing is cut off, and axe finds nothing. With SCREENSHOTS=folder it leaves the
// pictures there.
func TestAppScreenshots(t *testing.T) {
	full, empty := found(t), found(t)
	full.fill()
	maren, nobody := meet(t, "maren"), meet(t, "nobody")
	maren.be(full.maren)
	for _, scene := range appScenes {
		t.Run(scene.name, func(t *testing.T) {
			w, p := full, maren
			if scene.empty {
				w = empty
			}
			if scene.alone {
				p = nobody
			}
			p.t = t
			v := p.open(w.url(withLang(scene.path(w), scene.lang)))
			v.running()
			if scene.then != nil {
				scene.then(v)
			}
			for _, width := range appWidths {
				for _, color := range colors {
					v.picture("app-"+scene.name, width, color)
					if width != appWidths[1] {
						v.accessible(scene.name + " in " + color)
					}
				}
			}
		})
	}
}

// TestManifestPictures looks at what the manifest shows of the app, which make
// manifest makes anew with MANIFEST=folder: each is as large as it says.
func TestManifestPictures(t *testing.T) {
	w := found(t)
	w.fill()
	maren := meet(t, "maren")
	maren.be(w.maren)
	for name, page := range map[string]struct {
		path          string
		width, height int64
	}{
		"wide": {"/", 1280, 800}, "thread": {"/t/" + w.baths, 400, 800}, "inbox": {"/inbox", 400, 800},
	} {
		shown, err := png.DecodeConfig(w.get("/icons/screen-" + name + ".png").Body)
		if os.Getenv("MANIFEST") == "" && (err != nil || int64(shown.Width) != page.width || int64(shown.Height) != page.height) {
			t.Errorf("%s: %d by %d, %v", name, shown.Width, shown.Height, err)
		}
		v := maren.open(w.url(page.path))
		v.running()
		maren.screen(page.width, page.height)
		maren.prefer("prefers-color-scheme", "light")
		v.wait("the screen is as wide as it should be", `(w) => innerWidth === w`, page.width)
		dir := os.Getenv("MANIFEST")
		if dir == "" {
			continue
		}
		picture, err := chromedp.Run(maren.ctx, chromedp.CaptureScreenshot())
		maren.must(err)
		maren.must(os.WriteFile(filepath.Join(dir, "screen-"+name+".png"), picture, 0o644))
	}
}

func withLang(path, lang string) string {
	if lang == "" {
		return path
	}
	return path + "?lang=" + lang
}

// running waits until the program has taken over.
func (v *view) running() {
	v.p.t.Helper()
	v.wait("the program runs", `() => !!window.folkmoot?.live`)
}

// picture checks a screen of the app's, and keeps its picture if somebody wants
// to see it.
func (v *view) picture(name string, width int64, color string) {
	v.p.t.Helper()
	what := fmt.Sprintf("%s-%d-%s", name, width, color)
	v.p.screen(width, 800)
	v.p.prefer("prefers-color-scheme", color)
	v.wait("the screen is as wide as it should be", `(w) => innerWidth === w`, width)
	v.noOverflow(what)
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" || os.Getenv("ONLY") != "" && !strings.Contains(name, os.Getenv("ONLY")) {
		return
	}
	v.p.must(os.MkdirAll(dir, 0o755))
	v.p.screen(width, max(800, ask[int64](v, `() => document.documentElement.scrollHeight`))) // what is at the bottom stands there
	picture, err := chromedp.Run(v.p.ctx, chromedp.FullScreenshot(100))
	v.p.must(err)
	v.p.must(os.WriteFile(filepath.Join(dir, what+".png"), picture, 0o644))
}
