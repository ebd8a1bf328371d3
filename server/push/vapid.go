package push

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// Keys are by whom push services know this site (RFC 8292): a browser's
// subscription is good for messages that are signed by them, and for no others.
type Keys struct {
	private *ecdsa.PrivateKey
	public  string
}

// NewSecret makes what [ReadKeys] reads. Whoever loses it loses all devices.
func NewSecret() ([]byte, error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return k.Bytes()
}

// ReadKeys returns the keys of a secret.
func ReadKeys(secret []byte) (*Keys, error) {
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), secret)
	if err != nil {
		return nil, fmt.Errorf("the secret of push messages: %w", err)
	}
	public, err := private.PublicKey.Bytes()
	return &Keys{private, base64.RawURLEncoding.EncodeToString(public)}, err
}

// Public is what browsers are told, a point of P-256 as base64url.
func (k *Keys) Public() string { return k.public }

// How long a proof is good for (24 hours are the most), and for how long one is
// used before the next is made.
const (
	proofLife  = 12 * time.Hour
	proofReuse = 11 * time.Hour
)

// proofs are those that were made lately, by push service.
type proofs struct {
	keys    *Keys
	contact string // of the operator, for whoever runs a push service
	mu      sync.Mutex
	made    map[string]proof // by origin
}

type proof struct {
	header string
	at     time.Time
}

// proofsKept bounds them: there are a handful of push services, and whatever
// else somebody makes up.
const proofsKept = 500

// header is the value of Authorization for a push service.
func (p *proofs) header(origin string, now time.Time) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if made, ok := p.made[origin]; ok && now.Sub(made.at).Abs() < proofReuse {
		return made.header, nil
	}
	token, err := p.keys.sign(origin, p.contact, now.Add(proofLife))
	if err != nil {
		return "", err
	}
	if len(p.made) >= proofsKept {
		clear(p.made)
	}
	header := "vapid t=" + token + ", k=" + p.keys.public
	p.made[origin] = proof{header, now}
	return header, nil
}

// sign makes a JSON Web Token, signed with ES256.
func (k *Keys) sign(audience, contact string, expires time.Time) (string, error) {
	claims, err := json.Marshal(struct {
		Audience string `json:"aud"`
		Expires  int64  `json:"exp"`
		Subject  string `json:"sub"`
	}{audience, expires.Unix(), contact})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	said := encode([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + encode(claims)
	hash := sha256.Sum256([]byte(said))
	r, s, err := ecdsa.Sign(rand.Reader, k.private, hash[:])
	if err != nil {
		return "", err
	}
	var signature [64]byte
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return said + "." + encode(signature[:]), nil
}
