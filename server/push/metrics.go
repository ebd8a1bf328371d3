package push

import "github.com/VictoriaMetrics/metrics"

// What an operator watches, of this process.
var (
	untold      = metrics.NewCounter("folkmoot_push_untold_total")       // people and comments that there was no room to look up
	storeErrors = metrics.NewCounter("folkmoot_push_store_errors_total") // questions to the store that failed
)

// sent counts messages by what became of them.
func sent(result string) {
	metrics.GetOrCreateCounter(`folkmoot_push_messages_total{result="` + result + `"}`).Inc()
}
