package e2e

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

const (
	accepted = "accepted" // how the scenes look, as somebody has seen and accepted it
	distance = 24         // of 255, in a color, up to which two pixels look the same
	noise    = 10000      // one pixel in so many may look different: an edge that another version of the browser draws softer
)

// fonts stand in for the machine's own, so that the pictures are the same on all.
var fonts = []struct {
	file   string
	weight int
}{
	{"noto-sans/files/noto-sans-latin-400-normal.woff2", 400},
	{"noto-sans/files/noto-sans-latin-700-normal.woff2", 700},
	{"noto-sans/files/noto-sans-latin-ext-400-normal.woff2", 400},
	{"noto-sans/files/noto-sans-latin-ext-700-normal.woff2", 700},
	{"noto-sans-arabic/files/noto-sans-arabic-arabic-400-normal.woff2", 400},
	{"noto-sans-arabic/files/noto-sans-arabic-arabic-700-normal.woff2", 700},
	{"noto-sans-hebrew/files/noto-sans-hebrew-hebrew-400-normal.woff2", 400},
	{"noto-sans-hebrew/files/noto-sans-hebrew-hebrew-700-normal.woff2", 700},
	{"noto-sans-symbols-2/files/noto-sans-symbols-2-symbols-400-normal.woff2", 400},
	{"noto-sans-symbols-2/files/noto-sans-symbols-2-math-400-normal.woff2", 400},
}

// visual are the scenes, without what no font here has.
var visual = []scene{
	{name: "empty", made: func(*caller, string) {}},
	{name: "talk", made: makeTalk, then: func(v *view) {
		v.click("article.comment button[name=reply]")
		v.click(".menu > summary")
		v.see(".menu[open] button")
	}},
	{name: "error", made: func(*caller, string) {}, then: func(v *view) {
		v.write("#box", "What I wanted to say.")
		v.click("form:has(> #box) .send")
		v.seeText("#box-error", "name")
	}},
	{name: "markdown", made: makeMarkdown, then: func(v *view) { v.click(".spoiler.wide summary") }},
	{name: "arabic", lang: "ar", made: makeArabic},
}

// makeTalk is a conversation with branches, names and words of all lengths.
func makeTalk(c *caller, thread string) {
	c.t.Helper()
	first := c.server.caller("").signed(thread, "Margaret Oyelaran", "Pharmacist, Leeds", "We ran a food co-op this way for six years. The draw was never the trouble; *the chair* was.")
	parent := first.ID
	for i, who := range []string{"Dez", "Ruth Tasker", "Zofia Wiśniewska", "Bao"} {
		parent = c.server.caller(who).post(thread, parent, fmt.Sprintf("An answer at depth %d, which says a little more than yes, so that it fills a line or two.", i+1)).ID
	}
	c.server.caller("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunte").post(thread, "", strings.Repeat("Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", 4))
	c.like(first.ID)
	c.react(thread, "heart")
}

// TestLooksAsAccepted holds the scenes against the pictures that were accepted, on
// a phone and a desktop, light and dark. ACCEPT=1 accepts what there is now: look
// at it before it is committed.
func TestLooksAsAccepted(t *testing.T) {
	for _, scene := range visual {
		t.Run(scene.name, func(t *testing.T) {
			s := start(t)
			page := s.url("/demo")
			c := s.caller("Ann")
			scene.made(c, c.thread(page).ID)
			bob := meet(t, "bob")
			v := bob.open(s.embedOf(page, "lang="+scene.lang))
			v.live()
			v.wearFonts()
			if scene.then != nil {
				scene.then(v)
			}
			v.run(`() => document.activeElement?.blur()`) // a caret blinks
			bob.prefer("prefers-reduced-motion", "reduce")
			for _, width := range widths {
				for _, scheme := range colors {
					bob.prefer("prefers-color-scheme", scheme)
					bob.screen(width, 800)
					v.wait("the page is laid out", `(w) => document.documentElement.clientWidth === w`, width)
					v.looksAsAccepted(fmt.Sprintf("%s-%d-%s", scene.name, width, scheme))
				}
			}
		})
	}
}

// wearFonts takes out of a page's look what differs from machine to machine and
// from one run to the next: fonts, signs that none of these has, and the colors of
// people.
func (v *view) wearFonts() {
	v.p.t.Helper()
	var names []string
	for i, font := range fonts {
		data, err := os.ReadFile(filepath.Join("axe/node_modules/@fontsource", font.file))
		if err != nil {
			v.p.t.Fatalf("%v: make test installs it", err)
		}
		names = append(names, fmt.Sprint("same", i))
		v.run(`async (name, weight, data) => {
			const font = new FontFace(name, Uint8Array.from(atob(data), (c) => c.charCodeAt(0)), { weight: String(weight) });
			document.fonts.add(await font.load());
		}`, names[i], font.weight, base64.StdEncoding.EncodeToString(data))
	}
	v.run(`(names) => {
		const sheet = new CSSStyleSheet();
		sheet.replaceSync("* { font-family: " + names + " !important; caret-color: transparent !important; } .avatar { background: #666 !important; } .reactions button > :first-child { visibility: hidden; } .menu > summary { color: transparent !important; }");
		document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
	}`, strings.Join(names, ", "))
}

// looksAsAccepted compares a picture of the whole document with the accepted one.
func (v *view) looksAsAccepted(name string) {
	t, p := v.p.t, v.p
	t.Helper()
	v.run(`() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`)
	data, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	p.must(err)
	full, err := png.Decode(bytes.NewReader(data))
	p.must(err)
	now := half(full)
	file := filepath.Join(accepted, name+".png")
	if os.Getenv("ACCEPT") != "" {
		p.must(savePNG(file, now))
		return
	}
	data, err = os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s: nobody has accepted how it looks: make accept, and look at it", name)
		return
	}
	p.must(err)
	want, err := png.Decode(bytes.NewReader(data))
	p.must(err)
	changed, where := compare(want, now)
	if changed == 0 {
		return
	}
	seen, shown := picturePath(t, name), picturePath(t, name+"-changed")
	p.must(savePNG(seen, now))
	p.must(savePNG(shown, where))
	t.Errorf("%s: %d pixels of %v look different from %s: see %s and %s. If that is meant: make accept", name, changed, now.Bounds().Size(), file, seen, shown)
}

// compare counts the pixels that look different, if they are more than noise, and
// shows where they are: red on the faded picture.
func compare(want, now image.Image) (changed int, where *image.RGBA) {
	all := want.Bounds().Union(now.Bounds())
	where = image.NewRGBA(all)
	for y := all.Min.Y; y < all.Max.Y; y++ {
		for x := all.Min.X; x < all.Max.X; x++ {
			at := image.Pt(x, y)
			a, b := color.RGBAModel.Convert(want.At(x, y)).(color.RGBA), color.RGBAModel.Convert(now.At(x, y)).(color.RGBA)
			far := max(apart(a.R, b.R), apart(a.G, b.G), apart(a.B, b.B)) > distance
			if far || !at.In(want.Bounds()) || !at.In(now.Bounds()) {
				changed++
				where.SetRGBA(x, y, color.RGBA{R: 255, A: 255})
				continue
			}
			where.SetRGBA(x, y, color.RGBA{b.R/2 + 127, b.G/2 + 127, b.B/2 + 127, 255})
		}
	}
	if changed <= all.Dx()*all.Dy()/noise {
		changed = 0
	}
	return changed, where
}

func apart(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }

// half makes a picture half as wide and high: each pixel is four's mean.
func half(full image.Image) *image.RGBA {
	from := full.Bounds()
	to := image.NewRGBA(image.Rect(0, 0, from.Dx()/2, from.Dy()/2))
	for y := range to.Rect.Dy() {
		for x := range to.Rect.Dx() {
			var r, g, b uint32
			for i := range 4 {
				c := color.RGBAModel.Convert(full.At(from.Min.X+2*x+i%2, from.Min.Y+2*y+i/2)).(color.RGBA)
				r, g, b = r+uint32(c.R), g+uint32(c.G), b+uint32(c.B)
			}
			to.SetRGBA(x, y, color.RGBA{uint8(r / 4), uint8(g / 4), uint8(b / 4), 255})
		}
	}
	return to
}

func savePNG(file string, picture image.Image) error {
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, picture); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, out.Bytes(), 0o644)
}

// What the comparison overlooks is noise, and nothing else.
func TestComparingPictures(t *testing.T) {
	plain := func(w, h int, spots ...image.Point) *image.RGBA {
		m := image.NewRGBA(image.Rect(0, 0, w, h))
		for i := range m.Pix {
			m.Pix[i] = 255
		}
		for _, s := range spots {
			m.SetRGBA(s.X, s.Y, color.RGBA{A: 255})
		}
		return m
	}
	line := func(y int) (spots []image.Point) {
		for x := range 80 {
			spots = append(spots, image.Pt(x, y))
		}
		return spots
	}
	for what, now := range map[string]*image.RGBA{"a line has come": plain(100, 100, line(9)...), "it is higher": plain(100, 101)} {
		if n, _ := compare(plain(100, 100), now); n < 80 {
			t.Errorf("%s: %d pixels look different, want 80 or more", what, n)
		}
	}
	if n, _ := compare(plain(100, 100), plain(100, 100, image.Pt(3, 3))); n != 0 {
		t.Errorf("one pixel in 10,000: %d look different, want none", n)
	}
	if n, _ := compare(plain(100, 100, line(9)...), plain(100, 100, line(10)...)); n != 160 {
		t.Errorf("a line that has moved: %d pixels look different, want 160", n)
	}
}
