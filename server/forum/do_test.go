package forum_test

import (
	"errors"
	"strings"
	"testing"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

const family = "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466" // 25 bytes, one character

func TestDoRefuses(t *testing.T) {
	named := func(name, headline string) talk.Command {
		return talk.Command{Kind: talk.Post, Thread: "t", Body: "hi", Name: name, Headline: headline}
	}
	tests := []struct {
		name    string
		ref     string
		command talk.Command
		code    talk.Code // empty: it is done
		field   string
	}{
		{"a post", "r", post("t", "hi"), "", ""},
		{"a ref as long as may be", strings.Repeat("r", talk.RefBytes), post("t", "hi"), "", ""},
		{"a longer ref", strings.Repeat("r", talk.RefBytes+1), post("t", "hi"), talk.Malformed, "ref"},
		{"no such kind", "r", talk.Command{Kind: "sing", Thread: "t"}, talk.Malformed, "kind"},
		{"no kind", "r", talk.Command{}, talk.Malformed, "kind"},
		{"no such thread", "r", post("none", "hi"), talk.NotFound, "thread"},

		{"a reaction", "r", talk.Command{Kind: talk.React, Thread: "t", Reaction: "idea", On: true}, "", ""},
		{"a reaction that isn't offered", "r", talk.Command{Kind: talk.React, Thread: "t", Reaction: "hate", On: true}, talk.Invalid, "reaction"},
		{"no reaction", "r", talk.Command{Kind: talk.React, Thread: "t", On: true}, talk.Invalid, "reaction"},
		{"a very long reaction", "r", talk.Command{Kind: talk.React, Thread: "t", Reaction: strings.Repeat("\u00e9", 50_000)}, talk.Invalid, "reaction"},
		{"a like of nothing", "r", talk.Command{Kind: talk.Like, On: true}, talk.Invalid, "comment"},
		{"a like", "r", talk.Command{Kind: talk.Like, Comment: "c", On: true}, "", ""},
		{"a deletion of nothing", "r", talk.Command{Kind: talk.Delete}, talk.Invalid, "comment"},

		{"no text", "r", post("t", " \n\u200b"), talk.Invalid, "body"},
		{"text that isn't seen", "r", post("t", "[](https://blog.example) \u2800"), talk.Invalid, "body"},
		{"only a definition", "r", post("t", "[a]: https://blog.example"), talk.Invalid, "body"},
		{"a rule is seen", "r", post("t", "***"), "", ""},
		{"a picture is seen", "r", post("t", "![](https://blog.example/cat.png)"), "", ""},
		{"markup is seen", "r", post("t", "<br>"), "", ""},
		{"10,000 characters", "r", post("t", strings.Repeat("x", 10_000)), "", ""},
		{"10,001 characters", "r", post("t", strings.Repeat("x", 10_001)), talk.TooLong, "body"},
		{"10,000 hearts of 6 bytes", "r", post("t", strings.Repeat("\u2764\ufe0f", 10_000)), "", ""},
		{"10,001 hearts", "r", post("t", strings.Repeat("\u2764\ufe0f", 10_001)), talk.TooLong, "body"},
		{"10,000 letters of 3 code points", "r", post("t", strings.Repeat("e\u0302\u0301", 10_000)), "", ""},
		{"families to the last byte", "r", post("t", strings.Repeat(family, talk.BodyBytes/len(family))), "", ""},
		{"one family more", "r", post("t", strings.Repeat(family, talk.BodyBytes/len(family)+1)), talk.TooLong, "body"},

		{"no name", "r", named("", ""), talk.Invalid, "name"},
		{"a name that isn't seen", "r", named("\u200b", ""), talk.Invalid, "name"},
		{"a name of 60 characters", "r", named(strings.Repeat("\u00e9", 60), ""), "", ""},
		{"a name of 61 characters", "r", named(strings.Repeat("\u00e9", 61), ""), talk.TooLong, "name"},
		{"a headline of 100 characters", "r", named("Ann", strings.Repeat("e\u0301", 100)), "", ""},
		{"a headline of 101 characters", "r", named("Ann", strings.Repeat("e\u0301", 101)), talk.TooLong, "headline"},
		{"a name that turns the line around", "r", named("Ann\u202e", ""), talk.Invalid, "name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			_, err := w.Do(t.Context(), ann, tt.ref, tt.command)
			w.Close()
			r := wantCode(t, err, tt.code)
			if r != nil && (r.Field != tt.field || r.Message == "" || len(r.Message) > 200) {
				t.Errorf("refused with %+v, want the field %q and a short message", r, tt.field)
			}
			if settled := tt.code != "" && tt.code != talk.NotFound; settled && len(w.store.commits()) > 0 {
				t.Error("the store was bothered with it")
			}
		})
	}
}

func TestDoNeedsSomebody(t *testing.T) {
	w := newWorld(t)
	defer w.Close()
	for _, c := range []talk.Command{post("t", "hi"), {Kind: talk.React, Thread: "t", Reaction: "like", On: true}, {Kind: talk.Like, Comment: "c"}, {Kind: talk.Delete, Comment: "c"}, {Kind: "sing"}} {
		_, err := w.Do(t.Context(), from("", "192.0.2.1"), "r", c)
		wantCode(t, err, talk.NoSession)
	}
}

func TestNameIsRememberedFromThePost(t *testing.T) {
	w := newWorld(t)
	defer w.Close()
	if p, err := w.Person(t.Context(), "ann"); err != nil || p != (talk.Person{ID: "ann"}) {
		t.Errorf("before, she is %+v, %v", p, err)
	}
	first := post("t", "hi")
	first.Name, first.Headline = "  Ann   Lee ", "Pharmacist,\tLeeds"
	signed := talk.Person{ID: "ann", Name: "Ann Lee", Headline: "Pharmacist, Leeds"}
	second := post("t", "hi again")
	second.Name = ""
	for i, c := range []talk.Command{first, second} {
		done, err := w.Do(t.Context(), ann, "", c)
		if err != nil || done.Comment.Author != signed {
			t.Fatalf("%d: signed %+v, %v; want %+v", i, done.Comment, err, signed)
		}
	}
	if p, err := w.Person(t.Context(), "ann"); err != nil || p != signed {
		t.Errorf("afterwards, she is %+v, %v", p, err)
	}
	third := post("t", "under another name")
	third.Name = "A. L."
	if done, err := w.Do(t.Context(), ann, "", third); err != nil || done.Comment.Author != (talk.Person{ID: "ann", Name: "A. L."}) {
		t.Errorf("signed %+v, %v", done.Comment, err)
	}
}

func TestPersonWhenTheStoreFails(t *testing.T) {
	w := newWorld(t)
	defer w.Close()
	w.store.failWith(errors.New("secret"))
	_, err := w.Person(t.Context(), "ann")
	wantCode(t, err, talk.Unavailable)
	anonymous := post("t", "hi")
	anonymous.Name = ""
	_, err = w.Do(t.Context(), ann, "", anonymous)
	wantCode(t, err, talk.Unavailable)
}

// What a write carries to the store.
func TestWrites(t *testing.T) {
	w := newWorld(t)
	who := ann
	who.Fresh = true
	commands := []talk.Command{post("t", "*hi*"), post("t", "*hi*"), post("t", "*ho*")}
	commands[1].Name = "" // remembered, so another thing was asked for
	for _, c := range append(commands, commands[0]) {
		if _, err := w.Do(t.Context(), who, "", c); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	var writes []forum.Write
	for _, b := range w.store.commits() {
		writes = append(writes, b...)
	}
	first := writes[0]
	if first.HTML != "<p><em>hi</em></p>" || first.Person.Name != "Ann" || !first.Fresh || !first.At.Equal(w.clock.now()) || first.At.Location().String() != "UTC" {
		t.Errorf("wrote %+v", first)
	}
	digests, ids := map[string]int{}, map[string]bool{}
	for _, write := range writes {
		digests[string(write.Digest)]++
		ids[write.ID] = true
	}
	if len(digests) != 3 || digests[string(first.Digest)] != 2 {
		t.Error("digests tell other commands apart than those that differ")
	}
	if len(ids) != 4 {
		t.Errorf("%d ids for 4 comments", len(ids))
	}
}

func TestNewID(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := forum.NewID()
		if len(id) != 16 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz234567") != "" || seen[id] {
			t.Fatalf("made the id %q", id)
		}
		seen[id] = true
	}
}
