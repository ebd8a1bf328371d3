package forum_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

func TestQuiet(t *testing.T) {
	night, day := talk.Quiet{From: "22:00", To: "07:30", Zone: "Europe/London"}, talk.Quiet{From: "12:00", To: "13:00", Zone: "Asia/Kolkata"}
	tests := []struct {
		quiet talk.Quiet
		now   string
		until string // empty: it isn't
	}{
		{talk.Quiet{}, "2026-06-01T00:00:00Z", ""},
		{night, "2026-01-10T21:59:59Z", ""},
		{night, "2026-01-10T22:00:00Z", "2026-01-11T07:30:00Z"},
		{night, "2026-01-11T07:29:59Z", "2026-01-11T07:30:00Z"},
		{night, "2026-01-11T07:30:00Z", ""},
		{night, "2026-06-10T21:00:00Z", "2026-06-11T06:30:00Z"},
		{night, "2026-03-28T23:00:00Z", "2026-03-29T06:30:00Z"}, // the clocks go forward
		{night, "2026-10-24T23:00:00Z", "2026-10-25T07:30:00Z"}, // and back
		{day, "2026-06-01T06:30:00Z", "2026-06-01T07:30:00Z"},
		{day, "2026-06-01T07:30:00Z", ""},
		{day, "2026-06-01T06:29:59Z", ""},
		{talk.Quiet{From: "08:00", To: "08:00", Zone: "UTC"}, "2026-06-01T09:00:00Z", "2026-06-02T08:00:00Z"}, // always
		{talk.Quiet{From: "00:00", To: "23:59", Zone: "Nowhere/Land"}, "2026-06-01T09:00:00Z", ""},
		{talk.Quiet{From: "x", To: "23:59", Zone: "UTC"}, "2026-06-01T09:00:00Z", ""},
	}
	for _, tt := range tests {
		now, err := time.Parse(time.RFC3339, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		until, quiet := forum.Quiet(tt.quiet, now)
		got := ""
		if quiet {
			got = until.UTC().Format(time.RFC3339)
		}
		if got != tt.until {
			t.Errorf("%+v at %s is quiet until %q, want %q", tt.quiet, tt.now, got, tt.until)
		}
	}
}

func TestDevices(t *testing.T) {
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, auth := base64.RawURLEncoding.EncodeToString(k.PublicKey().Bytes()), base64.RawURLEncoding.EncodeToString(make([]byte, 16))
	const fine = "https://push.example/send/abc?d=1"
	tests := []struct {
		endpoint, key, auth string
		field               string // at fault; empty: none
	}{
		{fine, key, auth, ""},
		{"https://push.example:443/x", key + "=", auth + "==", ""},
		{"https://push.example/" + strings.Repeat("a", 900), key, auth, ""},
		{"https://push.example/" + strings.Repeat("a", 1000), key, auth, "endpoint"},
		{"http://push.example/x", key, auth, "endpoint"},
		{"https://push.example:8443/x", key, auth, "endpoint"},
		{"https://localhost/x", key, auth, "endpoint"},
		{"https://127.0.0.1/x", key, auth, "endpoint"},
		{"https://[::1]/x", key, auth, "endpoint"},
		{"https://8.8.8.8/x", key, auth, "endpoint"},
		{"https://me:secret@push.example/x", key, auth, "endpoint"},
		{"https://push.example/x#y", key, auth, "endpoint"},
		{"https://push.example/x y", key, auth, "endpoint"},
		{"https://push.example/x\n", key, auth, "endpoint"},
		{"https://pu\u200bsh.example/x", key, auth, "endpoint"},
		{"javascript:alert(1)", key, auth, "endpoint"},
		{"file:///etc/passwd", key, auth, "endpoint"},
		{"//push.example/x", key, auth, "endpoint"},
		{"", key, auth, "endpoint"},
		{fine, "", auth, "p256dh"},
		{fine, key[:40], auth, "p256dh"},
		{fine, base64.RawURLEncoding.EncodeToString(make([]byte, 65)), auth, "p256dh"},
		{fine, key, "", "auth"},
		{fine, key, auth + "AAAA", "auth"},
		{fine, key, "!!", "auth"},
	}
	for _, tt := range tests {
		d, err := forum.NewDevice(tt.endpoint, tt.key, tt.auth, "en", false)
		field := ""
		if refused := (*talk.Error)(nil); errors.As(err, &refused) {
			field = refused.Field
		}
		if field != tt.field || (err == nil) != (tt.field == "") || err == nil && (d.Host == "" || len(d.Key) != 65 || len(d.Auth) != 16) {
			t.Errorf("%s, %s, %s: %+v, %v", tt.endpoint, tt.key, tt.auth, d, err)
		}
	}
	if _, err := forum.NewDevice("http://127.0.0.1:1234/x", key, auth, "en", true); err != nil {
		t.Errorf("in a test: %v", err)
	}
}
