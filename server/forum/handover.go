package forum

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"strings"
	"time"

	"folkmoot/app/talk"
)

// ByHandover is the kind of invitation with which a person continues in another
// browser, or in another place of the same one's storage.
const ByHandover InvitationKind = "continue"

// crockford are the digits of codes that people read and type: no letter looks
// like a digit, or like another. (Douglas Crockford's base 32.)
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// foldHandover is a code as it was made, however it was typed.
func foldHandover(code string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-':
			return -1
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		return r
	}, strings.ToUpper(code))
}

// Handover makes a code with which who asks continues as themselves elsewhere,
// once, and says until when it is good.
func (f *Forum) Handover(ctx context.Context, who Who) (code string, until time.Time, err error) {
	if who.Person == "" || who.Fresh {
		return "", until, talk.Refuse(talk.NoSession, "", "Folkmoot doesn't know this browser yet. Please try again.")
	}
	if err := f.allow(ctx, who, handing); err != nil {
		return "", until, err
	}
	if who, err = f.selfOf(ctx, who); err != nil {
		return "", until, err
	}
	var b [5]byte
	rand.Read(b[:])
	code, until = crockford.EncodeToString(b[:]), f.Clock().Add(codeLife)
	err = f.Store.Invite(ctx, Invitation{Kind: ByHandover, Hash: hashOf(code), By: who.Person, Expires: until})
	return code[:4] + "-" + code[4:], until, f.unavailable(ctx, "keeping an invitation", err)
}

// Arriving says whom a code brings. It doesn't use the code up.
func (f *Forum) Arriving(ctx context.Context, who Who, code string) (a talk.Arrival, err error) {
	if err := f.allow(ctx, who, guessing); err != nil {
		return a, err
	}
	by, err := f.Store.Invited(ctx, ByHandover, hashOf(foldHandover(code)), f.Clock())
	if err != nil {
		return a, f.unavailable(ctx, "reading an invitation", err)
	}
	if a.Person, err = f.Person(ctx, by); err != nil {
		return a, err
	}
	if who, err = f.selfOf(ctx, who); err != nil {
		return a, err
	}
	if by, err = f.Self(ctx, by); err != nil {
		return a, err
	}
	a.Same = who.Person == by
	a.Merges = who.Person != "" && !who.Fresh && who.Person != by
	return a, f.countOf(ctx, &a, by)
}

// Present says who asks, and what they have.
func (f *Forum) Present(ctx context.Context, who Who) (a talk.Arrival, err error) {
	if who, err = f.selfOf(ctx, who); err != nil {
		return a, err
	}
	if a.Person, err = f.Person(ctx, who.Person); err != nil {
		return a, err
	}
	return a, f.countOf(ctx, &a, who.Person)
}

// countOf counts what a person has.
func (f *Forum) countOf(ctx context.Context, a *talk.Arrival, person string) error {
	mine, _, err := f.Store.Mine(ctx, person, f.Clock(), "", talk.NewMax)
	if err != nil {
		return f.unavailable(ctx, "reading somebody's comments", err)
	}
	follows, _, err := f.Store.Follows(ctx, person, f.Clock(), false, "", talk.NewMax)
	a.Comments, a.Follows = len(mine), len(follows)
	return f.unavailable(ctx, "reading what somebody follows", err)
}

// Continue accepts a handover: who asks is from now on the same as who made the
// code. It returns who that is.
func (f *Forum) Continue(ctx context.Context, who Who, code string) (person string, err error) {
	if err := f.allow(ctx, who, guessing); err != nil {
		return "", err
	}
	if who.Fresh {
		who.Person = ""
	}
	c, err := f.Store.Continue(ctx, hashOf(foldHandover(code)), who.Person, f.Rules, f.Clock())
	if err != nil {
		return "", f.unavailable(ctx, "continuing elsewhere", err)
	}
	if c.Before != "" {
		f.becameOne(ctx, c)
	}
	return c.Person, nil
}

// becameOne tells of a merger whoever has to know.
func (f *Forum) becameOne(ctx context.Context, c Continued) {
	f.selves.Purge() // those who were the other before are somebody else now
	f.spoken.Purge()
	for _, u := range c.Updates {
		u.Epoch = f.Store.Epoch()
		f.learn(u.Thread, Head{Version: u.Tally.Version})
		if err := f.Bus.Publish(ctx, u); err != nil {
			f.Log.Warn("bus failed; numbers will repair it", "thread", u.Thread, "error", err)
		}
	}
	for _, person := range []string{c.Before, c.Person} {
		_ = f.Bus.Publish(ctx, talk.Update{Person: person}) // else they see it a little later
	}
}
