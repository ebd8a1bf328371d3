package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// api makes a handler of a call that may fail.
func (s *Site) api(call func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := call(w, r); err != nil {
			s.problem(w, r, err)
		}
	})
}

// getThread: GET /api/v1/threads?page=URL
func (s *Site) getThread(w http.ResponseWriter, r *http.Request) error {
	who := s.Sessions.Who(r)
	id, _, err := s.Forum.Open(r.Context(), who, r.FormValue("page"), "", nil)
	if err != nil {
		return err
	}
	v, err := s.Forum.View(r.Context(), who, id, forum.Query{Sort: talk.Oldest, Roots: 1})
	if err != nil {
		return err
	}
	v.Thread.Viewers = s.Live.Viewers(id)
	return s.answer(w, r, http.StatusOK, v.Thread)
}

// getComments: GET /api/v1/threads/{id}/comments?sort=&after=&before=&around=&rest=&limit=
func (s *Site) getComments(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r.URL.Query(), talk.ListRoots)
	if err != nil {
		return err
	}
	q.Comments, q.Replies = talk.ListComments, talk.ListReplies
	v, err := s.Forum.View(r.Context(), s.Sessions.Who(r), r.PathValue("id"), q)
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, struct {
		Comments []talk.Comment `json:"comments"`
		Prev     string         `json:"prev"`
		Next     string         `json:"next"`
		Rest     map[string]int `json:"rest,omitempty"`
	}{v.Comments, v.Prev, v.Next, v.Rest})
}

// query reads which part of a thread is asked for.
func query(in url.Values, roots int) (forum.Query, error) { //nolint:unparam // that a page and a list begin with as many is not for ever
	sort, err := talk.SortOf(in.Get("sort"))
	if err != nil {
		return forum.Query{}, err
	}
	if limit := in.Get("limit"); limit != "" {
		if roots, err = strconv.Atoi(limit); err != nil || roots < 1 || roots > talk.ListRootsMax {
			return forum.Query{}, talk.Refuse(talk.Invalid, "limit", "The limit is a number from 1 to %d.", talk.ListRootsMax)
		}
	}
	return forum.Query{
		Sort: sort, Rest: in.Get("rest"), Around: in.Get("around"), Before: in.Get("before"), After: in.Get("after"),
		Roots: roots, Comments: talk.PageComments, Replies: talk.PageReplies,
	}, nil
}

// getEvents: GET /api/v1/threads/{id}/events?since=N&epoch=E
func (s *Site) getEvents(w http.ResponseWriter, r *http.Request) error {
	since, err := strconv.ParseUint(r.FormValue("since"), 10, 63)
	if err != nil {
		return talk.Refuse(talk.Invalid, "since", "since is the number of the last entry that you have, 0 for none.")
	}
	epoch := r.FormValue("epoch")
	if epoch == "" {
		epoch = s.Forum.Store.Epoch()
	}
	c, err := s.Forum.CatchUp(r.Context(), r.PathValue("id"), epoch, since, 0)
	resync := errors.Is(err, forum.ErrResync)
	if err != nil && !resync {
		return err
	}
	return s.answer(w, r, http.StatusOK, struct {
		Epoch  string       `json:"epoch"`
		Seq    uint64       `json:"seq"`
		Resync bool         `json:"resync"` // the log can't be caught up with: read the thread again
		Events []talk.Event `json:"events"`
	}{s.Forum.Store.Epoch(), c.Seq, resync, append([]talk.Event{}, c.Events...)})
}

// peopleLife is how long a list of people may be kept by whoever has asked for it.
const peopleLife = 15 * time.Second

// getPeople: GET /api/v1/threads/{id}/people?q=
func (s *Site) getPeople(w http.ResponseWriter, r *http.Request) error {
	found, err := s.Forum.People(r.Context(), s.Sessions.Who(r), r.PathValue("id"), r.FormValue("q"))
	if err != nil {
		return err
	}
	people := make([]speaker, len(found))
	for i, p := range found {
		people[i] = speaker{p.Person, p.Comment}
	}
	return s.answerFor(w, r, peopleLife, struct {
		People []speaker `json:"people"`
	}{people})
}

// A speaker is somebody who has said something in a thread, and the last comment of theirs.
type speaker struct {
	talk.Person
	Comment string `json:"comment"`
}

// react: PUT and DELETE /api/v1/threads/{id}/reactions/{kind}
func (s *Site) react(w http.ResponseWriter, r *http.Request) error {
	done, err := s.do(w, r, talk.Command{Kind: talk.React, Thread: r.PathValue("id"), Reaction: r.PathValue("kind"), On: r.Method == http.MethodPut})
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, done.Result)
}

// getReactions: GET /api/v1/threads/{id}/reactions
func (s *Site) getReactions(w http.ResponseWriter, r *http.Request) error {
	reacted, err := s.Forum.Reacted(r.Context(), s.Sessions.Who(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, reacted)
}

// like: PUT and DELETE /api/v1/comments/{id}/like
func (s *Site) like(w http.ResponseWriter, r *http.Request) error {
	done, err := s.do(w, r, talk.Command{Kind: talk.Like, Comment: r.PathValue("id"), On: r.Method == http.MethodPut})
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, done.Result)
}

// deleteComment: DELETE /api/v1/comments/{id}
func (s *Site) deleteComment(w http.ResponseWriter, r *http.Request) error {
	text, err := why(w, r)
	if err != nil {
		return err
	}
	return s.answerComment(w, r, talk.Command{Kind: talk.Delete, Comment: r.PathValue("id"), Text: text})
}

// postComment: POST /api/v1/threads/{id}/comments
func (s *Site) postComment(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Body     string   `json:"body"`
		Parent   string   `json:"parent"`
		Name     string   `json:"name"`
		Headline string   `json:"headline"`
		Mentions []string `json:"mentions"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	done, err := s.do(w, r, talk.Command{Kind: talk.Post, Thread: r.PathValue("id"), Parent: in.Parent, Body: in.Body, Name: in.Name, Headline: in.Headline, Mentions: in.Mentions})
	if err != nil {
		return err
	}
	status := http.StatusCreated
	switch {
	case done.Comment.State == talk.Held:
		status = http.StatusAccepted // it waits for a moderator
	case done.Again:
		status = http.StatusOK
	}
	return s.answer(w, r, status, done.Comment)
}

// do carries out a call's command, and makes its sender a guest if they were
// nobody and it was not done before: a repeat may come from anybody.
func (s *Site) do(w http.ResponseWriter, r *http.Request, c talk.Command) (forum.Done, error) {
	return s.doRef(w, r, r.Header.Get("Idempotency-Key"), c)
}

func (s *Site) doRef(w http.ResponseWriter, r *http.Request, ref string, c talk.Command) (forum.Done, error) {
	who := s.Sessions.Writer(r)
	done, err := s.Forum.Do(r.Context(), who, ref, c)
	if err == nil && (!who.Fresh || !done.Again) {
		s.Sessions.Remember(w, who.Person)
	}
	return done, err
}

// readJSON reads a request's one JSON object into v, and nothing that v doesn't
// know.
func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	return readJSONUpTo(w, r, v, talk.RequestBytes)
}

func readJSONUpTo(w http.ResponseWriter, r *http.Request, v any, most int64) error {
	if t, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); strings.TrimSpace(strings.ToLower(t)) != "application/json" {
		return talk.Refuse(talk.Unsupported, "", "Send the request as application/json.")
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return talk.Refuse(talk.TooLarge, "", "This request is too large: %d KiB are the most.", most>>10)
	} else if err != nil {
		return talk.Refuse(talk.Malformed, "", "The request broke off.")
	}
	if !utf8.Valid(b) {
		return talk.Refuse(talk.Malformed, "", "The request isn't valid UTF-8.")
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return talk.Refuse(talk.Malformed, "", "The request isn't the JSON that this call takes.")
	}
	if _, err := d.Token(); err != io.EOF {
		return talk.Refuse(talk.Malformed, "", "The request has something after its JSON.")
	}
	return nil
}

// answer writes v as JSON.
func (s *Site) answer(w http.ResponseWriter, r *http.Request, status int, v any) error {
	w.Header().Set("Cache-Control", "no-store")
	return s.answerJSON(w, r, status, v)
}

// answerFor is answer with what is the same for everybody and may be kept a while.
func (s *Site) answerFor(w http.ResponseWriter, r *http.Request, life time.Duration, v any) error {
	w.Header().Set("Cache-Control", "public, max-age="+strconv.Itoa(int(life.Seconds())))
	return s.answerJSON(w, r, http.StatusOK, v)
}

func (s *Site) answerJSON(w http.ResponseWriter, r *http.Request, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return send(w, r, status, b)
}
