package sqlite

import (
	"encoding/base64"
	"fmt"
	"math"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// An order is how roots are read: after a place, given as likes (?3) and number
// (?4), at most ?5 of thread ?2, for person ?1.
type order struct {
	sort  talk.Sort
	mark  byte // of its cursors
	first place
	sql   string
}

// A place is where a root stands in every order.
type place struct{ likes, seq int64 }

var orders = map[talk.Sort]order{
	talk.Oldest: {talk.Oldest, 'o', place{0, 0}, selectComment + `
		FROM comment AS c WHERE c.thread = ?2 AND c.parent IS NULL AND c.pinned = 0 AND c.seq > ?4
		ORDER BY c.seq LIMIT ?5`},
	talk.Newest: {talk.Newest, 'n', place{0, math.MaxInt64}, selectComment + `
		FROM comment AS c WHERE c.thread = ?2 AND c.parent IS NULL AND c.pinned = 0 AND c.seq < ?4
		ORDER BY c.seq DESC LIMIT ?5`},
	talk.Top: {talk.Top, 't', place{math.MaxInt64, 0}, selectComment + `
		FROM comment AS c WHERE c.thread = ?2 AND c.parent IS NULL AND c.pinned = 0 AND c.likes <= ?3 AND (c.likes < ?3 OR c.seq > ?4)
		ORDER BY c.likes DESC, c.seq LIMIT ?5`},
}

// start returns the order of a query and the place after which it begins.
func start(q forum.Query) (order, place, error) {
	sort, err := talk.SortOf(string(q.Sort))
	if err != nil {
		return order{}, place{}, err
	}
	o := orders[sort]
	if q.After == "" {
		return o, o.first, nil
	}
	var mark byte
	var p place
	text, err := base64.RawURLEncoding.DecodeString(q.After)
	if err == nil {
		_, err = fmt.Sscanf(string(text), "%c%d.%d", &mark, &p.likes, &p.seq)
	}
	if err != nil || o.cursor(p) != q.After {
		return order{}, place{}, talk.Refuse(talk.Invalid, "after", "This list can't be continued from there. Please read it from its beginning.")
	}
	return o, p, nil
}

// cursor makes a place into text that means nothing in another order.
func (o order) cursor(p place) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%c%d.%d", o.mark, p.likes, p.seq))
}
