package redis

import (
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// What an operator watches, of this process.
var (
	published  = metrics.NewCounter("folkmoot_bus_published_total")  // messages that Redis took
	unsent     = metrics.NewCounter("folkmoot_bus_unsent_total")     // messages that it didn't
	received   = metrics.NewCounter("folkmoot_bus_received_total")   // messages of other nodes
	gapsTold   = metrics.NewCounter("folkmoot_bus_gaps_total")       // times that messages may have been lost
	notTaken   = metrics.NewCounter("folkmoot_limits_errors_total")  // times that Redis didn't say whether there is a token
	reconnects = metrics.NewCounter("folkmoot_bus_reconnects_total") // connections that were made anew
)

// A drop is why a message is not listened to.
type drop string

const (
	tooLarge     drop = "size"
	wrongVersion drop = "version" // of another release, while nodes are replaced
	forged       drop = "mac"     // of another site, or of nobody who should
	malformed    drop = "json"
	wrongThread  drop = "thread"
)

var dropped = map[drop]*metrics.Counter{}

func init() {
	for _, why := range []drop{tooLarge, wrongVersion, forged, malformed, wrongThread} {
		dropped[why] = metrics.NewCounter(`folkmoot_bus_dropped_total{reason="` + string(why) + `"}`)
	}
}

// drop counts a message that is not listened to, and logs some: whoever sends
// rubbish can't fill the disk.
func (b *Bus) drop(why drop, channel string) {
	dropped[why].Inc()
	if b.dropLogged.due() {
		b.log.Warn("a message on the bus was not ours; folkmoot_bus_dropped_total counts them", "reason", why, "channel", channel)
	}
}

// rarely lets something happen once a minute.
type rarely struct{ last atomic.Int64 } // in Unix seconds

func (r *rarely) due() bool {
	now, last := time.Now().Unix(), r.last.Load()
	return now-last >= 60 && r.last.CompareAndSwap(last, now)
}
