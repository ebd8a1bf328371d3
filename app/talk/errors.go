package talk

import (
	"fmt"
	"strconv"
	"time"
)

// A Code says why something was not done. The set is closed and shared by both
// sides; a code never changes its meaning.
type Code string

// The codes, each with the HTTP status that carries it.
const (
	Invalid     Code = "invalid"      // 422: a field is not as it must be
	Malformed   Code = "malformed"    // 400: not understood at all
	TooLong     Code = "too_long"     // 422: a field is longer than it may be
	TooLarge    Code = "too_large"    // 413: the request is
	Unsupported Code = "unsupported"  // 415: not of a media type that is understood
	NotFound    Code = "not_found"    // 404: there is no such thread or comment
	Gone        Code = "gone"         // 422: the comment was removed
	Locked      Code = "locked"       // 403: the thread takes no more comments
	Forbidden   Code = "forbidden"    // 403: not yours to do
	NoSession   Code = "no_session"   // 401: ask for a session, then send it again
	Conflict    Code = "conflict"     // 409: this ref was used for something else
	RateLimited Code = "rate_limited" // 429: wait RetryAfter seconds
	Unavailable Code = "unavailable"  // 503: the store can't be reached or is full
)

// An Error is a refusal that a person may read: what is wrong and what they
// can do. It never carries what only an operator should see.
type Error struct {
	Code       Code   `json:"code"`
	Message    string `json:"message"`
	Field      string `json:"field,omitempty"`       // the command's field at fault
	RetryAfter int    `json:"retry_after,omitempty"` // seconds

	// What the message was made of, for whoever says it in another language.
	Format string `json:"-"`
	Args   []any  `json:"-"`
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Refuse makes an [Error] about one field of a command, or about the whole of
// it if field is empty.
func Refuse(code Code, field, format string, args ...any) *Error {
	return &Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...), Format: format, Args: args}
}

// A Phrase is a part of a message that is in words itself.
type Phrase string

// A Span is a time that something works for, such as 15 minutes.
type Span time.Duration

// String says it in English.
func (s Span) String() string {
	if d := time.Duration(s); d%time.Minute != 0 || d <= time.Minute {
		return d.String()
	}
	return strconv.Itoa(s.Minutes()) + " minutes"
}

// Minutes are the whole ones of it.
func (s Span) Minutes() int { return int(time.Duration(s) / time.Minute) }
