package forum

import (
	"math"
	"time"
)

// How lively a thread is: what was said there, each comment counting half as
// much every day. It is kept as forward decay does (Cormode and others, "Forward
// Decay: A Practical Time Decay Model for Streaming Systems", ICDE 2009): the
// binary logarithm of the sum of 2^(age of the epoch in half-lives), which grows
// with what happens and not with the clock. So an order by it stays right
// without anybody touching it, and 2^(it - now) is the decayed sum.
const halfLife = 24 * time.Hour

// What counts for how much. A reaction takes no time to give.
const (
	CommentHeat  = 1.0
	ReactionHeat = 0.1
)

// halfLives is how many half-lives the epoch is ago.
func halfLives(t time.Time) float64 { return float64(t.UnixMilli()) / float64(halfLife.Milliseconds()) }

// Livelier is how lively a thread is when something has happened there that
// counts for so much, or, with a negative heat, hasn't any more that did: 0 is
// nothing at all.
func Livelier(lively float64, at time.Time, heat float64) float64 {
	one := halfLives(at) + math.Log2(math.Abs(heat))
	switch {
	case heat > 0 && lively == 0:
		return one
	case heat > 0:
		return max(lively, one) + math.Log2(1+math.Exp2(-math.Abs(lively-one)))
	case one >= lively-1e-6: // all that there was, but for rounding
		return 0
	}
	return lively + math.Log2(1-math.Exp2(one-lively))
}

// ReactionsHeat is the heat of some kinds of reactions that one write has
// changed: the first was set, if on, and the others were taken back.
func ReactionsHeat(on bool, changed []string) float64 {
	heat := -ReactionHeat * float64(len(changed))
	if on {
		heat += 2 * ReactionHeat
	}
	return heat
}

// Warmth is how lively a thread is, roughly: it changes seldom, so that an index
// of it costs little, and orders as the whole does.
func Warmth(lively float64) int64 { return int64(math.Floor(lively)) }

// HeatOf is how much of what happened in a thread counts now.
func HeatOf(lively float64, now time.Time) float64 {
	if lively == 0 {
		return 0
	}
	return math.Exp2(lively - halfLives(now))
}

// Now is what a store subtracts from how lively threads are to add up their heat.
func Now(t time.Time) float64 { return halfLives(t) }
