// Command page measures what a reader of an article waits for: a real Chromium
// opens a page on a slow phone, with a cold cache, and tells when the first
// comment is on the screen, what came over the network until then, and what
// the widget did to the page around it. Other comment systems are measured
// beside it in the same run, as far as they can be had.
//
// Everything runs on loopback, as children that end with this program.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"folkmoot/bench/rig"
)

// longest bounds the whole run, whatever hangs; peers may have to be fetched.
const longest = 30 * time.Minute

// A bench is one run.
type bench struct {
	server  string
	dir     string // holds the data folders
	cache   string // holds the peers, from run to run
	rounds  int
	peers   bool
	quick   bool
	far     bool
	verbose bool
	out     io.Writer

	host  *host
	warm  func(context.Context) error // reads Folkmoot's page as others do
	shown []*widget
	early int      // requests of a lazy widget that nobody was near
	notes []string // about peers that could not be had
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "page:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	b := &bench{out: os.Stdout}
	flag.StringVar(&b.server, "server", "../bin/folkmoot", "the `program` to measure")
	flag.StringVar(&b.cache, "cache", "../build/_peers", "the `folder` where peers are installed")
	flag.IntVar(&b.rounds, "n", 5, "how often each page is opened; the figures are medians")
	flag.BoolVar(&b.peers, "peers", true, "measure other comment systems too, if they can be had")
	flag.BoolVar(&b.quick, "quick", false, "only until the first comment, and no processor six times slower: some figures are missing")
	flag.BoolVar(&b.far, "long", false, "measure a conversation of 10,000 comments instead")
	flag.BoolVar(&b.verbose, "v", false, "tell each request of each visit")
	flag.Parse()
	if b.rounds < 1 {
		return errors.New("-n is at least 1")
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
	ctx, cancel := context.WithTimeoutCause(ctx, longest, fmt.Errorf("it took more than %v", longest))
	defer cancel()
	return b.all(ctx)
}

func (b *bench) all(ctx context.Context) (err error) {
	machine, err := rig.Describe(b.dir, b.server)
	if err != nil {
		return err
	}
	if b.host, err = openHost(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.host.close()) }()
	return rig.With(ctx, b.dir, b.server, rig.Serve, func(s *rig.Server) (err error) {
		if b.far {
			fmt.Fprintf(b.out, "%s.\n\n", time.Now().UTC().Format("2 January 2006, 15:04 UTC"))
			machine.Print(b.out)
			return b.long(ctx, s)
		}
		if err := b.folkmoot(s); err != nil {
			return err
		}
		stop := b.startPeers(ctx)
		defer func() { err = errors.Join(err, stop()) }()
		if err := b.measure(ctx); err != nil {
			return err
		}
		fmt.Fprintf(b.out, "%s. Medians of %d visits.\n\n", time.Now().UTC().Format("2 January 2006, 15:04 UTC"), b.rounds)
		machine.Print(b.out)
		b.print()
		return nil
	})
}
