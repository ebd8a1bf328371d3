package web

import (
	"net/http"
	"strconv"
	"time"

	"folkmoot/server/forum"
)

// postSession: POST /api/v1/session makes a guest of nobody. With a key and its
// proof, the browser becomes whose the key is; a key that is nobody's becomes
// the browser's person's.
func (s *Site) postSession(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Key   string `json:"key"`
		Proof string `json:"proof"`
	}
	if r.ContentLength != 0 {
		if err := readJSON(w, r, &in); err != nil {
			return err
		}
	}
	who := s.Sessions.Writer(r)
	person := who.Person
	var err error
	switch {
	case in.Key+in.Proof != "":
		origin := r.Header.Get("Origin") // as the browser sees us: a node's own, too; its key is for that alone
		if origin == "" {
			origin = s.public
		}
		person, err = s.Forum.Introduce(r.Context(), who, in.Key, in.Proof, origin)
	case who.Fresh:
		err = s.Forum.AllowSession(r.Context(), who)
	}
	if err != nil {
		return err
	}
	s.Sessions.Remember(w, person)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// deleteSession: DELETE /api/v1/session makes the browser nobody's.
func (s *Site) deleteSession(w http.ResponseWriter, _ *http.Request) error {
	s.Sessions.Forget(w)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// postHandover: POST /api/v1/handover
func (s *Site) postHandover(w http.ResponseWriter, r *http.Request) error {
	code, until, err := s.Forum.Handover(r.Context(), s.Sessions.Who(r))
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusCreated, struct {
		Code  string    `json:"code"`
		Until time.Time `json:"until"`
	}{code, until.UTC()})
}

// postContinue: POST /api/v1/continue says whom a code brings, or, if that is
// wanted, makes the browser theirs.
func (s *Site) postContinue(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Code    string `json:"code"`
		Confirm bool   `json:"confirm"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	who := s.Sessions.Who(r)
	if !in.Confirm {
		a, err := s.Forum.Arriving(r.Context(), who, in.Code)
		if err != nil {
			return err
		}
		return s.answer(w, r, http.StatusOK, a)
	}
	person, err := s.Forum.Continue(r.Context(), who, in.Code)
	if err != nil {
		return err
	}
	s.Sessions.Remember(w, person)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// postOutbox: POST /api/v1/outbox
func (s *Site) postOutbox(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Entries []forum.Entry `json:"entries"`
	}
	if err := readJSONUpTo(w, r, &in, forum.OutboxBytes); err != nil {
		return err
	}
	sent, person, err := s.Forum.Send(r.Context(), s.Sessions.Writer(r), in.Entries)
	if err != nil {
		return err
	}
	if person != "" {
		s.Sessions.Remember(w, person)
	}
	if n := len(sent); n > 0 && sent[n-1].Status == forum.SentLater {
		w.Header().Set("Retry-After", strconv.Itoa(max(1, sent[n-1].RetryAfter)))
	}
	return s.answer(w, r, http.StatusOK, struct {
		Results []forum.Sent `json:"results"`
	}{sent})
}
