package web

import (
	"cmp"
	"net/http"
	"net/url"
	"time"

	"folkmoot/app/talk"
	"folkmoot/app/ui"
	"folkmoot/app/words"
	"folkmoot/server/forum"
)

// screens are the pages of the app's own that list conversations.
func (s *Site) screens(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", s.screen("home", s.home))
	mux.HandleFunc("GET /topics", s.screen("topics", s.topics))
	mux.HandleFunc("GET /topics/{key}", s.screen("topics", s.topic))
	mux.HandleFunc("GET /inbox", s.screen("inbox", s.inbox))
	mux.HandleFunc("GET /me", s.screen("me", s.me))
	mux.HandleFunc("POST /do/seen", s.seenForm)
	mux.HandleFunc("POST /do/follow", s.markForm(talk.Follow))
	mux.HandleFunc("POST /do/mute", s.markForm(talk.Mute))
	mux.HandleFunc("POST /do/settings", s.settingsForm)
	mux.HandleFunc("POST /do/named", s.namedForm)
}

// A fill puts into a screen what its request asks for, and returns its title.
type fill func(r *http.Request, who forum.Who, screen *ui.Screen) (title string, err error)

// screen answers with a page of the app's own: GET …[?after=][&lang=][&theme=].
func (s *Site) screen(name string, read fill) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := s.showScreen(w, r, name, read); err != nil {
			s.refusalPage(w, r, err)
		}
	}
}

// selfOf is the own address of a screen, which says its language.
func (s *Site) selfOf(r *http.Request) string {
	in := last(r.URL.Query())
	if in.Get("lang") == "" {
		in.Set("lang", words.Accepted(r.Header.Get("Accept-Language")))
	}
	return selfOf(r.URL.EscapedPath(), in)
}

func (s *Site) showScreen(w http.ResponseWriter, r *http.Request, name string, read fill) error {
	self := s.selfOf(r)
	l := s.lookOf(self)
	t := s.tongueOf(l)
	who := s.Sessions.Who(r)
	frame, err := s.frame(r, who, name)
	if err != nil {
		return err
	}
	screen := &ui.Screen{Frame: frame, Self: self, Now: s.Clock().UTC(), Words: t.Words}
	title, err := read(r, who, screen)
	if err != nil {
		return err
	}
	body, err := s.own(ownPage{Title: cmp.Or(title, t.Say("nav."+name)), Theme: l.Theme, tongue: t, screen: ui.ScreenPage(screen, nil), state: screen, unread: screen.Frame.Unread, scripts: []string{"device.js"}})
	if err != nil {
		return err
	}
	s.ownHeaders(w)
	return send(w, r, http.StatusOK, body)
}

func (s *Site) home(r *http.Request, who forum.Who, screen *ui.Screen) (string, error) {
	h, err := s.Forum.Home(r.Context(), who, s.Live.Crowded())
	screen.Home = &h
	return "", err
}

func (s *Site) topics(r *http.Request, who forum.Who, screen *ui.Screen) (string, error) {
	topics, next, err := s.Forum.Topics(r.Context(), who, r.URL.Query().Get("after"))
	screen.Topics = &ui.TopicList{Topics: topics, Next: next}
	return screen.Words.Say("topics.explore"), err
}

func (s *Site) topic(r *http.Request, who forum.Who, screen *ui.Screen) (string, error) {
	p, err := s.Forum.Topic(r.Context(), who, r.PathValue("key"), r.URL.Query().Get("after"))
	for i := range p.Threads {
		p.Threads[i].Viewers = s.Live.Viewers(p.Threads[i].ID)
	}
	screen.Topic = &p
	return p.Topic.Name, err
}

func (s *Site) inbox(r *http.Request, who forum.Who, screen *ui.Screen) (string, error) {
	came, err := s.cameHere(r)
	if err != nil {
		return "", err
	}
	screen.Came = came
	in, err := s.Forum.Inbox(r.Context(), who, r.URL.Query().Get("after"))
	screen.Inbox = &in
	return "", err
}

func (s *Site) me(r *http.Request, who forum.Who, screen *ui.Screen) (string, error) {
	m := &ui.Me{Said: r.URL.Query().Get("said")}
	screen.Me = m
	var err error
	if m.Person, err = s.Forum.Person(r.Context(), who.Person); err != nil {
		return "", err
	}
	if m.Settings, err = s.Forum.Settings(r.Context(), who); err != nil {
		return "", err
	}
	m.Mine, m.Next, err = s.Forum.Mine(r.Context(), who, r.URL.Query().Get("after"))
	return "", err
}

// markForm: POST /do/follow and /do/mute, of a thread or a topic
func (s *Site) markForm(kind talk.Do) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, talk.RequestBytes)
		if err := r.ParseForm(); err != nil {
			s.refusalPage(w, r, formError(err))
			return
		}
		c := talk.Command{Kind: kind, Thread: r.FormValue("thread"), Topic: r.FormValue("topic"), On: r.FormValue("on") != "false"}
		if _, err := s.doForm(w, r, c); err != nil {
			s.refusalPage(w, r, err)
			return
		}
		http.Redirect(w, r, s.cameFrom(r, "/"), http.StatusSeeOther)
	}
}

// seenForm: POST /do/seen marks what one was told, until then.
func (s *Site) seenForm(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, talk.RequestBytes)
	at, err := time.Parse(time.RFC3339, r.FormValue("at"))
	if err != nil {
		s.refusalPage(w, r, formError(err))
		return
	}
	if s.Sessions.Who(r).Person != "" { // nobody was told anything
		if _, err := s.doForm(w, r, talk.Command{Kind: talk.Seen, At: at.Add(time.Second - 1)}); err != nil {
			s.refusalPage(w, r, err)
			return
		}
	}
	http.Redirect(w, r, "/inbox", http.StatusSeeOther)
}

// settingsForm: POST /do/settings
func (s *Site) settingsForm(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, talk.RequestBytes)
	if err := r.ParseForm(); err != nil {
		s.refusalPage(w, r, formError(err))
		return
	}
	on := func(name string) bool { return r.PostForm.Has(name) }
	settings := talk.Settings{
		Notify: talk.Notify{Reply: on("reply"), Mention: on("mention"), Like: on("like"), Followed: on("followed")},
		Quiet:  talk.Quiet{From: r.PostFormValue("from"), To: r.PostFormValue("to"), Zone: r.PostFormValue("zone")},
		Follow: on("follow"), Named: on("named"),
	}
	if settings.Quiet.From == "" && settings.Quiet.To == "" {
		settings.Quiet.Zone = ""
	}
	who := s.Sessions.Writer(r)
	if err := s.Forum.SetSettings(r.Context(), who, settings); err != nil {
		s.refusalPage(w, r, err)
		return
	}
	s.Sessions.Remember(w, who.Person)
	http.Redirect(w, r, "/me?said=saved#settings", http.StatusSeeOther)
}

// namedForm: POST /do/named shows the reader's name with their reactions, or
// doesn't any more.
func (s *Site) namedForm(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, talk.RequestBytes)
	if err := r.ParseForm(); err != nil {
		s.refusalPage(w, r, formError(err))
		return
	}
	who := s.Sessions.Writer(r)
	settings, err := s.Forum.Settings(r.Context(), who)
	if settings.Named = r.FormValue("on") != "false"; err == nil {
		err = s.Forum.SetSettings(r.Context(), who, settings)
	}
	if err != nil {
		s.refusalPage(w, r, err)
		return
	}
	s.Sessions.Remember(w, who.Person)
	http.Redirect(w, r, s.back(r, r.FormValue("thread")), http.StatusSeeOther)
}

// cameFrom is the page of ours from which a request came, or another.
func (s *Site) cameFrom(r *http.Request, other string) string {
	from, err := url.Parse(r.Referer())
	if err != nil || (from.Host != r.Host && from.Host != s.Public.Host) || from.Path == "" {
		return other
	}
	return (&url.URL{Path: from.Path, RawQuery: from.RawQuery}).String()
}
