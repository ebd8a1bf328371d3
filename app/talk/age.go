package talk

import (
	"strconv"
	"time"
)

// Age says in two to four characters how long ago something was: "now", "5m",
// "3h", "2d", "3w", "5mo", "2y". A month is a twelfth of 365 days.
func Age(at, now time.Time) string {
	const day, month, year = 24 * time.Hour, 365 * 24 * time.Hour / 12, 365 * 24 * time.Hour
	switch d := now.Sub(at); {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return count(d, time.Minute) + "m"
	case d < day:
		return count(d, time.Hour) + "h"
	case d < 7*day:
		return count(d, day) + "d"
	case d < month:
		return count(d, 7*day) + "w"
	case d < year:
		return count(d, month) + "mo"
	default:
		return count(d, year) + "y"
	}
}

func count(d, unit time.Duration) string { return strconv.FormatInt(int64(d/unit), 10) }
