// Package assets is what a browser gets besides pages: styles, scripts and the
// Wasm program, compressed when they were built (make build) and embedded.
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

//go:embed all:dist
var dist embed.FS

// A File is one asset. Its bytes must not be changed.
type File struct {
	Name   string // "style.css"
	Path   string // where it is served, named by its hash: "/assets/style.0123456789ab.css"
	Type   string // of media
	Brotli []byte
	Gzip   []byte
}

// Raw decompresses the file, for the rare reader that takes no encoding.
func (f *File) Raw() ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(f.Gzip))
	if err != nil {
		return nil, fmt.Errorf("asset %s: %w", f.Name, err)
	}
	return io.ReadAll(z)
}

// A Set is all assets, by name and by path.
type Set struct {
	byName, byPath map[string]*File
	Version        string // changes when any of them does
}

// names are what a build makes.
var names = map[string]string{
	"app.wasm":     "application/wasm",
	"wasm_exec.js": "text/javascript; charset=utf-8",
	"boot.js":      "text/javascript; charset=utf-8",
	"embed.js":     "text/javascript; charset=utf-8",
	"style.css":    "text/css; charset=utf-8",
}

// Load reads the embedded assets. It fails if the program was built without
// them.
func Load() (*Set, error) {
	s := &Set{byName: map[string]*File{}, byPath: map[string]*File{}}
	all := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(names)) {
		br, err := dist.ReadFile("dist/" + name + ".br")
		if err != nil {
			return nil, errors.New("this folkmoot was built without " + name + ": build it with make build")
		}
		gz, err := dist.ReadFile("dist/" + name + ".gz")
		if err != nil {
			return nil, errors.New("this folkmoot was built without " + name + ": build it with make build")
		}
		sum := sha256.Sum256(br)
		all.Write(sum[:])
		hash, ext := hex.EncodeToString(sum[:6]), path.Ext(name)
		f := &File{Name: name, Path: "/assets/" + strings.TrimSuffix(name, ext) + "." + hash + ext, Type: names[name], Brotli: br, Gzip: gz}
		s.byName[name], s.byPath[f.Path] = f, f
	}
	s.Version = hex.EncodeToString(all.Sum(nil)[:6])
	return s, nil
}

// Named returns the asset of a name, which must be one.
func (s *Set) Named(name string) *File {
	f, ok := s.byName[name]
	if !ok {
		panic("no asset " + name)
	}
	return f
}

// At returns the asset at a path, or nil.
func (s *Set) At(path string) *File { return s.byPath[path] }
