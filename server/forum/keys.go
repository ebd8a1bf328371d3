package forum

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"math/big"

	"folkmoot/app/talk"
)

// What browsers sign begins with what it is for, so that a signature is good for
// nothing else.
const (
	sessionProof = "folkmoot-session-1\n"
	outboxProof  = "folkmoot-outbox-1\n"
)

// proven returns a public key whose owner has signed the words, as browsers do:
// WebCrypto's ECDSA on P-256 with SHA-256, raw, in base64url.
func proven(key, signature, words string) ([]byte, error) {
	refuse := func(field string) ([]byte, error) {
		return nil, talk.Refuse(talk.Invalid, field, "The proof of who wrote this is not right.")
	}
	point, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		return refuse("key")
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return refuse("key")
	}
	rs, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || len(rs) != 64 {
		return refuse("signature")
	}
	sum := sha256.Sum256([]byte(words))
	if !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(rs[:32]), new(big.Int).SetBytes(rs[32:])) {
		return refuse("signature")
	}
	return point, nil
}

// Introduce returns whose a browser's key is, which has signed for this server's
// origin; one that nobody has yet becomes who asks's.
func (f *Forum) Introduce(ctx context.Context, who Who, key, proof, origin string) (person string, err error) {
	if err := f.allow(ctx, who, sending); err != nil {
		return "", err
	}
	point, err := proven(key, proof, sessionProof+origin)
	if err != nil {
		return "", err
	}
	return f.bound(ctx, who, point)
}

// bound returns whose a key is, and makes it who asks's if it is nobody's. Who is
// made for it counts as a guest.
func (f *Forum) bound(ctx context.Context, who Who, point []byte) (person string, err error) {
	if person, err = f.Store.KeyOf(ctx, point); err != nil {
		return "", f.unavailable(ctx, "reading whose a key is", err)
	}
	if person == "" {
		if who.Fresh {
			if err := f.allow(ctx, who, meeting); err != nil {
				return "", err
			}
		}
		if who, err = f.selfOf(ctx, who); err != nil {
			return "", err
		}
		if person, err = f.Store.Bind(ctx, point, who.Person, f.Clock()); err != nil {
			return "", f.unavailable(ctx, "keeping a key", err)
		}
	}
	return f.Self(ctx, person)
}
