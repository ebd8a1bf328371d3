package main

import (
	"path/filepath"
	"strings"
	"testing"

	"folkmoot/server/testservers"
)

func TestMigrate(t *testing.T) {
	database, err := testservers.Postgres(t.Context(), testservers.Dir(t), "fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { database.Stop() })
	steps, err := filepath.Glob("store/postgres/schema/*.sql")
	if err != nil || len(steps) < 2 {
		t.Fatalf("the steps are %q, %v", steps, err)
	}
	pending, applied, last := "", "", filepath.Base(steps[len(steps)-1])
	for _, step := range steps {
		pending += "pending               " + filepath.Base(step) + "\n"
		applied += "applied " + filepath.Base(step) + "\n"
	}
	for _, step := range []struct {
		command, want string
	}{
		{"status", pending},
		{"up", applied},
		{"up", "The database is up to date.\n"},
	} {
		out, errs, status := run(t, nil, "migrate", step.command, "--database", database.URL)
		if out != step.want || errs != "" || status != 0 {
			t.Fatalf("%s says %q, %q and ends with %d", step.command, out, errs, status)
		}
	}
	out, _, status := run(t, []string{"FOLKMOOT_DATABASE=" + database.URL}, "migrate", "status")
	if !strings.HasPrefix(out, "20") || !strings.HasSuffix(out, "Z  "+last+"\n") || status != 0 {
		t.Fatalf("status says %q and ends with %d", out, status)
	}
}

func TestMigrateFails(t *testing.T) {
	for _, command := range []string{"status", "up"} {
		for url, want := range map[string]string{
			"": "SQLite",
			"postgres://folkmoot:hunter2@127.0.0.1:1/folkmoot": "can't reach the PostgreSQL server at 127.0.0.1:1/folkmoot",
		} {
			out, errs, status := run(t, nil, "migrate", command, "--database="+url)
			if out != "" || status == 0 || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, want) || strings.Contains(errs, "hunter2") {
				t.Errorf("%s of %q says %q, %q and ends with %d", command, url, out, errs, status)
			}
		}
	}
}
