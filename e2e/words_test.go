package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"folkmoot/app/talk"
	"folkmoot/app/words"
)

// wordsOf are a language's, as its file has them.
func wordsOf(t *testing.T, language string) *words.Words {
	t.Helper()
	file, err := os.ReadFile("../assets/locales/" + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	w, err := words.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// The widget speaks the language of the page around it, before and after the
// program takes it over.
func TestTheWidgetSpeaksThePagesLanguage(t *testing.T) {
	s := start(t)
	german := wordsOf(t, "de")
	b := publishIn(t, s, "de-AT")
	ann := s.caller("Ann")
	thread := ann.thread(b.crossSite())
	ann.fill(thread.ID, 3)

	bob := meet(t, "bob")
	bob.expect("422") // a preview that is refused
	page := bob.open(b.crossSite())
	v := bob.widget()
	h := v.hold(program) // it is asked for when the widget is near the screen
	speaks := func(when string) {
		t.Helper()
		for _, c := range []struct{ selector, attribute, want string }{
			{"html", "lang", "de"},
			{"html", "dir", "ltr"},
			{"#box", "placeholder", german.Say("write.comment.hint")},
			{"button[name=reaction]", "title", german.Say("reaction.like")},
			{"#comments time", "aria-label", german.Exact(ask[time.Time](v, `() => document.querySelector("#comments time").dateTime`))},
		} {
			if got := ask[string](v, `(s, a) => document.querySelector(s).getAttribute(a)`, c.selector, c.attribute); got != c.want {
				t.Errorf("%s: %s's %s is %q, want %q", when, c.selector, c.attribute, got, c.want)
			}
		}
		v.seeText("#comments h2", german.Many("comments.count", 3))
		v.seeText(".sorts", german.Say("order.newest"))
		v.seeText(`article.comment button[name=reply]`, german.Say("comment.reply"))
	}
	v.see("article.comment")
	speaks("as it came")
	page.wait("the frame is called what it is", `(title) => document.querySelector("iframe").title.startsWith(title)`, german.Say("conversation")+": ")
	v.spot("#box")
	eventually(t, "the program is asked for", func() bool { return h.held() > 0 })
	speaks("while the program loads")
	h.release()
	v.live()
	speaks("taken over")

	// What the program itself says, and what the server says to it.
	v.write("#box", " ")
	v.click("form:has(> #box) .send")
	v.seeText("#box-error", german.Refusal(talk.Refuse(talk.Invalid, "body", "Please write something first.")))
	v.rewrite("#box", "Worte")
	v.rewrite("#box-name", strings.Repeat("Bob ", 16)+"x")
	v.click("form:has(> #box) .send")
	v.seeText("#box-error", german.Refusal(talk.Refuse(talk.TooLong, "name", "Your name is too long: %d characters are the most.", talk.NameChars)))
	v.rewrite("#box", "\u202e")
	v.click("form:has(> #box) .tools [name=preview]")
	v.seeText("form:has(> #box) .preview", german.Refusal(talk.Refuse(talk.Invalid, "body", "This comment has %s. Please take that out.", talk.Phrase("a character that reverses the direction of writing"))))
}

// As long as a language's file isn't there, the page stays as the server made it.
func TestALanguageThatComesLate(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann := s.caller("Ann")
	ann.fill(ann.thread(page).ID, 1)
	french := wordsOf(t, "fr")
	bob := meet(t, "bob")
	file := bob.hold("*/assets/fr.*.json")
	v := bob.open(s.embedOf(page, "lang=fr"))
	eventually(t, "the file is asked for", func() bool { return file.held() > 0 })
	v.seeText("article.comment button[name=reply]", french.Say("comment.reply"))
	if ask[bool](v, `() => !!window.folkmoot.live`) {
		t.Error("the program took over without its words")
	}
	file.release()
	v.live()
	v.seeText("article.comment button[name=reply]", french.Say("comment.reply"))
}

func TestFormsInFrenchWithoutScript(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	french := wordsOf(t, "fr")
	bob := withoutScript(t, "bob")
	bob.expect("422")
	v := bob.open(s.embedOf(page, "lang=fr", "theme=dark"))
	inFrench := func(when string) {
		t.Helper()
		if got := ask[[]string](v, `() => [document.documentElement.lang, document.documentElement.dataset.theme]`); got[0] != "fr" || got[1] != "dark" {
			t.Errorf("%s: the page is in %s, %s", when, got[0], got[1])
		}
		v.seeText("form:has(> #box) .send", french.Say("write.comment.send"))
	}
	inFrench("at first")
	v.write("#box", "Des mots.")
	v.clickThrough("form:has(> #box) .send")
	inFrench("refused")
	v.seeText("#box-error", french.Refusal(talk.Refuse(talk.Invalid, "name", "Please say under which name you write.")))
	if got := v.value("#box"); got != "Des mots." {
		t.Errorf("the box holds %q", got)
	}
	v.clickThrough("form:has(> #box) .send")
	inFrench("refused twice")
	v.write("#box-name", "Zoé")
	v.clickThrough("form:has(> #box) .send")
	inFrench("done")
	v.seeText("#comments h2", french.Many("comments.count", 1))
	v.clickThrough("article.comment button.like")
	inFrench("liked")
}

// Written from right to left, everything stands the other way round, and names
// of either direction stay whole.
func TestFromRightToLeft(t *testing.T) {
	for _, language := range []string{"ar", "he"} {
		t.Run(language, func(t *testing.T) {
			s := start(t)
			said := wordsOf(t, language)
			b := publishIn(t, s, language)
			page := b.crossSite()
			ann := s.caller("Ann")
			thread := ann.thread(page)
			var chain []talk.Comment
			for i, name := range []string{"Ann Lee!", "ليلى حداد", "דנה כהן", "Ann Lee!", "ليلى", "Bob (the 2nd)"} {
				parent := ""
				if i > 0 {
					parent = chain[i-1].ID
				}
				var c talk.Comment
				s.caller(name).call(http.MethodPost, "threads/"+thread.ID+"/comments", map[string]string{"name": name, "headline": "Pharmacist, Leeds", "parent": parent, "body": "An English text, and its second sentence!"}, &c)
				chain = append(chain, c)
			}
			bob := meet(t, "bob")
			bob.open(page)
			v := bob.widget()
			v.spot("#box")
			v.live()
			for _, width := range []int64{320, 360, 1280} {
				bob.screen(width, 800)
				v.wait("the page is laid out", `(w) => innerWidth <= w && document.documentElement.clientWidth <= w`, width)
				what := fmt.Sprintf("%s at %d", language, width)
				v.noOverflow(what)
				bob.page().noOverflow(what)
				for _, wrong := range ask[[]string](v, `() => {
					const box = (e) => e.getBoundingClientRect(), wrong = [];
					const comments = [...document.querySelectorAll("article.comment")];
					for (const c of comments) {
						const head = c.querySelector(":scope > header"), avatar = box(head.querySelector(".avatar")), name = box(head.querySelector(".name")), age = box(head.querySelector(".age"));
						if (!(avatar.left >= name.right && name.left >= age.left)) wrong.push("the head of " + c.id + " stands from left to right");
						const text = c.querySelector(":scope > .text"), paragraph = text.firstElementChild;
						if (Math.abs(box(text).right - (innerWidth < 480 ? box(c).right : name.right)) > 1) wrong.push("the text of " + c.id + " is not indented from the right");
						if (getComputedStyle(paragraph).direction !== "ltr") wrong.push("English in " + c.id + " is written from right to left");
					}
					if (!(box(comments[1]).right < box(comments[0]).right && box(comments[1]).left === box(comments[0]).left)) wrong.push("replies are not indented from the right");
					const send = document.querySelector("form:has(> #box) .send"), form = send.form;
					if (!(box(send).left - box(form).left < 20)) wrong.push("the button to send is not at the left end");
					const field = document.querySelector("#box");
					if (getComputedStyle(field).direction !== "rtl" || getComputedStyle(field).unicodeBidi === "plaintext") wrong.push("what the empty box asks for is written from left to right");
					return wrong;
				}`) {
					t.Errorf("%s: %s", what, wrong)
				}
			}
			// A removed comment's stone is not slanted, and a title in English stands at the right.
			gone := ann.post(thread.ID, "", "Gone soon.")
			ann.post(thread.ID, gone.ID, "Stays.")
			v.see("#comment-" + gone.ID)
			ann.remove(gone.ID)
			v.see("#comment-" + gone.ID + " .stone")
			if got := ask[string](v, `() => getComputedStyle(document.querySelector(".stone")).fontStyle`); got != "normal" {
				t.Errorf("a stone's style is %s", got)
			}
			own := meet(t, "carl").open(s.url("/t/" + thread.ID + "?lang=" + language))
			if got := ask[[]string](own, `() => { const s = getComputedStyle(document.querySelector("h1")); return [s.direction, s.textAlign]; }`); got[0] != "ltr" || got[1] != "right" {
				t.Errorf("the title is written and aligned %q", got)
			}
			// A name within a sentence is isolated if it runs the other way.
			v.seeText("#comment-"+chain[5].ID+" .to", said.Say("comment.to", "name", "ليلى"))
			v.seeText("#comment-"+chain[4].ID+" .to", "\u2068Ann Lee!\u2069")
			v.write("#box", "English")
			v.wait("English is written from left to right", `() => getComputedStyle(document.querySelector("#box")).direction === "ltr"`)
		})
	}
}

// In an English page, too, a Hebrew name doesn't turn the sentence around it.
func TestAHebrewNameInAnEnglishSentence(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	dana := s.caller("דנה")
	thread := dana.thread(page).ID
	parent := ""
	for range 5 {
		parent = dana.post(thread, parent, "Words.").ID
	}
	v := meet(t, "bob").open(s.embedOf(page))
	v.live()
	v.seeText("#comment-"+parent+" .to", words.English().Say("comment.to", "name", "דנה"))
	v.seeText("#comment-"+parent+" .to", "\u2068דנה\u2069")
	if left := ask[bool](v, `(id) => {
		const header = document.getElementById(id).querySelector("header"), box = (s) => header.querySelector(s).getBoundingClientRect();
		return box(".avatar").right <= box(".name").left && box(".name").right <= box(".age").left;
	}`, "comment-"+parent); !left {
		t.Error("the head does not stand from left to right")
	}
}

// A page that stands by itself speaks the browser's language.
func TestAPageByItselfSpeaksTheBrowsersLanguage(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	s.caller("Ann").thread(page)
	bob := meet(t, "bob")
	_, err := chromedp.Call(bob.ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": "ko, ja;q=0.8"}})
	bob.must(err)
	v := bob.open(s.embedOf(page))
	v.live()
	v.seeText("form:has(> #box) .send", wordsOf(t, "ja").Say("write.comment.send"))
	v = bob.open(s.embedOf(page, "lang=es"))
	v.seeText("form:has(> #box) .send", wordsOf(t, "es").Say("write.comment.send"))
}

// The browser's own rules (ICU's, which are CLDR's) are the measure of ours.
func TestPluralsAndNumbersAreTheBrowsers(t *testing.T) {
	v := meet(t, "bob").open(start(t).url("/demo"))
	numbers := []int{999, 1000, 1234, 9999, 10_000, 12_345, 999_999, 1_000_000, 1_000_001, 2_000_000, 123_456_789}
	for n := range 250 {
		numbers = append(numbers, n)
	}
	for _, language := range words.Languages {
		w := wordsOf(t, language)
		theirs := ask[[][2]string](v, `(language, numbers) => {
			const plural = new Intl.PluralRules(language), number = new Intl.NumberFormat(language, language === "ar" ? { numberingSystem: "arab" } : {});
			return numbers.map((n) => [plural.select(n), number.format(n)]);
		}`, language, numbers)
		for i, n := range numbers {
			if ours := [2]string{w.Plural(n), w.Number(n)}; ours != theirs[i] {
				a, _ := json.Marshal(ours)
				b, _ := json.Marshal(theirs[i])
				t.Errorf("%s: %d is %s, in the browser %s", language, n, a, b)
			}
		}
		if got, want := w.Direction(), ask[string](v, `(language) => { const l = new Intl.Locale(language); return (l.getTextInfo?.() ?? l.textInfo).direction; }`, language); got != want {
			t.Errorf("%s is written %s, in the browser %s", language, got, want)
		}
	}
}

// The words of every language have room on a small phone.
func TestEveryLanguageFits(t *testing.T) {
	s := start(t)
	page := s.url("/demo")
	ann := s.caller("Ann")
	thread := ann.thread(page).ID
	parent := ""
	for range 6 {
		parent = ann.post(thread, parent, "Words.").ID
	}
	ann.fill(thread, 20)
	bob := meet(t, "bob")
	s.own(bob) // sees the most
	bob.screen(320, 800)
	for _, language := range words.Languages {
		v := bob.open(s.embedOf(page, "lang="+language))
		v.live()
		v.click("article.comment button[name=reply]")
		v.click(".menu > summary")
		v.see(".menu[open] button")
		v.noOverflow(language)
		for _, cut := range ask[[]string](v, `() => {
			const broken = (e) => { // into lines
				const texts = document.createTreeWalker(e, NodeFilter.SHOW_TEXT), range = document.createRange();
				while (texts.nextNode()) {
					range.selectNodeContents(texts.currentNode);
					if (new Set([...range.getClientRects()].map((r) => r.top)).size > 1) return true;
				}
				return false;
			};
			return [...document.querySelectorAll(".quiet, .send, .tools button, .sorts a, summary, h2")].filter((e) => e.checkVisibility())
				.filter((e) => broken(e) || (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline"))
				.map((e) => e.className + " " + e.textContent + " " + [e.scrollWidth, e.clientWidth]);
		}`) {
			t.Errorf("%s: cut off or broken: %s", language, cut)
		}
		if os.Getenv("SCREENSHOTS") != "" {
			v.shoot("language-"+language, 320, "light")
		}
	}
}
