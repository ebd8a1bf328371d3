package push

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// payloadBytes is how long what a message says may be. Push services take 4,096
// bytes, what encryption adds included (RFC 8030, 7.2).
const payloadBytes = 3 << 10

// padTo is of what a payload's length is made a multiple, so that a push service
// doesn't see how much was said.
const padTo = 256

// recordSize is what a message's one record may have at most.
const recordSize = 4096

// encrypt makes of a payload what only the browser with this key and secret can
// read (RFC 8291), as the body of a message in the coding aes128gcm (RFC 8188).
func encrypt(payload, browserKey, secret []byte) ([]byte, error) {
	own, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, 16)
	rand.Read(salt)
	padded := make([]byte, 0, len(payload)+padTo)
	padded = append(append(padded, payload...), 2) // of the last record
	padded = padded[:(len(padded)+padTo-1)/padTo*padTo]
	return seal(padded, browserKey, secret, own, salt)
}

// seal encrypts what was padded, with a key for this message alone and a salt.
func seal(padded, browserKey, secret []byte, own *ecdh.PrivateKey, salt []byte) ([]byte, error) {
	browser, err := ecdh.P256().NewPublicKey(browserKey)
	if err != nil {
		return nil, fmt.Errorf("a browser's key: %w", err)
	}
	shared, err := own.ECDH(browser)
	if err != nil {
		return nil, err
	}
	ownKey := own.PublicKey().Bytes()
	derive := func(secret, salt []byte, info string, length int) (key []byte) {
		if err == nil {
			key, err = hkdf.Key(sha256.New, secret, salt, info, length)
		}
		return key
	}
	ikm := derive(shared, secret, "WebPush: info\x00"+string(browserKey)+string(ownKey), 32)
	key := derive(ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	nonce := derive(ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	sealer, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	body := append([]byte{}, salt...)
	body = binary.BigEndian.AppendUint32(body, recordSize)
	body = append(append(body, byte(len(ownKey))), ownKey...)
	return sealer.Seal(body, nonce, padded, nil), nil
}
