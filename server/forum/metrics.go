package forum

import "github.com/VictoriaMetrics/metrics"

// What an operator watches, of this process.
var (
	refused     = metrics.NewCounter("folkmoot_rate_limited_total")       // commands and sessions
	writes      = metrics.NewCounter("folkmoot_store_writes_total")       // commands that reached the store
	batches     = metrics.NewCounter("folkmoot_store_commits_total")      // transactions that carried them
	storeErrors = metrics.NewCounter("folkmoot_store_errors_total")       // questions and commits that failed
	commitTime  = metrics.NewHistogram("folkmoot_store_commit_seconds")   // of each transaction
	busErrors   = metrics.NewCounter("folkmoot_bus_publish_errors_total") // updates that were not sent
)
