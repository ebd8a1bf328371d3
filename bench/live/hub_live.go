package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/bus/memory"
	"folkmoot/server/forum"
	"folkmoot/server/live"
)

// liveHub is Folkmoot's live package over a store in memory: what compares with
// hubs that have no store.
type liveHub struct {
	*live.Server
	store *store
	bus   *memory.Bus
}

func newLiveHub() (hub, error) {
	s, bus, log := newStore(), &memory.Bus{}, slog.New(slog.NewTextHandler(os.Stderr, nil))
	f := forum.New(forum.Config{Store: s, Bus: bus, Reactions: talk.DefaultReactions, Clock: time.Now, Log: log})
	return &liveHub{store: s, bus: bus, Server: live.New(live.Config{
		Forum: f, Bus: bus, Log: log,
		Identify: func(r *http.Request) forum.Who {
			return forum.Who{Person: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")}
		},
		AllowOrigin: func(*http.Request) bool { return true },
	})}, nil
}

func (h *liveHub) viewers() (n int) {
	for _, t := range h.store.all() {
		n += h.Viewers(t)
	}
	return n
}

// publish remembers each event and tells the bus, as the forum does after a
// commit of one.
func (h *liveHub) publish(thread string) (publish, error) {
	return func(e talk.Event) error {
		h.store.add(thread, e)
		return h.bus.Publish(context.Background(), talk.Update{Thread: thread, Epoch: h.store.Epoch(), Events: []talk.Event{e}})
	}, nil
}

// thread opens one, as the API does.
func (h *liveHub) thread(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	body, _ := json.Marshal(h.store.open(r.FormValue("page"))) // strings and numbers: can't fail
	w.Write(body)
}
