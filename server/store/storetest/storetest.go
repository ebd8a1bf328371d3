// Package storetest is what every forum.Store must do. Each implementation runs
// it on itself, and nothing in it knows which one that is.
package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// Run tests a store. open opens the database that belongs to t: an empty one at
// first, and the same one when it is called again with the same t after the
// store was closed. The suite closes what it opens; whatever else a database
// needs is for open to clean up.
func Run(t *testing.T, open func(t *testing.T) forum.Store) {
	for _, group := range []struct {
		name  string
		tests map[string]func(*world)
	}{
		{"Thread", threadTests},
		{"Post", postTests},
		{"Delete", deleteTests},
		{"React", reactTests},
		{"Like", likeTests},
		{"Repeat", repeatTests},
		{"Batch", batchTests},
		{"View", viewTests},
		{"Branch", branchTests},
		{"CatchUp", catchUpTests},
		{"Counts", countsTests},
		{"Keep", keepTests},
		{"Edit", editTests},
		{"Restore", restoreTests},
		{"Hold", holdTests},
		{"Order", orderTests},
		{"Move", moveTests},
		{"Follow", followTests},
		{"Lively", livelyTests},
		{"Topic", topicTests},
		{"Mine", mineTests},
		{"Notice", noticeTests},
		{"Mention", mentionTests},
		{"Reacted", reactedTests},
		{"Credit", creditTests},
		{"Self", selfTests},
		{"Push", pushTests},
	} {
		t.Run(group.name, func(t *testing.T) {
			for name, test := range group.tests {
				t.Run(name, func(t *testing.T) {
					w := &world{T: t, open: open}
					w.Store = open(t)
					t.Cleanup(func() { w.Close() })
					test(w)
				})
			}
		})
	}
}

// A world is a store under test, with what tests need to say things briefly.
type world struct {
	*testing.T
	forum.Store
	open  func(*testing.T) forum.Store
	count int // of ids and times handed out
}

// beginning is when worlds begin: with a fraction that times must not be read with.
var beginning = time.Date(2026, 3, 4, 5, 6, 7, 89_123_456, time.UTC)

var (
	ann = talk.Person{ID: "ann", Name: "Ann", Headline: "Pharmacist, Leeds"}
	bob = talk.Person{ID: "bob", Name: "Bob"}
)

// kept is a time as a store returns it: to the millisecond.
func kept(t time.Time) time.Time { return t.Truncate(time.Millisecond) }

func (w *world) id(prefix string) string {
	w.count++
	return fmt.Sprintf("%s%d", prefix, w.count)
}

func (w *world) ctx() context.Context { return w.Context() }

func (w *world) reopen() {
	w.Helper()
	if err := w.Close(); err != nil {
		w.Fatal(err)
	}
	w.Store = w.open(w.T)
}

// thread makes a thread of a page of its own.
func (w *world) thread() string {
	w.Helper()
	o, err := w.Open(w.ctx(), forum.Page{Key: "https://blog.example/" + w.id("page"), Title: "A page"}, beginning)
	if err != nil {
		w.Fatal(err)
	}
	return o.Thread
}

// write completes a write as forum does.
func (w *world) write(who talk.Person, c talk.Command) forum.Write {
	digest, _ := json.Marshal(c)
	out := forum.Write{Command: c, Person: talk.Person{ID: who.ID}, Digest: digest}
	if c.Kind == talk.Post {
		out.Person = who
		out.ID = w.id("comment")
		out.HTML = "<p>" + c.Body + "</p>"
	}
	w.count++
	out.At = beginning.Add(time.Duration(w.count) * time.Second)
	return out
}

func (w *world) post(who talk.Person, thread, parent, body string) forum.Write {
	return w.write(who, talk.Command{Kind: talk.Post, Thread: thread, Parent: parent, Body: body})
}

func (w *world) react(who talk.Person, thread, kind string, on bool) forum.Write {
	return w.write(who, talk.Command{Kind: talk.React, Thread: thread, Reaction: kind, On: on})
}

func (w *world) like(who talk.Person, comment string, on bool) forum.Write {
	return w.write(who, talk.Command{Kind: talk.Like, Comment: comment, On: on})
}

func (w *world) delete(who talk.Person, comment string) forum.Write {
	return w.write(who, talk.Command{Kind: talk.Delete, Comment: comment})
}

func (w *world) edit(who talk.Person, comment, body string) forum.Write {
	x := w.write(who, talk.Command{Kind: talk.Edit, Comment: comment, Body: body})
	x.HTML = "<p>" + body + "</p>"
	x.Rules.EditWindow = time.Hour
	return x
}

// keep is what somebody does to a comment to keep order.
func (w *world) keep(who talk.Person, kind talk.Do, comment string, on bool) forum.Write {
	return w.write(who, talk.Command{Kind: kind, Comment: comment, On: on, Text: "why"})
}

// owner makes somebody an owner.
func (w *world) owner(person string) {
	w.Helper()
	token := []byte(w.id("token"))
	err := w.Invite(w.ctx(), forum.Invitation{Kind: forum.ByLink, Hash: token, Expires: beginning.Add(time.Hour)})
	if err == nil {
		err = w.Redeem(w.ctx(), forum.ByLink, token, person, beginning)
	}
	if err != nil {
		w.Fatal(err)
	}
}

// withRef gives a write a ref.
func withRef(ref string, x forum.Write) forum.Write {
	x.Ref = ref
	return x
}

// fresh makes a write that of somebody made for it.
func fresh(x forum.Write) forum.Write {
	x.Fresh = true
	return x
}

// commit commits all in one transaction; some may be refused.
func (w *world) commit(writes ...forum.Write) []forum.Outcome {
	w.Helper()
	outcomes, err := w.Commit(w.ctx(), writes)
	if err != nil {
		w.Fatal(err)
	}
	if len(outcomes) != len(writes) {
		w.Fatalf("%d outcomes of %d writes", len(outcomes), len(writes))
	}
	return outcomes
}

// do commits one write that must succeed.
func (w *world) do(x forum.Write) forum.Outcome {
	w.Helper()
	out := w.commit(x)[0]
	if out.Err != nil {
		w.Fatal(out.Err)
	}
	return out
}

// say posts and returns the comment's id.
func (w *world) say(who talk.Person, thread, parent, body string) string {
	w.Helper()
	return w.do(w.post(who, thread, parent, body)).Result.Comment.ID
}

func (w *world) view(thread, person string, q forum.Query) talk.View {
	w.Helper()
	if q.Roots == 0 {
		q.Roots = talk.ListRootsMax
	}
	v, err := w.View(w.ctx(), thread, person, q)
	if err != nil {
		w.Fatal(err)
	}
	return v
}

func (w *world) catchUp(thread string, since, version uint64) forum.CatchUp {
	w.Helper()
	c, err := w.CatchUp(w.ctx(), thread, since, version, 1000)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

func (w *world) head(thread string) forum.Head {
	w.Helper()
	heads, err := w.Heads(w.ctx(), thread)
	if err != nil {
		w.Fatal(err)
	}
	return heads[thread]
}

// refused checks that an error is a refusal that a person can read.
func (w *world) refused(err error, code talk.Code, field string) {
	w.Helper()
	refused := (*talk.Error)(nil)
	switch {
	case !errors.As(err, &refused):
		w.Fatalf("got %v, want a refusal %q", err, code)
	case refused.Code != code || refused.Field != field || refused.Message == "":
		w.Fatalf("refused as %q of field %q (%s), want %q of %q", refused.Code, refused.Field, refused.Message, code, field)
	}
}

// same compares as what would be sent, so that empty and missing differ.
func same(w *world, what string, got, want any) {
	w.Helper()
	g, err := json.Marshal(got)
	if err != nil {
		w.Fatal(err)
	}
	x, err := json.Marshal(want)
	if err != nil {
		w.Fatal(err)
	}
	if string(g) != string(x) {
		w.Fatalf("%s:\n got %s\nwant %s", what, g, x)
	}
}

func ids(comments []talk.Comment) []string {
	out := []string{}
	for _, c := range comments {
		out = append(out, c.ID)
	}
	return out
}

// hostile strings are text like any other.
var hostile = []string{
	`'; DROP TABLE comment; --`, `"quoted" 'twice' \ and \0 %s $1 ?1 :x @y`, "tab\tline\r\nend", "\u202eturned\u202c",
	"<script>alert(1)</script>&amp;", "e\u0301 𝔘𝔫𝔦 👩‍👩‍👧‍👦 \ufeff\u200b", "日本語 العربية", "%_[a-z]*", " \u00a0 ", "null", "{}", "0x1", "1e3",
}
