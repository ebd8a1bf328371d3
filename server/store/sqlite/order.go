package sqlite

import "folkmoot/app/talk"

// An order is how roots are read on either side of a place, given as likes (?3)
// and number (?4): at most ?5 of thread ?2, the nearest first, for person ?1.
// Those that are pinned are in no order.
type order struct{ before, after string }

var orders = map[talk.Sort]order{
	talk.Oldest: {
		before: roots + `c.seq <= ?4 ORDER BY c.seq DESC LIMIT ?5`,
		after:  roots + `c.seq > ?4 ORDER BY c.seq LIMIT ?5`,
	},
	talk.Newest: {
		before: roots + `c.seq >= ?4 ORDER BY c.seq LIMIT ?5`,
		after:  roots + `c.seq < ?4 ORDER BY c.seq DESC LIMIT ?5`,
	},
	talk.Top: {
		before: roots + `c.likes >= ?3 AND (c.likes > ?3 OR c.seq <= ?4) ORDER BY c.likes, c.seq DESC LIMIT ?5`,
		after:  roots + `c.likes <= ?3 AND (c.likes < ?3 OR c.seq > ?4) ORDER BY c.likes DESC, c.seq LIMIT ?5`,
	},
}

const roots = ` FROM comment AS c WHERE c.thread = ?2 AND c.parent IS NULL AND c.pinned = 0 AND `
