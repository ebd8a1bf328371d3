package e2e

import (
	"os/exec"
	"testing"
)

// A page in TypeScript is told what events, elements and attributes there are, and
// what there isn't.
func TestTypesOfThePage(t *testing.T) {
	checked := exec.Command("node", "../examples/next/node_modules/typescript/bin/tsc", "--strict", "--noEmit", "--target", "es2022", "--lib", "es2022,dom", "--typeRoots", "types", "../assets/embed.d.ts", "types/page.ts")
	if said, err := checked.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}
