package redis

import (
	"time"

	"folkmoot/server/forum"
)

// Patient makes limits wait for Redis as long as a busy machine may take, where
// a test is about what they count.
func Patient(l forum.Limits) forum.Limits {
	l.(*limits).patience = time.Minute
	return l
}
