package main

import (
	"fmt"
	"slices"
	"time"

	"folkmoot/bench/rig"
)

// ms writes one, or nothing if it wasn't measured.
func ms(all []time.Duration, p int) string {
	if len(all) == 0 {
		return ""
	}
	return rig.MS(rig.Percentile(all, p))
}

func median(all []float64) float64 { return rig.Percentile(slices.Clone(all), 50) }

// millions writes a rate.
func millions(perSecond float64) string { return fmt.Sprintf("%.2f M", perSecond/1e6) }

func bytesOrNone(n int) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f KB", float64(n)/1024)
}

// faultsNote tells what went wrong, if anything did.
func faultsNote(t *rig.Table, all []*measured) {
	for _, m := range all {
		if m.faults.any() {
			t.Note("**%s:** %s", m.server, &m.faults)
		}
		if others := m.use.cores(m.use.others); !rig.Quiet(others) {
			t.Note("**%s: other programs used %.2f cores meanwhile. Not to be quoted.**", m.server, others)
		}
	}
}

func (b *bench) printIdle(all []*measured) {
	b.memory(all, fmt.Sprintf("Resident memory per viewer, %s on one thread", rig.Count(b.sockets)))
}

func (b *bench) printIdleThreads(all []*measured) {
	n := b.size(threadsMany, threadsMany/10)
	b.memory(all, fmt.Sprintf("Resident memory per viewer, %s threads of %d", rig.Count(n), viewersEach))
}

func (b *bench) memory(all []*measured, title string) {
	t := rig.Table{Title: title, Head: []string{"server", "idle, as it is", "after a forced GC", "after load, as it is", "after load and a forced GC", "processor time per idle viewer and second"}}
	for _, m := range all {
		t.Add(titles[m.server], bytesOrNone(m.rss.idle), bytesOrNone(m.rss.idleGC), bytesOrNone(m.rss.loaded), bytesOrNone(m.rss.loadedGC), fmt.Sprintf("%.1f µs", float64(m.idleCPU)/1e3))
	}
	t.Note("(VmRSS − VmRSS before) / viewers, %v after the last joined and %v after the last of three bursts. The kernel's memory of a socket is not in it. The product can't be told to collect garbage; the others were after each reading. Processor time is of %v: of pings, which come every 25s or so, only what falls into them.", b.settle, b.settle, b.settle)
	faultsNote(&t, all)
	t.Print(b.out)
}

// head is over the columns of cells.
var head = []string{"p50", "p99", "max", "sweep p50", "server's CPU per delivery", "bytes per delivery", "frames", "reads", "cores: server, generator, others", "wrong"}

func (m *measured) cells() []string {
	l := m.latency()
	wrong := "–"
	if m.faults.any() {
		wrong = fmt.Sprint(m.faults.missed + m.faults.repeated + m.faults.altered + m.faults.cut)
	}
	return []string{
		ms(l, 50), ms(l, 99), ms(l, 100), ms(m.sweeps, 50), fmt.Sprintf("%.2f µs", m.perDelivery()),
		fmt.Sprintf("%.0f", m.each(m.sum.bytes)), fmt.Sprintf("%.2f", m.each(m.sum.frames)), fmt.Sprintf("%.2f", m.each(m.sum.reads)),
		m.use.String(), wrong,
	}
}

const (
	dueNote   = "Latency is from when a comment was due to be posted, over HTTP, to the read at the viewer; of the product with SQLite's commit on disk in it. "
	burstNote = "Latency is from the publication to the read at the viewer; of the product from before the post is sent over HTTP, with SQLite's commit on disk in it. "
	sweepNote = "Sweep is from an entry's first delivery to its last. Frames and reads are for each delivery: what waits together can share them."
)

// productNote tells what the product's latencies are made of.
func productNote(t *rig.Table, all []*measured) {
	for _, m := range all {
		if m.server == product {
			t.Note("The product: from the post's sending p50 %s, p99 %s; from its acknowledgement p50 %s, p99 %s (an event may overtake it).",
				ms(m.sent, 50), ms(m.sent, 99), ms(m.acked, 50), ms(m.acked, 99))
		}
	}
}

func (b *bench) printBurst(all []*measured) {
	t := rig.Table{Title: fmt.Sprintf("A burst of %d comments to %s viewers", burstOf, rig.Count(b.sockets)), Head: append([]string{"server", "deliveries/s"}, head...)}
	for _, m := range all {
		t.Add(append([]string{titles[m.server], "**" + millions(median(m.rates)) + "**"}, m.cells()...)...)
	}
	t.Note("Deliveries per second from the first to the last of a burst; the median of %d bursts. %s", b.size(5, 2), burstNote+sweepNote)
	b.finish(t, all)
}

func (b *bench) printSteady(all []*measured) {
	b.loadTable(all, fmt.Sprintf("%d comments/s to %s viewers", steadyRate, rig.Count(b.size(steadyViewers, steadyViewers/5))))
}

func (b *bench) printLone(all []*measured) {
	b.loadTable(all, fmt.Sprintf("A lone comment to %s viewers", rig.Count(b.sockets)))
}

func (b *bench) loadTable(all []*measured, title string) {
	t := rig.Table{Title: title, Head: append([]string{"server"}, head...)}
	for _, m := range all {
		t.Add(append([]string{titles[m.server]}, m.cells()...)...)
	}
	t.Note("%s", dueNote+sweepNote)
	b.finish(t, all)
}

func (b *bench) finish(t rig.Table, all []*measured) {
	productNote(&t, all)
	faultsNote(&t, all)
	t.Print(b.out)
}

func (b *bench) printStalled(all []*measured) {
	t := rig.Table{
		Title: fmt.Sprintf("One viewer that stops reading among %d: %d comments/s of 8 KB", stalledAmong, stalledRate),
		Head:  []string{"server", "others' p99 without", "with", "their max with", "the stalled one", "others cut off"},
	}
	for _, m := range all {
		t.Add(titles[m.server], rig.MS(m.healthy[0]), rig.MS(m.healthy[1]), ms(m.latency(), 100), m.stalled, fmt.Sprint(m.faults.cut))
	}
	t.Note("Latency is from when a comment was due to be posted: who lets a stalled viewer hold up posting is late, too.")
	faultsNote(&t, all)
	t.Print(b.out)
}

func (b *bench) printReactions([]*measured) {
	t := rig.Table{
		Title: fmt.Sprintf("Reactions on one thread with %s viewers", rig.Count(b.sockets)),
		Head:  []string{"server", "asked for", "reactions/s", "to everybody's exact tally", "bytes per viewer and second", "tallies per viewer and second", "server's CPU per reaction", "cores: server, generator, others"},
	}
	var all []*measured
	for _, server := range folkmoots {
		for _, rate := range []int{200, 2000} {
			m := b.results[fmt.Sprintf("reactions-%d/%s", rate, server)]
			if m == nil {
				continue
			}
			all = append(all, m)
			tallies := float64(m.sum.tallies) / float64(b.sockets) / m.use.took.Seconds()
			t.Add(titles[server], rig.Count(rate)+"/s", fmt.Sprintf("%.0f", m.rate), "**"+rig.MS(m.healed)+"**", fmt.Sprintf("%.0f", m.perSec), fmt.Sprintf("%.1f", tallies),
				fmt.Sprintf("%.0f µs", m.use.server.Seconds()*1e6/float64(max(1, m.reacted))), m.use.String())
		}
	}
	t.Note("%d people set and take back every kind over sockets of their own, one at a time each. From the last acknowledged reaction to the last viewer's tally, which is the store's.", reactors)
	faultsNote(&t, all)
	t.Print(b.out)
}

func (b *bench) printMixed(all []*measured) {
	t := rig.Table{
		Title: fmt.Sprintf("%d comments/s and %s reactions/s on %d threads with %s viewers, for %v", b.mix.comments, rig.Count(b.mix.reactions), b.mix.threads, rig.Count(b.sockets), b.mix.lasts),
		Head:  []string{"server", "comments: p50", "p99", "max", "reactions/s", "to everybody's exact tally", "bytes per viewer and second", "cores: server, generator, others", "wrong"},
	}
	for _, m := range all {
		l := m.latency()
		wrong := "–"
		if m.faults.any() {
			wrong = m.faults.String()
		}
		t.Add(titles[m.server], ms(l, 50), ms(l, 99), ms(l, 100), fmt.Sprintf("%.0f", m.rate), rig.MS(m.healed), fmt.Sprintf("%.0f", m.perSec), m.use.String(), wrong)
	}
	b.finish(t, all)
}
