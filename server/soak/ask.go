package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"folkmoot/app/talk"
)

const (
	answerWithin = 2 * time.Second  // or a post is sent again, though it may have been done
	patience     = 30 * time.Second // for any other answer
)

// A question is what a request carries besides its address.
type question struct {
	token string // of whom asks; nobody if empty
	ref   string // as Idempotency-Key
	body  any
}

// ask sends a request. What isn't a success is a *talk.Error if the product
// says so, else any other error: no answer, or a proxy's.
func (r *run) ask(ctx context.Context, method, url string, q question, into any) (*http.Response, error) {
	var b bytes.Buffer
	if q.body != nil {
		if err := json.NewEncoder(&b).Encode(q.body); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, url, &b)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if q.ref != "" {
		req.Header.Set("Idempotency-Key", q.ref)
	}
	if q.token != "" {
		req.Header.Set("Authorization", "Bearer "+q.token)
	}
	res, err := r.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= 300 {
		var refused talk.Error
		if json.Unmarshal(text, &refused) == nil && refused.Code != "" {
			return res, &refused
		}
		return res, fmt.Errorf("%s: %.200s", res.Status, text)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			return res, fmt.Errorf("%s %s: %w: %.200s", method, url, err, text)
		}
	}
	return res, nil
}

// text asks a node for something that isn't JSON.
func (r *run) text(ctx context.Context, url string) (status int, text string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	res, err := r.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, string(b), err
}

// meet asks for a session and returns its token.
func (r *run) meet(ctx context.Context) (token string, err error) {
	res, err := r.ask(ctx, http.MethodPost, r.cluster.URL+"/api/v1/session", question{}, nil)
	if err != nil {
		return "", err
	}
	if all := res.Cookies(); len(all) == 1 {
		return all[0].Value, nil
	}
	return "", fmt.Errorf("a session came with %d cookies", len(res.Cookies()))
}
