package postgres

import (
	"strings"
	"unicode/utf8"
)

// storable reports whether PostgreSQL can hold a text: it must be UTF-8 without
// NUL. It would refuse a whole batch for one that isn't, so each is looked at
// before. An id that isn't storable is of nothing that is there.
func storable(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}

// storableOf are those that are storable.
func storableOf(all []string) []string {
	some := make([]string, 0, len(all))
	for _, s := range all {
		if storable(s) {
			some = append(some, s)
		}
	}
	return some
}

// clean drops from a text what can't be stored.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}
