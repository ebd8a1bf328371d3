package postgres

import (
	"encoding/base64"
	"fmt"
	"math"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// An order is how roots c are read: after a place, given as @likes and @seq.
type order struct {
	sort  talk.Sort
	mark  byte // of its cursors
	first place
	after string // which roots stand after the place
	by    string
}

// A place is where a root stands in every order.
type place struct{ likes, seq int64 }

var orders = map[talk.Sort]order{
	talk.Oldest: {talk.Oldest, 'o', place{0, 0}, `c.seq > @seq`, `c.seq`},
	talk.Newest: {talk.Newest, 'n', place{0, math.MaxInt64}, `c.seq < @seq`, `c.seq DESC`},
	talk.Top:    {talk.Top, 't', place{math.MaxInt64, 0}, `c.likes <= @likes AND (c.likes < @likes OR c.seq > @seq)`, `c.likes DESC, c.seq`},
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

// roots reads some columns of at most @limit roots of the @thread.
func (o order) roots(columns string) string {
	return columns + ` FROM comment AS c WHERE c.thread = @thread AND c.parent IS NULL AND NOT c.pinned AND ` + o.after + ` ORDER BY ` + o.by + ` LIMIT @limit`
}
