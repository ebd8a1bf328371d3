package web

import (
	"net/http"

	"folkmoot/app/talk"
	"folkmoot/app/words"
	"folkmoot/server/forum"
)

// pushCalls are the calls by which a browser has its device told.
func (s *Site) pushCalls(mux *http.ServeMux, v1 string) {
	mux.Handle("GET "+v1+"push", s.api(s.getPush))
	mux.Handle("POST "+v1+"push", s.api(s.postPush))
	mux.Handle("DELETE "+v1+"push", s.api(s.deletePush))
}

// mayPush refuses where an operator has it off.
func (s *Site) mayPush() error {
	if s.PushKey == "" {
		return talk.Refuse(talk.NotFound, "", "This site sends no notifications to devices.")
	}
	return nil
}

// getPush: GET /api/v1/push
func (s *Site) getPush(w http.ResponseWriter, r *http.Request) error {
	if err := s.mayPush(); err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, struct {
		Key string `json:"key"`
	}{s.PushKey})
}

// postPush: POST /api/v1/push, with what a browser says of its subscription
func (s *Site) postPush(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Endpoint string `json:"endpoint"`
		Keys     struct {
			Key  string `json:"p256dh"`
			Auth string `json:"auth"`
		} `json:"keys"`
		Lang    string `json:"lang"`
		Instead string `json:"instead"` // the endpoint that the browser had before
	}
	if err := s.mayPush(); err != nil {
		return err
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	d, err := forum.NewDevice(in.Endpoint, in.Keys.Key, in.Keys.Auth, words.Nearest(in.Lang), s.PushLocal)
	if err == nil {
		err = s.Forum.Subscribe(r.Context(), s.Sessions.Who(r), d, in.Instead)
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// deletePush: DELETE /api/v1/push
func (s *Site) deletePush(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Endpoint string `json:"endpoint"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if err := s.Forum.Unsubscribe(r.Context(), s.Sessions.Who(r), in.Endpoint); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
