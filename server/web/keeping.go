package web

import (
	"net/http"

	"folkmoot/app/talk"
	"folkmoot/app/ui"
)

// keepingCalls are the calls about changing comments and keeping order.
func (s *Site) keepingCalls(mux *http.ServeMux, v1 string) {
	mux.Handle("PATCH "+v1+"comments/{id}", s.api(s.patchComment))
	mux.Handle("POST "+v1+"comments/{id}/restore", s.api(s.restoreComment))
	mux.Handle("POST "+v1+"comments/{id}/flags", s.api(s.postFlag))
	mux.Handle("GET "+v1+"comments/{id}/source", s.api(s.getSource))
	mux.Handle("GET "+v1+"comments/{id}/history", s.api(s.getHistory))
	for _, method := range []string{http.MethodPut, http.MethodDelete} {
		mux.Handle(method+" "+v1+"comments/{id}/pin", s.api(s.keepComment(talk.Pin)))
		mux.Handle(method+" "+v1+"comments/{id}/hold", s.api(s.keepComment(talk.Hold)))
		mux.Handle(method+" "+v1+"comments/{id}/ban", s.api(s.keepComment(talk.Ban)))
		mux.Handle(method+" "+v1+"threads/{id}/lock", s.api(s.lockThread))
	}
	mux.Handle("POST "+v1+"preview", s.api(s.postPreview))
	mux.Handle("GET "+v1+"me", s.api(s.getMe))
	mux.Handle("GET "+v1+"queue", s.api(s.getQueue))
	mux.Handle("POST "+v1+"keeper", s.api(s.postKeeper))
	mux.Handle("POST "+v1+"moderators", s.api(s.postModerator))
	mux.Handle("POST "+v1+"authors", s.api(s.postAuthor))
}

// keepingForms are the same without a script.
func (s *Site) keepingForms(mux *http.ServeMux) {
	mux.HandleFunc("POST /do/edit", s.editForm)
	for _, kind := range []talk.Do{talk.Delete, talk.Restore, talk.Flag, talk.Pin, talk.Hold, talk.Ban, talk.Appoint, talk.Credit, talk.Lock} {
		mux.HandleFunc("POST /do/"+string(kind), s.form(commentForm(kind)))
	}
}

// patchComment: PATCH /api/v1/comments/{id}
func (s *Site) patchComment(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Body     string   `json:"body"`
		Mentions []string `json:"mentions"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	return s.answerComment(w, r, talk.Command{Kind: talk.Edit, Comment: r.PathValue("id"), Body: in.Body, Mentions: in.Mentions})
}

// answerComment carries out a command and answers with its comment as it is now.
func (s *Site) answerComment(w http.ResponseWriter, r *http.Request, c talk.Command) error {
	done, err := s.do(w, r, c)
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, done.Comment)
}

// why reads what somebody says to what they do, if they say anything.
func why(w http.ResponseWriter, r *http.Request) (string, error) {
	var in struct {
		Text string `json:"text"`
	}
	if r.ContentLength == 0 {
		return "", nil
	}
	err := readJSON(w, r, &in)
	return in.Text, err
}

// restoreComment: POST /api/v1/comments/{id}/restore
func (s *Site) restoreComment(w http.ResponseWriter, r *http.Request) error {
	text, err := why(w, r)
	if err != nil {
		return err
	}
	return s.answerComment(w, r, talk.Command{Kind: talk.Restore, Comment: r.PathValue("id"), Text: text})
}

// keepComment: PUT and DELETE /api/v1/comments/{id}/pin, …/hold and …/ban
func (s *Site) keepComment(kind talk.Do) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		text, err := why(w, r)
		if err != nil {
			return err
		}
		c := talk.Command{Kind: kind, Comment: r.PathValue("id"), On: r.Method == http.MethodPut, Text: text}
		if kind != talk.Ban {
			return s.answerComment(w, r, c)
		}
		done, err := s.do(w, r, c)
		if err != nil {
			return err
		}
		return s.answer(w, r, http.StatusOK, done.Result)
	}
}

// lockThread: PUT and DELETE /api/v1/threads/{id}/lock
func (s *Site) lockThread(w http.ResponseWriter, r *http.Request) error {
	text, err := why(w, r)
	if err != nil {
		return err
	}
	done, err := s.do(w, r, talk.Command{Kind: talk.Lock, Thread: r.PathValue("id"), On: r.Method == http.MethodPut, Text: text})
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, done.Result)
}

// postFlag: POST /api/v1/comments/{id}/flags
func (s *Site) postFlag(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Reason talk.Reason `json:"reason"`
		Text   string      `json:"text"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	done, err := s.do(w, r, talk.Command{Kind: talk.Flag, Comment: r.PathValue("id"), Reason: in.Reason, Text: in.Text})
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, done.Result)
}

// getSource: GET /api/v1/comments/{id}/source
func (s *Site) getSource(w http.ResponseWriter, r *http.Request) error {
	body, err := s.Forum.Source(r.Context(), s.Sessions.Who(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, struct {
		Body string `json:"body"`
	}{body})
}

// getHistory: GET /api/v1/comments/{id}/history
func (s *Site) getHistory(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Forum.History(r.Context(), s.Sessions.Who(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, struct {
		History []talk.Revision `json:"history"`
	}{append([]talk.Revision{}, all...)})
}

// postPreview: POST /api/v1/preview
func (s *Site) postPreview(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Body     string   `json:"body"`
		Thread   string   `json:"thread"`
		Parent   string   `json:"parent"`
		Mentions []string `json:"mentions"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	html, err := s.Forum.Preview(r.Context(), s.Sessions.Who(r), talk.Command{Kind: talk.Post, Thread: in.Thread, Parent: in.Parent, Body: in.Body, Mentions: in.Mentions})
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, struct {
		HTML string `json:"html"`
	}{ui.InWords(s.tongueFor(r).Words, html)})
}

// getMe: GET /api/v1/me
func (s *Site) getMe(w http.ResponseWriter, r *http.Request) error {
	me, err := s.Forum.Me(r.Context(), s.Sessions.Who(r))
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, me)
}

// getQueue: GET /api/v1/queue?after=
func (s *Site) getQueue(w http.ResponseWriter, r *http.Request) error {
	cases, next, err := s.Forum.Queue(r.Context(), s.Sessions.Who(r), r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, struct {
		Cases []talk.Case `json:"cases"`
		Next  string      `json:"next"`
	}{append([]talk.Case{}, cases...), next})
}

// postKeeper: POST /api/v1/keeper makes this session's person an owner, by a code.
func (s *Site) postKeeper(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Code string `json:"code"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	who := s.Sessions.Writer(r)
	if err := s.Forum.OwnByCode(r.Context(), who, in.Code); err != nil {
		return err
	}
	s.Sessions.Remember(w, who.Person)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// postModerator: POST /api/v1/moderators
func (s *Site) postModerator(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Comment string `json:"comment"`
		On      bool   `json:"on"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	done, err := s.do(w, r, talk.Command{Kind: talk.Appoint, Comment: in.Comment, On: in.On})
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, done.Result)
}

// postAuthor: POST /api/v1/authors
func (s *Site) postAuthor(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Comment string `json:"comment"`
		On      bool   `json:"on"`
		All     bool   `json:"all"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	done, err := s.do(w, r, talk.Command{Kind: talk.Credit, Comment: in.Comment, On: in.On, All: in.All})
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, done.Result)
}
