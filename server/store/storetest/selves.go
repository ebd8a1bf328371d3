package storetest

import (
	"slices"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// handover makes a code of somebody's, and returns its hash.
func (w *world) handover(by string) []byte {
	w.Helper()
	hash := []byte(w.id("code"))
	if err := w.Invite(w.ctx(), forum.Invitation{Kind: forum.ByHandover, Hash: hash, By: by, Expires: beginning.Add(time.Hour)}); err != nil {
		w.Fatal(err)
	}
	return hash
}

// become makes one person another.
func (w *world) become(from, to string) forum.Continued {
	w.Helper()
	c, err := w.Continue(w.ctx(), w.handover(from), to, forum.Rules{}, beginning)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

func (w *world) self(person string) string {
	w.Helper()
	self, err := w.Self(w.ctx(), person)
	if err != nil {
		w.Fatal(err)
	}
	return self
}

var app = talk.Person{ID: "app", Name: "Ann of the app"}

var selfTests = map[string]func(*world){
	"a handover": func(w *world) {
		hash := w.handover("ann")
		by, err := w.Invited(w.ctx(), forum.ByHandover, hash, beginning)
		same(w, "by", []any{by, err}, []any{"ann", nil})
		for _, kind := range []forum.InvitationKind{forum.ByCode, forum.ByLink} {
			_, err := w.Invited(w.ctx(), kind, hash, beginning)
			w.refused(err, talk.Forbidden, map[forum.InvitationKind]string{forum.ByCode: "code", forum.ByLink: "token"}[kind])
			if err := w.Redeem(w.ctx(), kind, hash, "mallory", beginning); err == nil {
				w.Fatal("a code to continue made an owner")
			}
		}
		_, err = w.Invited(w.ctx(), forum.ByHandover, hash, beginning.Add(time.Hour))
		w.refused(err, talk.Forbidden, "code")
		_, err = w.Continue(w.ctx(), hash, "app", forum.Rules{}, beginning.Add(time.Hour))
		w.refused(err, talk.Forbidden, "code")
		c, err := w.Continue(w.ctx(), hash, "", forum.Rules{}, beginning)
		same(w, "without a person", []any{c, err}, []any{forum.Continued{Person: "ann"}, nil})
		for _, hash := range [][]byte{hash, []byte("none"), {}} {
			_, err = w.Continue(w.ctx(), hash, "app", forum.Rules{}, beginning)
			w.refused(err, talk.Forbidden, "code")
		}
		same(w, "nobody became another", w.self("ann"), "ann")
		same(w, "the same", w.become("ann", "ann"), forum.Continued{Person: "ann"})
		same(w, "still", w.self("ann"), "ann")
	},

	"everything comes along": func(w *world) {
		thread, other := w.thread(), w.thread()
		w.owner("olga")
		mine := w.say(ann, thread, "", "mine")
		held := w.do(w.heldPost(forum.HoldAll, ann, thread, "", "held")).Result.Comment.ID
		gone := w.say(ann, thread, "", "gone")
		w.do(w.delete(ann, gone))
		theirs := w.say(bob, thread, mine, "answer")
		w.do(w.like(ann, theirs, true))
		w.do(w.react(ann, thread, "like", true))
		w.do(w.follow(ann, other, true))
		w.do(w.write(ann, talk.Command{Kind: talk.Flag, Comment: theirs, Reason: talk.Spam}))
		mention := w.post(bob, other, "", "@Ann")
		mention.Mentions = []forum.Mentioned{{Person: "ann", Name: "Ann"}, {Person: "app", Name: "Ann"}}
		w.do(mention)
		ref := withRef("r", w.post(ann, thread, "", "once"))
		w.do(ref)
		counts := w.view(thread, "", forum.Query{}).Thread
		c := w.become("ann", "app")
		same(w, "became", c, forum.Continued{Person: "app", Before: "ann"})
		same(w, "self", []string{w.self("ann"), w.self("app"), w.self("bob")}, []string{"app", "app", "bob"})

		v := w.view(thread, "app", forum.Query{})
		same(w, "counts", []any{v.Thread.Reactions, v.Thread.Comments, v.Thread.Mine, v.Thread.Level}, []any{counts.Reactions, counts.Comments, []string{"like"}, talk.Follows})
		i := slices.IndexFunc(v.Comments, func(c talk.Comment) bool { return c.ID == mine })
		same(w, "byline", v.Comments[i].Author, talk.Person{ID: "app", Name: ann.Name, Headline: ann.Headline})
		i = slices.IndexFunc(v.Comments, func(c talk.Comment) bool { return c.ID == theirs })
		same(w, "liked", []any{v.Comments[i].Liked, v.Comments[i].Likes}, []any{true, 1})
		list, _, err := w.Mine(w.ctx(), "app", now, "", 10)
		if err != nil || len(list) != 3 || !slices.ContainsFunc(list, func(m talk.Mine) bool { return m.Comment.ID == held && m.Comment.State == talk.Held }) {
			w.Fatal(list, err)
		}
		same(w, "follows", len(w.follows("app", false)), 2)
		same(w, "inbox", []any{w.inbox("app"), w.unread("app"), w.unread("ann")}, []any{[]string{note(talk.Mention, mention.ID, 0, false), note(talk.Reply, theirs, 0, false)}, 2, 0})
		mentions, err := w.Mentions(w.ctx(), mention.ID)
		same(w, "mentioned", []any{mentions, err}, []any{[]forum.Mentioned{{Person: "app", Name: "Ann"}}, nil})
		p, err := w.Person(w.ctx(), "app")
		same(w, "name", []any{p, err}, []any{talk.Person{ID: "app", Name: ann.Name, Headline: ann.Headline}, nil})
		w.do(w.restore(app, gone))
		w.do(w.edit(app, mine, "changed"))
		if out := w.do(withRef("r", asking(ref, app))); !out.Again {
			w.Fatal("what was done once was done twice")
		}
		cases, _, err := w.Queue(w.ctx(), "", 10)
		if err != nil || !slices.ContainsFunc(cases, func(c talk.Case) bool { return len(c.Flags) == 1 && c.Flags[0].Person.ID == "app" }) {
			w.Fatal(cases, err)
		}
		w.reopen()
		same(w, "self", w.self("ann"), "app")
	},

	"an old session writes as who they are now": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		w.become("ann", "app")
		x := withRef("r", w.post(ann, thread, "", "x"))
		out := w.do(x)
		same(w, "author", out.Result.Comment.Author.ID, "app")
		same(w, "again", w.do(x).Again, true)
		w.commit(w.react(ann, thread, "like", true), w.react(app, thread, "like", true), w.like(bob, x.ID, true), w.follow(ann, thread, true))
		v := w.view(thread, "app", forum.Query{})
		same(w, "one person", []any{v.Thread.Reactions, v.Comments[0].Author.ID, w.unread("app")}, []any{map[string]int{"like": 1}, "app", 1})
		w.do(w.edit(ann, x.ID, "changed"))
		w.do(w.saw(ann, thread, 9))
		same(w, "seen", w.unread("app"), 0)
		w.do(w.keep(olga, talk.Ban, x.ID, true))
		w.refused(w.commit(w.post(ann, thread, "", "banned"))[0].Err, talk.Forbidden, "")
		same(w, "nobody else is", w.commit(w.post(bob, thread, "", "not"))[0].Err, nil)
	},

	"what both did counts once": func(w *world) {
		thread := w.thread()
		c := w.say(bob, thread, "", "x")
		gone := w.say(bob, thread, "", "gone")
		w.commit(w.react(ann, thread, "like", true), w.react(app, thread, "like", true), w.react(ann, thread, "heart", true), w.react(bob, thread, "like", true),
			w.like(ann, c, true), w.like(app, c, true), w.like(cleo, c, true), w.like(ann, gone, true), w.like(app, gone, true), w.delete(bob, gone))
		before := w.head(thread)
		out := w.become("ann", "app")
		head := w.head(thread)
		same(w, "version", []uint64{head.Version, head.Seq}, []uint64{before.Version + 1, before.Seq})
		same(w, "updates", out.Updates, []talk.Update{{Thread: thread, Since: before.Version,
			Tally: &talk.Tally{Version: head.Version, Reactions: map[string]int{"like": 2}, Likes: map[string]int{c: 2}}}})
		missed := w.catchUp(thread, head.Seq, before.Version)
		same(w, "missed", []any{missed.Likes, missed.Reactions}, []any{map[string]int{c: 2}, map[string]int{"like": 2, "heart": 1}})
		same(w, "mine", w.view(thread, "app", forum.Query{}).Thread.Mine, []string{"heart", "like"})
		w.do(w.restore(bob, gone))
		same(w, "restored", w.catchUp(thread, head.Seq, head.Version).Likes, map[string]int{gone: 1})

		w.do(w.react(cleo, thread, "idea", true))
		w.do(w.react(mod, thread, "think", true))
		c2, err := w.Continue(w.ctx(), w.handover("cleo"), "mod", forum.Rules{OneReaction: true}, beginning)
		same(w, "one reaction", []any{err, c2.Updates[0].Tally.Reactions, w.view(thread, "mod", forum.Query{}).Thread.Mine}, []any{nil, map[string]int{"idea": 0}, []string{"think"}})
	},

	"what differs": func(w *world) {
		thread, other, third := w.thread(), w.thread(), w.thread()
		w.do(w.post(app, thread, "", "signed in the app"))
		w.do(w.post(ann, thread, "", "signed in the widget"))
		w.commit(w.mute(app, other, true), w.follow(ann, other, true), w.mute(ann, third, true))
		s := talk.DefaultSettings()
		s.Notify.Like = true
		if err := w.SaveSettings(w.ctx(), "ann", s); err != nil {
			w.Fatal(err)
		}
		w.become("ann", "app")
		p, err := w.Person(w.ctx(), "app")
		same(w, "the name of who stays", []any{p.Name, err}, []any{app.Name, nil})
		same(w, "follows", []talk.Level{w.part("app", thread).Level, w.part("app", other).Level, w.part("app", third).Level}, []talk.Level{talk.Follows, talk.Follows, talk.Mutes})
		got, err := w.Settings(w.ctx(), "app")
		same(w, "settings, where there were none", []any{got, err}, []any{s, nil})
		s.Notify.Like = false
		if err := w.SaveSettings(w.ctx(), "bob", s); err != nil {
			w.Fatal(err)
		}
		w.become("bob", "app")
		got, err = w.Settings(w.ctx(), "app")
		same(w, "settings of who stays", []any{got.Notify.Like, err}, []any{true, nil})
		same(w, "trusted", w.do(w.heldPost(forum.HoldFirst, app, thread, "", "x")).Result.Comment.State, talk.Published)
	},

	"nobody answers themselves": func(w *world) {
		thread := w.thread()
		root := w.say(ann, thread, "", "root")
		w.say(app, thread, root, "answer")
		w.do(w.like(app, root, true))
		same(w, "told", w.unread("ann"), 2)
		w.become("ann", "app")
		same(w, "not any more", []any{w.inbox("app"), w.unread("app")}, []any{[]string{}, 0})
	},

	"one after the other": func(w *world) {
		thread := w.thread()
		w.become("ann", "app")
		w.become("app", "bob")
		same(w, "all", []string{w.self("ann"), w.self("app"), w.self("bob")}, []string{"bob", "bob", "bob"})
		same(w, "writes", w.do(w.post(ann, thread, "", "x")).Result.Comment.Author.ID, "bob")
		same(w, "a code of who was another", w.become("ann", "cleo"), forum.Continued{Person: "cleo", Before: "bob"})
		same(w, "all", []string{w.self("ann"), w.self("app"), w.self("bob")}, []string{"cleo", "cleo", "cleo"})
		same(w, "into who was another", w.become("mod", "ann"), forum.Continued{Person: "cleo", Before: "mod"})
		same(w, "the same already", w.become("app", "ann"), forum.Continued{Person: "cleo"})
	},

	"how they stand": func(w *world) {
		thread := w.thread()
		w.owner("olga")
		for _, who := range []talk.Person{ann, bob, cleo} {
			w.say(who, thread, "", "x")
		}
		of := func(person string) string {
			v := w.view(thread, "", forum.Query{})
			i := slices.IndexFunc(v.Comments, func(c talk.Comment) bool { return c.Author.ID == person })
			return v.Comments[i].ID
		}
		w.do(w.keep(olga, talk.Appoint, of("ann"), true))
		w.do(w.keep(olga, talk.Ban, of("bob"), true))
		w.do(w.keep(olga, talk.Credit, of("ann"), true))
		w.become("ann", "cleo")
		for _, c := range w.view(thread, "", forum.Query{}).Comments {
			same(w, "who wrote the article", c.Wrote, c.Author.ID == "cleo")
		}
		standing := func(person string) forum.Standing {
			s, err := w.Standing(w.ctx(), person)
			if err != nil {
				w.Fatal(err)
			}
			return s
		}
		same(w, "a moderator", []any{standing("cleo"), standing("ann")}, []any{forum.Standing{Role: talk.Moderator}, forum.Standing{}})
		w.become("cleo", "bob")
		same(w, "nobody sheds a ban", standing("bob"), forum.Standing{Role: talk.Moderator, Banned: true})
		w.become("bob", "olga")
		same(w, "nobody bans an owner", []any{standing("olga"), standing("bob")}, []any{forum.Standing{Role: talk.Owner}, forum.Standing{}})
		w.do(w.write(bob, talk.Command{Kind: talk.Lock, Thread: thread, On: true})) // an owner's session, whoever's it was
	},

	"keys": func(w *world) {
		key, other := []byte("\x04key\x00\xff"), []byte("other")
		bind := func(key []byte, person string) string {
			whose, err := w.Bind(w.ctx(), key, person, beginning)
			if err != nil {
				w.Fatal(err)
			}
			return whose
		}
		whose, err := w.KeyOf(w.ctx(), key)
		same(w, "nobody's", []any{whose, err}, []any{"", nil})
		same(w, "bound for good", []string{bind(key, "ann"), bind(key, "bob"), bind(other, "bob")}, []string{"ann", "ann", "bob"})
		w.become("ann", "app")
		w.reopen()
		whose, err = w.KeyOf(w.ctx(), key)
		same(w, "goes along", []any{whose, err}, []any{"app", nil})
	},

	"hostile": func(w *world) {
		for _, s := range append([]string{"a\x00b", "\xff"}, hostile...) {
			same(w, "self", w.self(s), s)
			_, err := w.Invited(w.ctx(), forum.ByHandover, []byte(s), beginning)
			w.refused(err, talk.Forbidden, "code")
		}
	},
}

// asking is a write again, by somebody else.
func asking(x forum.Write, who talk.Person) forum.Write {
	x.Person.ID = who.ID
	return x
}
