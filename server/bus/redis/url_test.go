package redis_test

import (
	"log/slog"
	"strings"
	"testing"

	"folkmoot/server/bus/redis"
)

func TestURLs(t *testing.T) {
	for _, url := range []string{
		"", "localhost:6379", "http://localhost", "redis+ring://localhost", "redis+cluster+x://h", "redis://:hush/hush@host:6379", "redis://:12/hush@host:6379",
		"redis://:12?hush@host", "redis://:hu%zzsh@host", "redis://user:hush@host:port", "redis://user:hush@host/x", "redis://user:hush@host?unknown=1",
		"rediss://user:hush@host?ca_file=/nowhere", "redis+sentinel://user:hush@host/x", "redis+cluster://user:hush@host?addr=x",
	} {
		b, err := redis.Open(t.Context(), redis.Options{URL: url, Key: []byte("key"), Log: slog.New(slog.DiscardHandler)})
		if err == nil {
			b.Close()
			t.Errorf("%q is taken for a URL", url)
			continue
		}
		if strings.Contains(err.Error(), "hush") {
			t.Errorf("the password is in %q", err)
		}
	}
	if _, err := redis.Open(t.Context(), redis.Options{URL: "redis://localhost", Log: slog.New(slog.DiscardHandler)}); err == nil {
		t.Error("a bus without a key opens")
	}
}
