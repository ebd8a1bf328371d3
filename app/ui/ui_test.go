package ui

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
	"golang.org/x/net/html"

	"folkmoot/app/list"
	"folkmoot/app/talk"
)

var now = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// stateOf is a thread in which every string that comes from outside is s.
func stateOf(s string) *State {
	person := talk.Person{ID: "p" + s, Name: s, Headline: s, Avatar: s}
	comment := func(id, parent string) talk.Comment {
		return talk.Comment{ID: id, Thread: "t" + s, Parent: parent, Author: person, HTML: "<p>text</p>", At: now.Add(-time.Hour), State: talk.Published, Likes: 2}
	}
	return &State{
		View: talk.View{
			Thread: talk.Thread{ID: "t" + s, Page: s, Title: s, Topics: []string{s}, Comments: 3, Viewers: 2, Mine: []string{"like"},
				Reactions: map[string]int{"like": 3}},
			Comments: []talk.Comment{comment("a"+s, ""), comment("b"+s, "a"+s), comment("c"+s, "")},
			Next:     s + "x",
		},
		Kinds:  []talk.ReactionKind{{Kind: "like", Emoji: s + "x", Label: s}, {Kind: "k" + s, Emoji: "x", Label: s}},
		Me:     person,
		Self:   "/embed?page=x" + url.QueryEscape(s), // the server escapes it
		Now:    now,
		Boxes:  map[string]Box{"": {Body: s, Name: s, Headline: s, Error: s + "x", Field: "name"}, "a" + s: {Body: s, Error: s + "x", Field: "body"}},
		Notice: s + "x", Typing: []string{s, s},
	}
}

// shape is a page's elements and attribute names, in order, without what they
// hold: what outside data must not be able to change.
func shape(t *testing.T, page string) []string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode {
			out = append(out, "comment")
		}
		if n.Type != html.ElementNode {
			continue
		}
		var names []string
		for _, a := range n.Attr {
			names = append(names, a.Key)
		}
		slices.Sort(names) // go-app's come from a map
		out = append(out, n.Data+" "+strings.Join(names, " "))
	}
	return out
}

func attributes(t *testing.T, page, attribute string) []string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if a.Key == attribute {
				out = append(out, a.Val)
			}
		}
	}
	return out
}

func render(s *State) string { return app.HTMLString(Thread(s, nil)) }

// FuzzHostile shows that no string from outside changes a page's elements or
// attribute names, which go-app's own attribute encoder would let it.
func FuzzHostile(f *testing.F) {
	for _, s := range []string{
		`" onmouseover="alert(1)`, `'><script>alert(1)</script>`, `\" onload=x y="`, `\`, `\\"`, "`", "</textarea><img src=x onerror=alert(1)>",
		"</script><script>", "&quot; onclick=x", "&#34;", "a\nb\r\tc", "\x00", "\u202Ecba", "\u200d", "é👩‍👩‍👧", "\xff\xfe", "true", "%s%d", "<!--", "]]>", "{{.}}",
		" leading", "\nleading line", "=", ">", "javascript:alert(1)",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		// Empty attributes and texts leave an element out or in: both have something.
		harmless, hostile := stateOf("harmless"), stateOf("h"+s)
		harmless.Handover, hostile.Handover = &Handover{Code: "harmless"}, &Handover{Code: "h" + s}
		want, got := shape(t, render(harmless)), shape(t, render(hostile))
		if !slices.Equal(want, got) {
			t.Errorf("outside data %q changed the page:\n%s\ninstead of\n%s", s, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// TestAttributesArriveWhole reads back what was written: a name with a quote is
// shown with a quote.
func TestAttributesArriveWhole(t *testing.T) {
	for _, s := range []string{`O"Neil`, `back\slash`, "<b>&amp;", "zero\u200dwidth", "true", `x\u0041`, "line\nend"} {
		state := stateOf("x")
		state.View.Thread.ID = s
		if got := attributes(t, render(state), "value"); !slices.Contains(got, s) {
			t.Errorf("%q is not among the values %q", s, got)
		}
	}
}

func TestTextAreaKeepsItsText(t *testing.T) {
	for _, text := range []string{"one\ntwo", "\nfirst line empty", "  indented\n\n    code", "</textarea>", "a&lt;b"} {
		state := stateOf("x")
		state.Boxes = map[string]Box{"": {Body: text}}
		doc, err := html.Parse(strings.NewReader(render(state)))
		if err != nil {
			t.Fatal(err)
		}
		for n := range doc.Descendants() {
			if n.Type == html.ElementNode && n.Data == "textarea" {
				if got := n.FirstChild.Data; got != text {
					t.Errorf("the box holds %q, want %q", got, text)
				}
			}
		}
	}
}

func TestPressedIsSaidInWords(t *testing.T) {
	got := attributes(t, render(stateOf("x")), "aria-pressed")
	if !slices.Contains(got, "true") || !slices.Contains(got, "false") {
		t.Errorf("aria-pressed is %q: a script and a screen reader need true and false", got)
	}
}

// TestStateTravels: the browser shows from the page's JSON what the server
// showed from the state.
func TestStateTravels(t *testing.T) {
	s := stateOf("x")
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var there State
	if err := json.Unmarshal(b, &there); err != nil {
		t.Fatal(err)
	}
	there.Notice, there.Typing = s.Notice, s.Typing // the browser's own
	if want, got := shape(t, render(s)), shape(t, render(&there)); !slices.Equal(want, got) {
		t.Errorf("rendered again:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestBranches(t *testing.T) {
	c := func(id, parent string, state talk.State) talk.Comment {
		return talk.Comment{ID: id, Parent: parent, State: state, At: now}
	}
	s := &State{Now: now, Unseen: map[string]bool{"new": true}, Keys: map[string]string{"mine": "ref-1"}, View: talk.View{Comments: []talk.Comment{
		c("a", "", talk.Published), c("a1", "a", talk.Published), c("a11", "a1", talk.Published), c("a2", "a", talk.Removed),
		c("gone", "", talk.Removed), c("stone", "", talk.Removed), c("under", "stone", talk.Published),
		c("new", "", talk.Published), c("undernew", "new", talk.Published), c("mine", "", talk.Published),
	}}}
	var outline func(bs []Branch) string
	outline = func(bs []Branch) string {
		var out []string
		for _, b := range bs {
			s := b.Key
			if len(b.Replies) > 0 {
				s += "(" + outline(b.Replies) + ")"
			}
			out = append(out, s)
		}
		return strings.Join(out, " ")
	}
	if got, want := outline(branches(s.listed())), "a(a1(a11)) stone(under) ref-1"; got != want {
		t.Errorf("the tree is %s, want %s", got, want)
	}
}

func TestOpenBoxBelongsToItsComment(t *testing.T) {
	s := stateOf("x")
	s.Boxes = map[string]Box{"": {}, "bx": {}}
	ids := attributes(t, render(s), "id")
	if !slices.Contains(ids, "box-bx") || slices.Contains(ids, "box-ax") {
		t.Errorf("ids are %q: want a box under comment bx alone", ids)
	}
	seen := map[string]int{}
	for _, id := range ids {
		seen[id]++
	}
	for id := range maps.Keys(seen) {
		if seen[id] > 1 {
			t.Errorf("the id %q stands %d times on the page", id, seen[id])
		}
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"Ann": "A", "Ann of Leeds": "AL", "émile zola": "ÉZ", "🙂 Bo": "B", "": "", "1. FC": "1F", "ليلى حداد": "ل", "דנה כהן": "דכ", "松本 潤": "松潤"} {
		if got := initials(name); got != want {
			t.Errorf("initials(%q) = %q, want %q", name, got, want)
		}
	}
}

// A comment's address leads to the article where it stands in one, and on a page
// of Folkmoot's own to that page.
func TestPermalinks(t *testing.T) {
	const article = "https://blog.example/post/"
	s := stateOf("")
	s.View.Thread.Address, s.Self, s.View.Next = article, "/embed?page=x&after=y", ""
	for _, c := range []struct {
		frame       *Frame
		next, other string
		want        string
	}{
		{nil, "", "", article + "#comment-a"},
		{nil, "z", "", article + "#comment-a"},
		{&Frame{}, "", "", "#comment-a"},
		{&Frame{}, "z", "", "/t/x?sort=new&around=a#comment-a"},
	} {
		if s.Frame, s.View.Next = c.frame, c.next; c.frame != nil {
			s.Self = "/t/x?sort=new&after=y"
		}
		if got := permalink(s, "a"); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
	s.Waiting = map[string]string{"ref-1": "Text"}
	if got := permalink(s, "ref-1"); got != "#comment-ref-1" {
		t.Errorf("what has no id yet is at %q", got)
	}
}

func TestWhatIsSought(t *testing.T) {
	s := stateOf("")
	s.Self = "/embed?page=x&around=c"
	s.View.Comments[2].State = talk.Removed
	page := render(s)
	if !strings.Contains(page, `id="comment-c"`) || !slices.Contains(attributes(t, page, "class"), "comment sought") || strings.Contains(page, `class="lost"`) {
		t.Error("a removed comment that somebody came for isn't shown")
	}
	if s.Self = "/embed?page=x&around=d"; !strings.Contains(render(s), `class="lost"`) {
		t.Error("nothing is said of a comment that isn't there")
	}
	if s.Self = "/embed?page=x"; strings.Contains(render(s), `id="comment-c"`) {
		t.Error("a removed comment is shown to nobody's profit")
	}
}

// Of a long conversation, a part is in the document: what stands for the others
// stands where they would, in their branch.
func TestRoom(t *testing.T) {
	var all []talk.Comment
	for i := range 400 {
		c := talk.Comment{ID: "c" + strconv.Itoa(i), State: talk.Published, At: now, HTML: "<p>text</p>"}
		if i%100 > 0 {
			c.Parent = "c" + strconv.Itoa(i/100*100)
		}
		all = append(all, c)
	}
	s := State{View: talk.View{Thread: talk.Thread{ID: "t"}, Comments: all, Sort: talk.Oldest}, Now: now, Self: "/embed?page=x"}
	s.List = list.New(s.View, map[string]bool{}, s.Keeps)
	s.List.Fold("c300", true)
	for i := range 400 {
		s.List.Measure("c"+strconv.Itoa(i), 100)
	}
	s.List.See(25_000, 25_300, 0)
	s.List.Pin([]string{"c300"})
	s.Parts = s.List.Parts()
	doc, err := html.Parse(strings.NewReader(render(&s)))
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		class, id, open := "", "", false
		for _, a := range n.Attr {
			switch a.Key {
			case "class":
				class = a.Val
			case "id":
				id = a.Val
			case "open":
				open = a.Val != "false" // go-app sets the property in the browser, and the server folds nothing
			}
		}
		replies := strings.HasPrefix(class, "replies")
		switch {
		case class == "room":
			got += "~ "
		case class == "comment":
			got += strings.TrimPrefix(id, "comment-") + " "
		case replies && open:
			got += "( "
		case replies:
			got += "| "
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
		if replies && open {
			got += ") "
		}
	}
	walk(doc)
	if want := "~ c200 ( ~ c250 c251 c252 c253 ) ~ c300 | "; got != want {
		t.Errorf("in the document are %q, want %q", got, want)
	}
}
