package web

import (
	"net/http"
	"time"

	"folkmoot/app/talk"
)

// peopleCalls are the calls of those who come back: what is lively, what they
// follow, who they are.
func (s *Site) peopleCalls(mux *http.ServeMux, v1 string) {
	mux.Handle("GET "+v1+"home", s.api(s.getHome))
	mux.Handle("GET "+v1+"topics", s.api(s.getTopics))
	mux.Handle("GET "+v1+"topics/{key}", s.api(s.getTopic))
	for _, method := range []string{http.MethodPut, http.MethodDelete} {
		for kind, word := range map[talk.Do]string{talk.Follow: "follow", talk.Mute: "mute"} {
			mux.Handle(method+" "+v1+"threads/{id}/"+word, s.api(s.mark(kind)))
			mux.Handle(method+" "+v1+"topics/{key}/"+word, s.api(s.mark(kind)))
		}
	}
	mux.Handle("POST "+v1+"threads/{id}/seen", s.api(s.postSeen))
	mux.Handle("GET "+v1+"inbox", s.api(s.getInbox))
	mux.Handle("POST "+v1+"inbox/seen", s.api(s.postInboxSeen))
	mux.Handle("POST "+v1+"handover", s.api(s.postHandover))
	mux.Handle("POST "+v1+"continue", s.api(s.postContinue))
	mux.Handle("POST "+v1+"outbox", s.api(s.postOutbox))
	mux.Handle("DELETE "+v1+"session", s.api(s.deleteSession))
	mux.Handle("GET "+v1+"me/comments", s.api(s.getMine))
	mux.Handle("GET "+v1+"me/follows", s.api(s.getFollows))
	mux.Handle("GET "+v1+"me/settings", s.api(s.getSettings))
	mux.Handle("PATCH "+v1+"me/settings", s.api(s.patchSettings))
}

// getHome: GET /api/v1/home
func (s *Site) getHome(w http.ResponseWriter, r *http.Request) error {
	h, err := s.Forum.Home(r.Context(), s.Sessions.Who(r), s.Live.Crowded())
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, h)
}

// getTopics: GET /api/v1/topics?after=
func (s *Site) getTopics(w http.ResponseWriter, r *http.Request) error {
	topics, next, err := s.Forum.Topics(r.Context(), s.Sessions.Who(r), r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, struct {
		Topics []talk.Topic `json:"topics"`
		Next   string       `json:"next"`
	}{append([]talk.Topic{}, topics...), next})
}

// getTopic: GET /api/v1/topics/{key}?after=
func (s *Site) getTopic(w http.ResponseWriter, r *http.Request) error {
	p, err := s.Forum.Topic(r.Context(), s.Sessions.Who(r), r.PathValue("key"), r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	for i := range p.Threads {
		p.Threads[i].Viewers = s.Live.Viewers(p.Threads[i].ID)
	}
	return s.answer(w, r, http.StatusOK, p)
}

// mark: PUT and DELETE /api/v1/threads/{id}/follow and …/mute, and the same of
// topics/{key}
func (s *Site) mark(kind talk.Do) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		done, err := s.do(w, r, talk.Command{Kind: kind, Thread: r.PathValue("id"), Topic: r.PathValue("key"), On: r.Method == http.MethodPut})
		if err != nil {
			return err
		}
		return s.answer(w, r, http.StatusOK, done.Result)
	}
}

// postSeen: POST /api/v1/threads/{id}/seen
func (s *Site) postSeen(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Seq uint64 `json:"seq"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if s.Sessions.Who(r).Person == "" { // nobody follows anything
		return s.answer(w, r, http.StatusOK, talk.Result{})
	}
	done, err := s.do(w, r, talk.Command{Kind: talk.Seen, Thread: r.PathValue("id"), Seq: in.Seq})
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, done.Result)
}

// getInbox: GET /api/v1/inbox?after=
func (s *Site) getInbox(w http.ResponseWriter, r *http.Request) error {
	in, err := s.Forum.Inbox(r.Context(), s.Sessions.Who(r), r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, in)
}

// postInboxSeen: POST /api/v1/inbox/seen
func (s *Site) postInboxSeen(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		At      time.Time `json:"at"`
		Comment string    `json:"comment"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if s.Sessions.Who(r).Person == "" { // nobody was told anything
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if _, err := s.do(w, r, talk.Command{Kind: talk.Seen, At: in.At, Comment: in.Comment}); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// getMine: GET /api/v1/me/comments?after=
func (s *Site) getMine(w http.ResponseWriter, r *http.Request) error {
	mine, next, err := s.Forum.Mine(r.Context(), s.Sessions.Who(r), r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, struct {
		Comments []talk.Mine `json:"comments"`
		Next     string      `json:"next"`
	}{mine, next})
}

// getFollows: GET /api/v1/me/follows?after=
func (s *Site) getFollows(w http.ResponseWriter, r *http.Request) error {
	cards, next, err := s.Forum.Follows(r.Context(), s.Sessions.Who(r), r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, struct {
		Threads []talk.Card `json:"threads"`
		Next    string      `json:"next"`
	}{cards, next})
}

// getSettings: GET /api/v1/me/settings
func (s *Site) getSettings(w http.ResponseWriter, r *http.Request) error {
	settings, err := s.Forum.Settings(r.Context(), s.Sessions.Who(r))
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, settings)
}

// patchSettings: PATCH /api/v1/me/settings changes those that are in it.
func (s *Site) patchSettings(w http.ResponseWriter, r *http.Request) error {
	who := s.Sessions.Writer(r)
	settings := talk.DefaultSettings()
	if !who.Fresh {
		var err error
		if settings, err = s.Forum.Settings(r.Context(), who); err != nil {
			return err
		}
	}
	if err := readJSON(w, r, &settings); err != nil { // what isn't in it stays
		return err
	}
	if err := s.Forum.SetSettings(r.Context(), who, settings); err != nil {
		return err
	}
	s.Sessions.Remember(w, who.Person)
	return s.answer(w, r, http.StatusOK, settings)
}
