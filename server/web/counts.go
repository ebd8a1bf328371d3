package web

import (
	"encoding/json"
	"net/http"
	"strconv"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// countsAge is how many seconds an index page may show counts without asking.
const countsAge = 60

// A pageCount is how much was said of a page, under the name that it was asked
// for by.
type pageCount struct {
	Page string `json:"page,omitempty"`
	ID   string `json:"id,omitempty"`
	forum.Counts
}

// getCounts: GET /api/v1/counts?page=URL&page=URL…[&id=ID…]. Ids are of the
// first page's origin, or of that which asks.
func (s *Site) getCounts(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Add("Vary", "Origin")
	from := r.Header.Get("Origin")
	if from != "" && s.Forum.Origins.Allow(from) {
		h.Set("Access-Control-Allow-Origin", from)
	}
	pages, ids := r.URL.Query()["page"], r.URL.Query()["id"]
	if len(pages) > 0 && len(ids) > 0 {
		_, from, _ = talk.PageKey(pages[0]) // of one that isn't a page, there is nothing
	}
	counts := make([]pageCount, 0, len(pages)+len(ids))
	addresses := make([]string, 0, len(pages)+len(ids))
	for _, page := range pages {
		counts, addresses = append(counts, pageCount{Page: page}), append(addresses, page)
	}
	for _, id := range ids {
		counts, addresses = append(counts, pageCount{ID: id}), append(addresses, talk.PageWithID(from, id))
	}
	found, err := s.Forum.Counts(r.Context(), addresses)
	if err != nil {
		return err
	}
	for i := range counts {
		counts[i].Counts = found[i]
	}
	body, err := json.Marshal(struct {
		Counts []pageCount `json:"counts"`
	}{counts})
	if err != nil {
		return err
	}
	h.Set("Cache-Control", "public, max-age="+strconv.Itoa(countsAge))
	h.Set("ETag", `W/"`+strconv.FormatUint(fingerprint(string(body)), 36)+`"`)
	if matches(r, h.Get("ETag")) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", "application/json")
	return send(w, r, http.StatusOK, body)
}
