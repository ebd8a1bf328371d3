package postgres

import (
	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// Needs are the keys of what is to be read of the database. What isn't storable
// isn't there either, so it is never asked for.
type needs struct {
	threads   map[string]bool // to be locked, with their counts if true
	comments  map[string]bool // whole, if true
	refs      map[ref]bool
	reactions map[holder]bool
	likes     map[holder]bool
	people    map[string]bool // how they stand
	trust     map[string]bool // how many published comments they have
	parts     map[part]bool   // what people follow and mute
}

// whole are the comments that are needed whole.
func (n needs) whole() []string {
	ids := []string{} // not NULL
	for _, id := range keys(n.comments) {
		if n.comments[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

func newNeeds() needs {
	return needs{
		threads: map[string]bool{}, comments: map[string]bool{}, refs: map[ref]bool{},
		reactions: map[holder]bool{}, likes: map[holder]bool{}, people: map[string]bool{}, trust: map[string]bool{},
		parts: map[part]bool{},
	}
}

// add adds a key, with what it is needed for if anybody needs it for that.
func add(to map[string]bool, key string, more bool) {
	if key != "" && storable(key) {
		to[key] = to[key] || more
	}
}

func addHolder(to map[holder]bool, subject, person string) {
	if storable(subject) && storable(person) {
		to[holder{subject, person}] = true
	}
}

// needsOf is what the writes need to be decided, but for what [repeated] adds.
func needsOf(writes []forum.Write) needs {
	n := newNeeds()
	for i := range writes {
		w := &writes[i]
		for _, scope := range scopes(w) {
			if storable(scope) {
				n.refs[ref{scope, w.Ref}] = true
			}
		}
		add(n.people, w.Person.ID, false)
		c := &w.Command
		switch c.Kind {
		case talk.React:
			add(n.threads, c.Thread, true)
			addHolder(n.reactions, c.Thread, w.Person.ID)
		case talk.Post:
			add(n.threads, c.Thread, false)
			add(n.comments, c.Parent, false)
			add(n.comments, w.ID, w.Rules.Hold != "" && w.Rules.Hold != forum.HoldNone) // no other may have its id
			n.addPart(partOf(w, w.Person.ID))
			if w.Rules.Hold == forum.HoldFirst {
				add(n.trust, w.Person.ID, false)
			}
		case talk.Like:
			add(n.comments, c.Comment, false)
			addHolder(n.likes, c.Comment, w.Person.ID)
		case talk.Lock:
			add(n.threads, c.Thread, false)
		case talk.Follow, talk.Mute, talk.Seen:
			add(n.threads, c.Thread, false)
			if c.Thread+c.Topic != "" {
				n.addPart(partOf(w, w.Person.ID))
			}
		default:
			add(n.comments, c.Comment, true)
			addHolder(n.likes, c.Comment, w.Person.ID)
		}
	}
	return n
}

// repeated is what is needed to answer those whose refs are known.
func (s *state) repeated() needs {
	n := newNeeds()
	for _, d := range s.done {
		add(n.people, d.person, false)
		switch d.kind {
		case talk.Follow, talk.Mute: // once again is for who asks: needsOf has it
		case talk.React:
			addHolder(n.reactions, d.subject, d.person)
		case talk.Like:
			addHolder(n.likes, d.subject, d.person)
			if s.comments[d.subject] == nil { // else it may be whole already
				add(n.comments, d.subject, false)
			}
		case talk.Lock: // its thread is locked already
		default:
			add(n.comments, d.subject, true)
			addHolder(n.likes, d.subject, d.person)
		}
	}
	return n
}

// scopes are whose refs a write's is looked for among, and recorded with: its
// person's and, if nobody else can know them yet, everybody's of that kind.
func scopes(w *forum.Write) []string {
	switch {
	case w.Ref == "":
		return nil
	case w.Fresh && w.Person.ID != "":
		return []string{w.Person.ID, ""}
	default:
		return []string{w.Person.ID}
	}
}
