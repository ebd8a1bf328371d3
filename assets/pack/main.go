// Pack compresses files for embedding: pack OUT FILE… writes FILE.br, FILE.gz
// and, last, FILE.sum, twelve hex digits of its SHA-256, into OUT. Scripts and
// style sheets are made short before, and a module takes in what it imports. With -fast, for make dev, it compresses
// large ones quickly and less. It is a module of its own, so that what it needs
// stays out of the product's go.mod.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/andybalholm/brotli"
	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	fast := flag.Bool("fast", false, "compress large files quickly, and less")
	flag.Parse()
	if flag.NArg() < 2 {
		fmt.Fprintln(os.Stderr, "usage: pack [-fast] OUT FILE…")
		os.Exit(2)
	}
	for _, file := range flag.Args()[1:] {
		if err := pack(flag.Arg(0), file, *fast); err != nil {
			fmt.Fprintln(os.Stderr, "pack:", err)
			os.Exit(1)
		}
	}
}

func pack(out, file string, fast bool) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	switch filepath.Ext(file) {
	case ".css":
		raw, err = minify(raw, api.LoaderCSS)
	case ".js":
		raw, err = minify(raw, api.LoaderJS)
	case ".mjs":
		raw, err = bundle(file)
	}
	if err != nil {
		return err
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

// minify writes a script or a style sheet as short as it can be.
func minify(raw []byte, loader api.Loader) ([]byte, error) {
	short := api.Transform(string(raw), api.TransformOptions{
		Loader: loader, Charset: api.CharsetUTF8,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
	})
	if len(short.Errors) > 0 {
		return nil, errors.New(short.Errors[0].Text)
	}
	return short.Code, nil
}

// bundle makes one short module of a module and those that it imports.
func bundle(file string) ([]byte, error) {
	one := api.Build(api.BuildOptions{
		EntryPoints: []string{file}, Bundle: true, Format: api.FormatESModule, Target: api.ES2022, Charset: api.CharsetUTF8,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
	})
	if len(one.Errors) > 0 {
		return nil, errors.New(one.Errors[0].Text)
	}
	return one.OutputFiles[0].Contents, nil
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
