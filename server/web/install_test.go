package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func TestManifest(t *testing.T) {
	w := start(t)
	answer := w.nobody().get("/manifest.webmanifest").want(200)
	if got := answer.header.Get("Content-Type"); got != "application/manifest+json" {
		t.Errorf("it is %q", got)
	}
	var m struct {
		ID, Name string
		Start    string `json:"start_url"`
		Icons    []struct {
			Src, Sizes, Type, Purpose string
		}
		Share struct {
			Action, Method string
		} `json:"share_target"`
		Shortcuts []struct{ URL string }
	}
	if err := json.Unmarshal(answer.body, &m); err != nil {
		t.Fatal(err)
	}
	if m.ID != "/" || m.Name == "" || m.Start != "/" || m.Share.Action != "/share" || m.Share.Method != http.MethodGet || len(m.Shortcuts) != 2 {
		t.Errorf("the manifest is %+v", m)
	}
	purposes := map[string]bool{}
	for _, icon := range m.Icons {
		purposes[icon.Purpose+" "+icon.Sizes] = true
		if got := w.nobody().get(icon.Src).want(200).header.Get("Content-Type"); got != icon.Type {
			t.Errorf("%s is %q, not %q", icon.Src, got, icon.Type)
		}
	}
	for _, need := range []string{"any 192x192", "any 512x512", "maskable 512x512"} {
		if !purposes[need] {
			t.Errorf("there is no icon %s", need)
		}
	}
}

func TestWorkerNamesWhatThereIs(t *testing.T) {
	w := start(t)
	answer := w.nobody().get("/app-worker.js").want(200)
	if got := answer.header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("browsers would keep an old worker: %q", got)
	}
	text := string(answer.body)
	if strings.Contains(text, "{{") {
		t.Error("a part of the template is still there")
	}
	list := regexp.MustCompile(`resourcesToCache = (\[.*\]);`).FindStringSubmatch(text)
	if list == nil {
		t.Fatal("there is no list of files")
	}
	var files []string
	if err := json.Unmarshal([]byte(list[1]), &files); err != nil {
		t.Fatal(err)
	}
	shared := regexp.MustCompile(`importScripts\("(.*)"\)`).FindStringSubmatch(text)
	if shared == nil {
		t.Fatal("it doesn't share the outbox")
	}
	for _, file := range append(files, shared[1]) {
		w.nobody().get(file).want(200)
	}
}

func TestShared(t *testing.T) {
	w := start(t)
	share := func(q url.Values) *answer { return w.nobody().get("/share?" + q.Encode()) }
	thread := func(a *answer) string {
		t.Helper()
		to := a.want(303).header.Get("Location")
		id, ok := strings.CutPrefix(to, "/t/")
		if !ok || id == "" {
			t.Fatalf("it leads to %q", to)
		}
		return id
	}
	byAddress := thread(share(url.Values{"url": {article + "?utm_source=share"}}))
	inText := thread(share(url.Values{"title": {"Baths"}, "text": {"Look at this: " + article + "#end and tell me"}}))
	if byAddress != inText {
		t.Errorf("one article has the conversations %s and %s", byAddress, inText)
	}
	for name, q := range map[string]url.Values{
		"nothing":      {},
		"no address":   {"text": {"only words"}},
		"a script":     {"url": {"javascript:alert(1)"}},
		"no host":      {"url": {"https://"}},
		"a file":       {"url": {"file:///etc/passwd"}},
		"a bad escape": {"url": {"https://%zz/"}},
	} {
		a := share(q)
		if a.status != 400 && a.status != 422 {
			t.Errorf("%s: status %d", name, a.status)
		}
		one(t, a.doc(), "h1")
	}
	elsewhere := share(url.Values{"url": {"https://elsewhere.example/<script>alert(1)</script>"}}).want(403)
	if text := string(elsewhere.body); !strings.Contains(text, "https://elsewhere.example") || strings.Contains(text, "<script>alert") {
		t.Errorf("it says %s", text)
	}
}
