package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"folkmoot/app/talk"
	"folkmoot/bench/rig"
)

const (
	longComments = 10_000
	longClients  = 16
	longTime     = 5 * time.Minute // of a visit that goes through all of them
)

// A walk is what a reader's page did while all comments were loaded, or while it
// scrolled.
type walk struct {
	Seconds  float64 // that it took
	Longest  float64 // task, ms
	Blocked  float64 // what tasks took beyond 50 ms each, ms in all
	Slowest  float64 // time between two frames of the screen, ms
	Frames   int
	Blank    int // of them, those in which room was on the screen
	Comments int // most that were in the document
	Elements int
}

// walking runs in the page: step is called once a frame until it says that it is
// over.
const walking = `async (step) => {
	const tasks = [], began = performance.now();
	new PerformanceObserver((list) => tasks.push(...list.getEntries())).observe({ type: "longtask" });
	const w = { Longest: 0, Blocked: 0, Slowest: 0, Frames: 0, Blank: 0, Comments: 0, Elements: 0 };
	const frame = () => new Promise((go) => requestAnimationFrame(go));
	for (let last = await frame(), over = false; !over; ) {
		over = await step();
		const now = await frame();
		w.Slowest = Math.max(w.Slowest, now - last);
		last = now;
		w.Frames++;
		for (let y = 1; y < 10; y++) if (document.elementFromPoint(innerWidth / 2, innerHeight * y / 10)?.className === "room") { w.Blank++; break; }
		if (w.Frames % 10) continue; // counting takes time, too
		w.Comments = Math.max(w.Comments, document.querySelectorAll(".comment").length);
		w.Elements = Math.max(w.Elements, document.querySelectorAll("*").length);
	}
	await new Promise((go) => setTimeout(go, 500)); // for the observer
	for (const t of tasks) { w.Longest = Math.max(w.Longest, t.duration); w.Blocked += Math.max(0, t.duration - 50); }
	w.Seconds = (performance.now() - began) / 1000;
	return JSON.stringify(w);
}`

// What a reader does.
const (
	loadAll = `async () => { // to the end, as long as more comes
		scrollTo({ top: document.body.scrollHeight, behavior: "instant" });
		return !document.querySelector("#comments > a.more");
	}`
	readOn = `(() => { let n = 0; return () => { // upward through everything, then down: a finger's pace, then a fling's
		const by = n < 600 ? -40 : n < 900 ? -400 : 100;
		scrollBy({ top: by, behavior: "instant" });
		return ++n >= 1200;
	}; })()`
)

// long measures a conversation of 10,000 comments on its own page.
func (b *bench) long(ctx context.Context, s *rig.Server) error {
	thread, err := crowd(s)
	if err != nil {
		return err
	}
	chromium, err := openBrowser(ctx, b.dir)
	if err != nil {
		return err
	}
	err = b.walks(ctx, chromium, "http://localhost:"+s.Addr[len("127.0.0.1:"):]+"/t/"+thread)
	return errors.Join(err, chromium.close())
}

func (b *bench) walks(ctx context.Context, chromium *browser, address string) error {
	ours := look{"article.comment > .text", ".fm-live article.comment"}
	var firsts, bytes []float64
	for range b.rounds {
		v, err := chromium.visit(ctx, address, ours, slowness, "first", nil)
		if err != nil {
			return err
		}
		firsts = append(firsts, v.after(v.first).Seconds())
		bytes = append(bytes, float64(v.ours("", v.first)))
	}
	slices.Sort(firsts)
	slices.Sort(bytes)
	t := &rig.Table{Title: fmt.Sprintf("A conversation of %s comments, on its own page", rig.Count(longComments)), Head: []string{"", "", ""}}
	t.Add("first comment on the screen, slow phone, median", fmt.Sprintf("%.2f s", rig.Percentile(firsts, 50)), "")
	t.Add("bytes until then", fmt.Sprintf("%.1f kB", rig.Percentile(bytes, 50)/1000), "")
	for _, cpu := range []float64{1, slowest} {
		if err := b.walkAll(ctx, chromium, address, ours, cpu, t); err != nil {
			return err
		}
	}
	t.Print(b.out)
	return nil
}

func (b *bench) walkAll(ctx context.Context, chromium *browser, address string, ours look, cpu float64, t *rig.Table) error {
	_, err := chromium.visitFor(ctx, longTime, address, ours, slowest, "live", func(ctx context.Context, v *visit, session string) error {
		if err := chromium.call(ctx, session, "Emulation.setCPUThrottlingRate", map[string]any{"rate": cpu}, nil); err != nil {
			return err
		}
		loaded, err := chromium.walk(ctx, session, loadAll)
		if err != nil {
			return err
		}
		if err := chromium.call(ctx, session, "HeapProfiler.collectGarbage", map[string]any{}, nil); err != nil {
			return err
		}
		var heap struct{ UsedSize float64 }
		if err := chromium.call(ctx, session, "Runtime.getHeapUsage", map[string]any{}, &heap); err != nil {
			return err
		}
		var memory struct{ Result struct{ Value float64 } }
		if err := chromium.call(ctx, session, "Runtime.evaluate", map[string]any{"expression": "program.exports.mem.buffer.byteLength"}, &memory); err != nil {
			return err
		}
		read, err := chromium.walk(ctx, session, readOn)
		if err != nil {
			return err
		}
		times := ""
		if cpu > 1 {
			times = fmt.Sprintf(", processor %v times slower", cpu)
		}
		pages, size := 0, 0
		for _, r := range v.all() {
			if strings.Contains(r.url, "after=") {
				pages, size = pages+1, size+r.bytes
			}
		}
		t.Add("to the end, until all are loaded"+times, fmt.Sprintf("%.1f s", loaded.Seconds), fmt.Sprintf("%d pages of %.1f kB each, %s", pages, float64(size)/1000/float64(max(pages, 1)), loaded))
		t.Add("memory then"+times, fmt.Sprintf("%.1f MB", (heap.UsedSize+memory.Result.Value)/1e6), fmt.Sprintf("the program's %.1f MB, JavaScript's %.1f MB", memory.Result.Value/1e6, heap.UsedSize/1e6))
		t.Add("scrolling through them"+times, fmt.Sprintf("%.1f s", read.Seconds), read.String())
		return nil
	})
	return err
}

func (w walk) String() string {
	return fmt.Sprintf("longest task %.0f ms, blocked %.0f ms, longest frame %.0f ms, %d of %d frames with a gap, at most %d comments and %s elements",
		w.Longest, w.Blocked, w.Slowest, w.Blank, w.Frames, w.Comments, rig.Count(w.Elements))
}

// walk has the page step through its comments.
func (b *browser) walk(ctx context.Context, session, step string) (w walk, err error) {
	var answer struct {
		Result           struct{ Value string }
		ExceptionDetails json.RawMessage
	}
	err = b.call(ctx, session, "Runtime.evaluate", map[string]any{
		"expression": "(" + walking + ")(" + step + ")", "awaitPromise": true, "returnByValue": true,
	}, &answer)
	if err == nil && answer.ExceptionDetails != nil {
		err = fmt.Errorf("the page says: %s", answer.ExceptionDetails)
	}
	if err == nil {
		err = json.Unmarshal([]byte(answer.Result.Value), &w)
	}
	return w, err
}

// crowd makes a thread of 10,000 comments, each third a root with two replies, and
// returns its id.
func crowd(s *rig.Server) (string, error) {
	page := "http://localhost:1/long"
	var thread talk.Thread
	var all sync.WaitGroup
	problems := make([]error, longClients)
	w, err := rig.Dial(s.Addr, time.Minute)
	if err != nil {
		return "", err
	}
	a, err := w.Do(rig.Request("GET", "/api/v1/threads?page="+url.QueryEscape(page), s.Addr, "", nil))
	if err == nil {
		err = a.Must(200)
	}
	if err == nil {
		err = json.Unmarshal(a.Body, &thread)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		return "", err
	}
	for i := range longClients {
		all.Go(func() { problems[i] = fillFrom(s, thread.ID, i) })
	}
	all.Wait()
	return thread.ID, errors.Join(problems...)
}

// fillFrom posts what one client of longClients does.
func fillFrom(s *rig.Server, thread string, first int) error {
	w, err := rig.Dial(s.Addr, time.Minute)
	if err != nil {
		return err
	}
	defer w.Close()
	cookie, err := meet(w, s)
	if err != nil {
		return err
	}
	writer, root := rig.NewWriter(uint64(first)), ""
	name, headline := writer.Person()
	for i := first; i < longComments; i += longClients {
		if i/longClients%3 == 0 {
			root = ""
		}
		body, err := json.Marshal(map[string]string{"body": writer.Comment(), "name": name, "headline": headline, "parent": root})
		if err != nil {
			return err
		}
		a, err := w.Do(rig.Request("POST", "/api/v1/threads/"+thread+"/comments", s.Addr, cookie, body))
		if err == nil {
			err = a.Must(201)
		}
		if err != nil {
			return fmt.Errorf("posting: %w", err)
		}
		var c talk.Comment
		if err := json.Unmarshal(a.Body, &c); err != nil {
			return err
		}
		if root == "" {
			root = c.ID
		}
	}
	return nil
}
