package testservers_test

import (
	"context"
	"os/exec"
	"testing"

	"folkmoot/server/testservers"
)

func TestServersComeBackWhereTheyWere(t *testing.T) {
	for name, start := range map[string]func(context.Context, string) (*testservers.Server, error){
		"PostgreSQL": func(ctx context.Context, dir string) (*testservers.Server, error) {
			return testservers.Postgres(ctx, dir)
		},
		"Redis": func(ctx context.Context, dir string) (*testservers.Server, error) { return testservers.Redis(ctx, dir) },
	} {
		t.Run(name, func(t *testing.T) {
			s, err := start(t.Context(), testservers.Dir(t))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := s.Stop(); err != nil {
					t.Error(err)
				}
			})
			answers := func() error {
				if name == "Redis" {
					return exec.CommandContext(t.Context(), "redis-cli", "-u", s.URL, "-e", "ping").Run()
				}
				return exec.CommandContext(t.Context(), "psql", "-qtAc", "select 1", s.URL).Run()
			}
			for _, end := range []func() error{s.Stop, s.Kill} {
				if err := answers(); err != nil {
					t.Errorf("it runs, but: %v", err)
				}
				if err := end(); err != nil {
					t.Fatal(err)
				}
				if err := answers(); err == nil {
					t.Error("it answers after it was ended")
				}
				if err := s.Start(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
