package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"folkmoot/app/talk"
)

// statuses are the HTTP side of the codes.
var statuses = map[talk.Code]int{
	talk.Malformed:   http.StatusBadRequest,
	talk.Invalid:     http.StatusUnprocessableEntity,
	talk.TooLong:     http.StatusUnprocessableEntity,
	talk.Gone:        http.StatusUnprocessableEntity,
	talk.TooLarge:    http.StatusRequestEntityTooLarge,
	talk.Unsupported: http.StatusUnsupportedMediaType,
	talk.NotFound:    http.StatusNotFound,
	talk.Locked:      http.StatusForbidden,
	talk.Forbidden:   http.StatusForbidden,
	talk.NoSession:   http.StatusUnauthorized,
	talk.Conflict:    http.StatusConflict,
	talk.RateLimited: http.StatusTooManyRequests,
	talk.Unavailable: http.StatusServiceUnavailable,
}

// A problem is an error as RFC 9457 writes it, with the code and the field at
// fault as members of ours.
type problem struct {
	Type       string       `json:"type"`
	Title      string       `json:"title"`
	Status     int          `json:"status"`
	Detail     string       `json:"detail"`
	Code       talk.Code    `json:"code"`
	RetryAfter int          `json:"retry_after,omitempty"`
	Errors     []fieldFault `json:"errors,omitempty"`
}

type fieldFault struct {
	Field  string    `json:"field"`
	Code   talk.Code `json:"code"`
	Detail string    `json:"detail"`
}

// refusal turns any error into one that a person may read, in their language,
// with its status. What is not one already is the operator's, and goes to the
// log.
func (s *Site) refusal(w http.ResponseWriter, r *http.Request, err error) (*talk.Error, int) {
	refused := (*talk.Error)(nil)
	if !errors.As(err, &refused) {
		if r.Context().Err() == nil {
			s.Log.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		}
		refused = &talk.Error{Code: talk.Unavailable, Message: "Something went wrong on our side. Please try again in a moment.", RetryAfter: 2}
	}
	if refused.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(refused.RetryAfter))
	}
	said := *refused
	said.Message = s.tongueFor(r).Refusal(refused)
	return &said, statuses[refused.Code]
}

// problem answers a call of the API that can't be done.
func (s *Site) problem(w http.ResponseWriter, r *http.Request, err error) {
	refused, status := s.refusal(w, r, err)
	writeProblem(w, refused, status)
}

// noCall answers what the API under a path doesn't have, and tells the methods
// of what it has at that address.
func (s *Site) noCall(mux *http.ServeMux, under string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, method := range []string{http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodPatch, http.MethodPost, http.MethodPut} {
			if _, pattern := mux.Handler(&http.Request{Method: method, Host: r.Host, URL: r.URL}); pattern != under {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) == 0 {
			s.problem(w, r, talk.Refuse(talk.NotFound, "", "Folkmoot's API has no such call."))
			return
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		writeProblem(w, talk.Refuse(talk.Malformed, "", "This call takes %s, not %s.", strings.Join(allowed, ", "), r.Method), http.StatusMethodNotAllowed)
	}
}

func writeProblem(w http.ResponseWriter, refused *talk.Error, status int) {
	p := problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: refused.Message, Code: refused.Code, RetryAfter: refused.RetryAfter}
	if refused.Field != "" {
		p.Errors = []fieldFault{{refused.Field, refused.Code, refused.Message}}
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(p) // the reader may have gone
}
