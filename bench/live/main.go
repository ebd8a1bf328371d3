// Command live measures live sync on this machine and prints what it found as
// Markdown: a built Folkmoot server, its live package over a store in memory,
// and two peers, side by side. It holds the sockets, posts and reacts at a
// given rate, and checks every delivery: each log entry exactly once, in order,
// at every viewer, and counts that are the store's in the end.
//
// Servers are children on loopback, one at a time; nothing is left behind.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"syscall"
	"time"

	"folkmoot/bench/rig"
)

// The whole run is bounded, whatever hangs; with -quiet, whoever keeps the
// machine busy.
const (
	longest      = 20 * time.Minute
	longestQuiet = time.Hour
)

// serveCommand makes this program a child.
const serveCommand = "serve"

// A bench is one run.
type bench struct {
	server  string         // the program to measure
	dir     string         // holds the data folders
	only    *regexp.Regexp // names wanted; nil: all
	quick   bool
	quiet   bool
	sockets int
	mix     mix
	settle  time.Duration // how long sockets are left alone before memory is read or a load begins: presence is told once a second
	out     io.Writer
	results map[string]*measured // by name
	broken  []string             // what must not happen to Folkmoot and did
}

// A scenario is measured for one server after the other.
type scenario struct {
	name    string
	servers []string
	measure func(*bench, context.Context, string) (*measured, error)
	print   func(*bench, []*measured)
}

var folkmoots = []string{product, ours}

var scenarios = []scenario{
	{"idle", everyServer, (*bench).idle, (*bench).printIdle},
	{"idle-threads", everyServer, (*bench).idleThreads, (*bench).printIdleThreads},
	{"burst", everyServer, (*bench).burst, (*bench).printBurst},
	{"steady", everyServer, (*bench).steady, (*bench).printSteady},
	{"lone", everyServer, (*bench).lone, (*bench).printLone},
	{"stalled", everyServer, (*bench).stalled, (*bench).printStalled},
	{"reactions-200", folkmoots, (*bench).fewReactions, nil},
	{"reactions-2000", folkmoots, (*bench).manyReactions, (*bench).printReactions},
	{"mixed", folkmoots, (*bench).mixed, (*bench).printMixed},
}

func main() {
	var err error
	if len(os.Args) == 3 && os.Args[1] == serveCommand {
		err = serve(os.Args[2])
	} else {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		err = run(ctx)
		stop()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "live:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	b := &bench{out: os.Stdout}
	only := flag.String("only", "", "measure only what this `regexp` matches, such as 'burst|idle/folkmoot'")
	list := flag.Bool("list", false, "list the names that -only takes")
	flag.StringVar(&b.server, "server", "../bin/folkmoot", "the `program` to measure")
	flag.IntVar(&b.sockets, "sockets", 0, "how many sockets the largest scenarios hold (5000; 500 if quick)")
	flag.IntVar(&b.mix.threads, "threads", 50, "in mixed: how many threads the sockets watch")
	flag.IntVar(&b.mix.comments, "comments", 50, "in mixed: how many a second")
	flag.IntVar(&b.mix.reactions, "reactions", 500, "in mixed: how many a second")
	flag.DurationVar(&b.mix.lasts, "for", 5*time.Second, "in mixed: for how long")
	flag.BoolVar(&b.quick, "quick", false, "few sockets and short: to see that it works, not to quote")
	flag.BoolVar(&b.quiet, "quiet", false, "wait until nobody else uses the machine, and measure again what they disturbed")
	flag.Parse()
	if *list {
		for _, s := range scenarios {
			for _, server := range s.servers {
				fmt.Println(s.name + "/" + server)
			}
		}
		return nil
	}
	if b.mix.threads < 1 || b.mix.comments < 1 || b.mix.reactions < 1 || b.mix.lasts < time.Second {
		return errors.New("-threads, -comments and -reactions are at least 1, -for a second")
	}
	if *only != "" {
		if b.only, err = regexp.Compile(*only); err != nil {
			return fmt.Errorf("-only: %w", err)
		}
	}
	b.settle = time.Duration(b.size(5, 2)) * time.Second
	if b.sockets <= 0 {
		b.sockets = b.size(5000, 500)
	}
	if b.server, err = rig.Built(b.server); err != nil {
		return err
	}
	dir, done, err := rig.Workplace()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	b.dir = dir
	if err := allow(b.sockets); err != nil {
		return err
	}
	limit := longest
	if b.quiet {
		limit = longestQuiet
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return b.all(ctx)
}

// size is that of a full run, or of a quick one.
func (b *bench) size(full, quick int) int {
	if b.quick {
		return quick
	}
	return full
}

// allow raises the limit of open files, which children inherit.
func allow(sockets int) error {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return err
	}
	l.Cur = l.Max
	if need := uint64(sockets + 500); l.Max < need {
		return fmt.Errorf("%d sockets need %d open files, and this user may have %d: fewer with -sockets, more with ulimit -Hn", sockets, need, l.Max)
	}
	return syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l)
}

func (b *bench) all(ctx context.Context) error {
	machine, err := rig.Describe(b.dir, b.server)
	if err != nil {
		return err
	}
	how := ""
	if b.quick {
		how = " **Quick run: not to be quoted.**"
	}
	fmt.Fprintf(b.out, "%s.%s\n\n", time.Now().UTC().Format("2 January 2006, 15:04 UTC"), how)
	machine.Add("sockets", rig.Count(b.sockets)+", and where the title says so fewer")
	machine.Print(b.out)
	b.results = map[string]*measured{}
	for _, s := range scenarios {
		if err := b.scenario(ctx, s); err != nil {
			return err
		}
	}
	b.printAims()
	if len(b.broken) > 0 {
		for _, what := range b.broken {
			fmt.Fprintln(b.out, "- **Wrong:**", what)
		}
		return errors.New("a delivery was wrong: see the end of the output")
	}
	return nil
}

func (b *bench) scenario(ctx context.Context, s scenario) error {
	var all []*measured
	for _, server := range s.servers {
		name := s.name + "/" + server
		if b.only != nil && !b.only.MatchString(name) {
			continue
		}
		m, err := b.measured(ctx, s, server)
		if err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return fmt.Errorf("%s: %w", name, err)
		}
		b.results[name] = m
		all = append(all, m)
		if m.faults.any() && slices.Contains(folkmoots, server) {
			b.broken = append(b.broken, name+": "+m.faults.String())
		}
	}
	if s.print == nil || len(all) == 0 {
		return nil
	}
	s.print(b, all)
	return nil
}

// measured measures, and if it was asked for again while others disturb it.
func (b *bench) measured(ctx context.Context, s scenario, server string) (m *measured, err error) {
	for try := 1; ; try++ {
		if b.quiet {
			if err := rig.UntilQuiet(ctx); err != nil {
				return nil, err
			}
		}
		began := time.Now()
		fmt.Fprintf(os.Stderr, "%s/%s …", s.name, server)
		m, err = s.measure(b, ctx, server)
		if err == nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr)
			return nil, err
		}
		fmt.Fprintf(os.Stderr, " %.1f s, others %.2f cores\n", time.Since(began).Seconds(), m.use.cores(m.use.others))
		if !b.quiet || rig.Quiet(m.use.cores(m.use.others)) || try == rig.QuietTries {
			return m, nil
		}
	}
}
