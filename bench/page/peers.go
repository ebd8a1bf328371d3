package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// A peer is installed into a cache, from published packages of pinned versions,
// and nothing of it is in the repository. What can't be had is said, and the
// run goes on.
const (
	installWithin = 10 * time.Minute
	peerStart     = 30 * time.Second
)

//go:embed peers/waline/package.json peers/waline/package-lock.json peers/waline/serve.js
var walineFiles embed.FS

// notHad are the peers for which there is no package to measure.
const notHad = "Not measured: Artalk, whose server is no published Go module (its client alone, from npm, shows nothing); " +
	"remark42, whose web assets are in no package; Isso, which is on PyPI only."

// startPeers starts what there is, and returns what ends it.
func (b *bench) startPeers(ctx context.Context) (stop func() error) {
	stop = func() error { return nil }
	if !b.peers {
		b.notes = append(b.notes, "Peers were not asked for.")
		return stop
	}
	b.notes = append(b.notes, notHad)
	w, end, err := b.waline(ctx)
	if err != nil {
		b.notes = append(b.notes, fmt.Sprintf("Waline could not be had: %v.", err))
		return stop
	}
	b.shown = append(b.shown, w)
	b.notes = append(b.notes, "Waline is at its best here: its files from one server that has packed them with brotli 11, its API behind a proxy that packs, "+
		"no pictures of people, no emoji from elsewhere. It has no sockets, so it is finished when its first comment is there.")
	return end
}

// install lays a peer's packages into the cache, once for each lock file.
func (b *bench) install(ctx context.Context, name string, files embed.FS, after ...[]string) (dir string, err error) {
	lock, err := files.ReadFile("peers/" + name + "/package-lock.json")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(lock)
	if dir, err = filepath.Abs(filepath.Join(b.cache, name+"-"+hex.EncodeToString(sum[:6]))); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for _, file := range []string{"package.json", "package-lock.json", "serve.js"} {
		text, err := files.ReadFile("peers/" + name + "/" + file)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, file), text, 0o644)
		}
		if err != nil {
			return "", err
		}
	}
	done := filepath.Join(dir, "installed")
	if _, err := os.Stat(done); err == nil {
		return dir, nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, installWithin, fmt.Errorf("it took more than %v", installWithin))
	defer cancel()
	for _, words := range append([][]string{{"npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"}}, after...) {
		fmt.Fprintf(os.Stderr, "installing %s: %v …\n", name, words)
		c := exec.CommandContext(ctx, words[0], words[1:]...)
		c.Dir = dir
		c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
		c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
		if said, err := c.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w %s", words[0], errors.Join(err, context.Cause(ctx)), said[max(0, len(said)-200):])
		}
	}
	return dir, os.WriteFile(done, nil, 0o644)
}

// waline starts its server on SQLite, fills a thread and publishes a page.
func (b *bench) waline(ctx context.Context) (w *widget, stop func() error, err error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, nil, err
	}
	// Its database driver is compiled, with the headers that came with Node.
	headers := filepath.Dir(filepath.Dir(node))
	dir, err := b.install(ctx, "waline", walineFiles, []string{"npm", "rebuild", "sqlite3", "--build-from-source", "--nodedir=" + headers})
	if err != nil {
		return nil, nil, err
	}
	front, err := openFront(filepath.Join(dir, "node_modules/@waline/client/dist"), "waline.js", "waline.css")
	if err != nil {
		return nil, nil, err
	}
	data, err := os.MkdirTemp(b.dir, "waline-")
	if err == nil {
		data, err = filepath.Abs(data)
	}
	var port int
	if err == nil {
		port, err = freePort()
	}
	if err != nil {
		return nil, nil, errors.Join(err, front.close())
	}
	c := exec.Command(node, "serve.js", strconv.Itoa(port))
	c.Dir = dir
	c.Env = append(os.Environ(), "SQLITE_PATH="+data, "JWT_TOKEN=bench", "AKISMET_KEY=false", "IPQPS=0", "OAUTH_URL="+front.url("/none.json"), "GRAVATAR_STR=data:,")
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		return nil, nil, errors.Join(err, front.close())
	}
	stop = func() error {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
		_ = c.Wait() // it was killed
		return front.close()
	}
	front.behind = "http://127.0.0.1:" + strconv.Itoa(port)
	if err := fillWaline(ctx, front.url("/api/comment")); err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	b.host.publish("/waline", 1, fmt.Sprintf(`<link rel="stylesheet" href="%[1]s/waline.css">
<div id="waline"></div>
<script type="module">
  import { init } from "%[1]s/waline.js";
  init({ el: "#waline", serverURL: "%[1]s", path: "/waline", lang: "en-US", emoji: false, search: false, reaction: false, imageUploader: false, pageSize: %[2]d });
</script>`, front.url(""), roots))
	seen := ".wl-cards .wl-content"
	return &widget{name: "Waline 3.15.2", path: "/waline", look: look{seen, seen}, peer: true}, stop, nil
}

// fillWaline posts the thread, as soon as the server answers.
func fillWaline(ctx context.Context, api string) error {
	ids := []json.Number{""}
	began := time.Now()
	for _, p := range posts() {
		comment := map[string]any{"comment": p.body, "nick": p.name, "mail": "", "link": "", "ua": "", "url": "/waline"}
		if p.reply > 0 {
			comment["pid"], comment["rid"], comment["at"] = ids[p.reply], ids[p.reply], "x"
		}
		body, err := json.Marshal(comment)
		if err != nil {
			return err
		}
		id, err := postWaline(ctx, api, body)
		for err != nil && len(ids) == 1 && time.Since(began) < peerStart && ctx.Err() == nil { // it is starting
			time.Sleep(200 * time.Millisecond)
			id, err = postWaline(ctx, api, body)
		}
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	return nil
}

func postWaline(ctx context.Context, api string, body []byte) (json.Number, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, api, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	var made struct {
		Data struct{ ObjectID json.Number }
	}
	if err := json.Unmarshal(text, &made); err != nil || made.Data.ObjectID == "" {
		return "", fmt.Errorf("a post was answered with %d %s", res.StatusCode, text[:min(200, len(text))])
	}
	return made.Data.ObjectID, nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
