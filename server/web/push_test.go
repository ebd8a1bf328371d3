package web_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"slices"
	"testing"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// devices are the endpoints that are told of what everybody was told lately.
func (w *world) devices() (endpoints []string) {
	w.t.Helper()
	_, err := w.store.QueueNotices(w.t.Context(), nil, w.clock().Add(-time.Hour), w.clock())
	if err != nil {
		w.t.Fatal(err)
	}
	all, err := w.store.TakeMessages(w.t.Context(), forum.Taking{Now: w.clock(), Until: w.clock().Add(time.Hour), Limit: 100, PerHost: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range all {
		endpoints = append(endpoints, m.Endpoint+" "+m.Lang)
	}
	slices.Sort(endpoints)
	return endpoints
}

func TestPushCalls(t *testing.T) {
	w := startWith(t, setup{origins: []string{blog}, pushKey: "a key"})
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	subscription := func(endpoint, instead string) map[string]any {
		return map[string]any{"endpoint": endpoint, "instead": instead, "lang": "de-AT", "keys": map[string]string{
			"p256dh": base64.RawURLEncoding.EncodeToString(k.PublicKey().Bytes()), "auth": base64.RawURLEncoding.EncodeToString(make([]byte, 16)),
		}}
	}
	const phone, desk = "https://push.example/phone", "https://push.example/desk"
	told := func(want ...string) {
		t.Helper()
		if got := w.devices(); !slices.Equal(got, want) {
			t.Errorf("told are %q, want %q", got, want)
		}
	}
	ann, bob := w.guest(), w.guest()
	thread := ann.thread(article)
	hers := ann.say(thread.ID, "", "x")
	if key := decode[map[string]string](w.nobody().get("/api/v1/push").want(200))["key"]; key != "a key" {
		t.Errorf("the key is %q", key)
	}
	w.nobody().send("POST", "/api/v1/push", subscription(phone, "")).wantProblem(401, talk.NoSession, "")
	w.nobody().send("DELETE", "/api/v1/push", map[string]string{"endpoint": phone}).wantProblem(401, talk.NoSession, "")
	ann.send("POST", "/api/v1/push", subscription("http://localhost:9/x", "")).wantProblem(422, talk.Invalid, "endpoint")
	ann.send("POST", "/api/v1/push", `{"endpoint":"`+phone+`"}`).wantProblem(422, talk.Invalid, "p256dh")
	ann.send("POST", "/api/v1/push", `{"what":1}`).wantProblem(400, talk.Malformed, "")
	ann.send("POST", "/api/v1/push", subscription(phone, "")).want(204)
	ann.send("POST", "/api/v1/push", subscription(phone, "")).want(204)
	bob.say(thread.ID, hers.ID, "one")
	told(phone + " de")
	bob.send("DELETE", "/api/v1/push", map[string]string{"endpoint": phone}).want(204)
	ann.send("POST", "/api/v1/push", subscription(desk, phone)).want(204)
	bob.say(thread.ID, hers.ID, "two")
	told(desk + " de")
	ann.send("DELETE", "/api/v1/push", map[string]string{"endpoint": desk}).want(204)
	bob.say(thread.ID, hers.ID, "three")
	told()
}

// Where an operator has it off, nobody's device is told.
func TestPushThatIsOff(t *testing.T) {
	w := start(t)
	w.guest().get("/api/v1/push").wantProblem(404, talk.NotFound, "")
	w.guest().send("POST", "/api/v1/push", map[string]any{}).wantProblem(404, talk.NotFound, "")
}
