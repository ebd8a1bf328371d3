package storetest

import (
	"fmt"
	"slices"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// reacted is who has reacted to a thread, in short: kind, total, whether it is
// mine too, and names.
func (w *world) reacted(thread, person string) []string {
	w.Helper()
	r, err := w.Reacted(w.ctx(), thread, person)
	if err != nil {
		w.Fatal(err)
	}
	short := []string{}
	for _, k := range r.Kinds {
		short = append(short, fmt.Sprint(k.Kind, " ", k.Total, " ", k.Mine, " ", k.Names))
	}
	slices.Sort(short)
	return append(short, fmt.Sprint(r.Named))
}

// named makes somebody show their name, or not.
func (w *world) named(person string, on bool) {
	w.Helper()
	s := talk.DefaultSettings()
	s.Named = on
	if err := w.SaveSettings(w.ctx(), person, s); err != nil {
		w.Fatal(err)
	}
}

var reactedTests = map[string]func(*world){
	"with names of those who show theirs": func(w *world) {
		thread, other := w.thread(), w.thread()
		same(w, "nobody", w.reacted(thread, "ann"), []string{"false"})
		for _, p := range []talk.Person{ann, bob, cleo} {
			w.say(p, other, "", "x")
			w.do(w.react(p, thread, "like", true))
		}
		nameless := talk.Person{ID: "nameless"}
		w.do(w.react(nameless, thread, "like", true))
		w.do(w.react(bob, thread, "heart", true))
		w.do(w.react(bob, other, "idea", true))
		same(w, "none asked to be", w.reacted(thread, "ann"), []string{"heart 1 false []", "like 4 true []", "false"})
		w.named("bob", true)
		w.named("cleo", true)
		w.named("nameless", true)
		w.named("ann", false)
		same(w, "two", w.reacted(thread, "ann"), []string{"heart 1 false [Bob]", "like 4 true [Cleo Bob]", "false"})
		same(w, "to one of them", w.reacted(thread, "bob"), []string{"heart 1 true []", "like 4 true [Cleo]", "true"})
		same(w, "to nobody", w.reacted(thread, ""), []string{"heart 1 false [Bob]", "like 4 false [Cleo Bob]", "false"})
		w.say(talk.Person{ID: "bob", Name: "Robert"}, other, "", "x")
		w.do(w.react(cleo, thread, "like", false))
		same(w, "as they sign now", w.reacted(thread, ""), []string{"heart 1 false [Robert]", "like 3 false [Robert]", "false"})
		w.named("bob", false)
		same(w, "revoked", w.reacted(thread, ""), []string{"heart 1 false []", "like 3 false []", "false"})
		w.do(w.react(bob, thread, "heart", false))
		same(w, "taken back", w.reacted(thread, ""), []string{"like 3 false []", "false"})
		for _, s := range append([]string{"a\x00b", "\xff", "none"}, hostile...) {
			_, err := w.Reacted(w.ctx(), s, "ann")
			w.refused(err, talk.NotFound, "thread")
			same(w, "nobody", w.reacted(thread, s), []string{"like 3 false []", "false"})
		}
	},

	"with so many names at most": func(w *world) {
		thread, other := w.thread(), w.thread()
		var writes []forum.Write
		for i := range talk.NamesMax + 5 {
			p := talk.Person{ID: fmt.Sprintf("p%02d", i), Name: fmt.Sprintf("N%02d", i)}
			writes = append(writes, w.post(p, other, "", "x"), w.react(p, thread, "like", true), w.react(p, thread, "idea", i > 0))
			w.named(p.ID, true)
		}
		w.commit(writes...)
		r, err := w.Reacted(w.ctx(), thread, "")
		if err != nil || len(r.Kinds) != 2 {
			w.Fatal(r, err)
		}
		for _, k := range r.Kinds {
			if len(k.Names) != talk.NamesMax || k.Names[0] != fmt.Sprintf("N%02d", talk.NamesMax+4) {
				w.Errorf("%s: %d names from %q", k.Kind, len(k.Names), k.Names[0])
			}
		}
	},
}
