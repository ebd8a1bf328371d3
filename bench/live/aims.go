package main

import (
	"fmt"
	"time"

	"folkmoot/bench/rig"
)

// printAims sets what was measured beside what is aimed at.
func (b *bench) printAims() {
	t := rig.Table{Title: "Beside the aims", Head: []string{"figure", "aim", "Folkmoot's live package", "", "the whole product", ""}}
	for _, a := range aims {
		cells := []string{a.figure, a.aim}
		found := false
		for _, server := range []string{ours, product} {
			value, met, ok := a.look(b, server)
			switch {
			case !ok:
				cells = append(cells, "–", "")
			case met:
				cells, found = append(cells, value, "✓"), true
			default:
				cells, found = append(cells, "**"+value+"**", "✗"), true
			}
		}
		if found {
			t.Add(cells...)
		}
	}
	t.Note("Ratios are to the peers of this run. A dash: it, or what it is compared with, was not measured.")
	t.Print(b.out)
}

// An aim is what a figure should be.
type aim struct {
	figure, aim string
	look        func(b *bench, server string) (value string, met, ok bool)
}

var aims = []aim{
	{"resident memory per idle viewer", "≤ 8 KB", memoryAim("idle", func(r resident) int { return r.idle }, 8)},
	{"the same after load", "≤ 8 KB", memoryAim("idle", func(r resident) int { return r.loaded }, 8)},
	{"memory against centrifuge's defaults", "≤ 0.3", ratioAim("idle", centrifugeHub, func(m *measured) float64 { return float64(m.rss.idle) }, 0.3, false)},
	{"the same after load", "≤ 0.3", ratioAim("idle", centrifugeHub, func(m *measured) float64 { return float64(m.rss.loaded) }, 0.3, false)},
	{"memory on many threads", "≤ 8 KB", memoryAim("idle-threads", func(r resident) int { return r.idle }, 8)},
	{"the same after load", "≤ 8 KB", memoryAim("idle-threads", func(r resident) int { return r.loaded }, 8)},
	{"burst against centrifuge's defaults", "≥ 10", ratioAim("burst", centrifugeHub, burstRate, 10, true)},
	{"burst against centrifuge tuned", "≥ 3", ratioAim("burst", centrifugeTuned, burstRate, 3, true)},
	{"burst against the textbook hub", "", ratioAim("burst", textbookHub, burstRate, 0, true)},
	{"steady: CPU per delivery against the textbook hub", "≤ 0.4", ratioAim("steady", textbookHub, (*measured).perDelivery, 0.4, false)},
	{"steady: p99", "< 150 ms", func(b *bench, server string) (string, bool, bool) {
		m := b.results["steady/"+server]
		if m == nil {
			return "", false, false
		}
		p99 := rig.Percentile(m.latency(), 99)
		return rig.MS(p99), p99 < 150*time.Millisecond, true
	}},
	{"lone comment: p99 against the textbook hub", "≤ 1", ratioAim("lone", textbookHub, p99, 1, false)},
	{"stalled: others' p99, with against without", "< 2", func(b *bench, server string) (string, bool, bool) {
		m := b.results["stalled/"+server]
		if m == nil {
			return "", false, false
		}
		r := m.healthy[1].Seconds() / m.healthy[0].Seconds()
		return fmt.Sprintf("%.2f", r), r < 2, true
	}},
	{"stalled: others cut off", "0", func(b *bench, server string) (string, bool, bool) {
		m := b.results["stalled/"+server]
		if m == nil {
			return "", false, false
		}
		return fmt.Sprint(m.faults.cut), m.faults.cut == 0, true
	}},
	{"2,000 reactions/s: to everybody's exact tally", "≤ 300 ms", func(b *bench, server string) (string, bool, bool) {
		m := b.results["reactions-2000/"+server]
		if m == nil {
			return "", false, false
		}
		return rig.MS(m.healed), m.healed <= 300*time.Millisecond, true
	}},
	{"bytes per viewer, 2,000/s against 200/s", "≤ 1.1", func(b *bench, server string) (string, bool, bool) {
		few, many := b.results["reactions-200/"+server], b.results["reactions-2000/"+server]
		if few == nil || many == nil {
			return "", false, false
		}
		r := many.perSec / few.perSec
		return fmt.Sprintf("%.2f", r), r <= 1.1, true
	}},
}

func burstRate(m *measured) float64 { return median(m.rates) }

func p99(m *measured) float64 { return rig.Percentile(m.latency(), 99).Seconds() }

func memoryAim(scenario string, of func(resident) int, kilobytes int) func(*bench, string) (string, bool, bool) {
	return func(b *bench, server string) (string, bool, bool) {
		m := b.results[scenario+"/"+server]
		if m == nil {
			return "", false, false
		}
		n := of(m.rss)
		return bytesOrNone(n), n <= kilobytes<<10, true
	}
}

// ratioAim compares with a peer.
func ratioAim(scenario, peer string, of func(*measured) float64, limit float64, atLeast bool) func(*bench, string) (string, bool, bool) {
	return func(b *bench, server string) (string, bool, bool) {
		m, p := b.results[scenario+"/"+server], b.results[scenario+"/"+peer]
		if m == nil || p == nil {
			return "", false, false
		}
		r := of(m) / of(p)
		return fmt.Sprintf("%.2f", r), (atLeast && r >= limit) || (!atLeast && r <= limit), true
	}
}
