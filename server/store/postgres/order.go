package postgres

import "folkmoot/app/talk"

// An order is how roots c of the @thread are read on either side of a place,
// given as @likes and @seq: at most @before and @after, the nearest first. Those
// that are pinned are in no order.
type order struct{ before, after string }

var orders = map[talk.Sort]order{
	talk.Oldest: {
		before: roots + `c.seq <= @seq ORDER BY c.seq DESC LIMIT @before`,
		after:  roots + `c.seq > @seq ORDER BY c.seq LIMIT @after`,
	},
	talk.Newest: {
		before: roots + `c.seq >= @seq ORDER BY c.seq LIMIT @before`,
		after:  roots + `c.seq < @seq ORDER BY c.seq DESC LIMIT @after`,
	},
	talk.Top: {
		before: roots + `c.likes >= @likes AND (c.likes > @likes OR c.seq <= @seq) ORDER BY c.likes, c.seq DESC LIMIT @before`,
		after:  roots + `c.likes <= @likes AND (c.likes < @likes OR c.seq > @seq) ORDER BY c.likes DESC, c.seq LIMIT @after`,
	},
}

const roots = ` FROM comment AS c WHERE c.thread = @thread AND c.parent IS NULL AND NOT c.pinned AND `
