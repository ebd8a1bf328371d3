package ui

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"folkmoot/app/talk"
)

// screensOf are all screens, full of one text.
func screensOf(text string) []*Screen {
	card := talk.Card{
		ID: text, Page: "https://blog.example/" + text, URL: "https://blog.example/" + text, Site: text, Title: text, Topics: []string{text},
		Comments: 2, Reactions: 1, Viewers: 3, New: 4, At: now, Level: talk.Follows,
	}
	topic := talk.Topic{Key: text, Name: text, Threads: 2, Level: talk.Mutes}
	base := func() *Screen {
		return &Screen{Frame: &Frame{Screen: "home", Unread: 7}, Self: "/?x=" + text, Now: now}
	}
	home, topics, one := base(), base(), base()
	home.Home = &talk.Home{Live: []talk.Card{card}, Followed: []talk.Card{card}, Topics: []talk.Topic{topic}}
	topics.Topics = &TopicList{Topics: []talk.Topic{topic}, Next: text}
	one.Topic = &talk.TopicPage{Topic: topic, Threads: []talk.Card{card}, Next: text}
	inbox := base()
	comment := talk.Comment{ID: text, Author: talk.Person{Name: text}, HTML: "<p>x</p>"}
	inbox.Inbox = &talk.Inbox{Unread: 2, Next: text, Followed: []talk.Card{card}}
	for _, kind := range []talk.NoticeKind{talk.Reply, talk.Mention, talk.Liked} {
		inbox.Inbox.Notices = append(inbox.Inbox.Notices, talk.Notice{Kind: kind, Comment: comment, N: 2, At: now, Thread: talk.ThreadRef{ID: text, Title: text}})
	}
	me := base()
	me.Me = &Me{Person: talk.Person{ID: text, Name: text, Headline: text}, Settings: talk.Settings{Quiet: talk.Quiet{Zone: text, From: text, To: text}}, Next: text, Mine: []talk.Mine{{Comment: comment, Thread: card}}}
	ask, consent, arrived := base(), base(), base()
	ask.Continue = &Continue{Code: text, Error: text}
	person := talk.Person{ID: text, Name: text, Headline: text}
	consent.Continue = &Continue{Code: text, Error: text, Who: &talk.Arrival{Person: person, Comments: 3, Follows: talk.NewMax, Merges: true}, Me: person, Drafts: 2}
	same := base()
	same.Continue = &Continue{Who: &talk.Arrival{Person: person, Same: true}}
	arrived.Inbox, arrived.Came = inbox.Inbox, &Came{Name: text, Comments: 1, Drafts: 1}
	return []*Screen{home, topics, one, inbox, me, ask, consent, same, arrived}
}

// withDevice gives the last of some screens what a browser keeps.
func withDevice(screens []*Screen, text string) []*Screen {
	me := *screens[4]
	why := &talk.Error{Message: text + "x"}
	me.Device = &Device{Usage: 7 << 20, Pages: 2, Drafts: 1, CanAsk: true, Clearing: true, Notice: text, Waits: []Wait{
		{Ref: text, Thread: text, At: now, Command: talk.Command{Kind: talk.Post, Body: text + "x"}, Refused: why},
		{Ref: text + "2", Thread: text, At: now, Command: talk.Command{Kind: talk.Do(text)}, Tried: true},
	}}
	return append(screens, &me)
}

// FuzzHostileScreens is FuzzHostile of the screens.
func FuzzHostileScreens(f *testing.F) {
	for _, s := range []string{`" onmouseover="alert(1)`, `'><script>alert(1)</script>`, `\" onload=x y="`, "\x00", "\u202Ecba", "\xff\xfe", "true", "javascript:alert(1)", "</title>", "../../x", "%2F", ". ."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		harmless := withDevice(screensOf("harmless"), "harmless")
		for i, screen := range withDevice(screensOf("h"+s), "h"+s) {
			want, got := shape(t, app.HTMLString(ScreenPage(harmless[i], nil))), shape(t, app.HTMLString(ScreenPage(screen, nil)))
			if !slices.Equal(want, got) {
				t.Errorf("outside data %q changed screen %d:\n%s\ninstead of\n%s", s, i, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			for _, href := range attributes(t, app.HTMLString(ScreenPage(screen, nil)), "href") {
				if !strings.HasPrefix(href, "/") && !strings.HasPrefix(href, "#") || strings.HasPrefix(href, "//") {
					t.Errorf("%q leads to %q", s, href)
				}
			}
		}
	})
}

// TestScreensTravel: the browser shows from the page's JSON what the server
// showed from the screen.
func TestScreensTravel(t *testing.T) {
	for _, s := range screensOf("x") {
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var there Screen
		if err := json.Unmarshal(b, &there); err != nil {
			t.Fatal(err)
		}
		if want, got := shape(t, app.HTMLString(ScreenPage(s, nil))), shape(t, app.HTMLString(ScreenPage(&there, nil))); !slices.Equal(want, got) {
			t.Errorf("rendered again:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}
