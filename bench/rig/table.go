package rig

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

// A Table is printed as Markdown; columns after the first are numbers unless
// there are but two.
type Table struct {
	Title string
	Head  []string
	rows  [][]string
	notes []string
}

// Add adds a row.
func (t *Table) Add(cells ...string) { t.rows = append(t.rows, cells) }

// Note adds a paragraph below.
func (t *Table) Note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

// Print writes it.
func (t *Table) Print(w io.Writer) {
	if t.Title != "" {
		fmt.Fprintf(w, "### %s\n\n", t.Title)
	}
	line := "|---"
	for range t.Head[1:] {
		if len(t.Head) > 2 {
			line += "|--:"
		} else {
			line += "|---"
		}
	}
	fmt.Fprintf(w, "| %s |\n%s|\n", strings.Join(t.Head, " | "), line)
	for _, cells := range t.rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
	}
	fmt.Fprintln(w)
	for _, n := range t.notes {
		fmt.Fprintf(w, "%s\n\n", n)
	}
}

// Percentile returns the value that p of a hundred are at or below. It sorts.
func Percentile[T cmp.Ordered](values []T, p int) (v T) {
	if len(values) == 0 {
		return v
	}
	slices.Sort(values)
	return values[max(0, (len(values)*p+99)/100-1)]
}

// Count writes a number with commas.
func Count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// MS writes milliseconds.
func MS(d time.Duration) string { return fmt.Sprintf("%.2f ms", d.Seconds()*1000) }

// KiB writes a size.
func KiB(n int) string { return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10)) }

// MiB takes what /proc says in kB.
func MiB(kB int) string { return fmt.Sprintf("%.1f MiB", float64(kB)/(1<<10)) }

// Tallied writes how often each answer came.
func Tallied(answers map[string]int) string {
	var all []string
	for _, a := range slices.Sorted(maps.Keys(answers)) {
		all = append(all, Count(answers[a])+" × "+a)
	}
	return strings.Join(all, ", ")
}
