// Package pushtest is a push service for tests: it holds browsers' keys, looks at
// each message as a service does (RFC 8030, RFC 8292) and reads it as a browser
// does (RFC 8291), by its own reading of these.
package pushtest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Patience is how long tests wait for what must come.
const Patience = 20 * time.Second

// A Said is a message's payload.
type Said struct {
	Folkmoot int    `json:"folkmoot"`
	Title    string `json:"title"`
	Body     string `json:"body"`
	Path     string `json:"path"`
	Tag      string `json:"tag"`
	Unread   int    `json:"unread"`
}

// A Message is one that the service took.
type Message struct {
	Said
	Device string // whose it is, by its name
	Raw    string // the payload
	Header http.Header
}

// A Service is a push service. Make one with [Start].
type Service struct {
	URL string // of the service, http
	t   testing.TB

	mu      sync.Mutex
	devices map[string]*Device
	answers []func(http.ResponseWriter, *http.Request) // to the next messages, instead of taking them
	taken   []Message
	more    chan struct{} // closed when there is more
}

// A Device is a browser with a subscription.
type Device struct {
	Endpoint string
	Key      string // p256dh
	Auth     string
	private  *ecdh.PrivateKey
	secret   []byte
}

// Start starts a service that ends with the test.
func Start(t testing.TB) *Service {
	s := &Service{t: t, devices: map[string]*Device{}, more: make(chan struct{})}
	server := httptest.NewServer(s)
	s.URL = server.URL
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return s
}

// Device makes a browser's subscription.
func (s *Service) Device(name string) *Device {
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	d := &Device{Endpoint: s.URL + "/" + name, private: private, secret: make([]byte, 16)}
	rand.Read(d.secret)
	d.Key, d.Auth = encode(private.PublicKey().Bytes()), encode(d.secret)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.devices[name] = d
	return d
}

var encode = base64.RawURLEncoding.EncodeToString

// Subscription is what the device's browser says of it.
func (d *Device) Subscription() map[string]any {
	return map[string]any{"endpoint": d.Endpoint, "keys": map[string]string{"p256dh": d.Key, "auth": d.Auth}}
}

// Next has the next message answered by this, and not taken.
func (s *Service) Next(answer func(http.ResponseWriter, *http.Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = append(s.answers, answer)
}

// Status is an answer for [Service.Next].
func Status(status int, header ...string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
	}
}

// Taken are the messages that were taken so far.
func (s *Service) Taken() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message{}, s.taken...)
}

// Await waits until there are n messages, and returns all.
func (s *Service) Await(n int) []Message {
	s.t.Helper()
	late := time.After(Patience)
	for {
		s.mu.Lock()
		taken, more := append([]Message{}, s.taken...), s.more
		s.mu.Unlock()
		if len(taken) >= n {
			return taken
		}
		select {
		case <-more:
		case <-late:
			s.t.Fatalf("there are %d messages, not %d: %+v", len(taken), n, taken)
		}
	}
}

// ServeHTTP takes a message.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	d := s.devices[strings.TrimPrefix(r.URL.Path, "/")]
	var answer func(http.ResponseWriter, *http.Request)
	if len(s.answers) > 0 {
		answer, s.answers = s.answers[0], s.answers[1:]
	}
	s.mu.Unlock()
	body, err := io.ReadAll(io.LimitReader(r.Body, 10_000))
	if err != nil {
		return // it broke off
	}
	if answer != nil {
		answer(w, r)
		return
	}
	if d == nil {
		w.WriteHeader(http.StatusGone)
		return
	}
	m := Message{Device: strings.TrimPrefix(r.URL.Path, "/"), Header: r.Header}
	if err := m.read(d, s.URL, r, body); err != nil {
		s.t.Errorf("a message is none: %v", err)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.taken = append(s.taken, m)
	close(s.more)
	s.more = make(chan struct{})
	s.mu.Unlock()
	w.WriteHeader(http.StatusCreated)
}

func (m *Message) read(d *Device, origin string, r *http.Request, body []byte) error {
	if ttl, err := strconv.Atoi(r.Header.Get("TTL")); r.Method != http.MethodPost || err != nil || ttl <= 0 {
		return fmt.Errorf("%s with TTL %q", r.Method, r.Header.Get("TTL"))
	}
	if topic := r.Header.Get("Topic"); len(topic) > 32 || strings.Trim(topic, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		return fmt.Errorf("topic %q", topic)
	}
	if r.Header.Get("Content-Encoding") != "aes128gcm" || len(body) > 4096 {
		return fmt.Errorf("%d bytes of %q", len(body), r.Header.Get("Content-Encoding"))
	}
	if err := Prove(r.Header.Get("Authorization"), origin, time.Now()); err != nil {
		return err
	}
	text, err := d.Decrypt(body)
	if err != nil {
		return err
	}
	if len(text) > 3<<10 {
		return fmt.Errorf("the payload has %d bytes", len(text))
	}
	m.Raw = string(text)
	return json.Unmarshal(text, &m.Said)
}

// Prove checks the proof of who sends (RFC 8292).
func Prove(header, origin string, now time.Time) error {
	token, key, ok := strings.Cut(strings.TrimPrefix(header, "vapid t="), ", k=")
	parts := strings.Split(token, ".")
	if !ok || len(parts) != 3 || !strings.HasPrefix(header, "vapid t=") {
		return fmt.Errorf("authorization is %q", header)
	}
	point, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		return err
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return err
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(signature) != 64 {
		return fmt.Errorf("a signature of %d bytes: %w", len(signature), err)
	}
	hash := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(public, hash[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		return errors.New("the proof isn't signed by its key")
	}
	var head struct{ Typ, Alg string }
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	for i, into := range []any{&head, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			return err
		}
	}
	left := time.Unix(claims.Exp, 0).Sub(now)
	if head.Typ != "JWT" || head.Alg != "ES256" || claims.Aud != origin || left <= 0 || left > 24*time.Hour ||
		(!strings.HasPrefix(claims.Sub, "https://") && !strings.HasPrefix(claims.Sub, "mailto:")) {
		return fmt.Errorf("the proof says %+v %+v, at %s", head, claims, origin)
	}
	return nil
}

// Decrypt reads a message as its browser does.
func (d *Device) Decrypt(body []byte) ([]byte, error) {
	if len(body) < 21+65+17 || body[20] != 65 {
		return nil, fmt.Errorf("a message of %d bytes", len(body))
	}
	salt, size, from, sealed := body[:16], binary.BigEndian.Uint32(body[16:20]), body[21:86], body[86:]
	if len(sealed) > int(size) {
		return nil, fmt.Errorf("a record of %d bytes, where %d are the most", len(sealed), size)
	}
	sender, err := ecdh.P256().NewPublicKey(from)
	if err != nil {
		return nil, err
	}
	shared, err := d.private.ECDH(sender)
	if err != nil {
		return nil, err
	}
	info := bytes.Join([][]byte{[]byte("WebPush: info\x00"), d.private.PublicKey().Bytes(), from}, nil)
	ikm, err := hkdf.Key(sha256.New, shared, d.secret, string(info), 32)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	opener, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	padded, err := opener.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, err
	}
	text := bytes.TrimRight(padded, "\x00")
	if len(text) == 0 || text[len(text)-1] != 2 {
		return nil, errors.New("the record isn't the last")
	}
	return text[:len(text)-1], nil
}
