package web

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"folkmoot/app/talk"
	"folkmoot/app/ui"
	"folkmoot/server/forum"
)

// A deed reads a form and says what is wanted, and where its text came from:
// the box under the comment that it answers.
type deed func(r *http.Request) talk.Command

func (s *Site) reactForm(r *http.Request) talk.Command {
	return talk.Command{Kind: talk.React, Thread: r.FormValue("thread"), Reaction: r.FormValue("reaction"), On: r.FormValue("on") != "false"}
}

func (s *Site) likeForm(r *http.Request) talk.Command {
	return talk.Command{Kind: talk.Like, Comment: r.FormValue("comment"), On: r.FormValue("on") != "false"}
}

func (s *Site) postForm(r *http.Request) talk.Command {
	return talk.Command{
		Kind: talk.Post, Thread: r.FormValue("thread"), Parent: r.FormValue("parent"),
		// Forms send line ends as CRLF (HTML, 4.10.21), scripts as LF: one text is one text.
		Body: strings.ReplaceAll(r.FormValue("body"), "\r\n", "\n"),
		Name: r.FormValue("name"), Headline: r.FormValue("headline"), Mentions: strings.Fields(r.FormValue("mentions")),
	}
}

// form makes a handler that does a form's deed and sends the reader back to
// where they were, or shows the page again with the reason and all that they
// had typed.
func (s *Site) form(read deed) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		framable(w.Header())                                         // a redirection, too
		r.Body = http.MaxBytesReader(w, r.Body, 3*talk.RequestBytes) // a form writes a byte as %XX
		if err := r.ParseForm(); err != nil {
			s.refusalPage(w, r, formError(err))
			return
		}
		c := read(r)
		done, err := s.doForm(w, r, c)
		switch {
		case err != nil:
			s.showAgain(w, r, c, err)
		case done.Comment != nil:
			http.Redirect(w, r, s.backAt(r, done.Comment)+"#comment-"+done.Comment.ID, http.StatusSeeOther)
		case c.Comment != "":
			http.Redirect(w, r, s.back(r, r.FormValue("thread"))+"#comment-"+url.PathEscape(c.Comment), http.StatusSeeOther)
		default:
			http.Redirect(w, r, s.back(r, c.Thread), http.StatusSeeOther)
		}
	}
}

// commentForm reads what is done to a comment, or to a thread.
func commentForm(kind talk.Do) deed {
	return func(r *http.Request) talk.Command {
		c := talk.Command{Kind: kind, Comment: r.FormValue("comment"), Text: r.FormValue("text")}
		switch kind {
		case talk.Flag:
			c.Reason = talk.Reason(r.FormValue("reason"))
		case talk.Lock:
			c.Thread, c.Comment = r.FormValue("thread"), ""
			c.On = r.FormValue("on") != "false"
		case talk.Pin, talk.Hold, talk.Ban, talk.Appoint, talk.Credit:
			c.On = r.FormValue("on") != "false"
		default: // delete and restore have no other way round
		}
		return c
	}
}

// editForm: POST /do/edit changes a comment, or, if the form has no text yet,
// shows the page with the comment's own in a box.
func (s *Site) editForm(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 3*talk.RequestBytes)
	if err := r.ParseForm(); err != nil {
		s.refusalPage(w, r, formError(err))
		return
	}
	comment := r.FormValue("comment")
	if r.PostForm.Has("body") {
		s.form(func(r *http.Request) talk.Command {
			return talk.Command{Kind: talk.Edit, Comment: comment, Body: strings.ReplaceAll(r.FormValue("body"), "\r\n", "\n"), Mentions: strings.Fields(r.FormValue("mentions"))}
		})(w, r)
		return
	}
	body, err := s.Forum.Source(r.Context(), s.Sessions.Who(r), comment)
	if err != nil {
		s.refusalPage(w, r, err)
		return
	}
	s.showBox(w, r, http.StatusOK, r.FormValue("thread"), nil, func(talk.View) map[string]ui.Box {
		open := boxes("")
		open[ui.EditID(comment)] = ui.Box{Body: body}
		return open
	})
}

func formError(err error) error {
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return talk.Refuse(talk.TooLarge, "", "That was too much text for one form. Please go back and shorten it.")
	}
	return talk.Refuse(talk.Malformed, "", "This form could not be read. Please go back and try again.")
}

// formRepeat is how long a form that says the same is the same deed, sent again
// by a double click or a reload; after it, somebody means it anew.
const formRepeat = 24 * time.Hour

// doForm makes one deed of a form that is sent twice. A form has no ref of its
// own, because its page is the same for everybody: what it says is its ref, and
// for somebody new, whose second click comes without a cookie too, where it
// comes from as well. Only comments need one: the rest is the same twice.
func (s *Site) doForm(w http.ResponseWriter, r *http.Request, c talk.Command) (forum.Done, error) {
	if c.Kind != talk.Post {
		return s.doRef(w, r, "", c)
	}
	said := []string{c.Thread, c.Parent, c.Body, c.Name, c.Headline}
	if s.Sessions.Who(r).Person == "" {
		said = append(said, address(r).String(), r.UserAgent())
	}
	for {
		done, err := s.doRef(w, r, formRef(said), c)
		if err != nil || !done.Again || (done.Comment.State != talk.Removed && s.Clock().Sub(done.Comment.At) < formRepeat) {
			return done, err
		}
		said = append(said, done.Comment.ID) // said anew since that one
	}
}

func formRef(said []string) string {
	sum := sha256.Sum256([]byte(strings.Join(said, "\x00")))
	return "form:" + base64.RawURLEncoding.EncodeToString(sum[:18])
}

// backAt is back, or the page around the comment if that isn't on it.
func (s *Site) backAt(r *http.Request, c *talk.Comment) string {
	back := s.back(r, c.Thread)
	in := queryOf(back)
	if c.State == talk.Removed {
		return back
	}
	q, err := query(in, talk.PageRoots)
	if err != nil {
		return back
	}
	v, err := s.view(r.Context(), s.Sessions.Who(r), c.Thread, q)
	if err != nil || slices.ContainsFunc(v.Comments, func(there talk.Comment) bool { return there.ID == c.ID }) {
		return back
	}
	in.Del("after")
	in.Del("before")
	in.Del("rest")
	in.Set("around", c.ID)
	return selfOf(pathOf(back), in)
}

// showAgain shows the thread with the reason at the box that the text came
// from, and the text in it. What isn't about a text gets a page of its own.
func (s *Site) showAgain(w http.ResponseWriter, r *http.Request, c talk.Command, cause error) {
	refused, status := s.refusal(w, r, cause)
	box := ui.Box{Body: c.Body, Name: c.Name, Headline: c.Headline, Error: refused.Message, Field: refused.Field}
	switch c.Kind {
	case talk.Edit:
		s.showBox(w, r, status, r.FormValue("thread"), cause, func(v talk.View) map[string]ui.Box {
			open := boxes("")
			if slices.ContainsFunc(v.Comments, func(m talk.Comment) bool { return m.ID == c.Comment && m.State != talk.Removed }) {
				open[ui.EditID(c.Comment)] = box
			} else {
				open[""] = box // nothing that was typed is lost
			}
			return open
		})
	case talk.Post, talk.React:
		s.showBox(w, r, status, c.Thread, cause, func(v talk.View) map[string]ui.Box {
			open := boxes("")
			open[""] = box
			for _, m := range v.Comments {
				if m.ID == c.Parent && m.State == talk.Published {
					open[""], open[c.Parent] = ui.Box{}, box
				}
			}
			return open
		})
	default:
		s.refusalPage(w, r, cause)
	}
}

// showBox shows a thread with a box open, or the cause if there is no thread to
// show it in.
func (s *Site) showBox(w http.ResponseWriter, r *http.Request, status int, thread string, cause error, open func(talk.View) map[string]ui.Box) {
	who, back := s.Sessions.Who(r), s.back(r, thread)
	q, err := query(queryOf(back), talk.PageRoots)
	if err != nil {
		q = forum.Query{Sort: talk.Oldest, Roots: talk.PageRoots, Comments: talk.PageComments, Replies: talk.PageReplies}
	}
	v, err := s.view(r.Context(), who, thread, q)
	if err != nil {
		s.refusalPage(w, r, cmp.Or(cause, err))
		return
	}
	page := v.Thread.Page
	if pathOf(back) == framed {
		page = queryOf(back).Get("page") // where it stands, if it has moved
	}
	_, origin, err := talk.PageKey(page)
	if err != nil || !s.Forum.Origins.Allow(origin) {
		s.refusalPage(w, r, cmp.Or(cause, error(talk.Refuse(talk.Forbidden, "thread", "This conversation's page may not embed it any more."))))
		return
	}
	if pathOf(back) == framed {
		s.pageHeaders(w, origin, s.lookOf(back).Sheet)
	} else {
		s.ownHeaders(w)
	}
	w.Header().Set("Cache-Control", "no-store")
	if err := s.showThread(w, r, status, who, v, back, open(v)); err != nil {
		s.refusalPage(w, r, err)
	}
}
