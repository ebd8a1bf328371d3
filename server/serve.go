package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"folkmoot"
	"folkmoot/app/talk"
	"folkmoot/assets"
	"folkmoot/server/forum"
	"folkmoot/server/forum/markdown"
	"folkmoot/server/live"
	"folkmoot/server/publication"
	"folkmoot/server/web"
)

// leaveWithin is how long a stop may take: what is under way is finished, and
// viewers are told to come back, spread over half of it.
const leaveWithin = 10 * time.Second

// serve is the command that serves: flags, wiring, start and stop.
type serve struct {
	Listen      string        `default:"127.0.0.1:8080" help:"Address to listen on; port 0 takes any free one."`
	Data        string        `default:"./data" type:"path" help:"Folder that holds the SQLite database, unless --database names another."`
	Database    string        `placeholder:"URL" help:"PostgreSQL database, as postgres://user:password@host/name; any number of nodes may share it."`
	Redis       string        `placeholder:"URL" help:"Redis through which nodes that share a database hear of each other: redis://, rediss://, redis+cluster:// or redis+sentinel://."`
	PublicURL   string        `name:"public-url" placeholder:"URL" help:"Where browsers reach this server, if not at the address that it listens on."`
	Origin      []string      `placeholder:"ORIGIN" help:"Place that may embed, such as https://blog.example; may be repeated. Without one, pages on this machine may."`
	Proxies     []string      `name:"trusted-proxies" placeholder:"CIDR" help:"Addresses of the reverse proxies in front, such as 127.0.0.1 or 10.0.0.0/8, whose X-Forwarded-For counts; may be repeated."`
	PerAddress  int           `name:"sockets-per-address" default:"500" help:"How many live connections one address may have."`
	EditWindow  time.Duration `name:"edit-window" default:"15m" help:"How long a comment's author may change it; 0 for never."`
	Hold        string        `enum:"none,first,all" default:"none" help:"Which comments wait for a moderator: none, the first of each person, or all."`
	OneReaction bool          `name:"one-reaction" help:"Each person has one reaction to an article: choosing another takes the first back."`
	Reaction    []string      `placeholder:"KIND=EMOJI=LABEL" sep:"none" help:"A reaction that the site offers, such as agree=🤝=Agree; may be repeated, and replaces the usual ones."`
	Images      []string      `placeholder:"ORIGIN" help:"Place of yours whose pictures comments show, such as https://blog.example; may be repeated. All others are links."`
	Presence    string        `enum:"on,off" default:"on" help:"Whether people are told how many are here now."`
	Typing      string        `enum:"on,off" default:"on" help:"Whether people are told who is writing."`
	RateLimits  string        `enum:"on,off" default:"on" help:"off is for tests and benchmarks on this machine."`
	Moved       string        `type:"existingfile" placeholder:"FILE" help:"Rules by which pages have moved, a line each: the old address and the new one, which may both end in /*. Read again when it changes."`
	Indexable   string        `enum:"no,yes,article" default:"no" help:"What search engines may show of conversations: no; yes, their own pages; or article, where they show the article."`
	Push        string        `enum:"on,off" default:"on" help:"Whether people may have their devices told of answers, through the push services of their browsers."`
	PushContact string        `name:"push-contact" placeholder:"ADDRESS" help:"Where whoever runs a push service reaches you, such as mailto:admin@blog.example, if not at --public-url."`
	PushLocal   bool          `name:"push-local" hidden:"" help:"Push services are on this machine, and nowhere else: for tests."`
	Dev         bool          `help:"Reload pages when the server was rebuilt; for make dev."`
	LogLevel    string        `enum:"debug,info,warn,error" default:"info" help:"What to log: debug, info, warn or error."`
	LogFormat   string        `enum:"text,json" default:"text" help:"How to log: text or json."`
}

// Run serves until the process is told to stop (SIGTERM, SIGINT).
func (c *serve) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return c.run(ctx, os.Stdout, os.Stderr)
}

// run serves until ctx is done. It tells on out where, and logs to logs.
func (c *serve) run(ctx context.Context, out, logs io.Writer) (err error) {
	log := c.logger(logs)
	set, err := assets.Load()
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return listenError(c.Listen, err)
	}
	defer listener.Close()
	public, err := c.public(listener.Addr().(*net.TCPAddr))
	if err != nil {
		return err
	}
	origins, err := forum.ParseOrigins(public.String(), c.Origin)
	if err != nil {
		return err
	}
	proxies, err := parseProxies(c.Proxies)
	if err != nil {
		return err
	}
	images, err := parseImages(c.Images)
	if err != nil {
		return err
	}
	reactions, err := parseReactions(c.Reaction)
	if err != nil {
		return err
	}
	if c.EditWindow < 0 {
		return fmt.Errorf("--edit-window %v is before it began: write it as 15m, or 0 for never", c.EditWindow)
	}
	var rules *forum.Redirects
	if c.Moved != "" {
		if rules, err = readMoved(c.Moved); err != nil {
			return err
		}
	}
	p, err := c.parts(ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	sender, err := c.sender(ctx, p, set, public, log)
	if err != nil {
		return err
	}
	defer sender.Close()
	f := forum.New(forum.Config{
		Store: p.store, Bus: p.bus, Origins: origins, Reactions: reactions,
		Rules: forum.Rules{EditWindow: c.EditWindow, Hold: c.Hold, OneReaction: c.OneReaction},
		Clock: time.Now, Log: log, RateLimits: c.RateLimits == "on",
		Markdown: markdown.New(images...), Limits: p.limits, HeadLife: p.headLife, Gathering: p.gathering, Tell: sender.Tell,
	})
	defer f.Close()
	sessions := web.NewSessions(p.key, public)
	sockets := live.New(live.Config{
		Forum: f, Bus: p.bus, Identify: sessions.Who, AllowOrigin: web.AllowSocket(public), Tongue: web.Tongue(set), Log: log,
		RateLimits: c.RateLimits == "on", PerAddress: c.PerAddress, HidePresence: c.Presence == "off", HideTyping: c.Typing == "off", CompareEvery: p.compareEvery,
	})
	p.onGap(sockets.Check)
	server := &http.Server{
		Handler: web.New(web.Config{
			Forum: f, Live: sockets, Sessions: sessions, Assets: set, Demo: folkmoot.Demo, Images: images,
			Public: public, Clock: time.Now, Log: log, Proxies: proxies, BusErr: p.busErr, Dev: c.Dev, Indexable: indexable[c.Indexable],
			PushKey: sender.Key(), PushLocal: c.PushLocal,
		}),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second, // a large comment over a poor phone line
		WriteTimeout:      120 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	go forget(ctx, f, log)
	go tidy(ctx)
	go f.Follow(ctx, publication.New("Folkmoot at "+public.String()))
	if rules != nil {
		go watchMoved(ctx, f, c.Moved, rules, log)
	}
	if p.touched != nil {
		go watchTouched(ctx, p.touched, func() { f.Refresh(); sockets.Check() }, log)
	}

	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	c.announce(out, public, log)
	select {
	case err := <-ended:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	log.Info("stopping: finishing what is under way")
	leaving, cancel := context.WithTimeout(context.Background(), leaveWithin)
	defer cancel()
	err = errors.Join(sockets.Shutdown(leaving, leaveWithin/2), server.Shutdown(leaving))
	if err != nil {
		return fmt.Errorf("stopping took longer than %v: %w", leaveWithin, err)
	}
	return nil
}

// indexable are what --indexable may say.
var indexable = map[string]web.Indexable{"yes": web.IndexThread, "article": web.IndexArticle}

// parseProxies reads --trusted-proxies: networks, or single addresses.
func parseProxies(all []string) (proxies []netip.Prefix, err error) {
	for _, s := range all {
		if a, err := netip.ParseAddr(s); err == nil {
			proxies = append(proxies, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxies %q is no address and no network: write it as 127.0.0.1 or 10.0.0.0/8", s)
		}
		proxies = append(proxies, p.Masked())
	}
	return proxies, nil
}

// parseImages reads --images: origins, as browsers have them.
func parseImages(all []string) (origins []string, err error) {
	for _, s := range all {
		origin, err := forum.ParseOrigin(s)
		if err != nil {
			return nil, fmt.Errorf("--images %w: pictures from anywhere would tell strangers who reads what", err)
		}
		origins = append(origins, origin)
	}
	return origins, nil
}

// forget lets go of what recognizes repeats, once it is old, every hour.
func forget(ctx context.Context, f *forum.Forum, log *slog.Logger) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		if err := f.Forget(ctx); err != nil && ctx.Err() == nil {
			log.Warn("forgetting old refs failed", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (c *serve) announce(out io.Writer, public *url.URL, log *slog.Logger) {
	fmt.Fprintf(out, "Folkmoot is ready.\n  the demo article   %s/demo\n  your own pages     <script async src=\"%s/embed.js\"></script>\n", public, public)
	if len(c.Origin) == 0 {
		fmt.Fprintln(out, "  who may embed      pages on this machine; name others with --origin https://blog.example")
	}
	if c.RateLimits == "off" {
		log.Warn("RATE LIMITS ARE OFF: anybody can flood this server. This is for tests and benchmarks only.")
	}
}

func (c *serve) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // an enum
	o := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// public is where browsers reach the server: what was said, else localhost,
// which browsers trust like https.
func (c *serve) public(at *net.TCPAddr) (*url.URL, error) {
	if c.PublicURL == "" {
		host := "localhost"
		if ip := at.IP; !ip.IsLoopback() && !ip.IsUnspecified() {
			host = at.IP.String()
		}
		return &url.URL{Scheme: "http", Host: net.JoinHostPort(host, fmt.Sprint(at.Port))}, nil
	}
	return parsePublic(c.PublicURL)
}

func parsePublic(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	_, origin, bad := talk.PageKey(address) // folds it to what browsers send as Origin
	if err != nil || bad != nil || strings.Trim(u.Path, "/") != "" || strings.ContainsAny(address, "?#") {
		return nil, fmt.Errorf("--public-url %q is no address of a server: write it as https://comments.example, without a path", address)
	}
	return url.Parse(origin)
}

// parseReactions reads --reaction, or returns the usual ones.
func parseReactions(all []string) ([]talk.ReactionKind, error) {
	if len(all) == 0 {
		return talk.DefaultReactions, nil
	}
	var kinds []talk.ReactionKind
	for _, s := range all {
		parts := strings.SplitN(s, "=", 3)
		if len(parts) < 3 || !kindName.MatchString(parts[0]) || talk.Blank(parts[1]) || talk.Blank(parts[2]) ||
			slices.ContainsFunc(kinds, func(k talk.ReactionKind) bool { return k.Kind == parts[0] }) {
			return nil, fmt.Errorf("--reaction %q is none: write each as kind=emoji=label, such as agree=🤝=Agree, with a kind of small letters, digits and hyphens that comes once", s)
		}
		kinds = append(kinds, talk.ReactionKind{Kind: parts[0], Emoji: strings.TrimSpace(parts[1]), Label: strings.TrimSpace(parts[2])})
	}
	return kinds, nil
}

// kindName is what a reaction is called in addresses and in the database.
var kindName = regexp.MustCompile(`^[a-z0-9-]{1,30}$`)

func listenError(address string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is in use by another program: stop that one, or choose another address with --listen 127.0.0.1:8081", address)
	}
	if errors.Is(err, syscall.EACCES) {
		return fmt.Errorf("%s may not be listened on by this user: choose a port above 1023 with --listen", address)
	}
	return fmt.Errorf("--listen %s: %w", address, err)
}
