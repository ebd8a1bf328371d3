package talk_test

import (
	"strings"
	"testing"

	"folkmoot/app/talk"
)

func TestTopicKey(t *testing.T) {
	for name, want := range map[string]string{
		"Public  Baths ": "public baths", "ÖKOLOGIE": "ökologie", "AC/DC": "ac/dc", "C++": "c++", "日本": "日本", "a\u200bb": "ab",
		"": "", " \t": "", "..": "", ".": "", "a\x00b": "", "\xff": "", "\u202eabc": "", strings.Repeat("x", talk.TopicBytes+1): "",
	} {
		if got := talk.TopicKey(name); got != want {
			t.Errorf("%q is folded to %q, want %q", name, got, want)
		}
		if got := talk.TopicKey(talk.TopicKey(name)); got != want {
			t.Errorf("the key of %q isn't its own key: %q", name, got)
		}
	}
}

func TestSettingsThatCannotBe(t *testing.T) {
	for _, q := range []talk.Quiet{{}, {From: "22:00", To: "07:00", Zone: "UTC"}} {
		if err := (talk.Settings{Quiet: q}).Check(); err != nil {
			t.Errorf("%+v: %v", q, err)
		}
	}
	for _, q := range []talk.Quiet{{From: "22:00"}, {To: "07:00"}, {Zone: "UTC"}, {From: "22:00", To: "07:00"}, {From: "24:00", To: "07:00", Zone: "UTC"}, {From: "1:00", To: "07:00", Zone: "UTC"}, {From: "x", To: "y", Zone: "UTC"}} {
		if err := (talk.Settings{Quiet: q}).Check(); err == nil {
			t.Errorf("%+v passes", q)
		}
	}
}
