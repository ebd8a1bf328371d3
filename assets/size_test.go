package assets_test

import (
	"io"
	"testing"

	"github.com/andybalholm/brotli"

	"folkmoot/assets"
)

// Other people's pages wait for these: they are small or they are not asked for.
func TestWhatGoesToOthersPagesIsSmall(t *testing.T) {
	set, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	for name, most := range map[string]int64{ // bytes, compressed
		"embed.js": 3000, "embed-counts.mjs": 1500, "embed-more.mjs": 4200, "embed.mjs": 500,
	} {
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

// Readers download the program: 1.25 MB at most. What make build FAST=-fast
// embeds is larger, so it is packed here, with a quality that takes a second and
// makes it 1.17 times as large as the best.
func TestProgramIsSmall(t *testing.T) {
	const most = 1.17 * 1.25e6
	set, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	program, _, err := set.Named("app.wasm").Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	var packed count
	z := brotli.NewWriterLevel(&packed, 5)
	if _, err := io.Copy(z, program); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if packed > most {
		t.Errorf("app.wasm is some %d bytes, want 1.25 MB at most", int(packed/1.17))
	}
	t.Logf("app.wasm: some %d bytes", int(packed/1.17))
}

// A count counts the bytes that are written to it.
type count float64

func (c *count) Write(p []byte) (int, error) {
	*c += count(len(p))
	return len(p), nil
}
