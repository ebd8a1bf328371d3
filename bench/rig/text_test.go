package rig

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
)

// English of this length packs to 40 to 46 percent with gzip; what packs better
// would flatter the pages' sizes.
func TestCommentsPackLikeEnglish(t *testing.T) {
	w := NewWriter(1)
	var all []string
	length := 0
	for range 100 {
		c := w.Comment()
		length += len(c)
		all = append(all, c)
	}
	if mean := length / 100; mean < 180 || mean > 220 {
		t.Errorf("a comment has %d characters on average; want about 200", mean)
	}
	text := strings.Join(all, "\n")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte(text))
	z.Close()
	if ratio := float64(packed.Len()) / float64(len(text)); ratio < .38 || ratio > .48 {
		t.Errorf("%d bytes pack to %d (%.2f); English would to about 0.43\n%s", len(text), packed.Len(), ratio, text[:1000])
	}
	if again := NewWriter(1).Comment(); again != all[0] {
		t.Errorf("one seed wrote\n%s\nand\n%s", all[0], again)
	}
}
