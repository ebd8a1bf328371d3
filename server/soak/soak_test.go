package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"folkmoot/server/testservers"
)

// The small run. Its timings are printed and not judged: the machine may be
// busy with other tests.
func TestNothingIsMissed(t *testing.T) {
	const program = "../../bin/folkmoot"
	if _, err := os.Stat(program); err != nil {
		t.Fatal("there is no bin/folkmoot: make build first")
	}
	dir := testservers.Dir(t)
	t.Cleanup(func() {
		if t.Failed() {
			logEnds(t, dir)
		}
	})
	report, err := soak(t.Context(), config{
		program: program, dir: dir, viewers: 60, threads: 3,
		posters: 6, postEvery: 250 * time.Millisecond, reactors: 4, reactEvery: 200 * time.Millisecond,
		calm: time.Second, redisAway: 3 * time.Second, nodeDown: 3 * time.Second, frozen: 4 * time.Second, postgresAway: 3 * time.Second,
	}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	report.print(t.Output())
	for _, wrong := range report.wrong {
		t.Error(wrong)
	}
	if report.posted < 50 {
		t.Errorf("only %d comments were acknowledged: nothing was tried", report.posted)
	}
}

// logEnds shows the last that the nodes have logged.
func logEnds(t *testing.T, dir string) {
	logs, err := filepath.Glob(filepath.Join(dir, "node*.log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range logs {
		text, err := os.ReadFile(name)
		t.Logf("%s ends (%v):\n%s", filepath.Base(name), err, text[max(0, len(text)-3000):])
	}
}
