package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/url"

	"github.com/andybalholm/brotli"

	"folkmoot/app/talk"
	"folkmoot/bench/rig"
)

// embed is the address of a page's widget.
func embed(page string) string { return "/embed?page=" + url.QueryEscape(page) }

// pageBytes tells what a reader downloads before any script, and checks that
// each encoding holds the same page.
func (b *bench) pageBytes(ctx context.Context) error {
	return b.with(ctx, func(s *rig.Server) error {
		t := rig.Table{Title: "A page of the widget", Head: []string{"comments in the thread", "on the page", "raw", "gzip", "brotli"}}
		for _, roots := range []int{0, 50, 500} {
			address := page(roots)
			thread, err := b.seed(s, address, roots, true)
			if err != nil {
				return err
			}
			w, err := rig.Dial(s.Addr, longest)
			if err != nil {
				return err
			}
			defer w.Close()
			raw, err := download(w, s, address, "", "")
			if err != nil {
				return err
			}
			cells := []string{rig.Count(thread.Comments), rig.Count(bytes.Count(raw, []byte(`id="comment-`))), rig.KiB(len(raw))}
			for _, encoding := range []string{"gzip", "br"} {
				packed, err := download(w, s, address, encoding, "")
				if err != nil {
					return err
				}
				unpacked, err := unpack(packed, encoding)
				if err != nil || !bytes.Equal(unpacked, raw) {
					return fmt.Errorf("the page in %s isn't the page: %d bytes instead of %d (%w)", encoding, len(unpacked), len(raw), err)
				}
				cells = append(cells, rig.KiB(len(packed)))
			}
			t.Add(cells...)
		}
		t.Note("Half of the comments are replies; of some 200 characters each. A page holds %d roots with all their replies.", talk.PageRoots)
		t.Print(b.out)
		return nil
	})
}

// download reads a page, in an encoding; the bytes are the caller's.
func download(w *rig.Wire, s *rig.Server, address, encoding, cookie string) ([]byte, error) {
	a, err := w.Do(rig.Request("GET", embed(address), s.Addr, accept(encoding)+cookie, nil))
	if err == nil {
		err = a.Must(200)
	}
	if got := string(a.Value("Content-Encoding")); err == nil && got != encoding {
		err = fmt.Errorf("asked for %q and got %q", encoding, got)
	}
	return bytes.Clone(a.Body), err
}

func accept(encoding string) string {
	if encoding == "" {
		return "Accept-Encoding: identity\r\n"
	}
	return "Accept-Encoding: " + encoding + "\r\n"
}

func unpack(b []byte, encoding string) ([]byte, error) {
	if encoding == "br" {
		return io.ReadAll(brotli.NewReader(bytes.NewReader(b)))
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// pageClients read at once.
const pageClients = 16

// pageRows are ways to read one page of 100 comments.
var pageRows = []string{"pages/br", "pages/gzip", "pages/raw", "pages/304", "pages/person-br", "pages/person-raw"}

// pageReads measures the rows of pageRows.
func (b *bench) pageReads(ctx context.Context) error {
	address := page("read")
	reads := map[string]struct{ title, encoding string }{
		"pages/br":         {"cached, brotli", "br"},
		"pages/gzip":       {"cached, gzip", "gzip"},
		"pages/raw":        {"cached, not compressed", ""},
		"pages/304":        {"not modified (If-None-Match)", "br"},
		"pages/person-br":  {"rendered for a person, brotli", "br"},
		"pages/person-raw": {"rendered for a person, not compressed", ""},
	}
	return b.with(ctx, func(s *rig.Server) error {
		if _, err := b.seed(s, address, 50, true); err != nil {
			return err
		}
		t := loadTable(fmt.Sprintf("Reading a page of 100 comments, %d clients", pageClients), "page")
		for _, row := range pageRows {
			if !b.wants(row) {
				continue
			}
			l, err := b.quietly(ctx, func() (*load, error) { return b.readers(ctx, s, address, row, reads[row].encoding) })
			if err != nil {
				return fmt.Errorf("%s: %w", row, err)
			}
			addLoad(t, reads[row].title, l)
		}
		t.Note("Peak resident memory of this server: %s.", rig.MiB(s.Memory("VmHWM")))
		t.Print(b.out)
		return nil
	})
}

func (b *bench) readers(ctx context.Context, s *rig.Server, address, row, encoding string) (*load, error) {
	people, err := b.meetAll(s, pageClients)
	if err != nil {
		return nil, err
	}
	defer leave(people)
	ops, conns := make([]operation, pageClients), make([]io.Closer, pageClients)
	for i, c := range people {
		conns[i] = c
		switch row {
		case "pages/304":
			ops[i], err = c.revalidate(s, address)
		case "pages/person-br", "pages/person-raw":
			ops[i], err = c.read(s, address, encoding, c.cookie)
		default:
			ops[i], err = c.read(s, address, encoding, "")
		}
		if err != nil {
			return nil, err
		}
	}
	return b.drive(ctx, row, s, ops, conns)
}

// read reads a page again and again. Its bytes may change a little, with the
// ages on it.
func (c *client) read(s *rig.Server, address, encoding, cookie string) (operation, error) {
	first, err := download(c.Wire, s, address, encoding, cookie)
	if err != nil {
		return nil, err
	}
	req := rig.Request("GET", embed(address), s.Addr, accept(encoding)+cookie, nil)
	return func() (string, error) {
		a, err := c.Do(req)
		if err == nil {
			err = a.Must(200)
		}
		if err != nil {
			return "", err
		}
		if got := a.Value("Content-Encoding"); string(got) != encoding || len(a.Body) < len(first)*8/10 || len(a.Body) > len(first)*12/10 {
			return "", fmt.Errorf("a page of %d bytes in %q instead of %d in %q", len(a.Body), got, len(first), encoding)
		}
		return "200", nil
	}, nil
}

// revalidate asks whether a page still holds. About once a minute it doesn't,
// for its ages change: then the answer is the new page.
func (c *client) revalidate(s *rig.Server, address string) (operation, error) {
	var req []byte
	renewed := -1
	renew := func(a rig.Answer) error {
		tag := a.Value("Etag")
		if renewed++; len(tag) == 0 || renewed > 3 {
			return fmt.Errorf("a page without a lasting ETag (%q, renewed %d times)", tag, renewed)
		}
		req = rig.Request("GET", embed(address), s.Addr, accept("br")+"If-None-Match: "+string(tag)+"\r\n", nil)
		return nil
	}
	a, err := c.Do(rig.Request("GET", embed(address), s.Addr, accept("br"), nil))
	if err == nil {
		err = a.Must(200)
	}
	if err == nil {
		err = renew(a)
	}
	return func() (string, error) {
		a, err := c.Do(req)
		switch {
		case err != nil:
			return "", err
		case a.Status == 200:
			return "200", renew(a)
		}
		return "304", a.Must(304)
	}, err
}
