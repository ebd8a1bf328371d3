package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// readyWait bounds how long the store may take to answer a look at it.
const readyWait = 2 * time.Second

// serveReady says whether the node may take traffic. It may without the bus:
// then viewers are told a second later, from the store.
func (s *Site) serveReady(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWait)
	defer cancel()
	w.Header().Set("Cache-Control", "no-store")
	if err := s.Forum.Store.Ping(ctx); err != nil {
		s.Log.WarnContext(r.Context(), "not ready", "error", err)
		http.Error(w, "not ready: the store can't be read; pages come from memory, and nothing can be written", http.StatusServiceUnavailable)
		return
	}
	if s.BusErr != nil {
		if err := s.BusErr(); err != nil {
			fmt.Fprintf(w, "ready, but degraded: %v; what happens on other nodes shows a second later\n", err)
			return
		}
	}
	fmt.Fprintln(w, "ready")
}

// serveMetrics tells operators, who are nearby, what the process does, in the
// Prometheus text format.
func (s *Site) serveMetrics(w http.ResponseWriter, r *http.Request) {
	if !fromNearby(r) {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	metrics.WritePrometheus(w, true)
}
