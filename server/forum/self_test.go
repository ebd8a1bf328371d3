package forum_test

import (
	"errors"
	"testing"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// Who has become another is that for good; that somebody is nobody else is
// believed for a while, where other nodes may know better.
func TestSelf(t *testing.T) {
	w := newWorld(t, func(c *forum.Config, _ *world) { c.HeadLife = time.Second })
	defer w.Close()
	is := func(want string) {
		t.Helper()
		if got, err := w.Self(t.Context(), "ann"); err != nil || got != want {
			t.Errorf("ann is %s, %v, rather than %s", got, err, want)
		}
	}
	is("ann")
	w.store.mu.Lock()
	w.store.selves = map[string]string{"ann": "app"}
	w.store.persons["app"] = talk.Person{ID: "app", Name: "Maren Holt"}
	w.store.mu.Unlock()
	is("ann")
	w.clock.move(5 * time.Second)
	is("app")
	if p, err := w.Person(t.Context(), "ann"); err != nil || p.Name != "Maren Holt" {
		t.Errorf("%+v, %v", p, err)
	}
	w.store.failWith(errors.New("the disk is gone"))
	w.clock.move(time.Hour)
	is("app")
}
