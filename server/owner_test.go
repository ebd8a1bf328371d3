package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"folkmoot/app/talk"
	"folkmoot/server/testservers"
)

// becomeOwner prints a link, presses its button, and returns the cookie.
func becomeOwner(t *testing.T, p *program, flags ...string) string {
	t.Helper()
	out, errs, status := run(t, nil, append([]string{"owner-link", "--public-url", p.url}, flags...)...)
	token := regexp.MustCompile(`^` + regexp.QuoteMeta(p.url) + `/owner\?token=(\S+)\n`).FindStringSubmatch(out)
	if status != 0 || errs != "" || token == nil {
		t.Fatalf("owner-link says %q, %q and ends with %d", out, errs, status)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm(p.url+"/owner", url.Values{"token": {token[1]}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther || len(res.Cookies()) != 1 {
		t.Fatalf("the button answers %s", res.Status)
	}
	return res.Cookies()[0].Name + "=" + res.Cookies()[0].Value
}

func (p *program) role(cookie string) talk.Role {
	p.t.Helper()
	var me talk.Me
	p.ask("GET", "/api/v1/me", cookie, nil, &me)
	return me.Role
}

func TestOwnerLinkBesideAServer(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := begin(t, config(data))
	thread := p.thread()
	for range 3 { // several owners, and the server goes on writing
		cookie := becomeOwner(t, p, "--data", data)
		if role := p.role(cookie); role != talk.Owner {
			t.Fatalf("the role is %q", role)
		}
		if res := p.ask("PUT", "/api/v1/threads/"+thread.ID+"/lock", cookie, nil, nil); res.StatusCode != http.StatusOK {
			t.Fatal(res.Status)
		}
	}
	if err := p.end(); err != nil {
		t.Fatal(err)
	}
}

func TestOwnerLinkBeforeTheFirstStart(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	out, errs, status := run(t, nil, "owner-link", "--data", data)
	if status != 0 || errs != "" || !strings.HasPrefix(out, "http://localhost:8080/owner?token=") {
		t.Fatalf("owner-link says %q, %q and ends with %d", out, errs, status)
	}
	p := begin(t, config(data))
	res, err := http.PostForm(p.url+"/owner", url.Values{"token": {strings.Fields(out)[0][len("http://localhost:8080/owner?token="):]}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatal(res.Status)
	}
}

func TestOwnerLinkOfPostgreSQL(t *testing.T) {
	database, err := testservers.Postgres(t.Context(), testservers.Dir(t), "fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { database.Stop() })
	c := config("")
	c.Database = database.URL
	p := begin(t, c)
	if role := p.role(becomeOwner(t, p, "--database", database.URL)); role != talk.Owner {
		t.Fatalf("the role is %q", role)
	}
}

func TestOwnerLinkFails(t *testing.T) {
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "folkmoot.db"), []byte("Dear diary"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, flags := range map[string][]string{
		"damaged":                    {"--data", data},
		"--public-url":               {"--data", t.TempDir(), "--public-url", "nowhere"},
		"can't use the data folder":  {"--data", "/proc/nothing"},
		"can't reach the PostgreSQL": {"--database", "postgres://folkmoot@127.0.0.1:1/folkmoot"},
	} {
		out, errs, status := run(t, nil, append([]string{"owner-link"}, flags...)...)
		if out != "" || status == 0 || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, want) {
			t.Errorf("with %q it says %q, %q and ends with %d", flags, out, errs, status)
		}
	}
}

func TestReactionsOfTheSitesOwn(t *testing.T) {
	kinds, err := parseReactions([]string{"agree=🤝=I agree, mostly", "no=👎=No = no"})
	if err != nil || len(kinds) != 2 || kinds[0] != (talk.ReactionKind{Kind: "agree", Emoji: "🤝", Label: "I agree, mostly"}) || kinds[1].Label != "No = no" {
		t.Errorf("%+v, %v", kinds, err)
	}
	for _, bad := range [][]string{{"agree"}, {"agree=🤝"}, {"=🤝=Agree"}, {"A b=🤝=Agree"}, {"a= =Agree"}, {"a=🤝= "}, {"a=1=A", "a=2=B"}} {
		if _, err := parseReactions(bad); err == nil || !strings.Contains(err.Error(), "kind=emoji=label") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
