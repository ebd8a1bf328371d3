package forum

import (
	"time"

	"folkmoot/app/talk"
)

// How long what was removed can come back. After RestoreWindow nothing of it is
// kept any more.
const (
	UndoWindow    = 5 * time.Minute     // for an author who deleted it
	RestoreWindow = 30 * 24 * time.Hour // for those who keep order
)

// Which comments are held until a moderator publishes them.
const (
	HoldNone  = "none"
	HoldFirst = "first" // of whoever has no published one yet
	HoldAll   = "all"
)

// Rules are what a site has settled about its conversations, as far as it
// decides what becomes of a write.
type Rules struct {
	EditWindow  time.Duration // how long its author may change a comment; 0: never
	Hold        string        // HoldNone if empty
	OneReaction bool          // choosing another kind takes the first back
}

// A Standing is how a person stands in a site.
type Standing struct {
	Role   talk.Role
	Banned bool
}

// Effective is the role that counts: none while somebody is banned.
func (s Standing) Effective() talk.Role {
	if s.Banned {
		return ""
	}
	return s.Role
}

// Facts are what a store knows, in its transaction, about a write: of who
// writes, and where.
type Facts struct {
	Standing
	Locked  bool // the thread
	Wrote   bool // who writes wrote the article; needed for a post only
	Trusted bool // who writes has a published comment; needed for a post under HoldFirst only
}

// May refuses what who writes may not do at all, whatever it is done to.
func (f Facts) May(w *Write) error {
	kind, keeps := w.Command.Kind, f.Effective().Keeps()
	switch kind {
	case talk.React, talk.Like:
		if f.Banned && w.Command.On {
			return banned()
		}
	case talk.Post, talk.Edit, talk.Restore, talk.Flag:
		if f.Banned {
			return banned()
		}
		if f.Locked && !keeps && (kind == talk.Post || kind == talk.Edit) {
			return talk.Refuse(talk.Locked, "", "This conversation is closed: it takes no more comments.")
		}
	case talk.Pin, talk.Hold, talk.Lock, talk.Ban:
		if !keeps {
			return talk.Refuse(talk.Forbidden, "", "Only those who keep order here can do that.")
		}
	case talk.Appoint, talk.Credit:
		if f.Effective() != talk.Owner {
			return talk.Refuse(talk.Forbidden, "", "Only an owner of this site can do that.")
		}
	case talk.Delete: // everybody may take back what is theirs
	}
	return nil
}

func banned() error {
	return talk.Refuse(talk.Forbidden, "", "Those who keep order here have excluded you, so this was not done. What you wrote before stays, and you can delete it.")
}

// Holds reports whether a post waits for a moderator.
func (f Facts) Holds(w *Write) bool {
	switch {
	case f.Effective().Keeps():
		return false
	case w.Rules.Hold == HoldFirst:
		return !f.Trusted
	}
	return w.Rules.Hold == HoldAll
}

// Owned is what the record of deeds calls it when somebody became an owner by an
// invitation. It is no command.
const Owned talk.Do = "own"

// Stand carries out a ban or an appointment of somebody who stands so, and
// returns how they stand then.
func (f Facts) Stand(w *Write, author string, was Standing) (Standing, talk.Result, error) {
	now := was
	var err error
	if w.Command.Kind == talk.Ban {
		err = f.mayBan(w, author, was)
		now.Banned = w.Command.On
	} else {
		err = f.mayAppoint(w, was)
		if now.Role = ""; w.Command.On {
			now.Role = talk.Moderator
		}
	}
	if err != nil {
		return was, talk.Result{}, err
	}
	return now, now.Answer(w.Command.Kind), nil
}

// Answer is the answer to a ban or an appointment of somebody who stands so now.
func (s Standing) Answer(kind talk.Do) talk.Result {
	if kind == talk.Ban {
		return talk.Result{Banned: &s.Banned}
	}
	moderator := s.Role == talk.Moderator
	return talk.Result{Moderator: &moderator}
}

func (f Facts) mayBan(w *Write, author string, target Standing) error {
	switch {
	case author == w.Person.ID:
		return talk.Refuse(talk.Forbidden, "comment", "You can't exclude yourself.")
	case target.Role == talk.Owner, target.Role == talk.Moderator && f.Effective() != talk.Owner:
		return talk.Refuse(talk.Forbidden, "comment", "The author of this comment keeps order here too: only an owner can exclude a moderator, and nobody an owner.")
	}
	return nil
}

func (f Facts) mayAppoint(w *Write, target Standing) error {
	switch {
	case target.Role == talk.Owner:
		return talk.Refuse(talk.Forbidden, "comment", "The author of this comment is an owner, who may do all that a moderator may.")
	case target.Banned && w.Command.On:
		return talk.Refuse(talk.Forbidden, "comment", "The author of this comment is excluded. Let them back in first.")
	}
	return nil
}
