package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A table is printed as Markdown; columns after the first are numbers unless
// there are but two.
type table struct {
	title string
	head  []string
	rows  [][]string
	notes []string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }
func (t *table) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

func (t *table) print(w io.Writer) {
	if t.title != "" {
		fmt.Fprintf(w, "### %s\n\n", t.title)
	}
	line := "|---"
	for range t.head[1:] {
		if len(t.head) > 2 {
			line += "|--:"
		} else {
			line += "|---"
		}
	}
	fmt.Fprintf(w, "| %s |\n%s|\n", strings.Join(t.head, " | "), line)
	for _, cells := range t.rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
	}
	fmt.Fprintln(w)
	for _, n := range t.notes {
		fmt.Fprintf(w, "%s\n\n", n)
	}
}

// percentile returns the value that p of a hundred are at or below. It sorts.
func percentile[T cmp.Ordered](values []T, p int) (v T) {
	if len(values) == 0 {
		return v
	}
	slices.Sort(values)
	return values[max(0, (len(values)*p+99)/100-1)]
}

// count writes a number with commas.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", d.Seconds()*1000) }

func kib(n int) string { return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10)) }

// mib takes what /proc says in kB.
func mib(kB int) string { return fmt.Sprintf("%.1f MiB", float64(kB)/(1<<10)) }

// tallied writes how often each answer came.
func tallied(answers map[string]int) string {
	var all []string
	for _, a := range slices.Sorted(maps.Keys(answers)) {
		all = append(all, count(answers[a])+" × "+a)
	}
	return strings.Join(all, ", ")
}
