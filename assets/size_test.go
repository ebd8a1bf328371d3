package assets_test

import (
	"testing"

	"folkmoot/assets"
)

// Other people's pages wait for these: they are small or they are not asked for.
func TestWhatGoesToOthersPagesIsSmall(t *testing.T) {
	const most = 3000 // bytes, compressed
	set, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"embed.js", "embed-more.js"} {
		body, size, err := set.Named(name).Open("br")
		if err != nil {
			t.Fatal(err)
		}
		body.Close()
		if size > most {
			t.Errorf("%s is %d bytes, want %d at most", name, size, most)
		}
		t.Logf("%s: %d bytes", name, size)
	}
}
