package forum

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"folkmoot/app/talk"
)

// Limits of what is sent from an outbox at once.
const (
	OutboxEntries = 50
	OutboxBytes   = 256 << 10
)

// An Entry is something that somebody did while the server couldn't be reached,
// or didn't answer.
type Entry struct {
	Ref       string `json:"ref"`
	At        string `json:"at"`        // when, by the device's clock
	Thread    string `json:"thread"`    // which it is shown in; the device's own note
	Command   string `json:"command"`   // the command's JSON, as it was signed
	Key       string `json:"key"`       // of the browser that signed it; empty where browsers can't
	Signature string `json:"signature"` // see [proven]
}

// What became of an entry.
const (
	SentDone    = "done"
	SentRefused = "refused" // and will be, however often it is sent
	SentLater   = "later"   // send it again, and what came after it
)

// A Sent says what became of an entry.
type Sent struct {
	Ref    string `json:"ref"`
	Status string `json:"status"`
	talk.Result
	*talk.Error // why not
}

// MarshalJSON leaves out what isn't so. (Both of the embedded could have a method
// of that name.)
func (s Sent) MarshalJSON() ([]byte, error) {
	out := struct {
		Ref    string `json:"ref"`
		Status string `json:"status"`
		talk.Result
		Code       talk.Code `json:"code,omitempty"`
		Message    string    `json:"message,omitempty"`
		Field      string    `json:"field,omitempty"`
		RetryAfter int       `json:"retry_after,omitempty"`
	}{Ref: s.Ref, Status: s.Status, Result: s.Result}
	if s.Error != nil {
		out.Code, out.Message, out.Field, out.RetryAfter = s.Code, s.Message, s.Field, s.RetryAfter
	}
	return json.Marshal(out)
}

// Send carries out what waited in an outbox, in its order, each once. What is
// signed is done as whose the key is, whoever asks; the rest as who asks. After
// the first that must be sent later all must be. It returns who asks, who may
// have become somebody by a key.
func (f *Forum) Send(ctx context.Context, who Who, entries []Entry) (sent []Sent, person string, err error) {
	if len(entries) > OutboxEntries {
		return nil, "", talk.Refuse(talk.TooLarge, "entries", "Send at most %d entries at once.", OutboxEntries)
	}
	if err := f.allow(ctx, who, sending); err != nil {
		return nil, "", err
	}
	sent = make([]Sent, 0, len(entries))
	for i := range entries {
		e := &entries[i]
		result, as, err := f.sendOne(ctx, who, e)
		s := Sent{Ref: e.Ref, Status: SentDone, Result: result}
		if refused := (*talk.Error)(nil); errors.As(err, &refused) {
			s.Status, s.Error = SentRefused, refused
			if refused.Code == talk.RateLimited || refused.Code == talk.Unavailable {
				s.Status = SentLater
			}
		} else if err != nil {
			return sent, person, err
		}
		sent = append(sent, s)
		if s.Status == SentLater {
			for _, rest := range entries[i+1:] {
				sent = append(sent, Sent{Ref: rest.Ref, Status: SentLater, Error: s.Error})
			}
			break
		}
		if as != "" && who.Fresh { // the rest is theirs, too
			who.Person, who.Fresh, person = as, false, as
		}
	}
	return sent, person, nil
}

// sendOne carries out an entry, and returns as whom.
func (f *Forum) sendOne(ctx context.Context, who Who, e *Entry) (talk.Result, string, error) {
	if e.Ref == "" {
		return talk.Result{}, "", talk.Refuse(talk.Malformed, "ref", "A command needs a ref.")
	}
	if len(e.Ref) > talk.RefBytes {
		return talk.Result{}, "", talk.Refuse(talk.Malformed, "ref", "A ref has at most %d bytes.", talk.RefBytes)
	}
	var c talk.Command
	d := json.NewDecoder(strings.NewReader(e.Command))
	d.DisallowUnknownFields()
	err := d.Decode(&c)
	if _, rest := d.Token(); err != nil || rest != io.EOF {
		return talk.Result{}, "", talk.Refuse(talk.Malformed, "command", "The request isn't the JSON that this call takes.")
	}
	switch {
	case e.Key+e.Signature != "":
		point, err := proven(e.Key, e.Signature, outboxProof+e.Ref+"\n"+e.At+"\n"+e.Command)
		if err != nil {
			return talk.Result{}, "", err
		}
		if who.Person, err = f.bound(ctx, who, point); err != nil {
			return talk.Result{}, "", err
		}
		who.Fresh = false
	case who.Fresh:
		return talk.Result{}, "", talk.Refuse(talk.NoSession, "", "Folkmoot doesn't know this browser yet. Please try again.")
	}
	done, err := f.Do(ctx, who, e.Ref, c)
	return done.Result, who.Person, err
}
