package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"folkmoot/app/talk"
	"folkmoot/app/words"
	"folkmoot/assets"
	"folkmoot/server/forum"
	"folkmoot/server/plain"
	"folkmoot/server/web"
)

// What a build waits for, and takes in, at most.
const (
	answerWithin = 30 * time.Second
	answerMax    = 16 << 20 // bytes
)

// render is the command that prints a page's comments as HTML, to be put into the
// page when it is built: for search engines, and for readers before any script.
type render struct {
	database
	Page      string `required:"" placeholder:"URL" help:"Address of the article, as its canonical link has it."`
	PageID    string `name:"page-id" placeholder:"ID" help:"Its data-page-id, if it has one."`
	From      string `placeholder:"URL" help:"Ask the server at this public address, instead of reading its database: where a site is built, there is none."`
	PublicURL string `name:"public-url" placeholder:"URL" help:"Where browsers reach the server, for a link to what is left out; --from, if that is given."`
	Sort      string `default:"oldest" help:"oldest, newest, top or representative."`
	Most      int    `default:"500" help:"Print no further roots once there are so many comments."`
	Linked    bool   `default:"true" negatable:"" help:"With JSON-LD for search engines beside it."`
	Lang      string `default:"en" help:"Language of what Folkmoot says itself."`
}

// Run prints the comments. Of a page on which nothing was said, it prints nothing.
func (c *render) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return c.run(ctx, os.Stdout)
}

func (c *render) run(ctx context.Context, out io.Writer) error {
	key, origin, err := talk.PageKey(c.Page)
	if err != nil {
		return fmt.Errorf("--page: %w", err)
	}
	address := c.Page
	if c.PageID != "" {
		address = talk.PageWithID(origin, c.PageID)
		if key, _, err = talk.PageKey(address); err != nil {
			return fmt.Errorf("--page-id: %w", err)
		}
	}
	sort, err := talk.SortOf(c.Sort)
	if err != nil {
		return fmt.Errorf("--sort: %w", err)
	}
	set, err := assets.Load()
	if err != nil {
		return err
	}
	said, err := web.Words(set, c.Lang)
	if err != nil {
		return fmt.Errorf("--lang: %w", err)
	}
	v := talk.View{}
	if c.From != "" {
		var p *peer
		if p, err = newPeer(c.From); err != nil {
			return fmt.Errorf("--from: %w", err)
		}
		v, err = p.conversation(ctx, address, sort, c.Most)
	} else {
		err = c.with(func(ctx context.Context, s forum.Store) error {
			v, err = stored(ctx, s, key, sort, c.Most)
			return err
		})
	}
	if err != nil {
		return err
	}
	return c.print(out, v, address, said)
}

func (c *render) print(out io.Writer, v talk.View, address string, said *words.Words) error {
	o := plain.Options{Words: said}
	if public := strings.TrimSuffix(cmp.Or(c.PublicURL, c.From), "/"); public != "" {
		o.Read = public + "/embed?page=" + url.QueryEscape(address)
	}
	if c.Linked && len(v.Comments) > 0 {
		v.Thread.At = slices.MinFunc(v.Comments, func(a, b talk.Comment) int { return a.At.Compare(b.At) }).At // the API doesn't say when it was opened
		var err error
		if o.Linked, err = plain.Linked(v, c.Page); err != nil {
			return err
		}
	}
	var b bytes.Buffer // all of it or nothing: a build must not publish half
	if err := plain.HTML(&b, v, o); err != nil {
		return err
	}
	_, err := b.WriteTo(out)
	return err
}

// stored reads a page's conversation from a database.
func stored(ctx context.Context, s forum.Store, key string, sort talk.Sort, most int) (talk.View, error) {
	l, err := s.Page(ctx, key)
	if errors.Is(err, forum.ErrNoPage) {
		return talk.View{}, nil
	} else if err != nil {
		return talk.View{}, err
	}
	return whole(most, func(q forum.Query) (talk.View, error) {
		q.Sort = sort
		return s.View(ctx, l.Thread, "", q)
	})
}

// whole reads a conversation page by page, with what is missing of its branches,
// until it has so many comments. What it leaves out, the view's Next and Rest say.
func whole(most int, read func(forum.Query) (talk.View, error)) (v talk.View, err error) {
	q := forum.Query{Roots: talk.ListRootsMax, Comments: talk.ListComments, Replies: talk.ListReplies}
	for {
		page, err := read(q)
		if err != nil {
			return v, err
		}
		all := slices.Concat(v.Comments, page.Comments)
		v, v.Comments, v.Rest = page, all, maps.Clone(page.Rest)
		for len(v.Rest) > 0 && len(v.Comments) < most {
			if err := fill(&v, q, read); err != nil {
				return v, err
			}
		}
		if v.Next == "" || len(v.Comments) >= most {
			return v, nil
		}
		q.After = v.Next
	}
}

// fill puts what is missing after a comment there.
func fill(v *talk.View, q forum.Query, read func(forum.Query) (talk.View, error)) error {
	for after := range v.Rest {
		delete(v.Rest, after)
		q.Rest, q.After = after, ""
		part, err := read(q)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(v.Comments, func(c talk.Comment) bool { return c.ID == after })
		v.Comments = slices.Insert(v.Comments, at+1, part.Comments...)
		maps.Copy(v.Rest, part.Rest)
		break
	}
	return nil
}

// A peer is a server that is asked over HTTP.
type peer struct {
	public string
	client http.Client
}

func newPeer(public string) (*peer, error) {
	u, err := url.Parse(public)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, fmt.Errorf("%q is no address of a server: https://talk.example", public)
	}
	return &peer{public: strings.TrimSuffix(public, "/"), client: http.Client{Timeout: answerWithin}}, nil
}

// conversation reads a page's. It asks for none that is not there: that would
// begin it.
func (p *peer) conversation(ctx context.Context, page string, sort talk.Sort, most int) (talk.View, error) {
	var counted struct{ Counts []forum.Counts }
	if err := p.get(ctx, "counts", url.Values{"page": {page}}, &counted); err != nil {
		return talk.View{}, err
	}
	if len(counted.Counts) == 0 || counted.Counts[0].Comments == 0 {
		return talk.View{}, nil
	}
	var thread talk.Thread
	if err := p.get(ctx, "threads", url.Values{"page": {page}}, &thread); err != nil {
		return talk.View{}, err
	}
	return whole(most, func(q forum.Query) (talk.View, error) {
		v := talk.View{Thread: thread}
		in := url.Values{"sort": {string(sort)}, "limit": {strconv.Itoa(q.Roots)}}
		if q.Rest != "" {
			in.Set("rest", q.Rest)
		} else if q.After != "" {
			in.Set("after", q.After)
		}
		return v, p.get(ctx, "threads/"+url.PathEscape(thread.ID)+"/comments", in, &v)
	})
}

// get reads an answer of the API's.
func (p *peer) get(ctx context.Context, path string, in url.Values, out any) error {
	address := p.public + "/api/v1/" + path + "?" + in.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	res, err := p.client.Do(r)
	if err != nil {
		return fmt.Errorf("the server can't be asked: %w", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, answerMax))
	if err != nil {
		return fmt.Errorf("reading what %s answers: %w", p.public, err)
	}
	if res.StatusCode != http.StatusOK {
		var why struct{ Detail string }
		if json.Unmarshal(body, &why) != nil || why.Detail == "" {
			why.Detail = "is that a Folkmoot server?"
		}
		return fmt.Errorf("%s answers %s: %s", p.public, res.Status, why.Detail)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("%s answers what can't be read (is that a Folkmoot server?): %w", p.public, err)
	}
	return nil
}
