package words

import (
	"strconv"
	"time"
)

// Age says in a few characters how long ago something was: "now", "5m", "3h",
// "2d", "3w", "5mo", "2y". A month is a twelfth of 365 days.
func (w *Words) Age(at, now time.Time) string {
	const day, month, year = 24 * time.Hour, 365 * 24 * time.Hour / 12, 365 * 24 * time.Hour
	d := now.Sub(at)
	many := func(key string, unit time.Duration) string { return w.Many(key, int(d/unit)) }
	switch {
	case d < time.Minute:
		return w.Say("age.now")
	case d < time.Hour:
		return many("age.minutes", time.Minute)
	case d < day:
		return many("age.hours", time.Hour)
	case d < 7*day:
		return many("age.days", day)
	case d < month:
		return many("age.weeks", 7*day)
	case d < year:
		return many("age.months", month)
	default:
		return many("age.years", year)
	}
}

// Exact is a time in words, for a title and for screen readers: "2 January 2006,
// 15:04 UTC".
func (w *Words) Exact(t time.Time) string {
	w = w.or()
	t = t.UTC()
	return w.Say("date.exact",
		"day", w.numerals(strconv.Itoa(t.Day())), "month", w.Say("month."+strconv.Itoa(int(t.Month()))),
		"year", w.numerals(strconv.Itoa(t.Year())), "time", w.numerals(t.Format("15:04")))
}
