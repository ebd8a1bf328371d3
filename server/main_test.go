package main

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// binary is Folkmoot as people run it, without what slows a test's own down.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "folkmoot")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "folkmoot")
		build := exec.Command("go", "build", "-ldflags", "-X main.version=v9.9.9-test", "-o", binary, ".")
		if out, err := build.CombinedOutput(); err != nil {
			panic(string(out))
		}
		return m.Run()
	}())
}

// run runs the binary to its end, with more in its environment.
func run(t *testing.T, env []string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(cleanEnv(), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	time.AfterFunc(patience, func() {
		if cmd.Process != nil {
			cmd.Process.Kill() // of one that should have ended: its status tells
		}
	})
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

func cleanEnv() (env []string) {
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "FOLKMOOT_") {
			env = append(env, v)
		}
	}
	return env
}

func TestVersion(t *testing.T) {
	if out, errs, status := run(t, nil, "version"); out != "folkmoot v9.9.9-test\n" || errs != "" || status != 0 {
		t.Errorf("%q %q %d", out, errs, status)
	}
}

func TestHelp(t *testing.T) {
	for _, test := range []struct {
		args []string
		says []string
	}{
		{[]string{"--help"}, []string{"serve", "version"}},
		{[]string{"serve", "--help"}, []string{"--listen", "--data", "--public-url", "--origin", "--rate-limits", "$FOLKMOOT_LISTEN", "$FOLKMOOT_PUBLIC_URL", "$FOLKMOOT_ORIGIN"}},
		{[]string{"version", "--help"}, []string{"version"}},
	} {
		out, errs, status := run(t, nil, test.args...)
		for _, want := range test.says {
			if !strings.Contains(out, want) {
				t.Errorf("%v doesn't tell of %s: %s", test.args, want, out)
			}
		}
		if errs != "" || status != 0 {
			t.Errorf("%v: %q %d", test.args, errs, status)
		}
	}
}

// Each flag and its twin in the environment, told by what is wrong with it.
func TestFlagsAndTheirTwins(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ flag, twin, value, says string }{
		{"--listen", "FOLKMOOT_LISTEN", busy.Addr().String(), "in use"},
		{"--data", "FOLKMOOT_DATA", file, "data folder"},
		{"--public-url", "FOLKMOOT_PUBLIC_URL", "talk.example", "--public-url"},
		{"--origin", "FOLKMOOT_ORIGIN", "https://ok.example,blog.example", "no origin"},
		{"--rate-limits", "FOLKMOOT_RATE_LIMITS", "sometimes", "rate-limits"},
		{"--log-level", "FOLKMOOT_LOG_LEVEL", "loud", "log-level"},
		{"--log-format", "FOLKMOOT_LOG_FORMAT", "xml", "log-format"},
	} {
		listen := "--listen=127.0.0.1:0"
		if test.flag == "--listen" {
			listen = "--rate-limits=on"
		}
		for how, f := range map[string]func() (string, string, int){
			"flag": func() (string, string, int) { return run(t, nil, "serve", listen, test.flag+"="+test.value) },
			"twin": func() (string, string, int) { return run(t, []string{test.twin + "=" + test.value}, "serve", listen) },
		} {
			_, errs, status := f()
			if status == 0 || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "folkmoot: ") || !strings.Contains(errs, test.says) {
				t.Errorf("%s as a %s: status %d, %q, want one line with %q", test.flag, how, status, errs, test.says)
			}
		}
	}
}

func TestUnknownCommandOrFlag(t *testing.T) {
	for _, args := range [][]string{{}, {"dance"}, {"serve", "--dance"}, {"serve", "now"}} {
		if _, errs, status := run(t, nil, args...); status == 0 || errs == "" {
			t.Errorf("%v: status %d, %q", args, status, errs)
		}
	}
}

// As an operator's tools stop it.
func TestSignalsStopIt(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		cmd := exec.Command(binary, "serve", "--listen=127.0.0.1:0", "--data="+t.TempDir())
		cmd.Env = append(cleanEnv(), "FOLKMOOT_PUBLIC_URL=https://talk.example", "FOLKMOOT_LOG_FORMAT=json", "FOLKMOOT_ORIGIN=https://blog.example")
		out, logs := newTranscript(), newTranscript()
		cmd.Stdout, cmd.Stderr = out, logs
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer cmd.Process.Kill()
		out.await(t, `(https://talk\.example)/embed\.js`)
		cmd.Process.Signal(signal)
		logs.await(t, `(?m)^\{.*"msg":"stopping.*\}$`)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v", signal, err)
		}
		if text, _ := out.read(); regexp.MustCompile(`--origin`).MatchString(text) {
			t.Errorf("it tells how to name origins, which was done: %s", text)
		}
	}
}
