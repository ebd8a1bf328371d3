package web_test

import (
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

func (r *reader) react(thread, kind, method string) talk.Result {
	r.w.t.Helper()
	return decode[talk.Result](r.ask(method, "/api/v1/threads/"+thread+"/reactions/"+kind, nil, "").want(200))
}

func (r *reader) reacted(thread string) talk.Reacted {
	r.w.t.Helper()
	return decode[talk.Reacted](r.get("/api/v1/threads/" + thread + "/reactions").want(200))
}

// A name is shown among those who have reacted if its owner wants that, and only
// as long as they do.
func TestWhoHasReacted(t *testing.T) {
	w := start(t)
	maren, tom, nobody := w.guest(), w.guest(), w.nobody()
	thread := nobody.thread(article).ID
	if r := nobody.reacted(thread); r.Kinds == nil || len(r.Kinds) != 0 || r.Named {
		t.Errorf("of nobody: %+v", r)
	}
	maren.says(thread, "", "Maren", "x")
	for _, who := range []*reader{maren, tom} {
		who.react(thread, "heart", "PUT")
	}
	maren.react(thread, "like", "PUT")
	r := tom.reacted(thread)
	if len(r.Kinds) != 2 || r.Kinds[0].Kind != "like" || r.Kinds[1].Total != 2 || !r.Kinds[1].Mine || r.Kinds[0].Mine || len(r.Kinds[0].Names)+len(r.Kinds[1].Names) != 0 {
		t.Errorf("without consent: %+v", r)
	}
	named := func(on bool) {
		t.Helper()
		maren.send("PATCH", "/api/v1/me/settings", map[string]bool{"named": on}).want(200)
	}
	named(true)
	if r = tom.reacted(thread); !slices.Equal(r.Kinds[0].Names, []string{"Maren"}) || !slices.Equal(r.Kinds[1].Names, []string{"Maren"}) || r.Named {
		t.Errorf("with consent: %+v", r)
	}
	if r = maren.reacted(thread); !r.Named || len(r.Kinds[0].Names) != 0 || !r.Kinds[0].Mine {
		t.Errorf("to herself: %+v", r)
	}
	tom.send("PATCH", "/api/v1/me/settings", map[string]bool{"named": true}).want(200)
	if r = nobody.reacted(thread); !slices.Equal(r.Kinds[1].Names, []string{"Maren"}) {
		t.Errorf("who has no name: %+v", r)
	}
	named(false)
	if r = nobody.reacted(thread); len(r.Kinds[0].Names)+len(r.Kinds[1].Names) != 0 {
		t.Errorf("after it was taken back: %+v", r)
	}
	nobody.get("/api/v1/threads/none/reactions").wantProblem(404, talk.NotFound, "thread")
}

// Without a script the same page shows who has reacted, and lets one choose.
func TestWhoHasReactedInAPage(t *testing.T) {
	w := start(t)
	maren, nobody := w.guest(), w.nobody()
	thread := nobody.thread(article).ID
	maren.says(thread, "", "Maren", "x")
	maren.react(thread, "heart", "PUT")
	button := one(t, nobody.get(embed(article)).want(200).doc(), "button", "name", "who")
	if text(button) != "1 reaction" || value(button, "form") != "reply" || value(button, "aria-expanded") != "false" {
		t.Errorf("the button says %q", text(button))
	}
	panel := func(r *reader) *html.Node {
		t.Helper()
		return one(t, r.get(embed(article, "who", "1")).want(200).doc(), "section", "class", "reacted")
	}
	if got := text(panel(nobody)); got != "❤️ 1 person" {
		t.Errorf("nobody sees %q", got)
	}
	own := panel(maren)
	form := one(t, own, "form", "action", "/do/named?on=true")
	if value(one(t, form, "button", "role", "switch"), "aria-checked") != "false" || !strings.HasPrefix(text(own), "❤️ You") {
		t.Errorf("she sees %q", text(own))
	}
	back := maren.with("Referer", w.url+embed(article, "who", "1")).form("/do/named?on=true", url.Values{"thread": {thread}}).want(303).header.Get("Location")
	if !strings.Contains(back, "who=1") {
		t.Errorf("led back to %s", back)
	}
	if got := text(panel(nobody)); got != "❤️ Maren" {
		t.Errorf("nobody sees %q", got)
	}
	maren.form("/do/named?on=false", url.Values{"thread": {thread}}).want(303)
	if got := text(panel(nobody)); got != "❤️ 1 person" {
		t.Errorf("after it was taken back nobody sees %q", got)
	}
	if got := text(one(t, nobody.get("/t/"+thread+"?who=1").want(200).doc(), "section", "class", "reacted")); got != "❤️ 1 person" {
		t.Errorf("the conversation's own page says %q", got)
	}
}

// A flood of one request counts once, as does one of several requests that mean
// the same; several people's count as many.
func TestAFloodOfReactionsCountsOnce(t *testing.T) {
	for _, rules := range []forum.Rules{{}, {OneReaction: true}} {
		w := startWith(t, setup{origins: []string{blog}, rules: rules})
		bob := w.guest()
		thread := bob.thread(article).ID
		const all = 200
		var wg sync.WaitGroup
		for i := range all {
			same := bob.with("X-Nothing", "")
			if i%2 == 0 {
				same = bob.with("Idempotency-Key", "the same key")
			}
			wg.Go(func() { same.react(thread, "heart", "PUT") })
		}
		wg.Wait()
		now := bob.thread(article)
		if now.Reactions["heart"] != 1 || len(now.Reactions) != 1 || now.Version != 1 {
			t.Errorf("%d requests: %+v", all, now)
		}
		for i := range 40 {
			wg.Go(func() { bob.with("X-Nothing", "").react(thread, []string{"heart", "like", "idea"}[i%3], "PUT") })
		}
		wg.Wait()
		want := 3
		if rules.OneReaction {
			want = 1
		}
		now = bob.thread(article)
		sum := 0
		for _, n := range now.Reactions {
			sum += n
		}
		if len(now.Mine) != want || sum != want {
			t.Errorf("one reaction %v: %+v", rules.OneReaction, now)
		}
		for range 20 {
			who := w.guest()
			wg.Go(func() { who.react(thread, "funny", "PUT") })
		}
		wg.Wait()
		if n := bob.thread(article).Reactions["funny"]; n != 20 {
			t.Errorf("20 people are %d", n)
		}
		for range all {
			wg.Go(func() { bob.with("X-Nothing", "").react(thread, "heart", "DELETE") })
		}
		wg.Wait()
		if n := bob.thread(article).Reactions["heart"]; n != 0 {
			t.Errorf("taken back, %d are left", n)
		}
	}
}
