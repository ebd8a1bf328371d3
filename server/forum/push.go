package forum

import (
	"context"
	"crypto/ecdh"
	"encoding/base64"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"folkmoot/app/talk"
)

// Pushes is what a store keeps so that people's devices can be told of what
// concerns them, through the push services of their browsers. What waits to be
// told is in the store, so that a restart loses none of it and any node can tell
// it; each message is given to one that asks, for a while.
type Pushes interface {
	// Subscribe keeps a person's device, in place of what was kept of the same
	// endpoint. Of a person's devices the latest DevicesMax stay.
	Subscribe(ctx context.Context, person string, d Device, at time.Time) error

	// Unsubscribe forgets a device, if it is the person's.
	Unsubscribe(ctx context.Context, person, endpoint string) error

	// QueueNotices makes messages for the devices of these people, or of everybody if
	// there are none, of the notices since a time that they have neither seen nor
	// been told of: of likes, when they are twice as many as they were told of.
	// It returns how many.
	QueueNotices(ctx context.Context, people []string, since, now time.Time) (int, error)

	// QueueFollowed makes messages for the devices of those who follow a comment's
	// thread and want to be told, unless the comment is theirs, or they have a
	// notice of it, or haven't looked there since they were last told. It returns
	// how many.
	QueueFollowed(ctx context.Context, comment string, now time.Time) (int, error)

	// TakeMessages takes messages that are due, those first that have waited longest. What
	// isn't settled until a time is due again then.
	TakeMessages(ctx context.Context, t Taking) ([]Message, error)

	// NextMessage returns when a message is due next, if there is one.
	NextMessage(ctx context.Context) (at time.Time, waits bool, err error)

	// SettleMessages says what has become of messages. If there is more to tell under
	// the tag of one by now, that stays.
	SettleMessages(ctx context.Context, all []Settled) error
}

// DevicesMax is how many devices of a person are told.
const DevicesMax = 10

// A Device is a browser as its push service knows it.
type Device struct {
	Endpoint string
	Host     string // of the endpoint, with its port
	Key      []byte // the browser's public key, a point of P-256, uncompressed
	Auth     []byte // its secret, 16 bytes
	Lang     string // in which it is told
}

// A Taking is which messages are taken, and until when.
type Taking struct {
	Now, Until time.Time
	Limit      int
	PerHost    int      // of each push service
	Not        []string // of none of these
	Proven     bool     // of devices whose service took the last message, or else of the others
}

// A MessageKind says what a message tells of: one of the kinds of notices, or
// Followed.
type MessageKind string

// Followed tells of new comments in a thread that somebody follows.
const Followed MessageKind = "followed"

// A Message is something to tell a device.
type Message struct {
	Device
	Tag      string // the same for what replaces it
	Serial   int64  // of what is to be told under the tag
	Person   string
	Kind     MessageKind
	Comment  talk.Comment
	Thread   talk.ThreadRef
	N        int       // of likes: by how many others; of a followed thread: new comments, up to talk.NewMax
	Seen     bool      // it was seen meanwhile, or isn't so any more
	At       time.Time // since when there is something to tell
	Tries    int       // this one included
	Failures int       // of the device, without this
	Answered time.Time // when its service last took a message, or else when it subscribed
	Settings talk.Settings
}

// A Settled is a message, and what has become of it.
type Settled struct {
	Message
	When   time.Time
	Later  time.Time // when to try again; zero: never
	Taken  bool      // the push service took it
	Failed bool      // it didn't
	Gone   bool      // the device isn't there any more
}

// Limits of what a browser says of its subscription. Endpoints of those that are
// in use have some 200 bytes.
const (
	endpointBytes = 1000
	authBytes     = 16
)

// NewDevice checks what a browser says of its subscription: an address of https
// without anything unusual, a point on the curve, a secret. Local allows any
// address of http, too, for tests.
func NewDevice(endpoint, key, auth, lang string, local bool) (Device, error) {
	d := Device{Endpoint: endpoint, Lang: cut(lang, 35)}
	u, err := url.Parse(endpoint)
	fine := err == nil && len(endpoint) <= endpointBytes && u.Hostname() != "" && u.User == nil && u.Fragment == "" && u.Opaque == "" &&
		u.String() == endpoint && strings.IndexFunc(endpoint, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
	if fine && !local {
		_, isAddress := netip.ParseAddr(u.Hostname())
		fine = u.Scheme == "https" && (u.Port() == "" || u.Port() == "443") && isAddress != nil && strings.Contains(strings.Trim(u.Hostname(), "."), ".")
	}
	if !fine || (u.Scheme != "https" && u.Scheme != "http") {
		return d, talk.Refuse(talk.Invalid, "endpoint", "This is not the address of a push service.")
	}
	d.Host = strings.ToLower(u.Host)
	if d.Key, err = base64.RawURLEncoding.DecodeString(strings.TrimRight(key, "=")); err == nil {
		_, err = ecdh.P256().NewPublicKey(d.Key)
	}
	if err != nil {
		return d, talk.Refuse(talk.Invalid, "p256dh", "This is not the key of a browser.")
	}
	if d.Auth, err = base64.RawURLEncoding.DecodeString(strings.TrimRight(auth, "=")); err != nil || len(d.Auth) != authBytes {
		return d, talk.Refuse(talk.Invalid, "auth", "This is not the secret of a browser.")
	}
	return d, nil
}

// Subscribe has a device of who asks told of what concerns them. Instead is the
// endpoint that it had before, if it had another.
func (f *Forum) Subscribe(ctx context.Context, who Who, d Device, instead string) error {
	who, err := f.deviceOf(ctx, who)
	if err != nil {
		return err
	}
	if instead != "" && instead != d.Endpoint {
		err = f.Store.Unsubscribe(ctx, who.Person, instead)
	}
	if err == nil {
		err = f.Store.Subscribe(ctx, who.Person, d, f.Clock())
	}
	return f.unavailable(ctx, "keeping a device", err)
}

// Unsubscribe has a device of who asks told nothing any more.
func (f *Forum) Unsubscribe(ctx context.Context, who Who, endpoint string) error {
	who, err := f.deviceOf(ctx, who)
	if err != nil {
		return err
	}
	return f.unavailable(ctx, "forgetting a device", f.Store.Unsubscribe(ctx, who.Person, endpoint))
}

func (f *Forum) deviceOf(ctx context.Context, who Who) (Who, error) {
	if who.Person == "" {
		return who, talk.Refuse(talk.NoSession, "", "Folkmoot doesn't know this browser yet. Please try again.")
	}
	if err := f.allow(ctx, who, marking); err != nil {
		return who, err
	}
	return f.selfOf(ctx, who)
}

// Quiet reports whether somebody's quiet hours are on, and until when. A time
// zone that isn't known any more has none.
func Quiet(q talk.Quiet, now time.Time) (until time.Time, quiet bool) {
	zone, err := time.LoadLocation(q.Zone)
	from, fromErr := time.Parse("15:04", q.From)
	to, toErr := time.Parse("15:04", q.To)
	if err != nil || fromErr != nil || toErr != nil || q.Zone == "" {
		return time.Time{}, false
	}
	now = now.In(zone)
	at := func(clock time.Time, days int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, clock.Hour(), clock.Minute(), 0, 0, zone)
	}
	for _, days := range []int{-1, 0} { // those that began yesterday, and today's
		begin, end := at(from, days), at(to, days)
		if !begin.Before(end) {
			end = at(to, days+1)
		}
		if !now.Before(begin) && now.Before(end) {
			return end, true
		}
	}
	return time.Time{}, false
}

// Wants reports whether somebody wants their devices told of a kind.
func Wants(n talk.Notify, kind MessageKind) bool {
	switch kind {
	case MessageKind(talk.Reply):
		return n.Reply
	case MessageKind(talk.Mention):
		return n.Mention
	case MessageKind(talk.Liked):
		return n.Like
	case Followed:
		return n.Followed
	}
	return false
}

// TagOf is under which tag a device is told of a notice.
func TagOf(kind MessageKind, comment, thread string) string {
	if kind == Followed {
		return "thread-" + thread
	}
	return string(kind) + "-" + comment
}

// Gather is how long a message waits for more of the same, so that both are told
// together.
func Gather(kind MessageKind) time.Duration {
	switch kind {
	case MessageKind(talk.Liked):
		return 30 * time.Second
	case Followed:
		return 20 * time.Second
	}
	return 0
}
