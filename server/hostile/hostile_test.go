package hostile_test

import (
	"testing"

	"folkmoot/server/hostile"
)

func TestAll(t *testing.T) {
	all := hostile.All()
	if len(all) < 250 {
		t.Errorf("there are %d vectors", len(all))
	}
	seen := map[string]string{}
	for _, v := range all {
		if v.Family == "" || v.Text == "" {
			t.Errorf("%q has no family, or says nothing", v.Text)
		}
		if before, twice := seen[v.Text]; twice {
			t.Errorf("%s is %s", v.Name, before)
		}
		seen[v.Text] = v.Name
	}
}
