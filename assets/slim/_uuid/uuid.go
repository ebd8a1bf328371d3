// Package uuid makes ids for go-app, which wants them to differ, not to be secret.
package uuid

import (
	"math/rand/v2"
	"strconv"
)

// NewString returns one.
func NewString() string {
	return strconv.FormatUint(rand.Uint64(), 16) + strconv.FormatUint(rand.Uint64(), 16)
}
