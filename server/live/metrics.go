package live

import "github.com/VictoriaMetrics/metrics"

// What an operator watches, of this process.
var (
	connections = metrics.NewGauge("folkmoot_live_connections", nil)
	openRooms   = metrics.NewGauge("folkmoot_live_rooms", nil)
	received    = metrics.NewCounter("folkmoot_live_received_total") // messages from browsers
	written     = metrics.NewCounter("folkmoot_live_writes_total")   // writes to sockets, of one frame or many
	writtenSize = metrics.NewCounter("folkmoot_live_written_bytes_total")
	joins       = metrics.NewCounter(`folkmoot_live_joins_total{from="room"}`)  // caught up from what the room remembers
	storeJoins  = metrics.NewCounter(`folkmoot_live_joins_total{from="store"}`) // caught up from the store
	repairs     = metrics.NewCounter("folkmoot_live_repairs_total")             // gaps that were read from the store
	resyncs     = metrics.NewCounter("folkmoot_live_resyncs_total")             // rooms and joins that had to begin anew

	endedBehind    = metrics.NewCounter(`folkmoot_live_ended_total{why="behind"}`)    // did not read fast enough
	endedSilent    = metrics.NewCounter(`folkmoot_live_ended_total{why="silent"}`)    // said nothing for too long
	endedTooFast   = metrics.NewCounter(`folkmoot_live_ended_total{why="too_fast"}`)  // sent too many messages
	endedThreads   = metrics.NewCounter(`folkmoot_live_ended_total{why="threads"}`)   // joined too many threads
	endedStrikes   = metrics.NewCounter(`folkmoot_live_ended_total{why="malformed"}`) // sent too much that isn't the protocol, or of threads that don't exist
	endedStuck     = metrics.NewCounter(`folkmoot_live_ended_total{why="stuck"}`)     // did not read at all
	endedFrame     = metrics.NewCounter(`folkmoot_live_ended_total{why="frame"}`)     // broke the websocket's rules: too large, compressed, not text
	refusedOrigin  = metrics.NewCounter(`folkmoot_live_refused_total{why="origin"}`)  // another site's page
	refusedAddress = metrics.NewCounter(`folkmoot_live_refused_total{why="address"}`) // too many from one address
)
