package forum_test

import (
	"math"
	"testing"
	"time"

	"folkmoot/server/forum"
)

// What is kept as a logarithm is the decayed sum of what happened, whenever it
// is looked at and in whichever order it was told.
func TestLivelyIsADecayedSum(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	lively, want := 0.0, 0.0
	for i := range 400 {
		age := time.Duration(i*37%400) * time.Hour
		heat := []float64{forum.CommentHeat, forum.ReactionHeat}[i%2]
		lively = forum.Livelier(lively, now.Add(-age), heat)
		want += heat * math.Exp2(-age.Hours()/24)
		if got := forum.HeatOf(lively, now); math.Abs(got-want) > 1e-6*want {
			t.Fatalf("after %d: %v, want %v", i, got, want)
		}
	}
	if got := forum.HeatOf(lively, now.Add(48*time.Hour)); math.Abs(got-want/4) > 1e-6*want {
		t.Errorf("two days later: %v, want a quarter of %v", got, want)
	}
	for i := range 400 {
		age := time.Duration(i*91%400) * time.Hour
		heat := []float64{forum.CommentHeat, forum.ReactionHeat}[i*91%400*173%400%2] // 37*173 = 1 modulo 400
		lively = forum.Livelier(lively, now.Add(-age), -heat)
	}
	if got := forum.HeatOf(lively, now); got > 1e-3 {
		t.Errorf("%v is left when all is taken back", got)
	}
}

func TestWarmthIsInTheOrderOfLiveliness(t *testing.T) {
	at := time.UnixMilli(1_800_000_000_000)
	one := forum.Livelier(0, at, forum.CommentHeat)
	two := forum.Livelier(one, at, forum.CommentHeat)
	if math.Abs(two-one-1) > 1e-9 || forum.Warmth(two) != forum.Warmth(one)+1 {
		t.Errorf("%v and then %v", one, two)
	}
}

func TestPlaces(t *testing.T) {
	for _, p := range []forum.ListPlace{{0, ""}, {-5, "a b.c"}, {1 << 62, "é\u2028"}, forum.LivelyPlace(20_000.123456789, "t")} {
		if got, err := forum.ListPlaceOf('x', p.Cursor('x')); err != nil || got != p {
			t.Errorf("%+v comes back as %+v, %v", p, got, err)
		}
		if _, err := forum.ListPlaceOf('y', p.Cursor('x')); err == nil {
			t.Errorf("%+v is good in another list", p)
		}
	}
	for _, bad := range []string{"x", "=", "eDEu\x00", forum.ListPlace{1, "\xff"}.Cursor('x'), forum.ListPlace{1, "\x00"}.Cursor('x'), "eDAxLg"} {
		if p, err := forum.ListPlaceOf('x', bad); err == nil {
			t.Errorf("%q is read as %+v", bad, p)
		}
	}
	if p := forum.LivelyPlace(20_000.123456789, "t"); p.Lively() != 20_000.123456789 {
		t.Errorf("%v", p.Lively())
	}
}
