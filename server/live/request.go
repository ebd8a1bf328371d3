package live

import (
	"bytes"
	"encoding/json"
	"io"

	"folkmoot/app/talk"
)

// idBytes is longer than any thread's id.
const idBytes = 128

// parse reads a message, strictly: what this server doesn't know, it must not
// half do. What is refused has the message's ref, if that can be read, so that
// whoever sent it knows what was.
func parse(data []byte) (talk.Request, *talk.Error) {
	var q talk.Request
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err := d.Decode(&q)
	if err != nil {
		var only struct{ Ref string }
		_ = json.Unmarshal(data, &only) // what it can't read stays empty
		q = talk.Request{Ref: only.Ref}
	}
	if len(q.Ref) > talk.RefBytes {
		return talk.Request{}, malformed("ref", "A ref has at most 128 bytes.")
	}
	if _, rest := d.Token(); err != nil || rest != io.EOF {
		return q, malformed("", "Folkmoot didn't understand this message.")
	}
	switch q.Type {
	case talk.TypeJoin, talk.TypeLeave, talk.TypeTyping:
		if q.Thread == "" || len(q.Thread) > idBytes {
			return q, malformed("thread", "Say which thread.")
		}
	case talk.TypeDo:
		if q.Ref == "" {
			return q, malformed("ref", "A command needs a ref.")
		}
		if q.Command == nil {
			return q, malformed("command", "Say what to do.")
		}
	case talk.TypePing, talk.TypePong, talk.TypeWatch, talk.TypeUnwatch:
	default:
		return q, malformed("type", "Folkmoot knows no message of this type.")
	}
	return q, nil
}

func malformed(field, message string) *talk.Error {
	return &talk.Error{Code: talk.Malformed, Field: field, Message: message}
}
