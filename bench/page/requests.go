package main

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A request is one that a visit made.
type request struct {
	url        string
	began      time.Time
	ended      time.Time // zero: not yet
	bytes      int       // of the answer on the wire, with its header
	pieces     []piece   // of an answer that has not ended
	connection float64
	reused     bool
}

type piece struct {
	at    time.Time
	bytes int
}

func (v *visit) network(method string, params json.RawMessage) {
	var e struct {
		RequestID string
		Timestamp float64
		WallTime  float64
		Request   struct{ URL string }
		Response  struct {
			ConnectionID      float64
			ConnectionReused  bool
			EncodedDataLength int
		}
		EncodedDataLength int
	}
	v.parse(params, &e)
	if method == "Network.requestWillBeSent" {
		v.offset = e.WallTime - e.Timestamp
		if !strings.HasPrefix(e.Request.URL, "data:") && !strings.HasPrefix(e.Request.URL, "about:") {
			v.requests[e.RequestID] = &request{url: e.Request.URL, began: v.wall(e.Timestamp)}
		}
		return
	}
	r := v.requests[e.RequestID]
	if r == nil || !r.ended.IsZero() {
		return
	}
	switch method {
	case "Network.responseReceived":
		r.connection, r.reused = e.Response.ConnectionID, e.Response.ConnectionReused
		r.pieces = append(r.pieces, piece{v.wall(e.Timestamp), e.Response.EncodedDataLength})
	case "Network.dataReceived":
		r.pieces = append(r.pieces, piece{v.wall(e.Timestamp), e.EncodedDataLength})
	case "Network.loadingFinished":
		r.ended, r.bytes = v.wall(e.Timestamp), e.EncodedDataLength
	case "Network.loadingFailed":
		r.ended = v.wall(e.Timestamp)
	}
}

// all are the requests, in the order in which they were made.
func (v *visit) all() []*request {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.ordered()
}

func (v *visit) ordered() []*request {
	var all []*request
	for _, r := range v.requests {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b *request) int { return a.began.Compare(b.began) })
	return all
}

// name is what a table calls a request.
func (r *request) name(host string) string {
	u, err := url.Parse(r.url)
	switch {
	case err != nil:
		return r.url
	case u.Host == host:
		return "the host's page"
	}
	return u.Path
}

// header is how many of the bytes are the answer's header.
func (r *request) header() int {
	if len(r.pieces) == 0 {
		return 0
	}
	return r.pieces[0].bytes
}

// foreign says whether a request is not the host page's own.
func (v *visit) foreign(r *request, host string) bool {
	u, err := url.Parse(r.url)
	return err == nil && u.Host != host
}

// received is how many bytes had come by a time, and in how many answers:
// the host's own, and the widget's.
func (v *visit) received(host string, by time.Time) (own, ours, requests int) {
	for _, r := range v.requests {
		n := 0
		if !r.ended.IsZero() && !r.ended.After(by) {
			n = r.bytes
		} else {
			for _, p := range r.pieces {
				if !p.at.After(by) {
					n += p.bytes
				}
			}
		}
		if !v.foreign(r, host) {
			own += n
			continue
		}
		ours += n
		if r.began.Before(by) {
			requests++
		}
	}
	return own, ours, requests
}

// ours is how many bytes of the widget had come by a time.
func (v *visit) ours(host string, by time.Time) int {
	_, ours, _ := v.received(host, by)
	return ours
}

// opened is how many connections had to be opened by a time.
func (v *visit) opened(by time.Time) (n int) {
	for _, r := range v.requests {
		if r.connection > 0 && !r.reused && r.began.Before(by) {
			n++
		}
	}
	return n
}

// chain is the longest row of requests of which each began after the one before
// had begun to be answered, up to a time: its length is how often the first
// comment had to wait for the network.
func (v *visit) chain(by time.Time) (row []*request) {
	all := v.ordered()
	answered := func(r *request) time.Time {
		if len(r.pieces) > 0 {
			return r.pieces[0].at
		}
		return r.ended
	}
	for limit := by; ; {
		var last *request
		for _, r := range all {
			if at := answered(r); !at.IsZero() && !at.After(limit) && (last == nil || at.After(answered(last))) {
				last = r
			}
		}
		if last == nil {
			return row
		}
		row = append([]*request{last}, row...)
		limit = last.began
	}
}
