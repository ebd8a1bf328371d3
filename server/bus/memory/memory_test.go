package memory_test

import (
	"testing"

	"folkmoot/server/bus/bustest"
	"folkmoot/server/bus/memory"
)

func TestBus(t *testing.T) {
	bustest.Run(t, func(*testing.T) bustest.Nodes {
		b := &memory.Bus{}
		return bustest.Nodes{Here: b, There: b}
	})
}
