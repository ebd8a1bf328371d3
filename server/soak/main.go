// Command soak proves that nothing is missed: it runs several nodes of Folkmoot
// on PostgreSQL and Redis, with many viewers and a steady trickle of comments
// and reactions, and meanwhile restarts Redis and PostgreSQL, kills a node and
// freezes one. In the end every comment that was acknowledged must be at every
// viewer and in the store, exactly once. It knows the product from outside
// only: its program, its HTTP and its sockets. See make soak.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	program := flag.String("program", "bin/folkmoot", "the `program` that is a node")
	length := flag.Duration("for", 10*time.Minute, "how `long`, without start and end")
	viewers := flag.Int("viewers", 1000, "how `many` hold a socket")
	threads := flag.Int("threads", 5, "how `many` they are spread over")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := soakFor(ctx, *length, config{program: *program, viewers: *viewers, threads: *threads})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

// calmTimes is how often it is calm, between the faults and around them.
const calmTimes = 6

func soakFor(ctx context.Context, length time.Duration, c config) (err error) {
	if c.dir, err = os.MkdirTemp("", "folkmoot-soak-*"); err != nil {
		return err
	}
	if err := os.Chmod(c.dir, 0o755); err != nil { // PostgreSQL may run as another user
		return err
	}
	c.posters, c.postEvery = 10, 2*time.Second
	c.reactors, c.reactEvery = 10, 2*time.Second
	c.redisAway, c.nodeDown, c.frozen, c.postgresAway = 20*time.Second, 20*time.Second, 10*time.Second, 10*time.Second
	faults := 2*c.redisAway + c.nodeDown + c.frozen + c.postgresAway
	c.calm = max(time.Second, (length-faults)/calmTimes)
	report, err := soak(ctx, c, os.Stdout)
	if ctx.Err() != nil {
		return errors.Join(errors.New("it was broken off"), os.RemoveAll(c.dir))
	}
	if err != nil {
		return fmt.Errorf("%w (the servers' logs are in %s)", err, c.dir)
	}
	report.print(os.Stdout)
	if len(report.wrong) > 0 {
		return errors.New("something is wrong; the servers' logs are in " + c.dir)
	}
	return os.RemoveAll(c.dir)
}
