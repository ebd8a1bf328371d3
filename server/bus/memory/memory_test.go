package memory_test

import (
	"testing"

	"folkmoot/server/bus/bustest"
	"folkmoot/server/bus/memory"
	"folkmoot/server/forum"
)

func TestBus(t *testing.T) {
	bustest.Run(t, func(*testing.T) forum.Bus { return &memory.Bus{} })
}
