package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"folkmoot/app/talk"
)

func (r *reader) whoami() talk.Me {
	r.w.t.Helper()
	return decode[talk.Me](r.get("/api/v1/me").want(200))
}

func TestOwnersLink(t *testing.T) {
	w := start(t)
	token := w.link()
	r := w.nobody()
	if me := r.whoami(); me != (talk.Me{}) || r.cookie != "" {
		t.Errorf("nobody is %+v", me)
	}
	for range 3 { // looking doesn't use it up
		page := r.get("/owner?token=" + token).want(200)
		if v := page.header.Get("Content-Security-Policy"); !strings.Contains(v, "frame-ancestors 'none'") {
			t.Errorf("may be framed: %s", v)
		}
		if page.header.Get("Referrer-Policy") != "no-referrer" || page.header.Get("Cache-Control") != "no-store" {
			t.Errorf("the token may leave by a header: %v", page.header)
		}
		one(t, page.doc(), "form", "action", "/owner", "method", "post")
		if got := value(one(t, page.doc(), "input", "name", "token"), "value"); got != token {
			t.Errorf("the button would send %q", got)
		}
	}
	_, page, _ := r.follow(r.form("/owner", url.Values{"token": {token}}))
	if me := r.whoami(); me.Role != talk.Owner || me.Person.ID == "" {
		t.Errorf("after the button: %+v", me)
	}
	one(t, page.doc(), "form", "action", "/owner/code")
	other := w.guest()
	if text := string(other.form("/owner", url.Values{"token": {token}}).want(403).body); !strings.Contains(text, "owner-link") {
		t.Errorf("the second one is not told what to do: %s", text)
	}
	if other.whoami().Role != "" {
		t.Error("the link worked twice")
	}
	late := w.link()
	w.later(24 * time.Hour)
	other.form("/owner", url.Values{"token": {late}}).want(403)
	other.form("/owner", url.Values{"token": {""}}).want(403)
}

// A widget on another site has a cookie of its own: a code tells it who is who.
func TestOwnersCode(t *testing.T) {
	w := start(t)
	owner, widget := w.owner(), w.guest()
	code := func() string {
		t.Helper()
		doc := owner.form("/owner/code", nil).want(200).doc()
		return text(one(t, doc, "strong", "class", "code"))
	}
	redeem := func(r *reader, code string) *answer {
		t.Helper()
		return r.send("POST", "/api/v1/keeper", map[string]string{"code": code})
	}
	c := code()
	if len(strings.ReplaceAll(c, "-", "")) != 8 {
		t.Errorf("the code is %q", c)
	}
	redeem(widget, "x"+c[1:]+"x").wantProblem(403, talk.Forbidden, "code")
	redeem(widget, " "+strings.ToUpper(strings.ReplaceAll(c, "-", " "))).want(204)
	if widget.whoami().Role != talk.Owner {
		t.Error("the code made nobody an owner")
	}
	redeem(w.guest(), c).wantProblem(403, talk.Forbidden, "code")
	late := code()
	w.later(10 * time.Minute)
	redeem(w.guest(), late).wantProblem(403, talk.Forbidden, "code")
	fresh := w.nobody()
	redeem(fresh, code()).want(204)
	if fresh.whoami().Role != talk.Owner {
		t.Error("whoever had no session is no owner")
	}
}

func TestCodesCanNotBeGuessed(t *testing.T) {
	w := startWith(t, setup{origins: []string{blog}, limits: true})
	r := w.nobody()
	for range 10 {
		r.send("POST", "/api/v1/keeper", `{"code":"aaaaaaaa"}`).want(403)
	}
	r.send("POST", "/api/v1/keeper", `{"code":"aaaaaaaa"}`).wantProblem(429, talk.RateLimited, "")
}

func TestRoleTravelsInThePage(t *testing.T) {
	w := start(t)
	owner := w.owner()
	c := owner.say(owner.thread(article).ID, "", "x")
	if c.Badge != talk.Owner {
		t.Errorf("the owner's comment has the badge %q", c.Badge)
	}
	for r, want := range map[*reader]talk.Role{owner: talk.Owner, w.guest(): "", w.nobody(): ""} {
		v := stateOf(t, r.get(embed(article)).want(200).doc()).View
		if v.Role != want || v.Comments[0].Badge != talk.Owner {
			t.Errorf("%q in the page, want %q; badge %q", v.Role, want, v.Comments[0].Badge)
		}
	}
}
