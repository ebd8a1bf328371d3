package talk_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"folkmoot/app/talk"
)

// The messages as DESIGN.md shows them: other programs speak this protocol, so
// a name that changes here is a broken promise.
func TestMessageJSON(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	c := talk.Comment{
		ID: "c1", Thread: "t", Parent: "c0", Author: talk.Person{ID: "p", Name: "Ann", Headline: "Pharmacist, Leeds", Avatar: "/a.png"},
		HTML: "<p>hi</p>", At: at, EditedAt: at, State: talk.Published, Likes: 2, Liked: true, Replies: 1,
	}
	const commentJSON = `{"id":"c1","thread":"t","parent":"c0","author":{"id":"p","name":"Ann","headline":"Pharmacist, Leeds","avatar":"/a.png"},` +
		`"html":"\u003cp\u003ehi\u003c/p\u003e","at":"2026-01-02T03:04:05Z","edited_at":"2026-01-02T03:04:05Z","state":"published","likes":2,"liked":true,"replies":1}`
	none, seven := 0, 7
	no, yes := false, true

	tests := []struct {
		name    string
		message any
		want    string
	}{
		{"join", talk.Request{Type: talk.TypeJoin, Thread: "t", Epoch: "e", Since: 42, Version: 7},
			`{"type":"join","thread":"t","epoch":"e","since":42,"version":7}`},
		{"leave", talk.Request{Type: talk.TypeLeave, Thread: "t"}, `{"type":"leave","thread":"t"}`},
		{"ping", talk.Envelope{Type: talk.TypePing}, `{"type":"ping"}`},
		{"pong", talk.Envelope{Type: talk.TypePong}, `{"type":"pong"}`},
		{"do react", talk.Request{Type: talk.TypeDo, Ref: "r", Command: &talk.Command{Kind: talk.React, Thread: "t", Reaction: "like", On: true}},
			`{"type":"do","ref":"r","command":{"kind":"react","thread":"t","reaction":"like","on":true}}`},
		{"do post", talk.Request{Type: talk.TypeDo, Ref: "r", Command: &talk.Command{Kind: talk.Post, Thread: "t", Parent: "c0", Body: "hi", Name: "Ann"}},
			`{"type":"do","ref":"r","command":{"kind":"post","thread":"t","parent":"c0","body":"hi","name":"Ann"}}`},
		{"do like", talk.Request{Type: talk.TypeDo, Ref: "r", Command: &talk.Command{Kind: talk.Like, Comment: "c1", On: true}},
			`{"type":"do","ref":"r","command":{"kind":"like","comment":"c1","on":true}}`},
		{"do edit", talk.Request{Type: talk.TypeDo, Ref: "r", Command: &talk.Command{Kind: talk.Edit, Comment: "c1", Body: "hi"}},
			`{"type":"do","ref":"r","command":{"kind":"edit","comment":"c1","body":"hi"}}`},
		{"do restore", talk.Request{Type: talk.TypeDo, Ref: "r", Command: &talk.Command{Kind: talk.Restore, Comment: "c1"}},
			`{"type":"do","ref":"r","command":{"kind":"restore","comment":"c1"}}`},
		{"do flag", talk.Request{Type: talk.TypeDo, Ref: "r", Command: &talk.Command{Kind: talk.Flag, Comment: "c1", Reason: talk.OffTopic, Text: "why"}},
			`{"type":"do","ref":"r","command":{"kind":"flag","comment":"c1","reason":"off_topic","text":"why"}}`},
		{"do hold", talk.Request{Type: talk.TypeDo, Ref: "r", Command: &talk.Command{Kind: talk.Hold, Comment: "c1", On: true}},
			`{"type":"do","ref":"r","command":{"kind":"hold","comment":"c1","on":true}}`},
		{"do lock", talk.Request{Type: talk.TypeDo, Ref: "r", Command: &talk.Command{Kind: talk.Lock, Thread: "t"}},
			`{"type":"do","ref":"r","command":{"kind":"lock","thread":"t"}}`},

		{"joined", talk.Joined{Type: talk.TypeJoined, Thread: "t", Epoch: "e", Seq: 42, Version: 7, Reactions: map[string]int{"like": 3}, Likes: map[string]int{"c1": 7}, Viewers: 3},
			`{"type":"joined","thread":"t","epoch":"e","seq":42,"version":7,"reactions":{"like":3},"likes":{"c1":7},"viewers":3}`},
		{"joined, nothing yet", talk.Joined{Type: talk.TypeJoined, Thread: "t", Epoch: "e", Reactions: map[string]int{}, Likes: map[string]int{}, Viewers: 1},
			`{"type":"joined","thread":"t","epoch":"e","seq":0,"version":0,"reactions":{},"likes":{},"viewers":1}`},
		{"event", talk.Entry{Type: talk.TypeEvent, Thread: "t", Event: talk.Event{Seq: 43, Kind: talk.CommentAdded, At: at, Comment: c}},
			`{"type":"event","thread":"t","event":{"seq":43,"kind":"comment.added","at":"2026-01-02T03:04:05Z","comment":` + commentJSON + `}}`},
		{"event of a pin", talk.Entry{Type: talk.TypeEvent, Thread: "t", Event: talk.Event{Seq: 44, Kind: talk.CommentPinned, At: at,
			Comment: talk.Comment{ID: "c1", Thread: "t", At: at, State: talk.Published, Pinned: true, Badge: talk.Owner}}},
			`{"type":"event","thread":"t","event":{"seq":44,"kind":"comment.pinned","at":"2026-01-02T03:04:05Z","comment":{"id":"c1","thread":"t",` +
				`"author":{"id":"","name":""},"html":"","at":"2026-01-02T03:04:05Z","state":"published","pinned":true,"badge":"owner","likes":0,"replies":0}}}`},
		{"event of a lock", talk.Entry{Type: talk.TypeEvent, Thread: "t", Event: talk.Event{Seq: 45, Kind: talk.ThreadLocked, At: at, Thread: &talk.ThreadNow{ID: "t", Locked: true}}},
			`{"type":"event","thread":"t","event":{"seq":45,"kind":"thread.locked","at":"2026-01-02T03:04:05Z","thread":{"id":"t","locked":true}}}`},
		{"tally", talk.Counts{Type: talk.TypeTally, Thread: "t", Tally: talk.Tally{Version: 8, Reactions: map[string]int{"like": 0}, Likes: map[string]int{"c1": 7}}},
			`{"type":"tally","thread":"t","version":8,"reactions":{"like":0},"likes":{"c1":7}}`},
		{"tally of likes only", talk.Counts{Type: talk.TypeTally, Thread: "t", Tally: talk.Tally{Version: 8, Likes: map[string]int{"c1": 7}}},
			`{"type":"tally","thread":"t","version":8,"likes":{"c1":7}}`},
		{"presence", talk.Presence{Type: talk.TypePresence, Thread: "t", Viewers: 3}, `{"type":"presence","thread":"t","viewers":3}`},
		{"resync", talk.Envelope{Type: talk.TypeResync, Thread: "t"}, `{"type":"resync","thread":"t"}`},

		{"done: post", talk.Done{Type: talk.TypeDone, Ref: "r", Result: talk.Result{Comment: &c}},
			`{"type":"done","ref":"r","comment":` + commentJSON + `}`},
		{"done: ban", talk.Done{Type: talk.TypeDone, Ref: "r", Result: talk.Result{Banned: &yes}}, `{"type":"done","ref":"r","banned":true}`},
		{"done: lock", talk.Done{Type: talk.TypeDone, Ref: "r", Result: talk.Result{Locked: &no}}, `{"type":"done","ref":"r","locked":false}`},
		{"done: react", talk.Done{Type: talk.TypeDone, Ref: "r", Result: talk.Result{Reactions: map[string]int{"like": 3}, Mine: []string{"like"}}},
			`{"type":"done","ref":"r","reactions":{"like":3},"mine":["like"]}`},
		{"done: the last reaction taken back", talk.Done{Type: talk.TypeDone, Ref: "r", Result: talk.Result{Reactions: map[string]int{}, Mine: []string{}}},
			`{"type":"done","ref":"r","reactions":{},"mine":[]}`},
		{"done: like", talk.Done{Type: talk.TypeDone, Ref: "r", Result: talk.Result{Likes: &seven, Liked: &yes, Version: 9}},
			`{"type":"done","ref":"r","likes":7,"liked":true,"version":9}`},
		{"done: the last like taken back", talk.Done{Type: talk.TypeDone, Ref: "r", Result: talk.Result{Likes: &none, Liked: &no}},
			`{"type":"done","ref":"r","likes":0,"liked":false}`},

		{"refused", talk.Refused{Type: talk.TypeRefused, Ref: "r", Error: talk.Error{Code: talk.RateLimited, Message: "Wait.", RetryAfter: 3}},
			`{"type":"refused","ref":"r","code":"rate_limited","message":"Wait.","retry_after":3}`},
		{"refused, a field", talk.Refused{Type: talk.TypeRefused, Ref: "r", Error: talk.Error{Code: talk.Invalid, Message: "Write more.", Field: "body"}},
			`{"type":"refused","ref":"r","code":"invalid","message":"Write more.","field":"body"}`},
		{"refused join", talk.Refused{Type: talk.TypeRefused, Thread: "t", Error: talk.Error{Code: talk.NotFound, Message: "Gone."}},
			`{"type":"refused","thread":"t","code":"not_found","message":"Gone."}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := json.Marshal(tt.message)
			if err != nil || string(got) != tt.want {
				t.Fatalf("got  %s, %v\nwant %s", got, err, tt.want)
			}
			back := reflect.New(reflect.TypeOf(tt.message))
			if err := json.Unmarshal(got, back.Interface()); err != nil || !reflect.DeepEqual(back.Elem().Interface(), tt.message) {
				t.Errorf("read back as %+v, %v", back.Elem(), err)
			}
		})
	}
}

func TestCodes(t *testing.T) {
	for code, want := range map[talk.Code]string{
		talk.Invalid: "invalid", talk.TooLong: "too_long", talk.NotFound: "not_found", talk.Gone: "gone", talk.Locked: "locked",
		talk.Forbidden: "forbidden", talk.NoSession: "no_session", talk.Conflict: "conflict", talk.RateLimited: "rate_limited", talk.Unavailable: "unavailable",
	} {
		if string(code) != want {
			t.Errorf("the code %q is written %q", want, code)
		}
	}
}
