package forum

import (
	"context"
	"maps"
	"slices"
	"time"

	"folkmoot/app/talk"
)

// Selves is what a store keeps of who is whom. A person may be another from some
// time on: a guest of one browser whom another browser has taken over, or who
// has signed in. What they had is the other's; a session of theirs goes on
// working as that other's.
type Selves interface {
	// Self returns the person that somebody now is: themselves, mostly.
	Self(ctx context.Context, person string) (string, error)

	// Invited returns who made an invitation, if it is good still; else it is
	// talk.Forbidden.
	Invited(ctx context.Context, kind InvitationKind, hash []byte, at time.Time) (by string, err error)

	// Continue uses an invitation of the kind ByHandover, and makes one of who
	// made it and the person: the person stays. Without a person it changes
	// nothing else. All of it is one transaction.
	Continue(ctx context.Context, hash []byte, person string, rules Rules, at time.Time) (Continued, error)

	// KeyOf returns whose a public key is, or nobody.
	KeyOf(ctx context.Context, key []byte) (person string, err error)

	// Bind makes a public key a person's, unless it is somebody's, and returns
	// whose it is.
	Bind(ctx context.Context, key []byte, person string, at time.Time) (string, error)
}

// Continued is what became of a handover.
type Continued struct {
	Person  string        // who both are now
	Before  string        // who else they were; empty if nobody
	Updates []talk.Update // of threads in which both had liked or felt the same
}

// selfLife is for how long somebody is believed to be nobody else, where other
// nodes may know better.
const selfLife = 5 * time.Second

// Self returns who somebody now is.
func (f *Forum) Self(ctx context.Context, person string) (string, error) {
	if person == "" {
		return "", nil
	}
	known, ok := f.selves.Get(person)
	if ok && (known.person != person || f.HeadLife == 0 || f.Clock().Sub(known.at) < selfLife) {
		return known.person, nil
	}
	self, err := f.Store.Self(ctx, person)
	if err != nil {
		if ok {
			return known.person, nil
		}
		return person, f.unavailable(ctx, "reading who somebody is", err)
	}
	f.selves.Add(person, isNow{self, f.Clock()})
	return self, nil
}

// isNow is who somebody is, as of a time.
type isNow struct {
	person string
	at     time.Time
}

// selfOf is who asks, as who they now are.
func (f *Forum) selfOf(ctx context.Context, who Who) (Who, error) {
	if who.Fresh {
		return who, nil
	}
	var err error
	who.Person, err = f.Self(ctx, who.Person)
	return who, err
}

// AsSelves returns the writes as those of who those people are now who wrote
// them. It changes none of them in place.
func AsSelves(writes []Write, selves map[string]string) []Write {
	if len(selves) == 0 {
		return writes
	}
	writes = slices.Clone(writes)
	for i := range writes {
		if self := selves[writes[i].Person.ID]; self != "" {
			writes[i].Person.ID = self
		}
	}
	return writes
}

// Together is how somebody stands who was two: as the higher of both, and banned
// if one was, but for owners, whom nobody can ban.
func Together(one, other Standing) Standing {
	now := Standing{Role: other.Role, Banned: one.Banned || other.Banned}
	if one.Role == talk.Owner || now.Role == "" {
		now.Role = one.Role
	}
	if now.Role == talk.Owner {
		now.Banned = false
	}
	return now
}

// Merged are the tallies that change, by thread, when two people become one.
type Merged map[string]*talk.Tally

func (m Merged) of(thread string) *talk.Tally {
	if m[thread] == nil {
		m[thread] = &talk.Tally{Reactions: map[string]int{}, Likes: map[string]int{}}
	}
	return m[thread]
}

// React notes how many reactions of a kind a thread has now.
func (m Merged) React(thread, kind string, n int) { m.of(thread).Reactions[kind] = n }

// Like notes how many like a comment now.
func (m Merged) Like(thread, comment string, n int) { m.of(thread).Likes[comment] = n }

// Updates are what rooms are told, once the tallies have their versions.
func (m Merged) Updates() []talk.Update {
	var updates []talk.Update
	for _, thread := range slices.Sorted(maps.Keys(m)) {
		updates = append(updates, talk.Update{Thread: thread, Tally: m[thread], Since: m[thread].Version - 1})
	}
	return updates
}
