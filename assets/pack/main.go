// Pack compresses files for embedding: pack OUT FILE… writes FILE.br, FILE.gz
// and, last, FILE.sum, twelve hex digits of its SHA-256, into OUT. With -fast, for make dev, it compresses large ones quickly and less;
// with -lean it leaves out comments, and white space that says nothing: for what
// pages wait for.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"github.com/andybalholm/brotli"
)

func main() {
	fast := flag.Bool("fast", false, "compress large files quickly, and less")
	lean := flag.Bool("lean", false, "leave comments and needless white space out")
	flag.Parse()
	if flag.NArg() < 2 {
		fmt.Fprintln(os.Stderr, "usage: pack [-fast] OUT FILE…")
		os.Exit(2)
	}
	for _, file := range flag.Args()[1:] {
		if err := pack(flag.Arg(0), file, *fast, *lean); err != nil {
			fmt.Fprintln(os.Stderr, "pack:", err)
			os.Exit(1)
		}
	}
}

func pack(out, file string, fast, lean bool) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	switch {
	case lean && filepath.Ext(file) == ".css":
		raw = leanStyle(raw)
	case lean:
		raw = leanScript(raw)
	}
	br, gz := brotli.BestCompression, gzip.BestCompression
	if fast && len(raw) > 1<<20 { // small files take no time
		br, gz = brotli.BestSpeed, gzip.BestSpeed
	}
	to := filepath.Join(out, filepath.Base(file))
	if err := write(to+".br", raw, func(w io.Writer) (io.WriteCloser, error) {
		return brotli.NewWriterOptions(w, brotli.WriterOptions{Quality: br, LGWin: 24}), nil
	}); err != nil {
		return err
	}
	if err := write(to+".gz", raw, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, gz) }); err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	return os.WriteFile(to+".sum", []byte(hex.EncodeToString(sum[:6])), 0o644)
}

// leanScript leaves out lines that are comments, and indentation.
func leanScript(script []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(script) {
		if line = bytes.TrimLeft(line, " "); !bytes.HasPrefix(line, []byte("//")) {
			out.Write(line)
		}
	}
	return out.Bytes()
}

var (
	styleComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	styleSpace   = regexp.MustCompile(`\s*([{};,])\s*|(:)\s+|(\s)\s+`)
)

// leanStyle leaves out comments, and white space where CSS needs none. In a
// string, no punctuation may stand beside a space.
func leanStyle(style []byte) []byte {
	return styleSpace.ReplaceAll(styleComment.ReplaceAll(style, nil), []byte("$1$2$3"))
}

func write(to string, raw []byte, compressor func(io.Writer) (io.WriteCloser, error)) error {
	var b bytes.Buffer
	z, err := compressor(&b)
	if err != nil {
		return err
	}
	if _, err := z.Write(raw); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(to, b.Bytes(), 0o644)
}
