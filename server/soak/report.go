package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// A report is what a run has shown.
type report struct {
	rows    []row
	timings []timing
	counts  map[string]int
	wrong   []string // empty if all is well
	posted  int      // comments that were acknowledged
	seen    int      // deliveries of them
}

// A row is about all phases of one name: how long after its acknowledgement a
// comment that was acknowledged then was at its viewers. One that was there
// before its author knew took no time.
type row struct {
	phase   string
	posted  int
	waits   []time.Duration // of every viewer for every comment, sorted
	refused map[string]int
	leftOut int // viewers who could not see anything then
}

func (r *run) report() *report {
	r.book.mu.Lock()
	defer r.book.mu.Unlock()
	rep := &report{timings: r.book.timings, counts: r.book.counts, wrong: r.book.wrongs}
	if r.book.more > 0 {
		rep.wrong = append(rep.wrong, fmt.Sprintf("and %d more", r.book.more))
	}
	for _, p := range r.book.phases {
		row := rep.row(p.name)
		row.leftOut = max(row.leftOut, len(p.but))
		for why, n := range p.refused {
			row.refused[why] += n
		}
	}
	for _, t := range r.threads {
		t.mu.Lock()
		for _, e := range t.entries {
			if acked, ok := t.acked[e.comment]; ok {
				rep.add(r.book.at(acked), e, acked)
			}
		}
		t.mu.Unlock()
	}
	for i := range rep.rows {
		slices.Sort(rep.rows[i].waits)
	}
	return rep
}

func (rep *report) row(phase string) *row {
	i := slices.IndexFunc(rep.rows, func(x row) bool { return x.phase == phase })
	if i < 0 {
		i = len(rep.rows)
		rep.rows = append(rep.rows, row{phase: phase, refused: map[string]int{}})
	}
	return &rep.rows[i]
}

func (rep *report) add(p *phase, e entry, acked time.Time) {
	row := rep.row(p.name)
	row.posted++
	rep.posted++
	for _, s := range e.seen {
		rep.seen++
		if p.but[s.by] {
			continue
		}
		row.waits = append(row.waits, max(0, s.at.Sub(acked)))
	}
}

func (x *row) percentile(p int) time.Duration {
	if len(x.waits) == 0 {
		return 0
	}
	return x.waits[(len(x.waits)-1)*p/100]
}

func (rep *report) print(out io.Writer) {
	fmt.Fprintf(out, "\n%d comments acknowledged, %d deliveries.\n\nFrom a comment's acknowledgement to a viewer's sight:\n\n", rep.posted, rep.seen)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "phase\tcomments\tp50\tp99\tmax\tnot done at first")
	for _, x := range rep.rows {
		var why []string
		for _, reason := range slices.Sorted(maps.Keys(x.refused)) {
			why = append(why, fmt.Sprintf("%s: %d", reason, x.refused[reason]))
		}
		if x.leftOut > 0 {
			why = append(why, fmt.Sprintf("(without %d viewers of that node)", x.leftOut))
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\n", x.phase, x.posted, short(x.percentile(50)), short(x.percentile(99)), short(x.percentile(100)), strings.Join(why, ", "))
	}
	_ = w.Flush() // to the terminal
	fmt.Fprintln(out)
	for _, t := range rep.timings {
		aim := ""
		if t.aim > 0 {
			aim = fmt.Sprintf(" (aim: %v)", t.aim)
		}
		fmt.Fprintf(out, "%s: %s%s\n", t.what, short(t.took), aim)
	}
	for _, what := range slices.Sorted(maps.Keys(rep.counts)) {
		fmt.Fprintf(out, "%s: %d\n", what, rep.counts[what])
	}
	fmt.Fprintln(out)
	if len(rep.wrong) == 0 {
		fmt.Fprintln(out, "Every acknowledged comment is at every viewer exactly once, in order, and in the store once.")
	}
	for _, s := range rep.wrong {
		fmt.Fprintln(out, "WRONG:", s)
	}
}

func short(d time.Duration) string {
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}
