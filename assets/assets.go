// Package assets is what a browser gets besides pages: styles, scripts and the
// Wasm program, compressed and named when they were built (make build) and
// embedded. Nothing of them is copied or read before somebody asks for it.
package assets

import (
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"folkmoot/app/words"
)

//go:embed all:dist
var dist embed.FS

// Worker is the service worker of the installed app: a template, as go-app's is,
// of Version, ResourcesToCache, Outbox, the address of outbox.js, and PushKey.
//
//go:embed worker.js
var Worker string

// Icons are the app's, as icons/NAME.
//
//go:embed icons/*.png icons/*.svg
var Icons embed.FS

// A File is one asset.
type File struct {
	Name string // "style.css"
	Path string // where it is served, named by its hash: "/assets/style.0123456789ab.css"
	Type string // of media
}

// Open returns the file in an encoding, br or gzip, and how many bytes that is;
// or, if encoding is empty, the plain file, whose length is -1: unknown.
func (f *File) Open(encoding string) (io.ReadCloser, int64, error) {
	packed, err := dist.Open("dist/" + f.Name + suffix(encoding))
	if err != nil {
		return nil, 0, fmt.Errorf("asset %s: %w", f.Name, err)
	}
	if encoding == "" {
		plain, err := gzip.NewReader(packed)
		return plain, -1, err
	}
	info, err := packed.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("asset %s: %w", f.Name, err)
	}
	return packed, info.Size(), nil
}

func suffix(encoding string) string {
	if encoding == "br" {
		return ".br"
	}
	return ".gz"
}

// A Set is all assets, by name and by path.
type Set struct {
	byName, byPath map[string]*File
	Version        string // changes when any of them does
}

// types are the assets that there must be.
var types = map[string]string{
	"app.wasm":     "application/wasm",
	"wasm_exec.js": "text/javascript; charset=utf-8",
	"boot.js":      "text/javascript; charset=utf-8",
	"push.js":      "text/javascript; charset=utf-8",
	"app.js":       "text/javascript; charset=utf-8",
	"write.js":     "text/javascript; charset=utf-8",
	"device.js":    "text/javascript; charset=utf-8",
	"continue.js":  "text/javascript; charset=utf-8",
	"emoji.txt":    "text/plain; charset=utf-8",
	"embed.js":     "text/javascript; charset=utf-8",
	"install.js":   "text/javascript; charset=utf-8",
	"long.js":      "text/javascript; charset=utf-8",
	"live.js":      "text/javascript; charset=utf-8",
	"outbox.js":    "text/javascript; charset=utf-8",

	"embed.mjs":        "text/javascript; charset=utf-8",
	"embed-more.mjs":   "text/javascript; charset=utf-8",
	"embed-counts.mjs": "text/javascript; charset=utf-8",

	"embed.d.ts": "text/plain; charset=utf-8",
	"style.css":  "text/css; charset=utf-8",
	"more.css":   "text/css; charset=utf-8",
	"app.css":    "text/css; charset=utf-8",
}

// Load finds the embedded assets. It fails if the program was built without
// them.
func Load() (*Set, error) {
	s := &Set{byName: map[string]*File{}, byPath: map[string]*File{}}
	all := maps.Clone(types)
	for _, language := range words.Languages {
		all[language+".json"] = "application/json"
	}
	for name, mediaType := range all {
		sum, err := dist.ReadFile("dist/" + name + ".sum") // written last
		if errors.Is(err, fs.ErrNotExist) {
			return nil, errors.New("this folkmoot was built without " + name + ": build it with make build")
		} else if err != nil {
			return nil, err
		}
		ext := path.Ext(name)
		f := &File{Name: name, Path: "/assets/" + strings.TrimSuffix(name, ext) + "." + string(sum) + ext, Type: mediaType}
		s.byName[name], s.byPath[f.Path] = f, f
	}
	s.Version = version(s.byName)
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

func version(files map[string]*File) string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		h.Write([]byte(files[name].Path))
	}
	h.Write([]byte(Worker))
	return hex.EncodeToString(h.Sum(nil)[:6])
}
