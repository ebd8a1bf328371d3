package push

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
	"folkmoot/server/outside"
)

// How long a message is worth telling, and how often it is tried.
const (
	life      = 24 * time.Hour
	triesMax  = 6
	firstWait = 30 * time.Second // before it is tried again; four times as long each time
	waitMax   = time.Hour
)

// A device that took nothing for so long, and failed so often, isn't one any more.
const (
	silentMax   = 14 * 24 * time.Hour
	failuresMax = 20
)

// attempt sends a message, if it is still worth it, and has written down what
// became of it.
func (s *Sender) attempt(ctx context.Context, l *lane, m *forum.Message) {
	became := forum.Settled{Message: *m, When: s.Clock()}
	if s.isWorth(&became) {
		became = s.send(ctx, l, became)
	}
	s.ended <- ended{became, l, ctx.Err() != nil && !became.Taken}
}

// isWorth reports whether there is something to tell, to somebody who wants that
// now.
func (s *Sender) isWorth(m *forum.Settled) bool {
	if m.Seen || !forum.Wants(m.Settings.Notify, m.Kind) || m.When.Sub(m.At) > life {
		return false
	}
	until, quiet := forum.Quiet(m.Settings.Quiet, m.When)
	if quiet {
		m.Later = until // what was seen by then isn't told
	}
	return !quiet
}

// send sends a message, and returns what became of it.
func (s *Sender) send(ctx context.Context, l *lane, m forum.Settled) forum.Settled {
	unread, err := s.Store.Unread(ctx, m.Person)
	if err != nil {
		s.failed(ctx, "counting what is unread", err)
		m.Later = m.When.Add(firstWait)
		return m
	}
	request, err := s.request(ctx, &m.Message, unread[m.Person])
	if err != nil {
		s.Log.Error("push: a message can't be made", "kind", m.Kind, "error", err)
		m.Failed = true
		return m
	}
	res, err := s.client.Do(request)
	now := s.Clock()
	m.When = now
	switch {
	case errors.Is(err, outside.ErrNotPublic):
		s.Log.Warn("push: a device's address is nobody's business, and is forgotten", "host", m.Host, "error", err)
		m.Gone = true
		sent("gone")
		return m
	case err != nil:
		l.note(m.Host, false, now, time.Time{})
		s.Log.Info("push: no answer", "host", m.Host, "error", err)
		sent("failed")
		return again(m, time.Time{})
	}
	reason, _ := io.ReadAll(io.LimitReader(res.Body, 300))
	res.Body.Close()
	retry := retryAfter(res.Header.Get("Retry-After"), now)
	l.note(m.Host, res.StatusCode < 500, now, retry)
	switch status := res.StatusCode; {
	case status >= 200 && status < 300:
		m.Taken = true
		sent("taken")
	case status == http.StatusNotFound, status == http.StatusGone:
		m.Gone = true
		sent("gone")
	case status == http.StatusTooManyRequests, status >= 500:
		sent("failed")
		return again(m, retry)
	default: // a redirect among them, which is not followed
		s.Log.Warn("push: a message was refused", "host", m.Host, "status", status, "reason", string(reason))
		sent("refused")
		return failed(m)
	}
	return m
}

// request makes a message as a push service takes it.
func (s *Sender) request(ctx context.Context, m *forum.Message, unread int) (*http.Request, error) {
	to, err := url.Parse(m.Endpoint)
	if err != nil {
		return nil, err
	}
	payload, err := say(m, s.Words(m.Lang), unread)
	if err != nil {
		return nil, err
	}
	body, err := encrypt(payload, m.Key, m.Auth)
	if err != nil {
		return nil, err
	}
	proof, err := s.proofs.header(to.Scheme+"://"+to.Host, s.Clock())
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, m.Endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	h := request.Header
	h.Set("Authorization", proof)
	h.Set("Content-Encoding", "aes128gcm")
	h.Set("Content-Type", "application/octet-stream")
	h.Set("TTL", strconv.Itoa(int((life - s.Clock().Sub(m.At)).Seconds())))
	h.Set("Urgency", urgency(m.Kind))
	h.Set("Topic", topic(m.Tag))
	h.Set("User-Agent", "Folkmoot")
	return request, nil
}

// urgency is how much a sleeping phone should care (RFC 8030, 5.3).
func urgency(kind forum.MessageKind) string {
	if kind == forum.MessageKind(talk.Liked) || kind == forum.Followed {
		return "low"
	}
	return "normal"
}

// topic is under which name a push service replaces a message that it holds: 32
// characters of base64url are the most (RFC 8030, 5.4).
func topic(tag string) string {
	sum := sha256.Sum256([]byte(tag))
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}

// again is a message that is tried later: when the push service says, or after a
// wait that grows. In the end it is given up.
func again(m forum.Settled, when time.Time) forum.Settled {
	if when.IsZero() {
		wait := min(firstWait<<(2*min(max(m.Tries-1, 0), 8)), waitMax)
		when = m.When.Add(wait + time.Duration(rand.Int64N(int64(wait/4))))
	}
	m = failed(m)
	if !m.Gone && m.Tries < triesMax && when.Sub(m.At) < life {
		m.Later = when
	}
	return m
}

// failed is a message that its push service didn't take; with too many of them,
// the device is gone.
func failed(m forum.Settled) forum.Settled {
	m.Failed = true
	m.Gone = m.Failures+1 >= failuresMax && m.When.Sub(m.Answered) > silentMax
	return m
}

// retryAfter reads when a server wants to be asked again: seconds, or a date.
func retryAfter(value string, now time.Time) time.Time {
	if seconds, err := strconv.Atoi(value); err == nil && seconds >= 0 {
		return now.Add(min(time.Duration(seconds), life/time.Second) * time.Second)
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) {
		return at
	}
	return time.Time{}
}
