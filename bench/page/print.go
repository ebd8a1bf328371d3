package main

import (
	"fmt"
	"strings"
	"time"

	"folkmoot/bench/rig"
)

// What the figures should be.
const (
	aimFirst    = 2100 * time.Millisecond
	aimBytes    = 28_000
	hopeBytes   = 22_000
	aimScript   = 3_000
	aimBlocking = 50 * time.Millisecond
)

// A figure is a row of the table. Its value is that of one visit.
type figure struct {
	name, aim string
	of        func(w *widget) float64
	write     func(float64) string
	met       func(float64) bool // nil: there is no aim
	whole     bool               // not in a quick run
}

func (b *bench) figures() []figure {
	host := b.host.addr
	each := func(f func(*visit) float64) func(*widget) float64 {
		return func(w *widget) float64 { return middle(w.visits, f) }
	}
	return []figure{
		{"first comment on the screen", "≤ 2.1 s", each(func(v *visit) float64 { return v.after(v.first).Seconds() }), seconds, atMost(aimFirst.Seconds()), false},
		{"the same in the best visit", "", func(w *widget) float64 {
			return best(w.visits, func(v *visit) float64 { return v.after(v.first).Seconds() })
		}, seconds, nil, false},
		{"all of it works, live where it can be", "", each(func(v *visit) float64 { return v.after(v.live).Seconds() }), seconds, nil, true},
		{"bytes of the widget until the first comment", "≤ 28 kB, better 22", each(func(v *visit) float64 { return float64(v.ours(host, v.first)) }), kilobytes, atMost(aimBytes), false},
		{"the same until it is live", "", each(func(v *visit) float64 { return float64(v.ours(host, v.live)) }), kilobytes, nil, true},
		{"bytes of the host's own page", "", each(func(v *visit) float64 { own, _, _ := v.received(host, v.live); return float64(own) }), kilobytes, nil, true},
		{"requests of the widget until the first comment", "", each(func(v *visit) float64 { _, _, n := v.received(host, v.first); return float64(n) }), number, nil, false},
		{"the same until it is live", "", each(func(v *visit) float64 { _, _, n := v.received(host, v.live); return float64(n) }), number, nil, true},
		{"requests one after the other until the first comment, the page's among them", "3", each(func(v *visit) float64 { return float64(len(v.chain(v.first))) }), number, atMost(3), false},
		{"connections that had to be opened until then", "", each(func(v *visit) float64 { return float64(v.opened(v.first)) }), number, nil, false},
		{"layout shift of the page (CLS)", "0", each(func(v *visit) float64 { return v.shift }), three, atMost(0.0005), false},
		{"blocking of the page's main thread, 6 times slower, until nothing has for 5 s", "< 50 ms", func(w *widget) float64 { return blocked(w.heavy, bare.heavy, loading) }, milliseconds, below(aimBlocking), true},
		{"after that, until all of it works", "", func(w *widget) float64 { return blocked(w.heavy, bare.heavy, later) }, milliseconds, nil, true},
		{"the first with the frame in the page's process", "", func(w *widget) float64 { return blocked(w.shared, bare.shared, loading) }, milliseconds, nil, true},
		{"the second with the frame in the page's process", "", func(w *widget) float64 { return blocked(w.shared, bare.shared, later) }, milliseconds, nil, true},
	}
}

func (b *bench) print() {
	t := rig.Table{Title: fmt.Sprintf("An article with %d comments on a slow phone", 2*roots), Head: []string{"", "aim"}}
	for _, w := range b.shown {
		t.Head = append(t.Head, w.name)
	}
	for _, f := range b.figures() {
		if f.whole && b.quick {
			continue
		}
		cells := []string{f.name, f.aim}
		for _, w := range b.shown {
			cells = append(cells, f.cell(w))
		}
		t.Add(cells...)
	}
	v := b.shown[0].visits[0]
	t.Note("The phone: %d×%d, %.1f Mbit/s down, %.2f up, %d ms from a request until its answer begins, a processor %d times slower, nothing cached. "+
		"The page is on another site than the widget; its text is so short that the widget is on the first screen. Times are from the start of the navigation. "+
		"DevTools' latency takes no time for opening a connection and none for a socket: on a real network each opened connection is one or two more round trips.",
		wide, high, down*8/1e6, up*8/1e6, latency.Milliseconds(), slowness)
	t.Note("%s", b.wasm(v))
	for _, n := range b.notes {
		t.Note("%s", n)
	}
	t.Print(b.out)
	b.printRequests(v)
}

// printRequests tells where Folkmoot's bytes and round trips are.
func (b *bench) printRequests(v *visit) {
	t := rig.Table{Title: "Folkmoot's requests, in one visit", Head: []string{"what", "aim", "asked for after", "there after", "bytes"}}
	for _, r := range v.all() {
		name, aim := r.name(b.host.addr), ""
		if strings.HasSuffix(name, "/embed.js") {
			if aim = "≤ 3 kB ✓"; r.bytes-r.header() > aimScript {
				aim = "≤ 3 kB ✗"
			}
		}
		t.Add(name, aim, seconds(v.after(r.began).Seconds()), seconds(v.after(r.ended).Seconds()), rig.Count(r.bytes))
	}
	if b.quick {
		t.Note("A quick run: what comes after the first comment and what blocks was not measured.")
		t.Print(b.out)
		return
	}
	early := "A widget that is far down the page and has `data-loading=\"lazy\"` made no request besides `embed.js` until somebody came near it, and showed its comments then. ✓"
	if b.early > 0 {
		early = fmt.Sprintf("**A widget that is far down the page and has `data-loading=\"lazy\"` made %d requests before somebody came near it. ✗**", b.early)
	}
	t.Note("%s", early)
	t.Print(b.out)
}

// wasm says whether the program left the first comment alone.
func (b *bench) wasm(v *visit) string {
	for _, w := range b.shown[:1] {
		for _, v := range w.visits {
			for _, r := range v.all() {
				if strings.HasSuffix(r.url, ".wasm") && r.began.Before(v.first) {
					return fmt.Sprintf("**The Wasm program was asked for %v before the first comment was visible. ✗**", v.first.Sub(r.began).Round(time.Millisecond))
				}
			}
		}
	}
	return "In no visit was a byte of Wasm asked for before the first comment was visible. ✓"
}

func (f *figure) cell(w *widget) string {
	value := f.of(w)
	text := f.write(value)
	switch {
	case f.met == nil || w.peer:
		return text
	case f.met(value):
		return text + " ✓"
	}
	return "**" + text + "** ✗"
}

// middle is the median over visits.
func middle(visits []*visit, of func(*visit) float64) float64 {
	var all []float64
	for _, v := range visits {
		all = append(all, of(v))
	}
	return rig.Percentile(all, 50)
}

// best is the least.
func best(visits []*visit, of func(*visit) float64) float64 {
	least := of(visits[0])
	for _, v := range visits[1:] {
		least = min(least, of(v))
	}
	return least
}

func loading(v *visit) float64 { d, _ := v.blocking(); return d.Seconds() }
func later(v *visit) float64   { _, d := v.blocking(); return d.Seconds() }

// blocked is how long a widget kept the page's main thread from answering.
func blocked(with, without []*visit, of func(*visit) float64) float64 {
	return max(0, middle(with, of)-middle(without, of))
}

func atMost(most float64) func(float64) bool { return func(v float64) bool { return v <= most } }
func below(d time.Duration) func(float64) bool {
	return func(v float64) bool { return v < d.Seconds() }
}

func seconds(v float64) string      { return fmt.Sprintf("%.2f s", v) }
func milliseconds(v float64) string { return fmt.Sprintf("%.0f ms", v*1000) }
func kilobytes(v float64) string    { return fmt.Sprintf("%.1f kB", v/1000) }
func number(v float64) string       { return fmt.Sprintf("%.0f", v) }
func three(v float64) string        { return fmt.Sprintf("%.3f", v) }
