package ui

import (
	"fmt"
	"testing"
	"time"

	"folkmoot/app/talk"
)

// BenchmarkRender100 renders a thread of 50 comments with a reply each, as the
// server does for a reader with a session.
func BenchmarkRender100(b *testing.B) {
	s := &State{Kinds: talk.DefaultReactions, Self: "/embed?page=https%3A%2F%2Fblog.example%2Fa", Now: now, Boxes: map[string]Box{"": {}}}
	for i := range 100 {
		c := talk.Comment{
			ID: fmt.Sprintf("abcdefgh%08d", i), Thread: "abcdefgh12345678", State: talk.Published, At: now.Add(-time.Duration(i) * time.Hour),
			Author: talk.Person{ID: fmt.Sprintf("person%010d", i), Name: "Maren Holt", Headline: "Pharmacist, Leeds"},
			HTML:   "<p>What struck me is the part about the boiler. We had <strong>the same fight</strong> over our village hall, and nobody wrote it down.</p>",
		}
		if i%2 == 1 {
			c.Parent = s.View.Comments[i-1].ID
		}
		s.View.Comments = append(s.View.Comments, c)
	}
	b.ReportAllocs()
	for b.Loop() {
		render(s)
	}
}
