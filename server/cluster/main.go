// Command cluster shows Folkmoot on several nodes: it starts PostgreSQL, Redis
// and three nodes on this machine behind a small reverse proxy, until Ctrl-C,
// and leaves nothing behind. See make cluster.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"folkmoot/server/testservers"
)

func main() {
	program := flag.String("program", "bin/folkmoot", "the `program` that is a node")
	listen := flag.String("listen", "127.0.0.1:8080", "`address` of the reverse proxy")
	nodes := flag.Int("nodes", 3, "how `many` nodes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *program, *listen, *nodes)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, program, listen string, nodes int) error {
	dir, err := os.MkdirTemp("", "folkmoot-cluster-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL may run as another user
		return err
	}
	c, err := testservers.StartCluster(ctx, dir, program, listen, nodes)
	if err != nil {
		return err
	}
	fmt.Printf("Open %s/demo in two browsers: they are probably on two nodes, and see the same.\n\n", c.URL)
	for i, n := range c.Nodes {
		fmt.Printf("  node %d      %s/readyz, %s/metrics\n", i+1, n.URL, n.URL)
	}
	fmt.Printf("  PostgreSQL  %s\n  Redis       %s\n\n", c.Postgres.URL, c.Redis.URL)
	fmt.Printf("  redis-cli -u %s shutdown nosave     takes Redis away: see /readyz, and that comments still come\n", c.Redis.URL)
	fmt.Printf("  psql '%s' -c 'table thread'         what all nodes share\n", c.Postgres.URL)
	fmt.Printf("  %s/node1.log and so on              what the nodes log\n\nCtrl-C ends all of them.\n", dir)
	<-ctx.Done()
	fmt.Println("\nStopping.")
	return c.Stop()
}
