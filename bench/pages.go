package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/url"

	"github.com/andybalholm/brotli"
)

// embed is the address of a page's widget.
func embed(page string) string { return "/embed?page=" + url.QueryEscape(page) }

// pageBytes tells what a reader downloads before any script, and checks that
// each encoding holds the same page.
func (b *bench) pageBytes(ctx context.Context) error {
	return b.with(ctx, func(s *server) error {
		t := table{title: "A page of the widget", head: []string{"comments in the thread", "on the page", "raw", "gzip", "brotli"}}
		for _, roots := range []int{0, 50, 500} {
			address := page(roots)
			thread, err := b.seed(s, address, roots, true)
			if err != nil {
				return err
			}
			w, err := dial(s.addr, longest)
			if err != nil {
				return err
			}
			defer w.Close()
			raw, err := w.page(s, address, "")
			if err != nil {
				return err
			}
			cells := []string{count(thread.Comments), count(bytes.Count(raw, []byte(`id="comment-`))), kib(len(raw))}
			for _, encoding := range []string{"gzip", "br"} {
				packed, err := w.page(s, address, encoding)
				if err != nil {
					return err
				}
				unpacked, err := unpack(packed, encoding)
				if err != nil || !bytes.Equal(unpacked, raw) {
					return fmt.Errorf("the page in %s isn't the page: %d bytes instead of %d (%w)", encoding, len(unpacked), len(raw), err)
				}
				cells = append(cells, kib(len(packed)))
			}
			t.add(cells...)
		}
		t.note("Half of the comments are replies; of some 200 characters each. A page holds 100 roots with all their replies.")
		t.print(b.out)
		return nil
	})
}

// page reads one, in an encoding; the bytes are the caller's.
func (w *wire) page(s *server, address, encoding string) ([]byte, error) {
	a, err := w.do(request("GET", embed(address), s.addr, accept(encoding), nil))
	if err == nil {
		err = a.must(200)
	}
	if got := string(a.value("Content-Encoding")); err == nil && got != encoding {
		err = fmt.Errorf("asked for %q and got %q", encoding, got)
	}
	return bytes.Clone(a.body), err
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
	return b.with(ctx, func(s *server) error {
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
			t.addLoad(reads[row].title, l)
		}
		t.note("Peak resident memory of this server: %s.", mib(s.memory("VmHWM")))
		t.print(b.out)
		return nil
	})
}

func (b *bench) readers(ctx context.Context, s *server, address, row, encoding string) (*load, error) {
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
func (c *client) read(s *server, address, encoding, cookie string) (operation, error) {
	first, err := c.page(s, address, encoding)
	if err != nil {
		return nil, err
	}
	req := request("GET", embed(address), s.addr, accept(encoding)+cookie, nil)
	return func() (string, error) {
		a, err := c.do(req)
		if err == nil {
			err = a.must(200)
		}
		if err != nil {
			return "", err
		}
		if got := a.value("Content-Encoding"); string(got) != encoding || len(a.body) < len(first)*8/10 || len(a.body) > len(first)*12/10 {
			return "", fmt.Errorf("a page of %d bytes in %q instead of %d in %q", len(a.body), got, len(first), encoding)
		}
		return "200", nil
	}, nil
}

// revalidate asks whether a page still holds. About once a minute it doesn't,
// for its ages change: then the answer is the new page.
func (c *client) revalidate(s *server, address string) (operation, error) {
	var req []byte
	renewed := -1
	renew := func(a answer) error {
		tag := a.value("Etag")
		if renewed++; len(tag) == 0 || renewed > 3 {
			return fmt.Errorf("a page without a lasting ETag (%q, renewed %d times)", tag, renewed)
		}
		req = request("GET", embed(address), s.addr, accept("br")+"If-None-Match: "+string(tag)+"\r\n", nil)
		return nil
	}
	a, err := c.do(request("GET", embed(address), s.addr, accept("br"), nil))
	if err == nil {
		err = a.must(200)
	}
	if err == nil {
		err = renew(a)
	}
	return func() (string, error) {
		a, err := c.do(req)
		switch {
		case err != nil:
			return "", err
		case a.status == 200:
			return "200", renew(a)
		}
		return "304", a.must(304)
	}, err
}
