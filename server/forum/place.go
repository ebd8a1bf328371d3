package forum

import (
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"folkmoot/app/talk"
)

// A ListPlace is where a list was cut: after the one with this number and id.
type ListPlace struct {
	N  int64
	ID string
}

// First is the place before all of a list that goes down.
var First = ListPlace{math.MaxInt64, ""}

// Cursor makes a place into text that means nothing in a list of another mark.
func (p ListPlace) Cursor(mark byte) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%c%d.%s", mark, p.N, p.ID))
}

// ListPlaceOf reads a cursor; an empty one is the first place.
func ListPlaceOf(mark byte, cursor string) (ListPlace, error) {
	if cursor == "" {
		return First, nil
	}
	var p ListPlace
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil && len(text) > 0 {
		var n string
		n, p.ID, _ = strings.Cut(string(text[1:]), ".")
		p.N, err = strconv.ParseInt(n, 10, 64)
	}
	if err != nil || p.Cursor(mark) != cursor || !utf8.ValidString(p.ID) || strings.ContainsRune(p.ID, 0) {
		return p, talk.Refuse(talk.Invalid, "after", "This list can't be continued from there. Please read it from its beginning.")
	}
	return p, nil
}

// LivelyPlace is the place of a thread in a list of the liveliest.
func LivelyPlace(lively float64, thread string) ListPlace {
	return ListPlace{int64(math.Float64bits(lively)), thread} // the bits of numbers above 0 are in their order
}

// Lively is the number of such a place.
func (p ListPlace) Lively() float64 {
	if p == First {
		return math.MaxFloat64
	}
	return math.Float64frombits(uint64(p.N))
}
