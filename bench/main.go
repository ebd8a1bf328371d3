// Command bench measures a built Folkmoot server on this machine and prints
// what it found as Markdown. It starts the server itself, as a child on
// loopback, with data folders of its own, and leaves nothing behind.
//
// Every answer is checked, and what was acknowledged is read back: a figure
// that is fast because it is wrong fails the run.
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
	"strings"
	"syscall"
	"time"

	"folkmoot/bench/rig"
)

// longest bounds the whole run, whatever hangs; with -quiet, whoever keeps the
// machine busy.
const (
	longest      = 10 * time.Minute
	longestQuiet = time.Hour
)

// A bench is one run.
type bench struct {
	server string         // the program to measure
	root   string         // the repository, where what was built lies
	dir    string         // holds the data folders
	only   *regexp.Regexp // names of the figures wanted; nil: all
	window time.Duration  // how long a load is measured
	quick  bool
	quiet  bool // wait for a quiet machine, and measure again if it wasn't
	out    io.Writer
}

// A figure is some of the rows that a run prints, each with a name for -only.
type figure struct {
	rows []string
	run  func(*bench, context.Context) error
}

var figures = []figure{
	{[]string{"wasm"}, (*bench).wasmSize},
	{[]string{"start"}, (*bench).startAndIdle},
	{[]string{"bytes"}, (*bench).pageBytes},
	{pageRows, (*bench).pageReads},
	{named("comments", httpClients), (*bench).comments},
	{named("reactions", httpClients), (*bench).reactions},
	{named("likes", httpClients), (*bench).likes},
	{named("sockets", socketClients), (*bench).socketReactions},
	{[]string{"once"}, (*bench).once},
	{[]string{"event"}, (*bench).eventDelay},
}

var (
	httpClients   = []int{1, 16, 256}
	socketClients = []int{16, 256}
)

func named(what string, clients []int) (rows []string) {
	for _, n := range clients {
		rows = append(rows, row(what, n))
	}
	return rows
}

func row(what string, clients int) string { return fmt.Sprintf("%s/%d", what, clients) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	b := &bench{window: 4 * time.Second, out: os.Stdout}
	only := flag.String("only", "", "measure only what this `regexp` matches, such as 'comments|pages/br|reactions/16$'")
	list := flag.Bool("list", false, "list the names that -only takes")
	flag.StringVar(&b.server, "server", "../bin/folkmoot", "the `program` to measure")
	flag.StringVar(&b.root, "root", "..", "the repository's `folder`")
	flag.BoolVar(&b.quick, "quick", false, "a tenth of the time: to see that it works, not to quote")
	flag.BoolVar(&b.quiet, "quiet", false, "wait until nobody else uses the machine, and measure again what they disturbed")
	flag.Parse()
	if *list {
		for _, f := range figures {
			for _, name := range f.rows {
				fmt.Println(name)
			}
		}
		return nil
	}
	if *only != "" {
		if b.only, err = regexp.Compile(*only); err != nil {
			return fmt.Errorf("-only: %w", err)
		}
	}
	if b.quick {
		b.window /= 10
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
	limit := longest
	if b.quiet {
		limit = longestQuiet
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return b.all(ctx)
}

func (b *bench) all(ctx context.Context) error {
	if err := b.untilQuiet(ctx); err != nil {
		return err
	}
	machine, err := rig.Describe(b.dir, b.server)
	if err != nil {
		return err
	}
	how := ""
	if b.quick {
		how = " **Quick run: not to be quoted.**"
	}
	fmt.Fprintf(b.out, "%s.%s\n\n", time.Now().UTC().Format("2 January 2006, 15:04 UTC"), how)
	machine.Print(b.out)
	for _, f := range figures {
		if !slices.ContainsFunc(f.rows, b.wants) {
			continue
		}
		if err := f.run(b, ctx); err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			name, _, _ := strings.Cut(f.rows[0], "/")
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (b *bench) wants(row string) bool { return b.only == nil || b.only.MatchString(row) }

// some is how often something counted is done: a tenth if quick.
func (b *bench) some(n int) int {
	if b.quick {
		return n / 10
	}
	return n
}

// with runs do with a server of its own, on an empty data folder.
func (b *bench) with(ctx context.Context, do func(*rig.Server) error) error {
	return rig.With(ctx, b.dir, b.server, rig.Serve, do)
}

// untilQuiet waits, if it was asked for, until nobody else uses the machine.
func (b *bench) untilQuiet(ctx context.Context) error {
	if !b.quiet {
		return nil
	}
	return rig.UntilQuiet(ctx)
}
