package redis

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"

	"folkmoot/app/talk"
)

// A message is
//
//	1 byte    version
//	16 bytes  HMAC-SHA256, cut short, of the version, the channel's name and what follows
//	8 bytes   the node that sends it, a random name of its process
//	          JSON of a talk.Update; the number of a probe; or nothing
//
// Its channel says what it is. Who can publish in Redis but doesn't know the
// site's key can repeat a message, to which numbers are immune, and not make one.
const (
	version   = 1
	macBytes  = 16
	nodeBytes = 8
	headBytes = 1 + macBytes + nodeBytes
	maxBytes  = 32 << 10
)

type node [nodeBytes]byte

// A seal is what is derived from a site's key.
type seal struct {
	prefix string // of channels and keys: another site in the same Redis has another
	mac    []byte
}

func newSeal(key []byte) seal {
	name := derive(key, "folkmoot redis name")
	return seal{prefix: "folkmoot:" + hex.EncodeToString(name[:8]) + ":", mac: derive(key, "folkmoot redis message")}
}

func derive(key []byte, purpose string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = io.WriteString(h, purpose) // a hash takes everything
	return h.Sum(nil)
}

// message makes one of its body.
func (s seal) message(channel string, from node, body []byte) []byte {
	m := make([]byte, headBytes, headBytes+len(body))
	m[0] = version
	copy(m[1+macBytes:], from[:])
	m = append(m, body...)
	s.sum(m[1:1], channel, m[1+macBytes:])
	return m
}

// sum appends the authentication of what follows it in a message.
func (s seal) sum(to []byte, channel string, rest []byte) {
	h := hmac.New(sha256.New, s.mac)
	head := binary.BigEndian.AppendUint32([]byte{version}, uint32(len(channel)))
	h.Write(append(head, channel...))
	h.Write(rest)
	var full [sha256.Size]byte
	copy(to[:macBytes], h.Sum(full[:0]))
}

// open returns who has sent the message and what is in it, or why it is not to
// be listened to. Of what the own node has sent there is no more to know.
func (s seal) open(channel, message string) (from node, body []byte, why drop) {
	switch {
	case len(message) > maxBytes:
		return from, nil, tooLarge
	case message == "" || message[0] != version:
		return from, nil, wrongVersion
	case len(message) < headBytes:
		return from, nil, forged
	}
	m := []byte(message)
	var mac [macBytes]byte
	s.sum(mac[:], channel, m[1+macBytes:])
	if !hmac.Equal(mac[:], m[1:1+macBytes]) {
		return from, nil, forged
	}
	copy(from[:], m[1+macBytes:])
	return from, m[headBytes:], ""
}

// isFrom says, without a proof, whether the node has sent the message.
func isFrom(message string, n node) bool {
	return len(message) >= headBytes && message[1+macBytes:headBytes] == string(n[:])
}

// bodies are an update's, each small enough for a message. One that is too
// large comes as several, in order; what can't be parted comes as its number
// alone, which makes those who hear it read the rest from the store.
func bodies(u talk.Update) ([][]byte, error) {
	body, err := json.Marshal(u)
	if err != nil || headBytes+len(body) <= maxBytes {
		return [][]byte{body}, err
	}
	events, rest := u, u
	events.Tally, events.Since, events.Crowd = nil, 0, nil
	rest.Events = nil
	switch n := len(u.Events); {
	case n > 0 && (u.Tally != nil || u.Crowd != nil):
		rest.Seq = 0
		return both(events, rest)
	case n > 1:
		later := events
		events.Events, later.Events = u.Events[:n/2], u.Events[n/2:]
		events.Seq = 0
		return both(events, later)
	case n == 1:
		events.Events, events.Seq = nil, max(u.Seq, u.Events[0].Seq)
		return bodies(events)
	case u.Tally != nil && u.Crowd != nil:
		crowd := rest
		rest.Crowd, crowd.Tally, crowd.Since, crowd.Seq = nil, nil, 0, 0
		return both(rest, crowd)
	case u.Tally != nil && len(u.Tally.Reactions)+len(u.Tally.Likes) > 0:
		// A tally that follows only itself says that there is one, and no more.
		rest.Tally, rest.Since = &talk.Tally{Version: u.Tally.Version}, u.Tally.Version
		return bodies(rest)
	case u.Crowd != nil && len(u.Crowd.Typing) > 0: // how many is worth more than who
		crowd := *u.Crowd
		crowd.Typing, rest.Crowd = crowd.Typing[:len(crowd.Typing)/2], &crowd
		return bodies(rest)
	}
	return nil, nil // a name so long is no thread's
}

func both(first, second talk.Update) ([][]byte, error) {
	a, err := bodies(first)
	if err != nil {
		return nil, err
	}
	b, err := bodies(second)
	return append(a, b...), err
}
