package forum

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"strings"
	"time"

	"folkmoot/app/talk"
)

// An InvitationKind says how an invitation travels.
type InvitationKind string

// The kinds of invitations, each of which makes somebody an owner.
const (
	ByLink InvitationKind = "link" // printed by folkmoot owner-link, opened in a browser
	ByCode InvitationKind = "code" // shown to an owner, typed into a widget, whose cookie is another one
)

// How long invitations are good for.
const (
	linkLife = 24 * time.Hour
	codeLife = 10 * time.Minute
)

// An Invitation makes whoever has its token an owner, once.
type Invitation struct {
	Kind    InvitationKind
	Hash    []byte // of the token, which nobody keeps
	By      string // who made it: a person, or empty for whoever runs the server
	Expires time.Time
}

// NewLink makes an invitation and the token that goes into its link.
func NewLink(now time.Time) (token string, i Invitation) {
	var b [24]byte
	rand.Read(b[:])
	token = base64.RawURLEncoding.EncodeToString(b[:])
	return token, Invitation{Kind: ByLink, Hash: hashOf(token), Expires: now.Add(linkLife)}
}

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// foldCode is a code as it was made: people type it in any case, with spaces or
// hyphens where they like.
func foldCode(code string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, strings.ToLower(code))
}

// Own makes who asks an owner, by the token of a link.
func (f *Forum) Own(ctx context.Context, who Who, token string) error {
	return f.redeem(ctx, who, ByLink, hashOf(token))
}

// OwnByCode makes who asks an owner, by a code.
func (f *Forum) OwnByCode(ctx context.Context, who Who, code string) error {
	return f.redeem(ctx, who, ByCode, hashOf(foldCode(code)))
}

func (f *Forum) redeem(ctx context.Context, who Who, kind InvitationKind, hash []byte) error {
	deeds := []deed{guessing}
	if who.Fresh {
		deeds = append(deeds, meeting)
	}
	if err := f.allow(ctx, who, deeds...); err != nil {
		return err
	}
	who, err := f.selfOf(ctx, who)
	if err != nil {
		return err
	}
	return f.unavailable(ctx, "redeeming an invitation", f.Store.Redeem(ctx, kind, hash, who.Person, f.Clock()))
}

// NotInvited refuses a token that isn't there, or isn't good any more.
func NotInvited(kind InvitationKind) error {
	if kind == ByCode || kind == ByHandover {
		return talk.Refuse(talk.Forbidden, "code", "This code is not one, or not any more: a code works once, for ten minutes. Please ask for another where you got it.")
	}
	return talk.Refuse(talk.Forbidden, "token", "This link has been used, or is older than a day. Run folkmoot owner-link for another one.")
}

// Code makes a code that makes another browser of an owner's an owner, too.
func (f *Forum) Code(ctx context.Context, who Who) (string, error) {
	if s, err := f.standing(ctx, who); err != nil {
		return "", err
	} else if s.Effective() != talk.Owner {
		return "", talk.Refuse(talk.Forbidden, "", "Only an owner of this site can do that.")
	}
	if err := f.allow(ctx, who, guessing); err != nil {
		return "", err
	}
	var b [5]byte
	rand.Read(b[:])
	code := strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
	err := f.Store.Invite(ctx, Invitation{Kind: ByCode, Hash: hashOf(code), By: who.Person, Expires: f.Clock().Add(codeLife)})
	return code[:4] + "-" + code[4:], f.unavailable(ctx, "keeping an invitation", err)
}

func (f *Forum) standing(ctx context.Context, who Who) (Standing, error) {
	if who.Person == "" {
		return Standing{}, nil
	}
	who, err := f.selfOf(ctx, who)
	if err != nil {
		return Standing{}, err
	}
	s, err := f.Store.Standing(ctx, who.Person)
	return s, f.unavailable(ctx, "reading how somebody stands", err)
}

// Me returns who asks, and how they stand in the site.
func (f *Forum) Me(ctx context.Context, who Who) (talk.Me, error) {
	if who.Person == "" {
		return talk.Me{}, nil
	}
	p, err := f.Person(ctx, who.Person)
	if err != nil {
		return talk.Me{}, err
	}
	s, err := f.standing(ctx, who)
	return talk.Me{Person: p, Role: s.Effective()}, err
}

// queuePage is how many cases a page of the queue has.
const queuePage = 50

// Queue returns what waits for those who keep order.
func (f *Forum) Queue(ctx context.Context, who Who, after string) (cases []talk.Case, next string, err error) {
	s, err := f.standing(ctx, who)
	if err != nil {
		return nil, "", err
	}
	if !s.Effective().Keeps() {
		return nil, "", talk.Refuse(talk.Forbidden, "", "Only those who keep order here can see that.")
	}
	cases, next, err = f.Store.Queue(ctx, after, queuePage)
	return cases, next, f.unavailable(ctx, "reading the queue", err)
}

// Source returns a comment's Markdown to its author, to be edited.
func (f *Forum) Source(ctx context.Context, who Who, comment string) (string, error) {
	who, err := f.selfOf(ctx, who)
	if err != nil {
		return "", err
	}
	r, _, err := f.record(ctx, who, comment)
	if err != nil {
		return "", err
	}
	if !r.isOf(who.Person, "") {
		return "", talk.Refuse(talk.Forbidden, "comment", "Only its author can see that.")
	}
	return r.Body, nil
}

// History returns what a comment said before, to its author and to those who
// keep order.
func (f *Forum) History(ctx context.Context, who Who, comment string) ([]talk.Revision, error) {
	who, err := f.selfOf(ctx, who)
	if err != nil {
		return nil, err
	}
	r, role, err := f.record(ctx, who, comment)
	if err != nil {
		return nil, err
	}
	if !r.isOf(who.Person, role) {
		return nil, talk.Refuse(talk.Forbidden, "comment", "Only its author and those who keep order here can see that.")
	}
	all, err := f.Store.Revisions(ctx, comment)
	return all, f.unavailable(ctx, "reading a comment's history", err)
}

// record reads a comment that who asks may know of, and that isn't removed.
func (f *Forum) record(ctx context.Context, who Who, comment string) (Record, talk.Role, error) {
	r, err := f.Store.Record(ctx, comment)
	if err != nil {
		return r, "", f.unavailable(ctx, "reading a comment", err)
	}
	s, err := f.standing(ctx, who)
	switch {
	case err != nil:
	case r.Seq == 0 && !r.isOf(who.Person, s.Effective()):
		err = NoComment()
	case r.State == talk.Removed, r.State == talk.Held && !r.isOf(who.Person, s.Effective()):
		err = gone()
	}
	return r, s.Effective(), err
}

// Preview returns the HTML that a comment would have by a post or an edit, or
// why it can't be one. It keeps nothing. Without a thread, it mentions nobody.
func (f *Forum) Preview(ctx context.Context, who Who, c talk.Command) (string, error) {
	if err := f.allow(ctx, who, previewing); err != nil {
		return "", err
	}
	html, _, err := f.renderBody(ctx, &c)
	return html, err
}
