// Command folkmoot serves live reactions and comments for articles, from one
// binary with everything in it.
package main

import (
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	_ "time/tzdata" // quiet hours are somewhere, whatever the machine knows of it

	"github.com/alecthomas/kong"
)

// version is set by the linker (make build); else the module's own is told.
var version = ""

// cli is the command line. Every flag has a twin in the environment:
// --public-url is FOLKMOOT_PUBLIC_URL.
type cli struct {
	Serve   serve      `cmd:"" help:"Serve articles' conversations."`
	Owner   ownerLink  `cmd:"" name:"owner-link" help:"Print a link that makes whoever opens it the site's owner."`
	Page    pages      `cmd:"" help:"List, move and merge pages' conversations."`
	Render  render     `cmd:"" help:"Print a page's comments as HTML, to be part of the page when it is built."`
	Migrate migrate    `cmd:"" help:"Look at or change the format of a PostgreSQL database."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

type versionCmd struct{}

func (versionCmd) Run() error {
	v := version
	if v == "" {
		v = "(devel)"
		if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
			v = info.Main.Version
		}
	}
	_, err := fmt.Println("folkmoot", v)
	return err
}

func main() {
	ctx := kong.Parse(&cli{},
		kong.Name("folkmoot"),
		kong.Description("Live reactions and comments under any article, with one script tag."),
		kong.UsageOnError(),
		kong.DefaultEnvars("FOLKMOOT"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err := ctx.Run(); err != nil {
		slog.Debug("stopped", "error", err)
		fmt.Fprintln(os.Stderr, "folkmoot:", err)
		os.Exit(1)
	}
}
